"""From the paths that a config names to the mounts of a sandbox, checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from massgen_core.errors import ConfigError, SandboxUnavailable
from massgen_core.sandbox.denied import Place, at_or_below
from massgen_core.sandbox.mounts import WORKSPACE, Mount, MountSettings
from massgen_core.sandbox.paths import Closed, Source, check_source, links_on, real_path
from massgen_core.sandbox.spec import SandboxSpec
from massgen_core.sandbox.targets import check_layout, check_target

OWN_FILES = "holds the settings of this program, by which a sandbox could let itself out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The paths of one sandbox: by target, with the key in the config that each comes from.

    ``folder`` is what relative paths belong to: the config file's own. What the sandbox may change never contains it,
    and is none of the files of ``keep``, nor contains one (the lock, say). ``written`` are the paths, as the config has
    them, that other sandboxes may change, with the keys of those: nothing is mounted from inside. ``secrets`` are
    files that hold secrets, with their keys: no sandbox sees them as they are.
    """

    folder: Path
    paths: Mapping[str, tuple[str, MountSettings]]
    tmpfs: Sequence[str] = ()
    keep: Sequence[Path] = ()
    written: Sequence[tuple[str, str]] = ()
    secrets: Sequence[tuple[str, str]] = ()

    @classmethod
    def of(
        cls,
        workspace: MountSettings | None,
        mounts: Mapping[str, MountSettings],
        *,
        folder: Path,
        key: str,
        tmpfs: Iterable[str] = (),
        keep: Iterable[Path] = (),
        written: Iterable[tuple[str, str]] = (),
        secrets: Iterable[tuple[str, str]] = (),
    ) -> Wanted:
        """The paths of one section of a config, which stands at ``key``.

        Raises:
            ConfigError: The workspace has been given its place twice.
        """
        paths = {target: (f"{key}.mounts.{target}", each) for target, each in mounts.items()}
        if workspace is not None and WORKSPACE in paths:
            raise ConfigError(f"`workspace` is at {WORKSPACE} already", key=paths[WORKSPACE][0], cure="Keep one.")
        if workspace is not None:
            paths = {WORKSPACE: (f"{key}.workspace", workspace), **paths}
        return cls(
            folder=folder,
            paths=paths,
            tmpfs=tuple(tmpfs),
            keep=tuple(keep),
            written=tuple(written),
            secrets=tuple(secrets),
        )


def checked_mounts(wanted: Wanted) -> tuple[Mount, ...]:
    """The mounts, with real paths; looks at the disk, so it blocks.

    Raises:
        ConfigError: A path or its place in the sandbox is refused; the message names its key, why, and the cure.
    """
    if not wanted.paths:
        return ()
    for target, (key, _) in wanted.paths.items():
        check_target(target, key)
    check_layout([(target, key) for target, (key, _) in wanted.paths.items()], wanted.tmpfs)
    closed = Closed.here(_own_files(wanted))
    found = {target: _mount(target, *each, wanted.folder, closed) for target, each in wanted.paths.items()}
    guests = [*_written(wanted), *((mount.source, f"`{target}`") for target, mount in found.items() if mount.write)]
    for target, mount in found.items():
        key, settings = wanted.paths[target]
        check_apart(mount, Source(key=key, text=settings.source, folder=wanted.folder), guests)
    return tuple(found.values())


def check_awaits(spec: SandboxSpec) -> None:
    """Refuse paths for later mounts that are no places for one, or overlap with what a sandbox has from the start.

    Raises:
        ConfigError: A path is no good; the message says why.
    """
    for target in spec.awaits:
        check_target(target, "awaits")
    taken = [(mount.target, f"mounts.{mount.target}") for mount in spec.mounts]
    check_layout([*taken, *((target, "awaits") for target in spec.awaits)], spec.limits.tmpfs)


def check_again(mounts: Sequence[Mount], extra: Iterable[Place] = (), beside: Iterable[Mount] = ()) -> None:
    """Refuse to start with mounts that are not any more what was checked, or never were; it blocks.

    ``extra`` are places that only a backend knows, ``beside`` what the sandbox sees already. This is for the moment
    before a sandbox is made: a link that was put in a path's way since is found, and so is a mount that came from
    elsewhere than a config.

    Raises:
        SandboxUnavailable: A path has changed, or is refused.
    """
    if not mounts:
        return
    closed = Closed.here(extra)
    guests = [(mount.source, f"`{mount.target}`") for mount in (*mounts, *beside) if mount.write]
    for mount in mounts:
        try:
            check_target(mount.target, mount.target)
            real = check_source(_source_of(mount), closed)
            check_apart(mount, _source_of(mount), guests)
        except ConfigError as error:
            raise SandboxUnavailable(f"cannot mount {error}") from error
        if real != mount.source:
            raise SandboxUnavailable(
                f"cannot mount {mount.source} at {mount.target}: it leads to {real} now\n  "
                "Somebody has put a link in its way since it was checked; see who, and start again."
            )


def check_apart(mount: Mount, source: Source, guests: Sequence[tuple[Path, str]]) -> None:
    """Refuse a path that leads through a folder that a sandbox may change: it could put a link in the way.

    ``guests`` are those folders, with a word for whose they are. The folder itself may be mounted once more: what is
    mounted in a sandbox cannot be replaced from there.

    Raises:
        ConfigError: There is such a folder.
    """
    ways = [mount.source, *links_on(source.path())]
    for folder, whose in guests:
        for way in ways:
            if way != folder and at_or_below(way.parts, folder.parts):
                raise ConfigError(
                    f"{source.text!r} leads to {way} in {folder} ({whose}): there a sandbox could put a link",
                    key=source.key,
                    cure=f"Mount {folder} itself, or keep the two folders apart.",
                )


def _written(wanted: Wanted) -> Iterator[tuple[Path, str]]:
    """Where the folders really are that other sandboxes may change; those that are nowhere are their own problem."""
    for text, whose in wanted.written:
        with suppress(ConfigError):
            yield real_path(Source(key=whose, text=text, folder=wanted.folder)), whose


def _mount(target: str, key: str, settings: MountSettings, folder: Path, closed: Closed) -> Mount:
    changed = settings.write or settings.selinux is not None
    real = check_source(Source(key=key, text=settings.source, folder=folder, changed=changed), closed)
    return Mount(source=real, target=target, write=settings.write, selinux=settings.selinux)


def _source_of(mount: Mount) -> Source:
    changed = mount.write or mount.selinux is not None
    return Source(key=mount.target, text=str(mount.source), folder=Path("/"), changed=changed)


def _own_files(wanted: Wanted) -> Iterator[Place]:
    """The folder of the config, and the files that decide what a sandbox may do."""
    yield Place(wanted.folder.resolve(), OWN_FILES, inside=False, write=True)
    for path in wanted.keep:
        yield Place(path.resolve(), OWN_FILES, write=True)
    for text, key in wanted.secrets:
        with suppress(ConfigError, OSError):  # who reads the secret will say what is wrong
            path = Source(key=key, text=text, folder=wanted.folder).path()
            yield Place(path.parent.resolve() / path.name, f"holds a secret (`{key}`)")
            yield Place(path.resolve(), f"holds a secret (`{key}`)")
