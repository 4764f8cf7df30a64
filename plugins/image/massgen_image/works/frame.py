"""What every work function on pictures does: open, change, write, say what came out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from PIL import Image

from massgen_core.errors import ToolFailed
from massgen_core.workers import Work
from massgen_image.colour import rgb
from massgen_image.editing.resize import scaled
from massgen_image.opening import Bounds, Picture, open_picture
from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import kind_named
from massgen_image.problems import refuse
from massgen_image.writing.saving import Saving, flattened, save

SHOWN = ("png", "jpeg", "webp", "gif")
"""What models look at as it is."""
LARGEST_SHOWN, LARGEST_SIDE_SHOWN = 1_000_000, 1_600
"""Bytes, and pixels of a side."""
SHORT_SIDE, LONG_SIDE = 768, 2000
"""Pixels of what a model is shown."""

Change = Callable[[Image.Image], Image.Image]


def changed(work: Work, change: Change, *, near: tuple[int, int] | None = None) -> dict[str, Any]:
    """Open the first input, change every frame, and write the result.

    Options: ``format``, ``quality``, ``background``, ``frames`` (``all`` or ``first``), ``keep_location``, ``name``.
    """
    picture = opened(work, 0, near=near)
    saving = saving_for(work, picture)
    warnings: list[str] = []
    frames = _frames(work, picture, saving, change, warnings)
    facts = write(work, frames, saving, picture.kept, warnings, loops=picture.loops)
    facts["warnings"] = [*picture.notes, *facts["warnings"]]
    return facts | {"input": told(picture)}


def opened(work: Work, number: int, *, near: tuple[int, int] | None = None) -> Picture:
    """One of the inputs; an error says which, where there are several."""
    try:
        return open_picture(work.files[number], bounds_of(work), near=near)
    except ToolFailed as error:
        if len(work.files) == 1:
            raise
        raise refuse(f"picture {number + 1}: {error}") from None


def bounds_of(work: Work) -> Bounds:
    """The limits that the options carry, the standard ones otherwise."""
    return Bounds(**work.options.get("bounds", {}))


def saving_for(work: Work, picture: Picture | None = None) -> Saving:
    """How the options want the output to be written; the input's own format where they do not say."""
    name = work.options.get("format") or (picture.kind.name if picture else "png")
    return Saving(
        kind=kind_named(name),
        quality=work.options.get("quality"),
        background=rgb(work.options.get("background") or "#ffffff"),
    )


def write(
    work: Work,
    frames: Iterator[tuple[Image.Image, int]],
    saving: Saving,
    kept: Kept,
    warnings: list[str],
    *,
    loops: int = 0,
    name: str | None = None,
) -> dict[str, Any]:
    """Write the frames into the folder and describe the file."""
    if not work.options.get("keep_location"):
        if kept.place:
            warnings.append("the place where it was taken (GPS) was removed; keep_location=true keeps it")
        kept = kept.without_place()
    described = work.options.get("description")
    kept = replace(kept, description=described) if described else kept
    path = work.folder / f"{name or work.options.get('name') or 'image'}{saving.kind.suffix}"
    first = next(frames)
    facts = save(chain([first], frames), path, saving, kept, loops=loops)
    facts["bytes"] = path.stat().st_size
    if facts["bytes"] > LARGEST_SHOWN or saving.kind.name not in SHOWN or _large(first[0]):
        facts["preview"] = preview(work, first[0], f"{path.stem}-preview.jpg")
    if saving.kind.name in ("bmp", "ico"):
        warnings.append(f"{saving.kind.name} has no room for metadata")
    work.progress(1.0, "written")
    return {"outputs": [facts], "warnings": warnings}


def write_one(
    work: Work, image: Image.Image, kept: Kept, warnings: list[str], *, name: str | None = None
) -> dict[str, Any]:
    """Write one still picture as the options say."""
    return write(work, iter([(image, 0)]), saving_for(work), kept, warnings, name=name)


def preview(work: Work, image: Image.Image, name: str = "preview.jpg") -> str:
    """Write a small JPEG of a picture for a model's eyes, and return its name."""
    scale = min(1.0, SHORT_SIDE / min(image.size), LONG_SIDE / max(image.size))
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    small = flattened(image, (255, 255, 255)).convert("RGB")
    scaled(small, size).save(work.folder / name, "JPEG", quality=85)
    return name


def _large(image: Image.Image) -> bool:
    return max(image.size) > LARGEST_SIDE_SHOWN


def told(picture: Picture) -> dict[str, Any]:
    """What an input was."""
    return {
        "format": picture.kind.name,
        "width": picture.width,
        "height": picture.height,
        "frames": picture.frames,
    }


def _frames(
    work: Work, picture: Picture, saving: Saving, change: Change, warnings: list[str]
) -> Iterator[tuple[Image.Image, int]]:
    if picture.frames == 1 or work.options.get("frames") == "first" or not saving.kind.animated:
        if picture.frames > 1 and work.options.get("frames") != "first":
            warnings.append(f"only the first of {picture.frames} frames is in it: {saving.kind.name} holds one")
        yield change(picture.first()), 0
        return
    for number, (image, time) in enumerate(picture.each(), 1):
        yield change(image), time
        work.progress(0.9 * number / picture.frames, f"frame {number} of {picture.frames}")
