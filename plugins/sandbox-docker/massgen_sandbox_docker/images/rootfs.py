"""A root file system from Debian packages: mmdebstrap or debootstrap makes it, one pass slims and completes it."""

from __future__ import annotations

import copy
import hashlib
import io
import re
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from massgen_core.errors import ImageError

PACKAGES = ("ca-certificates", "nodejs", "npm", "python3")

USER_ID = 65532
"""The account that builds and servers run as."""

USER = f"{USER_ID}:{USER_ID}"

INSTALL_ROOT = "opt/mcp"

BIN_FOLDERS = "/opt/mcp/venv/bin:/opt/mcp/node_modules/.bin"

ENV: Mapping[str, str] = {
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",  # the file system is read-only, and what was installed is compiled already
}
"""What every server's environment begins with, beside PATH."""

LARGEST = 8 * 1024 * 1024 * 1024
"""Bytes that a root file system may take, each entry with its header."""

LEFT_OUT = re.compile(
    r"usr/share/(man|info|locale)/.+|usr/share/doc/.+(?<!/copyright)|usr/include/.+|usr/lib/[^/]+/lib[^/]+\.a"
    r"|usr/share/nodejs/.+\.(map|d\.ts|md)|usr/share/nodejs/corepack/.+|usr/bin/corepack"
    r"|var/cache/(apt|debconf)/.+|var/log/.+|dev/.+"
)
"""Files that no server needs: documentation, translations, headers, static libraries, source maps."""

_ACCOUNT: Mapping[str, str] = {
    "etc/passwd": f"mcp:x:{USER_ID}:{USER_ID}:MCP server:/tmp:/usr/sbin/nologin\n",
    "etc/group": f"mcp:x:{USER_ID}:\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to make the root file system: a command that writes a tar to its standard output."""

    tool: str
    command: Sequence[str]


def has_tool(*, root: bool) -> bool:
    """Whether a root file system can be made here; without root only mmdebstrap can, with newuidmap's help."""
    if root:
        return bool(shutil.which("mmdebstrap") or shutil.which("debootstrap"))
    return bool(shutil.which("mmdebstrap") and shutil.which("newuidmap"))


def included(system: Sequence[str]) -> Sequence[str]:
    """The Debian packages of a base image: the usual ones and, by name, what servers need beside them."""
    return (*PACKAGES, *sorted(set(system) - set(PACKAGES)))


def recipe(suite: str, mirror: str | None, scratch: Path, system: Sequence[str] = ()) -> Recipe:
    """The command for the tool that is installed, mmdebstrap before debootstrap.

    Raises:
        ImageError: Neither is installed.
    """
    names = ",".join(included(system))
    sources = [mirror] if mirror else []
    if path := shutil.which("mmdebstrap"):
        return Recipe(
            tool="mmdebstrap",
            command=(path, "--variant=minbase", "--format=tar", f"--include={names}", suite, "-", *sources),
        )
    if path := shutil.which("debootstrap"):
        target = str(scratch / "root")
        script = '"$@" >&2 && exec tar --one-file-system --numeric-owner -C "$0" -cf - .'
        tool = (path, "--variant=minbase", f"--include={names}", suite, target, *sources)
        return Recipe(tool="debootstrap", command=("sh", "-c", script, target, *tool))
    raise ImageError(
        "the base image is built from Debian packages, and neither mmdebstrap nor debootstrap is installed\n  "
        "Install one (`apt-get install mmdebstrap`, or `massgen-core docker setup`), or name an image of a registry "
        "that has python3, uv, node and npm: `base` under [plugins.sandbox-docker]."
    )


class _Hashing(io.RawIOBase):
    """A file that is only written to, and knows the hash of what it holds."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.sha256 = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # pyright: ignore[reportIncompatibleMethodOverride]
        self.sha256.update(data)
        return self._target.write(data)


def write_layer(source: BinaryIO, target: BinaryIO, *, uv: Path) -> str:
    """Copy a root file system's tar into an image layer and return the layer's SHA-256; blocking.

    On the way documentation and the like are left out, the servers' account and folder are added, and so is uv. Nothing
    is unpacked here.

    Raises:
        tarfile.TarError: It holds what no root file system does.
    """
    hashing = _Hashing(target)
    with (
        tarfile.open(fileobj=source, mode="r|") as old,
        tarfile.open(fileobj=hashing, mode="w|", format=tarfile.PAX_FORMAT) as new,
    ):
        left = LARGEST
        for member in old:
            member.name = member.name.removeprefix("./").strip("/")
            if member.name and not LEFT_OUT.fullmatch(member.name):
                left -= member.size + tarfile.BLOCKSIZE
                _check(member, left)
                _copy(old, new, member)
        _add_folder(new)
        _add_uv(new, uv)
    return hashing.sha256.hexdigest()


def _check(member: tarfile.TarInfo, left: int) -> None:
    """Whoever made the tar, it must not fill this host's disk, nor hold what an engine might not expect in a layer."""
    if ".." in member.name.split("/") or member.isdev():
        raise tarfile.TarError(f"{member.name[:200]!r} is a device, or leads out of the root file system")
    if member.issparse() or left < 0:
        raise tarfile.TarError(f"{member.name[:200]!r} has holes, or makes the root file system larger than 8 GiB")


def _copy(old: tarfile.TarFile, new: tarfile.TarFile, member: tarfile.TarInfo) -> None:
    if member.islnk():
        member.linkname = member.linkname.removeprefix("./")
    content = old.extractfile(member) if member.isreg() else None
    if content is not None and member.name in _ACCOUNT:
        data = content.read() + _ACCOUNT[member.name].encode()
        member, content = copy.copy(member), io.BytesIO(data)
        member.size = len(data)
    new.addfile(member, content)


def _add_folder(new: tarfile.TarFile) -> None:
    folder = tarfile.TarInfo(INSTALL_ROOT)
    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
    folder.uid = folder.gid = USER_ID
    new.addfile(folder)


def _add_uv(new: tarfile.TarFile, uv: Path) -> None:
    program = tarfile.TarInfo("usr/local/bin/uv")
    program.mode, program.size = 0o755, uv.stat().st_size
    with uv.open("rb") as content:
        new.addfile(program, content)
