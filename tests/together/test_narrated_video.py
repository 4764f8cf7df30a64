"""From words to a film and back: three plugins that know nothing of each other, and what is said comes back."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("massgen_audio")
pytest.importorskip("massgen_image")
pytest.importorskip("massgen_video")

from massgen_audio import plugin as audio
from massgen_image import plugin as image
from massgen_video import plugin as video

from massgen_core import Session, open_runtime

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(shutil.which("ffprobe") is None, reason="needs ffprobe (apt-get install ffmpeg)"),
]
PROMPTS = [
    "A red car drives along the sea. A cat sleeps under a tree at night. The moon rises over the mountains.",
    "The old lighthouse stands on a hill above the harbour. Three ships wait for the morning. A storm is coming.",
    "Water falls from the clouds as rain. It flows through rivers to the ocean. The sun lifts it up again.",
]


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    plugins = [("audio", audio), ("image", image), ("video", video)]
    async with (
        open_runtime({}, plugins=plugins, installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


@pytest.mark.parametrize("prompt", PROMPTS, ids=["car", "lighthouse", "water"])
async def test_what_a_film_says_is_what_was_asked(session: Session, tmp_path: Path, prompt: str) -> None:
    arguments = {"prompt": prompt, "seed": 1, "resolution": "720p", "path": "film.mp4", "quality": "draft"}
    made = (await session.call("video_generate", arguments)).raise_for_error().structured["artefacts"][0]
    heard = (await session.call("video_understand", {"video": "film.mp4", "read_text": False})).raise_for_error()
    found = heard.structured["details"][0]
    assert word_errors(prompt, found["speech"]["text"]) <= 0.05
    streams = {each["codec_type"]: each for each in probed(tmp_path / "film.mp4")["streams"]}
    seen = streams["video"]
    assert (seen["codec_name"], seen["width"], seen["height"], seen["r_frame_rate"]) == ("h264", 1280, 720, "24/1")
    assert int(seen["nb_read_frames"]) == made["details"]["frames"]
    for each in ("video", "audio"):
        assert float(streams[each]["duration"]) == pytest.approx(made["duration"], abs=float(Fraction(1, 24)))
    assert (streams["audio"]["codec_name"], streams["audio"]["sample_rate"]) == ("aac", "48000")
    assert streams["subtitle"]["codec_name"] == "mov_text"


def probed(path: Path) -> dict[str, Any]:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, timeout=120).stdout)


def word_errors(wanted: str, heard: str) -> float:
    """The share of words that are wrong: changed, left out, or put in (Levenshtein's distance)."""
    one, other = (_words(text) for text in (wanted, heard))
    row = list(range(len(other) + 1))
    for number, word in enumerate(one, 1):
        before, row[0] = row[0], number
        for place, said in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (word != said))
    return row[-1] / len(one)


def _words(text: str) -> list[str]:
    spelt = {"harbor": "harbour", "3": "three"}
    words: list[str] = re.findall(r"[a-z0-9']+", text.lower())
    return [spelt.get(word, word) for word in words]
