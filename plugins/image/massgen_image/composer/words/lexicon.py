"""Every word that has a meaning here, and the search for the longest one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.words.colours import COLOURS, MATERIALS, SHADES
from massgen_image.composer.words.tables import (
    FUNCTION,
    IRREGULAR,
    MEASURES,
    NUMBERS,
    PALETTE_WORDS,
    PLACES,
    POSES,
    RELATIONS,
    SEASONS,
    SIZES,
    TIMES,
    UNCHANGED,
    WEATHERS,
)

Kind = Literal[
    "noun", "palette", "colour", "shade", "number", "size", "relation", "time", "weather", "season", "place",
    "pose", "measure",
    "varied", "function", "and", "stop", "pronoun", "unknown",
]  # fmt: skip
LONGEST = 4  # words in one entry


@dataclass(frozen=True, slots=True)
class Chunk:
    """One or more words with one meaning; ``also`` are other kinds that the same words may be."""

    kind: Kind
    value: str
    text: str
    plural: bool = False
    also: frozenset[Kind] = frozenset()


@cache
def names() -> dict[str, str]:
    """The drawing for each name and synonym."""
    found: dict[str, str] = {}
    for motif in MOTIFS.by_name.values():
        for word in motif.words:
            found.setdefault(word, motif.name)
    return found | {name: name for name in MOTIFS.by_name}


@cache
def entries() -> dict[str, dict[Kind, str]]:
    """The meanings of each entry, the usual one first."""
    found: dict[str, dict[Kind, str]] = {}
    tables: tuple[tuple[Kind, dict[str, str]], ...] = (
        ("measure", dict.fromkeys(MEASURES, "")),
        ("number", {word: str(number) for word, number in NUMBERS.items()}),
        ("place", PLACES),
        ("palette", PALETTE_WORDS),
        ("time", TIMES),
        ("weather", WEATHERS),
        ("season", SEASONS),
        ("relation", RELATIONS),
        ("pose", POSES),
        ("colour", COLOURS),
        ("shade", dict.fromkeys(SHADES, "")),
        ("size", {word: str(size) for word, size in SIZES.items()}),
        ("noun", names()),
        ("colour", dict.fromkeys(MATERIALS, "")),
        ("varied", dict.fromkeys(("colorful", "colourful", "multicolored", "multicoloured"), "")),
        ("pronoun", dict.fromkeys(("it", "them", "him", "which", "whom"), "")),
        ("and", {"and": "", "&": "", "plus": ""}),
        ("stop", {",": "", ";": "", ".": ""}),
        ("function", dict.fromkeys(FUNCTION, "")),
    )
    for kind, table in tables:
        for word, value in table.items():
            found.setdefault(word, {}).setdefault(kind, value)
    return found


def singulars(word: str) -> list[str]:
    """What a plural may be the plural of."""
    if word in IRREGULAR:
        return [IRREGULAR[word]]
    if not word.endswith("s") or len(word) < 4 or word.endswith("ss"):
        return []
    guesses = [word[:-1]]
    if word.endswith("ies"):
        guesses.insert(0, word[:-3] + "y")
    elif word.endswith("ves"):
        guesses += [word[:-3] + "f", word[:-3] + "fe"]
    if word.endswith("es"):
        guesses.append(word[:-2])
    return guesses


def _look_up(words: Sequence[str]) -> Chunk | None:
    text = " ".join(words)
    *first, last = words
    meanings = entries().get(text)
    for single in singulars(last):
        name = names().get(" ".join((*first, single)))
        direct = meanings.get("noun") if meanings else None
        if name and not (meanings and (direct is None or direct == text)):
            return Chunk("noun", name, " ".join((*first, single)), last not in UNCHANGED)
    if not meanings:
        return None
    kind, value = next(iter(meanings.items()))
    return Chunk(kind, value, text, also=frozenset(meanings) - {kind})


def longest(words: Sequence[str], start: int) -> tuple[Chunk, int]:
    """The longest entry that begins at ``start``, and the number of its words."""
    for length in range(min(LONGEST, len(words) - start), 0, -1):
        part = words[start : start + length]
        chunk = _look_up(part)
        if chunk:
            return chunk, length
    word = words[start]
    if re.fullmatch(r"[0-9]+x?", word):
        return Chunk("number", word.rstrip("x"), word), 1
    return Chunk("unknown", word, word), 1


def meaning(chunk: Chunk, kind: Kind) -> str:
    """What the words of a chunk mean as another kind."""
    return entries()[chunk.text][kind]
