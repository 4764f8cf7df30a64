"""Speech in files: the same seed the same bytes, all words in it, and weights that are the pinned ones."""

import base64
from pathlib import Path

import numpy as np
import pytest
from audio_support import decoded, probed, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from massgen_audio.speech import hibari
from massgen_audio.speech.engines import able
from massgen_audio.speech.plan import planned
from massgen_audio.speech.saying import said
from massgen_audio.speech.speaking import speak
from massgen_audio.weights import verify
from work_support import call

from massgen_core.errors import ToolFailed

TEXT = "The river is high. Nobody crosses the bridge today, and the ferry waits."


@pytest.mark.parametrize("form", ["mp3", "wav", "opus", "flac", "aac", "m4a"])
def test_speech_is_written_in_every_format(form: str, tmp_path: Path) -> None:
    done = call(speak, tmp_path, text=TEXT, format=form)
    assert done.output["format"] == form
    assert 3 < done.output["duration"] < 8
    found = decoded(done.path, 1)
    rate = 48_000 if form == "opus" else 24_000
    assert abs(len(found) / rate - done.output["duration"]) < 0.1
    assert np.abs(found).max() > 0.1


def test_the_same_seed_gives_the_same_bytes_and_another_one_others(tmp_path: Path) -> None:
    data: list[bytes] = []
    for number, seed in enumerate([7, 7, 8]):
        (tmp_path / str(number)).mkdir()
        data.append(call(speak, tmp_path / str(number), text=TEXT, seed=seed, format="wav").path.read_bytes())
    assert data[0] == data[1]
    assert data[0] != data[2]


def test_progress_is_told_after_each_sentence_and_the_times_of_all(tmp_path: Path) -> None:
    done = call(speak, tmp_path, text=TEXT, format="wav")
    lines = done.output["lines"]
    assert [line["text"] for line in lines] == [TEXT[:18], TEXT[19:]]
    assert done.told == sorted(done.told)
    assert len(done.told) == 2
    assert done.told[-1] == 1.0
    assert lines[0]["end"] == lines[1]["start"]
    assert lines[1]["end"] == pytest.approx(done.output["duration"], abs=0.001)


def test_sentences_are_handed_over_as_soon_as_they_are_said(tmp_path: Path) -> None:
    done = call(speak, tmp_path, text=TEXT, format="wav", parts=True)
    parts = [read(base64.b64decode(part["data"])) for part in done.early]
    assert [part["number"] for part in done.early] == [1, 2]
    assert np.array_equal(np.concatenate(parts), read(done.path))


def test_speed_changes_how_long_it_takes(tmp_path: Path) -> None:
    slow = call(speak, tmp_path, text=TEXT, speed=0.7, format="wav").output["duration"]
    fast = call(speak, tmp_path, text=TEXT, speed=1.6, format="wav").output["duration"]
    assert slow > 1.7 * fast


def test_the_file_says_that_a_model_made_it(tmp_path: Path) -> None:
    done = call(speak, tmp_path, text=TEXT, format="mp3", seed=3)
    texts = probed(done.path)["format"]["tags"]
    assert texts["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert "AI-generated: speech by hibari-tts 0.2.1, voice heart, speed 1, seed 3" in texts["comment"]
    assert texts["description"] == TEXT
    assert texts["encoded_by"].startswith("massgen-audio ")


def test_another_script_is_said_by_another_voice_in_the_same_file(tmp_path: Path) -> None:
    if "espeak" not in able():
        pytest.skip("eSpeak NG is not installed")
    done = call(speak, tmp_path, text="Hello. Привет.", format="wav")
    assert done.output["voices"] == ["espeak:ru", "heart"]
    assert "more than one voice" in done.facts["warnings"][0]
    assert [line["end"] - line["start"] > 0.4 for line in done.output["lines"]] == [True, True]


def test_a_refused_text_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="nothing to say"):
        call(speak, tmp_path, text="…", format="wav")
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(codec="utf-8", max_codepoint=0x24F, exclude_categories=("Cs", "Cn", "Co")), max_size=60))
def test_any_latin_text_is_said_or_refused_by_name(text: str) -> None:
    try:
        parts = list(said(planned(text, voice=None, language=None, able=frozenset({"hibari"}))))
    except ToolFailed as error:
        assert str(error).strip()  # noqa: PT017  both ways are right
    else:
        assert sum(len(part.samples) for part in parts) > 0
        assert all(np.isfinite(part.samples).all() for part in parts)


def test_weights_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    (tmp_path / "hibari.onnx").write_bytes(b"something else")
    with pytest.raises(ToolFailed, match=r"hibari\.onnx is not the one that was pinned \(SHA-256 7b8d|is not the one"):
        verify(tmp_path, {"hibari.onnx": hibari.DIGESTS["hibari.onnx"]}, hibari.MODEL)
    with pytest.raises(ToolFailed, match="its file vocab.json is missing"):
        verify(tmp_path, {"vocab.json": "0" * 64}, hibari.MODEL)
