"""What kind of engine answers, and what that changes for the files of this machine.

An engine sees paths of its own machine, and its numbers of users are its own too where it runs in a user namespace.
So before a path is mounted it has to be known whether both mean the same: judged from what the engine says about
itself, compared with what is found here.
"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import anyio.to_thread

from massgen_core.sandbox import Finding
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.endpoint import Endpoint

Product = Literal["Docker", "Docker Desktop", "Podman"]
Users = Literal["same", "rootless", "remapped"]
Files = Literal["here", "shared", "elsewhere"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineKind:
    """An engine by what matters for files: whose it is, which users and which paths it means.

    ``users``: numbers inside are numbers outside, or are shifted by a user namespace. ``files``: it sees the paths of
    this machine, those that a virtual machine shares, or another machine's. ``owner`` runs it where it is rootless;
    ``first`` is what the lowest shifted numbers of user and group become. ``why`` says how the files were judged.
    """

    product: Product = "Docker"
    users: Users = "same"
    files: Files = "here"
    why: str = ""
    owner: int | None = None
    first: tuple[int, int] | None = None
    selinux: bool = False
    own: Sequence[Path] = field(default=())

    @property
    def keeps_ids(self) -> bool:
        """It can be asked to give a container the numbers of whoever runs it."""
        return self.product == "Podman" and self.users == "rootless"

    def __str__(self) -> str:
        users = {"same": "rootful", "rootless": "rootless", "remapped": "rootful with remapped users"}[self.users]
        files = {"here": "on this machine", "shared": "in a virtual machine", "elsewhere": "on another machine"}
        return f"{self.product}, {users}, {files[self.files]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """This machine, as far as an engine is compared with it."""

    platform: str
    name: str
    kernel: str
    user: int | None
    owner_of: Callable[[str], int | None]
    missing: Callable[[str], bool]
    subordinate: Callable[[int, str], int | None]

    @classmethod
    def now(cls) -> Here:
        """This machine."""
        posix = sys.platform != "win32"
        return cls(
            platform=sys.platform,
            name=socket.gethostname(),
            kernel=os.uname().release if posix else "",
            user=os.geteuid() if posix else None,
            owner_of=_owner,
            missing=_missing,
            subordinate=_subordinate,
        )


async def kind_of(engine: Engine) -> EngineKind:
    """The kind of an engine, asked and looked at."""
    info = await engine.info()
    return await anyio.to_thread.run_sync(judge, engine.endpoint, engine.version, info, Here.now())


def judge(endpoint: Endpoint, version: Mapping[str, Any], info: Mapping[str, Any], here: Here) -> EngineKind:
    """The kind of an engine by its answers; pure but for what ``here`` looks up."""
    product = _product(version, info)
    options = [str(option) for option in info.get("SecurityOptions") or ()]
    files, why = _files(endpoint, product, info, here)
    users = _users(options, product, files, here)
    owner = here.owner_of(endpoint.socket) if endpoint.socket and users == "rootless" else None
    if users == "rootless" and product == "Docker Desktop":
        owner = here.user
    root = str(info.get("DockerRootDir") or "")
    return EngineKind(
        product=product,
        users=users,
        files=files,
        why=why,
        owner=owner,
        first=_first(users, owner, root, here),
        selinux=any(option.startswith("name=selinux") for option in options),
        own=[Path(path) for path in (root, endpoint.socket) if path] if files == "here" else (),
    )


def _product(version: Mapping[str, Any], info: Mapping[str, Any]) -> Product:
    components = cast("list[Mapping[str, Any]]", version.get("Components") or [])
    if any("Podman" in str(each.get("Name")) for each in components):
        return "Podman"
    return "Docker Desktop" if "Docker Desktop" in str(info.get("OperatingSystem")) else "Docker"


def _files(endpoint: Endpoint, product: Product, info: Mapping[str, Any], here: Here) -> tuple[Files, str]:
    """Whose paths the engine means; in doubt another machine's, so that nothing is mounted by mistake."""
    if endpoint.socket is None:
        return "elsewhere", f"it is reached over the network ({endpoint})"
    if product == "Docker Desktop":
        return "shared", "Docker Desktop runs it in a virtual machine that shares folders of this one"
    if here.platform != "linux":
        return "shared", "engines for Linux run in a virtual machine here"
    kernel, name = str(info.get("KernelVersion") or ""), str(info.get("Name") or "")
    if kernel != here.kernel:
        return "elsewhere", f"its kernel is {kernel or 'unknown'}, that of this machine {here.kernel}"
    if name != here.name:
        return "elsewhere", f"it calls its machine {name!r}, this one is {here.name!r} (or a container)"
    root = str(info.get("DockerRootDir") or "")
    if root and here.missing(root):
        return "elsewhere", f"its own folder {root} is not to be found here"
    return "here", "kernel, name and folder of the engine are this machine's"


