"""Names in archives: which of them may become files, and where a link in one may lead."""

from __future__ import annotations

import re
import unicodedata

from massgen_core.jail.names import shown
from massgen_core.jail.roots import OWN
from massgen_workspace.archives.model import ArchiveRefused, Member

_DRIVE = re.compile(rb"[A-Za-z]:")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_LONGEST_NAME = 255
_LONGEST_PATH = 4096
_DEEPEST = 256


def safe_path(name: bytes) -> bytes:
    """A member's path beneath the folder that it is unpacked in, empty for that folder itself.

    Raises:
        ArchiveRefused: It is absolute, goes up, has control characters, or is too long or too deep.
    """
    if _CONTROL.search(name):
        raise _refused(name, "its name has control characters")
    if name.startswith((b"/", b"\\")) or _DRIVE.match(name):
        raise _refused(name, "its name is absolute")
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    if b".." in parts or b".." in name.split(b"\\") or b".." in re.split(rb"[/\\]", name):
        raise _refused(name, "its name goes up")
    if len(parts) > _DEEPEST or len(name) > _LONGEST_PATH or any(len(part) > _LONGEST_NAME for part in parts):
        raise _refused(name, "its name is too long, or too deep")
    if OWN in parts:
        raise _refused(name, "a name in it is this program's own")
    return b"/".join(parts)


def safe_link(member: Member, path: bytes) -> bytes:
    """The target of a symbolic link, which stays beneath the folder that it is unpacked in.

    One that goes up does so first: behind a name that may be a link itself, going up leads anywhere.

    Raises:
        ArchiveRefused: It is absolute, leads out, or goes up behind a name.
    """
    target = member.target
    if not target or _CONTROL.search(target) or len(target) > _LONGEST_PATH:
        raise _refused(member.name, "it is a link to no name that could be one")
    if target.startswith((b"/", b"\\")) or _DRIVE.match(target):
        raise _refused(member.name, f"it is a link that leads out, to {shown(target)}")
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    ups = next((number for number, part in enumerate(parts) if part != b".."), len(parts))
    if b".." in parts[ups:] or ups > path.count(b"/"):
        raise _refused(member.name, f"it is a link that leads out, to {shown(target)}")
    return target


def alike(path: bytes) -> str:
    """What names have in common that are one name on some disks: case and the forms of Unicode do not count."""
    text = path.decode("utf-8", "surrogateescape")
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _refused(name: bytes, reason: str) -> ArchiveRefused:
    return ArchiveRefused(f"{shown(name[:200])} in it is refused: {reason}")
