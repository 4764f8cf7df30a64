"""Unified diffs, as `diff -u` and git write them, with git's headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import meant
from massgen_workspace.patch.model import FilePatch, Hunk, PatchBroken, Sign

_HUNK = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_CARRIED = re.compile(r"^@@ -[0-9].*\r$", re.MULTILINE)
_NOWHERE = "/dev/null"
_NO_NEWLINE = "\\ No newline"
_GIT = "diff --git "
_KINDS = {0o120000: "a symbolic link", 0o160000: "a submodule", 0o040000: "a folder"}


def parse(text: str) -> Sequence[FilePatch]:
    """The files of a diff, in its order.

    Raises:
        PatchBroken: It does not follow the format.
        ToolFailed: It changes what is no text file.
    """
    return _Parser(text).files()


@dataclass(slots=True)
class _Names:
    """What the lines before a file's hunks say."""

    line: int
    git: bool = False
    old: str | None = None
    new: str | None = None
    act: str = ""
    """``add``, ``delete``, ``rename`` or ``copy``, where git says so."""
    mode: int | None = None

    def added(self, mode: str) -> None:
        self.act, self.mode = "add", _rights(mode, self.line)

    def deleted(self, mode: str) -> None:
        self.act = "delete"
        _rights(mode, self.line)

    def moved_from(self, act: str, path: str) -> None:
        self.act, self.old = act, _path(path, "")

    def moved_to(self, path: str) -> None:
        self.new = _path(path, "")

    def new_mode(self, mode: str) -> None:
        self.mode = _rights(mode, self.line)

    def index(self, rest: str) -> None:
        _rights(rest.partition(" ")[2], self.line)

    def old_file(self, path: str) -> None:
        if self.act not in ("rename", "copy"):
            self.old = path

    def new_file(self, path: str) -> None:
        if self.act not in ("rename", "copy"):
            self.old, self.new = _pair(self.old, path)

    def binary(self, _: str) -> None:
        raise ToolFailed("", f"line {self.line} of the patch: it changes a binary file, which a patch cannot do here")


_HEADERS: Mapping[str, Callable[[_Names, str], None]] = {
    "--- ": _Names.old_file,
    "+++ ": _Names.new_file,
    "new file mode ": _Names.added,
    "deleted file mode ": _Names.deleted,
    "rename from ": lambda names, path: names.moved_from("rename", path),
    "rename to ": _Names.moved_to,
    "copy from ": lambda names, path: names.moved_from("copy", path),
    "copy to ": _Names.moved_to,
    "old mode ": lambda names, mode: None,
    "new mode ": _Names.new_mode,
    "index ": _Names.index,
    "similarity index ": lambda names, rest: None,
    "dissimilarity index ": lambda names, rest: None,
    "GIT binary patch": _Names.binary,
    "Binary files ": _Names.binary,
}
"""What may stand before a file's hunks, and what it means."""


class _Parser:
    def __init__(self, text: str) -> None:
        if _CARRIED.search(text):  # the patch itself has such endings: they are not those of the files
            text = text.replace("\r\n", "\n")
        self._lines = text.split("\n")
        if self._lines[-1] == "":
            self._lines.pop()
        self._at = 0

    def files(self) -> Sequence[FilePatch]:
        found: list[FilePatch] = []
        while self._more():
            if self._peek().startswith(("--- ", _GIT)):
                found.append(self._file())
            else:
                self._at += 1  # what stands before a diff is for people
        if not found:
            raise PatchBroken(1, "there is no `--- ` line, with which a diff begins")
        return found

    def _file(self) -> FilePatch:
        names = self._names()
        hunks: list[Hunk] = []
        while self._more() and self._peek().startswith("@@"):
            hunks.append(self._hunk())
        return _file_patch(names, hunks)

    def _names(self) -> _Names:
        names = _Names(self._at + 1)
        if self._peek().startswith(_GIT):
            names.git = True
            names.old = names.new = _twice(self._peek().removeprefix(_GIT))
            self._at += 1
        while self._more() and (header := _header(self._peek())):
            name, rest = header
            if name == "--- " and names.git and not names.act:
                names.old = names.new = None
            _HEADERS[name](names, rest)
            self._at += 1
        if names.old is None or names.new is None:
            raise PatchBroken(names.line, "a file has a `--- ` line and a `+++ ` line")
        return names

    def _hunk(self) -> Hunk:
        line, match = self._at + 1, _HUNK.match(self._peek())
        if match is None:
            raise PatchBroken(line, "a hunk begins with `@@ -1,2 +1,2 @@`")
        self._at += 1
        old, new = (int(match[group]) if match[group] is not None else 1 for group in (2, 4))
        lines: list[tuple[Sign, str]] = []
        unfinished: set[Sign] = set()
        while self._more() and (old > 0 or new > 0):
            sign, text = self._changed_line()
            lines.append((sign, text))
            old -= sign != "+"
            new -= sign != "-"
            if not self._ends():
                unfinished |= {"-", "+"} if sign == " " else {sign}
        if old or new or self._goes_on():
            raise PatchBroken(self._at, "the hunk has fewer or more lines than its `@@` line says")
        start = int(match[1])
        at = start if match[2] is not None and not int(match[2]) else max(0, start - 1)
        newline = None if ("-" in unfinished) == ("+" in unfinished) else "+" not in unfinished
        return Hunk(lines=lines, line=line, at=at, newline=newline)

    def _changed_line(self) -> tuple[Sign, str]:
        text = self._peek()
        self._at += 1
        match text[:1]:
            case "" | "\r":
                return " ", text
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


