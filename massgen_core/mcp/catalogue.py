"""What a server lists, and what of it is offered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, cast

from massgen_core.mcp.relay import CallRaw, Relayed, relay_tools
from massgen_core.mcp.settings import ServerSettings, prefix_of
from massgen_core.tools import Tool

if TYPE_CHECKING:
    from massgen_core.mcp.connection import Connection, Listing


class Catalogue:
    """Makes tools of one server's listings, and says what is left out."""

    def __init__(self, name: str, settings: ServerSettings, *, call: CallRaw, log: Callable[[str], None]) -> None:
        self._prefix = prefix_of(name, settings)
        self._settings = settings
        self._call = call
        self._log = log

    def tools(self, listing: Listing, connection: Connection) -> Sequence[Tool]:
        """The tools of a listing that are offered."""
        relayed = relay_tools(
            listing.tools,
            prefix=self._prefix,
            trusted=self._settings.trust_annotations,
            call=self._call,
            fault_of=connection.tool_fault,
        )
        self._report(relayed, listing)
        return [tool for tool in relayed.tools if self._offered(tool.name)]

    def _offered(self, tool: str) -> bool:
        allowed = self._settings.tools is None or _matches(tool, self._settings.tools)
        return allowed and not _matches(tool, self._settings.deny)

    def _report(self, relayed: Relayed, listing: Listing) -> None:
        for tool in relayed.quarantined:
            self._log(f"tool {tool.name!r} is left out: {tool.reason}")
        if listing.cut is not None:
            self._log(f"{listing.cut}; the others are left out")
        names = [tool.name for tool in relayed.tools]
        for pattern in (*(self._settings.tools or ()), *self._settings.deny):
            if not any(fnmatchcase(name, pattern) for name in names):
                self._log(f"no tool matches {pattern!r}; it has {', '.join(names) or 'none'}")


def drift(first: Listing, other: Listing) -> str:
    """In what another listing of the same server differs, in words; empty where it does not."""
    before, after = _by_name(first), _by_name(other)
    return "; ".join(_differences(before, after))[:_SHOWN]


_SHOWN = 500


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    if lost := sorted(before.keys() - after.keys()):
        yield f"without {', '.join(lost)}"
    if new := sorted(after.keys() - before.keys()):
        yield f"with {', '.join(new)} besides"
    if changed := sorted(name for name in before.keys() & after.keys() if before[name] != after[name]):
        yield f"{', '.join(changed)} described differently"


def _by_name(listing: Listing) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
    for tool in listing.tools:
        name = cast("Mapping[str, Any]", tool).get("name") if isinstance(tool, Mapping) else None
        found.setdefault(str(name)[:100], tool)
    return found


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
