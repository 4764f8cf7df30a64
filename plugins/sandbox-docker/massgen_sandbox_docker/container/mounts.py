"""Paths of the host in a container: what the engine is asked for, and whether that is what it gave.

Binds are not recursive: what else is mounted below a path does not show, so that a read-only bind is read-only all
the way down on every engine (before API 1.44, what was mounted below stayed writable).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from massgen_core.errors import SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxSpec
from massgen_core.sandbox.denied import Identity, Place, at_or_below, identity
from massgen_core.sandbox.mounting import check_again
from massgen_core.sandbox.tables import lines_of, mount_points, unescaped
from massgen_sandbox_docker.container.users import needs_kept_ids, user_for
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.kind import EngineKind, kind_of

if TYPE_CHECKING:
    from massgen_sandbox_docker.late.awaited import Awaited

_LABELS = {"shared": "z", "private": "Z"}
_PRIVATE = frozenset({"", "private", "rprivate"})
_NATIVE = frozenset({"", "runc", "crun", "io.containerd.runc.v2"})
"""Runtimes under which a container's root is a folder of this kernel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounting:
    """The mounts of one container on their way: the engine's kind, what each source is on the disk, what comes later.

    ``awaited`` is None where no mount can come later.
    """

    mounts: Sequence[Mount] = ()
    kind: EngineKind = field(default_factory=EngineKind)
    known: Sequence[Identity | None] = ()
    awaited: Awaited | None = None

    def host_config(self) -> dict[str, Any]:
        """What goes into ``HostConfig``."""
        return mount_options(self.mounts, self.kind)

    async def again(self) -> None:
        """Look at the paths once more, last thing before the container is made: a companion may have taken its time.

        Raises:
            SandboxUnavailable: A path leads elsewhere now, or is refused.
        """
        if self.mounts:
            await anyio.to_thread.run_sync(check_again, self.mounts, engines_own(self.kind))

    async def verify(self, shown: Mapping[str, Any]) -> None:
        """Look at a container that was just started.

        Raises:
            SandboxUnavailable: It sees something else than was asked for.
        """
        verify_mounts(shown, self.mounts, self.kind)
        if self.mounts:
            await anyio.to_thread.run_sync(verify_sources, shown, self)
        if self.awaited is not None:
            self.awaited.started(shown)


NOTHING_MOUNTED = Mounting()


async def settle(engine: Engine, spec: SandboxSpec) -> tuple[SandboxSpec, Mounting]:
    """Check a sandbox's paths for this engine, and settle which user it runs as, before anything is made for it.

    Raises:
        SandboxUnavailable: The engine does not see this machine's files, a path is refused, or nobody could use it.
    """
    if not spec.mounts:
        return spec, NOTHING_MOUNTED
    kind = await kind_of(engine)
    user, mounting = await anyio.to_thread.run_sync(_settled, spec, kind)
    return replace(spec, limits=spec.limits.model_copy(update={"user": user})), mounting


def _settled(spec: SandboxSpec, kind: EngineKind) -> tuple[str, Mounting]:
    if kind.files == "elsewhere":
        raise SandboxUnavailable(
            f"cannot mount {spec.mounts[0].source}: the engine does not see this machine's files, since {kind.why}\n"
            "  Use an engine on this machine, or leave `workspace` and `mounts` out."
        )
    check_again(spec.mounts, engines_own(kind))
    user = user_for(spec.limits, spec.mounts, kind)
    known = [identity(mount.source) for mount in spec.mounts]
    return user, Mounting(mounts=spec.mounts, kind=kind, known=known)


def engines_own(kind: EngineKind) -> list[Place]:
    """What an engine keeps on this machine, which no sandbox may see."""
    return [Place(path.resolve(), "belongs to the engine") for path in kind.own]


def mount_options(mounts: Sequence[Mount], kind: EngineKind) -> dict[str, Any]:
    """The part of ``HostConfig`` that mounts paths.

    Raises:
        SandboxUnavailable: A path cannot be written down for this engine without being read as something else.
    """
    labelled = [mount for mount in mounts if mount.selinux is not None and kind.selinux]
    options: dict[str, Any] = {"Mounts": [_entry(mount, kind) for mount in mounts if mount not in labelled]}
    if labelled:
        options["Binds"] = [_bind(mount) for mount in labelled]
    if needs_kept_ids(mounts, kind):
        options["UsernsMode"] = "keep-id"
    return options if mounts else {}


def _entry(mount: Mount, kind: EngineKind) -> dict[str, Any]:
    if kind.product == "Podman" and any(letter in str(mount.source) for letter in ',"'):
        raise _unwritable(mount, "Podman reads commas and quotes in it as further options")
    return {
        "Type": "bind",
        "Source": str(mount.source),
        "Target": mount.target,
        "ReadOnly": not mount.write,
        "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
    }


def _bind(mount: Mount) -> str:
    """The older form, the only one that can name a label; it takes along what is mounted below, so nothing may be."""
    if ":" in str(mount.source):
        raise _unwritable(mount, "with a label for SELinux it must not have a colon in it")
    if below := next(_mounted_below(mount.source), None):
        raise _unwritable(mount, f"with a label for SELinux nothing may be mounted in it, and {below} is")
    access = "rw" if mount.write else "ro"
    return f"{mount.source}:{mount.target}:{access},{_LABELS[mount.selinux or 'private']},rprivate"


