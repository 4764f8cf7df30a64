"""Attempts on a network with a list of what may be reached; its hosts are listeners of the audit on this host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from massgen_core.sandbox import AllowList
from massgen_sandbox_docker.audit.listeners import host_addresses, listening
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import Stage

_CONTROL = "gate-control"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_HERE = "127.0.0.2"
"""The only address that the list lets its names lead to; this host's, too."""


async def _scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    local = stage.backend.engine.endpoint.local
    addresses = host_addresses() if local else ()
    if not addresses:
        return {attempt.id: {"unable": "the audit has no listener on the engine's machine"} for attempt in attempts}
    only = [_CONTROL, *(attempt.id for attempt in attempts)]
    async with listening(_OK) as allowed, listening(_OK) as forbidden:
        network = allow_list(allowed.port, addresses[0])
        detour = (addresses[0], forbidden.port) if stage.weak else None
        async with stage.sandbox(network=network) as sandbox:
            found = await stage.probe(
                sandbox, "gate", only, allowed=allowed.port, forbidden=forbidden.port, detour=detour
            )
            heard = b"\n".join([*await allowed.settled(), *forbidden.heard])
            problems = await aftermath(stage, sandbox)
    passed = _CONTROL.encode() in heard
    return {
        name: {**facts, "heard": name.encode() in heard, "control": passed, "aftermath": problems}
        for name, facts in found.items()
    }


def allow_list(port: int, address: str) -> AllowList:
    """One TLS host and plain ones; some of their names lead where the list does not allow names to lead."""
    plain = [f"http://{name}.audit.test:{port}" for name in ("web", "inner", "mapped", "lan")]
    hosts = {"tls": _HERE, "web": _HERE, "inner": "127.0.0.1", "mapped": "::ffff:127.0.0.1", "lan": address}
    return AllowList.model_validate(
        {
            "allow": [f"https://tls.audit.test:{port}", *plain],
            "hosts": {f"{name}.audit.test": place for name, place in hosts.items()},
            "private": [f"{_HERE}/32"],
        }
    )


def must_not_arrive(facts: Facts) -> Judgement:
    """The attempt's word was not heard, while that of what is allowed was."""
    text = answers(facts)
    if facts["heard"]:
        return hole(f"our listener heard it: {text}")
    if not facts["control"]:
        raise ValueError("what is allowed did not pass either, so that this says nothing")
    return held(text)


def must_arrive(facts: Facts) -> Judgement:
    """It was heard, by the way through the proxy."""
    through = _through(cast("Mapping[str, str]", facts["answers"]))
    return (held if facts["heard"] and facts["control"] and through else hole)(answers(facts))


def _through(found: Mapping[str, str]) -> bool:
    return any(" 200 " in answer for answer in found.values())


def answers(facts: Facts) -> str:
    """What came of each way, in words."""
    found = cast("Mapping[str, str]", facts["answers"])
    return "; ".join(f"{name}: {answer or 'closed'}" for name, answer in found.items())


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge = must_not_arrive) -> Attempt:
    return attempt("network", name, f"with an allow-list, {title}", expected, refs, _scene, judge)


_NOTHING = "Refused; the listener hears nothing."

ATTEMPTS = (
    _attempt(
        "gate-forbidden-host",
        "reach what is not on it: by name, as an address, as numbers that some programs read as an address",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1090, ATT&CK T1048",
    ),
    _attempt(
        "gate-other-port",
        "reach another port of an allowed host, that of SSH among them",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1090",
    ),
    _attempt(
        "gate-other-name",
        "ask for an allowed host and greet another one in TLS (SNI)",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1090.004",
    ),
    _attempt(
        "gate-plain-text",
        "speak plain text where TLS is allowed",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1095",
    ),
    _attempt(
        "gate-fronting",
        "ask for an allowed host over HTTP and name another one in the header",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1090.004",
    ),
    _attempt(
        "gate-redirect",
        "follow an allowed host to a forbidden one",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1090",
    ),
    _attempt(
        "gate-private-address",
        "reach the host and its network by allowed names that lead there (127.0.0.1, ::ffff:127.0.0.1, its address)",
        _NOTHING,
        "OWASP MCP §3, ATT&CK T1046",
    ),
    _attempt(
        "gate-huge-head",
        "send the proxy a request with a head of 2 MiB",
        _NOTHING,
        "OWASP MCP §5, ATT&CK T1499",
    ),
    _attempt(
        "gate-slow-heads",
        "hold 150 connections to the proxy open with requests that never end, and let go",
        "Afterwards one that is whole is answered.",
        "OWASP MCP §5, ATT&CK T1499",
        must_arrive,
    ),
)
