"""Tar archives, read forward in constant memory: POSIX ustar and pax, and GNU's long names (tar(5), POSIX pax).

The standard library's reader keeps every entry, takes headers of any size, and on the oldest Python that is supported
takes quadratic time for some; hostile archives need the opposite. What it writes is read here, and what GNU tar does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from massgen_workspace.archives.model import ArchiveRefused, Budget, Kind, Member
from massgen_workspace.archives.streams import Tape

BLOCK = 512
_MOST_EXTRA = 64 * 1024
"""Bytes of one extra header: names and attributes are shorter."""

_MOST_IN_A_ROW = 16
"""Extra headers for one entry."""

_LARGEST = 2**62

_KINDS: dict[bytes, Kind] = {b"0": "file", b"\0": "file", b"7": "file", b"1": "hard link", b"2": "link", b"5": "folder"}
_WORDS = {b"3": "a device", b"4": "a device", b"6": "a pipe", b"S": "a file with holes, as GNU tar writes them"}


@dataclass(slots=True)
class _Extra:
    """What extra headers say of the next entry; of pax's words only those that are used."""

    name: bytes | None = None
    target: bytes | None = None
    size: int | None = None
    time: float | None = None
    sparse: bool = False


def is_header(block: bytes) -> bool:
    """Whether a block is the header of an entry: its checksum says so."""
    if len(block) != BLOCK:
        return False
    try:
        wanted = _number(block[148:156])
    except ArchiveRefused:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    return wanted in (sum(rest), sum(byte - 256 if byte > 127 else byte for byte in rest))


class TarReader:
    """The entries of a tar archive on a tape."""

    def __init__(self, tape: Tape, budget: Budget) -> None:
        self._tape = tape
        self._budget = budget
        self._shared = _Extra()

    def members(self) -> Iterator[tuple[Member, Iterator[bytes]]]:
        """Each entry, and the content of a file."""
        while (header := self._header()) is not None:
            extra = replace(self._shared)
            header = self._extras(header, extra)
            member = _member(header, extra)
            self._budget.entry()
            content = self._tape.pieces(member.size)
            yield member, content
            for _ in content:
                pass
            self._pad(member.size)
        self._tape.drain()

    def _header(self) -> bytes | None:
        """The next header; None at the end, which is a block of zeros."""
        block = self._tape.read(BLOCK)
        if not block or not block.strip(b"\0"):
            return None
        if len(block) < BLOCK:
            raise ArchiveRefused("it ends too early, in the middle of a header")
        if not is_header(block):
            raise ArchiveRefused("it is broken: the checksum of a header is wrong")
        return block

    def _extras(self, header: bytes, extra: _Extra) -> bytes:
        """Read what stands before an entry's own header, which is returned."""
        for _ in range(_MOST_IN_A_ROW):
            kind = header[156:157]
            if kind not in b"xgLKX" or kind == b"":
                return header
            data = self._data(header)
            if kind in (b"x", b"X"):
                _take_pax(data, extra)
            elif kind == b"g":
                _take_pax(data, self._shared)
                _take_pax(data, extra)
            elif kind == b"L":
                extra.name = data.rstrip(b"\0")
            else:
                extra.target = data.rstrip(b"\0")
            following = self._header()
            if following is None:
                raise ArchiveRefused("it ends too early, behind a header for an entry that does not come")
            header = following
        raise ArchiveRefused(f"it is broken: more than {_MOST_IN_A_ROW} extra headers stand before one entry")

    def _data(self, header: bytes) -> bytes:
        size = _number(header[124:136])
        if not 0 <= size <= _MOST_EXTRA:
            raise ArchiveRefused(f"it is broken: an extra header has {size} bytes")
        data = b"".join(self._tape.pieces(size))
        self._pad(size)
        return data

    def _pad(self, size: int) -> None:
        self._tape.read(-size % BLOCK)


def _member(header: bytes, extra: _Extra) -> Member:
    kind = header[156:157]
    size = _number(header[124:136]) if extra.size is None else extra.size
    if not 0 <= size <= _LARGEST:
        raise ArchiveRefused(f"it is broken: an entry has {size} bytes")
    name = extra.name if extra.name is not None else _name(header)
    known = _KINDS.get(kind, "other")
    if known == "file" and name.endswith(b"/"):
        known = "folder"  # as archives older than POSIX have it
    if known == "file" and extra.sparse:
        known, kind = "other", b"S"
    return Member(
        name=name,
        kind=known,
        size=size if known in ("file", "other") else 0,
        mode=_number(header[100:108]) & 0o7777,
        time=extra.time if extra.time is not None else float(min(_number(header[136:148]), 2**40)),
        target=extra.target if extra.target is not None else header[157:257].partition(b"\0")[0],
        word=_WORDS.get(kind, "of a kind that is not known"),
    )


def _name(header: bytes) -> bytes:
    name = header[:100].partition(b"\0")[0]
    prefix = header[345:500].partition(b"\0")[0] if header[257:262] == b"ustar" and header[262:263] == b"\0" else b""
    return prefix + b"/" + name if prefix else name


def _number(text: bytes) -> int:
    """Octal digits, or a number to the base of 256, as GNU tar writes what is too large for those."""
    if text[:1] in (b"\x80", b"\xff"):
        return int.from_bytes(text[1:], "big", signed=False) - (256 ** (len(text) - 1) if text[0] == 0xFF else 0)
    digits = text.partition(b"\0")[0].strip(b" ")
    if not digits:
        return 0
    if digits.strip(b"01234567"):
        raise ArchiveRefused("it is broken: there is no number where one belongs")
    return int(digits, 8)


def _take_pax(data: bytes, extra: _Extra) -> None:
    """Records as `30 mtime=1700000000.5\\n`, each with its own length before it."""
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 8)
        length = data[at:space] if space > 0 else b""
        end = at + int(length) if length.isdigit() else 0
        if not space < end <= len(data) or data[end - 1 : end] != b"\n":
            raise ArchiveRefused("it is broken: a record of an extra header has the wrong length")
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        _take_word(key, value, extra)
        at = end


def _take_word(key: bytes, value: bytes, extra: _Extra) -> None:
    if key == b"path":
        extra.name = value
    elif key == b"linkpath":
        extra.target = value
    elif key == b"size":
        if not value.isdigit() or len(value) > 20:
            raise ArchiveRefused("it is broken: there is no number where one belongs")
        extra.size = int(value)
    elif key == b"mtime" and len(value) < 40:
        try:
            extra.time = float(value)
        except ValueError:
            extra.time = None
    elif key.startswith(b"GNU.sparse."):
        extra.sparse = True
