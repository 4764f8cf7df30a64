"""Whether a container became what was asked for: by what the engine shows, never by what it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massgen_core.errors import SandboxUnavailable
from massgen_sandbox_docker.engine.api import table

OPEN = "bridge"
"""The one mode with a network of its own."""

_ALONE = frozenset({"none", ""})


def verify_network(shown: Mapping[str, Any], expected: str) -> None:
    """Check an inspected container against the network mode that was asked for.

    Raises:
        SandboxUnavailable: It is in another network.
    """
    mode = str(shown["HostConfig"].get("NetworkMode"))
    networks: Mapping[str, Mapping[str, Any]] = table(shown, "NetworkSettings", "Networks")
    places = [
        f"{name} ({found.get('IPAddress') or found.get('GlobalIPv6Address') or 'no address'})"
        for name, found in networks.items()
        if name not in _ALONE or found.get("IPAddress") or found.get("GlobalIPv6Address")
    ]
    if mode != expected or (places and expected != OPEN):
        raise SandboxUnavailable(
            f"the engine put the sandbox into network {mode!r} {', '.join(places)}, instead of {expected!r}\n  "
            "It was stopped. Use another engine."
        )
