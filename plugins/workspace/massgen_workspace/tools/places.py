"""Where a search begins, and the names that an answer has for what it found."""

from __future__ import annotations

import os
from typing import Annotated

from pydantic import Field

from massgen_core.errors import ToolFailed
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place
from massgen_core.jail.roots import Root
from massgen_core.tools import Role
from massgen_workspace.desk import Desk
from massgen_workspace.history.plan import real_folder

Folder = Annotated[str, Role("read"), Field(description="Folder, from the workspace on or absolute.")]
Ignored = Annotated[bool, Field(description="What `.gitignore` files leave out, too.")]
Limit = Annotated[int, Field(gt=0, le=10_000, description="Answers at most.")]
After = Annotated[
    str | None, Field(description="Go on behind this: the `more` of an earlier answer to the same question.")
]


def told_path(desk: Desk, root: Root, path: bytes) -> str:
    """A path from a root on, as a session can name it in its next call."""
    if root is desk.jail.roots[0]:
        return shown(path)
    return shown(os.fsencode(root.grant.target.rstrip("/")) + b"/" + path)


def behind(desk: Desk, start: Place, after: str | None) -> bytes:
    """The path from a root on that an earlier answer ended with; empty for none.

    Raises:
        ToolFailed: It is nothing that was found there.
    """
    if after is None:
        return b""
    place = desk.place(after)
    if place.root is not start.root or not place.path.startswith(start.path + b"/" if start.path else b""):
        raise ToolFailed("", f"after: {after} is not below {start.text}: take what an earlier answer has as `more`")
    return place.path


def below(start: Place, path: bytes) -> bytes:
    """A path from where a search began on, of one from the root on."""
    return path[len(start.path) + 1 :] if start.path else path


def folder_of(desk: Desk, path: str) -> Place:
    """The folder that a search begins in, behind all links. Raises `PathRefused` where it is none."""
    return real_folder(desk.place(path))
