"""The lines ``key: value`` between two ``---`` at the start of a text: what the document says about itself."""

from __future__ import annotations

import re

_FRONT = re.compile(r"\A---[ \t]*\n((?:[A-Za-z][\w-]*:[^\n]*\n)+)---[ \t]*(?:\n|\Z)")


def front_matter(text: str) -> tuple[dict[str, str], str]:
    """The pairs, keys in lower case, and the text behind them; none where the text starts otherwise."""
    match = _FRONT.match(text)
    if match is None:
        return {}, text
    pairs = (line.split(":", 1) for line in match[1].splitlines())
    return {key.lower(): value.strip().strip("\"'") for key, value in pairs}, text[match.end() :]
