"""What a picture may ask of the machine."""

from __future__ import annotations

from dataclasses import dataclass

from massgen_image.problems import refuse

LONGEST_SIDE = 32_768
"""Pixels of a side that is written; JPEG ends at 65,535, WebP at 16,383."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Pixels of one picture, pixels of all its frames together, frames, and bytes of the file."""

    pixels: int = 100_000_000
    pixels_in_all: int = 200_000_000
    frames: int = 1_000
    size: int = 256 * 1024 * 1024

    def judge_size(self, size: int) -> None:
        """Raises `ToolFailed` for an empty file and for one with too many bytes."""
        if size == 0:
            raise refuse("the file is empty: it holds no picture")
        if size > self.size:
            raise refuse(f"the file has {size:,} bytes, the limit is {self.size:,}: make it smaller first")

    def judge_area(self, width: int, height: int) -> None:
        """Raises `ToolFailed` for a picture without an area and for one with too many pixels."""
        if width < 1 or height < 1:
            raise refuse(f"the header says {width}x{height} pixels: the file is broken")
        if width * height > self.pixels:
            raise refuse(
                f"{width}x{height} is {width * height:,} pixels, the limit is {self.pixels:,}: "
                "it was not decoded; take a smaller version of the picture"
            )

    def judge_frames(self, frames: int, width: int, height: int) -> None:
        """Raises `ToolFailed` for an animation that is too long to be decoded as a whole."""
        if frames > self.frames:
            raise refuse(f"it has more than {self.frames:,} frames: take its first with frames=first")
        if frames * width * height > self.pixels_in_all:
            raise refuse(
                f"{frames} frames of {width}x{height} are {frames * width * height:,} pixels, "
                f"the limit is {self.pixels_in_all:,}: take its first with frames=first"
            )


def judge_output(width: int, height: int, bounds: Bounds) -> None:
    """Raises `ToolFailed` for a picture that would be too large to make."""
    if width < 1 or height < 1:
        raise refuse(f"a picture of {width}x{height} pixels cannot be made: ask for at least 1x1")
    if max(width, height) > LONGEST_SIDE or width * height > bounds.pixels:
        raise refuse(
            f"a picture of {width}x{height} pixels is too large: "
            f"at most {LONGEST_SIDE:,} a side and {bounds.pixels:,} in all"
        )
