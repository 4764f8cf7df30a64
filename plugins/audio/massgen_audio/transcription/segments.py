"""What was heard, and when."""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word: start and end in seconds, and how sure the model is of it, 0 to 1."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A few words that were said together.

    start, end: seconds after the start of the recording
    confidence: mean log probability of what was recognised; below -1 it is mostly guessed
    words: each with its own times, where they were asked for
    """

    start: float
    end: float
    text: str
    confidence: float
    words: tuple[Word, ...] = field(default=())

    def later(self, seconds: float) -> "Segment":
        """The same, so much later."""
        words = tuple(replace(word, start=word.start + seconds, end=word.end + seconds) for word in self.words)
        return replace(self, start=self.start + seconds, end=self.end + seconds, words=words)

    def to_json(self, *, words: bool) -> dict[str, Any]:
        """Itself as plain values, times to a hundredth."""
        facts: dict[str, Any] = {"start": round(self.start, 2), "end": round(self.end, 2), "text": self.text}
        if words:
            facts["words"] = [
                {
                    "start": round(word.start, 2),
                    "end": round(word.end, 2),
                    "text": word.text.strip(),
                    "probability": round(word.probability, 3),
                }
                for word in self.words
            ]
        return facts


def joined(segments: list[Segment]) -> str:
    """All that was said, as one text."""
    return " ".join(text for segment in segments if (text := segment.text.strip()))
