"""Work functions of the daily tools: resize, crop, convert, compose, annotate, contact sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.colour import rgba
from massgen_image.editing.annotate import Mark, annotated
from massgen_image.editing.compose import Layer, composed
from massgen_image.editing.contact_sheet import Sheet, contact_sheet
from massgen_image.editing.crop import cropped, ratio, shaped, trimmed
from massgen_image.editing.resize import resized, wanted_size
from massgen_image.opening.bounds import judge_output
from massgen_image.opening.kept import Kept
from massgen_image.problems import refuse
from massgen_image.works.frame import bounds_of, changed, opened, write_one


def resize(work: Work) -> dict[str, Any]:
    """Options: ``width``, ``height``, ``fit``, ``gravity``, ``enlarge``, and those of `changed`."""
    options = work.options
    bounds = bounds_of(work)
    ground = rgba(options.get("background") or "transparent")

    def change(image: Image.Image) -> Image.Image:
        size = wanted_size(
            whole,
            options.get("width"),
            options.get("height"),
            options.get("fit", "inside"),
            enlarge=options.get("enlarge", True),
        )
        judge_output(*size, bounds)
        return resized(
            image, size, options.get("fit", "inside"), gravity=options.get("gravity", "center"), background=ground
        )

    first = opened(work, 0)
    whole = first.width, first.height
    near = _decoded_near(whole, options)
    return changed(work, change, near=near)


def _decoded_near(size: tuple[int, int], options: Mapping[str, Any]) -> tuple[int, int]:
    """The size that a picture must be decoded at, so that the wanted part of it is large enough."""
    wide, high = options.get("width"), options.get("height")
    scale = max((wide or 0) / size[0], (high or 0) / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def crop(work: Work) -> dict[str, Any]:
    """Options: ``box``; or ``aspect`` with ``gravity``; or ``trim`` with ``tolerance`` and ``margin``."""
    options = work.options
    ways = [way for way in ("box", "aspect", "trim") if options.get(way)]
    if len(ways) != 1:
        raise refuse(f"give one of box, aspect and trim; given: {', '.join(ways) or 'none'}")

    def change(image: Image.Image) -> Image.Image:
        if ways == ["box"]:
            box = options["box"]
            return cropped(image, box["x"], box["y"], box["width"], box["height"])
        if ways == ["aspect"]:
            return shaped(image, ratio(options["aspect"]), options.get("gravity", "center"))
        return trimmed(image, options.get("tolerance", 12), options.get("margin", 0))

    return changed(work, change)


def convert(work: Work) -> dict[str, Any]:
    """Options: those of `changed`; the picture itself stays, but for icons, which are made to fit."""

    def change(image: Image.Image) -> Image.Image:
        if work.options.get("format") == "ico" and max(image.size) > 256:
            image = image.copy()
            image.thumbnail((256, 256), Image.Resampling.LANCZOS)
        return image

    return changed(work, change)


def compose(work: Work) -> dict[str, Any]:
    """Options: ``width``, ``height``, ``ground`` (a colour) or the first input below; ``layers`` with ``input``."""
    options = work.options
    warnings: list[str] = []
    kept = Kept()
    if options.get("width") and options.get("height"):
        judge_output(options["width"], options["height"], bounds_of(work))
        ground = Image.new("RGBA", (options["width"], options["height"]), rgba(options.get("ground") or "transparent"))
    else:
        picture = opened(work, options.get("base", 0))
        ground, kept = picture.first(), picture.kept
    canvas = ground
    for number, raw in enumerate(options["layers"]):
        layer = dict(raw)
        above = opened(work, layer.pop("input"))
        canvas = composed(canvas, [Layer(image=above.first(), **layer)])
        warnings += [note for note in above.notes if note not in warnings]
        work.progress(0.9 * (number + 1) / len(options["layers"]), f"layer {number + 1}")
    return write_one(work, canvas, kept, warnings)


def annotate(work: Work) -> dict[str, Any]:
    """Options: ``marks``, and those of `changed`."""
    marks = [Mark(**mark) for mark in work.options["marks"]]
    said: list[str] = []

    def change(image: Image.Image) -> Image.Image:
        done, warnings = annotated(image, marks)
        said.extend(warning for warning in warnings if warning not in said)
        return done

    facts = changed(work, change)
    facts["warnings"] += said
    return facts


def sheet(work: Work) -> dict[str, Any]:
    """Options: ``labels`` (one for each input), and the fields of `Sheet` in ``sheet``."""
    how = Sheet(**work.options.get("sheet", {}))
    labels = work.options.get("labels") or work.options.get("names") or [""] * len(work.files)
    warnings: list[str] = []

    def pictures() -> Iterator[tuple[Image.Image, str]]:
        for number, label in enumerate(labels):
            picture = opened(work, number, near=(how.cell, how.cell))
            yield picture.first(), label
            warnings.extend(note for note in picture.notes if note not in warnings)
            work.progress(0.9 * (number + 1) / len(labels), label)

    image, said = contact_sheet(pictures(), len(work.files), how)
    return write_one(work, image, Kept(description=how.title), warnings + said)
