"""Contents by their version: what a file held before a change, and after it."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from massgen_core.errors import ToolFailed
from massgen_workspace.files.atomic import version_of

_PIECE = 1024 * 1024


class Store:
    """A folder of contents; the same content is kept once. ``durable`` waits until the disk has each."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def put(self, data: bytes) -> str:
        """Keep a content; returns its version.

        Raises:
            ToolFailed: It cannot be kept.
        """
        version = version_of(data)
        place = self._place(version)
        if not place.exists():
            try:
                self._write(place, data)
            except OSError as error:
                reason = os.strerror(error.errno or errno.EIO)
                raise ToolFailed(
                    "", f"the file's content cannot be kept for an undo ({reason}), so it was not changed"
                ) from error
        return version

    def _write(self, place: Path, data: bytes) -> None:
        place.parent.mkdir(exist_ok=True, mode=0o700)
        temporary = place.with_name(f"{secrets.token_hex(8)}.new")
        try:
            with temporary.open("wb") as file:
                file.write(data)
                if self._durable:
                    file.flush()
                    os.fsync(file.fileno())
            temporary.replace(place)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def get(self, version: str) -> bytes:
        """A content that was kept.

        Raises:
            FileNotFoundError: It was not, or has been pruned.
        """
        return self._place(version).read_bytes()

    def pieces(self, version: str) -> Iterator[bytes]:
        """A content that was kept, a piece at a time. Raises as `get` does."""
        with self._place(version).open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece

    def _place(self, version: str) -> Path:
        return self._folder / version[:2] / version[2:]
