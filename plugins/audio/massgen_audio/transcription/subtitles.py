"""Segments as subtitles: SubRip (https://en.wikipedia.org/wiki/SubRip) and WebVTT (https://www.w3.org/TR/webvtt1/)."""

import json
import textwrap
from collections.abc import Iterator, Sequence

from massgen_audio.transcription.segments import Segment, Word, joined

LINE = 42
"""Characters of a line, and two lines at most, as broadcasters have it."""

_SECONDS = 7.0
_PAUSE = 1.0

MIME_TYPES = {
    "txt": "text/plain",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "json": "application/json",
}
"""What a transcript can be written as."""

Cue = tuple[float, float, str]
"""Start, end, and the text on the screen."""


def written(segments: Sequence[Segment], form: str, *, words: bool) -> str:
    """A transcript as the text of a file."""
    if form == "json":
        facts = [segment.to_json(words=words) for segment in segments]
        return json.dumps({"text": joined(list(segments)), "segments": facts}, ensure_ascii=False, indent=1) + "\n"
    if form == "txt":
        return "".join(f"{segment.text}\n" for segment in segments)
    return srt(segments) if form == "srt" else vtt(segments)


def srt(segments: Sequence[Segment]) -> str:
    """SubRip."""
    return "".join(
        f"{number}\n{_time(start, ',')} --> {_time(end, ',')}\n{text}\n\n"
        for number, (start, end, text) in enumerate(cues(segments), 1)
    )


def vtt(segments: Sequence[Segment]) -> str:
    """WebVTT."""
    return "WEBVTT\n\n" + "".join(
        f"{_time(start, '.')} --> {_time(end, '.')}\n{_escaped(text)}\n\n" for start, end, text in cues(segments)
    )


def cues(segments: Sequence[Segment]) -> Iterator[Cue]:
    """What is on the screen: at most two lines and seven seconds, no longer than until the next."""
    shown = [cue for segment in segments for cue in _cut(segment)]
    for here, following in zip(shown, [*shown[1:], None], strict=True):
        end = here[1] if following is None else min(here[1], following[0])
        yield here[0], max(end, here[0] + 0.001), "\n".join(_lines(here[2]))


def _cut(segment: Segment) -> Iterator[Cue]:
    """A segment at its words, where they are known."""
    if not segment.words:
        yield segment.start, segment.end, segment.text
        return
    held: list[Word] = []
    for word in segment.words:
        if held and not _fits(held, word):
            yield _cue(held)
            held = []
        held.append(word)
    if held:
        yield _cue(held)


def _fits(held: Sequence[Word], word: Word) -> bool:
    text = "".join(each.text for each in (*held, word)).strip()
    ended = held[-1].text.rstrip().endswith((".", "!", "?", "…"))
    return (
        len(_lines(text)) <= 2
        and word.end - held[0].start <= _SECONDS
        and word.start - held[-1].end < _PAUSE
        and not (ended and len(text) > LINE // 2)
    )


def _cue(words: Sequence[Word]) -> Cue:
    return words[0].start, words[-1].end, "".join(word.text for word in words).strip()


def _lines(text: str) -> list[str]:
    return textwrap.wrap(text, LINE) or [""]


def _time(seconds: float, mark: str) -> str:
    whole = round(seconds * 1000)
    hours, rest = divmod(whole, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
