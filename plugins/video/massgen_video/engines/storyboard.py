"""The engine that makes films out of scenes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from massgen_core.media import Capabilities, Job, MediaEngine, MediaInput, MediaOutput, MediaRequest
from massgen_core.workers import Workers
from massgen_video.config import VideoConfig
from massgen_video.engines.abilities import RESOLUTIONS, SHAPES, STORYBOARD
from massgen_video.engines.helping import able, has, helped, opened
from massgen_video.storyboard.script import Scene, scenes_of

_FILM = "massgen_video.works.making:film"
_ASKED = 0.3
"""Share of the work that is done when all pictures and sounds are there."""
_ROOM = 1.2
"""A picture that moves is larger than the film."""
_SOFT = ("mp4", "mov", "mkv", "webm")


class Storyboard:
    """Has other engines draw and say the scenes, as far as there are such engines, and films them."""

    name: str = "storyboard"
    capabilities: Capabilities = STORYBOARD

    def __init__(self, workers: Workers, engines: Callable[[], Mapping[str, MediaEngine]], config: VideoConfig) -> None:
        self._workers = workers
        self._engines = engines
        self._config = config

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Make the film; what was missing (a voice, pictures) is among the job's warnings."""
        options = dict(request.options)
        scenes = scenes_of(request.prompt, options.pop("scenes", ()), narrated=options.pop("narration", True))
        width, height = size_of(options.pop("resolution", "720p"), options.pop("aspect_ratio", "16:9"))
        seed = request.seed or 0
        with ExitStack() as stack:
            cast = _Cast(request, stack, scenes)
            await self._hear(cast, job, {name: options.pop(name, None) for name in ("voice", "language")}, seed)
            await self._see(cast, job, width, height, seed)
            given: dict[str, Any] = {
                **options,
                "scenes": cast.told(),
                "music": cast.of_role("music"),
                "size": f"{width}x{height}",
                "fps": options.get("fps") or 24,
                "seed": seed,
                "format": request.format or "mp4",
                "subtitles": _subtitles(options.get("subtitles"), request.format or "mp4"),
                "quality": options.get("quality") or self._config.quality,
                "names": cast.names,
                "description": request.prompt,
                "what": f"storyboard{''.join(f', {who}' for who in cast.helpers)}",
                "source_type": "compositeSynthetic" if cast.helpers else "algorithmicMedia",
            }
            done = await self._film(given, cast, job)
        for warning in done.get("warnings", ()):
            job.warn(warning)
        return [MediaOutput.of(job.folder, each) for each in done["outputs"]]

    async def _film(self, options: Mapping[str, Any], cast: _Cast, job: Job) -> dict[str, Any]:
        async def told(done: float, message: str | None) -> None:
            await job.tell(_ASKED + done * (1 - _ASKED), message)

        return await self._workers.run(_FILM, options, folder=job.folder, files=cast.files, told=told)

    async def _hear(self, cast: _Cast, job: Job, options: Mapping[str, Any], seed: int) -> None:
        silent = [number for number, scene in enumerate(cast.scenes) if scene.narration and cast.sounds[number] is None]
        engines = self._engines()
        if silent and not has(engines, "audio.speak"):
            job.warn(
                "nobody speaks: no engine does audio.speak (`pip install massgen-audio` brings one); subtitles only"
            )
            return
        given = {name: value for name, value in options.items() if value}
        for count, number in enumerate(silent):
            wanted = MediaRequest(
                operation="audio.speak", prompt=cast.scenes[number].narration, options=given, seed=seed
            )
            ways = [replace(wanted, format="wav"), wanted, replace(wanted, seed=None)]
            selection, request = able(engines, ways, self._config.voice_engine)
            help = await helped(selection, request, job, f"said-{number}")
            cast.sounds[number] = cast.add(
                await opened(cast.stack, job.folder / f"said-{number}", help.output), f"speech {number + 1}"
            )
            cast.thank("speech", selection.engine)
            await job.tell(_ASKED / 2 * (count + 1) / len(silent), "speaking")

    async def _see(self, cast: _Cast, job: Job, width: int, height: int, seed: int) -> None:
        bare = [number for number, scene in enumerate(cast.scenes) if scene.prompt and cast.pictures[number] is None]
        engines = self._engines()
        if bare and not has(engines, "image.generate"):
            job.warn(
                "no engine draws pictures (`pip install massgen-image` brings one): scenes are cards with their words"
            )
            return
        size = f"{round(width * _ROOM)}x{round(height * _ROOM)}"
        for count, number in enumerate(bare):
            wanted = MediaRequest(
                operation="image.generate", prompt=cast.scenes[number].prompt, format="png", seed=seed + number
            )
            shape = next((name for name, sides in SHAPES.items() if sides[0] * height == sides[1] * width), "16:9")
            ways = [
                replace(wanted, options={"size": size}),
                replace(wanted, options={"size": f"{width}x{height}"}),
                replace(wanted, options={"aspect_ratio": shape}),
                wanted,
                replace(wanted, seed=None),
                replace(wanted, seed=None, format=None),
            ]
            selection, request = able(engines, ways, self._config.pictures)
            help = await helped(selection, request, job, f"seen-{number}")
            cast.pictures[number] = cast.add(
                await opened(cast.stack, job.folder / f"seen-{number}", help.output), f"picture {number + 1}"
            )
            cast.thank("pictures", selection.engine)
            await job.tell(_ASKED / 2 * (1 + (count + 1) / len(bare)), "drawing")