def _header(line: str) -> tuple[str, str] | None:
    for name in _HEADERS:
        if line.startswith(name):
            return name, line[len(name) :].removesuffix("\r")
    return None


def _file_patch(names: _Names, hunks: Sequence[Hunk]) -> FilePatch:
    assert names.old is not None
    assert names.new is not None
    if names.new == _NOWHERE or names.act == "delete":
        path = names.new if names.old == _NOWHERE else names.old
        return FilePatch(act="delete", path=path, line=names.line, hunks=hunks)
    if names.old == _NOWHERE or names.act == "add":
        return _added(names, hunks)
    moved = names.new if names.new != names.old else None
    if not hunks and moved is None and names.mode is None:
        raise PatchBroken(names.line, "there are no lines in it")
    return FilePatch(
        act="update",
        path=names.old,
        line=names.line,
        move_to=moved,
        hunks=hunks,
        mode=names.mode,
        copied=names.act == "copy",
    )


def _added(names: _Names, hunks: Sequence[Hunk]) -> FilePatch:
    assert names.new is not None
    if any(sign != "+" for hunk in hunks for sign, _ in hunk.lines):
        raise PatchBroken(names.line, "all lines of a new file begin with `+`")
    return FilePatch(
        act="add",
        path=names.new,
        line=names.line,
        lines=[text for hunk in hunks for _, text in hunk.lines],
        final_newline=not hunks or hunks[-1].newline is not False,
        mode=names.mode,
    )


def _rights(text: str, line: int) -> int | None:
    """The rights of a file, by how git writes them: only whether it may be run counts.

    Raises:
        ToolFailed: It is no file.
    """
    if not re.fullmatch("[0-7]{5,7}", text.strip()):
        return None
    mode = int(text, 8)
    if kind := _KINDS.get(mode & 0o170000):
        raise ToolFailed("", f"line {line} of the patch: it makes or changes {kind}; only files can be patched")
    return 0o755 if mode & 0o100 else 0o644


def _twice(text: str) -> str | None:
    """The path in a `diff --git` line, which has it twice; None where the two differ, and other lines say them."""
    middle = len(text) // 2
    one, other = text[:middle], text[middle + 1 :]
    if text[middle : middle + 1] != " " or len(one) != len(other):
        return None
    if one == other:
        return one
    quote = '"' if one.startswith('"') else ""
    inner, same = (each.removeprefix(quote).partition("/")[2] for each in (one, other))
    return quote + inner if inner and inner == same else None


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
        text, tab, _ = text.partition("\t")
        text = text if tab else text.rstrip()
    elif (end := text.rfind('"')) > 0:
        text = text[: end + 1]
    try:
        inner = meant(text).decode("utf-8", "surrogateescape")
    except ValueError:
        inner = text
    if inner == _NOWHERE or not prefix or not inner.startswith(prefix):
        return text
    return text.replace(prefix, "", 1)
