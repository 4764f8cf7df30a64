"""A sound of any length in a few thousand columns: neighbours are merged when there are too many."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from massgen_audio.sound.stream import Sound, evened

Table = NDArray[np.float32]
"""Columns of the picture, one after the other along the first axis."""

_MOST = 4096
_BATCH = 64
"""Columns that are added at once; it and `_MOST` are powers of two, so that halves come out even."""


class Columns:
    """Columns that are added in batches, of which two and two become one whenever there are too many."""

    def __init__(self, merge: Callable[[Table, Table], Table]) -> None:
        self._merge = merge
        self._each = 1
        self._waiting: list[Table] = []
        self._columns: list[Table] = []

    def add(self, batch: Table) -> None:
        """Add `_BATCH` columns, or the last ones."""
        self._waiting.append(batch)
        waiting = np.concatenate(self._waiting)
        if len(waiting) < self._each:
            return
        self._waiting = []
        self._columns.append(self._halved(waiting, self._each))
        if sum(map(len, self._columns)) >= _MOST:
            self._columns = [self._halved(np.concatenate(self._columns), 2)]
            self._each *= 2

    def _halved(self, table: Table, times: int) -> Table:
        """So many columns become one; the last one is repeated where one is missing."""
        while times > 1:
            if len(table) % 2:
                table = np.concatenate([table, table[-1:]])
            table, times = self._merge(table[::2], table[1::2]), times // 2
        return table

    def table(self) -> Table:
        """All columns."""
        rest = [self._halved(np.concatenate(self._waiting), self._each)] if self._waiting else []
        columns = self._columns + rest
        return np.concatenate(columns) if columns else np.zeros((0, 1, 3), np.float32)

    @property
    def each(self) -> int:
        """How many that were added make one now."""
        return self._each


def extremes(sound: Sound, step: int = 64) -> tuple[Table, int]:
    """Lowest, highest and mean square of each column and channel, and the moments that a column stands for.

    The table has the shape (columns, channels, 3).
    """
    columns = Columns(_wider)
    for block in evened(sound.blocks, step * _BATCH):
        short = -len(block) % step
        parts = np.concatenate([block, np.repeat(block[-1:], short, 0)]).reshape(-1, step, sound.channels)
        values = (parts.min(1), parts.max(1), np.square(parts).mean(1))
        columns.add(np.stack(values, axis=-1).astype(np.float32))
    return columns.table(), step * columns.each


def _wider(one: Table, other: Table) -> Table:
    low = np.minimum(one[..., 0], other[..., 0])
    high = np.maximum(one[..., 1], other[..., 1])
    return np.stack([low, high, _mean(one[..., 2], other[..., 2])], axis=-1)


def _mean(one: Table, other: Table) -> Table:
    return np.asarray((one + other) * np.float32(0.5), np.float32)


def spectra(sound: Sound, size: int = 2048, hop: int = 512) -> Table:
    """Power at each frequency from 0 to half the rate, for each column (short-time Fourier transform, Hann window).

    The table has the shape (columns, size / 2 + 1); a sine of full scale has the power 1. One channel only.
    """
    window = np.hanning(size).astype(np.float32)
    scale = np.float32(4 / window.sum() ** 2)
    columns = Columns(_mean)
    for parts in _overlapping(sound, size, hop):
        columns.add((np.abs(np.fft.rfft(parts * window)) ** 2 * scale).astype(np.float32))
    return columns.table()


def _overlapping(sound: Sound, size: int, hop: int) -> Iterator[Table]:
    """Stretches of `size` moments, each `hop` after the one before, in batches."""
    held = np.zeros(size // 2, np.float32)
    for block in evened(sound.blocks, hop * _BATCH):
        held = np.concatenate([held, block[:, 0]])
        while len(held) >= size + hop * (_BATCH - 1):
            yield sliding_window_view(held, size)[: hop * _BATCH : hop]
            held = held[hop * _BATCH :]
    short = max(0, size - len(held))
    yield sliding_window_view(np.pad(held, (0, short)), size)[::hop][:_BATCH]
