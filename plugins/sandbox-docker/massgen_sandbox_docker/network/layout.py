"""Where a gate listens, and what the sandbox is told about it: addresses, host names, variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from massgen_core.sandbox import AllowList, Rule

PROXY = ("127.0.0.1", 3128)
"""The HTTP proxy's address inside; 3128 is the port that people know from Squid."""

_FIRST = IPv4Address("127.0.0.2")
_LOCAL = frozenset({"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"})

_PROXY_URL = f"http://{PROXY[0]}:{PROXY[1]}"
PROXY_ENV: Mapping[str, str] = {
    **{name: _PROXY_URL for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")},
    **{name: "localhost,127.0.0.1,::1" for name in ("NO_PROXY", "no_proxy")},
    "NODE_USE_ENV_PROXY": "1",  # Node.js 24 and newer: its fetch() heeds the variables above
}
"""Variables by which programs find the proxy; a program that ignores them finds the hosts' own listeners."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The addresses that a gate listens at, by index: the proxy first, then one per rule for a single host.

    A host has one address, on which each of its rules has its port; ``hosts`` is for the sandbox's ``/etc/hosts``.
    """

    listen: Sequence[tuple[str, int]]
    rules: Sequence[Rule | None]
    hosts: Mapping[str, str]


def lay_out(allow: AllowList, targets: Sequence[Rule]) -> Layout:
    """The layout for an allow-list whose ``targets`` get a listener of their own.

    ``localhost`` gets none: its name stays what it is, and the host that it means is reached through the proxy.
    """
    rules = [rule for rule in dict.fromkeys(targets) if rule.host not in _LOCAL]  # `host` and `host:443` are one
    names = dict.fromkeys(rule.host for rule in rules)
    hosts = {name: str(_FIRST + number) for number, name in enumerate(names)}
    listen = [PROXY, *((hosts[rule.host], rule.port) for rule in rules)]
    return Layout(listen=listen, rules=[None, *rules], hosts=hosts)
