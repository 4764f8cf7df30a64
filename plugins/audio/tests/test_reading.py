"""Any media file is read; what is damaged, mislabelled or made to harm is refused by name."""

import io
import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from audio_support import decoded, made, noise, read, saved, tone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_audio.sound.limits import Limits
from massgen_audio.sound.reading import reading
from massgen_audio.sound.stream import gathered

from massgen_core.errors import ToolFailed

RATE = 24_000
SINE = "-f lavfi -i sine=frequency=500:duration=2:sample_rate=44100"


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("x.wav", ""),
        ("x.aiff", ""),
        ("x.au", ""),
        ("x.caf", ""),
        ("x.wv", ""),
        ("x.ogg", "-c:a libvorbis"),
        ("x.m4a", "-c:a alac"),
        ("x.mka", "-c:a aac"),
        ("x.wma", ""),
        ("x.ac3", ""),
        ("x.mp2", ""),
        ("x.webm", "-c:a libopus"),
        ("x.wav", "-c:a pcm_u8"),
        ("x.wav", "-c:a pcm_f64le"),
        ("x.wav", "-c:a adpcm_ms"),
    ],
)
def test_files_of_other_writers_are_read_as_ffmpeg_reads_them(name: str, how: str, tmp_path: Path) -> None:
    path = made(tmp_path / name, f"{SINE} {how}")
    found, expected = read(path), decoded(path, 1)
    assert abs(len(found) - len(expected)) <= 2048
    both = min(len(found), len(expected)) - 4096
    assert np.abs(found[2048:both] - expected[2048:both]).max() < 2e-4


def test_the_sound_of_a_film_is_read_without_its_pictures(tmp_path: Path) -> None:
    film = made(
        tmp_path / "x.mp4",
        f"-f lavfi -i testsrc=size=64x64:rate=10:duration=2 {SINE} -c:v libx264 -c:a aac -shortest",
    )
    with reading(io.BytesIO(film.read_bytes())) as source:
        assert source.facts.has_video
        assert abs(len(gathered(source.sound())) - 88_200) <= 1024


def test_a_sound_that_starts_late_in_a_film_stays_late(tmp_path: Path) -> None:
    film = made(
        tmp_path / "x.mkv",
        f"-f lavfi -i testsrc=size=64x64:rate=10:duration=3 -itsoffset 1 {SINE} -c:v libx264 -c:a flac",
    )
    samples = read(film)
    assert abs(len(samples) - 3 * 44_100) <= 4410
    assert np.abs(samples[:43_000]).max() == 0
    assert np.abs(samples[45_000:50_000]).max() > 0.05


@pytest.mark.parametrize("channels", ["5.1", "7.1"])
def test_many_channels_are_read(channels: str, tmp_path: Path) -> None:
    film = made(tmp_path / "x.m4a", f"{SINE} -af pan={channels}|FL=c0|FC=0.5*c0 -c:a aac")
    samples = read(film)
    assert samples.shape[1] == {"5.1": 6, "7.1": 8}[channels]
    assert np.abs(samples[20_000:60_000, 0]).max() == pytest.approx(0.125, abs=0.02)
    assert np.abs(samples[:, 1]).max() < 0.001


def test_more_channels_than_a_codec_is_read_with_are_refused(tmp_path: Path) -> None:
    path = made(tmp_path / "x.mka", f"{SINE} -af pan=16c|c0=c0 -c:a libvorbis")
    with pytest.raises(ToolFailed, match="16 channels of vorbis; at most 8 are read"):
        read(path)
    path = made(tmp_path / "x.wav", f"{SINE} -af pan=16c|c3=c0")
    assert np.abs(read(path)[:, 3]).max() > 0.1


def test_a_wrong_ending_does_not_matter(tmp_path: Path) -> None:
    path = saved(tmp_path, tone(1), RATE, "x.mp3")
    path.rename(tmp_path / "x.wav")
    with reading(io.BytesIO((tmp_path / "x.wav").read_bytes())) as source:
        assert source.facts.codec == "mp3"


