"""The reader of zip archives beside the standard library's: the same entries and bytes, in little memory."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_workspace.archives.model import ArchiveRefused, Budget
from massgen_workspace.archives.reading import open_archive
from massgen_workspace.archives.table import Table
from massgen_workspace.files.meter import Meter

NAME = st.text(st.sampled_from("aé語/.b "), min_size=1, max_size=12)
CONTENT = st.one_of(st.binary(max_size=300), st.integers(0, 400_000).map(lambda size: b"ab" * (size // 2)))


class Unseekable(io.RawIOBase):
    """What a pipe is: sizes and checksums come behind each content."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self.data += bytes(data)  # type: ignore[call-overload]
        return len(bytes(data))  # type: ignore[call-overload]


def read(data: bytes, folder: Path) -> list[tuple[bytes, bytes]]:
    """Names and contents, as the tools have them."""
    path = folder / "archive"
    path.write_bytes(data)
    file = os.open(path, os.O_RDONLY)
    try:
        kind, reader = open_archive(file, Budget(Meter(), size=len(data), most=1 << 30))
        assert kind == "zip"
        return [(member.name, b"".join(content)) for member, content in reader.members()]
    finally:
        os.close(file)


def expected(data: bytes) -> list[tuple[bytes, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.orig_filename.encode(), archive.read(info)) for info in archive.infolist()]


@given(
    st.lists(st.tuples(NAME, CONTENT, st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])), max_size=5),
    st.binary(max_size=40),
    st.booleans(),
    st.booleans(),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_as_the_standard_library(
    tmp_path: Path, entries: list[tuple[str, bytes, int]], comment: bytes, piped: bool, wide: bool
) -> None:
    """Also where it was written into a pipe, with a comment, and with numbers of 64 bits."""
    out = Unseekable() if piped else io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, zipfile.ZipFile(out, "w") as archive:
        if wide:
            patch.setattr(zipfile, "ZIP64_LIMIT", 20)
        archive.comment = comment
        for number, (name, content, method) in enumerate(entries):
            archive.writestr(zipfile.ZipInfo(f"{number}{name}"), content, method)
    data = bytes(out.data) if isinstance(out, Unseekable) else out.getvalue()
    assert read(data, tmp_path) == expected(data)


def small(count: int = 1) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(count):
            archive.writestr(f"name-of-a-file-{number}", b"content " * 20)
    return out.getvalue()


def changed(mark: bytes, offset: int, new: bytes) -> Callable[[], bytes]:
    def make() -> bytes:
        data = bytearray(small())
        at = data.rindex(mark) + offset
        data[at : at + len(new)] = new
        return bytes(data)

    return make


ENTRY, END, HEADER = b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04"


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "no end": (lambda: small()[:-22], "is not there"),
    "half an end": (lambda: small()[:-5], "is not there"),
    "parts": (changed(END, 4, b"\1"), "a part of several files"),
    "too long a table": (changed(END, 12, b"\xff\xff\xff\x7f"), "elsewhere than it says"),
    "too far a table": (changed(END, 16, b"\xff\xff\xff\x7f"), "elsewhere than it says"),
    "too short a table": (changed(END, 12, b"\x09\0\0\0"), "too early"),
    "no entry": (changed(ENTRY, 0, b"XX"), "makes no sense"),
    "long name": (changed(ENTRY, 28, b"\xff\xff"), "makes no sense"),
    "no 64 bits": (changed(ENTRY, 20, b"\xff\xff\xff\xff"), "how large it is"),
    "past the end": (changed(ENTRY, 20, b"\xff\xff\0\0"), "past its end"),
    "other name": (changed(ENTRY, 46, b"other"), "another name"),
    "no header": (changed(HEADER, 0, b"XX"), "where it should be|no archive"),
    "checksum": (changed(ENTRY, 16, b"\0\0\0\0"), "checksum"),
    "too small": (changed(ENTRY, 24, b"\1\0\0\0"), "another size"),
    "too large": (changed(ENTRY, 24, b"\xff\xff\0\0"), "another size"),
}


@pytest.mark.parametrize(("make", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_broken(tmp_path: Path, make: Callable[[], bytes], words: str) -> None:
    with pytest.raises(ArchiveRefused, match=words):
        read(make(), tmp_path)


def test_something_may_stand_before_an_archive(tmp_path: Path) -> None:
    """Places in it count from where it begins, as in programs that unpack themselves."""
    path = tmp_path / "archive"
    path.write_bytes(b"#!/bin/sh\n" + small())
    file = os.open(path, os.O_RDONLY)
    try:
        (entry,) = Table(file).entries()
        assert os.pread(file, 4, entry.at) == HEADER
    finally:
        os.close(file)


def test_many_entries_take_little_memory(tmp_path: Path) -> None:
    """A fifth of what an object for each of them would."""
    path = tmp_path / "archive"
    path.write_bytes(small(10_000))
    file = os.open(path, os.O_RDONLY)
    tracemalloc.start()
    try:
        assert sum(entry.size for entry in Table(file).entries()) == 10_000 * 160
        assert tracemalloc.get_traced_memory()[1] < 3 * 1024 * 1024
    finally:
        tracemalloc.stop()
        os.close(file)
