"""Tones are what their numbers say, to the sample; music comes again from its seed."""

import numpy as np
import pytest
from massgen_audio.edits.loudness import measured
from massgen_audio.sound.stream import gathered, of
from massgen_audio.synthesis.music import MOODS, RATE, music
from massgen_audio.synthesis.pitches import chord, hertz, note
from massgen_audio.synthesis.tones import WAVES, Tone, toned

from massgen_core.errors import ToolFailed


def peak_hertz(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.parametrize("wave", WAVES)
def test_every_wave_has_its_length_and_level(wave: str) -> None:
    found = gathered(toned(Tone(wave=wave, seconds=1.23456, level=-20, notes="Am"), 48_000))
    assert found.shape == (59_259, 1)
    loudest = np.abs(found).max()
    assert loudest <= (0.5 if wave in ("white", "pink") else 0.1001)
    assert loudest > 0.08 or wave == "silence"


@pytest.mark.parametrize("wave", ["sine", "square", "saw", "triangle"])
def test_a_tone_has_its_frequency_and_no_false_ones(wave: str) -> None:
    found = gathered(toned(Tone(wave=wave, frequency=3000, seconds=1), 48_000))[:, 0]
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    assert np.argmax(spectrum) == 3000
    away = np.mod(np.arange(len(spectrum)) + 1500, 3000) - 1500
    false = spectrum[np.abs(away) > 100].max()
    assert 20 * np.log10(false / spectrum.max()) < -60


def test_a_sweep_goes_from_here_to_there() -> None:
    found = gathered(toned(Tone(wave="sweep", frequency=100, to=1600, seconds=4), 48_000))[:, 0]
    assert peak_hertz(found[:4800], 48_000) == pytest.approx(105, abs=12)
    assert peak_hertz(found[94_000:98_000], 48_000) == pytest.approx(400, rel=0.05)
    assert peak_hertz(found[-4800:], 48_000) == pytest.approx(1550, rel=0.05)


def test_beeps_are_on_and_off() -> None:
    found = gathered(toned(Tone(seconds=1, on=0.1, off=0.15, level=0), 8_000))[:, 0]
    loud = [np.abs(found[int(at * 8000) : int(at * 8000) + 200]).max() for at in (0.04, 0.12, 0.29, 0.45)]
    assert [level > 0.9 for level in loud] == [True, False, True, False]
    assert np.abs(found[800:2000]).max() == 0


def test_noise_comes_again_from_its_seed() -> None:
    one, same, other = (gathered(toned(Tone(wave="pink", seed=seed), 8_000)) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_pink_noise_has_as_much_in_each_octave() -> None:
    found = gathered(toned(Tone(wave="pink", seconds=20, level=-20), 48_000))[:, 0]
    power = np.abs(np.fft.rfft(found)) ** 2
    bands = [10 * np.log10(power[low * 20 : low * 40].sum()) for low in (100, 200, 400, 800, 1600, 3200)]
    assert max(bands) - min(bands) < 4


@pytest.mark.parametrize(("name", "number"), [("A4", 69), ("c", 60), ("C#5", 73), ("Bb3", 58), ("E-1", 4)])
def test_notes_have_numbers(name: str, number: int) -> None:
    assert note(name) == number


def test_chords_are_notes_above_a_root() -> None:
    assert chord("Am7") == [69, 72, 76, 79]
    assert chord("G3sus4") == [55, 60, 62]
    assert chord("C4 E4, G4") == [60, 64, 67]
    assert hertz(69) == 440


@pytest.mark.parametrize(
    ("tone", "rate", "said"),
    [
        (Tone(wave="wobble"), 8_000, "no wave 'wobble'; there are sine, square"),
        (Tone(frequency=5_000), 8_000, "5000 Hz cannot be carried by 8000 samples a second"),
        (Tone(wave="chord", notes="Hm"), 8_000, "no chord 'Hm'"),
        (Tone(wave="chord", notes="A4 X"), 8_000, "no note 'X'"),
        (Tone(on=0.0), 8_000, "must be more than 0 seconds"),
    ],
)
def test_what_cannot_be_made_is_said(tone: Tone, rate: int, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        toned(tone, rate)


@pytest.mark.parametrize("mood", sorted(MOODS))
def test_music_has_its_length_is_soft_and_fades_out(mood: str) -> None:
    found = gathered(music(mood, 6.5, 1))
    assert found.shape == (round(6.5 * RATE), 2)
    assert np.abs(found).max() < 0.7
    assert np.abs(found[-10:]).max() < 0.001
    level = measured(of(found, RATE)).integrated
    assert level is not None
    assert -30 < level < -16


def test_music_comes_again_from_its_seed() -> None:
    one, same, other = (gathered(music("calm", 5, seed)) for seed in (3, 3, 4))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_an_unknown_mood_is_named() -> None:
    with pytest.raises(ToolFailed, match="no mood 'angry'; there are calm, bright"):
        music("angry", 5, 1)
