"""Attempts on TLS that ends at the proxy, and on the secrets that are put in there: two sandboxes, one hears nothing.

Both have a list and a secret of their own; what the audit's listeners hear tells which secret arrived where.
"""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio.to_thread

from massgen_core.sandbox import AllowList, SandboxSecret
from massgen_sandbox_docker.audit.areas.gate import must_not_arrive
from massgen_sandbox_docker.audit.judges import nothing_found
from massgen_sandbox_docker.audit.listeners import Listener, host_addresses, listening
from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, attempt, held, hole
from massgen_sandbox_docker.audit.scenes import aftermath
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.engine.api import container, list_containers
from massgen_sandbox_docker.owners.labels import OWNER

_CONTROL = "gate-tls-control"
_OTHER_CONTROL = "gate-other-control"
_HERE = "127.0.0.2"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


@dataclass(kw_only=True)
class _Hosts:
    """Two hosts with TLS, and the values that sandboxes may send there."""

    own: Listener
    other: Listener
    value: str = field(default_factory=lambda: f"audit-own-{uuid.uuid4().hex}")
    foreign: str = field(default_factory=lambda: f"audit-foreign-{uuid.uuid4().hex}")


async def _scene(stage: Stage, attempts: tuple[Attempt, ...]) -> Mapping[str, Facts]:
    addresses = host_addresses() if stage.backend.engine.endpoint.local else ()
    if not addresses:
        return {attempt.id: {"unable": "the audit has no listener on the engine's machine"} for attempt in attempts}
    detour = addresses[0] if stage.weak else None
    async with (
        _trusting(stage) as (inner, hosts),
        inner.sandbox(network=_list(hosts, "own", inspect=True), secrets=[_secret(hosts.value)]) as sandbox,
        inner.sandbox(network=_list(hosts, "own", "other"), secrets=[_secret(hosts.foreign)]) as beside,
    ):
        known: dict[str, Any] = {"own": hosts.own.port, "other": hosts.other.port, "detour": detour}
        known["backwards"] = hosts.value[::-1]
        known["foreign"] = (await beside.exec(["printenv", "TOKEN"])).stdout.decode().strip()
        await inner.probe(beside, "inspected", [_OTHER_CONTROL], **known)
        found = await inner.probe(sandbox, "inspected", [_CONTROL, *(attempt.id for attempt in attempts)], **known)
        facts = {**await _arrived(hosts), "shown": await _shown(inner, hosts.value)}
        problems = await aftermath(inner, sandbox)
    words = facts.pop("words")
    return {
        name: {**each, **facts, "heard": name.encode() in words, "aftermath": problems} for name, each in found.items()
    }


@asynccontextmanager
async def _trusting(stage: Stage) -> AsyncGenerator[tuple[Stage, _Hosts]]:
    """The stage with a backend that takes an authority of the audit for a public one, and hosts with its certificates.

    The authority is known to this backend alone, and gone with it.
    """
    from massgen_core.egress.authority import Authority

    authority = await anyio.to_thread.run_sync(Authority)
    own, other = [
        await anyio.to_thread.run_sync(authority.server_context, f"{name}.audit.test") for name in ("own", "other")
    ]
    with tempfile.TemporaryDirectory(prefix="massgen-audit-") as name:
        roots = Path(name) / "ca.pem"
        roots.write_bytes(authority.certificate_pem)
        config = stage.backend.config.model_copy(update={"ca_file": roots})
        async with (
            docker_backend(config, log=lambda line: None) as backend,
            listening(_OK, tls=own) as first,
            listening(_OK, tls=other) as second,
        ):
            yield replace(stage, backend=backend), _Hosts(own=first, other=second)


def _list(hosts: _Hosts, *names: str, inspect: bool = False) -> AllowList:
    ports = {"own": hosts.own.port, "other": hosts.other.port}
    return AllowList.model_validate(
        {
            "allow": [f"https://{name}.audit.test:{ports[name]}" for name in names],
            "hosts": {f"{name}.audit.test": _HERE for name in names},
            "private": [f"{_HERE}/32"],
            "inspect": inspect,
        }
    )


def _secret(value: str) -> SandboxSecret:
    return SandboxSecret(
        name="TOKEN", value=value, use="placeholder", hosts=["own.audit.test"], headers=["authorization"]
    )


async def _arrived(hosts: _Hosts) -> dict[str, Any]:
    """What the listeners heard: whether what is allowed did, with its secret, and whose values came with what."""
    heard = [*await hosts.own.settled(), *hosts.other.heard]
    own = [each for each in heard if _CONTROL.encode() in each and hosts.value.encode() in each]
    sent = [each for each in heard if b"gate-foreign-placeholder" in each]
    values = (hosts.value.encode(), hosts.foreign.encode())
    return {
        "control": bool(own) and any(_OTHER_CONTROL.encode() in each for each in heard),
        "swapped": any(value in each for each in sent for value in values),
        "words": b"\n".join(heard),
    }


async def _shown(stage: Stage, value: str) -> list[str]:
    """The containers of this backend in whose description the value is."""
    owner = json.dumps({"label": [f"{OWNER}={stage.backend.owner.id}"]})
    async with stage.backend.engine.control("look at the containers") as docker:
        listed = await list_containers(docker, filters=owner)
        shown = [await container(docker, each["Id"]).show() for each in listed]
    return [f"`docker inspect` of {each['Name'].lstrip('/')}" for each in shown if value in json.dumps(each)]


def stays_a_word(facts: Facts) -> Judgement:
    """It arrived, and was nobody's secret."""
    if facts["swapped"]:
        return hole("our listener heard a real value")
    if not facts["heard"] or not facts["control"]:
        raise ValueError("it did not arrive, or the own secret did not, so that this says nothing")
    return held("it arrived as the word that it is")


def nowhere(facts: Facts) -> Judgement:
    """In no place inside, and in nothing that the engine tells; while it did arrive where it belongs."""
    absent = f"nowhere inside ({facts['read']} processes let their memory be read), nor told by the engine"
    judgement = nothing_found(f"{absent}; its host got it")({"found": [*facts["found"], *facts["shown"]]})
    if judgement.verdict == "held" and not facts["control"]:
        raise ValueError("the secret did not arrive at its host either, so that this says nothing")
    return judgement


def _attempt(name: str, title: str, expected: str, refs: str, judge: Judge = must_not_arrive) -> Attempt:
    return attempt("network", name, f"with an allow-list, {title}", expected, refs, _scene, judge)


ATTEMPTS = (
    _attempt(
        "gate-inspected-fronting",
        "greet an allowed host in TLS and name another one in the requests inside it, which are inspected",
        "Refused; the listener hears nothing of them.",
        "OWASP MCP §3, ATT&CK T1090.004",
    ),
    _attempt(
        "gate-foreign-list",
        "reach a host that only another sandbox's list has",
        "Refused; the listener hears nothing.",
        "OWASP MCP §3, OWASP MCP §7, ATT&CK T1090",
    ),
    _attempt(
        "gate-foreign-placeholder",
        "send the word that another sandbox has in place of its secret",
        "It arrives as that word; the listener hears no secret.",
        "OWASP MCP §7, ATT&CK T1552.001",
        stays_a_word,
    ),
    _attempt(
        "gate-secret-inside",
        "find the own secret: in files, in the environment, command line and readable memory of every process, and by "
        "`docker inspect` of both containers",
        "It is nowhere; its host gets it.",
        "OWASP Docker Rule 12, ATT&CK T1003.007, ATT&CK T1552.001",
        nowhere,
    ),
)
