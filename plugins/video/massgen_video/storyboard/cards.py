"""Words as pictures: a card where a scene has no picture, a title over one that has."""

from __future__ import annotations

import random
from colorsys import hls_to_rgb

from PIL import Image, ImageDraw

from massgen_video.lettering import Font, font_for, wrapped
from massgen_video.reading.shaping import Size
from massgen_video.storyboard.motion import scaled

_LONGEST = 240
_STEPS = 64


def card(text: str, size: Size, seed: int) -> Image.Image:
    """A text in the middle of a quiet ground whose colours come from the seed."""
    image = _ground(size, seed)
    text = text if len(text) <= _LONGEST else text[: _LONGEST - 1].rsplit(" ", 1)[0] + "…"
    lines, font = _fitting(text, size)
    draw = ImageDraw.Draw(image)
    middle = (size.width / 2, size.height / 2)
    step = round(font.size * 0.35)
    draw.multiline_text(middle, "\n".join(lines), font=font, fill="white", anchor="mm", align="center", spacing=step)
    return image


def title(text: str, size: Size) -> Image.Image:
    """A title at the top left, on nothing, over a shade that fades out below."""
    layer = Image.new("RGBA", (size.width, size.height), (0, 0, 0, 0))
    high = round(size.height * 0.34)
    shade = Image.linear_gradient("L").rotate(180).resize((size.width, high)).point(scaled(0.62))
    layer.paste(Image.new("RGBA", (size.width, high), (0, 0, 0, 255)), (0, 0), shade)
    measure = max(16, round(min(size.height * 0.085, size.width * 0.07)))
    font = font_for(text, measure, bold=True)
    lines = wrapped(text, font, round(size.width * 0.86))[:2]
    place = (round(size.width * 0.06), round(size.height * 0.07))
    ImageDraw.Draw(layer).multiline_text(place, "\n".join(lines), font=font, fill="white", spacing=measure // 4)
    return layer


def _fitting(text: str, size: Size) -> tuple[list[str], Font]:
    """The lines of a text, in the largest letters that leave room around it."""
    for share in (0.115, 0.1, 0.085, 0.07, 0.058, 0.048, 0.04):
        font = font_for(text, max(12, round(min(size.height, size.width * 0.75) * share)), bold=True)
        lines = wrapped(text, font, round(size.width * 0.8))
        if len(lines) * font.size * 1.35 <= size.height * 0.62:
            return lines, font
    return lines[:9], font


def _ground(size: Size, seed: int) -> Image.Image:
    hue = random.Random(seed).random()
    top, bottom = (_colour(hue, 0.34, 0.42), _colour((hue + 0.09) % 1, 0.16, 0.5))
    strip = Image.new("RGB", (1, _STEPS))
    for row in range(_STEPS):
        share = row / (_STEPS - 1)
        strip.putpixel((0, row), tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True)))
    return strip.resize((size.width, size.height), Image.Resampling.BICUBIC)


def _colour(hue: float, light: float, strength: float) -> tuple[int, int, int]:
    red, green, blue = hls_to_rgb(hue, light, strength)
    return round(red * 255), round(green * 255), round(blue * 255)
