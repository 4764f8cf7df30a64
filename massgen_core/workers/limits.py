"""What one piece of work may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bytes of memory, seconds of processor time, bytes of each file that is written, and what else may be read.

    ``readable`` are files and folders beside Python's own and the system's libraries (a model's weights, say).
    ``programs`` lets the work start programs that the system brings (an OCR engine); they stay under the same limits.
    """

    memory: int = 2 * _GIB
    processor: int = 600
    file_size: int = 8 * _GIB
    readable: Sequence[Path] = ()
    programs: bool = False

    def to_json(self) -> dict[str, Any]:
        """Itself as plain values."""
        return asdict(self) | {"readable": [str(path) for path in self.readable]}
