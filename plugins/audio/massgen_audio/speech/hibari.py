"""The hibari voice: a small neural network for English whose weights are in its package."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from massgen_audio.failing import failed
from massgen_audio.hush import hushed, runtime
from massgen_audio.sound.stream import Samples
from massgen_audio.weights import verify

RATE = 24_000
MODEL = "hibari-tts 0.2.1"

DIGESTS = {
    "hibari.onnx": "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
    "lexicon_us_gold.json.gz": "63ae94f8ef0e906d5b24fe9b59ffcbd1529aca5686a774610e43973cbaa86ad2",
    "lexicon_us_silver.json.gz": "c4c2546ebf1eb07010331e7ef785a431aa17ba8e7bfb6b4af8d654ee96a71fd3",
    "normalize.json": "d478ff05404bc43ac3e0468e306674e51085f1b1afc94cdef7c7ea4fb0d56bd8",
    "oov.json": "b462e6e5dbdf0e7346c732385d0dd844f612f1770871441c56932bff4ca75d8c",
    "oov.onnx": "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76",
    "tagger.json.gz": "d2da7502284bbbe45d49e0b7ce3ce67bdab82254150f4317f1b8559b4d38d0eb",
    "tokenizer_exceptions.json": "ddf3a3da07bdcf5144270ea4530191d8580fb4fd6f5ae93296e87916e795659a",
    "vocab.json": "70abefbe8a1c8865e43e0a43bbdc25b91a33e4aa053479d443ccf23e20a59e5d",
    "voices.json": "f8b7657ecd0e0e362d3403e99538c0e5bfe20d6a903dfcd04c772b2c73abb204",
}
"""SHA-256 of the weights and of the tables that the voice is made of."""


class Hibari:
    """The voice, loaded once; about 30 ms of work for a sentence."""

    def __init__(self) -> None:
        package: Any = import_module("hibari")
        verify(Path(package.__file__).parent / "assets", DIGESTS, MODEL)
        with hushed():
            runtime()
            self._voice: Any = package.Hibari(threads=1)
        self._normalize: Any = import_module("hibari.g2p.normalize").normalize

    def say(self, text: str, *, speed: float, seed: tuple[int, int]) -> Samples:
        """The samples of one sentence, at 24 kHz; the same seed gives the same samples.

        Args:
            speed: 0.5 to 2

        Raises:
            ToolFailed: the voice has no sounds for a word, which is named.
        """
        phonemes = self._phonemes(text)
        if not phonemes.strip():
            return np.zeros((0, 1), np.float32)
        ids = self._voice.ids(phonemes)
        samples: Samples = self._voice.from_ids(ids, speed, np.random.default_rng(seed))
        return samples.reshape(-1, 1)

    def _phonemes(self, text: str) -> str:
        rules = self._voice.g2p
        # "[word](sounds)" is a notation of its own there, and would be said otherwise than it is written
        tokens = rules.phonemize_tokens(rules.tokenize(self._normalize(text.replace("](", "] ("))))
        silent = [token.text for token in tokens if _spoken(token.text) and not token.phonemes]
        if silent:
            words = ", ".join(repr(word) for word in silent[:10])
            raise failed(f"the voice heart cannot say {words}; write it in English words")
        return "".join((token.phonemes or "") + (" " if token.whitespace else "") for token in tokens)


def _spoken(text: str) -> bool:
    return any(character.isalnum() for character in text)


@cache
def loaded() -> Hibari:
    """The voice of this process."""
    return Hibari()
