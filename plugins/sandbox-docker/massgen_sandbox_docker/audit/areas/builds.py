"""Attempts of whoever is installed into an image, on the program that builds it: what is read there, and archives."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import cast

import anyio
import anyio.to_thread

from massgen_sandbox_docker.audit.model import Attempt, Facts, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.naive import read_all, unpack
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.images.hostfiles import HostFiles
from massgen_sandbox_docker.images.rootfs import write_layer
from massgen_sandbox_docker.images.workshop import CACHE, Workshop

_MIB = 1024 * 1024
_MOST = 16 * _MIB
_TIME = 20.0
_HOLE = 64 * _MIB
_ENTRIES = 10_000
_LEAVE = f"""
mkdir -p {CACHE} && cd {CACHE}
ln -s /dev/zero endless; ln -s /etc/shadow shadow; ln -s loop loop; mkfifo pipe
truncate -s 1T hole; head -c {2 * _MOST} /dev/zero > large
"""
_LEFT = ("pipe", "endless", "shadow", "loop", "hole", "large")


async def _leavings(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """Read them as a build reads what npm and uv have written."""
    async with stage.sandbox(read_only_root=False) as sandbox:
        config, host = stage.backend.config, HostFiles(files={}, env={})
        shop = Workshop(sandbox, config, host, progress=lambda line: None)
        made = await sandbox.exec(["sh", "-c", _LEAVE], deadline=_TIME)
        if made.exit_code != 0:
            return {attempts[0].id: {"unable": made.stderr.decode("utf-8", "replace")[-200:]}}
        read: dict[str, int | None] = {}
        for name in _LEFT[:1] if stage.weak else _LEFT:
            read[name], path = None, f"{CACHE}/{name}"
            with anyio.move_on_after(_TIME):
                read[name] = await read_all(sandbox, path) if stage.weak else len(await shop.read(path))
        problems = await aftermath(stage, sandbox)
    return {attempts[0].id: {"read": read, "aftermath": problems}}


async def _archive(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    """One hostile entry in each archive, and one archive with very many harmless ones."""
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        folder = Path(name)
        found = await anyio.to_thread.run_sync(_fed, folder, stage.weak)
    return {attempts[0].id: {"outcomes": found}}


def _fed(folder: Path, naive: bool) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for number, (kind, make) in enumerate(_ARCHIVES.items()):
        inside, outside = folder / str(number) / "inside", folder / str(number) / "outside"
        inside.mkdir(parents=True)
        outside.mkdir()
        data = make(outside) + bytes(2 * tarfile.BLOCKSIZE)
        answer = _taken(data, inside, naive)
        found[kind] = _traces(inside, outside, len(data)) or answer
    return found


def _taken(data: bytes, inside: Path, naive: bool) -> str:
    program = inside / "uv"
    program.write_bytes(b"uv")
    try:
        if naive:
            unpack(data, inside)
        else:
            with (inside / "layer").open("wb") as target:
                write_layer(io.BytesIO(data), target, uv=program)
    except (tarfile.TarError, OSError):
        return "refused"
    return "taken"


def _traces(inside: Path, outside: Path, size: int) -> str | None:
    """Whether anything appeared outside, became a device, or grew beyond what was sent."""
    if os.listdir(outside) or (inside.parent / "up").exists():
        return "wrote outside"
    found = [path.lstat() for path in inside.rglob("*")]
    if any(stat.S_ISCHR(each.st_mode) for each in found):
        return "made a device"
    return "filled the disk" if sum(each.st_size for each in found) > size + _MIB else None


def _entry(name: str, data: bytes = b"", *, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.size, member.linkname = kind, len(data), target
    return member.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def _sparse(name: str) -> bytes:
    """A file of 512 bytes at the end of a hole, in GNU tar's old form: offset, length and size as octal numbers."""
    head = bytearray(_entry(name, bytes(512), kind=tarfile.GNUTYPE_SPARSE)[:512])
    for place, number in ((386, _HOLE - 512), (398, 512), (483, _HOLE)):
        head[place : place + 12] = b"%011o\0" % number
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return bytes(head) + bytes(512)


_ARCHIVES: Mapping[str, Callable[[Path], bytes]] = {
    "..": lambda outside: _entry("../up", b"x"),
    "absolute": lambda outside: _entry(f"{outside}/absolute", b"x"),
    "through a link": lambda outside: (
        _entry("link", kind=tarfile.SYMTYPE, target=str(outside)) + _entry("link/through", b"x")
    ),
    "device": lambda outside: _entry("device", kind=tarfile.CHRTYPE),
    "hole": lambda outside: _sparse("hole"),
    "very many": lambda outside: b"".join(_entry(f"many/{number}") for number in range(_ENTRIES)),
}


def judge_read(facts: Facts) -> Judgement:
    """None hangs, and of none more is kept than a lock may have."""
    read = cast("Mapping[str, int | None]", facts["read"])
    text = ", ".join(f"{name}: {'hung' if size is None else f'{size / _MIB:g} MiB'}" for name, size in read.items())
    return (held if all(size is not None and size <= _MOST for size in read.values()) else hole)(text)


def judge_archives(facts: Facts) -> Judgement:
    """Nothing outside, and no more on the disk than the archive has."""
    outcomes = cast("Mapping[str, str]", facts["outcomes"])
    text = ", ".join(f"{kind}: {outcome}" for kind, outcome in outcomes.items())
    return (held if set(outcomes.values()) <= {"taken", "refused"} else hole)(text)


_attempt = partial(attempt, "host files")


ATTEMPTS = (
    _attempt(
        "build-leavings",
        "leave in a build, where a lock or a manifest is read: links (/dev/zero, /etc/shadow, a loop), a pipe, a hole "
        "of 1 TiB, a file of 32 MiB",
        "No read hangs, none keeps more than 16 MiB, and what is no file is empty.",
        "OWASP MCP §5, ATT&CK T1499.001",
        _leavings,
        judge_read,
    ),
    _attempt(
        "build-archive",
        "put into the tar of a root file system, of which a layer is made: `..`, an absolute name, a file through a "
        f"link, a device, a hole, {_ENTRIES:,} entries",
        "Refused, or passed on to the engine without being unpacked; nothing appears outside, no hole is filled.",
        "OWASP MCP §5, CIS 5.6, ATT&CK T1611",
        _archive,
        judge_archives,
    ),
)
