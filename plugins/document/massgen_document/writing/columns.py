"""How wide the columns of a table are."""

from __future__ import annotations

from collections.abc import Sequence

from massgen_document.blocks import Line, plain

_LOOKED_AT = 2000
"""Rows."""


def column_widths(rows: Sequence[Sequence[Line]], columns: int, width: float, size: float = 9.2) -> list[float]:
    """Points per column: what its longest word needs, the rest by how much text it holds; ``size`` is the font's."""
    least_of = [0.0] * columns
    texts = [0.0] * columns
    for row in rows[:_LOOKED_AT]:
        for column, cell in enumerate(row):
            text = plain(cell)
            longest = max((len(word) for word in text.split()), default=0)
            least_of[column] = max(least_of[column], min(longest, 24) * size * 0.58 + 14)
            texts[column] = max(texts[column], min(len(text), 90) * size * 0.53 + 14)
    if (wish := sum(texts)) <= width:
        return texts if wish < width * 0.6 else [one * width / wish for one in texts]
    if (least := sum(least_of)) >= width:
        return [one * width / least for one in least_of]
    spare = (width - least) / max(sum(max(t - w, 0) for t, w in zip(texts, least_of, strict=True)), 1)
    return [w + max(t - w, 0) * spare for t, w in zip(texts, least_of, strict=True)]
