"""`massgen-core docker prune`: remove what nobody uses any more: containers without an owner, images without a name.

Images have no owner, so what a build may still need is told by its age alone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiodocker

from massgen_core.config import Settings
from massgen_core.errors import SandboxError
from massgen_sandbox_docker.commands.containers import LEFT_BEHIND, Ours, find
from massgen_sandbox_docker.commands.kill import remove_all
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import docker_config
from massgen_sandbox_docker.commands.units import age_text, rough_size
from massgen_sandbox_docker.commands.work import Ask
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine, connect
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.labels import KIND
from massgen_sandbox_docker.images.naming import UNFINISHED
from massgen_sandbox_docker.state.labels import ROOT

_STEPS = 4
"""Steps of a build, each with `build_timeout` seconds, that an image without a name may outlive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """An image that nobody asked to keep: by its names, or its id where it has none; ``size`` is its own part."""

    id: str
    names: Sequence[str]
    created: float
    size: int | None
    users: int

    @property
    def title(self) -> str:
        """What to call it."""
        return self.names[0] if self.names else self.id.removeprefix("sha256:")[:12]

    def kept_for(self, youngest: float, now: float) -> str | None:
        """Why it is not removed now."""
        if self.users > 0:
            return "a container uses it"
        if now - self.created < youngest:
            return f"{age_text(now - self.created)} old: a build may need it"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What was, or would be, done with one thing."""

    what: str
    name: str
    why: str
    size: int | None
    outcome: str
    freed: bool

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {"what": self.what, "name": self.name, "why": self.why, "bytes": self.size, "outcome": self.outcome}


async def prune(settings: Settings, dry_run: bool, ask: Ask) -> Outcome:
    """Remove containers of dead owners and past their time, and images of ours that have lost their name.

    Raises:
        SandboxUnavailable: No engine.
    """
    config = docker_config(settings)
    async with connect(config) as engine:
        doomed = [each for each in await find(engine, sizes=True) if each.owner in LEFT_BEHIND]
        images = await leftovers(engine)
        youngest, now = oldest_build(config), time.time()
        spare = {each.id: why for each in images if (why := each.kept_for(youngest, now))}
        free = [each for each in images if each.id not in spare]
        if dry_run or not (doomed or free):
            return _outcome(_plan(doomed, images, spare), dry_run)
        if not ask(f"{_listed(doomed, free)}\nRemove them?"):
            return Outcome(ok=True, data={"items": [], "freed_bytes": 0}, text="Nothing was done.")
        failures = await remove_all(engine, doomed)
        for each in free:
            failures |= await _remove_image(engine, each)
    return _outcome(_plan(doomed, images, spare, failures), dry_run)


def oldest_build(config: DockerConfig) -> float:
    """Seconds after which an image without a name belongs to no build that still runs."""
    return _STEPS * config.build_timeout


async def leftovers(engine: Engine) -> Sequence[Leftover]:
    """Images with a label of ours and without a name, and those under the name of a build.

    Raises:
        SandboxError: The engine does not answer.
    """
    labelled = [*await daemon.listed(engine, label=KIND), *await daemon.listed(engine, label=ROOT)]
    unfinished = await daemon.listed(engine, reference=UNFINISHED)
    found = {str(each["Id"]): each for each in unfinished}
    found |= {str(each["Id"]): each for each in labelled if not _names(each) and not _digests(each)}
    counted: Mapping[str, Mapping[str, Any]] = await _counted(engine) if found else {}
    return [_leftover(each, counted.get(key, {})) for key, each in found.items()]


def _names(image: Mapping[str, Any]) -> Sequence[str]:
    return [str(name) for name in image.get("RepoTags") or () if name != "<none>:<none>"]


def _digests(image: Mapping[str, Any]) -> Sequence[str]:
    """What a registry calls it: that is a name as well."""
    return [str(name) for name in image.get("RepoDigests") or () if name != "<none>@<none>"]


def _leftover(image: Mapping[str, Any], more: Mapping[str, Any]) -> Leftover:
    shared = int(more.get("SharedSize", -1))
    return Leftover(
        id=str(image["Id"]),
        names=_names(image),
        created=float(image.get("Created") or 0),
        size=max(0, int(image.get("Size") or 0) - shared) if shared >= 0 else None,
        users=int(more.get("Containers", 0)),
    )


async def _counted(engine: Engine) -> Mapping[str, Mapping[str, Any]]:
    """What the engine counts anew for each image: bytes it shares with others, containers that use it."""
    try:
        usage = await engine.get_json("ask what images use", "/system/df?type=image")
    except SandboxError:
        return {}
    return {str(each["Id"]): each for each in usage.get("Images") or ()}


async def _remove_image(engine: Engine, image: Leftover) -> dict[str, str]:
    """Remove it by its names, or by its id; never by force, so what is in use stays."""
    try:
        for name in image.names or [image.id]:
            async with engine.control(f"remove the image {name}") as docker:
                await _delete(docker, name)
    except SandboxError as error:
        return {image.id: str(error)}
    return {}


async def _delete(docker: aiodocker.Docker, name: str) -> None:
    try:
        await docker.images.delete(name)
    except aiodocker.DockerError as error:
        if error.status != 404:  # somebody else was faster
            raise


def _plan(
    doomed: Sequence[Ours],
    images: Sequence[Leftover],
    spare: Mapping[str, str],
    failures: Mapping[str, str] | None = None,
) -> Sequence[Line]:
    """What is to become of each, or (with ``failures``, by id) what became of it."""
    lines: list[Line] = []
    for each in doomed:
        done, outcome = _became(each.id, failures)
        why = f"its owner is {each.owner}" if each.owner == "dead" else "its time is over"
        name = each.listed.name or each.short
        lines.append(Line(what=each.kind, name=name, why=why, size=each.listed.size, outcome=outcome, freed=done))
    for image in images:
        why = "left by a build" if image.names else "it has lost its name"
        done, outcome = _became(image.id, failures)
        if reason := spare.get(image.id):
            done, outcome = False, f"kept: {reason}"
        lines.append(Line(what="image", name=image.title, why=why, size=image.size, outcome=outcome, freed=done))
    return lines


def _became(key: str, failures: Mapping[str, str] | None) -> tuple[bool, str]:
    if failures is None:
        return True, "would be removed"
    return (False, failures[key]) if key in failures else (True, "removed")


def _outcome(lines: Sequence[Line], dry_run: bool) -> Outcome:
    freed = sum(line.size or 0 for line in lines if line.freed)
    data = {"dry_run": dry_run, "items": [line.data() for line in lines], "freed_bytes": freed}
    if not lines:
        return Outcome(ok=True, data=data, text="There is nothing to remove.")
    rows = [(line.what, line.name, line.why, _size(line.size), line.outcome) for line in lines]
    sheet = Sheet(title="prune", headers=("what", "name", "why", "size", "outcome"), rows=rows)
    failed = any(not line.freed and not line.outcome.startswith("kept: ") for line in lines)
    verb = "would be freed" if dry_run else "freed"
    return Outcome(ok=not failed, data=data, sheets=[sheet], text=f"{_size(freed)} {verb}")


def _size(size: int | None) -> str:
    return "unknown" if size is None else rough_size(size)


def _listed(doomed: Sequence[Ours], free: Sequence[Leftover]) -> str:
    images = [f"image {each.title} ({_size(each.size)})" for each in free]
    return "\n".join(f"  {each}" for each in [*map(str, doomed), *images])
