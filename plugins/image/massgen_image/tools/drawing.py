"""Tools that draw: SVG, charts, diagrams, posters, QR codes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.result import ToolResult
from massgen_core.tools import Role, Tool, ToolContext, tool
from massgen_image.tools.common import Colour, Desk, Drawing, FormatOf, Output, Overwrite, Quality, Side

Words = Annotated[str, Field(max_length=300)]
Theme = Annotated[Literal["light", "dark"], Field(description="Dark letters on light ground, or light on dark.")]
Colours = Annotated[
    list[str] | None, Field(max_length=24, description="Colours of series or groups, in place of the theme's.")
]
Ground = Annotated[str | None, Field(max_length=40, description="Colour of the ground, or transparent.")]
Scale = Annotated[float, Field(gt=0, le=8, description="Pixels of the result for each of the drawing: 2 is sharper.")]
File = Annotated[str | None, Role("read"), Field(description="A file with it, in place of the text.")]
_DRAWN = "algorithmicMedia"


def drawing_tools(desk: Desk) -> Iterator[Tool]:
    """Render SVG, chart, diagram, poster, QR."""
    yield _render_svg(desk)
    yield _chart(desk)
    yield _diagram(desk)
    yield _poster(desk)
    yield _qr(desk)


def _one_of(text: Any, file: str | None, what: str) -> list[str]:
    if (text is None) == (file is None):
        raise ToolFailed("", f"give either {what} or file")
    return [file] if file else []


def _render_svg(desk: Desk) -> Tool:
    @tool
    async def render_svg(
        context: ToolContext,
        svg: Annotated[str | None, Field(max_length=12_000_000, description="The SVG itself.")] = None,
        file: File = None,
        path: Output = None,
        width: Annotated[Side, Field(description="Pixels; it keeps its shape.")] = None,
        height: Annotated[Side, Field(description="Pixels; it keeps its shape.")] = None,
        background: Ground = None,
        format: FormatOf = None,
        quality: Quality = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Draw SVG that you write, as a picture: shapes, gradients, patterns, masks, filters, text in Roboto.

        Scripts, links, animation and files from outside are left out, and said; pictures may stand in it as data URIs.
        """
        files = _one_of(svg, file, "svg")
        options = {"svg": svg, "width": width, "height": height, "ground": background}
        options |= {"format": format, "quality": quality}
        saving = desk.saving(path, "drawing", overwrite=overwrite)
        return await desk.make(context, "drawing:render_svg", options, saving, files=files)

    return render_svg


