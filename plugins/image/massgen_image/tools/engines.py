"""Tools that go to engines: draw, edit in words, vary, look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from massgen_core.media import MediaRequest
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_image.engines.abilities import EDIT, GENERATE, UNDERSTAND, VARY
from massgen_image.tools.common import Desk, Engine, Output, Overwrite, Source, chosen_format, stem_of

Size = Annotated[str | None, Field(max_length=20, description="Pixels: `1024x768`.")]
Aspect = Annotated[str | None, Field(max_length=20, description="Shape, in place of a size: `16:9`.")]
Count = Annotated[int, Field(ge=1, le=16, description="How many pictures, each with another seed.")]
SeedOf = Annotated[
    int | None,
    Field(ge=0, le=2**31 - 1, description="The same seed gives the same picture, where the engine has seeds."),
]
FormatName = Annotated[
    str | None,
    Field(max_length=10, description="`png`, `webp`, `jpeg`, `avif`, `svg`; where the path does not say it."),
]
References = Annotated[
    list[Annotated[str, Role("read"), Field(min_length=1)]] | None,
    Field(max_length=16, description="Pictures to go by, where the engine takes any."),
]
More = Annotated[
    dict[str, Any] | None,
    Field(description='The engine\'s own options by name, as `media_engines` lists them: {"palette": "night"}.'),
]
Model = Annotated[str | None, Field(description="A model of the engine's.")]


def engine_tools(desk: Desk) -> Iterator[Tool]:
    """Generate, edit, vary, understand."""
    yield _generate(desk)
    yield _edit(desk)
    yield _vary(desk)
    yield _understand(desk)


def _options(**given: Any) -> dict[str, Any]:
    more: Mapping[str, Any] = given.pop("more") or {}
    return {name: value for name, value in given.items() if value is not None} | dict(more)


def _generate(desk: Desk) -> Tool:
    @tool
    async def generate(
        prompt: Annotated[str, Field(min_length=1, max_length=32_000, description="What is to be seen.")],
        context: ToolContext,
        path: Output = None,
        size: Size = None,
        aspect_ratio: Aspect = None,
        count: Count = 1,
        seed: SeedOf = None,
        format: FormatName = None,
        background: Annotated[str | None, Field(description="`transparent`, where the engine can.")] = None,
        quality: Annotated[int | str | None, Field(description="As the engine has it.")] = None,
        references: References = None,
        options: More = None,
        model: Model = None,
        engine: Engine = None,
        overwrite: Overwrite = False,
        later: Annotated[bool, Field(description="Answer at once: `media_job` tells what became of it.")] = False,
    ) -> ToolResult:
        """Make a picture out of words.

        The engine that comes with it draws illustrations of everyday things in one flat style and says which words it
        could not draw; `media_engines` lists what else there is. For charts, diagrams, posters and QR codes there are
        tools of their own; `image_render_svg` draws SVG that you write.
        """
        given = _options(size=size, aspect_ratio=aspect_ratio, background=background, quality=quality, more=options)
        request = MediaRequest(
            operation=GENERATE,
            prompt=prompt,
            options=given,
            format=chosen_format(path, format),
            count=count,
            model=model,
            seed=seed,
        )
        inputs = {"reference": references} if references else None
        saving = desk.saving(path, prompt, overwrite=overwrite)

        async def work(context: ToolContext) -> ToolResult:
            made = await desk.studio.generate(context, request, inputs=inputs, engine=engine, saving=saving)
            return made.result

        return await (desk.studio.later(context, work) if later else work(context))

    return generate


def _edit(desk: Desk) -> Tool:
    @tool
    async def edit(
        source: Source,
        prompt: Annotated[str, Field(min_length=1, max_length=32_000, description="What is to be done.")],
        context: ToolContext,
        path: Output = None,
        mask: Annotated[
            str | None, Role("read"), Field(description="A picture of the same size, white where the edit goes.")
        ] = None,
        references: References = None,
        format: FormatName = None,
        quality: Annotated[int | str | None, Field(description="As the engine has it.")] = None,
        seed: SeedOf = None,
        options: More = None,
        model: Model = None,
        engine: Engine = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Edit a picture as words say.

        The engine that comes with it does what arithmetic can: greyscale, sepia, brighten, darken, contrast, saturate,
        warmer, cooler, blur, sharpen, mirror, rotate, and `remove` where a mask is white. Cutting, sizing, writing on
        pictures and laying them over each other have tools of their own.
        """
        given = _options(quality=quality, more=options)
        request = MediaRequest(
            operation=EDIT,
            prompt=prompt,
            options=given,
            format=chosen_format(path, format),
            model=model,
            seed=seed,
        )
        inputs = {"image": [source]} | ({"mask": [mask]} if mask else {})
        inputs |= {"reference": references} if references else {}
        saving = desk.saving(path, stem_of(source, "edited"), overwrite=overwrite)
        made = await desk.studio.generate(context, request, inputs=inputs, engine=engine, saving=saving)
        return made.result

    return edit


def _vary(desk: Desk) -> Tool:
    @tool
    async def vary(
        source: Source,
        context: ToolContext,
        path: Output = None,
        prompt: Annotated[str, Field(max_length=32_000, description="What it shows, where it does not say so.")] = "",
        count: Count = 4,
        seed: SeedOf = None,
        size: Size = None,
        format: FormatName = None,
        options: More = None,
        model: Model = None,
        engine: Engine = None,
    ) -> ToolResult:
        """Make variations of a picture.

        The engine that comes with it draws the words that one of its own pictures carries anew, with other seeds.
        """
        given = _options(size=size, more=options)
        request = MediaRequest(
            operation=VARY,
            prompt=prompt,
            options=given,
            format=chosen_format(path, format),
            count=count,
            model=model,
            seed=seed,
        )
        saving = desk.saving(path, stem_of(source, "variation"))
        made = await desk.studio.generate(context, request, inputs={"image": [source]}, engine=engine, saving=saving)
        return made.result

    return vary


def _understand(desk: Desk) -> Tool:
    @tool
    async def understand(
        source: Source,
        context: ToolContext,
        question: Annotated[str, Field(max_length=32_000, description="For engines that see.")] = "",
        language: Annotated[str | None, Field(max_length=40, description="Of text in it: `eng`, `deu+eng`.")] = None,
        options: More = None,
        model: Model = None,
        engine: Engine = None,
    ) -> ToolResult:
        """Look at a picture: size, metadata, main colours, QR and bar codes, the text in it, and the picture itself.

        The engine that comes with it does not describe what is seen: a small copy comes along for you to look at.
        """
        given = _options(language=language, more=options)
        request = MediaRequest(operation=UNDERSTAND, prompt=question, options=given, model=model)
        made = await desk.studio.generate(context, request, inputs={"image": [source]}, engine=engine)
        return made.result

    return understand
