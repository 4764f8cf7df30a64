"""A prompt cut into words, and the words into the longest entries of the lexicon."""

from __future__ import annotations

import re

from massgen_image.composer.words.lexicon import Chunk, longest

LONGEST_PROMPT = 4000  # characters that are read


def tokens(prompt: str) -> list[str]:
    """The words of a prompt, in lower case; hyphens stay where the word is known with them."""
    text = prompt[:LONGEST_PROMPT].lower().replace("’", "'").replace("'s ", " ")
    found: list[str] = []
    for word in re.findall(r"[^\W_]+(?:[-'][^\W_]+)*|[,;.&]", text):
        whole, _ = longest([word], 0)
        found += [word] if whole.kind != "unknown" or "-" not in word else word.split("-")
    return found


def chunks(prompt: str) -> list[Chunk]:
    """The prompt cut into its longest known entries."""
    words = tokens(prompt)
    found: list[Chunk] = []
    at = 0
    while at < len(words):
        chunk, length = longest(words, at)
        found.append(chunk)
        at += length
    return found
