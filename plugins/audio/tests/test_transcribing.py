"""Speech that was made here is understood again, with its times, in windows, and in honest words."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audio_support import noise, read, saved
from massgen_audio.sound.stream import of
from massgen_audio.speech.speaking import speak
from massgen_audio.transcription.segments import Segment, Word
from massgen_audio.transcription.subtitles import cues, srt, vtt, written
from massgen_audio.transcription.transcribing import hear, listen
from massgen_audio.transcription.weights import bundled
from massgen_audio.transcription.windows import LONGEST, RATE, windows
from words_support import word_error_rate
from work_support import Done, call

from massgen_core.errors import ToolFailed
from massgen_core.workers import Work

TEXT = (
    "The harbour was quiet at dawn. Seven ships waited for the tide, and the captain counted his crew twice. "
    "Nobody spoke of the storm. On the third of March they sailed north, past the lighthouse and the old mill. "
    "A letter arrived two weeks later, and the whole village gathered in the market square."
)

pytestmark = pytest.mark.skipif(bundled() is None, reason="the extra transcription is not installed")


def transcribe(work: Work) -> dict[str, Any]:
    """Both steps in one process."""
    decoded = listen(Work(files=work.files, folder=work.folder, options=work.options))
    path = work.folder / decoded["file"]
    with path.open("rb") as file:
        work.files[:] = [file]
        done = hear(work)
    path.unlink()
    return done | {"warnings": decoded["warnings"] + done["warnings"]}


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Done:
    return call(speak, tmp_path_factory.mktemp("speech"), text=TEXT, seed=1, format="mp3")


@pytest.fixture(scope="module")
def heard(speech: Done, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return call(transcribe, tmp_path_factory.mktemp("heard"), speech.path, words=True, format="srt")


def test_what_was_said_is_understood(heard: Done) -> None:
    assert word_error_rate(TEXT, heard.output["text"]) <= 0.05
    assert heard.output["details"]["language"] == "en"
    assert heard.facts["warnings"] == []


@pytest.mark.parametrize("form", ["opus", "aac"])
def test_it_is_understood_through_codecs_that_lose_much(form: str, tmp_path: Path) -> None:
    path = call(speak, tmp_path, text=TEXT, seed=2, format=form).path
    done = call(transcribe, tmp_path, path)
    assert word_error_rate(TEXT, done.output["text"]) <= 0.05
    assert "words" not in done.output["details"]["segments"][0]


def test_words_have_times_that_match_what_was_said(speech: Done, heard: Done) -> None:
    words = [word for segment in heard.output["details"]["segments"] for word in segment["words"]]
    starts = [word["start"] for word in words]
    assert starts == sorted(starts)
    nobody = next(word for word in words if word["text"].startswith("Nobody"))
    line = next(line for line in speech.output["lines"] if line["text"].startswith("Nobody"))
    assert abs(nobody["start"] - line["start"]) < 0.8


def test_progress_follows_the_recording(heard: Done) -> None:
    assert heard.told == sorted(heard.told)
    assert len(heard.told) > 2
    assert heard.told[-1] == pytest.approx(1.0, abs=0.01)


def test_subtitles_are_written_beside_the_text(heard: Done) -> None:
    text = heard.path.read_text()
    assert heard.output["mime_type"] == "application/x-subrip"
    assert text.startswith("1\n00:00:0")
    assert "lighthouse" in text


def test_json_has_segments_and_their_words() -> None:
    facts = json.loads(written([said((0.5, 1.0, "elephant"))], "json", words=True))
    word = {"start": 0.5, "end": 1.0, "text": "elephant", "probability": 1}
    assert facts["segments"] == [{"start": 0.5, "end": 1.0, "text": "elephant", "words": [word]}]
    assert written([said((0.5, 1.0, "elephant"))], "txt", words=True) == "elephant\n"


def test_noise_and_silence_are_no_speech(tmp_path: Path) -> None:
    for name, samples in (("quiet.wav", np.zeros((48_000, 1), np.float32)), ("noise.wav", noise(48_000, level=0.02))):
        done = call(transcribe, tmp_path, saved(tmp_path, samples, 16_000, name))
        assert done.output["text"] == ""
        assert done.facts["warnings"] == ["no speech was found in it"]


def test_a_long_recording_is_understood_in_windows(
    speech: Done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massgen_audio.transcription.windows.LONGEST", 32)
    once = read(speech.path)
    path = saved(tmp_path, np.tile(once, (3, 1)), 24_000, "long.flac")
    done = call(transcribe, tmp_path, path)
    segments = done.output["details"]["segments"]
    assert segments[-1]["end"] == pytest.approx(3 * len(once) / 24_000, abs=3)
    assert word_error_rate(" ".join([TEXT] * 3), done.output["text"]) <= 0.05


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"language": "de"}, r"does not know the language 'de'; it knows English only"),
        ({"format": "doc"}, r"cannot be written as 'doc'; there are txt, srt, vtt, json"),
        ({"model_folder": "/nowhere"}, r"/nowhere holds no weights of Whisper.*: model\.bin, config\.json"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, str], said: str, speech: Done, tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match=said):
        call(transcribe, tmp_path, speech.path, **options)


def test_other_weights_are_loaded_with_their_digest_only(speech: Done, tmp_path: Path) -> None:
    weights = bundled()
    assert weights is not None
    folder = str(weights.folder)
    with pytest.raises(ToolFailed, match=r"only with the SHA-256 of .*model\.bin"):
        call(transcribe, tmp_path, speech.path, model_folder=folder)
    with pytest.raises(ToolFailed, match=r"model\.bin is not the one that was pinned"):
        call(transcribe, tmp_path, speech.path, model_folder=folder, model_sha256="0" * 64)
    digest = dict(weights.digests)["model.bin"]
    done = call(transcribe, tmp_path, speech.path, model_folder=folder, model_sha256=digest)
    assert done.output["model"] == "model"


def test_windows_are_cut_where_it_is_quiet_and_lose_nothing() -> None:
    samples = noise(RATE * 300, seed=3)
    quiet = slice(RATE * 100, RATE * 100 + RATE // 2)
    samples[quiet] = 0
    found = list(windows(of(samples, RATE)))
    assert np.array_equal(np.concatenate([window for _, window in found]), samples[:, 0])
    assert RATE * 100 < len(found[0][1]) < RATE * 100 + RATE // 2
    assert all(len(window) <= (LONGEST + 1) * RATE for _, window in found)
    assert [start for start, _ in found] == [0.0, *(np.cumsum([len(w) for _, w in found])[:-1] / RATE)]


def said(*words: tuple[float, float, str]) -> Segment:
    found = tuple(Word(start=start, end=end, text=f" {text}", probability=1) for start, end, text in words)
    text = " ".join(text for _, _, text in words)
    return Segment(start=words[0][0], end=words[-1][1], text=text, confidence=0, words=found)


def test_a_cue_is_short_and_ends_before_the_next() -> None:
    words = [(at * 0.5, at * 0.5 + 0.5, "elephant") for at in range(60)]
    shown = list(cues([said(*words), said((29.5, 31.0, "late"))]))
    assert all(end - start <= 7.0 for start, end, _ in shown)
    assert all(len(line) <= 42 for _, _, text in shown for line in text.split("\n"))
    assert all(text.count("\n") < 2 for _, _, text in shown)
    assert all(here[1] <= after[0] for here, after in pairwise(shown))
    assert sum(text.count("elephant") for _, _, text in shown) == 60


def test_signs_of_subtitles_are_written_as_they_should() -> None:
    segments = [Segment(start=3599.9996, end=3725.5, text="a < b & c --> d", confidence=0)]
    assert srt(segments) == "1\n01:00:00,000 --> 01:02:05,500\na < b & c --> d\n\n"
    assert vtt(segments) == "WEBVTT\n\n01:00:00.000 --> 01:02:05.500\na &lt; b &amp; c --&gt; d\n\n"
