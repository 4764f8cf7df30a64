"""Unified diffs, as `diff -u` and git write them, with git's headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import meant
from massgen_workspace.patch.model import FilePatch, Hunk, PatchBroken, Sign, wrong_line

_HUNK = re.compile(r"@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")
_CARRIED = re.compile(r"^@@ -[0-9].*\r$", re.MULTILINE)
_BARE = re.compile(r"@@(?:\s*(?:\.\.\.)?\s*@@)?\s*")
"""A hunk that does not say where it belongs."""
_SIGNS = ("", "\r", " ", "-", "+")
_ENDS = ("@@", "diff --git ", "```", "*** ")
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


@dataclass(slots=True)
class _Body:
    """The lines of a hunk, and which of the two sides end without a newline."""

    lines: list[tuple[Sign, str]] = field(default_factory=list[tuple[Sign, str]])
    unfinished: set[Sign] = field(default_factory=set[Sign])
    old: int = 0
    new: int = 0

    def add(self, sign: Sign, text: str, *, ends: bool) -> None:
        """One more line."""
        self.lines.append((sign, text))
        self.old += sign != "+"
        self.new += sign != "-"
        if not ends:
            self.unfinished |= {"-", "+"} if sign == " " else {sign}

    def lacks(self, said: tuple[int, int]) -> bool:
        """Whether there are fewer old or new lines than so many."""
        return self.old < said[0] or self.new < said[1]

    @property
    def newline(self) -> bool | None:
        """Whether the last line ends with one afterwards, None where that stays."""
        return None if ("-" in self.unfinished) == ("+" in self.unfinished) else "+" not in self.unfinished


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
            raise PatchBroken(1, "there is no `--- ` line, with which a diff begins, and no `*** Begin Patch`")
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
        """A hunk with as many lines as its first one says; where that is wrong, with all that follow."""
        line, head = self._at + 1, self._peek()
        match = _HUNK.match(head)
        if match is None and not _BARE.fullmatch(head):
            raise PatchBroken(line, "a hunk begins with `@@ -1,2 +1,2 @@`, or with `@@` alone")
        self._at += 1
        said = _said(match) if match is not None else None
        start = self._at
        body = self._counted(said) if said is not None else None
        recounted = body is None and said is not None
        if body is None:
            self._at = start
            body = self._all_that_follow(line, said)
        at = None if match is None else _place(match)
        return Hunk(lines=body.lines, line=line, at=at, newline=body.newline, recounted=recounted)

    def _counted(self, said: tuple[int, int]) -> _Body | None:
        """So many old and new lines; None where there are others."""
        body = _Body()
        while self._more() and body.lacks(said):
            if self._peek()[:1] not in _SIGNS:
                return None
            self._take(body)
        return None if (body.old, body.new) != said or self._goes_on() else body

    def _all_that_follow(self, line: int, said: tuple[int, int] | None) -> _Body:
        """The lines up to what is clearly no line of it; a patch that was cut off has no such end."""
        body = _Body()
        while self._more() and not self._ends_here():
            self._take(body)
        if said is not None and not self._more() and body.lacks(said):
            raise PatchBroken(
                line,
                f"its `@@` line says that it has {said[0]} old and {said[1]} new lines, and the patch ends after "
                f"{body.old} and {body.new}: give the rest, or write the numbers that it has",
            )
        while body.lines and body.lines[-1] == (" ", "") and len(body.lines) > 1:
            body.lines.pop()
        if not body.lines:
            raise PatchBroken(line, "there are no lines in it")
        return body

    def _ends_here(self) -> bool:
        line = self._peek()
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        return line.startswith(_ENDS) or line.rstrip() == "--" or (line.startswith("--- ") and following[:4] == "+++ ")

    def _take(self, body: _Body) -> None:
        sign, text = self._changed_line()
        body.add(sign, text, ends=self._ends())

    def _changed_line(self) -> tuple[Sign, str]:
        text = self._peek()
        self._at += 1
        match text[:1]:
            case "" | "\r":
                return " ", text
            case " " | "-" | "+" as sign:
                return sign, text[1:]
            case _:
                raise PatchBroken(self._at, wrong_line(text))

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


def _said(match: re.Match[str]) -> tuple[int, int]:
    old, new = (int(match[group]) if match[group] is not None else 1 for group in (2, 4))
    return old, new


def _place(match: re.Match[str]) -> int:
    """The line (from 0) at which a hunk begins; of one without old lines, the one behind which it comes."""
    start = int(match[1])
    return start if match[2] is not None and not int(match[2]) else max(0, start - 1)


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
