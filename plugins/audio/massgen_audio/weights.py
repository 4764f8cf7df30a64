"""Weights of models are what they were when they were chosen, or they are not loaded."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from massgen_audio.failing import failed


def verify(folder: Path, digests: Mapping[str, str], what: str) -> None:
    """Compare files of a model with their SHA-256.

    Raises:
        ToolFailed: one is missing or different; the model is not to be loaded.
    """
    for name, expected in digests.items():
        try:
            with (folder / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            raise failed(f"{what}: its file {name} is missing; install it anew") from None
        if found != expected:
            raise failed(
                f"{what}: its file {name} is not the one that was pinned (SHA-256 {found[:12]}…, expected"
                f" {expected[:12]}…), so it is not loaded; install the pinned version anew"
            )
