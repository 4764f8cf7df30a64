"""Edits are exact to the sample, linear where they should be, and agree with ffmpeg where they measure."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audio_support import needs, noise, read, saved, tone
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_audio.edits.cutting import faded, kept, trimmed
from massgen_audio.edits.joining import joined
from massgen_audio.edits.loudness import amplified, gain_for, limited, measured
from massgen_audio.edits.mixing import Track, loudest, mixed
from massgen_audio.edits.quiet import silences, without
from massgen_audio.edits.tempo import hastened
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Samples, Sound, gathered, of

from massgen_core.errors import ToolFailed

RATE = 8_000


def pieces(samples: Samples, size: int) -> Sound:
    """A sound whose blocks have a size of their own."""
    whole = of(samples, RATE)
    return replace(whole, blocks=(samples[at : at + size] for at in range(0, len(samples), size)))


lengths = st.integers(1, 20_000)
sizes = st.integers(1, 5_000)


@given(length=lengths, at=st.floats(0, 1), size=sizes)
def test_a_part_and_the_rest_make_the_whole(length: int, at: float, size: int) -> None:
    samples = noise(length, 2)
    cut = min(max(1, int(at * length)), length - 1) / RATE if length > 1 else None
    if cut is None:
        return
    first = trimmed(pieces(samples, size), 0, cut)
    rest = trimmed(pieces(samples, size), cut, None)
    assert np.array_equal(gathered(joined([first, rest])), samples)


@pytest.mark.parametrize("form", ["wav", "flac"])
def test_so_they_do_through_files(form: str, tmp_path: Path) -> None:
    samples = noise(RATE * 3 + 123, 2)
    whole = read(saved(tmp_path, samples, RATE, f"a.{form}"))
    first = read(saved(tmp_path, gathered(trimmed(of(whole, RATE), 0, 1.2345)), RATE, f"b.{form}"))
    rest = read(saved(tmp_path, gathered(trimmed(of(whole, RATE), 1.2345, None)), RATE, f"c.{form}"))
    assert np.array_equal(gathered(joined([of(first, RATE), of(rest, RATE)])), samples)


@given(length=lengths, size=sizes, edges=st.lists(st.integers(0, 20_000), max_size=8))
def test_spans_that_are_kept_are_those_of_the_samples(length: int, size: int, edges: list[int]) -> None:
    samples = noise(length)
    places = sorted({min(edge, length) for edge in edges})
    spans = list(zip(places[::2], places[1::2], strict=False))
    expected = [samples[start:end] for start, end in spans]
    found = gathered(kept(pieces(samples, size), spans))
    assert np.array_equal(found, np.concatenate([np.zeros((0, 1), np.float32), *expected]))


@given(length=lengths, size=sizes, rise=st.floats(0, 1), fall=st.floats(0, 1))
def test_fades_do_not_depend_on_blocks(length: int, size: int, rise: float, fall: float) -> None:
    samples = noise(length)
    one = gathered(faded(of(samples, RATE), rise, fall))
    other = gathered(faded(pieces(samples, size), rise, fall))
    assert np.array_equal(one, other)
    assert len(one) == length
    assert np.abs(one).max(initial=0) <= np.abs(samples).max(initial=0)


def test_a_fade_rises_and_falls_on_a_line() -> None:
    found = gathered(faded(of(np.ones((RATE, 1), np.float32), RATE), 0.5, 0.25))[:, 0]
    assert found[0] == 0
    assert found[RATE // 4] == 0.5
    assert found[RATE // 2] == 1
    assert found[-RATE // 8] == 0.5
    assert 0 < found[-1] < 0.001


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [(2.0, 1.0, "the end must come after the start"), (30.0, None, "nothing at 30 s: the sound is 1 s long")],
)
def test_a_part_that_is_not_there_is_refused(start: float, end: float | None, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        gathered(trimmed(of(noise(RATE), RATE), start, end))


def test_joined_sounds_have_the_gap_between_them() -> None:
    one, two = noise(1000), noise(500, seed=2)
    found = gathered(joined([of(one, RATE), of(two, RATE)], gap=0.25))
    assert np.array_equal(found, np.concatenate([one, np.zeros((2000, 1), np.float32), two]))


def test_a_crossfade_is_as_long_as_asked_and_keeps_the_power() -> None:
    one, two = noise(RATE * 2, seed=1), noise(RATE * 2, seed=2)
    found = gathered(joined([of(one, RATE), of(two, RATE), of(one, RATE)], crossfade=0.5))
    assert len(found) == RATE * 5
    assert np.array_equal(found[:RATE], one[:RATE])
    middle = found[RATE * 3 // 2 : RATE * 2]
    assert np.sqrt(np.square(middle).mean()) == pytest.approx(np.sqrt(np.square(one).mean()), rel=0.05)


def test_what_cannot_be_joined_is_refused() -> None:
    short, long = noise(RATE // 10), noise(RATE)
    with pytest.raises(ToolFailed, match="sound 2 is shorter than the crossfade"):
        gathered(joined([of(long, RATE), of(short, RATE)], crossfade=0.5))
    with pytest.raises(ToolFailed, match="cannot be had at once"):
        joined([of(long, RATE), of(short, RATE)], gap=1, crossfade=0.5)


def test_unlike_rates_and_channels_become_the_highest() -> None:
    found = joined([of(noise(8_000, 1), 8_000), of(noise(48_000, 2), 48_000)])
    assert (found.rate, found.channels) == (48_000, 2)
    assert len(gathered(found)) == 96_000


@given(length=lengths, channels=st.integers(1, 3), other=st.integers(0, 20_000))
def test_a_mix_with_silence_is_the_sound_itself(length: int, channels: int, other: int) -> None:
    samples = noise(length, channels)
    quiet = of(np.zeros((min(other, length), channels), np.float32), RATE)
    assert np.array_equal(gathered(mixed([Track(sound=of(samples, RATE)), Track(sound=quiet)])), samples)


@given(length=lengths, gain=st.floats(-40, 20), size=sizes)
def test_a_gain_is_linear(length: int, gain: float, size: int) -> None:
    samples = noise(length)
    found = gathered(mixed([Track(sound=pieces(samples, size), gain=gain)]))
    assert np.allclose(found, samples * 10 ** (gain / 20), rtol=1e-5, atol=1e-7)


def test_tracks_begin_when_they_should() -> None:
    one, two = noise(RATE, seed=1), noise(RATE, seed=2)
    found = gathered(mixed([Track(sound=of(one, RATE)), Track(sound=of(two, RATE), start=0.5)]))
    expected = np.zeros((RATE * 3 // 2, 1), np.float32)
    expected[:RATE] += one
    expected[RATE // 2 :] += two
    assert np.array_equal(found, expected)


def test_music_makes_room_for_speech_and_comes_back() -> None:
    music = tone(6, rate=RATE, level=0.5)
    speech = np.zeros((RATE * 6, 1), np.float32)
    speech[RATE * 2 : RATE * 3] = noise(RATE, level=0.2)
    tracks = [Track(sound=of(speech, RATE)), Track(sound=of(music, RATE), duck=12)]
    bed = gathered(mixed(tracks)) - speech
    level = [20 * np.log10(np.abs(bed[int(at * RATE) : int(at * RATE) + 400]).max() / 0.5) for at in (1, 2.7, 5.9)]
    assert level == [pytest.approx(0, abs=0.1), pytest.approx(-12, abs=0.5), pytest.approx(0, abs=0.3)]


def ffmpeg_loudness(path: Path) -> dict[str, float]:
    needs("ffmpeg")
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition("Summary:")[2]
    found = {key: float(value) for key, value in re.findall(r"\b(I|LRA|Peak):\s+(-?[\d.]+)", said)}
    return {"integrated": found["I"], "range": found["LRA"], "true_peak": found["Peak"]}


def changing(seconds: int, channels: int, rate: int) -> Samples:
    """Noise and tones that are loud and soft in turn."""
    samples = noise(rate * seconds, channels, seed=5, level=0.1)
    samples += tone(seconds, hertz=997, rate=rate, level=0.2)
    moments = np.arange(len(samples)) / rate
    return (samples * (0.3 + 0.7 * (np.sin(moments * 0.9) > 0))[:, None]).astype(np.float32)


@pytest.mark.parametrize(("rate", "channels"), [(48_000, 2), (44_100, 1), (24_000, 1), (48_000, 6)])
def test_loudness_is_what_ffmpeg_measures(rate: int, channels: int, tmp_path: Path) -> None:
    path = saved(tmp_path, changing(25, channels, rate), rate)
    expected, found = ffmpeg_loudness(path), measured(of(read(path), rate))
    assert found.integrated == pytest.approx(expected["integrated"], abs=0.2)
    assert found.range == pytest.approx(expected["range"], abs=0.3)
    assert found.true_peak == pytest.approx(expected["true_peak"], abs=0.2)


def test_a_sine_of_full_scale_has_the_loudness_of_the_standard() -> None:
    """BS.1770-4, Annex 1: a 0 dBFS, 1 kHz sine in one channel reads -3.01 LKFS."""
    found = measured(of(tone(5, hertz=997, rate=48_000, level=1.0), 48_000))
    assert found.integrated == pytest.approx(-3.01, abs=0.05)
    assert found.momentary == pytest.approx(-3.01, abs=0.05)


def test_silence_has_no_loudness() -> None:
    found = measured(of(np.zeros((48_000, 2), np.float32), 48_000))
    assert (found.integrated, found.true_peak, found.range) == (None, None, None)


def test_a_sound_is_made_as_loud_as_asked(tmp_path: Path) -> None:
    samples = changing(20, 2, 48_000)
    gain, over = gain_for(measured(of(samples, 48_000)), -23, -1)
    assert not over
    path = saved(tmp_path, gathered(amplified(of(samples, 48_000), gain)), 48_000)
    assert ffmpeg_loudness(path)["integrated"] == pytest.approx(-23, abs=0.2)


def test_a_limiter_holds_the_true_peak(tmp_path: Path) -> None:
    samples = changing(10, 2, 48_000)
    loud = amplified(of(samples, 48_000), 12)
    found = gathered(limited(loud, -1.5))
    assert len(found) == len(samples)
    assert ffmpeg_loudness(saved(tmp_path, found, 48_000))["true_peak"] <= -1.0


def test_silences_are_found_and_cut() -> None:
    parts = [noise(RATE, seed=1), np.zeros((RATE * 2, 1), np.float32), noise(RATE, seed=2)]
    whole = np.concatenate([np.zeros((RATE, 1), np.float32), *parts, np.zeros((RATE // 2, 1), np.float32)])
    spans, frames = silences(of(whole, RATE), threshold=-50, minimum=0.4, padding=0.1)
    pad = RATE // 10
    assert spans == [(0, RATE - pad), (RATE * 2 + pad, RATE * 4 - pad), (RATE * 5 + pad, len(whole))]
    found = gathered(kept(of(whole, RATE), without(spans, frames)))
    assert len(found) == RATE * 2 + 4 * pad
    assert np.array_equal(found[pad : pad + RATE], parts[0])


@given(length=lengths, size=sizes)
def test_what_is_loud_is_never_cut(length: int, size: int) -> None:
    samples = noise(length) + np.float32(0.2)
    spans, frames = silences(pieces(samples, size), threshold=-40, minimum=0.1, padding=0.05)
    assert (spans, frames) == ([], length)


@pytest.mark.parametrize("speed", [0.4, 0.8, 1.5, 3.0])
def test_another_pace_has_the_same_pitch(speed: float) -> None:
    found = gathered(hastened(of(tone(4, hertz=440, rate=RATE), RATE), speed))
    assert len(found) / RATE == pytest.approx(4 / speed, rel=0.03)
    spectrum = np.abs(np.fft.rfft(found[:RATE, 0]))
    assert abs(int(np.argmax(spectrum)) - 440) <= 5


@settings(max_examples=40)
@given(length=st.integers(1, 9000), rates=st.tuples(st.integers(1000, 60_000), st.integers(1000, 60_000)))
def test_another_rate_lasts_as_long(length: int, rates: tuple[int, int]) -> None:
    found = gathered(resampled(of(noise(length), rates[0]), rates[1]))
    assert len(found) == round(length * rates[1] / rates[0])


def test_resampling_keeps_tones_and_lets_no_other_through() -> None:
    samples = tone(2, hertz=3_000, rate=48_000) + tone(2, hertz=15_000, rate=48_000)
    found = gathered(resampled(of(samples, 48_000), 16_000))[:, 0]
    spectrum = np.abs(np.fft.rfft(found[8_000:24_000] * np.hanning(16_000)))
    levels = 20 * np.log10(spectrum / spectrum.max() + 1e-12)
    assert int(np.argmax(spectrum)) == 3_000
    assert levels[np.abs(np.arange(len(levels)) - 3_000) > 10].max() < -80


def test_channels_are_copied_averaged_and_folded() -> None:
    one, two = noise(500), noise(500, 2)
    assert np.array_equal(gathered(mapped(of(one, RATE), 2)), np.repeat(one, 2, 1))
    assert np.allclose(gathered(mapped(of(two, RATE), 1))[:, 0], two.mean(axis=1))
    full = np.ones((500, 6), np.float32)
    assert np.abs(gathered(mapped(of(full, RATE), 2))).max() <= 1.001


def test_the_loudest_sample_is_found() -> None:
    samples = noise(50_000)
    samples[43_210] = -0.987
    assert loudest(of(samples, RATE)) == pytest.approx(0.987)
