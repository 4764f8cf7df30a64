"""Sound as a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av import AudioFrame
from av.error import FFmpegError

from massgen_video.opening.ffmpeg import open_output, said
from massgen_video.problems import refuse
from massgen_video.reading.sounds import Samples

_KINDS = {
    "m4a": ("mp4", "aac", "fltp", "audio/mp4"),
    "mp3": ("mp3", "libmp3lame", "fltp", "audio/mpeg"),
    "wav": ("wav", "pcm_s16le", "s16", "audio/wav"),
    "flac": ("flac", "flac", "s16", "audio/flac"),
    "opus": ("ogg", "libopus", "flt", "audio/ogg"),
}
_LOSSY = 160_000


def write_sound(
    folder: Path,
    stem: str,
    kind: str,
    blocks: Iterator[Samples],
    rate: int,
    *,
    mono: bool = False,
    progress: Callable[[float], None] = lambda samples: None,
) -> dict[str, Any]:
    """Write samples, and say what the file is; ``progress`` is told the samples so far.

    Raises:
        ToolFailed: The format is none of those that there are.
    """
    if kind not in _KINDS:
        raise refuse(f"no sound is written as {kind!r}; there are: {', '.join(_KINDS)}")
    container, codec, layout, mime_type = _KINDS[kind]
    path, done = folder / f"{stem}.{kind}", 0
    try:
        with open_output(str(path), container, {"fflags": "+bitexact"}) as out:
            stream = out.add_stream(codec, rate=rate)
            stream.codec_context.layout = "mono" if mono else "stereo"
            stream.codec_context.format = layout
            if codec not in ("pcm_s16le", "flac"):
                stream.codec_context.bit_rate = _LOSSY
            for block in blocks:
                out.mux(stream.encode(_frame(block, rate, layout, done, mono=mono)))
                done += len(block)
                progress(done)
            if done:
                out.mux(stream.encode(None))
    except FFmpegError as problem:
        raise refuse(f"the sound cannot be written as {kind} ({said(problem)})") from problem
    facts: dict[str, Any] = {"file": path.name, "mime_type": mime_type, "duration": round(done / rate, 3)}
    return facts | {"sample_rate": rate, "channels": 1 if mono else 2}


def _frame(block: Samples, rate: int, kind: str, at: int, *, mono: bool) -> AudioFrame:
    samples = np.clip(block.mean(axis=1, keepdims=True) if mono else block, -1.0, 1.0)
    values: Any = np.rint(samples * 32767).astype(np.int16) if kind == "s16" else samples.astype(np.float32)
    ready = np.ascontiguousarray(values.T if kind.endswith("p") else values.reshape(1, -1))
    frame = AudioFrame.from_ndarray(ready, format=kind, layout="mono" if mono else "stereo")
    frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
    return frame
