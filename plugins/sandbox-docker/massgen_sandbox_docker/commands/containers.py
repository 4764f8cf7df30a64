"""The containers of ours on an engine: what each is, whose, and how one is named on a command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.adopted import first_name
from massgen_sandbox_docker.owners.labels import PID, SANDBOX, Owner, judge, same_machine
from massgen_sandbox_docker.owners.listing import Listed, list_owned

Kind = Literal["server", "gate", "build", "audit"]
State = Literal["mine", "alive", "dead", "expired", "unknown", "another machine"]

LEFT_BEHIND: Sequence[State] = ("dead", "expired")
"""What anybody may remove."""

_MADE_UP = re.compile(r"massgen-(?P<stem>.+)-[0-9a-f]{12}")
_GATE = "-gate"
_INTERPRETER = re.compile(r"python[\d.]*|node|sh|bash|uv|uvx")
_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """One container: as the engine lists it, what it is, and what is known about its owner."""

    listed: Listed
    sandbox: str
    kind: Kind
    owner: State

    @property
    def id(self) -> str:
        """The container's whole id."""
        return self.listed.id

    @property
    def short(self) -> str:
        """As much of the id as people read."""
        return self.listed.id[:_SHORT]

    @property
    def pid(self) -> int | None:
        """The owner's process on its own machine."""
        pid = self.listed.labels.get(PID, "")
        return int(pid) if pid.isdigit() and int(pid) else None

    def data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "id": self.id,
            "name": self.listed.name,
            "sandbox": self.sandbox,
            "kind": self.kind,
            "owner": self.owner,
        }

    def __str__(self) -> str:
        return f"{self.listed.name or self.sandbox} ({self.short}, {self.kind}, owner {self.owner})"


async def find(engine: Engine, *, sizes: bool = False) -> Sequence[Ours]:
    """All of them, the newest first.

    Raises:
        SandboxError: The engine does not answer.
    """
    here = Owner.current()
    found = [described(each, here) for each in await list_owned(engine, sizes=sizes)]
    return sorted(found, key=lambda each: -each.listed.created)


def described(listed: Listed, here: Owner) -> Ours:
    """What a listed container is, by its labels and its name."""
    name = first_name(listed.name)
    matched = _MADE_UP.fullmatch(name)
    stem = matched["stem"] if matched else name
    sandbox = listed.labels.get(SANDBOX) or stem.removesuffix(_GATE)
    return Ours(listed=listed, sandbox=sandbox, kind=_kind(stem, sandbox), owner=_owner(listed.labels, here))


def _kind(stem: str, sandbox: str) -> Kind:
    """A gate has its sandbox's labels, and a name of its own."""
    if stem.endswith(_GATE) and not sandbox.endswith(_GATE):
        return "gate"
    if sandbox.startswith("build-"):
        return "build"
    return "audit" if sandbox in ("audit", "massgen-audit-victim") else "server"


def _owner(labels: Mapping[str, str], here: Owner) -> State:
    verdict = judge(labels, here=here)
    if verdict == "unknown" and same_machine(labels, here=here) is False:
        return "another machine"
    return verdict


def program(pid: int) -> str:
    """The name of a program of this machine, without its arguments; empty when it is gone."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    first = Path(words[0]).name
    if not _INTERPRETER.fullmatch(first) or len(words) < 2:
        return first
    script = words[words.index("-m") + 1] if "-m" in words[:-1] else words[1]
    return first if script.startswith("-") else Path(script).name or first


async def choose(engine: Engine, words: Sequence[str]) -> Sequence[Ours]:
    """The containers that are meant by names of containers or servers, ids, or beginnings of ids.

    Raises:
        UsageError: A word means none, more than one, or a container that is not ours.
    """
    found = await find(engine)
    chosen = [await _chosen(engine, found, word) for word in words]
    return list({each.id: each for each in chosen}.values())


async def _chosen(engine: Engine, found: Sequence[Ours], word: str) -> Ours:
    meant = matching(found, word)
    if len(meant) == 1:
        return meant[0]
    if meant:
        candidates = "".join(f"\n  {each}" for each in meant)
        raise click.UsageError(f"{word!r} may be any of {len(meant)} containers; say its id:{candidates}")
    if word and await _exists(engine, word):
        raise click.UsageError(
            f"the container {word!r} is none of massgen's: it has no label of an owner\n  "
            "Nothing was done. `docker` itself is for the others."
        )
    known = ", ".join(sorted({each.sandbox for each in found})) or "none"
    raise click.UsageError(f"there is no container {word!r}\n  There are: {known} (`massgen-core docker ps --all`).")


def matching(found: Sequence[Ours], word: str) -> Sequence[Ours]:
    """What a word can mean: an id or a container's name before all else, then a server's name or an id's beginning."""
    exact = [each for each in found if word in (each.id, each.listed.name)]
    if exact or not word:
        return exact
    return [each for each in found if (each.sandbox == word and each.kind != "gate") or each.id.startswith(word)]


async def _exists(engine: Engine, name: str) -> bool:
    if not re.fullmatch(r"[a-zA-Z0-9][\w.-]*", name):
        return False
    try:
        async with engine.control("look for the container") as docker:
            await container(docker, name).show()
    except SandboxError:
        return False
    return True
