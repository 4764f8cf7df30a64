"""Whether a network is as closed as it was meant to be: by what was seen there, never by what was asked for."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from massgen_core.errors import SandboxUnavailable


def verify_seen(seen: Mapping[str, Any]) -> None:
    """Check what a gate saw from inside: loopback alone is up, nothing is routed, and it did all it was to do.

    Raises:
        SandboxUnavailable: It is not so; the message says what was found.
    """
    if problems := seen.get("problems"):
        raise SandboxUnavailable(f"the sandbox's gate could not do its work: {'; '.join(map(str, problems))}")
    faults = [
        *(f"an interface {name!r}" for name in seen["interfaces"] if name != "lo"),
        *(f"a route {' '.join(map(str, route))}" for route in seen["routes"] if route[0] != "lo"),
        *(f"an address {address}" for address in seen["addresses"] if not _loopback(str(address))),
    ]
    if faults:
        raise SandboxUnavailable(
            f"the engine did not close the sandbox's network: there is {', '.join(faults)}\n  "
            "Nothing was started in it. Use another engine, or another `runtime`."
        )


def _loopback(text: str) -> bool:
    """Whether an address of ``/proc/net/if_inet6`` (32 hexadecimal digits) is loopback's."""
    try:
        return ipaddress.IPv6Address(int(text, 16)).is_loopback
    except ValueError:
        return False