@pytest.mark.parametrize("name", ["x.wav", "x.flac", "x.m4a"])
def test_a_file_that_is_cut_off_is_refused_or_salvaged(name: str, tmp_path: Path) -> None:
    data = saved(tmp_path, noise(RATE * 4), RATE, name).read_bytes()
    half = data[: len(data) // 2]
    with pytest.raises(ToolFailed, match="cut off|damaged|cannot be read"):
        read(half)
    if name == "x.m4a":
        return  # its table of contents is at the end
    with reading(io.BytesIO(half), "it", salvage=True) as source:
        assert 0 < len(gathered(source.sound())) < RATE * 3
        assert source.warnings


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", r"empty \(0 bytes\)"),
        (b"hello, this is text" * 100, "no sound file"),
        (b"RIFF", "no sound file"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n", "no sound file"),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", "no sound file"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        read(data)


def wav(rate: int, channels: int, frames: int = 1000, *, claimed: int | None = None, kind: int = 1) -> bytes:
    """A WAV file by hand, which may lie."""
    width = 2 * channels
    data = bytes(frames * width)
    size = len(data) if claimed is None else claimed
    head = struct.pack("<HHIIHH", kind, channels, rate, rate * width & 0xFFFFFFFF, width & 0xFFFF, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", size)
    return b"RIFF" + struct.pack("<I", len(body) + size & 0xFFFFFFFF) + body + data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (wav(44_100, 300), "300 channels; 1 to 32|no sound file"),
        (wav(4_000_000_000, 1), "samples a second; from|no sound file"),
        (wav(1, 1), "samples a second; from|no sound file"),
        (wav(44_100, 1, 0), "0 samples|no sound"),
        (wav(44_100, 1, kind=0x7777), "its sound is of an unknown kind, which is not read here"),
        (wav(44_100, 1, 1000, claimed=2**31), "longer than|cut off"),
    ],
)
def test_claims_that_no_recording_makes_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        read(data, limits=Limits(seconds=3600))


def test_a_sound_without_an_end_is_stopped(tmp_path: Path) -> None:
    data = saved(tmp_path, tone(3), RATE, "x.mp3").read_bytes()
    with pytest.raises(ToolFailed, match="longer than 10 seconds"):
        read(data * 20, limits=Limits(seconds=10))


def test_a_file_that_is_too_large_is_not_opened(tmp_path: Path) -> None:
    data = saved(tmp_path, tone(1), RATE).read_bytes()
    with pytest.raises(ToolFailed, match="at most 1000 are read"):
        read(data, limits=Limits(file_bytes=1000))


def test_a_track_that_is_not_there_is_named(tmp_path: Path) -> None:
    data = saved(tmp_path, tone(1), RATE).read_bytes()
    with pytest.raises(ToolFailed, match="no sound track 3; it has 1 sound tracks"):
        read(data, track=3)


def test_a_film_without_sound_is_named(tmp_path: Path) -> None:
    film = made(tmp_path / "x.mp4", "-f lavfi -i testsrc=size=64x64:duration=1 -c:v libx264")
    with pytest.raises(ToolFailed, match="it has no sound, only video"):
        read(film)


OTHERS = {
    "x.ogg": "-c:a libvorbis",
    "x.mka": "-c:a aac",
    "x.caf": "",
    "x.wma": "",
    "x.flv": "-c:a mp3",
    "x.ts": "-c:a mp2",
    "x.wv": "",
}


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("others")
    for name, how in OTHERS.items():
        made(folder / name, f"-f lavfi -i sine=duration=0.5:sample_rate=44100 {how}")
    return folder


@settings(max_examples=150)
@given(
    name=st.sampled_from(sorted(OTHERS)), seed=st.integers(0, 2**32), changes=st.integers(1, 30), salvage=st.booleans()
)
def test_damage_of_containers_gives_samples_or_a_named_error(
    others: Path, name: str, seed: int, changes: int, salvage: bool
) -> None:
    data = np.frombuffer((others / name).read_bytes(), np.uint8).copy()
    chance = np.random.default_rng(seed)
    reach = len(data) if seed % 2 else min(len(data), 600)
    data[chance.integers(0, reach, changes)] = chance.integers(0, 256, changes)
    with suppress(ToolFailed):
        samples = read(data.tobytes(), limits=Limits(seconds=60), salvage=salvage)
        assert samples.size
        assert np.isfinite(samples).all()


NAMES = ["x.wav", "x.flac", "x.mp3", "x.opus", "x.aac", "x.m4a"]


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz")
    for name in NAMES:
        saved(folder, noise(12_000, 2), 24_000, name)
    return folder


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(NAMES),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=12),
    keep=st.floats(0.01, 1),
    head=st.booleans(),
)
def test_damage_gives_samples_or_a_named_error(
    originals: Path, name: str, changes: list[tuple[float, int]], keep: float, head: bool
) -> None:
    """Bytes are changed anywhere, or in the head; what comes out is sound of sane size, or a refusal."""
    data = bytearray((originals / name).read_bytes())
    reach = min(len(data), 200) if head else len(data)
    for where, value in changes:
        data[min(int(where * reach), len(data) - 1)] = value
    damaged = bytes(data[: max(1, int(len(data) * keep))])
    with suppress(ToolFailed):
        samples = read(damaged, limits=Limits(seconds=60))
        assert samples.size
        assert np.isfinite(samples).all()
