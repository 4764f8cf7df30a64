"""Any archive, by its content: what its name says does not count."""

from __future__ import annotations

import os
from collections.abc import Iterator

from massgen_workspace.archives.model import ArchiveRefused, Budget, Reader
from massgen_workspace.archives.streams import Tape, stored, unpacked
from massgen_workspace.archives.tar import BLOCK, TarReader, is_header
from massgen_workspace.archives.zip import ZipReader

_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz"}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHERS = {
    b"\x28\xb5\x2f\xfd": ("Zstandard", "zstd -d FILE"),
    b"7z\xbc\xaf\x27\x1c": ("7-Zip", "7z x FILE"),
    b"Rar!": ("RAR", "unrar x FILE"),
    b"\x1f\x9d": ("compress", "uncompress FILE"),
}
"""What is not read here, and the command that a sandbox may have for it."""
FORMATS = "zip, tar, tar.gz, tar.bz2 and tar.xz"


def open_archive(file: int, budget: Budget) -> tuple[str, Reader]:
    """What format an open file has, and its reader.

    Raises:
        ArchiveRefused: It is none that is known.
    """
    head = os.pread(file, BLOCK, 0)
    for magic, kind in _PACKED.items():
        if head.startswith(magic):
            return f"tar, packed by {kind}", _packed_tar(unpacked(stored(file), kind, budget), kind, budget)
    if is_header(head) or (head and not head.strip(b"\0")):
        return "tar", TarReader(Tape(stored(file), budget), budget)
    if head.startswith(_ZIP):
        return "zip", ZipReader(file, budget)
    for magic, (name, command) in _OTHERS.items():
        if head.startswith(magic):
            raise ArchiveRefused(
                f"it is packed by {name}, which is not read here (these are: {FORMATS}). "
                f"Unpack it by a command in the sandbox: `{command}`"
            )
    raise ArchiveRefused(f"it is no archive; these are read: {FORMATS}")


def _packed_tar(pieces: Iterator[bytes], kind: str, budget: Budget) -> TarReader:
    first = next(pieces, b"")
    while len(first) < BLOCK and (more := next(pieces, b"")):
        first += more
    if first and not is_header(first[:BLOCK]) and first[:BLOCK].strip(b"\0"):
        raise ArchiveRefused(f"it is packed by {kind}, but no tar archive is in it: it is a single file")
    return TarReader(Tape(_behind(first, pieces), budget), budget)


def _behind(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
