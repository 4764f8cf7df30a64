"""Which user a sandbox runs as, so that what it writes in a folder of the host belongs to a person there.

The kernel compares numbers. Where the engine's numbers are this machine's, a sandbox that writes a folder runs as the
folder's owner. Where they are shifted, nobody but the engine's owner can be met from inside, and that one only as
root, which no sandbox is: then a folder needs an entry for the shifted number in its access control list.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxLimits
from massgen_sandbox_docker.engine.kind import EngineKind

_READ, _WRITE, _ENTER = 4, 2, 1

_ACL_VERSION = 2
_OWNER, _USER, _GROUP_OWNER, _GROUP, _MASK, _OTHER = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever runs this program: no sandbox gets a number that this one could not act as."""

    user: int
    groups: frozenset[int]

    @classmethod
    def now(cls) -> Caller:
        """This process's."""
        if sys.platform == "win32":
            return cls(user=-1, groups=frozenset())
        return cls(user=os.geteuid(), groups=frozenset({os.getegid(), *os.getgroups()}))


def user_for(limits: SandboxLimits, mounts: Sequence[Mount], kind: EngineKind, caller: Caller | None = None) -> str:
    """The ``user:group`` of a sandbox with mounts; one that was written out wins. It looks at the folders and blocks.

    Raises:
        SandboxUnavailable: Nobody but root could use the folders as asked; the message says what to do.
    """
    if not mounts or "user" in limits.model_fields_set or (kind.files == "shared" and kind.users == "same"):
        return limits.user
    caller = caller or Caller.now()
    if kind.keeps_ids:
        return _kept(limits, mounts, kind, caller)
    for candidate in dict.fromkeys(_candidates(limits, mounts, kind, caller)):
        if all(may_use(mount, *outside(candidate, kind)) for mount in mounts):
            return f"{candidate[0]}:{candidate[1]}"
    raise _nobody(limits, mounts, kind, caller)


def check_usable(limits: SandboxLimits, mount: Mount, kind: EngineKind) -> None:
    """Refuse a path that comes when the user is settled already, and that this one could not use; it blocks.

    Raises:
        SandboxUnavailable: The sandbox's user could not use it as asked; the message says what to do.
    """
    if not may_use(mount, *outside(_pair(limits.user), kind)):
        raise _nobody(limits, [mount], kind, Caller.now())


def _candidates(
    limits: SandboxLimits, mounts: Sequence[Mount], kind: EngineKind, caller: Caller
) -> Iterator[tuple[int, int]]:
    """Who might do: the owners of what is to be written, the usual user, and whoever may read the rest."""
    usual = _pair(limits.user)
    if kind.users != "same":
        yield usual
        return
    written = [mount for mount in mounts if mount.write]
    yield from _owners(written, caller, usual[1])
    yield usual
    yield from _owners([mount for mount in mounts if not mount.write], caller, usual[1])


def _owners(mounts: Sequence[Mount], caller: Caller, spare: int) -> Iterator[tuple[int, int]]:
    """The owners that the caller may act as, then the caller with the folder's group; never root."""
    for mount in mounts:
        seen = mount.source.stat()
        group = seen.st_gid or spare
        if seen.st_uid and caller.user in (0, seen.st_uid):
            yield seen.st_uid, group
        if caller.user > 0 and group in caller.groups:
            yield caller.user, group


def _kept(limits: SandboxLimits, mounts: Sequence[Mount], kind: EngineKind, caller: Caller) -> str:
    """With Podman's keep-id the sandbox can be the person who runs it, under the same number inside and outside."""
    if not needs_kept_ids(mounts, kind):
        return limits.user
    if kind.owner is None or caller.user != kind.owner:
        raise SandboxUnavailable(
            f"this rootless engine belongs to user {kind.owner}, you are {caller.user}: its sandboxes cannot use your "
            "folders\n  Use an engine of your own."
        )
    group = next((seen.st_gid for mount in mounts if (seen := mount.source.stat()).st_uid == caller.user), caller.user)
    return f"{caller.user}:{group or caller.user}"


def needs_kept_ids(mounts: Sequence[Mount], kind: EngineKind) -> bool:
    """Whether the container's numbers have to be those of the person who runs a rootless Podman."""
    return kind.keeps_ids and any(mount.write or not _open_to_all(mount) for mount in mounts)


