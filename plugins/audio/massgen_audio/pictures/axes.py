"""A frame around a picture: axes with numbers at round places."""

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 40
"""Pixels around what is drawn."""

INK, FAINT, PAPER = (40, 44, 52), (222, 226, 232), (255, 255, 255)
_TICK = 5
_STEPS = (1, 2, 5)


def canvas(width: int, height: int, title: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A white picture with a title, and the pen for it."""
    picture = Image.new("RGB", (width, height), PAPER)
    pen = ImageDraw.Draw(picture)
    pen.text((LEFT, TOP - 10), title, fill=INK, font=font(15), anchor="ls")
    return picture, pen


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font that comes with Pillow, at a size in pixels."""
    return ImageFont.load_default(size)


def round_places(low: float, high: float, about: int) -> list[float]:
    """About so many round numbers from `low` to `high`."""
    span = high - low
    if span <= 0:
        return [low]
    power = 10.0**-12
    while True:
        for step in _STEPS:
            if span / (step * power) <= about:
                first = int(-(-low // (step * power)))
                return [n * step * power for n in range(first, int(high // (step * power)) + 1)]
        power *= 10


def clock(seconds: float, span: float) -> str:
    """A time as it is written at the axis of so many seconds."""
    if span >= 3600:
        return f"{int(seconds // 3600)}:{int(seconds % 3600 // 60):02}:{int(seconds % 60):02}"
    if span >= 120:
        return f"{int(seconds // 60)}:{int(seconds % 60):02}"
    return f"{seconds:g}" if span >= 5 else f"{seconds:.4g}"


def time_places(seconds: float, about: int) -> list[float]:
    """Round times from 0 to so many seconds: steps of seconds, minutes or hours."""
    steps = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)
    for step in (*steps, 3600, 7200, 18_000):
        if seconds / step <= about:
            return [n * step for n in range(int(seconds / step + 1e-9) + 1)]
    return [0.0, seconds]


def time_axis(pen: ImageDraw.ImageDraw, width: int, height: int, seconds: float) -> None:
    """Times below the picture."""
    across = width - LEFT - RIGHT
    for at in time_places(seconds, max(2, across // 80)):
        x = LEFT + round(at / max(seconds, 1e-9) * (across - 1))
        pen.line((x, height - BOTTOM, x, height - BOTTOM + _TICK), fill=INK)
        pen.text((x, height - BOTTOM + _TICK + 3), clock(at, seconds), fill=INK, font=font(12), anchor="mt")
    unit = "h:mm:ss" if seconds >= 3600 else "m:ss" if seconds >= 120 else "seconds"
    pen.text((width - RIGHT, height - 4), unit, fill=INK, font=font(12), anchor="rb")


def level_axis(
    pen: ImageDraw.ImageDraw, top: int, bottom: int, places: Sequence[tuple[float, str]], *, unit: str = ""
) -> None:
    """Texts left of the picture; each place is a share from the bottom (0) to the top (1)."""
    for share, text in places:
        y = bottom - round(share * (bottom - top))
        pen.line((LEFT - _TICK, y, LEFT, y), fill=INK)
        pen.text((LEFT - _TICK - 3, y), text, fill=INK, font=font(12), anchor="rm")
    if unit:
        pen.text((LEFT - 6, top - 8), unit, fill=INK, font=font(12), anchor="rs")
