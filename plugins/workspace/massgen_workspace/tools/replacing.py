"""Replacing in files: what an expression matches where, each match with an id, and those that were chosen replaced.

An id is made of the file's path, its version, and what is replaced by what: it never means a match in another state of
the file, or of another expression.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import NotAllowed, PathRefused
from massgen_core.jail.place import Place
from massgen_core.result import ToolResult
from massgen_workspace.desk import Desk
from massgen_workspace.edit.document import Change, Document
from massgen_workspace.edit.seen import Preview
from massgen_workspace.edit.substitution import MOST, Matcher, Substitution
from massgen_workspace.files.atomic import version_of
from massgen_workspace.find.names import Names
from massgen_workspace.find.question import Question
from massgen_workspace.find.select import chosen
from massgen_workspace.find.walk import batches
from massgen_workspace.tools.pen import Pen, change
from massgen_workspace.tools.places import told_path

Tick = Callable[[int], None]

_PIECE = 1024 * 1024
_TRIES = 3
_NAMED = 10
_ID = re.compile(r"([0-9a-f]{10})\.([0-9]{1,9})")
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The files that are looked at: one, or those below a folder."""

    desk: Desk
    place: Place
    single: bool
    names: Names | None = None
    ignored: bool = False

    def at(self, path: bytes) -> Place:
        """The place of a path from the root on, named as the session names it."""
        root = self.place.root
        return Place(root, path, told_path(self.desk, root, path))

    def paths(self) -> Iterator[bytes]:
        """From the root on, in order; links are left out."""
        if self.single:
            yield self.place.path
            return
        top = len(os.fsdecode(self.place.path)) + 1 if self.place.path else 0
        with closing(batches(self.place.root, self.place.path, ignored=self.ignored, names=self.names)) as every:
            for batch in every:
                for name in chosen(batch, top, self.names, "file"):
                    if name not in batch.kinds:
                        yield batch.path(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """One file with matches: its version, and what becomes of each; ids are the key and a number from 1."""

    path: bytes
    version: str
    key: str
    changes: Sequence[Change]
    document: Document | None = field(default=None, repr=False)

    @property
    def ids(self) -> Sequence[str]:
        """One for each match."""
        return [f"{self.key}.{number}" for number in range(1, len(self.changes) + 1)]


class Scan:
    """Looks at every file once; ``skipped`` counts those that were left out, by the reason."""

    def __init__(self, desk: Desk, where: Where, wanted: Substitution, tick: Tick) -> None:
        self.skipped: Counter[str] = Counter()
        self.files = 0
        self._desk = desk
        self._where = where
        self._wanted = wanted
        self._needed = _needed(wanted)
        self._tick = tick

    def at(self, path: bytes) -> Place:
        """The place of a path from the root on."""
        return self._where.at(path)

    def all(self, matcher: Matcher) -> Iterator[Matched]:
        """Every file with a match, in order; its text is in memory until the next one.

        Raises:
            ToolFailed: There are too many matches, or matching takes too long.
        """
        total = 0
        for path in self._where.paths():
            self.files += 1
            self._tick(self.files)
            found = self._matched(path, matcher)
            if found is None:
                continue
            total += len(found.changes)
            if total > MOST:
                raise ToolFailed("", f"there are more than {MOST} matches: narrow the expression or the files down")
            yield found

    def of(self, place: Place, data: bytes, matcher: Matcher) -> Matched | None:
        """The matches in one content of a file; None where there are none."""
        try:
            document = Document.of(data)
        except ToolFailed:
            self.skipped["binary"] += 1
            return None
        changes = matcher.changes(document)
        if not changes:
            return None
        version = version_of(data)
        key = self.key(place, version)
        return Matched(path=place.path, version=version, key=key, changes=changes, document=document)

    def _matched(self, path: bytes, matcher: Matcher) -> Matched | None:
        place = self._where.at(path)
        data = self._content(place)
        if data is None or not self._may_hold(data):
            return None
        found = self.of(place, data, matcher)
        if found is None or not self._writable(place):
            return None
        return found

    def _content(self, place: Place) -> bytes | None:
        most = int(self._desk.config.largest_edit)
        try:
            with place.file() as file:
                if os.fstat(file).st_size > most:
                    self.skipped["too large"] += 1
                    return None
                data = bytearray()
                while len(data) <= most and (piece := os.read(file, _PIECE)):
                    data += piece
                return bytes(data)
        except (PathRefused, OSError):
            self.skipped["not readable"] += 1
            return None

    def _may_hold(self, data: bytes) -> bool:
        """A quick look, where some bytes have to be there; in UTF-16 and the like it would be other bytes."""
        return self._needed in data or data.startswith(_WIDE_MARKS)

    def _writable(self, place: Place) -> bool:
        try:
            with place.spot() as spot:
                place.demand_writable(spot)
        except NotAllowed:
            self.skipped["protected"] += 1
            return False
        return True

    def key(self, place: Place, version: str) -> str:
        """What the ids of matches in a version of a file begin with."""
        wanted = self._wanted
        what = [wanted.pattern, wanted.replacement, wanted.literal, wanted.ignore_case, wanted.multiline]
        text = json.dumps([place.root.grant.target, place.path.hex(), version, *what])
        return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _needed(wanted: Substitution) -> bytes:
    """Bytes without which nothing in a file matches, whatever its encoding and line ends; none where that's unclear."""
    question = Question(
        pattern=wanted.pattern,
        literal=wanted.literal,
        case="ignore" if wanted.ignore_case else "exact",
        multiline=wanted.multiline,
    )
    return question.needed if question.needed.isascii() else b""


def replace_all(
    desk: Desk, scan: Callable[[], Scan], wanted: Substitution, where: Where, expected: int | None
) -> ToolResult:
    """Replace every match, as one change.

    Raises:
        ToolFailed: There are others than as many as expected, or files change all the time.
    """
    for _ in range(_TRIES):
        with Matcher(wanted) as matcher, suppress(_Meanwhile):
            looked = scan()
            found = [_light(each) for each in looked.all(matcher)]
            demand_count(found, expected, where)
            return change(desk, _what(wanted), where.place.text, partial(_put, found, where))
    raise ToolFailed("", "others change these files all the time; try again")


def replace_some(
    desk: Desk, scan: Callable[[], Scan], wanted: Substitution, where: Where, ids: Sequence[str]
) -> ToolResult:
    """Replace the matches that were chosen, as one change; files that have changed since are merged.

    Raises:
        ToolFailed: An id means nothing that is known, or others have changed the same lines.
    """
    numbers = _numbers(ids)
    for _ in range(_TRIES):
        with Matcher(wanted) as matcher, suppress(_Meanwhile):
            some = _Chosen(desk, scan(), matcher, where, numbers)
            return change(desk, _what(wanted), where.place.text, some.put)
    raise ToolFailed("", "others change these files all the time; try again")


class _Chosen:
    """Matches that were chosen: those in files as they were, and those in files that have changed since."""

    def __init__(
        self, desk: Desk, scan: Scan, matcher: Matcher, where: Where, numbers: Mapping[str, Sequence[int]]
    ) -> None:
        self._scan = scan
        self._matcher = matcher
        self._where = where
        self._numbers = numbers
        found = [each for each in map(_light, scan.all(matcher)) if each.key in numbers]
        self._found = [_picked(each, numbers[each.key]) for each in found]
        self._stale: dict[str, Preview] = {}
        lost: list[str] = []
        for key in numbers.keys() - {each.key for each in found}:
            preview = desk.previews.get(key)
            if preview is not None and scan.key(where.at(preview.path), preview.version) == key:
                self._stale[key] = preview
            else:
                lost += [f"{key}.{number}" for number in numbers[key]]
        if lost:
            raise ToolFailed("", _told_lost(sorted(lost)))

    def put(self, pen: Pen) -> None:
        """Replace them."""
        _put(self._found, self._where, pen)
        for key, preview in self._stale.items():
            self._rebase(preview, self._numbers[key], pen)

    def _rebase(self, preview: Preview, numbers: Sequence[int], pen: Pen) -> None:
        """Matches in a version that is not the file's any more."""
        place = self._where.at(preview.path)
        base = pen.base(place, preview.version)
        matched = self._scan.of(place, base, self._matcher)
        if matched is None or matched.document is None:
            raise ToolFailed("", _told_lost([f"{place.text}: {number}" for number in numbers]))
        ours = matched.document.changed(_picked(matched, numbers).changes)
        pen.put(place, pen.merged(place, preview.version, base=base, ours=ours))


def demand_count(found: Sequence[Matched], expected: int | None, where: Where) -> None:
    """Raises `ToolFailed` where there are others than so many matches."""
    total = sum(len(each.changes) for each in found)
    if expected is None or total == expected:
        return
    some = ", ".join(f"{where.at(each.path).text} ({len(each.changes)})" for each in found[:_NAMED])
    which = f", in {some}{', …' if len(found) > _NAMED else ''}" if found else ""
    raise ToolFailed("", f"there are {total} matches, not {expected}{which}. Nothing was done; look at a preview.")


def _put(found: Sequence[Matched], where: Where, pen: Pen) -> None:
    for each in found:
        place = where.at(each.path)
        data = pen.plan.read(place)
        if pen.current(place) != each.version:
            raise _Meanwhile
        try:
            pen.put(place, Document.of(data).changed(each.changes))
        except ToolFailed as error:
            raise ToolFailed("", f"{place.text}: {error}") from error


def _light(matched: Matched) -> Matched:
    """Without the text, of which there may be too much."""
    return Matched(path=matched.path, version=matched.version, key=matched.key, changes=matched.changes)


def _picked(matched: Matched, numbers: Sequence[int]) -> Matched:
    if unknown := [number for number in numbers if not 0 < number <= len(matched.changes)]:
        raise ToolFailed("", _told_lost([f"{matched.key}.{number}" for number in unknown]))
    changes = [matched.changes[number - 1] for number in numbers]
    return Matched(path=matched.path, version=matched.version, key=matched.key, changes=changes)


def _numbers(ids: Sequence[str]) -> Mapping[str, list[int]]:
    """The numbers of the matches that were chosen, for each key."""
    found: dict[str, list[int]] = {}
    for id in dict.fromkeys(ids):
        match = _ID.fullmatch(id.strip())
        if match is None:
            raise ToolFailed("", f"{id!r} is no id of an occurrence: take those of a preview, as `1f2e3d4c5b.1`")
        found.setdefault(match[1], []).append(int(match[2]))
    return found


def _told_lost(ids: Sequence[str]) -> str:
    some = ", ".join(ids[:_NAMED]) + (", …" if len(ids) > _NAMED else "")
    return (
        f"nothing has these ids: {some}. The files are others by now, or the preview was of another expression, "
        "replacement or option. Nothing was done; look at a preview again."
    )


def _what(wanted: Substitution) -> str:
    return f"replace {wanted.pattern[:60]!r} with {wanted.replacement[:60]!r}"


class _Meanwhile(Exception):
    """A file is another than when it was looked at."""
