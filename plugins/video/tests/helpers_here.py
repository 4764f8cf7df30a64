"""Small engines for tests: one that draws a plain colour, one that says a tone for each word, one that listens."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import anyio
from PIL import Image

from massgen_core import (
    Ability,
    Capabilities,
    Job,
    MediaEngine,
    MediaOutput,
    MediaRequest,
    Option,
    ProviderContext,
    Service,
    ServiceProvider,
    hookimpl,
)
from massgen_core.errors import ToolFailed

RATE = 24_000
PER_WORD = 0.3
COLOURS = {"red": (200, 20, 20), "green": (20, 160, 20), "blue": (20, 20, 200)}


class Painter:
    """Draws the colour that a prompt names, in a size."""

    name = "painter"
    capabilities = Capabilities(
        label="plain colours",
        source_type="algorithmicMedia",
        abilities=[Ability(operation="image.generate", formats=("png",), options={"size": Option()}, seeded=True)],
    )

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        if "impossible" in request.prompt:
            raise ToolFailed("", "this cannot be drawn")
        size = tuple(int(each) for each in str(request.options["size"]).split("x"))
        colour = next(
            (COLOURS[word] for word in request.prompt.lower().strip(".").split() if word in COLOURS), (128, 128, 128)
        )
        image, data = Image.new("RGB", (size[0], size[1]), colour), BytesIO()
        image.paste((255, 255, 255), (size[0] // 8, size[1] // 8, size[0] // 4, size[1] // 4))
        image.save(data, "PNG")
        await anyio.Path(job.folder / "drawn.png").write_bytes(data.getvalue())
        return [MediaOutput(file=job.folder / "drawn.png", mime_type="image/png")]


class Speaker:
    """Says a tone for every word: 0.3 seconds each."""

    name = "speaker"
    capabilities = Capabilities(
        label="tones",
        abilities=[
            Ability(
                operation="audio.speak",
                formats=("wav",),
                options={"voice": Option(choices=("low", "high"))},
                seeded=True,
            )
        ],
    )

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        seconds = len(request.prompt.split()) * PER_WORD
        hertz = 800 if request.options.get("voice") == "high" else 300
        await anyio.to_thread.run_sync(tone, job.folder / "said.wav", seconds, hertz)
        return [MediaOutput(file=job.folder / "said.wav", mime_type="audio/wav", duration=seconds)]


class Listener:
    """Hears how long a sound is, and reads "text" in every picture."""

    name = "listener"
    capabilities = Capabilities(
        label="hears and reads always the same",
        abilities=[
            Ability(operation="audio.transcribe", inputs={"audio": 1}),
            Ability(operation="image.understand", inputs={"image": 1}),
        ],
    )

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        data = request.inputs[0].read if request.inputs[0].size else None
        if request.operation == "image.understand":
            return [MediaOutput(text="a sign", details={"text": "STOP"})]
        assert data is not None
        heard = await anyio.to_thread.run_sync(data, 1 << 24)
        with wave.open(BytesIO(heard)) as sound:
            seconds = sound.getnframes() / sound.getframerate()
        return [MediaOutput(text="la la", details={"segments": [{"start": 0.0, "end": seconds, "text": "la la"}]})]


def tone(path: Path, seconds: float, hertz: float, rate: int = RATE) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", "NONE"))
        sound.writeframes(
            b"".join(
                struct.pack("<h", round(12_000 * math.sin(2 * math.pi * hertz * at / rate)))
                for at in range(round(seconds * rate))
            )
        )
    return path


@hookimpl
def massgen_media_engines(config: object) -> list[ServiceProvider]:
    return [_offer(build) for build in (Painter, Speaker, Listener)]


def _offer(build: Callable[[], MediaEngine]) -> ServiceProvider:
    engine = build()

    @asynccontextmanager
    async def open_engine(context: ProviderContext) -> AsyncGenerator[MediaEngine]:
        yield engine

    return ServiceProvider(service=Service(MediaEngine, engine.name), open=open_engine)
