"""Work functions of posters and QR codes."""

from __future__ import annotations

from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.codes.qr import qr_svg
from massgen_image.codes.reading import codes
from massgen_image.composer import compose
from massgen_image.drawing.render import LARGEST as DRAWING
from massgen_image.drawing.render import rendered
from massgen_image.editing.resize import resized
from massgen_image.opening.bounds import judge_output
from massgen_image.opening.kept import Kept
from massgen_image.posters.drawing import Poster, drawn, palette_of
from massgen_image.problems import refuse
from massgen_image.works.drawing import write_drawing
from massgen_image.works.frame import opened, write_one
from massgen_image.writing.provenance import ALGORITHMIC


def poster(work: Work) -> dict[str, Any]:
    """Options: ``poster`` (words and size), ``palette``, ``ground``, ``ink``, ``accent``, ``scene`` or an input."""
    options = work.options
    colours = palette_of(*(options.get(name) for name in ("palette", "ground", "ink", "accent")))
    wanted = Poster(**options["poster"], palette=colours)
    judge_output(wanted.width, wanted.height, DRAWING)
    pictured = bool(work.files or options.get("scene"))
    if pictured and options.get("format") == "svg":
        raise refuse("a poster with a picture is made of pixels: take png, jpeg or webp")
    found = drawn(wanted, pictured=pictured)
    alt = f"Poster: {' — '.join(part for part in (wanted.title, wanted.subtitle) if part)}"
    if found.picture is None:
        facts = write_drawing(work, found.svg, (wanted.width, wanted.height), alt)
        return facts | {"warnings": [*facts["warnings"], *found.warnings]}
    image, warnings = rendered(found.svg, (wanted.width, wanted.height))
    work.progress(0.5, "words set")
    picture, said = _picture(work, found.picture, wanted.seed)
    ground = Image.new("RGBA", image.size)
    ground.paste(picture, found.picture[:2])
    done = Image.alpha_composite(ground, image)
    facts = write_one(work, done, Kept(description=alt, source_type=ALGORITHMIC), warnings + found.warnings + said)
    facts["outputs"][0]["alt"] = alt
    return facts


def _picture(work: Work, place: tuple[int, int, int, int], seed: int) -> tuple[Image.Image, list[str]]:
    """The picture of a poster: an input, or a scene that the composer draws."""
    size = place[2], place[3]
    if work.files:
        picture = opened(work, 0, near=size)
        return resized(picture.first(), size, "fill").convert("RGBA"), picture.notes
    try:
        scene = compose(work.options["scene"], width=size[0], height=size[1], seed=seed)
    except ValueError as error:
        raise refuse(str(error)) from None
    said = [f"the composer cannot draw: {', '.join(scene.unknown)}"] if scene.unknown else []
    return rendered(scene.svg, size)[0], said


def qr(work: Work) -> dict[str, Any]:
    """Options: ``text``, ``level``, ``border``, ``dark``, ``light``, ``size`` (the least side in pixels)."""
    options = work.options
    svg, modules = qr_svg(
        options["text"],
        level=options.get("level", "medium"),
        border=options.get("border", 4),
        dark=options.get("dark", "#000000"),
        light=options.get("light", "#ffffff"),
    )
    alt = f"QR code: {options['text'][:200]}"
    if options.get("format") == "svg":
        return write_drawing(work, svg, (modules, modules), alt) | {"modules": modules}
    scale = max(1, -(-options.get("size", 512) // modules))
    judge_output(modules * scale, modules * scale, DRAWING)
    image, _ = rendered(svg, (modules, modules), scale)
    facts = write_one(work, image, Kept(description=alt, source_type=ALGORITHMIC), [])
    facts["outputs"][0]["alt"] = alt
    read = [code["text"] for code in codes(image)]
    if read != [options["text"]]:
        facts["warnings"].append("the code was not read back as it was written: choose stronger colours or less text")
    return facts | {"modules": modules, "read_back": read == [options["text"]]}
