"""Who hands over, and who takes."""

from __future__ import annotations

from dataclasses import dataclass

from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.labels import Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its engine, and who it is."""

    engine: Engine
    owner: Owner
