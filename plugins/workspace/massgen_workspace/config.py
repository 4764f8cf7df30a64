"""The settings of ``[plugins.workspace]``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ByteSize, Field, PositiveFloat

from massgen_core.config import STRICT


class Granted(BaseModel):
    """A folder of the host beside the workspace."""

    model_config = STRICT

    source: Path = Field(description="Folder of the host; `~` is your home, a relative one belongs to the config file.")
    write: bool = Field(default=False, description="It may be changed.")
    protected: tuple[str, ...] = Field(default=(), description="Paths in it that may be read alone.")


class WorkspaceConfig(BaseModel):
    """What sessions see beside their own workspace, and how much of a file one answer shows."""

    model_config = STRICT

    protected: tuple[str, ...] = Field(
        default=(".git",), description="Paths in every session's workspace that may be read alone."
    )
    context: Mapping[str, Granted] = Field(
        default_factory=dict[str, Granted], description="More folders, by the name that sessions have for them."
    )
    state: Path | None = Field(
        default=None, description="Folder for the histories of changes; one of this user's own when unset."
    )
    shown: ByteSize = Field(default=ByteSize(64 * 1024), ge=1024, description="Bytes of a file that one answer shows.")
    largest_edit: ByteSize = Field(
        default=ByteSize(64 * 1024 * 1024), ge=1024, description="Largest file that is changed in memory."
    )
    spaces: Path | None = Field(
        default=None, description="Folder of the named workspaces; `~/.massgen/spaces` when unset."
    )
    backend: Literal["auto", "overlay", "copy"] = Field(
        default="auto", description="How new workspaces are kept: overlays need root, `auto` takes the best that works."
    )
    quota: ByteSize | None = Field(
        default=None, ge=1024, description="Bytes that a workspace may hold; what the tools write is held to it."
    )
    quota_files: int | None = Field(default=None, ge=1, description="Files that a workspace may hold, likewise.")
    trash_age: PositiveFloat = Field(
        default=30 * 86400.0, description="Seconds after which what was deleted goes for good."
    )
    trash_size: ByteSize = Field(
        default=ByteSize(4 * 1024**3), ge=0, description="Bytes of the disk that the trash of one workspace may take."
    )
    history_age: PositiveFloat = Field(
        default=90 * 86400.0, description="Seconds after which a change can no longer be undone."
    )
    history_size: ByteSize = Field(
        default=ByteSize(4 * 1024**3), ge=0, description="Bytes that old and new contents of one workspace may take."
    )
    largest_archive: ByteSize = Field(
        default=ByteSize(4 * 1024**3), ge=1024, description="Bytes that one archive may unpack to."
    )
    durable: bool = Field(default=True, description="Wait for the disk before a change counts as made.")
    overwrite_unread: bool = Field(
        default=True, description="A file that a session has not read may be written over as a whole."
    )
