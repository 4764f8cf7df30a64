"""File tools and workspaces for coding agents.

Public names are those below, imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massgen_workspace.spaces.api import Spaces as Spaces
    from massgen_workspace.spaces.looking import Comparison as Comparison
    from massgen_workspace.spaces.restoring import Restored as Restored
    from massgen_workspace.spaces.shelf import Snapshot as Snapshot
    from massgen_workspace.spaces.shelf import SpaceError as SpaceError
    from massgen_workspace.spaces.sources import Archive as Archive
    from massgen_workspace.spaces.sources import Folder as Folder
    from massgen_workspace.spaces.sources import Git as Git
    from massgen_workspace.spaces.store import SpaceInfo as SpaceInfo
    from massgen_workspace.spaces.watching import Changes as Changes
    from massgen_workspace.spaces.watching import watch as watch

_HOME_OF = {
    "Spaces": "spaces.api",
    "Comparison": "spaces.looking",
    "Restored": "spaces.restoring",
    "Snapshot": "spaces.shelf",
    "SpaceError": "spaces.shelf",
    "Archive": "spaces.sources",
    "Folder": "spaces.sources",
    "Git": "spaces.sources",
    "SpaceInfo": "spaces.store",
    "Changes": "spaces.watching",
    "watch": "spaces.watching",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
