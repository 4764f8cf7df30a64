"""The tools of a runtime under their exposed names: a provider's tools are added all or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from anyio import CapacityLimiter

from massgen_core.errors import MassgenError
from massgen_core.tools import Tool

MAX_NAME = 64
_LEGAL = re.compile(rf"[a-zA-Z0-9_-]{{1,{MAX_NAME}}}")
_ILLEGAL_CHARACTER = re.compile(r"[^a-zA-Z0-9_-]")


class NameConflict(MassgenError):
    """A provider's tools cannot be added because a name is taken or illegal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who brings a tool, and the limits that its calls share.

    ``calls`` bounds concurrent calls, ``threads`` the worker threads of its sync functions; ``timeout`` is in seconds.
    """

    plugin: str
    provider: str
    prefix: str
    distribution: str | None = None
    version: str | None = None
    timeout: float
    calls: CapacityLimiter = field(repr=False)
    threads: CapacityLimiter = field(repr=False)

    def __str__(self) -> str:
        name = self.plugin if self.plugin == self.provider else f"{self.plugin}/{self.provider}"
        return f"{name} ({self.distribution})" if self.distribution else name

    @property
    def setting(self) -> str:
        """The key in the config that changes the prefix."""
        return f"servers.{self.provider}.prefix" if self.plugin == "mcp" else f"plugins.{self.plugin}.prefix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One tool under its exposed name; ``slots`` bounds its own concurrent calls where it asks for that."""

    name: str
    tool: Tool
    owner: Owner
    slots: CapacityLimiter | None = field(repr=False)


def exposed_name(prefix: str, name: str) -> str:
    """The name under which agents see a tool; characters that model APIs refuse become underscores."""
    return _ILLEGAL_CHARACTER.sub("_", f"{prefix}_{name}" if prefix else name)


class Registry:
    """Exposed names and what is behind them."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}

    def put(self, owner: Owner, tools: Sequence[Tool]) -> None:
        """Set the tools of one owner, replacing those it had; on a conflict nothing changes.

        Raises:
            NameConflict: A name is taken, brought twice, or not usable.
        """
        others = {name: entry for name, entry in self._entries.items() if entry.owner is not owner}
        mine: dict[str, Entry] = {}
        for tool in tools:
            name = exposed_name(owner.prefix, tool.name)
            self._refuse(name, tool, owner, others.get(name) or mine.get(name))
            slots = CapacityLimiter(tool.concurrency) if tool.concurrency else None
            mine[name] = Entry(name=name, tool=tool, owner=owner, slots=slots)
        self._entries = others | mine

    def withdraw(self, owner: Owner) -> None:
        """Remove all tools of one owner."""
        self._entries = {name: entry for name, entry in self._entries.items() if entry.owner is not owner}

    def find(self, name: str) -> Entry | None:
        """The entry of that exposed name."""
        return self._entries.get(name)

    def __iter__(self) -> Iterator[Entry]:
        return iter(sorted(self._entries.values(), key=lambda entry: entry.name))

    @staticmethod
    def _refuse(name: str, tool: Tool, owner: Owner, taken: Entry | None) -> None:
        if not _LEGAL.fullmatch(name):
            raise NameConflict(
                f"tool {tool.name!r} of {owner} cannot be exposed as {name!r}: 1 to {MAX_NAME} letters, digits, "
                f"_ and - are allowed; a shorter {owner.setting} helps"
            )
        if taken is not None:
            raise NameConflict(
                f"tool name {name!r} of {owner} is already taken by {taken.owner}; "
                f"set {owner.setting} to another prefix, or disable one of them"
            )
