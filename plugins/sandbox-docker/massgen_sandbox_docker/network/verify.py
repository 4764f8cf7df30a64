"""Whether a network is as closed as it was meant to be: by what was seen there, never by what was asked for."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any, cast

from massgen_core.errors import SandboxUnavailable

_MOST_TOLD = 500


def verify_seen(seen: Mapping[str, Any]) -> None:
    """Check what a gate saw from inside: loopback alone is up, nothing is routed, and it did all it was to do.

    Under some runtimes the image's own python3 speaks for the gate: what it says may be anything.

    Raises:
        SandboxUnavailable: It is not so; the message says what was found.
    """
    try:
        problems = [str(each) for each in _listed(seen, "problems")]
        faults = list(_faults(seen))
    except (TypeError, ValueError, RecursionError):
        raise SandboxUnavailable("the sandbox's gate does not say what it sees, so nothing was started in it") from None
    if problems:
        raise SandboxUnavailable(f"the sandbox's gate could not do its work: {_told(problems, '; ')}")
    if faults:
        raise SandboxUnavailable(
            f"the engine did not close the sandbox's network: there is {_told(faults, ', ')}\n  "
            "Nothing was started in it. Use another engine, or another `runtime`."
        )


def _faults(seen: Mapping[str, Any]) -> Iterator[str]:
    for name in _listed(seen, "interfaces"):
        if name != "lo":
            yield f"an interface {name!r}"
    for route in _listed(seen, "routes"):
        if not isinstance(route, list) or route[:1] != ["lo"]:
            yield f"a route {' '.join(map(str, cast('list[object]', route))) if isinstance(route, list) else route}"
    for address in _listed(seen, "addresses"):
        if not _loopback(address):
            yield f"an address {address}"


def _listed(seen: Mapping[str, Any], name: str) -> list[Any]:
    found = seen.get(name)
    if not isinstance(found, list):
        raise TypeError
    return cast("list[Any]", found)


def _loopback(address: Any) -> bool:
    """Whether an address of ``/proc/net/if_inet6`` (32 hexadecimal digits) is loopback's."""
    try:
        return ipaddress.IPv6Address(int(address, 16)).is_loopback
    except (TypeError, ValueError):
        return False


def _told(items: list[str], between: str) -> str:
    """What a gate said, as it may stand in a message."""
    text = between.join(items)[:_MOST_TOLD]
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
