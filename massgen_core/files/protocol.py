"""What a plugin may do with a session's files: open one to read, and put finished ones in."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from massgen_core.tools import ToolContext

MOST_NUMBERS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """A file of a session, open for reading: ``path`` is as the session writes it, ``size`` in bytes."""

    descriptor: int
    path: str
    size: int

    @property
    def name(self) -> str:
        """Its last name."""
        return PurePosixPath(self.path).name

    def close(self) -> None:
        """Close it."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A finished file outside of the workspace, open for reading, and where it is to be.

    Where something has that name already it gets a number (``cat-2.png``), or takes its place with ``overwrite``.
    """

    descriptor: int
    path: str
    overwrite: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """Where files were put, and the number by which that change is undone, where somebody keeps a history."""

    paths: Sequence[str]
    change: int | None = None


class SessionFiles(Protocol):
    """The files of whichever session calls, under its permissions; a service that one plugin brings."""

    async def open(self, context: ToolContext, path: str) -> OpenFile:
        """Open a file; whoever asked closes it.

        Raises:
            ToolFailed: It is not there, no file, or not this session's.
        """
        ...

    async def put(self, context: ToolContext, files: Sequence[NewFile], what: str) -> Stored:
        """Put finished files in, all or none; ``what`` says for people what was done.

        Raises:
            ToolFailed: One may not be written there.
        """
        ...


def numbered(path: str) -> Iterator[str]:
    """A path and further ones for when it is taken: ``a.png``, ``a-2.png``, ``a-3.png`` …"""
    yield path
    stem, suffix = os.path.splitext(path)
    for number in range(2, MOST_NUMBERS):
        yield f"{stem}-{number}{suffix}"
