"""Work functions that draw: SVG into pixels."""

from __future__ import annotations

from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.colour import rgba
from massgen_image.drawing.reading import LARGEST
from massgen_image.drawing.render import rendered
from massgen_image.drawing.sanitise import sanitised
from massgen_image.opening.kept import Kept
from massgen_image.problems import refuse
from massgen_image.works.frame import write_one


def render_svg(work: Work) -> dict[str, Any]:
    """Options: ``svg`` (or the first input), ``width``, ``height``, ``ground`` (a colour below it)."""
    text = work.options.get("svg") or _text(work)
    clean, scale = sanitised(text, width=work.options.get("width"), height=work.options.get("height"))
    work.progress(0.2, "checked")
    image, warnings = rendered(clean.text, (clean.width, clean.height), scale)
    if ground := work.options.get("ground"):
        image = Image.alpha_composite(Image.new("RGBA", image.size, rgba(ground)), image)
    return write_one(work, image, Kept(), clean.left_out + warnings)


def _text(work: Work) -> str:
    if not work.files:
        raise refuse("give the SVG as text in svg, or a file in path")
    data = work.files[0].read(LARGEST + 1)
    if data[:2] == b"\x1f\x8b":
        raise refuse("the file is packed (SVGZ): unpack it first")
    return data.decode("utf-8-sig", "replace")
