"""How wide the columns of a table are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from massgen_document.blocks import Line, Table, plain
from massgen_document.writing.request import Job

_LOOKED_AT = 2000
"""Rows."""
_NARROWEST = 34.0
"""Points that a column needs: three or four digits."""


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


def in_parts(table: Table, width: float, job: Job) -> list[Table]:
    """The table, or tables with as many columns as can be read ``width`` points wide, each with the first column."""
    most = max(int(width / _NARROWEST), 2)
    columns = table.width
    if columns <= most:
        return [table]
    starts = range(1, columns, most - 1)
    job.warn(
        f"a table of {columns} columns is wider than a page: it is set in {len(starts)} parts, one under the other"
    )
    return [_part(table, start, start + most - 1) for start in starts]


def _part(table: Table, start: int, end: int) -> Table:
    rows = tuple((*row[:1], *row[start:end]) for row in table.rows)
    return replace(table, rows=rows, aligns=(*table.aligns[:1], *table.aligns[start:end]))
