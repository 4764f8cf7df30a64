"""One piece of work, as the function that does it sees it: in a process of its own."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any, BinaryIO


class Work:
    """The input files, open for reading, a private folder to write into, and plain options.

    ``progress`` takes how much is done (0 to 1) and a line for people; ``early`` hands over something (JSON values)
    before the end, a finished chunk of speech for one.
    """

    __slots__ = ("_told", "early", "files", "folder", "options")

    def __init__(
        self,
        *,
        files: Sequence[BinaryIO] = (),
        folder: Path,
        options: Mapping[str, Any] | None = None,
        tell: Callable[[float, str | None], None] = lambda done, message: None,
        early: Callable[[Mapping[str, Any]], None] = lambda part: None,
    ) -> None:
        self.files: list[BinaryIO] = list(files)
        self.folder: Path = folder
        self.options: dict[str, Any] = dict(options or {})
        self._told = tell
        self.early: Callable[[Mapping[str, Any]], None] = early

    def progress(self, fraction: float, message: str | None = None) -> None:
        """Say how much is done, 0 to 1."""
        self._told(min(max(fraction, 0.0), 1.0), message)

    def path(self, name: str) -> str:
        """The full path of an output in the folder."""
        return os.path.join(self.folder, os.path.basename(name))
