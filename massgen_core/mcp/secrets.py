"""The secrets of one server, on their way from where they are kept into its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from massgen_core.sandbox import SandboxSecret, SecretSettings
from massgen_core.sandbox.delivery import Network, sandbox_secret
from massgen_core.sandbox.secrets import split_source
from massgen_core.sources import CHEAP, read_source


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """Reads one server's secrets, anew for each start: a new value counts from the next one on.

    Nothing is kept here; relative paths start from ``folder``.
    """

    name: str
    settings: Mapping[str, SecretSettings]
    network: Network
    folder: Path
    log: Callable[[str], None] = field(repr=False)

    async def check(self) -> None:
        """See that those are there which cost nothing to read, before an image is built for a server without them.

        Raises:
            ConfigError: One is not.
        """
        for name, settings in self.settings.items():
            if split_source(settings.source)[0] in CHEAP:
                await read_source(settings.source, key=self._key(name), folder=self.folder)

    async def read(self) -> tuple[SandboxSecret, ...]:
        """All of them, one after the other: a password manager may ask something for each.

        Raises:
            ConfigError: One cannot be read.
        """
        return tuple([await self._read(name, settings) for name, settings in self.settings.items()])

    async def _read(self, name: str, settings: SecretSettings) -> SandboxSecret:
        value = await read_source(settings.source, key=self._key(name), folder=self.folder, log=self.log)
        return sandbox_secret(name, value, settings, self.network)

    def _key(self, name: str) -> str:
        return f"servers.{self.name}.secrets.{name}"