def _mounted_below(source: Path) -> Iterator[Path]:
    yield from (point for point in mount_points() if point != source and at_or_below(point.parts, source.parts))


def _unwritable(mount: Mount, why: str) -> SandboxUnavailable:
    return SandboxUnavailable(f"cannot mount {mount.source} at {mount.target}: {why}\n  Choose another path.")


def verify_mounts(shown: Mapping[str, Any], mounts: Sequence[Mount], kind: EngineKind | None = None) -> None:
    """Compare an inspected container's binds with what was asked for: none missing, none besides, none writable.

    Raises:
        SandboxUnavailable: They differ.
    """
    found = {str(each.get("Destination")): each for each in shown.get("Mounts") or () if each.get("Type") == "bind"}
    wanted = {mount.target: mount for mount in mounts}
    if extra := found.keys() - wanted.keys():
        raise _different(f"the engine mounted {found[min(extra)].get('Source')} at {min(extra)}, unasked")
    for target, mount in wanted.items():
        each = found.get(target)
        if each is None:
            raise _different(f"the engine did not mount {mount.source} at {target}")
        if not _same_path(str(each.get("Source")), mount, kind):
            raise _different(f"the engine mounted {each.get('Source')} at {target}, not {mount.source}")
        if bool(each.get("RW")) != mount.write:
            raise _different(f"the engine mounted {target} {'writable' if each.get('RW') else 'read-only'}")
        if str(each.get("Propagation") or "") not in _PRIVATE:
            raise _different(f"the engine shares what is mounted in {target} with the host")


def _same_path(source: str, mount: Mount, kind: EngineKind | None) -> bool:
    """Docker Desktop puts the place where its virtual machine sees the host before a path."""
    if source == str(mount.source):
        return True
    return kind is not None and kind.product == "Docker Desktop" and source == f"/host_mnt{mount.source}"


def verify_sources(shown: Mapping[str, Any], mounting: Mounting) -> None:
    """Look at what is really mounted, whatever its name: on the disk, and in the container where that can be seen.

    A path can lead elsewhere for the moment in which the engine follows it. The kernel's table of the container's
    mounts shows that to anybody, and the container's own root to whoever may look into it.

    Raises:
        SandboxUnavailable: Something else is mounted, or a read-only mount is not.
    """
    if mounting.kind.files != "here":
        return
    runtime, pid = str(shown["HostConfig"].get("Runtime") or ""), int(shown["State"].get("Pid") or 0)
    inside = _table(str(pid)) if pid and runtime in _NATIVE else {}
    here = _table("self")
    for mount, known in zip(mounting.mounts, mounting.known, strict=True):
        if mount.source.is_symlink() or identity(mount.source) != known:
            raise _different(f"{mount.source} was replaced while it was being mounted")
        if inside:
            _verify_seen(pid, mount, known, inside, here)


def verify_late(pid: int, mount: Mount, known: Identity | None) -> None:
    """Look at a folder that was mounted while the container ran; ``pid`` is its first process.

    Raises:
        SandboxUnavailable: Something else is mounted, or a read-only mount is not.
        SandboxExited: It does not run any more.
    """
    inside = _table(str(pid))
    if not inside:
        raise SandboxExited(f"cannot mount {mount.source} at {mount.target}: the sandbox has ended")
    _verify_seen(pid, mount, known, inside, _table("self"))


def _verify_seen(
    pid: int, mount: Mount, known: Identity | None, inside: Mapping[str, _Mounted], here: Mapping[str, _Mounted]
) -> None:
    _verify_inside(mount, inside.get(mount.target), _expected(mount.source, here))
    if identity(Path(f"/proc/{pid}/root{mount.target}")) not in (None, known):
        raise _different(f"{mount.target} shows something else than {mount.source}")


def _verify_inside(mount: Mount, found: _Mounted | None, expected: _Mounted | None) -> None:
    if found is None or not (mount.write or "ro" in found.options):
        raise _different(f"{mount.target} is not mounted in the container as it was asked for")
    if expected is not None and (found.device, found.root) != (expected.device, expected.root):
        raise _different(f"{mount.target} shows something else than {mount.source}")


@dataclass(frozen=True, slots=True)
class _Mounted:
    """A line of the kernel's table of mounts: which disk, which path on it, how."""

    device: str
    root: str
    options: Sequence[str]


def _table(process: str) -> dict[str, _Mounted]:
    """Everything that is mounted for a process, by place; empty where the kernel does not tell us."""
    fields = [line.split(" ", 6) for line in lines_of(f"/proc/{process}/mountinfo")]
    return {unescaped(each[4]): _Mounted(each[2], unescaped(each[3]), each[5].split(",")) for each in fields}


def _expected(source: Path, here: Mapping[str, _Mounted]) -> _Mounted | None:
    """What a bind of a path has to be: the path on its disk, by the mount that it lies in."""
    point = next((each for each in (source, *source.parents) if str(each) in here), None)
    if point is None:
        return None
    around = here[str(point)]
    return replace(around, root=str(Path(around.root) / source.relative_to(point)))


def _different(what: str) -> SandboxUnavailable:
    return SandboxUnavailable(
        f"{what}\n  The sandbox was stopped. See who changes these paths meanwhile, or use another engine."
    )
