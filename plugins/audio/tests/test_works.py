"""The work functions: options in, one file out that another decoder agrees with, or nothing and a named error."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audio_support import decoded, noise, probed, read, saved, tone
from massgen_audio.provenance import SYNTHETIC
from massgen_audio.works.editing import convert, cut_silence, join, loudness, mix, trim
from massgen_audio.works.looking import info, picture
from massgen_audio.works.making import music_bed
from massgen_audio.works.making import tone as make_tone
from PIL import Image
from work_support import call

from massgen_core.errors import ToolFailed

RATE = 24_000


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture
def song(tmp_path: Path) -> Path:
    return saved(tmp_path, noise(RATE * 3, 2), RATE, tags={"title": "Song", "artist": "Somebody"})


@pytest.mark.parametrize("form", ["mp3", "opus", "flac", "m4a", "aac", "wav", "pcm"])
def test_a_file_is_converted(form: str, song: Path, into: Path) -> None:
    done = call(convert, into, song, format=form, sample_rate=48_000, channels=1)
    raw = ["-f", "s16le", "-ar", "48000", "-ac", "1"] if form == "pcm" else []
    assert abs(len(decoded(done.path, 1, *raw)) - RATE * 6) <= 2048
    assert (done.output["sample_rate"], done.output["channels"]) == (48_000, 1)
    assert done.told[-1] == 1.0


def test_texts_of_a_file_are_carried_over(song: Path, into: Path) -> None:
    texts = probed(call(convert, into, song, format="mp3").path)["format"]["tags"]
    assert (texts["title"], texts["artist"]) == ("Song", "Somebody")
    assert texts["encoded_by"].startswith("massgen-audio")


def test_bare_samples_are_read_with_what_the_caller_knows(tmp_path: Path, into: Path) -> None:
    path = saved(tmp_path, noise(RATE, 2), RATE, "a.pcm")
    done = call(convert, into, path, format="wav", raw=True, raw_rate=RATE, raw_channels=2)
    assert np.array_equal(read(done.path), noise(RATE, 2))


def test_pace_and_gain_are_changed(tmp_path: Path, into: Path) -> None:
    song = saved(tmp_path, tone(3), RATE, "tone.wav")
    done = call(convert, into, song, format="wav", speed=2.0, gain=-6.0)
    assert done.output["duration"] == pytest.approx(1.5, rel=0.03)
    assert np.abs(read(done.path)).mean() == pytest.approx(np.abs(read(song)).mean() / 2, rel=0.1)


def test_a_part_is_taken(song: Path, into: Path) -> None:
    done = call(trim, into, song, start=1.0, duration=0.5)
    assert np.array_equal(read(done.path), read(song)[RATE : RATE * 3 // 2])
    with pytest.raises(ToolFailed, match="end and duration say the same"):
        call(trim, into, song, end=1.0, duration=0.5)


def test_files_are_joined(song: Path, tmp_path: Path, into: Path) -> None:
    other = saved(tmp_path, tone(1, rate=48_000), 48_000, "b.flac")
    done = call(join, into, song, other, gap=0.5, format="flac")
    assert (done.output["sample_rate"], done.output["channels"]) == (48_000, 2)
    assert done.output["duration"] == pytest.approx(4.5)


def test_files_are_mixed_and_never_louder_than_full_scale(tmp_path: Path, into: Path) -> None:
    paths = [saved(tmp_path, tone(2, level=0.8), RATE, f"{name}.wav") for name in "ab"]
    done = call(mix, into, *paths, tracks=[{}, {"start": 0.5}])
    assert done.output["duration"] == 2.5
    assert 0.98 < np.abs(read(done.path)).max() <= 1.0
    assert "turned down by" in done.facts["warnings"][0]


def test_a_bed_ends_with_the_speech(tmp_path: Path, into: Path) -> None:
    speech, bed = saved(tmp_path, tone(1), RATE, "a.wav"), saved(tmp_path, tone(5, level=0.1), RATE, "b.wav")
    done = call(mix, into, speech, bed, tracks=[{}, {"gain": -6, "duck": 6}], length="first", fade_out=0.2)
    assert done.output["duration"] == 1.0
    with pytest.raises(ToolFailed, match="1 tracks are described, 2 files are given"):
        call(mix, into, speech, bed, tracks=[{}])


def test_loudness_is_told_and_set(song: Path, into: Path) -> None:
    told = call(loudness, into, song).output
    assert "file" not in told
    assert "LUFS integrated" in told["text"]
    done = call(loudness, into, song, target=-16, limit=True)
    details = done.output["details"]
    assert details["after"]["integrated"] == pytest.approx(-16, abs=0.5)
    assert details["after"]["true_peak"] <= -1.0
    soft = call(loudness, into, song, target=-3)
    assert "set limit=true" in soft.facts["warnings"][0]
    assert soft.output["details"]["after"]["true_peak"] == pytest.approx(-1.0, abs=0.1)


def test_silences_are_listed_and_cut(tmp_path: Path, into: Path) -> None:
    quiet = np.zeros((RATE * 2, 1), np.float32)
    path = saved(tmp_path, np.concatenate([quiet, tone(1), quiet, tone(1)]), RATE, "q.wav")
    facts = call(cut_silence, into, path, dry_run=True).output["details"]
    assert facts == {"cuts": [[0.0, 1.9], [3.1, 4.9]], "count": 2, "removed": 3.7, "seconds": 6.0}
    assert list(into.iterdir()) == []
    assert call(cut_silence, into, path).output["duration"] == pytest.approx(2.3)
    assert call(cut_silence, into, path, ends_only=True).output["duration"] == pytest.approx(4.1)


def test_tones_and_music_say_what_they_are(into: Path) -> None:
    done = call(make_tone, into, wave="chord", notes="Am", seconds=1.0, format="flac")
    texts = {key.lower(): value for key, value in probed(done.path)["format"]["tags"].items()}
    assert texts["digital_source_type"] == SYNTHETIC
    assert texts["comment"].startswith("Synthetic: chord, calculated.")
    bed = call(music_bed, into, mood="calm", seconds=2.0, seed=9, format="mp3")
    assert (bed.output["duration"], bed.output["channels"]) == (2.0, 2)


def test_what_came_from_a_model_stays_marked(tmp_path: Path, into: Path) -> None:
    mark = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    path = saved(tmp_path, tone(1), RATE, "s.wav", tags={"comment": f"AI-generated: speech. {mark}"})
    texts = probed(call(convert, into, path, format="flac").path)["format"]["tags"]
    assert {key.lower(): value for key, value in texts.items()}["digital_source_type"] == mark


@pytest.mark.parametrize("kind", ["waveform", "spectrogram"])
def test_a_file_is_drawn(kind: str, song: Path, into: Path) -> None:
    done = call(picture, into, song, kind=kind, width=800, height=300)
    with Image.open(done.path) as image:
        assert (image.size, image.format) == ((800, 300), "PNG")
        assert image.info["Software"].startswith("massgen-audio")
    assert done.output["alt"].startswith(f"{kind} of in.wav")


def test_a_spectrogram_shows_a_tone_where_it_is(tmp_path: Path, into: Path) -> None:
    path = saved(tmp_path, tone(2, hertz=3_000), RATE, "t.wav")
    done = call(picture, into, path, kind="spectrogram", scale="linear", width=600, height=300)
    place = done.output["details"]["drawn_in"]
    with Image.open(done.path) as image:
        column = np.asarray(image.convert("L"))[place["top"] : place["bottom"], place["left"] + 100]
    share = 1 - np.argmax(column) / len(column)
    assert share * 12_000 == pytest.approx(3_000, abs=100)


def test_a_waveform_shows_when_it_is_loud(tmp_path: Path, into: Path) -> None:
    samples = np.concatenate([np.zeros((RATE, 1), np.float32), tone(1, level=0.9)])
    done = call(picture, into, saved(tmp_path, samples, RATE, "h.wav"), width=600, height=300)
    place = done.output["details"]["drawn_in"]
    with Image.open(done.path) as image:
        area = np.asarray(image.convert("L"))[place["top"] : place["bottom"], place["left"] : place["right"]]
    dark = (area < 200).mean(axis=0)
    middle = len(dark) // 2
    assert dark[: middle - 5].max() < 0.05
    assert dark[middle + 5 : -5].min() > 0.8


def test_a_file_is_described(song: Path, into: Path) -> None:
    done = call(info, into, song)
    assert done.output["details"]["seconds"] == 3.0
    assert done.output["text"].startswith("wav: pcm_s16le, 24000 Hz, ")
    assert call(info, into, song, exact=True).output["details"]["frames"] == RATE * 3


WORKS: list[tuple[Any, dict[str, Any]]] = [
    (convert, {"format": "mp3"}),
    (trim, {"start": 0.1}),
    (join, {}),
    (mix, {}),
    (loudness, {"target": -20}),
    (cut_silence, {}),
    (picture, {}),
    (info, {"exact": True}),
]


@pytest.mark.parametrize(("work", "options"), WORKS)
@pytest.mark.parametrize("data", [b"", b"no sound" * 50, b"RIFF\xff\xff\xff\xffWAVE" + b"\0" * 900])
def test_what_is_no_sound_is_a_named_error(
    work: Any, options: dict[str, Any], data: bytes, tmp_path: Path, into: Path
) -> None:
    (tmp_path / "bad.mp3").write_bytes(data)
    with pytest.raises(ToolFailed, match=r"bad\.mp3: "):
        call(work, into, tmp_path / "bad.mp3", **options)


def test_limits_of_the_config_hold(song: Path, into: Path) -> None:
    with pytest.raises(ToolFailed, match="longer than 2 seconds"):
        call(convert, into, song, longest_seconds=2.0)
