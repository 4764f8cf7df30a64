"""The frames of a film made of still pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from PIL import Image

from massgen_video.reading.shaping import Shaper, Size
from massgen_video.storyboard.cards import title
from massgen_video.storyboard.motion import Motion, Moving, scaled
from massgen_video.storyboard.timing import Shot
from massgen_video.storyboard.transitions import Transition, between

_TITLE_FADE = 0.4
"""Seconds in which a title comes and goes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What is seen in a shot: a function that opens its picture when its turn comes, and a title over it."""

    picture: Callable[[], Image.Image]
    title: str = ""
    motion: Motion = "auto"
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How shots follow each other: the way, and the seconds that it takes at most."""

    transition: Transition = "crossfade"
    seconds: float = 0.6


class Stage:
    """Shots and what is seen in them, one frame after the other; no more than two pictures are open at once."""

    def __init__(
        self, shots: Sequence[Shot], settings: Sequence[Setting], size: Size, fps: Fraction, style: Style
    ) -> None:
        self._shots = shots
        self._settings = settings
        self._size = size
        self._fps = float(fps)
        self._style = style
        self._open: dict[int, _Scenery] = {}

    def frames(self, over: Callable[[VideoFrame, float], VideoFrame] | None = None) -> Iterator[VideoFrame]:
        """All frames, ``yuv420p``; ``over`` changes one, given its moment."""
        shaper = Shaper(self._size)
        last: tuple[Image.Image, VideoFrame] | None = None
        for place, shot in enumerate(self._shots):
            for frame in range(shot.first, shot.first + shot.frames):
                image = self._seen(place, frame)
                if last is None or last[0] is not image:
                    last = image, shaper.of(VideoFrame.from_ndarray(np.asarray(image), format="rgb24"))
                yield last[1] if over is None else over(last[1], frame / self._fps)
            self._open.pop(place - 1, None)

    def poster(self, place: int) -> Image.Image:
        """What a shot shows in its middle."""
        shot = self._shots[place]
        return self._scenery(place).at(shot.frames // 2, shot.frames, self._fps)

    def _seen(self, place: int, frame: int) -> Image.Image:
        """A frame of a shot; near its ends also of the shot beside it."""
        shot = self._shots[place]
        own = self._image(place, frame)
        before, after = self._half(place - 1, place), self._half(place, place + 1)
        into, left = frame - shot.first, shot.first + shot.frames - frame
        if into < before:
            return between(self._image(place - 1, frame), own, 0.5 + (into + 0.5) / before / 2, self._style.transition)
        if left <= after:
            share = 0.5 - (left - 0.5) / after / 2
            return between(own, self._image(place + 1, frame), share, self._style.transition)
        return own

    def _image(self, place: int, frame: int) -> Image.Image:
        shot = self._shots[place]
        return self._scenery(place).at(frame - shot.first, shot.frames, self._fps)

    def _scenery(self, place: int) -> _Scenery:
        if place not in self._open:
            self._open[place] = _Scenery(self._settings[place], self._size)
        return self._open[place]

    def _half(self, one: int, other: int) -> int:
        """Frames of a transition on each side of a border; none at the film's ends."""
        if one < 0 or other >= len(self._shots) or self._style.transition == "cut":
            return 0
        most = min(self._shots[one].frames, self._shots[other].frames) // 3
        return min(round(self._style.seconds * self._fps / 2), most)


class _Scenery:
    """The picture of one shot in motion, with its title."""

    def __init__(self, setting: Setting, size: Size) -> None:
        self._moving = Moving(setting.picture(), size, setting.motion, setting.seed)
        self._title = title(setting.title, size) if setting.title else None

    def at(self, frame: int, frames: int, rate: float) -> Image.Image:
        image = self._moving.at(min(1.0, max(0.0, frame / max(1, frames - 1))))
        if self._title is None:
            return image
        light = min(1.0, (frame + 1) / rate / _TITLE_FADE, (frames - frame) / rate / _TITLE_FADE)
        if light <= 0:
            return image
        alpha = self._title.getchannel("A")
        shown = image.copy()
        shown.paste(self._title.convert("RGB"), (0, 0), alpha if light >= 1 else alpha.point(scaled(light)))
        return shown