def outside(pair: tuple[int, int], kind: EngineKind) -> tuple[int, int]:
    """What a user and a group inside are on this machine; -1 where that is not known, which is nobody."""
    if kind.users == "same":
        return pair
    if kind.first is None:
        return -1, -1
    shift = 1 if kind.users == "rootless" else 0  # 0 is the engine's owner there
    return kind.first[0] + pair[0] - shift, kind.first[1] + pair[1] - shift


def may_use(mount: Mount, user: int, group: int) -> bool:
    """Whether a user of this machine may read (or write) what is mounted, by its mode and its access control list."""
    seen = mount.source.stat()
    wanted = _READ | (_WRITE if mount.write else 0) | (_ENTER if mount.source.is_dir() else 0)
    entries = access_list(mount.source) or _of_mode(seen.st_mode)
    return _allowed(entries, (seen.st_uid, seen.st_gid), (user, group)) & wanted == wanted


Entries = Sequence[tuple[int, int, int]]
"""Kind, permissions and number of each entry of an access control list."""


def access_list(path: Path) -> Entries:
    """The POSIX access control list of a path as Linux stores it; empty where it has none."""
    try:
        raw = os.getxattr(path, "system.posix_acl_access") if sys.platform == "linux" else b""
    except OSError:
        return ()
    if len(raw) < 4 or struct.unpack_from("<I", raw)[0] != _ACL_VERSION:
        return ()
    return [struct.unpack_from("<HHI", raw, at) for at in range(4, len(raw) - 7, 8)]


def _of_mode(mode: int) -> Entries:
    return ((_OWNER, mode >> 6 & 7, 0), (_GROUP_OWNER, mode >> 3 & 7, 0), (_OTHER, mode & 7, 0))


def _allowed(entries: Entries, owner: tuple[int, int], who: tuple[int, int]) -> int:
    """The permissions of a user by the rules of acl(5): of the owner, of a named user, of groups, or of all others."""
    mask = next((bits for kind, bits, _ in entries if kind == _MASK), 7)
    if who[0] == owner[0]:
        return next(bits for kind, bits, _ in entries if kind == _OWNER)
    for kind, bits, number in entries:
        if kind == _USER and number == who[0]:
            return bits & mask
    groups = [
        bits & mask
        for kind, bits, number in entries
        if (kind == _GROUP_OWNER and owner[1] == who[1]) or (kind == _GROUP and number == who[1])
    ]
    return max(groups) if groups else next(bits for kind, bits, _ in entries if kind == _OTHER)


def _open_to_all(mount: Mount) -> bool:
    return may_use(mount, -1, -1)


def _nobody(limits: SandboxLimits, mounts: Sequence[Mount], kind: EngineKind, caller: Caller) -> SandboxUnavailable:
    who = outside(_pair(limits.user), kind)
    mount = next((each for each in mounts if not may_use(each, *who)), mounts[0])
    seen = mount.source.stat()
    verb = "write" if mount.write else "read"
    problem = (
        f"cannot mount {mount.source} at {mount.target}: it belongs to {seen.st_uid}:{seen.st_gid} "
        f"(mode {seen.st_mode & 0o7777:o}), and the sandbox's user could not {verb} it"
    )
    return SandboxUnavailable(f"{problem}\n  {_cure(mount, seen.st_uid, who[0], kind, caller)}")


def _cure(mount: Mount, owner: int, shifted: int, kind: EngineKind, caller: Caller) -> str:
    path = mount.source
    if kind.users != "same" and shifted > 0:
        # Without the second entry by default, new files would be out of reach for their owner outside.
        rights = f"u:{shifted}:{'rwX' if mount.write else 'rX'}"
        default = f" -m d:{rights},d:u:{caller.user}:rwX" if mount.write and path.is_dir() else ""
        return f"Let it in: `setfacl -R -m {rights}{default} {path}` ({shifted} is the sandbox's user outside)."
    if kind.users != "same":
        return "Open it to all others (`chmod -R o+rX`), or use an engine whose users are this machine's."
    if owner == 0:
        return (
            f"No sandbox runs as root: give it to an ordinary user (`chown -R 1000:1000 {path}`), or choose a folder "
            "of one."
        )
    return "Mount folders of one owner only, open them to others (`chmod -R o+rX`), or set `user`."


def _pair(user: str) -> tuple[int, int]:
    number, _, group = user.partition(":")
    return int(number), int(group)
