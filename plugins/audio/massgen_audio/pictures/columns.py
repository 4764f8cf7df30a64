"""A sound of any length in a few thousand columns: neighbours are merged when there are too many."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from massgen_audio.sound.stream import Sound, evened

Column = NDArray[np.float32]

_MOST = 4096


class Columns:
    """Columns that were added one by one, of which two and two become one whenever there are too many.

    frames: moments of the sound that one column stands for
    """

    def __init__(self, frames: int, merge: Callable[[Column, Column], Column]) -> None:
        self.frames = frames
        self._merge = merge
        self._each = 1
        self._waiting: list[Column] = []
        self._columns: list[Column] = []

    def add(self, column: Column) -> None:
        """Add the next one."""
        self._waiting.append(column)
        if len(self._waiting) == self._each:
            self._columns.append(self._together(self._waiting))
            self._waiting = []
        if len(self._columns) >= _MOST:
            pairs = zip(self._columns[::2], self._columns[1::2], strict=True)
            self._columns = [self._merge(one, other) for one, other in pairs]
            self._each *= 2
            self.frames *= 2

    def _together(self, columns: list[Column]) -> Column:
        while len(columns) > 1:
            pairs = zip(columns[::2], columns[1::2], strict=True)
            columns = [self._merge(one, other) for one, other in pairs]
        return columns[0]

    def array(self) -> NDArray[np.float32]:
        """All columns, one to a row."""
        rest = self._waiting[: 1 << (len(self._waiting).bit_length() - 1)] if self._waiting else []
        columns = self._columns + ([self._together(rest)] if rest else [])
        return np.stack(columns) if columns else np.zeros((0, 1), np.float32)


def extremes(sound: Sound, step: int = 64) -> tuple[NDArray[np.float32], int]:
    """Lowest, highest and mean square of each column and channel, and the moments that a column stands for.

    The array has the shape (columns, channels, 3).
    """
    columns = Columns(step, _wider)
    for block in evened(sound.blocks, step):
        columns.add(np.stack([block.min(0), block.max(0), np.square(block).mean(0)], axis=1).astype(np.float32))
    return columns.array(), columns.frames


def _wider(one: Column, other: Column) -> Column:
    return np.stack(
        [
            np.minimum(one[:, 0], other[:, 0]),
            np.maximum(one[:, 1], other[:, 1]),
            (one[:, 2] + other[:, 2]) * np.float32(0.5),
        ],
        axis=1,
    )


def spectra(sound: Sound, size: int = 2048, hop: int = 512) -> tuple[NDArray[np.float32], int]:
    """Power at each frequency from 0 to half the rate, for each column (short-time Fourier transform, Hann window).

    The array has the shape (columns, size / 2 + 1); a sine of full scale has the power 1. One channel only.
    """
    window = np.hanning(size).astype(np.float32)
    scale = np.float32(4 / window.sum() ** 2)
    columns = Columns(hop, _mean)
    for part in _overlapping(sound, size, hop):
        columns.add((np.abs(np.fft.rfft(part * window)) ** 2 * scale).astype(np.float32))
    return columns.array(), columns.frames


def _mean(one: Column, other: Column) -> Column:
    return np.asarray((one + other) * np.float32(0.5), np.float32)


def _overlapping(sound: Sound, size: int, hop: int) -> Iterator[Column]:
    held = np.zeros(size // 2, np.float32)
    for block in evened(sound.blocks, hop * 64):
        held = np.concatenate([held, block[:, 0]])
        while len(held) >= size:
            yield held[:size]
            held = held[hop:]
    yield np.pad(held, (0, size - len(held)))
