"""Errors that leave a task group bare."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType

from massgen_core.errors import MassgenError


class bare_errors:
    """Raise the error inside an exception group instead of the group; of several, massgen-core's own first."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if not isinstance(error, BaseExceptionGroup):
            return
        leaves = list(_leaves(error))  # pyright: ignore[reportUnknownArgumentType]
        chosen = next((leaf for leaf in leaves if isinstance(leaf, MassgenError)), leaves[0])
        context = chosen.__context__
        try:
            raise chosen
        finally:
            chosen.__context__ = context  # not the group, which holds the error itself


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
            yield from _leaves(inner)  # pyright: ignore[reportUnknownArgumentType]
    else:
        yield error
