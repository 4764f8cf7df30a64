"""The same ZIP bytes for the same files: names in order, one date, one level of compression."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_DATE = (1980, 1, 1, 0, 0, 0)


def pack_again(
    made: io.BytesIO, out: BinaryIO, change: Callable[[str, bytes], bytes] = lambda name, data: data
) -> None:
    """Copy an archive, each member through ``change``; the order stays, dates and attributes are fixed."""
    with ZipFile(made) as source, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as target:
        for name in source.namelist():
            entry = ZipInfo(name, _DATE)
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, change(name, source.read(name)))
