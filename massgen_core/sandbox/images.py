"""What a packaged server is called, and what an image of one tells about itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

PackageKind = Literal["uvx", "npx"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRef:
    """A packaged MCP server: ``uvx:PKG[==V]`` or ``npx:PKG[@V]``; ``version`` None means not pinned.

    ``command`` is the executable where it is not the package's own; ``extras`` are further requirements of the same
    kind to install beside it (``uvx --with``), ``system`` the Debian packages that its image has beside the usual ones.
    """

    kind: PackageKind
    name: str
    version: str | None = None
    command: str | None = None
    extras: Sequence[str] = ()
    system: Sequence[str] = ()

    def __str__(self) -> str:
        if self.version is None:
            return f"{self.kind}:{self.name}"
        return f"{self.kind}:{self.name}{'==' if self.kind == 'uvx' else '@'}{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageInfo:
    """An image that is ready to run: its reference, content id, the command to start, what was put into it.

    ``packages`` maps every installed distribution to its version; ``note`` says what a reader should know (built
    as of an earlier date, say). ``proof`` is what the proving call returned (the protocol era, for MCP).
    """

    reference: str
    id: str
    command: Sequence[str] = ()
    version: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    note: str | None = None
    proof: Mapping[str, str] = field(default_factory=dict[str, str])
    built: bool = False
