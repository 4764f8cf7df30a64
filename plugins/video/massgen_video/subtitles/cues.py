"""Lines of text and when they are to be seen; as SubRip and WebVTT have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from massgen_video.bounds import MOST_CUES
from massgen_video.problems import refuse

_TIMES = re.compile(
    r"(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})\s*-->\s*(?:(\d{1,3}):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
)
_MARKUP = re.compile(r"<[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
_LONGEST_LINE = 42
"""Letters of a line: what viewers read at a glance (BBC subtitle guidelines: 37 to 42)."""
_LONGEST_TEXT = 2000
_BREAKS = re.compile(r"(?<=[.!?…;:,])\s+")


@dataclass(frozen=True, slots=True, order=True)
class Cue:
    """A text, and from when to when it is seen, in seconds."""

    start: float
    end: float
    text: str


def parse(text: str, name: str) -> list[Cue]:
    """The cues of a SubRip or WebVTT file, in the order of their times; marks of style are left out.

    Raises:
        ToolFailed: There is no cue in it, or there are too many.
    """
    cues: list[Cue] = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")):
        if (cue := _cue_of(block)) is not None:
            cues.append(cue)
        if len(cues) > MOST_CUES:
            raise refuse(f"{name}: more than {MOST_CUES:,} subtitles")
    if not cues:
        raise refuse(
            f"{name}: there are no subtitles in it: SubRip and WebVTT are read, with lines like"
            " `00:00:01,000 --> 00:00:02,500` above each text"
        )
    return sorted(cues)


def to_srt(cues: Sequence[Cue]) -> str:
    """Cues as SubRip."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_solid(cue.text)}\n\n"
        for number, cue in enumerate(cues, 1)
    )


def to_vtt(cues: Sequence[Cue]) -> str:
    """Cues as WebVTT (W3C)."""
    return "WEBVTT\n\n" + "".join(
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(_solid(cue.text))}\n\n" for cue in cues
    )


def spoken(text: str, start: float, end: float) -> list[Cue]:
    """A narration as cues of one or two lines; each is seen for its share of the letters."""
    pieces = list(_pieces(" ".join(text.split())))
    letters = sum(map(len, pieces)) or 1
    cues: list[Cue] = []
    at = start
    for piece in pieces:
        until = at + (end - start) * len(piece) / letters
        cues.append(Cue(round(at, 3), round(until, 3), broken(piece)))
        at = until
    return cues


def broken(text: str, longest: int = _LONGEST_LINE) -> str:
    """A text in as few lines as it needs, all of about the same length."""
    words = text.split()
    if len(text) <= longest or len(words) < 2:
        return text
    count = -(-len(text) // longest)
    lines: list[str] = [""]
    for word in words:
        full = len(lines[-1]) + 1 + len(word) > longest or len(lines[-1]) >= len(text) / count
        if lines[-1] and full:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def shifted(cues: Iterable[Cue], start: float, end: float) -> list[Cue]:
    """What of some cues is seen between two moments, in the time of that part."""
    return [
        Cue(max(0.0, cue.start - start), min(cue.end, end) - start, cue.text)
        for cue in cues
        if cue.end > start and cue.start < end
    ]


def _pieces(text: str) -> Iterator[str]:
    """A text in pieces of at most two lines, broken after marks where there are some."""
    most, held = 2 * _LONGEST_LINE, ""
    for phrase in _BREAKS.split(text):
        for part in _wrapped(phrase, most):
            if held and (len(held) + 1 + len(part) > most or held[-1] in ".!?…"):
                yield held
                held = part
            else:
                held = f"{held} {part}".strip()
    if held:
        yield held


def _wrapped(text: str, most: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        if line and len(line) + 1 + len(word) > most:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def _cue_of(block: str) -> Cue | None:
    lines = block.split("\n")
    for number, line in enumerate(lines):
        found = _TIMES.search(line)
        if found is not None:
            start, end = _seconds(found.groups()[:4]), _seconds(found.groups()[4:])
            text = _MARKUP.sub("", "\n".join(lines[number + 1 :])).strip()[:_LONGEST_TEXT]
            return Cue(start, end, text) if text and end > start else None
    return None


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    return (whole * 1000 + int(fraction.ljust(3, "0"))) / 1000


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(max(0.0, seconds) * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{mark}{rest % 1000:03}"


def _solid(text: str) -> str:
    """A text without empty lines, which would end it."""
    return "\n".join(line for line in text.split("\n") if line.strip()) or "-"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
