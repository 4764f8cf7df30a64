"""The engine that looks at films, and has others listen and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from massgen_core.errors import ToolFailed
from massgen_core.media import Capabilities, Job, MediaEngine, MediaInput, MediaOutput, MediaRequest
from massgen_core.workers import Workers
from massgen_video.engines.abilities import FRAMES
from massgen_video.engines.helping import able, has, helped, opened, without
from massgen_video.engines.telling import in_words

_LOOK = "massgen_video.works.understanding:look"
_HEAR = "massgen_video.works.understanding:hear"
_MOST_HEARD = 1800.0
"""Seconds that are listened to."""
_MOST_READ = 8
"""Pictures in which text is looked for."""
_LONGEST_TEXT = 2000
_MOST_SEGMENTS = 1000


class Frames:
    """Finds the scenes of a film and shows them; speech and text come from engines for sounds and pictures."""

    name: str = "frames"
    capabilities: Capabilities = FRAMES

    def __init__(self, workers: Workers, engines: Callable[[], Mapping[str, MediaEngine]]) -> None:
        self._workers = workers
        self._engines = engines

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Look, listen, read; what nobody here can do is among the job's warnings."""
        options = dict(request.options)
        video = request.input("video")
        if video is None:
            raise ToolFailed("", "no film was given")
        seen = await self._work(_LOOK, options, video, job, (0.0, 0.4))
        found: dict[str, Any] = {name: seen[name] for name in ("facts", "scenes", "part") if name in seen}
        found["frames"] = [{"time": each["time"]} for each in seen["pictures"]]
        if options.get("transcribe", True) and "channels" in seen["facts"]:
            with without(job, "the speech is not written down"):
                await self._listen(found, options, video, job)
        if options.get("read_text", True):
            with without(job, "text in pictures is not read"):
                await self._read(found, seen["pictures"], request, job)
        words = MediaOutput.of(job.folder, {"text": in_words(found), "preview": seen["sheet"]["file"], **found})
        kept: list[dict[str, Any]] = seen["pictures"] if options.get("keep_frames") else []
        return [words, *(MediaOutput.of(job.folder, each) for each in kept)]

    async def _work(
        self, function: str, options: Mapping[str, Any], video: MediaInput, job: Job, share: tuple[float, float]
    ) -> dict[str, Any]:
        async def told(done: float, message: str | None) -> None:
            await job.tell(share[0] + done * (share[1] - share[0]), message)

        done = await self._workers.run(
            function, {**options, "names": [video.name]}, folder=job.folder, files=[video.descriptor], told=told
        )
        for warning in done.pop("warnings", ()):
            job.warn(warning)
        return done

    async def _listen(self, found: dict[str, Any], options: Mapping[str, Any], video: MediaInput, job: Job) -> None:
        engines = self._engines()
        if not has(engines, "audio.transcribe"):
            job.warn("nobody listens: no engine does audio.transcribe (`pip install massgen-audio` brings one)")
            return
        start, end = found["part"]
        if end - start > _MOST_HEARD:
            end = start + _MOST_HEARD
            job.warn(f"only the first {_MOST_HEARD / 60:.0f} minutes are written down: give start and end for others")
        heard = await self._work(_HEAR, {"start": start, "end": end}, video, job, (0.4, 0.5))
        with ExitStack() as stack:
            descriptor = await opened(stack, job.folder, MediaOutput.of(job.folder, heard))
            sound = MediaInput(
                role="audio",
                descriptor=descriptor,
                name="sound of " + video.name,
                size=round(heard["duration"] * 32_000),
            )
            given = {"language": options["language"]} if options.get("language") else {}
            plain = MediaRequest(operation="audio.transcribe", inputs=[sound], options=given)
            wanted = [replace(plain, options={**given, "timestamps": "segment"}), plain]
            selection, request = able(engines, wanted, None)
            said = await helped(selection, request, job, "heard")
        details = said.details
        segments: list[Mapping[str, Any]] = list(details.get("segments", ()))[:_MOST_SEGMENTS]
        found["speech"] = {
            "text": said.text or "",
            "engine": selection.engine.name,
            "segments": [
                {"start": round(each["start"] + start, 2), "end": round(each["end"] + start, 2), "text": each["text"]}
                for each in segments
            ],
        }
        await job.tell(0.8, "listening")

    async def _read(
        self, found: dict[str, Any], pictures: Sequence[Mapping[str, Any]], request: MediaRequest, job: Job
    ) -> None:
        engines = self._engines()
        if not has(engines, "image.understand"):
            job.warn("nobody reads text: no engine does image.understand (`pip install massgen-image` brings one)")
            return
        places = _spread(len(pictures), _MOST_READ)
        for count, place in enumerate(places):
            picture = pictures[place]
            with ExitStack() as stack:
                descriptor = await opened(stack, job.folder, MediaOutput.of(job.folder, picture))
                image = MediaInput(role="image", descriptor=descriptor, name=picture["file"], size=0)
                plain = MediaRequest(operation="image.understand", prompt=request.prompt, inputs=[image])
                wanted = [replace(plain, options={"colours": False, "codes": True, "text": True}), plain]
                selection, asked = able(engines, wanted, None)
                read = await helped(selection, asked, job, f"read-{place}")
            text = read.details.get("text", None if "text" in asked.options else read.text)
            if text:
                found["frames"][place]["text"] = str(text)[:_LONGEST_TEXT]
            if codes := read.details.get("codes"):
                found["frames"][place]["codes"] = codes
            await job.tell(0.8 + 0.19 * (count + 1) / len(places), "reading")


def _spread(count: int, most: int) -> list[int]:
    """Places of a list, from all over it."""
    return list(range(count)) if count <= most else [round(number * (count - 1) / (most - 1)) for number in range(most)]
