"""Archives: looked into, unpacked, made."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.errors import refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place, Spot
from massgen_core.result import Text, ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_workspace.archives.create import Format, Packer, format_of, pack, packer
from massgen_workspace.archives.extract import Extractor
from massgen_workspace.archives.model import ArchiveRefused, Budget, Member
from massgen_workspace.archives.names import safe_link, safe_path
from massgen_workspace.archives.reading import open_archive
from massgen_workspace.desk import Desk, run
from massgen_workspace.files.meter import Meter, sized
from massgen_workspace.history.arrange import own_place, own_spot
from massgen_workspace.history.plan import Plan, real_place
from massgen_workspace.history.stage import Stage
from massgen_workspace.tools.common import Desks, told
from massgen_workspace.tools.files import Overwrite
from massgen_workspace.tools.progress import meter_of

Archive = Annotated[
    str, Role("read"), Field(min_length=1, description="A zip, tar, tar.gz, tar.bz2 or tar.xz archive.")
]


def archive_tools(desks: Desks) -> Iterator[Tool]:
    """List, unpack and make archives."""
    yield _list(desks)
    yield _extract(desks)
    yield _create(desks)


def _list(desks: Desks) -> Tool:
    @tool
    async def list_archive(
        path: Archive,
        context: ToolContext,
        limit: Annotated[int, Field(gt=0, le=10_000, description="Entries at most.")] = 500,
    ) -> ToolResult:
        """List what is in an archive, and what of it could not be unpacked."""
        desk = await desks.of(context)
        return await run(partial(_listed, desk, path, limit, meter_of(context)))

    return list_archive


def _extract(desks: Desks) -> Tool:
    @tool
    async def extract_archive(
        path: Archive,
        target: Annotated[str, Role("write"), Field(min_length=1, description="Folder, new or there already.")],
        context: ToolContext,
        overwrite: Overwrite = False,
        same_names: Annotated[
            bool, Field(description="Names that differ in upper and lower case alone are fine.")
        ] = False,
    ) -> ToolResult:
        """Unpack an archive into a folder: all of it, or nothing. What leads out of the folder is refused."""
        desk = await desks.of(context)
        return await run(partial(_extracted, desk, path, target, overwrite, same_names, meter_of(context)))

    return extract_archive


def _create(desks: Desks) -> Tool:
    @tool
    async def create_archive(
        paths: Annotated[
            list[Annotated[str, Role("read")]],
            Field(min_length=1, max_length=1000, description="Files and folders, under these names in the archive."),
        ],
        target: Annotated[str, Role("write"), Field(min_length=1, description="Archive; its ending says the format.")],
        context: ToolContext,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Pack files and whole folders into a new archive: `.zip`, `.tar`, `.tar.gz`, `.tar.bz2` or `.tar.xz`."""
        desk = await desks.of(context)
        format = format_of(target)
        return await run(partial(_created, desk, paths, target, format, overwrite, meter_of(context)))

    return create_archive


def _listed(desk: Desk, path: str, limit: int, meter: Meter) -> ToolResult:
    lines, data, problems = list[str](), list[dict[str, Any]](), list[str]()
    total = size = 0
    with desk.place(path).file() as file, _named(path):
        budget = Budget(meter, size=os.fstat(file).st_size, most=int(desk.config.largest_archive))
        kind, reader = open_archive(file, budget)
        for member, _ in reader.members():
            total, size = total + 1, size + member.size
            problem = _problem(member)
            if problem and len(problems) < limit:
                problems.append(problem)
            if total <= limit:
                data.append(_as_data(member))
                lines.append(_line(member))
    head = f"{kind}: {total} entries, {sized(size)}"
    notes = [f"[and {total - limit} more]"] if total > limit else []
    wrong = [f"It cannot be unpacked: {problems[0]}"] if problems else []
    text = "\n".join([head, *lines, *notes, *wrong])
    structured = {"format": kind, "entries": data, "total": total, "size": size, "problems": problems}
    return ToolResult(content=(Text(text=text),), structured=structured)