def _users(options: Sequence[str], product: Product, files: Files, here: Here) -> Users:
    if any(option.startswith("name=rootless") for option in options):
        return "rootless"
    if product == "Docker Desktop" and here.platform == "linux":
        return "rootless"  # root inside is the person outside, all others are subordinate numbers
    return "remapped" if any(option.startswith("name=userns") for option in options) else "same"


def _first(users: Users, owner: int | None, root: str, here: Here) -> tuple[int, int] | None:
    """Where shifted numbers begin; the folder of an engine with remapped users is named after that."""
    if users == "remapped":
        found = re.search(r"/(\d+)\.(\d+)$", root)
        return (int(found[1]), int(found[2])) if found else None
    if users == "same" or owner is None:
        return None
    user, group = here.subordinate(owner, "/etc/subuid"), here.subordinate(owner, "/etc/subgid")
    return (user, group) if user is not None and group is not None else None


def findings(kind: EngineKind, info: Mapping[str, Any]) -> Iterator[Finding]:
    """What the kind of engine changes for servers, in a sentence each."""
    yield _files_finding(kind)
    if kind.users == "rootless":
        yield _limits_finding(info)
    if kind.users != "same" and not kind.keeps_ids:
        detail = (
            "the user of a sandbox is a subordinate one outside: a folder that a sandbox is to write needs an ACL for "
            "it, which the refusal spells out"
        )
        yield Finding(name="users", ok=True, detail=f"{kind}: {detail}")
    if kind.product == "Podman":
        ids = "run with your own user number (`keep-id`)" if kind.keeps_ids else "run as the folder's owner"
        detail = f"sandboxes that write a folder {ids}; paths with commas or quotes are refused"
        yield Finding(name="podman", ok=True, detail=detail)
    if kind.selinux:
        detail = 'SELinux is on: paths need a label, so set `selinux = "private"` (or `"shared"`) beside `source`'
        yield Finding(name="labels of mounts", ok=True, detail=detail)


def _files_finding(kind: EngineKind) -> Finding:
    name = "folders of this machine"
    if kind.files == "elsewhere":
        cure = "Mounts are refused here: use an engine on this machine, or leave `workspace` and `mounts` out."
        return Finding(name=name, ok=False, detail=f"out of the engine's reach: {kind.why}", cure=cure)
    if kind.files == "shared":
        detail = f"{kind.why}; a folder has to be among those it shares, and file access is slower"
        return Finding(name=name, ok=True, detail=detail)
    return Finding(name=name, ok=True, detail=f"can be mounted: {kind.why}")


def _limits_finding(info: Mapping[str, Any]) -> Finding:
    """Without cgroup v2 and delegation a rootless engine enforces no limits at all."""
    held = str(info.get("CgroupVersion")) == "2" and str(info.get("CgroupDriver")) == "systemd"
    cure = "Boot with cgroup v2, and delegate `cpu cpuset io memory pids` to users (systemd: `Delegate=` of user@)."
    detail = "delegated by cgroup v2" if held else "a rootless engine enforces none here"
    return Finding(name="limits of a rootless engine", ok=held, detail=detail, cure=None if held else cure)


def _owner(path: str) -> int | None:
    try:
        return Path(path).stat().st_uid
    except OSError:
        return None


def _missing(path: str) -> bool:
    """Whether something is certainly not there; what may not be looked at may be there."""
    try:
        Path(path).stat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _subordinate(user: int, file: str) -> int | None:
    """The first number that a user may give away, from ``/etc/subuid`` or ``/etc/subgid``."""
    import pwd

    try:
        names = {str(user), pwd.getpwuid(user).pw_name}
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (KeyError, OSError):
        return None
    for name, _, rest in (line.partition(":") for line in lines):
        if name in names and rest.partition(":")[0].isdigit():
            return int(rest.partition(":")[0])
    return None
