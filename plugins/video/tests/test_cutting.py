"""Films cut, joined and converted, as an independent program sees what comes out."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import pytest
from judging import complaints, ffmpeg, film, frames, judged, loudness, pitch, probe, samples, stream

from massgen_core import Session

pytestmark = [pytest.mark.anyio, judged]


async def test_a_part_is_cut_exactly_to_the_frame(session: Session, tmp_path: Path) -> None:
    whole = frames(film(tmp_path / "a.mp4", seconds=4, more="-g 48 -crf 10"), 320, 240)
    result = await session.call("video_trim", {"video": "a.mp4", "start": 1.5, "end": 2.75})
    facts = result.raise_for_error().structured["artefacts"][0]
    assert (facts["path"], facts["duration"], facts["details"]["frames"]) == ("a-part.mp4", 1.25, 30)
    part = tmp_path / "a-part.mp4"
    video, audio = stream(part, "video"), stream(part, "audio")
    assert (video["codec_name"], int(video["nb_read_frames"]), video["r_frame_rate"]) == ("h264", 30, "24/1")
    assert float(video["duration"]) == pytest.approx(1.25, abs=0.001)
    assert (audio["codec_name"], audio["sample_rate"]) == ("aac", "48000")
    assert float(audio["duration"]) == pytest.approx(1.25, abs=1 / 24)
    seen = frames(part, 320, 240).astype(int)
    errors = [np.abs(whole.astype(int) - frame).mean(axis=(1, 2, 3)).argmin() for frame in (seen[0], seen[-1])]
    assert errors == [36, 65]
    assert complaints(part) == ""


async def test_a_part_that_is_copied_begins_at_a_key_picture_and_says_so(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=4, more="-g 24 -bf 2")
    result = await session.call("video_trim", {"video": "a.mp4", "start": 1.5, "end": 3, "copy": True})
    facts = result.raise_for_error().structured["artefacts"][0]
    assert facts["details"]["begins_at"] == pytest.approx(1.0, abs=0.05)
    assert "cut at the key picture before" in result.text
    part = tmp_path / "a-part.mp4"
    assert float(probe(part)["format"]["duration"]) == pytest.approx(2.0, abs=0.1)
    assert complaints(part) == ""


async def test_films_of_unlike_kinds_become_one(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", size="320x240", fps="25", seconds=2, hertz=440)
    film(
        tmp_path / "b.webm",
        size="240x320",
        fps="30",
        seconds=1,
        hertz=880,
        rate=22050,
        more="-c:v libvpx -c:a libvorbis",
    )
    film(tmp_path / "c.avi", size="160x120", fps="15", seconds=1, sound=False, more="-c:v mpeg4")
    result = await session.call("video_concat", {"videos": ["a.mp4", "b.webm", "c.avi"], "path": "all.mp4"})
    result.raise_for_error()
    made = tmp_path / "all.mp4"
    video = stream(made, "video")
    assert (video["width"], video["height"], video["r_frame_rate"]) == (320, 240, "25/1")
    assert int(video["nb_read_frames"]) == pytest.approx(100, abs=1)
    heard = samples(made)
    assert len(heard) == pytest.approx(4 * 48_000, abs=48_000 / 25)
    assert pitch(heard[10_000:80_000]) == pytest.approx(440, abs=3)
    assert pitch(heard[100_000:140_000]) == pytest.approx(880, abs=3)
    assert loudness(heard[150_000:]) < 0.001
    seen = frames(made, 320, 240)
    assert seen[60, :, :60].max() < 24  # black beside what is higher than wide
    assert seen[90].max() > 200
    assert complaints(made) == ""


@pytest.mark.parametrize(
    ("format", "video", "audio"),
    [("mp4", "h264", "aac"), ("webm", "vp9", "opus"), ("mkv", "h264", "aac"), ("mov", "h264", "aac")],
)
async def test_every_format_is_read_elsewhere(
    session: Session, tmp_path: Path, format: str, video: str, audio: str
) -> None:
    film(tmp_path / "a.mp4", size="320x180", fps="30000/1001", seconds=1.5)
    options = {"video": "a.mp4", "path": f"b.{format}", "size": "x90", "fps": 12}
    (await session.call("video_convert", options)).raise_for_error()
    made = tmp_path / f"b.{format}"
    seen = stream(made, "video")
    assert (seen["codec_name"], seen["width"], seen["height"]) == (video, 160, 90)
    assert (seen["r_frame_rate"], int(seen["nb_read_frames"])) == ("12/1", 18)
    assert seen["color_space"] == "bt709"
    assert stream(made, "audio")["codec_name"] == audio
    assert float(probe(made)["format"]["duration"]) == pytest.approx(1.5, abs=1 / 12)
    assert complaints(made) == ""


async def test_the_same_work_gives_the_same_bytes(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=1)
    for format in ("mp4", "webm"):
        digests: set[str] = set()
        for _ in range(2):
            options = {"video": "a.mp4", "path": f"b.{format}", "overwrite": True}
            (await session.call("video_convert", options)).raise_for_error()
            digests.add(hashlib.sha256((tmp_path / f"b.{format}").read_bytes()).hexdigest())
        assert len(digests) == 1


async def test_what_a_phone_has_filmed_sideways_is_upright(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "lying.mp4", size="320x240", seconds=1)
    ffmpeg("", "-i", str(tmp_path / "lying.mp4"), "-c", "copy", "-metadata:s:v", "rotate=90", out=tmp_path / "a.mp4")
    facts = (await session.call("video_info", {"video": "a.mp4"})).raise_for_error().structured
    assert (facts["width"], facts["height"]) == (240, 320)
    (await session.call("video_convert", {"video": "a.mp4", "path": "b.mp4", "crf": 5})).raise_for_error()
    made, upright = frames(tmp_path / "b.mp4", 240, 320), frames(tmp_path / "a.mp4", 240, 320)
    assert np.abs(made[0].astype(int) - upright[0]).mean() < 6


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"start": 9}, "it is 2.00 s long; there is nothing from 9 s on"),
        ({"start": 1, "end": 1}, "from 1 s to 1 s there is nothing"),
        ({"format": "webm", "copy": True}, "cannot be taken over as they are into webm"),
        ({"path": "b.wmv"}, "no film is written as 'wmv'; there are: mp4, mov, mkv, webm"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    session: Session, tmp_path: Path, arguments: dict[str, object], words: str
) -> None:
    film(tmp_path / "a.mp4")
    result = await session.call("video_trim", {"video": "a.mp4", **arguments})
    assert result.is_error
    assert words in result.text
    assert os.listdir(tmp_path) == ["a.mp4"]
