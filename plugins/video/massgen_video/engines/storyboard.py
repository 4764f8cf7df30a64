"""The engine that makes films out of scenes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from massgen_core.media import Capabilities, Job, MediaEngine, MediaOutput, MediaRequest
from massgen_core.workers import Workers
from massgen_video.config import VideoConfig
from massgen_video.engines.abilities import RESOLUTIONS, SHAPES, STORYBOARD
from massgen_video.engines.cast import Cast
from massgen_video.engines.helping import able, has, helped, opened, without
from massgen_video.storyboard.script import scenes_of

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
            cast = Cast(request, stack, scenes)
            await self._hear(cast, job, {name: options.pop(name, None) for name in ("voice", "language")}, seed)
            await self._see(cast, job, (width, height), seed)
            done = await self._film(self._options(options, request, cast, f"{width}x{height}"), cast, job)
        for warning in done.get("warnings", ()):
            job.warn(warning)
        return [MediaOutput.of(job.folder, each) for each in done["outputs"]]

    def _options(self, options: Mapping[str, Any], request: MediaRequest, cast: Cast, size: str) -> dict[str, Any]:
        """Everything that the work function is told."""
        form = request.format or "mp4"
        return {
            **options,
            "scenes": cast.told(),
            "music": cast.of_role("music"),
            "size": size,
            "fps": options.get("fps") or 24,
            "seed": request.seed or 0,
            "format": form,
            "subtitles": _subtitles(options.get("subtitles"), form),
            "quality": options.get("quality") or self._config.quality,
            "names": cast.names,
            "description": request.prompt,
            "what": "".join(["storyboard", *(f", {who}" for who in cast.helpers)]),
            "source_type": "compositeSynthetic" if cast.helpers else "algorithmicMedia",
        }

    async def _film(self, options: Mapping[str, Any], cast: Cast, job: Job) -> dict[str, Any]:
        async def told(done: float, message: str | None) -> None:
            await job.tell(_ASKED + done * (1 - _ASKED), message)

        return await self._workers.run(_FILM, options, folder=job.folder, files=cast.files, told=told)

    async def _hear(self, cast: Cast, job: Job, options: Mapping[str, Any], seed: int) -> None:
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
            cast.sounds[number] = await self._had(cast, job, ways, self._config.voice_engine, f"speech-{number + 1}")
            await job.tell(_ASKED / 2 * (count + 1) / len(silent), "speaking")

    async def _see(self, cast: Cast, job: Job, size: tuple[int, int], seed: int) -> None:
        bare = [number for number, scene in enumerate(cast.scenes) if scene.prompt and cast.pictures[number] is None]
        if bare and not has(self._engines(), "image.generate"):
            job.warn(
                "no engine draws (`pip install massgen-image` brings one that does): scenes are cards with their words"
            )
            return
        for count, number in enumerate(bare):
            ways = _drawings(cast.scenes[number].prompt, size, seed + number)
            with without(job, f"scene {number + 1} is a card with its words"):
                cast.pictures[number] = await self._had(cast, job, ways, self._config.pictures, f"picture-{number + 1}")
            await job.tell(_ASKED / 2 * (1 + (count + 1) / len(bare)), "drawing")

    async def _had(self, cast: Cast, job: Job, ways: Sequence[MediaRequest], config: str | None, name: str) -> int:
        """Have another engine make something; its place among the files."""
        selection, request = able(self._engines(), ways, config)
        output = await helped(selection, request, job, name)
        cast.thank(request.operation, selection.engine)
        return cast.add(await opened(cast.stack, job.folder / name, output), name)


def _drawings(prompt: str, size: tuple[int, int], seed: int) -> list[MediaRequest]:
    """The ways to ask for a picture: larger than the film, because it moves; or as an engine can."""
    width, height = size
    wanted = MediaRequest(operation="image.generate", prompt=prompt, format="png", seed=seed)
    shape = next((name for name, sides in SHAPES.items() if sides[0] * height == sides[1] * width), "16:9")
    return [
        replace(wanted, options={"size": f"{round(width * _ROOM)}x{round(height * _ROOM)}"}),
        replace(wanted, options={"size": f"{width}x{height}"}),
        replace(wanted, options={"aspect_ratio": shape}),
        wanted,
        replace(wanted, seed=None),
        replace(wanted, seed=None, format=None),
    ]


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
