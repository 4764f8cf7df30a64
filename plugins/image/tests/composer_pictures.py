"""Pictures for the tests: prompts into pixels, and pixels counted by colour."""

from __future__ import annotations

import io
from collections import Counter

import resvg_py
from massgen_image.composer import compose
from massgen_image.composer.motif import Look, Motif
from massgen_image.composer.pen import Pen
from massgen_image.composer.tones import hue_distance
from PIL import Image

MARGIN = 10


def pixels(prompt: str, seed: int = 0, size: tuple[int, int] = (320, 320), background: str = "scene") -> Image.Image:
    """The picture of a prompt."""
    composed = compose(prompt, width=size[0], height=size[1], seed=seed, background=background)  # pyright: ignore[reportArgumentType]
    return decoded(composed.svg, *size)


def decoded(svg: str, width: int, height: int) -> Image.Image:
    """An SVG as pixels."""
    return Image.open(
        io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, skip_system_fonts=True))
    )


def drawing(motif: Motif, look: Look, scale: int = 1) -> Image.Image:
    """One drawing with a margin around its box."""
    pen = Pen()
    motif.draw(pen, look)
    w, h = round(motif.w + 2 * MARGIN), round(motif.h + 2 * MARGIN)
    view = f"{-MARGIN} {-MARGIN} {w} {h}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{w}" height="{h}">{pen.svg}</svg>'
    return decoded(svg, w * scale, h * scale)


def share(image: Image.Image, colour: str, near: float = 0.09) -> float:
    """The share of a picture's opaque pixels that look like a colour."""
    small = image.convert("RGBA").resize((72, 72), Image.Resampling.NEAREST)
    raw = small.tobytes()
    counts = Counter(raw[i : i + 3] for i in range(0, len(raw), 4) if raw[i + 3] > 128)
    hits = sum(count for pixel, count in counts.items() if hue_distance(f"#{pixel.hex()}", colour) < near)
    return hits / max(1, counts.total())
