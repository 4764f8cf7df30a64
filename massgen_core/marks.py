"""Marks on a tool's parameters: what is done to the thing that one names, and which are secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Access = Literal["read", "write", "delete", "execute", "network"]
"""What a tool does to the world; permissions are decided on these words, never on a tool's name."""

ALL_ACCESS: frozenset[Access] = frozenset(("read", "write", "delete", "execute", "network"))


@dataclass(frozen=True, slots=True)
class Role:
    """Marks a parameter with what is done to the thing it names: ``Annotated[str, Role("write")]``."""

    access: Access


@dataclass(frozen=True, slots=True)
class Secret:
    """Marks a parameter whose value is never logged or audited: ``Annotated[str, Secret()]``."""
