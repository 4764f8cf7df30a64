"""Work functions that draw: SVG into pixels."""

from __future__ import annotations

from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.charts.drawing import drawn, summary
from massgen_image.charts.frame import Chart
from massgen_image.charts.table import table_of
from massgen_image.charts.theme import theme_named
from massgen_image.colour import rgba
from massgen_image.diagrams.drawing import drawn as diagram_drawn
from massgen_image.diagrams.drawing import summary as summary_of
from massgen_image.diagrams.parsing import parsed
from massgen_image.drawing.reading import LARGEST
from massgen_image.drawing.render import LARGEST as DRAWING
from massgen_image.drawing.render import rendered
from massgen_image.drawing.sanitise import sanitised
from massgen_image.opening.bounds import judge_output
from massgen_image.opening.kept import Kept
from massgen_image.problems import refuse
from massgen_image.works.frame import preview, write_one
from massgen_image.writing.provenance import ALGORITHMIC, software


def render_svg(work: Work) -> dict[str, Any]:
    """Options: ``svg`` (or the first input), ``width``, ``height``, ``ground`` (a colour below it)."""
    text = work.options.get("svg") or _text(work)
    clean, scale = sanitised(text, width=work.options.get("width"), height=work.options.get("height"))
    work.progress(0.2, "checked")
    image, warnings = rendered(clean.text, (clean.width, clean.height), scale)
    if ground := work.options.get("ground") or clean.ground:
        image = Image.alpha_composite(Image.new("RGBA", image.size, rgba(ground)), image)
    facts = write_one(work, image, Kept(description=clean.title), clean.left_out + warnings)
    if clean.title:
        facts["outputs"][0]["alt"] = clean.title
    return facts


def chart(work: Work) -> dict[str, Any]:
    """Options: ``data`` (or the first input), ``chart`` (the fields of `Chart`), ``theme``, ``colours``, ``ground``."""
    options = work.options
    table = table_of(options["data"] if options.get("data") is not None else _text(work))
    ground = options.get("ground")
    theme = theme_named(options.get("theme", "light"), options.get("colours"), ground)
    wanted = Chart(**options.get("chart", {}), theme=theme)
    judge_output(wanted.width, wanted.height, DRAWING)
    work.progress(0.2, "data read")
    svg = drawn(wanted, table, transparent=ground == "transparent")
    facts = write_drawing(work, svg, (wanted.width, wanted.height), summary(wanted, table))
    return facts | {"series": len(table.series), "rows": len(table.labels)}


def diagram(work: Work) -> dict[str, Any]:
    """Options: ``text`` (or the first input), ``kind``, ``title``, ``theme``, ``colours``, ``ground``, ``scale``."""
    options = work.options
    found = parsed(options.get("text") or _text(work), options.get("kind", "auto"))
    ground = options.get("ground")
    theme = theme_named(options.get("theme", "light"), options.get("colours"), ground)
    title = options.get("title") or ""
    svg, size = diagram_drawn(found, theme, title=title, transparent=ground == "transparent")
    work.progress(0.6, "laid out")
    return write_drawing(work, svg, size, summary_of(found, title))


def write_drawing(work: Work, svg: str, size: tuple[float, float], alt: str) -> dict[str, Any]:
    """Write a drawing of our own, as SVG or as pixels at ``scale``, and describe it in words."""
    if work.options.get("format") == "svg":
        path = work.folder / "image.svg"
        path.write_text(svg.replace(">", f"><desc>{software()}; {ALGORITHMIC}</desc>", 1), encoding="utf-8")
        out = {"file": path.name, "mime_type": "image/svg+xml", "format": "svg", "alt": alt}
        image, warnings = rendered(svg, size)
        out |= {"width": round(size[0]), "height": round(size[1]), "preview": preview(work, image)}
        return {"outputs": [out], "warnings": warnings}
    image, warnings = rendered(svg, size, work.options.get("scale") or 1.0)
    facts = write_one(work, image, Kept(description=alt, source_type=ALGORITHMIC), warnings)
    facts["outputs"][0]["alt"] = alt
    return facts


def _text(work: Work) -> str:
    if not work.files:
        raise refuse("give the content as text, or a file in path")
    data = work.files[0].read(LARGEST + 1)
    if data[:2] == b"\x1f\x8b":
        raise refuse("the file is packed (SVGZ): unpack it first")
    return data.decode("utf-8-sig", "replace")
