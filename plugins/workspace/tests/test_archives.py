"""Archives are a stranger's: what is harmless is unpacked exactly, all else is refused, and nothing comes from it."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import resource
import stat
import subprocess
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_workspace.archives.extract import Extractor
from massgen_workspace.archives.model import ArchiveRefused, Budget
from massgen_workspace.archives.names import safe_path
from massgen_workspace.archives.reading import open_archive
from massgen_workspace.files.meter import Meter

from massgen_core.errors import ToolFailed
from massgen_core.jail.place import Spot

MOST = 4 * 1024 * 1024


def unpack(data: bytes, folder: Path, *, most: int = MOST, same_names: bool = False) -> dict[str, object]:
    """Unpack into a new folder, and tell what is there."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with tempfile.TemporaryFile() as file:
            file.write(data)
            file.flush()
            _, reader = open_archive(file.fileno(), Budget(Meter(), size=len(data), most=most))
            extractor = Extractor(Spot(opened, b"new"), (os.getuid(), os.getgid()), same_names=same_names)
            try:
                extractor.take_all(reader)
            finally:
                extractor.close()
    finally:
        os.close(opened)
    return everything(folder / "new")


def everything(top: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(top.rglob("*")):
        held = f"-> {path.readlink()}" if path.is_symlink() else None if path.is_dir() else path.read_bytes()
        found[str(path.relative_to(top))] = held
    return found


def tar(*entries: tarfile.TarInfo | tuple[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=format) as archive:
        for entry in entries:
            info, content = (tarfile.TarInfo(entry[0]), entry[1]) if isinstance(entry, tuple) else (entry, b"")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return held.getvalue()


def special(name: str, kind: bytes, target: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, target, mode
    return info


def zipped(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return held.getvalue()


LONG = "a" * 120 + "/" + "ä" * 60 + "/" + "b" * 100
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "gzip in parts": lambda data: b"".join(gzip.compress(data[at : at + 700]) for at in range(0, len(data), 700)),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("packed", PACKERS.values(), ids=PACKERS.keys())
@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_tar_archives_of_every_kind(tmp_path: Path, format: int, packed: Callable[[bytes], bytes]) -> None:
    long = LONG if format != tarfile.USTAR_FORMAT else "a" * 90 + "/" + "b" * 90
    large = os.urandom(100_000)
    data = tar(
        special("d/", tarfile.DIRTYPE, mode=0o700),
        ("d/one", b"1"),
        (long, large),
        special("d/link", tarfile.SYMTYPE, "../" + long if len(long) < 90 else "one"),
        special("again", tarfile.LNKTYPE, "d/one"),
        ("./x//y", b""),
        format=format,
    )
    found = unpack(packed(data), tmp_path)
    assert found["d/one"] == found["again"] == b"1"
    assert found[long] == large
    assert found["x/y"] == b""
    assert str(found["d/link"]).startswith("-> ")
    assert (tmp_path / "new/again").samefile(tmp_path / "new/d/one")


@pytest.mark.parametrize("words", [["--format=gnu"], ["--format=pax"], ["--format=ustar"], ["-z"], ["-J"], ["-j"]])
def test_what_tar_itself_writes(tmp_path: Path, words: list[str]) -> None:
    source = tmp_path / "source"
    (source / "in" / ("n" * 90)).mkdir(parents=True)
    (source / "in" / ("n" * 90) / "file").write_bytes(b"text\n")
    (source / "run").write_bytes(b"#!/bin/sh\n")
    (source / "run").chmod(0o4755)
    os.utime(source / "run", (0, 1_600_000_000))
    (source / "link").symlink_to("run")
    made = subprocess.run(["tar", "-C", str(source), *words, "-cf", "-", "."], capture_output=True, check=True)
    assert unpack(made.stdout, tmp_path) == everything(source)
    seen = (tmp_path / "new" / "run").stat()
    assert (stat.S_IMODE(seen.st_mode), seen.st_mtime) == (0o755, 1_600_000_000)


def test_zip_archives(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("d/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    run = zipfile.ZipInfo("run")
    run.create_system, run.external_attr = 3, (stat.S_IFREG | 0o4755) << 16
    entries = [("d/", b""), ("d/é\\x", b"text"), (link, b"../run"), (run, b"#!"), ("n/ew", os.urandom(300_000))]
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        folder = tmp_path / str(method)
        folder.mkdir()
        found = unpack(zipped(*entries, method=method), folder)
        assert (found["d/é\\x"], found["d/link"], found["n/ew"]) == (b"text", "-> ../run", entries[-1][1])
        assert stat.S_IMODE((folder / "new" / "run").stat().st_mode) == 0o755


def lying_zip() -> bytes:
    data = bytearray(zipped(("a", b"x" * 1000)))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10**6).to_bytes(4, "little")
    return bytes(data)


def overlapping_zip() -> bytes:
    data = zipped(("a", b"x" * 1000))
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry = data[at:end]
    tail = bytearray(data[end:])
    tail[8:10] = tail[10:12] = (3).to_bytes(2, "little")
    tail[12:16] = (3 * len(entry)).to_bytes(4, "little")
    return data[:at] + entry * 3 + bytes(tail)


def encrypted_zip() -> bytes:
    data = bytearray(zipped(("a", b"x")))
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + offset] |= 1
    return bytes(data)


def header(kind: bytes, size: int, name: bytes = b"x") -> bytes:
    """A header whose checksum is right, whatever it says."""
    block = bytearray(512)
    block[: len(name)] = name
    block[124:136] = b"%011o\0" % size if 0 <= size < 8**11 else b"\xff" + (size % 256**11).to_bytes(11, "big")
    block[156:157], block[148:156] = kind, b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


def pax(text: bytes) -> bytes:
    return header(b"x", len(text)) + text + bytes(-len(text) % 512)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "goes up": (lambda: tar(("a/../../x", b"")), "its name goes up"),
    "goes up, as Windows has it": (lambda: zipped(("a\\..\\..\\x", b"")), "its name goes up"),
    "absolute": (lambda: tar(("/etc/x", b"")), "its name is absolute"),
    "a drive": (lambda: zipped(("C:x", b"")), "its name is absolute"),
    "control": (lambda: tar(("a\nb", b"")), "control characters"),
    "too deep": (lambda: tar(("a/" * 300 + "x", b"")), "too long, or too deep"),
    "too long": (lambda: tar(("a" * 300, b"")), "too long"),
    "ours": (lambda: tar((".massgen-trash/x", b"")), "this program's own"),
    "link out": (lambda: tar(special("l", tarfile.SYMTYPE, "/etc")), "a link that leads out, to /etc"),
    "link up": (lambda: tar(special("d/l", tarfile.SYMTYPE, "../../x")), "a link that leads out"),
    "link up behind a name": (lambda: tar(special("l", tarfile.SYMTYPE, "a/b/../../..")), "leads out"),
    "through a link": (
        lambda: tar(special("l", tarfile.SYMTYPE, "."), ("l/x", b"")),
        "l/x in it cannot be unpacked: ",
    ),
    "hard link out": (lambda: tar(special("h", tarfile.LNKTYPE, "/etc/passwd")), "its name is absolute"),
    "hard link to nothing": (lambda: tar(special("h", tarfile.LNKTYPE, "no")), "no file before it"),
    "hard link to a link": (
        lambda: tar(special("l", tarfile.SYMTYPE, "x"), special("h", tarfile.LNKTYPE, "l/x")),
        "no file before it",
    ),
    "device": (lambda: tar(special("null", tarfile.CHRTYPE)), "it is a device"),
    "pipe": (lambda: tar(special("p", tarfile.FIFOTYPE)), "it is a pipe"),
    "twice": (lambda: tar(("a", b"1"), ("a", b"2")), "the same name"),
    "case": (lambda: tar(("d/A", b"1"), ("D/a", b"2")), "one name on some disks"),
    "form": (lambda: tar(("\u00e9", b"1"), ("e\u0301", b"2")), "one name on some disks"),
    "file and folder": (lambda: tar(("a", b"1"), ("a/b", b"2")), "cannot be unpacked: a name on the way"),
    "no end": (lambda: tar(("a", b"1" * 2000))[:1500], "ends too early"),
    "no end of gzip": (lambda: gzip.compress(os.urandom(5000))[:-300], "too early|no tar"),
    "checksum": (lambda: tar(("a", b""))[:700].replace(b"a", b"b", 1) + bytes(1024), "no archive|checksum"),
    "wrong crc": (lambda: gzip.compress(tar(("a", b"1" * 9)))[:-8] + bytes(8), "cannot be unpacked"),
    "single file": (lambda: gzip.compress(b"text " * 200), "it is a single file"),
    "no archive": (lambda: b"text " * 200, "it is no archive"),
    "nothing": (lambda: b"", "it is no archive"),
    "zstd": (lambda: b"\x28\xb5\x2f\xfd" + bytes(600), "packed by Zstandard.*zstd -d FILE"),
    "encrypted": (encrypted_zip, "it is encrypted"),
    "lies": (lying_zip, "broken zip archive"),
    "overlaps": (overlapping_zip, "share the same bytes"),
    "bzip2 in zip": (lambda: zipped(("a", b"x"), method=zipfile.ZIP_BZIP2), "packed in another way"),
    "negative": (lambda: header(b"0", -1024) + bytes(1024), "an entry has -1024 bytes"),
    "pax bomb": (lambda: header(b"x", 10**9) + bytes(4096), "an extra header has 1000000000 bytes"),
    "pax without end": (lambda: pax(b"11 path=xy\n") * 20, "extra headers stand before one entry"),
    "pax that is none": (lambda: pax(b"99 path=xy\n") + tar(("a", b"")), "wrong length"),
    "sparse": (lambda: pax(b"22 GNU.sparse.major=1\n") + tar(("a", b"")), "a file with holes"),
    "empty parts": (lambda: gzip.compress(b"") * 3000 + gzip.compress(tar(("a", b""))), "parts that hold nothing"),
    "size": (lambda: tar(("a", b"x" * (MOST + 1))), "it unpacks to more than 4.0 MiB"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused(tmp_path: Path, make: Callable[[], bytes], reason: str) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine")
    with pytest.raises(ArchiveRefused, match=reason):
        unpack(make(), tmp_path)
    assert outside.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} <= {"outside", "new"}


def test_names_that_differ_in_case_where_that_is_wanted(tmp_path: Path) -> None:
    assert unpack(tar(("A", b"1"), ("a", b"2")), tmp_path, same_names=True) == {"A": b"1", "a": b"2"}


@pytest.mark.parametrize("kind", ["zip", "gzip", "bzip2", "xz"])
def test_bombs_are_ended_early(tmp_path: Path, kind: str) -> None:
    """Half a gigabyte of zeros costs no more than a part of it, in time, disk and memory."""
    zeros = bytes(1 << 20)
    if kind == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as file:
            for _ in range(512):
                file.write(zeros)
        data = held.getvalue()
    else:
        make = {
            "gzip": zlib.compressobj(9, zlib.DEFLATED, 31),
            "bzip2": bz2.BZ2Compressor(),
            "xz": lzma.LZMACompressor(),
        }
        packer = make[kind]
        data = packer.compress(header(b"0", 1 << 29)) + b"".join(packer.compress(zeros) for _ in range(512))
        data += packer.flush()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ArchiveRefused, match="it is made to fill the disk"):
        unpack(data, tmp_path, most=1 << 40)
    assert (tmp_path / "new" / ("a" if kind == "zip" else "x")).stat().st_size < 140 << 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 << 10


BASES = [
    tar(("a", b"text" * 300), ("d/b", b""), special("l", tarfile.SYMTYPE, "a"), special("h", tarfile.LNKTYPE, "a")),
    tar((LONG, b"1"), ("x", b"2"), format=tarfile.GNU_FORMAT),
    tar((LONG, b"1"), ("x", b"2")),
    zipped(("a", b"text" * 300), ("d/b", b""), ("d/c", b"x")),
    zipped(("a", b"text" * 300), method=zipfile.ZIP_STORED),
]
ALL_BASES = [*BASES, *(pack(BASES[0]) for pack in (gzip.compress, bz2.compress, lzma.compress))]
INTERESTING = [
    b"\0",
    b"\xff",
    b"/",
    b"..",
    b"../",
    b"\x80",
    b"7",
    b"L",
    b"x",
    b"g",
    b"1",
    b"2",
    b"5",
    b"S",
    b"\n",
    b" ",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real archive, some bytes of which are others, more or fewer; the checksums of a tar may be put right again."""
    data = bytearray(draw(st.sampled_from(ALL_BASES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        new = draw(st.one_of(st.sampled_from(INTERESTING), st.binary(max_size=12)))
        match draw(st.sampled_from(["over", "insert", "delete", "cut", "double"])):
            case "over":
                data[at : at + len(new)] = new
            case "insert":
                data[at:at] = new
            case "delete":
                del data[at : at + draw(st.integers(1, 600))]
            case "cut":
                del data[at:]
            case _:
                data[at:at] = data[at : at + draw(st.integers(1, 1024))]
    if draw(st.booleans()) and data[257:262] == b"ustar":
        for at in range(0, len(data) - 511, 512):
            if data[at + 257 : at + 262] == b"ustar":
                data[at + 148 : at + 156] = b" " * 8
                data[at + 148 : at + 156] = b"%06o\0 " % sum(data[at : at + 512])
    return bytes(data)


def try_one(data: bytes) -> None:
    """Whatever the bytes: it is unpacked or refused, within bounds, beneath its folder."""
    with tempfile.TemporaryDirectory() as name:
        top = Path(name) / "inner"
        top.mkdir()
        with suppress(ToolFailed):
            unpack(data, top, most=1 << 20)
        assert os.listdir(name) == ["inner"]
        assert set(os.listdir(top)) <= {"new"}
        held = [path for path in (top / "new").rglob("*")]
        assert sum(path.lstat().st_size for path in held if path.is_file() and not path.is_symlink()) <= 4 << 20
        for path in held:
            kind = path.lstat().st_mode
            assert stat.S_ISREG(kind) or stat.S_ISDIR(kind) or stat.S_ISLNK(kind)
            assert not kind & 0o7022 or stat.S_ISLNK(kind)
            if path.is_symlink():
                assert path.resolve().is_relative_to(top.resolve() / "new")


@given(mutated())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_bytes_are_unpacked_or_refused(data: bytes) -> None:
    try_one(data)


@given(st.binary(max_size=60))
def test_a_safe_path_is_one(name: bytes) -> None:
    try:
        path = safe_path(name)
    except ArchiveRefused:
        return
    assert not path.startswith(b"/")
    assert b".." not in path.split(b"/")
    assert b"\0" not in path
