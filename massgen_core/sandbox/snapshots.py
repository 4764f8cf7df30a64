"""The files of a sandbox at one moment, kept for others to begin with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Files that a backend keeps: its identifier there, the sandbox it was made of, when (seconds since 1970).

    ``size`` is in bytes, None where the backend does not tell.
    """

    backend: str
    id: str
    name: str
    created: float
    size: int | None = None
