"""Unified diffs, as `diff -u` and git write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from massgen_core.errors import ToolFailed
from massgen_workspace.jail.names import meant
from massgen_workspace.patch.model import FilePatch, Hunk, PatchBroken, Sign

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NOWHERE = "/dev/null"
_NO_NEWLINE = "\\ No newline"
_GIT = ("index ", "old mode", "new mode", "similarity index", "dissimilarity index", "new file mode", "deleted file")


def parse(text: str) -> Sequence[FilePatch]:
    """The files of a diff, in its order.

    Raises:
        PatchBroken: It does not follow the format.
        ToolFailed: It changes a binary file, or the rights of one alone.
    """
    return _Parser(text).files()


@dataclass(slots=True)
class _Names:
    """What the lines before a file's hunks say."""

    line: int
    old: str | None = None
    new: str | None = None
    renamed: bool = False


class _Parser:
    def __init__(self, text: str) -> None:
        self._lines = text.replace("\r\n", "\n").split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        self._at = 0

    def files(self) -> Sequence[FilePatch]:
        found: list[FilePatch] = []
        while self._more():
            if self._peek().startswith(("--- ", "diff --git ")):
                found.append(self._file())
            else:
                self._at += 1  # what stands before a diff is for people
        if not found:
            raise PatchBroken(1, "there is no `--- ` line, with which a diff begins")
        return found

    def _file(self) -> FilePatch:
        names = self._names()
        hunks: list[Hunk] = []
        final_newline = True
        while self._more() and self._peek().startswith("@@"):
            hunk, final_newline = self._hunk()
            hunks.append(hunk)
        return _file_patch(names, hunks, final_newline)

    def _names(self) -> _Names:
        names = _Names(self._at + 1)
        while self._more() and not self._peek().startswith("@@"):
            line = self._peek()
            if line.startswith("diff --git ") and self._at + 1 != names.line:
                break
            if line.startswith("--- "):
                names.old = line[4:]
            elif line.startswith("+++ "):
                names.old, names.new = _pair(names.old, line[4:])
            elif line.startswith("rename from "):
                names.old, names.renamed = _path(line[12:], ""), True
            elif line.startswith("rename to "):
                names.new = _path(line[10:], "")
            elif line.startswith(("GIT binary patch", "Binary files")):
                raise ToolFailed("", f"line {self._at + 1} of the patch: it changes a binary file")
            elif not line.startswith(("diff --git ", *_GIT)):
                break
            self._at += 1
        if names.old is None or names.new is None:
            raise PatchBroken(names.line, "a file has a `--- ` line and a `+++ ` line")
        return names

    def _hunk(self) -> tuple[Hunk, bool]:
        line, match = self._at + 1, _HUNK.match(self._peek())
        if match is None:
            raise PatchBroken(line, "a hunk begins with `@@ -1,2 +1,2 @@`")
        self._at += 1
        old, new = (int(match[group]) if match[group] is not None else 1 for group in (2, 4))
        lines: list[tuple[Sign, str]] = []
        newline = True
        while self._more() and (old > 0 or new > 0):
            sign, text = self._changed_line()
            lines.append((sign, text))
            old -= sign != "+"
            new -= sign != "-"
            newline = self._ends() or sign == "-"
        if old or new or self._goes_on():
            raise PatchBroken(self._at, "the hunk has fewer or more lines than its `@@` line says")
        start = int(match[1])
        return Hunk(lines=lines, line=line, at=max(0, start - 1) if match[2] != "0" else start), newline

    def _changed_line(self) -> tuple[Sign, str]:
        text = self._peek()
        self._at += 1
        match text[:1]:
            case "":
                return " ", ""
            case " " | "-" | "+" as sign:
                return sign, text[1:]
            case _:
                raise PatchBroken(self._at, "a line begins with a space, `-` or `+`")

    def _goes_on(self) -> bool:
        """Whether lines follow that belong to no hunk; what git writes below a mail's last one does not count."""
        if not self._more() or self._peek().rstrip() == "--":
            return False
        return self._peek().startswith((" ", "+", "-")) and not self._peek().startswith("--- ")

    def _ends(self) -> bool:
        """Whether the line that was just read ends with a newline in the file."""
        if self._more() and self._peek().startswith(_NO_NEWLINE):
            self._at += 1
            return False
        return True

    def _more(self) -> bool:
        return self._at < len(self._lines)

    def _peek(self) -> str:
        return self._lines[self._at]


def _file_patch(names: _Names, hunks: Sequence[Hunk], final_newline: bool) -> FilePatch:
    assert names.old is not None
    assert names.new is not None
    if names.new == _NOWHERE:
        return FilePatch(act="delete", path=names.old, line=names.line, hunks=hunks)
    if names.old == _NOWHERE:
        lines = [text for hunk in hunks for _, text in hunk.lines]
        return FilePatch(act="add", path=names.new, line=names.line, lines=lines, final_newline=final_newline)
    if not hunks and not names.renamed:
        raise PatchBroken(names.line, "there are no lines in it")
    moved = names.new if names.new != names.old else None
    return FilePatch(act="update", path=names.old, line=names.line, move_to=moved, hunks=hunks)


def _pair(old: str | None, new: str) -> tuple[str | None, str]:
    """The paths of both headers; where they are the same, nothing was put before them."""
    if old is None:
        return None, _path(new, "b/")
    if _path(old, "") == _path(new, ""):
        return _path(old, ""), _path(new, "")
    return _path(old, "a/"), _path(new, "b/")


def _path(text: str, prefix: str) -> str:
    """The path in a header: without its time, and without the first folder that git puts before it."""
    if not text.startswith('"'):
        text = text.partition("\t")[0].rstrip()
    try:
        inner = meant(text).decode("utf-8", "surrogateescape")
    except ValueError:
        inner = text
    if inner == _NOWHERE or not prefix or not inner.startswith(prefix):
        return text
    return text.replace(prefix, "", 1)
