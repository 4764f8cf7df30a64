"""Films out of words: scenes, what is heard and seen in them, and what is told of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import helpers_here
import pytest
from helpers_here import tone
from judging import complaints, film, frames, judged, loudness, pitch, probe, samples, stream
from massgen_video import plugin
from PIL import Image as Picture

from massgen_core import Image, Progress, Session, open_runtime

pytestmark = [pytest.mark.anyio, judged]
PROMPT = "A red house stands there. Then a green tree grows high. All of it is blue."
SMALL: dict[str, Any] = {"resolution": "360p", "quality": "draft"}


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    plugins = [("video", plugin), ("helpers", helpers_here)]
    async with (
        open_runtime({}, plugins=plugins, installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


async def test_each_sentence_is_seen_and_heard(session: Session, tmp_path: Path) -> None:
    result = await session.call("video_generate", {"prompt": PROMPT, "path": "a.mp4", "transition": "cut", **SMALL})
    facts = result.raise_for_error().structured["artefacts"][0]
    scenes = facts["details"]["scenes"]
    lengths = [each["end"] - each["start"] for each in scenes]
    assert lengths == pytest.approx([1 + 0.3 * words for words in (5, 6, 5)], abs=1 / 24)
    made = tmp_path / "a.mp4"
    seen, heard = frames(made, 640, 360), samples(made)
    assert len(seen) == facts["details"]["frames"] == round(facts["duration"] * 24)
    for scene, colour in zip(scenes, (0, 1, 2), strict=True):
        middle = seen[round((scene["start"] + scene["end"]) / 2 * 24)]
        assert middle.mean(axis=(0, 1)).argmax() == colour
        said = heard[round((scene["start"] + 0.45) * 48_000) : round((scene["end"] - 0.65) * 48_000)]
        assert pitch(said) == pytest.approx(300, abs=3)
        assert loudness(heard[round(scene["start"] * 48_000) : round((scene["start"] + 0.35) * 48_000)]) < 0.001
    assert (stream(made, "video")["codec_name"], stream(made, "audio")["sample_rate"]) == ("h264", "48000")
    assert complaints(made) == ""


async def test_subtitles_are_in_the_film_and_beside_it(session: Session, tmp_path: Path) -> None:
    (await session.call("video_generate", {"prompt": PROMPT, "path": "a.mp4", **SMALL})).raise_for_error()
    beside = (tmp_path / "a.srt").read_text()
    assert "00:00:00,400 --> 00:00:01,900\nA red house stands there." in beside
    result = await session.call("video_subtitles", {"video": "a.mp4", "mode": "extract", "path": "b.srt"})
    result.raise_for_error()
    assert (tmp_path / "b.srt").read_text() == beside
    assert stream(tmp_path / "a.mp4", "subtitle")["codec_name"] == "mov_text"


async def test_the_agent_is_shown_what_was_made(session: Session) -> None:
    result = await session.call("video_generate", {"prompt": PROMPT, **SMALL})
    facts = result.raise_for_error().structured
    assert facts["artefacts"][0]["path"] == "videos/a-red-house-stands-there-then-a-green.mp4"
    assert facts["artefacts"][0]["alt"].startswith("A film of 8 seconds in 3 scenes. 1: A red house stands there.")
    assert any(isinstance(part, Image) and part.mime_type == "image/jpeg" for part in result.content)
    assert "not a video model" in result.text
    assert facts["warnings"] == []


async def test_the_same_request_gives_the_same_bytes(session: Session, tmp_path: Path) -> None:
    digests: dict[int, set[str]] = {1: set(), 2: set()}
    for seed in (1, 2, 1):
        arguments = {"prompt": PROMPT, "path": "a.webm", "seed": seed, "overwrite": True, **SMALL}
        (await session.call("video_generate", arguments)).raise_for_error()
        digests[seed].add(hashlib.sha256((tmp_path / "a.webm").read_bytes()).hexdigest())
    assert [len(each) for each in digests.values()] == [1, 1]
    assert digests[1] != digests[2]


async def test_scenes_pictures_recordings_and_music_that_are_given(session: Session, tmp_path: Path) -> None:
    Picture.new("RGB", (300, 900), (250, 240, 0)).save(tmp_path / "tall.png")
    tone(tmp_path / "mine.wav", 2.0, 1000)
    tone(tmp_path / "music.wav", 1.0, 150)
    arguments = {
        "scenes": [
            {"image": 0, "audio": 0, "title": "Yellow", "motion": "still"},
            {"prompt": "blue", "seconds": 4},
        ],
        "images": ["tall.png"], "audio": ["mine.wav"], "music": "music.wav", "path": "a.mp4", "transition": "slide",
    }  # fmt: skip
    facts = (await session.call("video_generate", arguments | SMALL)).raise_for_error().structured["artefacts"][0]
    assert facts["duration"] == pytest.approx(7.0, abs=0.05)
    seen, heard = frames(tmp_path / "a.mp4", 640, 360), samples(tmp_path / "a.mp4")
    assert seen[30, 250, 320].tolist() == pytest.approx([250, 240, 0], abs=8)
    assert seen[30, 250, 20].mean() < seen[30, 250, 320].mean() * 0.85  # beside it its own blurred self, darker
    assert seen[30, 15:60, 30:200].max() > 230  # its title
    assert pitch(heard[30_000:100_000]) == pytest.approx(1000, abs=3)
    under, alone = heard[24_000:110_000], heard[200_000:280_000]
    assert pitch(alone) == pytest.approx(150, abs=3)
    low = loudness(under - _only(under, 1000))
    assert low < 0.45 * loudness(alone)
    assert loudness(heard[-1000:]) < 0.02


def _only(heard: Any, hertz: float) -> Any:
    """What of some samples is near a frequency."""
    import numpy as np

    spectrum = np.fft.rfft(heard)
    spectrum[np.abs(np.fft.rfftfreq(len(heard), 1 / 48_000) - hertz) > 400] = 0
    return np.fft.irfft(spectrum, len(heard))


async def test_a_film_of_a_given_length_and_shape(session: Session, tmp_path: Path) -> None:
    arguments = {"prompt": PROMPT, "duration": 12, "aspect_ratio": "9:16", "fps": 10, "path": "a.mkv"}
    facts = (await session.call("video_generate", arguments | SMALL)).raise_for_error().structured["artefacts"][0]
    assert (facts["width"], facts["height"], facts["duration"]) == (360, 640, 12.0)
    assert float(probe(tmp_path / "a.mkv")["format"]["duration"]) == pytest.approx(12.0, abs=0.1)
    short = await session.call("video_generate", {"prompt": PROMPT, "duration": 2, **SMALL})
    assert "the film is 7.8 s long, not 2: what is said takes that" in short.raise_for_error().text


@pytest.mark.parametrize("format", ["gif", "webp"])
async def test_animations(session: Session, tmp_path: Path, format: str) -> None:
    arguments = {"prompt": "A red one.", "narration": False, "fps": 10, "path": f"a.{format}", "resolution": "360p"}
    (await session.call("video_generate", {**arguments, "duration": 2})).raise_for_error()
    with Picture.open(tmp_path / f"a.{format}") as made:
        assert (made.format, made.size, getattr(made, "n_frames", 1)) == (format.upper(), (640, 360), 20)


async def test_what_cannot_be_drawn_is_a_card_and_said(session: Session) -> None:
    result = await session.call("video_generate", {"prompt": "An impossible thing.", **SMALL})
    assert "Note: scene 1 is a card with its words: this cannot be drawn" in result.raise_for_error().text


async def test_without_other_engines_there_are_cards_and_subtitles(tmp_path: Path) -> None:
    async with (
        open_runtime({}, plugins=[("video", plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as session,
    ):
        result = (await session.call("video_generate", {"prompt": PROMPT, "path": "a.mp4", **SMALL})).raise_for_error()
    assert "nobody speaks" in result.text
    assert "no engine draws" in result.text
    kinds = [each["codec_type"] for each in probe(tmp_path / "a.mp4")["streams"]]
    assert kinds == ["video", "subtitle"]


async def test_where_a_film_comes_from_is_in_it(session: Session, tmp_path: Path) -> None:
    for format in ("mp4", "webm"):
        arguments = {"prompt": "A red one.", "path": f"a.{format}", **SMALL}
        (await session.call("video_generate", arguments)).raise_for_error()
        tags = {name.lower(): text for name, text in probe(tmp_path / f"a.{format}")["format"]["tags"].items()}
        assert "speech by speaker (AI-generated), pictures by painter" in tags["comment"]
        assert tags["comment"].endswith("compositeSynthetic")
        assert (tags["title"], tags["description"]) == ("A red one.", "A red one.")
    xmp = probe(tmp_path / "a.mp4", "-export_xmp", "1")["format"]["tags"]["xmp"]
    assert "<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/compositeSynthetic<" in xmp
    (await session.call("video_trim", {"video": "a.mp4", "end": 0.5, "path": "b.mp4"})).raise_for_error()
    assert "compositeSynthetic" in probe(tmp_path / "b.mp4")["format"]["tags"]["comment"]


async def test_progress_is_true_and_a_cancelled_film_leaves_nothing(session: Session, tmp_path: Path) -> None:
    told: list[float] = []

    async def listen(event: object) -> None:
        if isinstance(event, Progress):
            told.append(event.done)
            if event.done > 0.32:
                scope.cancel()

    with anyio.fail_after(60), anyio.CancelScope() as scope:
        arguments = {"prompt": PROMPT, "duration": 300, **SMALL}
        await session.call("video_generate", arguments, on_event=listen)
    assert scope.cancelled_caught
    assert told == sorted(told)
    assert max(told) < 0.4
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "give a prompt of some sentences, or `scenes`"),
        ({"prompt": "x", "voice": "deep"}, "'deep' is none of low, high"),
        ({"prompt": "x", "path": "a.avi"}, "it makes no avi"),
        ({"scenes": [{"prompt": "x", "image": 2}], "images": ["a.png"]}, "a scene names image 2, and 1 were given"),
        ({"prompt": "x", "images": ["a.png"]}, "a.png: it is no picture that can be read"),
        ({"prompt": "x", "music": "silent.mp4"}, "silent.mp4: there is no sound in it"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    session: Session, tmp_path: Path, arguments: dict[str, Any], words: str
) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    film(tmp_path / "silent.mp4", sound=False, seconds=1)
    result = await session.call("video_generate", arguments | SMALL)
    assert result.is_error
    assert words in result.text
    assert sorted(os.listdir(tmp_path)) == ["a.png", "silent.mp4"]
