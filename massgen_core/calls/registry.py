"""The tools of a runtime under their exposed names: a provider's tools are added all or none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from anyio import CapacityLimiter

from massgen_core.errors import MassgenError
from massgen_core.tools import Tool

MAX_NAME = 64
_LEGAL = re.compile(rf"[a-zA-Z0-9_-]{{1,{MAX_NAME}}}")
_ILLEGAL_CHARACTER = re.compile(r"[^a-zA-Z0-9_-]")


class Unusable(MassgenError):
    """A provider's tools cannot be added."""


class NameConflict(Unusable):
    """A tool's name is taken or illegal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Who brings a tool, and the limits that its calls share.

    ``calls`` bounds concurrent calls, ``threads`` the worker threads of its sync functions. ``timeout``, in seconds, is
    for tools that have none of their own; ``set_timeout`` comes from the config and goes before both.
    """

    plugin: str
    provider: str
    prefix: str
    distribution: str | None = None
    version: str | None = None
    timeout: float
    set_timeout: float | None = None
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

    @property
    def timeout(self) -> float:
        """Seconds that one call may take."""
        return self.owner.set_timeout or self.tool.timeout or self.owner.timeout


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
            Unusable: What the provider brings is no sequence of tools, or a schema is wrong.
            NameConflict: A name is taken, brought twice, or not usable.
        """
        others = {name: entry for name, entry in self._entries.items() if entry.owner is not owner}
        mine: dict[str, Entry] = {}
        for tool in _checked(tools, owner):
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


def _checked(tools: object, owner: Owner) -> Iterator[Tool]:
    if not isinstance(tools, Iterable) or isinstance(tools, str | bytes):
        raise Unusable(f"{owner} must bring a sequence of Tool objects, not {type(tools).__name__}")
    for tool in cast("Iterable[object]", tools):
        if not isinstance(tool, Tool):
            raise Unusable(f"{owner} must bring Tool objects, not {type(tool).__name__}; functions need @tool")
        if tool.function is None:  # written by hand: the schemas of @tool are right by construction
            _check_schemas(tool, owner)
        yield tool


def _check_schemas(tool: Tool, owner: Owner) -> None:
    from massgen_core.schema import check_schema

    declared = {"input": tool.input_schema, "output": tool.output_schema}
    for kind, schema in declared.items():
        if (kind == "input" or schema is not None) and (problem := check_schema(schema)):
            raise Unusable(f"the {kind} schema of tool {tool.name!r} of {owner} is wrong: {problem}")
