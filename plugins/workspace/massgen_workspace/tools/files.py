"""Files and folders as wholes: moved, copied, deleted and had back, made, and looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.place import Place, Spot
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.copying import copy_tree
from massgen_workspace.files.measure import Amount, measure
from massgen_workspace.files.meter import Meter, sized
from massgen_workspace.history.arrange import own_spot
from massgen_workspace.history.plan import Plan
from massgen_workspace.history.stage import Stage
from massgen_workspace.tools.common import Desks, told
from massgen_workspace.tools.facts import facts
from massgen_workspace.tools.progress import meter_of

_MOST = 1000
_GROWN, _MORE = 2, 1000
"""How much larger than it was a tree may be when it is copied: so many times, and so many entries."""

_AnyPath = Annotated[str, Field(min_length=1, description="File, folder or link, from the workspace on or absolute.")]
Overwrite = Annotated[bool, Field(description="What is there goes into the trash first.")]


class Moved(BaseModel):
    """A file, folder or link, and the name that it gets."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[_AnyPath, Role("read"), Role("delete")]
    target: Annotated[str, Role("write"), Field(min_length=1, description="Its whole new path, name included.")]


class Copied(BaseModel):
    """A file, folder or link, and the name of its copy."""

    model_config = ConfigDict(extra="forbid")

    source: Annotated[_AnyPath, Role("read")]
    target: Annotated[str, Role("write"), Field(min_length=1, description="The copy's whole path, name included.")]


def file_tools(desks: Desks) -> Iterator[Tool]:
    """Move, copy, delete, make a folder, look at files."""
    yield _move(desks)
    yield _copy(desks)
    yield _delete(desks)
    yield from _small(desks)


def _move(desks: Desks) -> Tool:
    @tool
    async def move_files(
        items: Annotated[list[Moved], Field(min_length=1, max_length=_MOST)],
        context: ToolContext,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Move or rename files and whole folders, one after the other: all of them, or none.

        Folders on the way are made. What is there already is not replaced, unless told.
        """
        desk = await desks.of(context)
        return await run(partial(_moved, desk, items, overwrite))

    return move_files


def _copy(desks: Desks) -> Tool:
    @tool
    async def copy_files(
        items: Annotated[list[Copied], Field(min_length=1, max_length=_MOST)],
        context: ToolContext,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Copy files and whole folders, also from other folders that may be read: all of them, or none.

        Rights, times, links and attributes stay. What is there already is not replaced, unless told.
        """
        desk = await desks.of(context)
        return await run(partial(_copied, desk, items, overwrite, meter_of(context)))

    return copy_files


def _delete(desks: Desks) -> Tool:
    @tool
    async def delete_files(
        paths: Annotated[list[Annotated[_AnyPath, Role("delete")]], Field(min_length=1, max_length=_MOST)],
        context: ToolContext,
        forever: Annotated[bool, Field(description="Not into the trash: it cannot be had back.")] = False,
    ) -> ToolResult:
        """Delete files and whole folders, all of them or none, into a trash from which they can be had back."""
        desk = await desks.of(context)
        return await run(partial(_deleted, desk, paths, forever, meter_of(context)))

    return delete_files


def _small(desks: Desks) -> Iterator[Tool]:
    @tool
    async def make_folder(
        path: Annotated[str, Role("write"), Field(min_length=1, description="Folder, with those on the way to it.")],
        context: ToolContext,
    ) -> ToolResult:
        """Make a folder; one that is there already is no error."""
        desk = await desks.of(context)

        def make() -> ToolResult:
            entry = desk.change(f"make {path}", path, lambda plan: plan.make_folder(plan.place(path)))
            return told(desk.history(desk.place(path)), entry)

        return await run(make)

    @tool
    async def stat_files(
        paths: Annotated[list[Annotated[_AnyPath, Role("read")]], Field(min_length=1, max_length=_MOST)],
        context: ToolContext,
    ) -> ToolResult:
        """Tell what files and folders are: kind, size, rights, time, version, and whether they may be changed."""
        desk = await desks.of(context)
        found = [await run(partial(facts, desk, path, meter_of(context))) for path in paths]
        data = [each.data for each in found]
        failed = all("problem" in each for each in data)
        text = "\n".join(each.text for each in found)
        return ToolResult(content=(Text(text=text),), structured={"files": data}, is_error=failed)

    yield make_folder
    yield stat_files


def _moved(desk: Desk, items: Sequence[Moved], overwrite: bool) -> ToolResult:
    def decide(plan: Plan) -> None:
        for item in items:
            arrange = plan.arrange
            arrange.move(arrange.place(item.source), arrange.place(item.target), replace=overwrite)

    what = f"move {_named(items[0].source, len(items))}"
    history = desk.history(desk.place(items[0].target))
    return told(history, desk.change(what, items[0].target, decide))


def _copied(desk: Desk, items: Sequence[Copied], overwrite: bool, meter: Meter) -> ToolResult:
    history = desk.history(desk.place(items[0].target))
    with history.stage() as stage:
        made = [(_staged(desk, item, stage, meter), item) for item in items]
        stage.settle()

        def decide(plan: Plan) -> None:
            for spot, item in made:
                plan.arrange.put(spot.name, plan.arrange.place(item.target), replace=overwrite)

        what = f"copy {_named(items[0].source, len(items))}"
        return told(history, desk.change(what, items[0].target, decide))


def _staged(desk: Desk, item: Copied, stage: Stage, meter: Meter) -> Spot:
    """A copy that is ready to be put into place; it belongs to whoever the workspace belongs to."""
    source = desk.place(item.source)
    own = os.fstat(desk.place(item.target).root.folder)
    with own_spot(source) as spot:
        amount = measure(spot, meter=Meter())
        stage.demand_room(item.source, amount.disk)
        meter.allow(entries=_GROWN * amount.entries + _MORE, bytes=stage.room())  # one that grows for ever is given up
        target = stage.spot()
        copy_tree(spot, target, wanted=stage.wanted, meter=meter, owner=(own.st_uid, own.st_gid), text=item.source)
    return target


def _deleted(desk: Desk, paths: Sequence[str], forever: bool, meter: Meter) -> ToolResult:
    history = desk.history(desk.place(paths[0]))
    amounts = {path: _amount(desk.place(path), meter) for path in paths}
    size, most = sum(amount.disk for amount in amounts.values()), int(desk.config.trash_size)
    if size > most and not forever:
        cure = "with `forever` they go at once, and cannot be had back"
        raise ToolFailed("", f"they take {sized(size)}, and the trash holds {sized(most)}; {cure}")
    slots: list[bytes] = []

    def decide(plan: Plan) -> None:
        slots[:] = [plan.arrange.delete(plan.arrange.place(path), amounts[path]) for path in paths]

    entry = desk.change(f"delete {_named(paths[0], len(paths))}", paths[0], decide)
    if forever:
        history.trash.empty([slot.decode() for slot in slots])
    else:
        history.trash.prune(age=desk.config.trash_age, size=most)
    return told(history, entry)


def _amount(place: Place, meter: Meter) -> Amount:
    with own_spot(place) as spot:
        return measure(spot, meter=meter)


def _named(first: str, count: int) -> str:
    return first if count == 1 else f"{first} and {count - 1} more"
