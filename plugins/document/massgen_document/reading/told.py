"""Whatever a library says about somebody's bytes, as one error with a name."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager

from massgen_core.errors import ToolFailed


@contextmanager
def told(what: str) -> Generator[None]:
    """The one place where a parser's own errors end: of any kind, since broken files find all of them.

    Raises:
        ToolFailed: ``what``, and what the parser said.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (ToolFailed, MemoryError):
        raise
    except RecursionError:
        raise ToolFailed("", f"{what}: it is nested too deeply") from None
    except Exception as problem:
        reason = " ".join(str(problem).split())[:200]
        raise ToolFailed("", f"{what}: {reason or type(problem).__name__}") from None
