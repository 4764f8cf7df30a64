"""A long text in pieces that are said one after the other."""

import re
from collections.abc import Iterator

LONGEST = 280
"""Characters that are said at once: what a voice is given in one go, and how soon work can be stopped."""

_WORD = 32
"""Longest run without a space that a voice is given: pronunciation models cut longer words off."""

_END = re.compile(r"(?<=[.!?…。！？।۔])[\"”’»)\]]*\s+(?=\S)|(?<=[。！？])")
_CLAUSE = re.compile(r"(?<=[,;:—、，；：])\s*(?=\S)")
_TITLES = re.compile(
    r"(Mr|Mrs|Ms|Dr|Prof|St|Mt|Gen|Gov|Sen|Rep|Capt|Lt|Col|Sgt|Rev|Jr|Sr|vs|etc|approx|Fig|No|Vol|e\.g|i\.e)"
)


def sentences(text: str) -> Iterator[str]:
    """The text's sentences in order; nothing of it is left out but the space between them."""
    for line in text.split("\n"):
        yield from _ended(line.strip())


def pieces(sentence: str) -> Iterator[str]:
    """A sentence in parts of at most `LONGEST` characters, cut at its clauses; where those are too long, at words."""
    begun = ""
    for piece in _clauses(_looser(sentence)):
        if begun and len(begun) + len(piece) + 1 > LONGEST:
            yield begun
            begun = ""
        begun = f"{begun} {piece}".strip()
    if begun:
        yield begun


def _ended(line: str) -> Iterator[str]:
    start = 0
    for found in _END.finditer(line):
        if not _abbreviated(line[start : found.start()], line[found.end() :]):
            yield line[start : found.end()].strip()
            start = found.end()
    if line[start:].strip():
        yield line[start:].strip()


def _abbreviated(before: str, after: str) -> bool:
    """Whether a full stop belongs to a title or an initial, or the sentence plainly goes on."""
    if not before.endswith("."):
        return False
    word = before[:-1].rpartition(" ")[2].lstrip("(\"“‘'")
    initial = len(word) == 1 and word.isupper() and word != "I"
    return bool(_TITLES.fullmatch(word)) or initial or after[:1].islower()


def _looser(sentence: str) -> str:
    """Spaces in what is too long for a word."""
    return re.sub(rf"\S{{{_WORD + 1},}}", lambda found: _loose(found[0]), sentence)


def _loose(word: str) -> str:
    return " ".join(word[at : at + _WORD] for at in range(0, len(word), _WORD))


def _clauses(sentence: str) -> Iterator[str]:
    if len(sentence) <= LONGEST:
        yield sentence
        return
    for clause in _CLAUSE.split(sentence):
        yield from (clause,) if len(clause) <= LONGEST else clause.split()