def _extracted(desk: Desk, path: str, target: str, overwrite: bool, same_names: bool, meter: Meter) -> ToolResult:
    around = desk.place(target)
    history = desk.history(around)
    with history.stage() as stage:
        spot = stage.spot()
        entries, size = _unpacked(desk, path, spot, stage, same_names, meter, around)
        stage.settle()

        def decide(plan: Plan) -> None:
            into = real_place(around) if around.path.strip(b"./") else Place(around.root, b"", target)
            plan.arrange.merge(spot.name, into, replace=overwrite)

        entry = desk.change(f"extract {path}", target, decide)
    done = told(history, entry)
    note = f"{entries} files and folders unpacked, {sized(size)}"
    text = Text(text=f"{done.text}\n{note}")
    return ToolResult(content=(text,), structured={**done.structured, "entries": entries, "size": size})


def _unpacked(
    desk: Desk, path: str, spot: Spot, stage: Stage, same_names: bool, meter: Meter, around: Place
) -> tuple[int, int]:
    """Everything in an archive, made ready: how many entries, how many bytes."""
    own = os.fstat(around.root.folder)
    with desk.place(path).file() as file, _named(path):
        most = int(desk.config.largest_archive)
        budget = Budget(meter, size=os.fstat(file).st_size, most=most, room=stage.room())
        _, reader = open_archive(file, budget)
        extractor = Extractor(spot, (own.st_uid, own.st_gid), same_names=same_names)
        try:
            extractor.take_all(reader)
        finally:
            extractor.close()
    return extractor.entries, extractor.bytes


def _created(
    desk: Desk, paths: Sequence[str], target: str, format: Format, overwrite: bool, meter: Meter
) -> ToolResult:
    history = desk.history(desk.place(target))
    with history.stage() as stage:
        spot = stage.spot()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        own = os.fstat(desk.place(target).root.folder)
        with os.fdopen(os.open(spot.name, flags, 0o644, dir_fd=spot.folder), "w+b") as file:
            with closing(packer(file, format)) as into:
                for path in paths:
                    _pack_one(desk.place(path), into, stage, meter)
            if os.geteuid() == 0:
                os.fchown(file.fileno(), own.st_uid, own.st_gid)
        stage.settle()

        def decide(plan: Plan) -> None:
            plan.arrange.put(spot.name, plan.arrange.place(target), replace=overwrite)

        entry = desk.change(
            f"pack {paths[0]}{'' if len(paths) == 1 else f' and {len(paths) - 1} more'}", target, decide
        )
        return told(history, entry)


def _pack_one(place: Place, into: Packer, stage: Stage, meter: Meter) -> None:
    try:
        with own_spot(place) as top:
            pack(into, top, _name_in(place), wanted=stage.wanted, meter=meter)
    except OSError as error:
        raise refusal(place.text, error) from error


def _name_in(place: Place) -> bytes:
    """What something is called in an archive: its path; another folder than the workspace itself by its name."""
    if place.path.strip(b"./"):
        return own_place(place).path
    name = os.fsencode(place.root.grant.target.rstrip("/").rpartition("/")[2])
    return b"" if name == b"workspace" else name


@contextmanager
def _named(path: str) -> Generator[None]:
    """Says which archive it is that is refused."""
    try:
        yield
    except ArchiveRefused as error:
        raise ToolFailed("", f"{path}: {error}") from error


def _problem(member: Member) -> str | None:
    try:
        path = safe_path(member.name)
        if member.kind == "link":
            safe_link(member, path)
        elif member.kind == "hard link":
            safe_path(member.target)
    except ArchiveRefused as error:
        return str(error)
    return f"{shown(member.name[:200])} is {member.word}" if member.kind == "other" else None


def _as_data(member: Member) -> dict[str, Any]:
    return {
        "path": shown(member.name),
        "kind": member.kind,
        "size": member.size,
        "mode": f"{member.mode:04o}",
        "target": shown(member.target) if member.kind in ("link", "hard link") else None,
    }


def _line(member: Member) -> str:
    rights = stat.filemode(member.mode)[1:]
    leads = f" -> {shown(member.target)}" if member.kind in ("link", "hard link") else ""
    return f"{rights}  {member.size}  {shown(member.name)}{leads}"
