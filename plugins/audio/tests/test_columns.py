"""Sounds of any length become few columns, of which none is lost."""

import numpy as np
import pytest
from audio_support import noise, tone
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_audio.pictures.columns import extremes, spectra
from massgen_audio.sound.stream import of


@settings(max_examples=40)
@given(length=st.integers(1, 400_000), step=st.sampled_from([1, 3, 64]), channels=st.integers(1, 2))
def test_lowest_and_highest_are_those_of_the_sound(length: int, step: int, channels: int) -> None:
    samples = noise(length, channels, seed=length)
    table, frames = extremes(of(samples, 8_000), step)
    assert len(table) <= 4096 + 64
    assert (len(table) - 1) * frames < length <= len(table) * frames
    assert np.array_equal(table[..., 0].min(0), samples.min(0))
    assert np.array_equal(table[..., 1].max(0), samples.max(0))
    place = int(np.argmax(samples[:, 0]))
    assert table[place // frames, 0, 1] == samples[place, 0]


@pytest.mark.parametrize("seconds", [0.01, 0.7, 5, 300])
def test_a_spectrum_is_that_of_the_sound_to_its_end(seconds: float) -> None:
    samples = tone(seconds, hertz=1_500, rate=8_000, level=1.0)
    samples[-4_000:] = tone(0.5, hertz=3_000, rate=8_000)[: len(samples)]
    table = spectra(of(samples, 8_000))
    halvings = 2 if seconds == 300 else 1
    assert len(table) == pytest.approx(len(samples) / 512 / halvings, abs=2)
    assert abs(int(np.argmax(table[-1])) - 3_000 * 2048 // 8_000) <= 2
    if seconds > 1:
        assert table[len(table) // 2].max() == pytest.approx(1.0, rel=0.05)
