"""A disk that is full, as files and databases tell it."""

from __future__ import annotations

import errno
import sqlite3

FULL = "the disk is full, so nothing was changed: remove what is not needed, then try again"

_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})
_RESULTS = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE, sqlite3.SQLITE_IOERR_WRITE})


def is_full(error: OSError | sqlite3.Error) -> bool:
    """Whether an error says that the disk, or what this user may take of it, is used up.

    See errno(3), and "Result and Error Codes" of SQLite.
    """
    if isinstance(error, OSError):
        return error.errno in _ERRORS
    return getattr(error, "sqlite_errorcode", None) in _RESULTS