def _chart(desk: Desk) -> Tool:
    @tool
    async def chart(
        context: ToolContext,
        data: Annotated[
            str | dict[str, Any] | list[Any] | None,
            Field(
                description='CSV with a header line, or JSON: {"labels": [..], "series": [{"name": .., "values": '
                '[..]}]}, rows [{"month": "Jan", "sales": 3}], {"name": number}; points are values [[x, y], ..].'
            ),
        ] = None,
        file: File = None,
        path: Output = None,
        kind: Literal["bar", "line", "area", "scatter", "pie", "donut"] = "bar",
        title: Annotated[Words, Field(description="Best a sentence that says what is to be seen.")] = "",
        subtitle: Words = "",
        x_title: Words = "",
        y_title: Words = "",
        note: Annotated[Words, Field(description="The source, at the foot.")] = "",
        unit: Annotated[str, Field(max_length=12, description="Of the numbers: `%`, `€`, `kg`.")] = "",
        stacking: Annotated[
            Literal["none", "stacked", "percent"], Field(description="Series on top of each other, of bar and area.")
        ] = "none",
        horizontal: Annotated[bool | None, Field(description="Lying bars; chosen by the names if unset.")] = None,
        smooth: Annotated[bool, Field(description="Curves in place of straight lines.")] = False,
        labels: Annotated[bool | None, Field(description="Numbers on bars; where there is room if unset.")] = None,
        from_zero: Annotated[bool | None, Field(description="Have the axis of a line chart begin at 0.")] = None,
        theme: Theme = "light",
        colours: Colours = None,
        background: Ground = None,
        width: Annotated[int, Field(ge=240, le=8_000)] = 960,
        height: Annotated[int, Field(ge=180, le=8_000)] = 600,
        scale: Scale = 2.0,
        format: Drawing = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Draw a chart of data: bars, lines, areas, points, pies; dates and numbers in the first column are understood.

        Colours stay apart for colour-blind eyes. As svg it can be edited further.
        """
        files = _one_of(data, file, "data")
        look: dict[str, Any] = {"kind": kind, "title": title, "subtitle": subtitle, "x_title": x_title}
        look |= {"y_title": y_title, "note": note, "unit": unit, "stacking": stacking, "horizontal": horizontal}
        look |= {"smooth": smooth, "labels": labels, "from_zero": from_zero, "width": width, "height": height}
        options = {"data": data, "chart": look, "theme": theme, "colours": colours, "ground": background}
        options |= {"scale": scale, "format": format}
        saving = desk.saving(path, title or f"{kind} chart", overwrite=overwrite)
        return await desk.make(context, "drawing:chart", options, saving, files=files, source_type=_DRAWN)

    return chart


def _diagram(desk: Desk) -> Tool:
    @tool
    async def diagram(
        context: ToolContext,
        text: Annotated[
            str | None,
            Field(
                max_length=100_000,
                description="Flow: `A[Start] --> B{Sure?}`, `B -->|yes| C`, `group Name: A, B`, `direction: right`. "
                "Sequence: `User ->> Server: hello`. Tree: indented lines. Timeline: `1989: The Web is proposed`. "
                "Mermaid's flowchart and sequenceDiagram are understood, and JSON with nodes and edges.",
            ),
        ] = None,
        file: File = None,
        path: Output = None,
        kind: Annotated[
            Literal["auto", "flow", "sequence", "tree", "timeline"], Field(description="Told from the text if auto.")
        ] = "auto",
        title: Words = "",
        theme: Theme = "light",
        colours: Colours = None,
        background: Ground = None,
        scale: Scale = 2.0,
        format: Drawing = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Draw a diagram of a few lines of text: a flow or graph, a sequence, a tree, a timeline."""
        files = _one_of(text, file, "text")
        options = {"text": text, "kind": kind, "title": title, "theme": theme, "colours": colours, "ground": background}
        options |= {"scale": scale, "format": format}
        saving = desk.saving(path, title or "diagram", overwrite=overwrite)
        return await desk.make(context, "drawing:diagram", options, saving, files=files, source_type=_DRAWN)

    return diagram


def _poster(desk: Desk) -> Tool:
    @tool
    async def poster(
        title: Annotated[str, Field(min_length=1, max_length=300)],
        context: ToolContext,
        subtitle: Annotated[str, Field(max_length=500)] = "",
        body: Annotated[str, Field(max_length=4_000)] = "",
        kicker: Annotated[Words, Field(description="A few words above the title: a date, a series.")] = "",
        footer: Annotated[Words, Field(description="A line at the foot: place, time, address.")] = "",
        picture: Annotated[str | None, Role("read"), Field(description="A picture for it.")] = None,
        scene: Annotated[
            str, Field(max_length=4_000, description="Words that the illustration composer draws as its picture.")
        ] = "",
        palette: Literal["paper", "night", "forest", "sea", "sunrise", "mono"] = "paper",
        background: Annotated[
            str | None, Field(max_length=40, description="Colour, in place of the palette's.")
        ] = None,
        ink: Annotated[str | None, Field(max_length=40, description="Colour, in place of the palette's.")] = None,
        accent: Annotated[str | None, Field(max_length=40, description="Colour, in place of the palette's.")] = None,
        width: Annotated[int, Field(ge=240, le=8_000)] = 1080,
        height: Annotated[int, Field(ge=240, le=8_000)] = 1350,
        seed: Annotated[int, Field(ge=0, le=2**31 - 1, description="Another figure, or another scene.")] = 0,
        path: Output = None,
        format: Drawing = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Set words as a poster, flyer or title card: the title as large as it can be, nothing ever overflows."""
        words = {"title": title, "subtitle": subtitle, "body": body, "kicker": kicker, "footer": footer}
        size = {"width": width, "height": height, "seed": seed}
        options: dict[str, Any] = {"poster": words | size, "palette": palette, "ground": background, "ink": ink}
        options |= {"accent": accent, "scene": scene or None, "format": format}
        saving = desk.saving(path, title, overwrite=overwrite)
        files = [picture] if picture else []
        kind = "compositeSynthetic" if picture else _DRAWN
        return await desk.make(context, "posters:poster", options, saving, files=files, source_type=kind)

    return poster


def _qr(desk: Desk) -> Tool:
    @tool
    async def qr(
        text: Annotated[str, Field(min_length=1, max_length=3_000, description="An address or any text.")],
        context: ToolContext,
        path: Output = None,
        level: Annotated[
            Literal["low", "medium", "quartile", "high"], Field(description="How much may be damaged: 7, 15, 25, 30 %.")
        ] = "medium",
        size: Annotated[int, Field(ge=21, le=8_000, description="Pixels of a side, at least.")] = 512,
        border: Annotated[int, Field(ge=0, le=20, description="Light modules around it; readers want 4.")] = 4,
        dark: Colour = "#000000",
        light: Colour = "#ffffff",
        format: Drawing = None,
        overwrite: Overwrite = False,
    ) -> ToolResult:
        """Make a QR code; it is read back before it is handed out."""
        options = {"text": text, "level": level, "size": size, "border": border, "dark": dark, "light": light}
        saving = desk.saving(path, "qr code", overwrite=overwrite)
        return await desk.make(context, "posters:qr", options | {"format": format}, saving, source_type=_DRAWN)

    return qr