@dataclass(slots=True)
class _Cast:
    """The scenes, and the files that they are made of: those that were given, and those that others have made."""

    request: MediaRequest
    stack: ExitStack
    scenes: list[Scene]
    files: list[int] = field(default_factory=list[int])
    names: list[str] = field(default_factory=list[str])
    pictures: list[int | None] = field(default_factory=list["int | None"])
    sounds: list[int | None] = field(default_factory=list["int | None"])
    helpers: list[str] = field(default_factory=list[str])
    roles: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def __post_init__(self) -> None:
        for each in self.request.inputs:
            self.roles.setdefault(each.role, []).append(self._given(each))
        self.pictures = [self.of_role("image", scene.image) for scene in self.scenes]
        self.sounds = [self.of_role("audio", scene.audio) for scene in self.scenes]
        images = self.roles.get("image", [])
        if images and all(scene.image is None for scene in self.scenes):  # in their order, where no scene names one
            self.pictures = [*images[: len(self.scenes)], *[None] * (len(self.scenes) - len(images))]
        if (first := self.of_role("first_frame")) is not None:
            self.pictures[0] = first

    def add(self, descriptor: int, name: str) -> int:
        """Take a file in; its place."""
        self.files.append(descriptor)
        self.names.append(name)
        return len(self.files) - 1

    def of_role(self, role: str, number: int | None = 0) -> int | None:
        """The place of a file that was given for a role."""
        files = self.roles.get(role, [])
        if number is None or (not files and number == 0 and role in ("first_frame", "music")):
            return None
        if not 0 <= number < len(files):
            from massgen_core.errors import ToolFailed

            raise ToolFailed("", f"a scene names {role} {number}, and {len(files)} were given (the first one is 0)")
        return files[number]

    def thank(self, what: str, engine: MediaEngine) -> None:
        """Note who has helped."""
        ai = " (AI-generated)" if engine.capabilities.source_type == "trainedAlgorithmicMedia" else ""
        if (text := f"{what} by {engine.name}{ai}") not in self.helpers:
            self.helpers.append(text)

    def told(self) -> list[dict[str, Any]]:
        """The scenes as the work function takes them."""
        return [
            {
                "prompt": scene.prompt, "narration": scene.narration, "title": scene.title, "seconds": scene.seconds,
                "motion": scene.motion, "picture": picture, "sound": sound,
            }
            for scene, picture, sound in zip(self.scenes, self.pictures, self.sounds, strict=True)
        ]  # fmt: skip

    def _given(self, each: MediaInput) -> int:
        return self.add(each.descriptor, each.name)


def size_of(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """The pixels of a film, both even."""
    short, (across, down) = RESOLUTIONS[resolution], SHAPES[aspect_ratio]
    long = round(short * max(across, down) / min(across, down) / 2) * 2
    return (long, short) if across >= down else (short, long)


def _subtitles(asked: str | None, format: str) -> str:
    """An animation has no track of text."""
    if format in _SOFT:
        return asked or "soft"
    return asked if asked in ("burned", "sidecar") else "none"
