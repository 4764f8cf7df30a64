"""Films that are given other sound and subtitles."""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers_here import tone
from hypothesis import given
from hypothesis import strategies as st
from judging import complaints, film, frames, judged, loudness, pitch, samples, stream, texts
from massgen_video.storyboard.mixing import softened
from massgen_video.subtitles.cues import Cue, broken, parse, spoken, to_srt, to_vtt

from massgen_core import Session

pytestmark = [pytest.mark.anyio, judged]
CUES = [
    {"start": 0.5, "end": 1.5, "text": "Hello <b>you</b> & all\nof them"},
    {"start": 1.6, "end": 1.9, "text": "Ελλάδα"},
]


@pytest.mark.parametrize("format", ["mp4", "mkv", "mov"])
async def test_subtitles_as_a_track(session: Session, tmp_path: Path, format: str) -> None:
    film(tmp_path / f"a.{format}")
    arguments = {"video": f"a.{format}", "cues": CUES, "language": "eng", "path": f"b.{format}"}
    (await session.call("video_subtitles", arguments)).raise_for_error()
    made = tmp_path / f"b.{format}"
    assert stream(made, "subtitle")["tags"]["language"] == "eng"
    assert [cue.text for cue in parse(texts(made), "seen")] == ["Hello you & all\nof them", "Ελλάδα"]
    assert (frames(made, 320, 240) == frames(tmp_path / f"a.{format}", 320, 240)).all()
    taken = await session.call("video_subtitles", {"video": f"b.{format}", "mode": "extract", "path": "c.vtt"})
    taken.raise_for_error()
    assert "00:00:01.600 --> 00:00:01.900\nΕλλάδα" in (tmp_path / "c.vtt").read_text()
    assert complaints(made) == ""


