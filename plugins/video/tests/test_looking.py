"""Films looked at: facts, pictures, sheets, animations, and what they show and say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import helpers_here
import numpy as np
import pytest
from judging import ffmpeg, film, frames, judged
from massgen_video import plugin
from PIL import Image as Picture

from massgen_core import Image, Session, open_runtime

pytestmark = [pytest.mark.anyio, judged]


async def test_facts(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mkv", size="320x180", fps="30000/1001", seconds=2, rate=22050)
    facts = (await session.call("video_info", {"video": "a.mkv"})).raise_for_error().structured
    assert (facts["width"], facts["height"], facts["fps"]) == (320, 180, 29.97)
    assert facts["duration"] == pytest.approx(2.0, abs=0.1)
    assert (facts["sample_rate"], facts["channels"]) == (22050, 1)
    assert [(each["type"], each["codec"]) for each in facts["streams"]] == [("video", "h264"), ("audio", "vorbis")]


async def test_pictures_are_from_their_moments(session: Session, tmp_path: Path) -> None:
    whole = frames(film(tmp_path / "a.mp4", seconds=4, more="-g 48 -crf 10"), 320, 240)
    arguments = {"video": "a.mp4", "times": [0, 1.3, 3.99, 50], "path": "p.png"}
    found = (await session.call("video_thumbnail", arguments)).raise_for_error().structured["artefacts"]
    assert [each["path"] for each in found] == ["p.png", "p-2.png", "p-3.png", "p-4.png"]
    for each, place in zip(found, (0, 31, 95, 95), strict=True):
        with Picture.open(tmp_path / each["path"]) as image:
            assert np.abs(np.asarray(image).astype(int) - whole[place]).mean() < 3
    assert [each["details"]["time"] for each in found] == pytest.approx([0, 31 / 24, 95 / 24, 95 / 24], abs=0.001)


async def test_a_sheet(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=3)
    result = await session.call("video_contact_sheet", {"video": "a.mp4", "count": 6, "columns": 3, "width": 600})
    facts = result.raise_for_error().structured["artefacts"][0]
    assert facts["path"] == "a-sheet.jpg"
    assert facts["details"]["times"] == pytest.approx([0.25, 0.75, 1.25, 1.75, 2.25, 2.75], abs=0.05)
    assert any(isinstance(part, Image) for part in result.content)
    with Picture.open(tmp_path / "a-sheet.jpg") as image:
        assert (image.width, image.height) == (facts["width"], facts["height"])
        assert image.width == pytest.approx(600, abs=8)


@pytest.mark.parametrize("format", ["gif", "webp"])
async def test_animations(session: Session, tmp_path: Path, format: str) -> None:
    whole = frames(film(tmp_path / "a.mp4", seconds=3, size="320x240"), 320, 240)
    arguments = {"video": "a.mp4", "start": 1, "end": 2, "width": 160, "fps": 10, "path": f"b.{format}"}
    (await session.call("video_gif", arguments)).raise_for_error()
    with Picture.open(tmp_path / f"b.{format}") as made:
        assert (made.format, made.size, made.info["loop"]) == (format.upper(), (160, 120), 0)
        assert getattr(made, "n_frames", 1) == 10
        seen = np.asarray(made.convert("RGB").resize((320, 240))).astype(int)
    assert np.abs(seen - whole[24]).mean() < 14


async def test_scenes_speech_and_text(tmp_path: Path) -> None:
    parts = [
        ffmpeg("", "-f", "lavfi", "-i", f"color={name}:s=320x240:r=24:d=2", out=tmp_path / f"{name}.mp4")
        for name in ("red", "green", "blue")
    ]
    list_of_files = tmp_path / "list.txt"
    list_of_files.write_text("".join(f"file {part}\n" for part in parts))
    ffmpeg("-f concat -safe 0", "-i", str(list_of_files), "-f", "lavfi", "-i", "sine=300:d=6", out=tmp_path / "a.mp4")
    plugins = [("video", plugin), ("helpers", helpers_here)]
    async with (
        open_runtime({}, plugins=plugins, installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as session,
    ):
        arguments: dict[str, Any] = {"video": "a.mp4", "frames": 3, "frames_path": "seen.jpg"}
        result = (await session.call("video_understand", arguments)).raise_for_error()
    (found,) = result.structured["details"]
    assert [each["start"] for each in found["scenes"]] == pytest.approx([0, 2, 4], abs=0.26)
    assert [each["time"] for each in found["frames"]] == pytest.approx([1, 3, 5], abs=0.2)
    assert [each["text"] for each in found["frames"]] == ["STOP"] * 3
    assert found["speech"]["segments"] == [{"start": 0.0, "end": pytest.approx(6.0, abs=0.05), "text": "la la"}]
    assert "[0:00.0–0:06.0] la la" in result.text
    assert any(isinstance(part, Image) for part in result.content)
    for name, place in (("seen.jpg", 0), ("seen-2.jpg", 1), ("seen-3.jpg", 2)):
        with Picture.open(tmp_path / name) as image:
            assert np.asarray(image).mean(axis=(0, 1)).argmax() == place


async def test_without_engines_there_are_pictures_and_a_word_on_what_is_missing(
    session: Session, tmp_path: Path
) -> None:
    film(tmp_path / "a.mp4", seconds=2)
    result = (
        await session.call("video_understand", {"video": "a.mp4", "mode": "uniform", "frames": 2})
    ).raise_for_error()
    assert "nobody listens" in result.text
    assert "nobody reads text" in result.text
    assert [each["time"] for each in result.structured["details"][0]["frames"]] == pytest.approx([0.5, 1.5], abs=0.05)


async def test_hours_are_searched_in(session: Session, tmp_path: Path) -> None:
    arguments = ("-f", "lavfi", "-i", "color=gray:s=64x48:r=1:d=36000", "-preset", "ultrafast", "-g", "30")
    ffmpeg("", *arguments, out=tmp_path / "long.mp4")
    result = (await session.call("video_understand", {"video": "long.mp4", "frames": 4})).raise_for_error()
    assert result.structured["details"][0]["facts"]["duration"] == pytest.approx(36000, abs=2)
    assert len(result.structured["details"][0]["frames"]) == 4
