"""The engine that listens."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import anyio.to_thread

from massgen_audio.failing import failed
from massgen_core.media import Capabilities, Job, MediaInput, MediaOutput, MediaRequest
from massgen_core.workers import Limits, Workers

_LISTEN = "massgen_audio.transcription.transcribing:listen"
_HEAR = "massgen_audio.transcription.transcribing:hear"
_DECODED = 0.1
"""Share of the work that is done when a file is decoded."""


class WhisperEngine:
    """Decodes a file in a process for it alone, and recognises what is said in one that stays."""

    def __init__(
        self, capabilities: Capabilities, workers: Workers, limits: Limits, options: Mapping[str, Any]
    ) -> None:
        self._capabilities = capabilities
        self._workers = workers
        self._limits = limits
        self._options = dict(options)

    @property
    def name(self) -> str:
        """Its name in configs and arguments."""
        return "whisper"

    @property
    def capabilities(self) -> Capabilities:
        """What it can do."""
        return self._capabilities

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Write down what is said in the input of the role ``audio``."""
        file = request.input("audio")
        if file is None:
            raise failed("there is nothing to listen to: give the path of a file with speech")
        heard = await self._decoded(file, request, job)
        for warning in heard["warnings"]:
            job.warn(warning)
        path = job.folder / heard["file"]
        descriptor = await anyio.to_thread.run_sync(lambda: os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
        try:
            done = await self._recognised(descriptor, request, job)
        finally:
            os.close(descriptor)
        for warning in done["warnings"]:
            job.warn(warning)
        return [MediaOutput.of(job.folder, each) for each in done["outputs"]]

    async def _decoded(self, file: MediaInput, request: MediaRequest, job: Job) -> dict[str, Any]:
        options = {**self._options, **request.options, "names": [file.name]}
        return await self._workers.run(
            _LISTEN, options, folder=job.folder, files=[file.descriptor], told=_within(job, 0.0, _DECODED)
        )

    async def _recognised(self, descriptor: int, request: MediaRequest, job: Job) -> dict[str, Any]:
        options = {**self._options, **request.options, "prompt": request.prompt or None, "format": request.format}
        options["words"] = options.pop("timestamps", "segment") == "word"
        return await self._workers.run(
            _HEAR,
            options,
            folder=job.folder,
            files=[descriptor],
            limits=self._limits,
            keep="whisper",
            told=_within(job, _DECODED, 1.0),
        )


def _within(job: Job, low: float, high: float) -> Callable[[float, str | None], Awaitable[None]]:
    """Progress of one of two steps."""

    async def told(done: float, message: str | None) -> None:
        await job.tell(low + (high - low) * done, message)

    return told
