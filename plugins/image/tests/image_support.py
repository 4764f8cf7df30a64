"""Small real pictures of every format, and work done the way a worker does it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from massgen_core.workers import Work

FORMATS = ("png", "jpeg", "webp", "avif", "gif", "tiff", "bmp", "ico")


def scene(width: int = 96, height: int = 64, *, alpha: bool = False) -> Image.Image:
    """A picture with a gradient, a red box at the left and a blue disc at the right."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    pen = ImageDraw.Draw(image)
    pen.rectangle((width // 12, height // 4, width // 3, height * 3 // 4), fill=(220, 30, 30))
    pen.ellipse((width * 6 // 10, height // 4, width * 9 // 10, height * 3 // 4), fill=(20, 60, 220))
    if alpha:
        image.putalpha(Image.radial_gradient("L").resize((width, height)).point(lambda value: 255 - value))
    return image


def encoded(image: Image.Image, format_: str, **settings: Any) -> bytes:
    """A picture's file."""
    out = io.BytesIO()
    image.save(out, format_.upper(), **settings)
    return out.getvalue()


def small(format_: str) -> bytes:
    """A small still picture of a format."""
    image = scene()
    if format_ == "ico":
        return encoded(image.resize((48, 48)), "ico", sizes=[(48, 48), (16, 16)])
    return encoded(image.convert("P") if format_ == "gif" else image, format_)


def moving(format_: str, count: int = 4, size: tuple[int, int] = (40, 30)) -> bytes:
    """A small animation of a format."""
    frames = [Image.new("RGB", size, (60 * number % 256, 40, 200 - 30 * number % 200)) for number in range(count)]
    return encoded(frames[0], format_, save_all=True, append_images=frames[1:], duration=80, loop=0)


def done(
    function: Callable[[Work], Any], files: list[bytes], folder: Path, **options: Any
) -> tuple[dict[str, Any], list[tuple[float, str | None]]]:
    """A work function's facts, and the progress that it told."""
    told: list[tuple[float, str | None]] = []
    folder.mkdir(exist_ok=True)
    work = Work(
        files=[io.BytesIO(file) for file in files],
        folder=folder,
        options=options,
        tell=lambda share, message: told.append((share, message)),
    )
    return function(work), told


def opened(folder: Path, facts: dict[str, Any], number: int = 0) -> Any:
    """An output of a work function, decoded."""
    image = Image.open(io.BytesIO((folder / facts["outputs"][number]["file"]).read_bytes()))
    image.load()
    return image


def pixel(image: Image.Image, x: int, y: int) -> Any:
    """The colour of a pixel."""
    return image.getpixel((x, y))


def near(colour: Any, wanted: Any, by: int = 12) -> bool:
    """Whether a colour is another one, about."""
    return all(abs(a - b) <= by for a, b in zip(colour, wanted, strict=False))
