"""The session's files for other plugins: every folder that it may read, and a history of what was put in."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from massgen_core.errors import ToolFailed
from massgen_core.files import NewFile, OpenFile, Stored, numbered
from massgen_core.jail.errors import refusal
from massgen_core.jail.place import Place, Spot
from massgen_core.tools import ProviderContext, ToolContext
from massgen_workspace.config import WorkspaceConfig
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.content import Contents
from massgen_workspace.files.meter import Meter
from massgen_workspace.history.plan import Plan
from massgen_workspace.tools.common import Desks

_MODE = 0o666


class WorkspaceFiles:
    """`massgen_core.files.SessionFiles`: under the session's permissions and quota, each change with an undo."""

    def __init__(self, desks: Desks) -> None:
        self._desks = desks

    async def open(self, context: ToolContext, path: str) -> OpenFile:
        """Open a file of any folder that the session may read."""
        desk = await self._desks.of(context)
        return await run(lambda: _opened(desk.place(path)))

    async def put(self, context: ToolContext, files: Sequence[NewFile], what: str) -> Stored:
        """Put finished files in as one change, which can be undone."""
        desk = await self._desks.of(context)
        return await run(lambda: _put(desk, files, what))


@asynccontextmanager
async def serve_files(config: WorkspaceConfig, context: ProviderContext) -> AsyncGenerator[WorkspaceFiles]:
    """The files of one runtime's sessions."""
    yield WorkspaceFiles(Desks(config, context.state_dir))


def _opened(place: Place) -> OpenFile:
    with place.file() as file:
        return OpenFile(descriptor=os.dup(file), path=place.text, size=os.fstat(file).st_size)


def _put(desk: Desk, files: Sequence[NewFile], what: str) -> Stored:
    history = desk.history(desk.place(files[0].path))
    with history.stage() as stage:
        for file in files:
            stage.demand_room(file.path, os.fstat(file.descriptor).st_size)
        owner = os.fstat(desk.place(files[0].path).root.folder)
        made = [_made(file, stage.spot(), owner) for file in files]
        stage.settle()
        paths: list[str] = []
        entry = desk.change(what, files[0].path, _moves(files, made, paths))
    return Stored(paths=paths, change=entry.id)


def _made(file: NewFile, spot: Spot, owner: os.stat_result) -> Spot:
    """A copy beside the workspace, which belongs to whoever that belongs to."""
    try:
        target = os.open(spot.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE, dir_fd=spot.folder)
        try:
            if os.geteuid() == 0:
                os.fchown(target, owner.st_uid, owner.st_gid)
            Contents(Meter()).copy(file.descriptor, target, os.fstat(file.descriptor).st_size, holes=False)
        finally:
            os.close(target)
    except OSError as error:
        raise refusal(file.path, error) from error
    return spot


def _moves(files: Sequence[NewFile], made: Sequence[Spot], paths: list[str]) -> Callable[[Plan], None]:
    def decide(plan: Plan) -> None:
        paths.clear()
        for file, spot in zip(files, made, strict=True):
            target = plan.arrange.place(file.path) if file.overwrite else _free(plan, file.path, paths)
            plan.arrange.put(spot.name, target, replace=file.overwrite)
            paths.append(target.text)

    return decide


def _free(plan: Plan, path: str, taken: Sequence[str]) -> Place:
    """The first place like a path at which nothing is."""
    for each in numbered(path):
        place = plan.arrange.place(each)
        if each not in taken and not plan.arrange.is_there(place):
            return place
    raise ToolFailed("", f"{path}: every name like it is taken; give another one")
