"""The work functions of transcription: one decodes what a stranger has written, the other, with the model, recognises.

They run in two processes, so that the model's, which stays for the next recording, never sees a stranger's file.
"""

import os
from collections.abc import Iterator
from typing import Any

from massgen_audio.failing import failed
from massgen_audio.sound.resampling import mapped, resampled
from massgen_audio.sound.stream import Sound
from massgen_audio.sound.writing import write
from massgen_audio.transcription.segments import Segment, joined
from massgen_audio.transcription.subtitles import MIME_TYPES, written
from massgen_audio.transcription.weights import chosen
from massgen_audio.transcription.whisper import Whisper, loaded
from massgen_audio.transcription.windows import RATE, bare, windows
from massgen_audio.works.files import heard, opened
from massgen_core.workers import Work

_UNSURE = -0.9
"""Mean log probability below which most of a text is guessed."""

_LISTED = 1000
"""Segments that a result tells; a file has all."""


def listen(work: Work) -> dict[str, Any]:
    """Decode the first file into bare samples, as `hear` takes them. Options: salvage, track.

    Returns: file (16-bit samples in one channel at `RATE`), seconds, warnings.
    """
    with opened(work) as source:
        sound = heard(work, _for_speech(source.sound()), "decoded")
        facts = write(sound, work.folder / "speech.pcm", "pcm")
        return {"file": facts["file"], "seconds": facts["duration"], "warnings": source.warnings}


def hear(work: Work) -> dict[str, Any]:
    """Write down what is said in bare samples.

    Options: language, prompt, words, vad; format (txt, srt, vtt, json) for a file beside the text; model_folder and
    model_sha256 for other weights than those of the package.
    """
    form = work.options.get("format")
    if form is not None and form not in MIME_TYPES:
        raise failed(f"a transcript cannot be written as {form!r}; there are {', '.join(MIME_TYPES)}")
    weights = chosen(work.options)
    hearing = _Hearing(work, loaded(weights))
    segments = list(hearing.segments())
    facts = {"text": joined(segments), "model": weights.name, "details": hearing.details(segments)}
    if form is not None:
        text = written(segments, form, words=hearing.words)
        (work.folder / f"transcript.{form}").write_text(text, encoding="utf-8")
        facts |= {"file": f"transcript.{form}", "mime_type": MIME_TYPES[form]}
    return {"outputs": [facts], "warnings": hearing.notes(segments)}


class _Hearing:
    """One recording while it is listened to.

    language: the one that was asked for, or that was found in the first window
    seconds: how long it is
    """

    def __init__(self, work: Work, model: Whisper) -> None:
        self._work = work
        self._model = model
        self.seconds: float = work.files[0].seek(0, os.SEEK_END) / 2 / RATE
        self.words = bool(work.options.get("words"))
        self.language: str | None = self._checked(work.options.get("language"))

    def segments(self) -> Iterator[Segment]:
        """What is said, as it is recognised."""
        for start, samples in windows(bare(self._work.files[0])):
            self.language, found = self._model.hear(
                samples,
                language=self.language,
                prompt=self._work.options.get("prompt"),
                words=self.words or self._work.options.get("format") in ("srt", "vtt"),
                vad=self._work.options.get("vad", True),
            )
            for segment in found:
                self._tell(start + segment.end)
                if segment.text:
                    yield segment.later(start)
            self._tell(start + len(samples) / RATE)

    def notes(self, segments: list[Segment]) -> list[str]:
        """What somebody who relies on the text should know."""
        if not segments:
            return ["no speech was found in it"]
        told = len(segments) > _LISTED and self._work.options.get("format") != "json"
        more = f"{_LISTED} of {len(segments)} segments are told here: ask for format=json to have all"
        letters = sum(len(each.text) for each in segments)
        sure = sum(each.confidence * len(each.text) for each in segments) / max(1, letters)
        if sure >= _UNSURE:
            return [more] if told else []
        only = "" if len(self._model.languages) > 1 else " (this model knows English only)"
        guessed = f"most of this text is guessed: noise, music, or another language{only}"
        return [guessed, more] if told else [guessed]

    def details(self, segments: list[Segment]) -> dict[str, Any]:
        """What a result tells of the segments."""
        listed = [each.to_json(words=self.words) for each in segments[:_LISTED]]
        return {"language": self.language, "seconds": round(self.seconds, 3), "segments": listed}

    def _tell(self, seconds: float) -> None:
        share = min(1.0, seconds / self.seconds)
        self._work.progress(share, f"{seconds:.0f} of {self.seconds:.0f} s heard")

    def _checked(self, language: str | None) -> str | None:
        if language is None or language in self._model.languages:
            return language
        known = self._model.languages
        there = "English only" if known == ["en"] else f"{', '.join(known)}"
        raise failed(
            f"this model does not know the language {language!r}; it knows {there}."
            " Other weights can be named in the config (whisper.model, whisper.sha256)"
        )


def _for_speech(sound: Sound) -> Sound:
    return resampled(mapped(sound, 1), RATE)
