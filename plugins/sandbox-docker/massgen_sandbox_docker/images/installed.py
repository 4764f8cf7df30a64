"""What installing a package gives: the recipe's side of an image."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from massgen_core.sandbox import PackageRef
from massgen_sandbox_docker.images.workshop import Workshop

AS_OF_MARGIN = timedelta(days=1)
"""How long after its release a package still counts as just released: its dependencies of that day work with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The versions that were chosen: of the package itself, and of everything (name to version and hash).

    ``released`` is when this version of the package appeared, where the lock says so.
    """

    version: str
    packages: Mapping[str, str]
    hashes: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]], repr=False)
    released: datetime | None = None


class Installer(Protocol):
    """One kind of package."""

    async def resolve(self, shop: Workshop, package: PackageRef, *, as_of: datetime | None) -> Resolution:
        """Choose versions; only from what was released until ``as_of`` where that is given.

        Raises:
            ImageError: The package or the version does not exist, or the index cannot be reached.
        """
        ...

    async def install(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> Sequence[str]:
        """Install what `resolve` chose just before, and return the command that starts the server.

        Raises:
            ImageError: Something cannot be installed, or no command can be told.
        """
        ...

    async def released(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> datetime | None:
        """When the resolved version of the package was released, as far as the index tells."""
        ...


def record(package: PackageRef, resolution: Resolution) -> bytes:
    """What an image says about its content in ``/opt/mcp/packages.json``: every version with its hashes."""
    listed = {
        name: {"version": version, "hashes": list(resolution.hashes.get(name, ()))}
        for name, version in resolution.packages.items()
    }
    return json.dumps({"package": str(package), "packages": listed}, indent=1, sort_keys=True).encode()
