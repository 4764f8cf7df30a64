"""Attempts to get out of a closed network, from inside."""

from __future__ import annotations

from collections.abc import Mapping

from massgen_sandbox_docker.audit.judges import NO_FAMILY, nothing_found, refused
from massgen_sandbox_docker.audit.listeners import host_addresses, listening
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, Scene, attempt, hole
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import NEIGHBOUR_PORT, Stage

NO_WAY = frozenset(("ENETUNREACH", "EHOSTUNREACH", "EADDRNOTAVAIL", "ENETDOWN"))
"""Answers of a kernel that knows no way there; a time-out is none of them: it means that something was sent."""


def _scene(*, shared: bool = False) -> Scene:
    async def scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
        only = [attempt.id for attempt in attempts]
        async with listening() as listener, stage.sandbox(shared=shared) as sandbox:
            local = stage.backend.engine.endpoint.local
            places = [(address, listener.port) for address in host_addresses()] if local else []
            found = await stage.probe(sandbox, "network", only, listeners=places, neighbour=[NEIGHBOUR_PORT])
            heard = len(await listener.settled())
            problems = await aftermath(stage, sandbox)
        return {name: {**facts, "heard": heard, "aftermath": problems} for name, facts in found.items()}

    return scene


def unheard(judged: Judge) -> Judge:
    """As another judge says, and our listener heard nothing either."""

    def judge(facts: Facts) -> Judgement:
        judgement = judged(facts)
        if facts["heard"] and judgement.verdict == "held":
            return hole(f"{judgement.observed}; yet our listener on the host heard something")
        return judgement

    return judge


_APART = _scene()
_BESIDE = _scene(shared=True)


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge, *, beside: bool = False) -> Attempt:
    return attempt("network", name, title, expected, refs, _BESIDE if beside else _APART, judge)


ATTEMPTS = (
    _attempt(
        "interfaces",
        "find a network interface",
        "There is none but loopback.",
        "CIS 5.10, CIS 5.30, OWASP MCP §3, ATT&CK T1046",
        nothing_found("none but loopback"),
    ),
    _attempt(
        "routes",
        "find a route",
        "There is none but loopback's.",
        "CIS 5.30, OWASP MCP §3, ATT&CK T1046",
        nothing_found("none but loopback's"),
    ),
    _attempt(
        "host-directly",
        "connect to every address of the host, the engine's bridge among them, where the audit listens",
        "There is no way, and the listener hears nothing.",
        "CIS 5.10, CIS 5.30, ATT&CK T1046",
        unheard(refused(*NO_WAY)),
    ),
    _attempt(
        "datagrams",
        "send datagrams there, as a tunnel through DNS would (long labels, TXT)",
        "There is no way, and the listener hears nothing.",
        "OWASP MCP §3, ATT&CK T1071.004, ATT&CK T1048",
        unheard(refused(*NO_WAY)),
    ),
    _attempt(
        "metadata",
        "find a way to the addresses where clouds tell a machine its secrets",
        "There is none.",
        "OWASP MCP §3, ATT&CK T1552.005",
        refused(*NO_WAY, *NO_FAMILY),
    ),
    _attempt(
        "internet",
        "find a way to any address, public or private, IPv4 or IPv6",
        "There is none.",
        "CIS 5.30, OWASP MCP §3, ATT&CK T1048",
        refused(*NO_WAY, *NO_FAMILY),
    ),
    _attempt(
        "name-servers",
        "find a way to a name server",
        "There is none.",
        "OWASP MCP §3, ATT&CK T1071.004",
        refused(*NO_WAY, *NO_FAMILY),
    ),
    _attempt(
        "ipv6",
        "find an IPv6 address, which rules for IPv4 forget",
        "There is none but loopback's.",
        "OWASP MCP §3, ATT&CK T1048",
        nothing_found("none but loopback's"),
    ),
    _attempt(
        "raw-sockets",
        "open raw and packet sockets, past everything that heeds a proxy",
        "Refused.",
        "CIS 5.4, CIS 5.22, ATT&CK T1095, ATT&CK T1040",
        refused(*NO_FAMILY),
    ),
    _attempt(
        "configure-network",
        "give itself a network address",
        "Refused.",
        "CIS 5.4, ATT&CK T1562.001",
        refused("ENOTTY", "EINVAL"),
    ),
    _attempt(
        "neighbour-loopback",
        "connect to another sandbox's loopback, where its proxy may listen",
        "Nobody listens there.",
        "OWASP Docker Rule 5, OWASP MCP §7, ATT&CK T1090",
        refused("ECONNREFUSED"),
        beside=True,
    ),
    _attempt(
        "neighbour-abstract-socket",
        "connect to another sandbox's abstract Unix socket",
        "It is not there.",
        "OWASP Docker Rule 5, OWASP MCP §7, ATT&CK T1046",
        refused("ECONNREFUSED"),
        beside=True,
    ),
)
