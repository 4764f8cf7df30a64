"""Whisper (https://arxiv.org/abs/2212.04356) by CTranslate2, on samples that were decoded here."""

import os
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from massgen_audio.failing import failed
from massgen_audio.hush import hushed, runtime
from massgen_audio.sound.stream import Samples
from massgen_audio.transcription.segments import Segment, Word
from massgen_audio.transcription.weights import MISSING, Weights
from massgen_audio.weights import verify

_THREADS = 4


class Whisper:
    """A loaded model.

    multilingual: whether it knows other languages than English
    languages: their codes
    """

    def __init__(self, weights: Weights) -> None:
        verify(weights.folder, dict(weights.digests), weights.name)
        try:
            library: Any = import_module("faster_whisper")  # late: large
        except ImportError:
            raise failed(MISSING) from None
        self._random: Any = import_module("ctranslate2").set_random_seed
        with hushed():
            runtime()
            self._model: Any = library.WhisperModel(
                str(weights.folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=min(_THREADS, os.cpu_count() or 1),
                local_files_only=True,
            )
        self.languages: list[str] = self._model.supported_languages

    def hear(
        self, samples: Samples, *, language: str | None, prompt: str | None, words: bool, vad: bool
    ) -> tuple[str, Iterator[Segment]]:
        """The language, and what is said, segment by segment as it is recognised.

        Args:
            samples: one dimension, 16 kHz
            language: its code; found out from the sound where it is None
            prompt: names and words that are likely
            vad: look for voices first, and leave out what is none
        """
        self._random(0)
        found, info = self._model.transcribe(
            samples,
            language=language,
            initial_prompt=prompt,
            word_timestamps=words,
            vad_filter=vad,
            condition_on_previous_text=False,  # an error stays where it is
        )
        return info.language, map(_segment, found)


def _segment(found: Any) -> Segment:
    return Segment(
        start=float(found.start),
        end=float(found.end),
        text=found.text.strip(),
        confidence=float(found.avg_logprob),
        words=tuple(map(_word, found.words or ())),
    )


def _word(found: Any) -> Word:
    return Word(start=float(found.start), end=float(found.end), text=found.word, probability=float(found.probability))


@cache
def loaded(weights: Weights) -> Whisper:
    """The model of this process."""
    return Whisper(weights)
