"""Where benchmarks keep what they fetch: outside the project, in the user's cache."""

from __future__ import annotations

import os
from pathlib import Path


def folder(name: str) -> Path:
    """A path in it, which may not be there yet."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "massgen-core-benchmarks" / name


def cached(name: str) -> Path:
    """A folder in it."""
    made = folder(name)
    made.mkdir(parents=True, exist_ok=True)
    return made
