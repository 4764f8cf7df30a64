"""The one way in which tools make media: choose, check, run as a job, put the files in, tell the agent."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import anyio.to_thread

from massgen_core.errors import ToolFailed
from massgen_core.files import OpenFile, SessionFiles
from massgen_core.files.plain import PlainFiles
from massgen_core.media.artefacts import Artefact, MediaOutput
from massgen_core.media.capabilities import SourceType
from massgen_core.media.engine import MediaEngine, MediaInput, MediaRequest
from massgen_core.media.job import Job
from massgen_core.media.jobs import Jobs, Work
from massgen_core.media.provenance import Provenance
from massgen_core.media.saving import Saving, put, suffix_of
from massgen_core.media.selection import Selection, select
from massgen_core.media.telling import result_of
from massgen_core.result import ToolResult
from massgen_core.tools import Part, Progress, ProviderContext, ToolContext
from massgen_core.workers import Limits, Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a job has made: its artefacts in the workspace, what it said in words, and how it came to it."""

    operation: str
    job: Job
    outputs: Sequence[MediaOutput]
    artefacts: Sequence[Artefact]
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    selection: Selection | None = None
    change: int | None = None
    result: ToolResult = field(default_factory=ToolResult)
    """All of it, for the agent."""


class Studio:
    """Makes media for the tools of one plugin; ``software`` is the name and version that goes into files.

    The provider whose context it is given must list `SessionFiles` and `MediaEngine` in ``uses``. ``engines`` are the
    config's choices: by operation (``image.generate``), or one for all under ``*``.
    """

    def __init__(
        self,
        context: ProviderContext,
        workers: Workers,
        *,
        software: str,
        engines: Mapping[str, str] | None = None,
    ) -> None:
        self.software = software
        self.workers = workers
        self._context = context
        self._choices = dict(engines or {})
        self._plain = PlainFiles()

    @property
    def files(self) -> SessionFiles:
        """The files of the sessions that call."""
        return next(iter(self._context.services(SessionFiles).values()), self._plain)

    @property
    def engines(self) -> Mapping[str, MediaEngine]:
        """The engines that are open."""
        return self._context.services(MediaEngine)

    async def generate(
        self,
        context: ToolContext,
        request: MediaRequest,
        *,
        inputs: Mapping[str, Sequence[str]] | None = None,
        engine: str | None = None,
        saving: Saving | None = None,
    ) -> Made:
        """Have an engine do a request; ``inputs`` are paths of the session's files by role.

        Raises:
            ToolFailed: No engine can do it, or the one that did failed.
        """
        saving = saving or Saving()
        async with self._opened(context, inputs or {}) as opened:
            request = replace(request, inputs=[*request.inputs, *opened], format=request.format or suffix_of(saving))
            config = self._choices.get(request.operation, self._choices.get("*"))
            chosen = select(self.engines, request, argument=engine, config=config)
            async with self.job(context) as job:
                outputs = await job.run(lambda: chosen.engine.run(request, job))
                return await self._made(context, job, request.operation, outputs, saving, request=request, by=chosen)

    async def later(self, context: ToolContext, work: Work) -> ToolResult:
        """Have a job go on after this call: ``work`` is given a context that outlives it; the answer names the job.

        Raises:
            ToolFailed: The session has too many jobs at work.
        """
        return (await Jobs.of(context)).start(context, work).begun()

    async def make(
        self,
        context: ToolContext,
        operation: str,
        function: str,
        options: Mapping[str, Any] | None = None,
        *,
        files: Sequence[str] = (),
        saving: Saving | None = None,
        source_type: SourceType | None = None,
        limits: Limits | None = None,
        keep: str | None = None,
    ) -> Made:
        """Have a work function of this plugin do something with the session's files, given by their paths.

        What the function returns names its files under ``outputs`` (see `MediaOutput.of`); all else are facts.

        Raises:
            ToolFailed: It cannot be done; nothing was written then.
        """
        async with self.job(context) as job:
            with ExitStack() as stack:
                opened = [stack.enter_context(await self.files.open(context, path)) for path in files]

                async def work() -> dict[str, Any]:
                    return await self.work(
                        job, function, {**(options or {}), "names": [each.name for each in opened]},
                        files=[each.descriptor for each in opened], limits=limits, keep=keep,
                    )  # fmt: skip

                done = await job.run(work)
            outputs = [MediaOutput.of(job.folder, each) for each in done.pop("outputs", ())]
            for warning in done.pop("warnings", ()):
                job.warn(warning)
            saving = saving or Saving()
            return await self._made(context, job, operation, outputs, saving, facts=done, source_type=source_type)

    async def work(
        self,
        job: Job,
        function: str,
        options: Mapping[str, Any],
        *,
        files: Sequence[int] = (),
        limits: Limits | None = None,
        keep: str | None = None,
        part: Callable[[Mapping[str, Any]], Part] | None = None,
    ) -> dict[str, Any]:
        """Run a work function for a job, in its folder; ``part`` turns what it hands over early into a part."""

        async def told(done: float, message: str | None) -> None:
            await job.tell(done, message)

        async def early(value: Mapping[str, Any]) -> None:
            if part is not None:
                await job.early(part(value))

        return await self.workers.run(
            function, options, folder=job.folder, files=files, limits=limits, keep=keep, told=told, early=early
        )

    @asynccontextmanager
    async def job(self, context: ToolContext) -> AsyncGenerator[Job]:
        """A job for a call: its progress is the call's, its deadline too, and its folder goes with it."""

        async def tell(job: Job) -> None:
            await context.report(Progress(done=job.progress, total=1.0, message=job.message))

        async with self.workers.folder() as folder:
            yield Job(folder, deadline=context.deadline, on_progress=tell, on_part=context.report)

    @asynccontextmanager
    async def _opened(
        self, context: ToolContext, inputs: Mapping[str, Sequence[str]]
    ) -> AsyncGenerator[list[MediaInput]]:
        wanted = [(role, path) for role, paths in inputs.items() for path in paths]
        with ExitStack() as stack:
            yield [_input(role, stack.enter_context(await self.files.open(context, path))) for role, path in wanted]

    async def _made(
        self,
        context: ToolContext,
        job: Job,
        operation: str,
        outputs: Sequence[MediaOutput],
        saving: Saving,
        *,
        request: MediaRequest | None = None,
        by: Selection | None = None,
        facts: Mapping[str, Any] | None = None,
        source_type: SourceType | None = None,
    ) -> Made:
        if not outputs and request is not None:
            raise ToolFailed("", f"the engine {by.engine.name if by else ''!r} answered without any result")
        provenances = [self._provenance(output, request, by, source_type) for output in outputs]
        artefacts, change = await put(self.files, context, job.folder, outputs, provenances, saving, operation)
        made = Made(
            operation=operation,
            job=job,
            outputs=outputs,
            artefacts=artefacts,
            facts=facts or {},
            selection=by,
            change=change,
        )
        return await anyio.to_thread.run_sync(lambda: replace(made, result=result_of(made)))

    def _provenance(
        self,
        output: MediaOutput,
        request: MediaRequest | None,
        by: Selection | None,
        source_type: SourceType | None,
    ) -> Provenance:
        return Provenance(
            software=self.software,
            engine=by.engine.name if by else None,
            model=output.model or (request.model if request else None),
            prompt=output.prompt or (request.prompt if request else None) or None,
            seed=output.seed if output.seed is not None else (request.seed if request else None),
            source_type=source_type or (by.engine.capabilities.source_type if by else None),
        )


def _input(role: str, file: OpenFile) -> MediaInput:
    return MediaInput(role=role, descriptor=file.descriptor, name=file.name, size=file.size)
