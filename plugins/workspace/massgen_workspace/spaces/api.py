"""Named workspaces for an async program: the work is done in worker threads, and ends early when it is cancelled."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread

from massgen_core.jail.names import meant
from massgen_core.jail.roots import Grant, Root
from massgen_workspace.spaces.looking import Comparison, compare
from massgen_workspace.spaces.peers import peers
from massgen_workspace.spaces.restoring import Restored, restore
from massgen_workspace.spaces.shelf import Snapshot
from massgen_workspace.spaces.sources import Source
from massgen_workspace.spaces.store import Backend, SpaceInfo, Store
from massgen_workspace.spaces.tracked import Tick

T = TypeVar("T")

Report = Callable[[int], object]
"""Is told, in the event loop, how many files are done."""

PATCH_LINES = 10_000


def spaces_folder() -> Path:
    """Where this user's workspaces are, unless it is configured: not below `~/.local`, which no sandbox may change."""
    return Path.home() / ".massgen" / "spaces"


class Spaces:
    """The named workspaces in one folder of this user; ``backend`` is how new ones are kept.

    ``overlay`` needs root, and makes forks in milliseconds; ``copy`` works everywhere, and shares blocks where the
    file system can. ``auto`` takes the best that works. Wrong names and sources raise `SpaceError`.
    """

    def __init__(self, folder: Path | None = None, *, backend: Backend = "auto") -> None:
        self._folder = folder or spaces_folder()
        self._backend: Backend = backend
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The same for a program without an event loop; every method of it blocks."""
        if self._store is None:
            self._store = Store(self._folder, self._backend)
        return self._store

    async def backends(self) -> Mapping[str, str]:
        """Each way to keep workspaces, and ``works`` or why it does not."""
        return await _run(lambda tick: self.store.backends())

    async def create(self, name: str, source: Source | None = None, *, report: Report | None = None) -> SpaceInfo:
        """Make a workspace: empty, or from a `Folder`, a `Git` repository or an `Archive`."""
        return await _run(lambda tick: self.store.create(name, source, tick=tick), report)

    async def list(self) -> Sequence[SpaceInfo]:
        """All workspaces, by name."""
        return await _run(lambda tick: self.store.list())

    async def fork(
        self, name: str, new: str, *, snapshot: int | str | None = None, report: Report | None = None
    ) -> SpaceInfo:
        """Make a workspace that begins as another one is now, or was; neither sees what the other changes."""
        return await _run(lambda tick: self.store.fork(name, new, snapshot=snapshot, tick=tick), report)

    async def remove(self, name: str) -> None:
        """Remove a workspace and its snapshots; it must not be in use."""
        await _run(lambda tick: self.store.remove(name))

    async def snapshot(
        self, name: str, label: str = "", *, ignored: bool = False, report: Report | None = None
    ) -> Snapshot:
        """Remember a workspace as it is; without what its project ignores, and its `.git`, unless ``ignored``.

        An overlay remembers everything, as that costs nothing.
        """
        return await _run(lambda tick: self.store.space(name).take(label, ignored=ignored, tick=tick), report)

    async def snapshots(self, name: str) -> Sequence[Snapshot]:
        """The snapshots of a workspace, the oldest first."""
        return await _run(lambda tick: self.store.space(name).shelf.all())

    async def diff(
        self, name: str, a: int | str, b: int | str | None = None, *, ignored: bool = False, lines: int = PATCH_LINES
    ) -> Comparison:
        """What differs from one snapshot (by number or label) to another, or to now; with a patch of so many lines."""

        def work(tick: Tick) -> Comparison:
            space = self.store.space(name)
            other = space.shelf.find(b) if b is not None else None
            return compare(space, space.shelf.find(a), other, ignored=ignored, lines=lines)

        return await _run(work)

    async def restore(
        self, name: str, snapshot: int | str, paths: Sequence[str] | None = None, *, report: Report | None = None
    ) -> Restored:
        """Make a workspace, or paths in it, what it was; what was there is kept as a snapshot, so it can be undone."""

        def work(tick: Tick) -> Restored:
            space = self.store.space(name)
            taken = space.shelf.find(snapshot)
            wanted = None if paths is None else [meant(path) for path in paths]
            with space.opened() as folder, Root(Grant(target="/workspace", source=folder, write=True)) as root:
                return restore(space, root, taken, paths=wanted, tick=tick)

        return await _run(work, report)

    async def prune(
        self, name: str | None = None, *, keep: int | None = None, older: float | None = None
    ) -> Mapping[str, Sequence[Snapshot]]:
        """Forget snapshots: all before the last ``keep``, all ``older`` than so many seconds; if both, what is neither.

        Whatever nobody uses any more is removed from the disk, also what a killed program has left.
        """
        return await _run(lambda tick: self.store.prune(name, keep=keep, older=older))

    @asynccontextmanager
    async def open(
        self, name: str, *, peers: Mapping[str, tuple[str, int | str]] | None = None
    ) -> AsyncGenerator[Path]:
        """The folder of a workspace, for `runtime.session(workspace=…)`; it stays as long as somebody uses it.

        ``peers`` are snapshots of other workspaces that its sessions may read, by the names that they have for them:
        ``{"agent1": ("theirs", 3)}`` is seen at `/peers/agent1`.
        """
        async with _held(self.store.opened(name, peers=peers or {})) as folder:
            yield folder

    @asynccontextmanager
    async def peers(self, shown: Mapping[str, tuple[str, int | str]]) -> AsyncGenerator[Sequence[Grant]]:
        """Snapshots as folders to read, by the names that others have for them; they are there until the end."""
        async with _held(peers(self.store, shown)) as grants:
            yield grants


async def _run(work: Callable[[Tick], T], report: Report | None = None) -> T:
    """Do it in a worker thread that is waited for; `tick` ends it when the caller is cancelled."""

    def tick(done: int) -> None:
        if report is not None:
            anyio.from_thread.run_sync(report, done)
        anyio.from_thread.check_cancelled()

    return await anyio.to_thread.run_sync(partial(work, tick))


@asynccontextmanager
async def _held(context: AbstractContextManager[T]) -> AsyncGenerator[T]:
    found = await anyio.to_thread.run_sync(context.__enter__)
    try:
        yield found
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(context.__exit__, None, None, None)
