"""The taker's part."""

from __future__ import annotations

import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxLimits, SandboxSpec
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.run import DockerSandbox, hold_container, remove
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.bare import BareStream
from massgen_sandbox_docker.engine.hijack import HijackedStream
from massgen_sandbox_docker.owners.adopted import owned_labels
from massgen_sandbox_docker.owners.handover.side import Side
from massgen_sandbox_docker.owners.handover.talk import Gone, Talk, call, close_all
from massgen_sandbox_docker.owners.labels import OWNER, Owner, start_time
from massgen_sandbox_docker.state.able import can_hand_over
from massgen_sandbox_docker.supervised.conversation import Conversation

_ANSWER = 15.0


@asynccontextmanager
async def adopted(side: Side, token: str) -> AsyncGenerator[DockerSandbox]:
    """Take an offered sandbox; it ends with the body, as one that was started here.

    Raises:
        SandboxError: It is not offered, not now, or not to this process.
        SandboxExited: The giver died before it was ours.
    """
    if not can_hand_over(side.engine, side.owner):
        raise SandboxUnavailable("sandboxes are handed over on Linux, by an engine's socket on this machine")
    talk = call(token)
    try:
        given = await _receive(side, talk)
    finally:
        talk.close()

    async def look() -> None:
        return

    held = hold_container(side.engine, given.spec, given.container_id, look, stream=HijackedStream(given.stream))
    async with held as sandbox, background() as tasks:
        conversation = Conversation(sandbox, tasks)
        try:
            await conversation.take_up(given.number, lined=given.lined)
            sandbox.conversation = conversation
            yield sandbox
        finally:
            conversation.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What a taker gets."""

    container_id: str
    spec: SandboxSpec
    number: int
    lined: bool
    stream: BareStream


async def _receive(side: Side, talk: Talk) -> _Given:
    """All of the taker's part."""
    giver = Owner(host=side.owner.host, pid=talk.peer, start=start_time(talk.peer) or "")
    try:
        await talk.say({"owner": side.owner.id, "host": side.owner.host})
        state, found = await talk.hear(_ANSWER, descriptors=True)
    except (Gone, TimeoutError):
        raise SandboxError("the offer was withdrawn") from None
    if "no" in state or len(found) != 1:
        close_all(found)
        raise SandboxError(str(state.get("no", "nothing was given")))
    stream = BareStream(socket.socket(fileno=found[0]))
    try:
        given = _given(state, stream)
        await _own(side, talk, giver, given.container_id)
    except BaseException:
        with anyio.CancelScope(shield=True):
            await stream.aclose()
        raise
    return given


def _given(state: Mapping[str, Any], stream: BareStream) -> _Given:
    """Before anything is ours: what makes no sense is refused."""
    try:
        return _Given(
            container_id=str(state["container"]),
            spec=_spec(state),
            number=int(state["number"]),
            lined=bool(state["lined"]),
            stream=stream,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise SandboxError(f"what was offered makes no sense here: {error}") from error


async def _own(side: Side, talk: Talk, giver: Owner, container_id: str) -> None:
    """Wait until the container is ours."""
    if not await _whose(side, container_id):  # on our own engine
        raise SandboxError("what was offered is no container of massgen's")
    try:
        await talk.say({"word": "have it"})
        answer, _ = await talk.hear(None)
    except Gone:
        await _without_giver(side, giver, container_id)
        return
    if answer.get("word") != "yours":
        raise SandboxError(str(answer.get("no", "the offer was withdrawn")))
    with suppress(Gone):
        await talk.say({"word": "thanks"})


async def _without_giver(side: Side, giver: Owner, container_id: str) -> None:
    """What is to be done when the giver is gone: the name says it."""
    with anyio.CancelScope(shield=True):
        if await _whose(side, container_id) == side.owner.id:
            return
        if start_time(giver.pid) != giver.start:
            await remove(side.engine, container_id)  # also where its last word is still on the way to the engine
            raise SandboxExited("the process that offered the sandbox has ended, and the sandbox with it")
    raise SandboxError("the offer was withdrawn")


async def _whose(side: Side, container_id: str) -> str:
    async with side.engine.control("look at the container") as docker:
        shown = await container(docker, container_id).show()
    labels = {str(name): str(value) for name, value in table(shown, "Config", "Labels").items()}
    return owned_labels(labels, str(shown.get("Name")).removeprefix("/")).get(OWNER, "")


def _spec(state: Mapping[str, Any]) -> SandboxSpec:
    limits = SandboxLimits.model_validate(state["limits"])
    if limits.lifetime is not None:
        limits = limits.model_copy(update={"lifetime": max(0.1, limits.lifetime - float(state["age"]))})
    spec = SandboxSpec(name=str(state["name"]), image=str(state["image"]), idle=True, limits=limits)
    mounts = [Mount(source=Path(source), target=target, write=write) for source, target, write in state["mounts"]]
    return replace(spec, reference=state["reference"], workdir=state["workdir"], mounts=mounts)
