"""The program that writes files, by name and version."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def software() -> str:
    """The program that wrote a file, with its version."""
    return _SOFTWARE


def _found() -> str:
    try:
        return f"massgen-image {version('massgen-image')}"
    except PackageNotFoundError:
        return "massgen-image"


_SOFTWARE = _found()
"""Looked up once, when this is imported: it reads files, and an event loop waits for nothing."""
