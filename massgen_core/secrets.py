"""The secrets of one kind of sandbox, on their way from where they are kept into its sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from massgen_core.sandbox import SandboxSecret, SecretSettings
from massgen_core.sandbox.delivery import Network, sandbox_secret
from massgen_core.sandbox.secrets import check_for_header
from massgen_core.sources import read_source


class Secrets:
    """Reads them anew for each start: a new value counts from the next one on.

    ``section`` is the one that has them (`servers.github`); relative paths start from ``folder``.
    """

    def __init__(
        self,
        section: str,
        settings: Mapping[str, SecretSettings],
        *,
        network: Network,
        folder: Path,
        log: Callable[[str], None],
    ) -> None:
        self._section = section
        self._settings = settings
        self._network: Network = network
        self._folder = folder
        self._log = log
        self._ready: tuple[SandboxSecret, ...] | None = None

    async def prepare(self) -> None:
        """Read them for the first start, before an image is built for what could not be started.

        Raises:
            ConfigError: One cannot be read, or is to stand in a header and cannot.
        """
        self._ready = await self._read_all()

    async def take(self) -> tuple[SandboxSecret, ...]:
        """All of them, for one start; nothing is kept.

        Raises:
            ConfigError: One cannot be read, or is to stand in a header and cannot.
        """
        ready, self._ready = self._ready, None
        return await self._read_all() if ready is None else ready

    async def _read_all(self) -> tuple[SandboxSecret, ...]:
        """One after the other: a password manager may ask something for each."""
        return tuple([await self._read(name, settings) for name, settings in self._settings.items()])

    async def _read(self, name: str, settings: SecretSettings) -> SandboxSecret:
        key = f"{self._section}.secrets.{name}"
        value = await read_source(settings.source, key=key, folder=self._folder, log=self._log)
        secret = sandbox_secret(name, value, settings, self._network)
        if secret.use == "placeholder":
            check_for_header(value, key=key)
        return secret
