"""Every format is written so that another decoder finds the right length, rate, channels and text."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audio_support import decoded, noise, probed, read, tone
from massgen_audio.sound.formats import FORMATS
from massgen_audio.sound.stream import of
from massgen_audio.sound.writing import write

from massgen_core.errors import ToolFailed

RATE = 44_100
TAGS = {"title": "A test", "comment": "of sound", "encoded_by": "massgen-audio"}


def options(name: str) -> list[str]:
    return ["-f", "s16le", "-ar", str(RATE), "-ac", "2"] if name == "pcm" else []


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_ffmpeg_decodes_it_to_the_same_length(name: str, tmp_path: Path) -> None:
    samples = noise(RATE * 2 + 777, 2)
    facts = write(of(samples, RATE), tmp_path / "x", name, tags=TAGS)
    rate = facts["sample_rate"]
    found = decoded(tmp_path / "x", 2, *options(name))
    frame = {"aac": 2048, "m4a": 1024}.get(name, 0)
    assert abs(len(found) - facts["frames"]) <= frame
    assert facts["frames"] == round(len(samples) * rate / RATE)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"pcm"}))
def test_ffprobe_finds_rate_channels_and_text(name: str, tmp_path: Path) -> None:
    facts = write(of(noise(RATE, 2), RATE), tmp_path / "x", name, tags=TAGS)
    said = probed(tmp_path / "x")
    stream = said["streams"][0]
    texts = said["format"].get("tags", {}) | stream.get("tags", {})
    texts = {key.lower(): value for key, value in texts.items()}
    assert (int(stream["sample_rate"]), stream["channels"]) == (
        48_000 if name == "opus" else facts["sample_rate"],
        2,
    )
    assert {key: texts.get(key) for key in TAGS} == TAGS


@pytest.mark.parametrize("name", ["wav", "flac", "pcm"])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_loses_nothing_gives_every_sample_back(name: str, channels: int, tmp_path: Path) -> None:
    samples = noise(40_000, channels)
    write(of(samples, RATE), tmp_path / "x", name)
    raw = (RATE, channels) if name == "pcm" else None
    assert np.array_equal(read(tmp_path / "x", raw=raw), samples)


@pytest.mark.parametrize(("name", "bits"), [("wav", 24), ("flac", 24), ("wav", 32)])
def test_more_bits_are_kept(name: str, bits: int, tmp_path: Path) -> None:
    samples = (np.rint(noise(30_000, 2) * 2**23 + 1) / 2**23).astype(np.float32)
    write(of(samples, RATE, bits=bits), tmp_path / "x", name)
    assert np.array_equal(read(tmp_path / "x"), samples)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_the_same_samples_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    for file in ("one", "two"):
        write(of(noise(60_000, 2), RATE), tmp_path / file, name, tags=TAGS)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "m4a"])
def test_a_tone_stays_that_tone(name: str, tmp_path: Path) -> None:
    write(of(tone(1.5, hertz=1000, rate=RATE), RATE), tmp_path / "x", name)
    found = read(tmp_path / "x")[:, 0]
    rate = 48_000 if name == "opus" else RATE
    strongest = np.argmax(np.abs(np.fft.rfft(found[rate // 4 : rate // 4 + rate])))
    assert abs(strongest - 1000) <= 1


def test_a_rate_that_mp3_does_not_have_becomes_the_next_one(tmp_path: Path) -> None:
    facts = write(of(noise(50_000, 1), 37_000), tmp_path / "x", "mp3")
    assert facts["sample_rate"] == 44_100
    assert facts["frames"] == round(50_000 * 44_100 / 37_000)


def test_six_channels_become_two_where_the_format_has_no_more(tmp_path: Path) -> None:
    assert write(of(noise(RATE, 6), RATE), tmp_path / "x", "mp3")["channels"] == 2


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("ogg", {}, "no format 'ogg'; there are aac, flac"),
        ("wav", {"bit_rate": 64_000}, "loses nothing: leave bit_rate out"),
        ("mp3", {"bit_rate": 64}, "from 8000 to 320000"),
        ("mp3", {"bits": 24}, "mp3 has no 24 bits; it has 16"),
    ],
)
def test_what_a_format_does_not_have_is_refused(name: str, asked: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=said):
        write(of(noise(1000), RATE), tmp_path / "x", name, **asked)


def test_a_sound_without_samples_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="0 samples are left"):
        write(of(noise(0), RATE), tmp_path / "x", "wav")
