"""A folder or file of the host that a sandbox sees."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SelinuxLabel = Literal["shared", "private"]
"""On a host with SELinux: relabel for all containers (``z``), or for this one alone (``Z``)."""

WORKSPACE = "/workspace"
"""Where a sandbox finds its workspace, whatever that is called on the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """One path of the host (absolute) and where the sandbox sees it; read-only unless ``write``."""

    source: Path
    target: str
    write: bool = False
    selinux: SelinuxLabel | None = None


class MountSettings(BaseModel):
    """A path of the host as a config names it; relative ones belong to the config file's folder."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    source: str = Field(min_length=1, description="Folder or file of the host; `~` is your home.")
    write: bool = Field(default=False, description="The sandbox may change it.")
    selinux: SelinuxLabel | None = Field(
        default=None, description="Relabel it on hosts with SELinux: `shared` (z) or `private` (Z)."
    )


def _short(value: Any) -> Any:
    """Text alone is short for a table with nothing but ``source``."""
    return {"source": value} if isinstance(value, str) else value


MountSetting = Annotated[MountSettings, BeforeValidator(_short)]
"""A path as a config holds it: its name alone mounts it read-only."""
