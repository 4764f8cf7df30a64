"""Other engines, asked for a part of the work: pictures, speech, transcripts, text in pictures."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxUnavailable, ToolFailed
from massgen_core.media import Job, MediaEngine, MediaOutput, MediaRequest, Selection, select

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


def able(
    engines: Mapping[str, MediaEngine], wanted: Sequence[MediaRequest], config: str | None
) -> tuple[Selection, MediaRequest]:
    """The engine that does the first of some requests that anyone can do: the best way first, the plainest last.

    Trained models that are here go before formulas: their voices are understood, and their pictures seen.

    Raises:
        ToolFailed: Nobody can do any of them.
    """
    models = {name: engine for name, engine in engines.items() if _is_model(engine)}
    for pool in (models, engines) if config is None else (engines,):
        for request in wanted:
            with suppress(ToolFailed):
                return select(pool, request, config=config), request
    return select(engines, wanted[-1], config=config), wanted[-1]


def _is_model(engine: MediaEngine) -> bool:
    capabilities = engine.capabilities
    return not capabilities.network and capabilities.source_type == "trainedAlgorithmicMedia"


def has(engines: Mapping[str, MediaEngine], operation: str) -> bool:
    """Whether any engine that is open does an operation."""
    return any(engine.capabilities.ability(operation) for engine in engines.values())


@contextmanager
def without(job: Job, what: str) -> Generator[None]:
    """Go on without the help of an engine that fails: what is lost is told."""
    try:
        yield
    except (ToolFailed, SandboxUnavailable) as error:
        job.warn(f"{what}: {error}")


async def helped(
    selection: Selection,
    request: MediaRequest,
    job: Job,
    name: str,
    tell: Callable[[Job], Awaitable[None]] | None = None,
) -> MediaOutput:
    """Have an engine do a request for a job, in a folder of its own below the job's.

    Raises:
        ToolFailed: It failed, or has made nothing.
    """
    folder = job.folder / name
    await anyio.Path(folder).mkdir()
    inner = Job(folder, deadline=job.deadline, on_progress=tell)
    outputs = await inner.run(lambda: selection.engine.run(request, inner))
    for warning in (*inner.warnings, *(each for output in outputs or () for each in output.warnings)):
        job.warn(warning)
    if not outputs:
        raise ToolFailed("", f"the engine {selection.engine.name!r} answered {request.operation} without any result")
    return outputs[0]


async def opened(stack: ExitStack, folder: Path, output: MediaOutput) -> int:
    """A file that another engine has made, open; it is no link to anything.

    Raises:
        ToolFailed: It has not made the file that it names.
    """
    if output.file is None:
        raise ToolFailed("", "the engine has made no file")
    place = folder / output.file.name
    try:
        descriptor = await anyio.to_thread.run_sync(lambda: os.open(place, _FLAGS))
    except OSError as error:
        raise ToolFailed("", f"the engine has not written the file that it names: {error.strerror}") from error
    stack.callback(os.close, descriptor)
    return descriptor
