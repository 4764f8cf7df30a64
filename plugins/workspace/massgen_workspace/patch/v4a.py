"""The V4A format, as models write it for `apply_patch`.

The grammar is that of the tool's description in OpenAI's documentation; a heredoc around it is taken off, and blank
lines around the markers are no mistake.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from massgen_workspace.patch.model import FilePatch, Hunk, PatchBroken, Sign, wrong_line

BEGIN, END = "*** Begin Patch", "*** End Patch"
_ADD, _DELETE, _UPDATE, _MOVE = "*** Add File: ", "*** Delete File: ", "*** Update File: ", "*** Move to: "
_END_OF_FILE = "*** End of File"
_HEREDOC = re.compile(r"(?:\w+\s+)?<<\s*(['\"]?)(\w+)\1\s*")
_RANGES = re.compile(r"^ -[0-9]+(,[0-9]+)? \+[0-9]+(,[0-9]+)? ?(@@|$)")
"""What a unified diff has in its `@@` lines: models write it here, too, and mostly wrong."""


def parse(text: str) -> Sequence[FilePatch]:
    """The files of a patch, in its order.

    Raises:
        PatchBroken: It does not follow the format.
    """
    return _Parser(text).files()


class _Parser:
    """The lines of a patch, and how many of them have been read."""

    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").split("\n")
        self._at = 0
        self._stop = len(self._lines)
        self._trim()

    def files(self) -> Sequence[FilePatch]:
        found: list[FilePatch] = []
        while self._more():
            if not self._peek().strip():
                self._at += 1
                continue
            found.append(self._file())
        if not found:
            raise PatchBroken(1, "it changes no file")
        return found

    def _trim(self) -> None:
        """Leave what is between the markers."""
        while self._more() and not self._peek().strip():
            self._at += 1
        if self._more() and (match := _HEREDOC.fullmatch(self._peek().strip())):
            self._at += 1
            while self._stop > self._at and self._lines[self._stop - 1].strip() in ("", match[2]):
                self._stop -= 1
        while self._stop > self._at and not self._lines[self._stop - 1].strip():
            self._stop -= 1
        if not self._more() or self._peek().strip() != BEGIN:
            raise PatchBroken(self._at + 1, f"it must begin with `{BEGIN}`")
        if self._lines[self._stop - 1].strip() != END:
            raise PatchBroken(self._stop, f"it must end with `{END}`")
        self._at += 1
        self._stop -= 1

    def _file(self) -> FilePatch:
        line, start = self._at + 1, self._next()
        for marker, read in ((_ADD, self._added), (_DELETE, self._deleted), (_UPDATE, self._updated)):
            if start.startswith(marker):
                path = start.removeprefix(marker).strip()
                if not path:
                    raise PatchBroken(line, "it names no file")
                return read(path, line)
        raise PatchBroken(line, "a file begins with `*** Add File:`, `*** Update File:` or `*** Delete File:`")

    def _added(self, path: str, line: int) -> FilePatch:
        lines: list[str] = []
        while self._more() and not self._peek().startswith("***"):
            text = self._next()
            if not text.startswith("+"):
                raise PatchBroken(self._at, "every line of a new file begins with `+`")
            lines.append(text[1:])
        return FilePatch(act="add", path=path, line=line, lines=lines)

    def _deleted(self, path: str, line: int) -> FilePatch:
        return FilePatch(act="delete", path=path, line=line)

    def _updated(self, path: str, line: int) -> FilePatch:
        move_to = None
        if self._more() and self._peek().startswith(_MOVE):
            move_to = self._next().removeprefix(_MOVE).strip()
        hunks: list[Hunk] = []
        while self._more() and not _begins_a_file(self._peek()):
            if self._peek().strip():
                hunks.append(self._hunk(first=not hunks))
            else:
                self._at += 1
        if not hunks and move_to is None:
            raise PatchBroken(line, "it changes nothing in that file")
        return FilePatch(act="update", path=path, line=line, move_to=move_to, hunks=hunks)

    def _hunk(self, *, first: bool) -> Hunk:
        line = self._at + 1
        headers: list[str] = []
        marked = False
        while self._more() and self._peek().startswith("@@"):
            marked = True
            header = _RANGES.sub("", self._next()[2:]).removesuffix("@@").strip()
            if header:
                headers.append(header)
        if not marked and not first:
            raise PatchBroken(line, "a further change in a file begins with `@@`")
        lines: list[tuple[Sign, str]] = []
        while self._more() and not self._peek().startswith(("@@", "***")):
            lines.append(self._changed_line())
        at_end = self._more() and self._peek().strip() == _END_OF_FILE
        if at_end:
            self._at += 1
        if not lines:
            raise PatchBroken(line, "there are no lines in it")
        return Hunk(lines=lines, line=line, headers=headers, at_end=at_end)

    def _changed_line(self) -> tuple[Sign, str]:
        text = self._next()
        match text[:1]:
            case "":
                return " ", ""
            case " " | "-" | "+" as sign:
                return sign, text[1:]
            case _:
                raise PatchBroken(self._at, wrong_line(text))

    def _more(self) -> bool:
        return self._at < self._stop

    def _peek(self) -> str:
        return self._lines[self._at]

    def _next(self) -> str:
        self._at += 1
        return self._lines[self._at - 1]


def _begins_a_file(line: str) -> bool:
    return line.startswith((_ADD, _DELETE, _UPDATE))
