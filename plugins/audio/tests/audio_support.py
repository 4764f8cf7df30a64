"""Sounds that tests are made of, and ffmpeg as the judge of what is written."""

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from massgen_audio.sound.reading import reading
from massgen_audio.sound.stream import Samples, gathered, of
from massgen_audio.sound.writing import write


def needs(program: str) -> None:
    """Skip where the judge is not installed; fail where judges are required."""
    if shutil.which(program) is None:
        if os.environ.get("MASSGEN_REQUIRE_JUDGES") == "1":
            pytest.fail(f"{program} is not installed")
        pytest.skip(f"{program} is not installed")


def probed(path: Path) -> dict[str, Any]:
    """What ffprobe says of a file."""
    needs("ffprobe")
    command = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def decoded(path: Path, channels: int, *options: str) -> Samples:
    """The samples that ffmpeg makes of a file."""
    needs("ffmpeg")
    command = ["ffmpeg", "-v", "error", *options, "-i", str(path), "-f", "f32le", "-"]
    found = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(found, "<f4").reshape(-1, channels)


def made(path: Path, command: str) -> Path:
    """A file that ffmpeg makes: another writer than the one that is tested."""
    needs("ffmpeg")
    subprocess.run(["ffmpeg", "-v", "error", "-y", *command.split(), str(path)], check=True)
    return path


def noise(frames: int, channels: int = 1, *, seed: int = 1, level: float = 0.1) -> Samples:
    """Noise whose samples are whole steps of 16 bits."""
    values = np.random.default_rng(seed).standard_normal((frames, channels)) * level
    return (np.rint(np.clip(values, -0.99, 0.99) * 32768) / 32768).astype(np.float32)


def tone(seconds: float, *, hertz: float = 440, rate: int = 24_000, level: float = 0.5) -> Samples:
    """A sine in one channel."""
    moments = np.arange(round(seconds * rate))
    return (level * np.sin(2 * np.pi * hertz * moments / rate)).astype(np.float32).reshape(-1, 1)


def saved(folder: Path, samples: Samples, rate: int, name: str = "in.wav", **options: Any) -> Path:
    """The samples as a file, in the format that its ending says."""
    path = folder / name
    write(of(samples, rate, bits=options.pop("bits", 16)), path, path.suffix[1:], **options)
    return path


def read(path: Path | bytes, **options: Any) -> Samples:
    """All samples of a file, by the reader that is tested."""
    data = path if isinstance(path, bytes) else path.read_bytes()
    with reading(io.BytesIO(data), "it", **options) as source:
        return gathered(source.sound())
