"""A plugin with two engines and the tools around them: everything that media plugins have in common, small."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import anyio

from massgen_core import (
    Ability,
    Capabilities,
    Job,
    MediaEngine,
    MediaOutput,
    MediaRequest,
    Option,
    ProviderContext,
    Role,
    Saving,
    Service,
    ServiceProvider,
    SessionFiles,
    Studio,
    Tool,
    ToolContext,
    ToolProvider,
    ToolResult,
    hookimpl,
    tool,
)
from massgen_core.errors import ToolFailed
from massgen_core.workers import Work, Workers

SIZES = Option(choices=("16x16", "32x32"))


class Sketcher:
    """Writes the words of a prompt into a file."""

    def __init__(self, name: str, *, network: bool = False, **options: Option) -> None:
        self.name = name
        ability = Ability(operation="image.generate", formats=("png", "svg"), options=options, most=3, seeded=True)
        self.capabilities = Capabilities(
            label="writes words", abilities=[ability], source_type="algorithmicMedia", network=network
        )

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        if request.prompt == "wait":
            await job.tell(0.25, "waiting")
            await anyio.sleep(60)
        if request.prompt == "lie":
            return [MediaOutput(file=job.folder / "nothing.png", mime_type="image/png")]
        if request.prompt == "nothing":
            return []
        job.warn("it is only words")
        if request.prompt == "with notes":
            await anyio.Path(job.folder / "notes.txt").write_text("notes")
            return [await self._one(request, job, 0), MediaOutput(file=job.folder / "notes.txt")]
        return [await self._one(request, job, number) for number in range(request.count)]

    async def _one(self, request: MediaRequest, job: Job, number: int) -> MediaOutput:
        file = job.folder / f"{number}.{request.format or 'png'}"
        await anyio.Path(file).write_text(f"{self.name}: {request.prompt} {number}")
        return MediaOutput(file=file, mime_type="image/png", width=16, height=16, seed=request.seed, alt="words")


def shout(work: Work) -> dict[str, Any]:
    """A work function."""
    work.progress(0.5, "shouting")
    text = b"".join(file.read() for file in work.files).upper()
    if b"STOP" in text:
        raise ToolFailed("", f"{work.options['names'][0]}: it says stop")
    (work.folder / "out.txt").write_bytes(text)
    return {"outputs": [{"file": "out.txt", "mime_type": "text/plain", "letters": len(text)}], "loud": True}


@asynccontextmanager
async def opened(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
    async with Workers("sketching") as workers:
        studio = Studio(context, workers, software="sketching 1.0", engines={"image.generate": "second"})

        @tool
        async def draw(
            context: ToolContext,
            prompt: str,
            path: Annotated[str | None, Role("write")] = None,
            size: str | None = None,
            count: int = 1,
            seed: int | None = None,
            engine: str | None = None,
            overwrite: bool = False,
            background: bool = False,
        ) -> ToolResult:
            """Draw words."""
            options = {"size": size} if size else {}
            request = MediaRequest(operation="image.generate", prompt=prompt, options=options, count=count, seed=seed)
            saving = Saving(path=path, stem=prompt, folder="pictures", overwrite=overwrite)

            async def work(context: ToolContext) -> ToolResult:
                return (await studio.generate(context, request, engine=engine, saving=saving)).result

            return await (studio.later(context, work) if background else work(context))

        @tool
        async def loudly(context: ToolContext, files: Annotated[list[str], Role("read")]) -> ToolResult:
            """Shout what is in files."""
            saving = Saving(path="loud.txt")
            return (await studio.make(context, "text.shout", "sketching:shout", files=files, saving=saving)).result

        yield [draw, loudly]


@hookimpl
def massgen_media_engines(config: object) -> list[ServiceProvider]:
    return [
        _offer(Sketcher("first", size=SIZES)),
        _offer(Sketcher("second")),
        _offer(Sketcher("away", network=True, size=SIZES, mood=Option(kind="number", minimum=0, maximum=1))),
    ]


@hookimpl
def massgen_providers(config: object) -> list[ToolProvider]:
    return [ToolProvider(name="sketch", open=opened, uses=(MediaEngine, SessionFiles))]


def _offer(engine: Sketcher) -> ServiceProvider:
    @asynccontextmanager
    async def open_engine(context: ProviderContext) -> AsyncGenerator[Sketcher]:
        yield engine

    return ServiceProvider(service=Service(MediaEngine, engine.name), open=open_engine)
