"""One function that opens a picture, hostile or not."""

from __future__ import annotations

import os
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from PIL import ExifTags, Image, ImageOps

from massgen_core.errors import ToolFailed
from massgen_image.opening.bounds import Bounds
from massgen_image.opening.colours import plain
from massgen_image.opening.headers import gif_frames, webp_size
from massgen_image.opening.kept import Kept, kept_from
from massgen_image.opening.kinds import HEAD, KINDS, Kind, kind_of
from massgen_image.problems import refuse

_STANDARD = Bounds()


@dataclass(slots=True, kw_only=True)
class Picture:
    """A picture whose header is sound: its format, its size as shown (turned by its EXIF orientation), its frames.

    ``kept`` are the words about it that go along into what is made of it; ``notes`` says what was lost or assumed.
    """

    kind: Kind
    width: int
    height: int
    frames: int
    mode: str
    kept: Kept
    notes: list[str] = field(default_factory=list[str])
    _source: Image.Image
    _bounds: Bounds

    def first(self) -> Image.Image:
        """The first frame, decoded: eight bits of sRGB in mode ``L``, ``RGB`` or ``RGBA``.

        Raises:
            ToolFailed: The pixels are broken.
        """
        with _guarded(self.kind, self._bounds.pixels):
            self._source.seek(0)
            return self._shown()

    def each(self) -> Iterator[tuple[Image.Image, int]]:
        """Every frame in turn, with the milliseconds it is shown (0 for a still picture).

        Raises:
            ToolFailed: There are too many, or one is broken.
        """
        self._bounds.judge_frames(self.frames, self.width, self.height)
        for number in range(self.frames):
            with _guarded(self.kind, self._bounds.pixels):
                self._source.seek(number)
                shown = self._shown()
                info = cast("dict[str, Any]", self._source.info)
                time = int(info.get("duration") or 0)
            yield shown, time

    @property
    def loops(self) -> int:
        """How often an animation runs; 0 is for ever."""
        return int(cast("dict[str, Any]", self._source.info).get("loop", 0) or 0)

    def _shown(self) -> Image.Image:
        self._bounds.judge_area(*self._source.size)
        self._source.load()
        notes: list[str] = []
        turned = _upright(self._source)
        image = plain(turned, notes)
        self.notes += [note for note in notes if note not in self.notes]
        return image.copy() if image is self._source and self.frames > 1 else image


def open_picture(file: BinaryIO, bounds: Bounds = _STANDARD, *, near: tuple[int, int] | None = None) -> Picture:
    """Judge a picture by its header; nothing is decoded yet.

    ``near`` is the width and height that will be enough: a JPEG is then decoded at a half, a quarter or an eighth.

    Raises:
        ToolFailed: It is empty, no picture, broken or too large; says which.
    """
    size = file.seek(0, os.SEEK_END)
    bounds.judge_size(size)
    file.seek(0)
    head = file.read(HEAD)
    kind = kind_of(head)
    if kind.name == "webp" and (canvas := webp_size(head)):
        bounds.judge_area(*canvas)
    frames = gif_frames(file, bounds.frames) if kind.name == "gif" else 0
    with _guarded(kind, None):  # the size is judged here, with the numbers
        file.seek(0)
        source = Image.open(file, formats=[_PILLOW[kind.name]])
        bounds.judge_area(*source.size)
        return _described(source, kind, frames or _frames(source, kind, bounds), bounds, near)


_PILLOW = {name: name.upper() for name in KINDS}


def _described(source: Image.Image, kind: Kind, frames: int, bounds: Bounds, near: tuple[int, int] | None) -> Picture:
    width, height = source.size
    mode = source.mode
    kept = kept_from(source)
    if _turned(source):
        width, height = height, width
    if near is not None and kind.name == "jpeg":
        _draft(source, near, turned=_turned(source))
    return Picture(
        kind=kind, width=width, height=height, frames=frames, mode=mode, kept=kept, _source=source, _bounds=bounds
    )


def _draft(source: Image.Image, near: tuple[int, int], *, turned: bool) -> None:
    """Have a JPEG decoded smaller, at one and a half times the wanted size at least: no sharpness is lost by that."""
    wide, high = reversed(near) if turned else near
    source.draft(None, (wide * 3 // 2, high * 3 // 2))


def _frames(source: Image.Image, kind: Kind, bounds: Bounds) -> int:
    """How many frames there are, counted to one more than may be."""
    if kind.name != "tiff":
        return int(getattr(source, "n_frames", 1)) if kind.animated else 1
    pages = 1
    while pages <= bounds.frames:
        try:
            source.seek(pages)
        except EOFError:
            break
        pages += 1
    source.seek(0)
    return pages


def _orientation(source: Image.Image) -> int:
    try:
        return int(source.getexif().get(ExifTags.Base.Orientation, 1))
    except (ValueError, TypeError, OSError, SyntaxError, OverflowError, KeyError, IndexError):
        return 1


def _turned(source: Image.Image) -> bool:
    return _orientation(source) in (5, 6, 7, 8)


def _upright(source: Image.Image) -> Image.Image:
    """The picture as a viewer shows it (Exif 3.0, tag 0x0112)."""
    if _orientation(source) not in range(2, 9):
        return source
    return ImageOps.exif_transpose(source)


@contextmanager
def _guarded(kind: Kind, pixels: int | None) -> Generator[None]:
    """Whatever a decoder says about somebody's bytes becomes one sentence."""
    most, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, pixels
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise refuse(f"a part of the picture is larger than {pixels:,} pixels: it was not decoded") from None
    except (ToolFailed, MemoryError):
        raise
    except Exception as error:  # decoders raise what they like
        raise refuse(f"the {kind.name.upper()} picture is broken: {_reason(error)}") from None
    finally:
        Image.MAX_IMAGE_PIXELS = most


def _reason(error: Exception) -> str:
    text = str(error)
    if "truncated" in text or isinstance(error, EOFError):
        return "it ends too early"
    if "cannot identify" in text:
        return "its header makes no sense"
    return text[:200] or type(error).__name__
