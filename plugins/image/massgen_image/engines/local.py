"""The engines themselves: a request becomes a work function's options, and its facts become outputs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from massgen_core.errors import ToolFailed
from massgen_core.media import Capabilities, Job, MediaOutput, MediaRequest
from massgen_core.workers import Limits, Workers
from massgen_image.config import ImageConfig
from massgen_image.engines import abilities

_FACTS = ("drawn", "unknown", "edits")
"""What goes along with each output."""


@dataclass(frozen=True, slots=True)
class Step:
    """How an operation is done: the work function, its options, its limits, and whether its process stays."""

    function: str
    options: Callable[[MediaRequest], dict[str, Any]]
    limits: Limits | None = None
    keep: str | None = None


class LocalEngine:
    """Does each operation by a work function in a process for it alone."""

    def __init__(self, name: str, capabilities: Capabilities, workers: Workers, steps: Mapping[str, Step]) -> None:
        self._name = name
        self._capabilities = capabilities
        self._workers = workers
        self._steps = steps

    @property
    def name(self) -> str:
        """Its name in configs and arguments."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Do the request."""
        step = self._steps[request.operation]
        done = await self._workers.run(
            step.function,
            step.options(request),
            folder=job.folder,
            files=[each.descriptor for each in request.inputs],
            limits=step.limits,
            keep=step.keep,
            told=job.tell,
        )
        for warning in done["warnings"]:
            job.warn(warning)
        more = {name: done[name] for name in _FACTS if done.get(name)}
        return [MediaOutput.of(job.folder, each | more) for each in done["outputs"]]


def engines(config: ImageConfig) -> dict[str, Callable[[Workers], LocalEngine]]:
    """The engines by name, and how each is built."""
    bounds = {"bounds": config.bounds()}

    def composer(workers: Workers) -> LocalEngine:
        draws = Step("massgen_image.composer.work:draw", drawing_options)
        varies = Step("massgen_image.works.varying:vary", lambda request: drawing_options(request, vary=True) | bounds)
        steps = {abilities.GENERATE: draws, abilities.VARY: varies}
        return LocalEngine("composer", abilities.composer(), workers, steps)

    def darkroom(workers: Workers) -> LocalEngine:
        step = Step("massgen_image.works.darkroom:develop", lambda request: _edit_options(request) | bounds)
        return LocalEngine("darkroom", abilities.darkroom(), workers, {abilities.EDIT: step})

    def reader(workers: Workers) -> LocalEngine:
        limits = Limits(memory=max(config.memory, 3 << 30), processor=24 * 3600, programs=True)
        options = bounds | {"language": config.language}
        step = Step("massgen_image.works.reading:look", lambda request: options | _reading(request), limits, "reading")
        return LocalEngine("reader", abilities.reader(), workers, {abilities.UNDERSTAND: step})

    return {"composer": composer, "darkroom": darkroom, "reader": reader}


def drawing_options(request: MediaRequest, *, vary: bool = False) -> dict[str, Any]:
    """A request as the composer's `draw` takes it.

    Raises:
        ToolFailed: The size or the aspect ratio makes no sense, or both are given.
    """
    asked = dict(request.options)
    size = _size(asked.pop("size", None), asked.pop("aspect_ratio", None))
    options: dict[str, Any] = {**asked, **size, "n": request.count, "format": request.format or "png"}
    if request.prompt or not vary:
        options["prompt"] = request.prompt
    return options | {"seed": request.seed if request.seed is not None else int(vary)}


def _size(size: str | None, aspect_ratio: str | None) -> dict[str, int]:
    if size and aspect_ratio:
        raise ToolFailed("", "give size or aspect_ratio, not both")
    text, mark = (size, "x") if size else (aspect_ratio, ":")
    if not text:
        return {}
    try:
        wide, high = (float(part) for part in text.lower().split(mark))
        if not (0 < wide < 1e5 and 0 < high < 1e5):
            raise ValueError
    except ValueError:
        raise ToolFailed(
            "", f"{text[:20]!r} is no {'size: write 1024x768' if size else 'aspect ratio: write 16:9'}"
        ) from None
    if size:
        return {"width": round(wide), "height": round(high)}
    scale = math.sqrt(1024 * 1024 / (wide * high))
    return {"width": max(16, round(wide * scale / 8) * 8), "height": max(16, round(high * scale / 8) * 8)}


def _edit_options(request: MediaRequest) -> dict[str, Any]:
    return {**request.options, "prompt": request.prompt, "format": request.format}


def _reading(request: MediaRequest) -> dict[str, Any]:
    return {**request.options, "question": request.prompt}
