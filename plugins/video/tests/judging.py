"""Debian's ffmpeg and ffprobe, which make films for tests and judge what comes out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PICTURES = "testsrc2=s={size}:r={fps}:d={seconds}"
TONE = "sine={hertz}:r={rate}:d={seconds}"

judged = pytest.mark.skipif(
    shutil.which("ffmpeg") is None and not os.environ.get("MASSGEN_REQUIRE_JUDGES"),
    reason="needs ffmpeg and ffprobe (apt-get install ffmpeg)",
)


def film(
    path: Path,
    *,
    size: str = "320x240",
    fps: str = "24",
    seconds: float = 2,
    sound: bool = True,
    rate: int = 44100,
    hertz: int = 440,
    more: str = "",
    before: str = "",
) -> Path:
    """A film with moving pictures and a tone, by ffmpeg."""
    inputs = ["-f", "lavfi", "-i", PICTURES.format(size=size, fps=fps, seconds=seconds)]
    if sound:
        inputs += ["-f", "lavfi", "-i", TONE.format(hertz=hertz, rate=rate, seconds=seconds)]
    usual = "" if "-c:v" in more else "-pix_fmt yuv420p "
    return ffmpeg(before, *inputs, *(usual + more).split(), out=path)


def ffmpeg(before: str, *arguments: str, out: Path) -> Path:
    command = ["ffmpeg", "-v", "error", "-y", *before.split(), *arguments, str(out)]
    subprocess.run(command, check=True, timeout=120)
    return out


def probe(path: Path, *more: str) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_streams", "-show_format", *more, str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)


def stream(path: Path, kind: str) -> dict[str, Any]:
    return next(each for each in probe(path, "-count_frames")["streams"] if each["codec_type"] == kind)


def complaints(path: Path) -> str:
    """What ffmpeg has to say about a file when it decodes all of it."""
    command = ["ffmpeg", "-v", "warning", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=120).stderr


def texts(path: Path) -> str:
    """The first track of subtitles, as SubRip."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:s", "-f", "srt", "-"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def frames(path: Path, width: int, height: int, *more: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """All frames as arrays, in RGB."""
    command = ["ffmpeg", "-v", "error", *more, "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    data = subprocess.run(command, check=True, capture_output=True, timeout=120).stdout
    return np.frombuffer(data, np.uint8).reshape(-1, height, width, 3)


def samples(path: Path, rate: int = 48_000) -> np.ndarray[Any, np.dtype[np.float32]]:
    """All samples, mixed to one channel."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "1", "-ar", str(rate), "-"]
    return np.frombuffer(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout, np.float32)


def pitch(heard: np.ndarray[Any, Any], rate: int = 48_000) -> float:
    """The loudest frequency, in hertz."""
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    return float(np.fft.rfftfreq(len(heard), 1 / rate)[spectrum.argmax()])


def loudness(heard: np.ndarray[Any, Any]) -> float:
    return float(np.sqrt(np.mean(np.square(heard)))) if len(heard) else 0.0
