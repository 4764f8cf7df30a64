"""The work function of the composer: a prompt into pictures, in a worker process."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from PIL import Image

from massgen_core.workers import Work
from massgen_image.composer.compose import Composed, compose
from massgen_image.composer.render import labelled, render
from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import kind_named
from massgen_image.problems import refuse
from massgen_image.writing.provenance import ALGORITHMIC, software, xmp
from massgen_image.writing.saving import Saving, save

FORMATS = ("png", "webp", "jpeg", "avif", "svg")
MOST = 16  # pictures of one call
PIXELS = 40_000_000  # of one picture: resvg ends the process where it gets no memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a call wants, as its options say it."""

    prompt: str
    width: int = 1024
    height: int = 1024
    n: int = 1
    seed: int = 0
    format: str = "png"
    quality: int | None = None
    background: Any = "scene"
    palette: Any = "natural"

    def judge(self) -> None:
        """Raises `ToolFailed` where it cannot be done."""
        if not self.prompt.strip():
            raise refuse("there is nothing to draw: say in prompt what is to be seen, for example 'a cat under a tree'")
        if self.format not in FORMATS:
            raise refuse(f"the composer cannot write {self.format}: choose one of {', '.join(FORMATS)}")
        if not 1 <= self.n <= MOST:
            raise refuse(f"n is {self.n}: one call draws 1 to {MOST} pictures")
        if self.width * self.height > PIXELS and self.format != "svg":
            raise refuse(f"{self.width}x{self.height} is more than {PIXELS:,} pixels: make it smaller, or choose svg")
        if self.background == "transparent" and self.format == "jpeg":
            raise refuse("jpeg has no transparency: choose png, webp, avif or svg, or background=scene")


def draw(work: Work) -> dict[str, Any]:
    """Options: the fields of `Asked`. Draws ``n`` pictures with the seeds from ``seed`` on."""
    asked = Asked(**work.options)
    asked.judge()
    outputs: list[dict[str, Any]] = []
    composed: Composed | None = None
    for number in range(asked.n):
        composed = _composed(asked, asked.seed + number)
        name = "image" if asked.n == 1 else f"image-{number + 1}"
        outputs.append(_written(work, asked, composed, name))
        work.progress((number + 1) / asked.n, f"picture {number + 1} of {asked.n}")
    assert composed
    return {
        "outputs": outputs,
        "warnings": _warnings(composed),
        "drawn": composed.drawn,
        "unknown": composed.unknown,
        "place": composed.place,
        "engine": "composer",
        "ai_generated": False,
    }


def _composed(asked: Asked, seed: int) -> Composed:
    try:
        return compose(
            asked.prompt, width=asked.width, height=asked.height, seed=seed,
            background=asked.background, palette=asked.palette,
        )  # fmt: skip
    except ValueError as error:
        raise refuse(str(error)) from None


def _warnings(composed: Composed) -> list[str]:
    found: list[str] = []
    if composed.unknown:
        found.append(f"not drawn, because the composer has no drawing for it: {', '.join(composed.unknown)}")
    if not composed.drawn:
        found.append("no word of the prompt names a thing that the composer can draw: it is only a landscape")
    return found


def _written(work: Work, asked: Asked, composed: Composed, name: str) -> dict[str, Any]:
    """One picture in its format, with who made it and what is in it."""
    kept = Kept(description=composed.alt, source=_printable(asked.prompt)[:4_000], source_type=ALGORITHMIC)
    facts: dict[str, Any] = {
        "width": composed.width,
        "height": composed.height,
        "seed": composed.seed,
        "alt": composed.alt,
    }
    path = work.folder / f"{name}.{asked.format}"
    if asked.format == "svg":
        path.write_text(described_svg(composed.svg, kept), encoding="utf-8")
        return facts | {"file": path.name, "mime_type": "image/svg+xml", "format": "svg"}
    png = render(composed.svg, composed.width, composed.height)
    if asked.format == "png":
        path.write_bytes(labelled(png, kept))
        alpha = asked.background == "transparent"
        return facts | {"file": path.name, "mime_type": "image/png", "format": "png", "frames": 1, "alpha": alpha}
    image = Image.open(io.BytesIO(png))
    image = image if asked.background == "transparent" else image.convert("RGB")
    return save([(image, 0)], path, Saving(kind=kind_named(asked.format), quality=asked.quality), kept) | facts


def _printable(text: str) -> str:
    """Text without what a text chunk cannot hold: control characters and lone surrogates."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")


def described_svg(svg: str, kept: Kept) -> str:
    """An SVG that says in its own metadata what the pixels say in theirs."""
    packet = xmp(kept)
    inner = packet[packet.index("<x:xmpmeta") : packet.rindex("</x:xmpmeta>") + len("</x:xmpmeta>")]
    end = svg.index("</title>") + len("</title>")
    return f"{svg[:end]}<desc>{software()}; {ALGORITHMIC}</desc><metadata>{inner}</metadata>{svg[end:]}"