async def test_subtitles_that_are_drawn(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", more="-crf 5", seconds=2)
    (tmp_path / "s.srt").write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    arguments = {"video": "a.mp4", "subtitles": "s.srt", "mode": "burned", "quality": "high", "path": "b.mp4"}
    (await session.call("video_subtitles", arguments)).raise_for_error()
    before, after = (frames(tmp_path / name, 320, 240).astype(int) for name in ("a.mp4", "b.mp4"))
    changed = np.abs(before - after).mean(axis=3)
    assert changed[24, 205:235].max() > 100
    assert changed[24, :190].mean() < 6
    assert changed[6, 205:235].mean() < 6
    assert changed[40, 205:235].mean() < 6


async def test_sound_instead(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=2, hertz=440)
    tone(tmp_path / "s.wav", 0.5, 900)
    (await session.call("video_replace_audio", {"video": "a.mp4", "audio": "s.wav", "path": "b.mp4"})).raise_for_error()
    heard = samples(tmp_path / "b.mp4")
    assert pitch(heard[2000:20_000]) == pytest.approx(900, abs=4)
    assert loudness(heard[30_000:90_000]) < 0.001
    arguments = {"video": "a.mp4", "audio": "s.wav", "path": "c.mp4", "loop": True, "start": 1}
    (await session.call("video_replace_audio", arguments)).raise_for_error()
    heard = samples(tmp_path / "c.mp4")
    assert loudness(heard[:40_000]) < 0.001
    assert pitch(heard[50_000:90_000]) == pytest.approx(900, abs=4)
    assert len(heard) == pytest.approx(96_000, abs=2000)
    assert (frames(tmp_path / "c.mp4", 320, 240) == frames(tmp_path / "a.mp4", 320, 240)).all()


async def test_sound_as_well_none_and_taken_out(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "a.mp4", seconds=2, hertz=440)
    tone(tmp_path / "s.wav", 2, 900)
    arguments = {"video": "a.mp4", "audio": "s.wav", "mode": "mix", "volume": 0.3, "path": "b.mkv"}
    (await session.call("video_replace_audio", arguments)).raise_for_error()
    spectrum = np.abs(np.fft.rfft(samples(tmp_path / "b.mkv")[:48_000]))
    loudest = set(np.argsort(spectrum)[-2:])
    assert loudest == {440, 900}
    (await session.call("video_replace_audio", {"video": "a.mp4", "mode": "remove", "path": "c.mp4"})).raise_for_error()
    assert [each for each in ("audio",) if each in complaints(tmp_path / "c.mp4")] == []
    for format, codec in (("wav", "pcm_s16le"), ("mp3", "mp3"), ("opus", "opus"), ("flac", "flac"), ("m4a", "aac")):
        arguments = {"video": "a.mp4", "mode": "extract", "start": 0.5, "end": 1.5, "path": f"d.{format}"}
        (await session.call("video_replace_audio", arguments)).raise_for_error()
        assert stream(tmp_path / f"d.{format}", "audio")["codec_name"] == codec
        heard = samples(tmp_path / f"d.{format}")
        assert len(heard) == pytest.approx(48_000, abs=2600)
        assert pitch(heard) == pytest.approx(440, abs=3)


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("subtitles", {}, "give the subtitles either as a file (`subtitles`), or as `cues`"),
        ("subtitles", {"subtitles": "no.srt"}, "no.srt: there are no subtitles in it"),
        ("subtitles", {"mode": "extract"}, "a.mp4: there are no subtitles in it"),
        ("subtitles", {"cues": [{"start": 2, "end": 1, "text": "x"}]}, "whose texts end after they start"),
        ("replace_audio", {}, "name the new sound with `audio`"),
        ("replace_audio", {"audio": "no.srt"}, "no.srt: it is no film that is known here"),
        ("replace_audio", {"audio": "silent.mp4"}, "silent.mp4: there is no sound in it"),
    ],
)
async def test_what_cannot_be_is_refused_in_words(
    session: Session, tmp_path: Path, tool: str, arguments: dict[str, Any], words: str
) -> None:
    film(tmp_path / "a.mp4", seconds=1)
    film(tmp_path / "silent.mp4", seconds=1, sound=False)
    (tmp_path / "no.srt").write_text("nothing")
    result = await session.call(f"video_{tool}", {"video": "a.mp4", **arguments})
    assert result.is_error
    assert words in result.text
    assert sorted(os.listdir(tmp_path)) == ["a.mp4", "no.srt", "silent.mp4"]


TEXT = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="<>{}&-"), min_size=1, max_size=30)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(1, 10**5), TEXT), min_size=1, max_size=20))
def test_subtitles_are_read_as_they_are_written(given: list[tuple[int, int, str]]) -> None:
    cues = sorted(Cue(start / 1000, (start + length) / 1000, text) for start, length, text in given)
    for written in (to_srt(cues), to_vtt(cues)):
        assert parse(written, "x") == cues


@given(st.text(st.characters(exclude_categories=["C"]), max_size=500), st.floats(0, 100), st.floats(0.5, 100))
def test_a_narration_is_all_in_its_cues_and_in_its_time(text: str, start: float, length: float) -> None:
    cues = spoken(text, start, start + length)
    assert " ".join(cue.text for cue in cues).split() == text.split()
    assert all(one.end == other.start for one, other in pairwise(cues))
    if cues:
        assert (cues[0].start, cues[-1].end) == (round(start, 3), pytest.approx(start + length, abs=0.002))


@given(st.text(max_size=300))
def test_lines_are_broken_between_words(text: str) -> None:
    assert broken(text).split() == text.split()


@given(st.lists(st.floats(-4, 4, width=32), min_size=1, max_size=200))
def test_a_mix_stays_within_full_scale_and_keeps_what_is_quiet(values: list[float]) -> None:
    sound = np.array(values, np.float32).repeat(2).reshape(-1, 2)
    soft = softened(sound)
    assert np.abs(soft).max() <= 1.0
    quiet = np.abs(sound) <= 0.9
    assert (soft[quiet] == sound[quiet]).all()
