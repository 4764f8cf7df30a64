"""A film out of scenes, their pictures and their sounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from fractions import Fraction
from typing import Any, BinaryIO, cast

from av.video.frame import VideoFrame
from PIL import Image

from massgen_core.workers import Work
from massgen_video.bounds import MOST_PIXELS
from massgen_video.cutting.sizes import rate_of, size_of
from massgen_video.lettering import lacking_letters
from massgen_video.problems import refuse
from massgen_video.reading.shaping import Size
from massgen_video.storyboard.cards import card
from massgen_video.storyboard.hearing import length_of, said, with_music
from massgen_video.storyboard.scenery import Setting, Stage, Style
from massgen_video.storyboard.timing import Shot, shots_of
from massgen_video.subtitles.burning import burned
from massgen_video.subtitles.cues import Cue, spoken, to_srt
from massgen_video.understanding.sheet import laid_out, saved
from massgen_video.works.frame import counted, film_facts
from massgen_video.writing.animation import MIME_TYPES, Kind, write_gif, write_webp
from massgen_video.writing.film import Shape, write
from massgen_video.writing.formats import format_named
from massgen_video.writing.provenance import made_by

_PICTURES = ("PNG", "JPEG", "WEBP", "GIF", "AVIF", "BMP", "TIFF")
_MOST_SHOWN = 12
_SILENCE = 2.2
"""Words that are said in a second, where nobody says them and they are read."""


def film(work: Work) -> dict[str, Any]:
    """A film out of scenes; each may name a picture and a sound among the files.

    Options: scenes (prompt, narration, title, seconds, picture, sound: places among the files), music (a place),
    music_volume, size, fps, duration, motion, transition, transition_seconds, subtitles (``none``, ``soft``,
    ``burned``, ``sidecar``), language, seed, format, quality, title, description, what (made it).
    """
    options = work.options
    maker = _Maker(work, size_of(options["size"], 16, 9), rate_of(options["fps"], Fraction(24)))
    stage = maker.stage()
    outputs = [maker.animation(stage) if options["format"] in MIME_TYPES else maker.film(stage)]
    outputs[0] |= {"preview": maker.sheet(stage), "alt": maker.alt(), "scenes": maker.told()}
    if maker.cues and options.get("subtitles") != "none":
        (work.folder / "film.srt").write_text(to_srt(maker.cues), "utf-8")
        outputs.append({"file": "film.srt", "mime_type": "application/x-subrip", "cues": len(maker.cues)})
    return {"outputs": outputs, "warnings": maker.notes}


class _Maker:
    """One film on its way."""

    def __init__(self, work: Work, size: Size, fps: Fraction) -> None:
        self.work = work
        self.size = size
        self.fps = fps
        self.scenes: list[dict[str, Any]] = work.options["scenes"]
        self.seed = int(work.options.get("seed") or 0)
        lengths = [self._length(scene) for scene in self.scenes]
        asked = [scene.get("seconds") for scene in self.scenes]
        self.shots, self.notes = shots_of(asked, lengths, work.options.get("duration"), fps)
        self.cues = [cue for shot, scene in zip(self.shots, self.scenes, strict=True) for cue in _cues(shot, scene)]
        if lacking := lacking_letters("".join(map(_words, self.scenes))):
            self.notes.append(f"no font here has these letters: {' '.join(lacking[:12])}")

    @property
    def seconds(self) -> float:
        return self.shots[-1].end

    def stage(self) -> Stage:
        """What is seen."""
        options = self.work.options
        settings = [
            Setting(
                picture=self._picture(number, scene),
                title=(scene.get("title") or "") if scene.get("picture") is not None else "",
                motion=scene.get("motion") or options.get("motion") or "auto",
                seed=self.seed * 1000 + number,
            )
            for number, scene in enumerate(self.scenes)
        ]
        style = Style(
            transition=options.get("transition") or "crossfade", seconds=float(options.get("transition_seconds") or 0.6)
        )
        return Stage(self.shots, settings, self.size, self.fps, style)

    def film(self, stage: Stage) -> dict[str, Any]:
        """Write it, with its sound."""
        options = self.work.options
        subtitles = options.get("subtitles") or "soft"
        heard = any(scene.get("sound") is not None for scene in self.scenes) or options.get("music") is not None
        shape = Shape(
            format=format_named(options["format"]), size=self.size, fps=self.fps, sound=heard,
            quality=options.get("quality") or "standard", cues=self.cues if subtitles == "soft" else (),
            language=options.get("language"), tags=self._tags(),
        )  # fmt: skip
        file = f"film.{shape.format.name}"
        tell = counted(self.work, self.seconds * float(self.fps), "filming")
        with ExitStack() as stack:
            blocks = self._sound(stack) if heard else ()
            over = burned(self.cues, self.size) if subtitles == "burned" else None
            made = write(self.work.folder / file, shape, [(stage.frames(over), blocks)], tell)
        return film_facts(made, shape, file, seed=self.seed)

    def animation(self, stage: Stage) -> dict[str, Any]:
        """Write it as an animation, without sound."""
        options = self.work.options
        kind = cast("Kind", options["format"])
        over = burned(self.cues, self.size) if options.get("subtitles") == "burned" else None
        tell = counted(self.work, self.seconds * float(self.fps) * (2 if kind == "gif" else 1), "animating")
        done = 0

        def frames() -> Iterator[VideoFrame]:
            nonlocal done
            for frame in stage.frames(over):
                done += 1
                tell(done)
                yield frame

        path = self.work.folder / f"film.{kind}"
        count = (write_gif if kind == "gif" else write_webp)(path, frames, self.fps)
        facts: dict[str, Any] = {"file": path.name, "mime_type": MIME_TYPES[kind], "seed": self.seed}
        facts |= {"width": self.size.width, "height": self.size.height, "frames": count}
        return facts | {"duration": round(count / float(self.fps), 3), "fps": round(float(self.fps), 3)}

    def sheet(self, stage: Stage) -> str:
        """A small picture of its scenes."""
        places = range(0, len(self.shots), -(-len(self.shots) // _MOST_SHOWN))
        width = 320 if len(places) > 1 else 640
        small = [
            (
                self.shots[place].start,
                stage.poster(place).resize((width, max(1, round(width * self.size.height / self.size.width)))),
            )
            for place in places
        ]
        return saved(
            laid_out(small, 3 if self.size.width >= self.size.height else 4), self.work.folder, "sheet", "jpg"
        )["file"]

    def alt(self) -> str:
        """What the film is, for those who cannot see it."""
        told = " ".join(f"{number}: {_words(scene)}" for number, scene in enumerate(self.scenes, 1))
        return f"A film of {self.seconds:.0f} seconds in {len(self.scenes)} scenes. {told}"[:1000]

    def told(self) -> list[dict[str, Any]]:
        """Its scenes, for whoever wants to cut it."""
        return [
            {"start": round(shot.start, 3), "end": round(shot.end, 3), "words": _words(scene)[:200]}
            for shot, scene in zip(self.shots, self.scenes, strict=True)
        ]

    def _length(self, scene: Mapping[str, Any]) -> float | None:
        if scene.get("sound") is not None:
            return length_of(*self._file(scene["sound"]))
        words = str(scene.get("narration") or "").split()
        return max(1.5, len(words) / _SILENCE) if words else None

    def _picture(self, number: int, scene: Mapping[str, Any]) -> Callable[[], Image.Image]:
        place = scene.get("picture")
        if place is None:
            words = scene.get("title") or _words(scene)
            return lambda: card(words, self.size, self.seed * 1000 + number)
        return lambda: picture_of(*self._file(place))

    def _sound(self, stack: ExitStack) -> Iterator[Any]:
        files = [None if scene.get("sound") is None else self._file(scene["sound"]) for scene in self.scenes]
        speech = said(self.shots, files)
        music = self.work.options.get("music")
        if music is None:
            return speech
        volume = float(self.work.options.get("music_volume", 0.5))
        return with_music(stack, speech, self._file(music), self.seconds, volume)

    def _file(self, place: int) -> tuple[BinaryIO, str]:
        return self.work.files[place], self.work.options["names"][place]

    def _tags(self) -> dict[str, str]:
        options = self.work.options
        return made_by(
            options.get("source_type") or "algorithmicMedia", what=options.get("what") or "storyboard",
            title=options.get("title") or _words(self.scenes[0]), description=options.get("description") or self.alt(),
        )  # fmt: skip


def picture_of(file: BinaryIO, name: str) -> Image.Image:
    """A picture for a scene, upright.

    Raises:
        ToolFailed: It is none, or too large.
    """
    try:
        file.seek(0)
        with Image.open(file, formats=_PICTURES) as image:
            if image.width * image.height > MOST_PIXELS:
                raise refuse(
                    f"{name}: a picture of {image.width}x{image.height}; at most {MOST_PIXELS:,} pixels are read"
                )
            return _upright(image)
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as problem:
        raise refuse(
            f"{name}: it is no picture that can be read ({problem}): give PNG, JPEG, WebP, GIF or AVIF"
        ) from None


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    image.load()
    return ImageOps.exif_transpose(image) or image


def _cues(shot: Shot, scene: Mapping[str, Any]) -> list[Cue]:
    text = str(scene.get("narration") or "")
    return spoken(text, *shot.said) if text and shot.said is not None else []


def _words(scene: Mapping[str, Any]) -> str:
    return str(scene.get("prompt") or scene.get("narration") or scene.get("title") or "")
