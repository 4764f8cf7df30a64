"""A sandbox is handed to another process of the same user on this machine, which goes on with it.

What is handed over is the open stream to its first process: a new one could not be opened, for a container ends with
the first that was. Whose the container is its name says (see `adopted`), and only the giver changes it:

=========  ==========================================================================================================
taker      hello: its owner's id; the kernel says which process it is
giver      stops listening; sends the stream, and what the taker has to know
taker      has it
giver      changes the name: from here on it is the taker's
giver      yours
taker      thanks
=========  ==========================================================================================================

Before the name is changed a death of the giver is the sandbox's end, by its watchdog, and one of the taker is none.
After it, the other way round; a taker that dies before it says thanks has the name changed back. A taker that loses
the giver looks at the name: it goes on with what is its own, and leaves or ends what is not.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import AllowList, Mount, SandboxLimits, SandboxSpec
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.run import DockerSandbox, hold_container, remove
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.engine.hijack import HijackedStream
from massgen_sandbox_docker.owners.adopted import name_for, owned_labels
from massgen_sandbox_docker.owners.labels import OWNER, Owner, start_time
from massgen_sandbox_docker.owners.talk import Gone, Talk, call, meeting_place, next_caller
from massgen_sandbox_docker.state.able import can_hand_over
from massgen_sandbox_docker.supervised.conversation import Conversation

_ANSWER = 15.0
_THANKS = 5.0
_LEAVING = "it is being handed over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two: its engine, and who it is."""

    engine: Engine
    owner: Owner


@dataclass(slots=True, kw_only=True)
class Offer:
    """A sandbox that waits to be taken; ``token`` is for the other process, and means nothing to other users."""

    token: str
    taken: anyio.Event = field(default_factory=anyio.Event)
    """Set when it is somebody else's."""


@asynccontextmanager
async def offered(side: Side, sandbox: DockerSandbox, on_given: Callable[[], object]) -> AsyncGenerator[Offer]:
    """Offer a sandbox until the body ends, or it is taken.

    Raises:
        SandboxUnavailable: One like this cannot be handed over; the message says why.
    """
    conversation = _demand_possible(side, sandbox)
    with meeting_place() as (path, listening):
        offer = Offer(token=path)

        async def serve() -> None:
            while not offer.taken.is_set():
                talk = await next_caller(listening)
                with anyio.CancelScope(shield=True):
                    if await _Giving(side, sandbox, conversation, talk).give():
                        on_given()
                        offer.taken.set()

        async with background() as tasks:
            tasks.start_soon(serve)
            yield offer


def _demand_possible(side: Side, sandbox: DockerSandbox) -> Conversation:
    spec, problem = sandbox.spec, ""
    if not can_hand_over(side.engine, side.owner):
        problem = "that needs Linux, and an engine on this machine that is reached by its socket"
    elif sandbox.conversation is None:
        problem = "its commands are not run by a supervisor: only an idle sandbox can be"
    elif isinstance(spec.limits.network, AllowList):
        problem = "its way to the network is in this process"
    elif spec.awaits:
        problem = "folders may be mounted into it from this process"
    if problem or sandbox.conversation is None:
        raise SandboxUnavailable(f"{sandbox.name} cannot be handed over: {problem}")
    return sandbox.conversation


class _Giving:
    """One caller, and what is given to it; nothing here is interrupted."""

    def __init__(self, side: Side, sandbox: DockerSandbox, conversation: Conversation, talk: Talk) -> None:
        self._side = side
        self._sandbox = sandbox
        self._conversation = conversation
        self._talk = talk

    async def give(self) -> bool:
        """Whether it is the caller's now; if not, all is as it was."""
        try:
            return await self._give()
        except (Gone, TimeoutError):
            return False
        except SandboxError as error:
            with suppress(Gone):
                await self._talk.say({"no": str(error)})
            return False
        finally:
            self._talk.close()

    async def _give(self) -> bool:
        taker = await self._who()
        name = str((await self._sandbox.shown())["Name"]).removeprefix("/")
        number = None if self._sandbox.frozen else self._conversation.break_off(_LEAVING)
        if number is None:
            raise SandboxError(f"{self._sandbox.name} cannot be handed over now: a command runs, or it is frozen")
        given = False
        try:
            given = await self._pass_on(taker, name, self._stream(), number)
        finally:
            if not given:
                self._sandbox.main.go_on()
                await self._conversation.take_up(number)
        if given:
            self._sandbox.main.give_up(f"it was handed over to process {taker.pid}")
        return given

    async def _who(self) -> Owner:
        hello, _ = await self._talk.hear(_ANSWER)
        pid = self._talk.peer
        start, owner_id = start_time(pid), str(hello.get("owner"))
        if start is None or hello.get("host") != self._side.owner.host or not _is_id(owner_id):
            raise SandboxError("the other process cannot be told from here, or runs elsewhere")
        return Owner(id=owner_id, host=self._side.owner.host, pid=pid, start=start)

    def _stream(self) -> socket.socket:
        """Stop listening. Raises `SandboxError` where something was said that is not to be lost."""
        held = self._sandbox.main.hold()
        if held is None or held.bare is None:
            raise SandboxError(f"{self._sandbox.name} cannot be handed over now: it has ended, or speaks unasked")
        return held.bare

    async def _pass_on(self, taker: Owner, name: str, stream: socket.socket, number: int) -> bool:
        await self._talk.say(_state(self._sandbox, number), (stream.fileno(),))
        answer, _ = await self._talk.hear(_ANSWER)
        if answer.get("word") != "have it":
            return False
        await self._rename(name_for(name, taker))
        try:
            await self._talk.say({"word": "yours"})
            await self._talk.hear(_THANKS)
        except TimeoutError:  # it lives, so it will find that it is the owner
            return True
        except Gone:
            await self._rename(name)
            return False
        return True

    async def _rename(self, name: str) -> None:
        async with self._side.engine.control("say whose the container is") as docker:
            await container(docker, self._sandbox.id).rename(name)


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
        state, stream = await _receive(side, talk)
    finally:
        talk.close()
    container_id, spec = str(state["container"]), _spec(state)

    async def look() -> None:
        return

    held = hold_container(side.engine, spec, container_id, look, stream=HijackedStream(stream))
    async with held as sandbox, background() as tasks:
        conversation = Conversation(sandbox, tasks)
        try:
            await conversation.take_up(int(state["number"]))
            sandbox.conversation = conversation
            yield sandbox
        finally:
            conversation.close()


async def _receive(side: Side, talk: Talk) -> tuple[Mapping[str, Any], BareStream]:
    """All of the taker's part."""
    giver = Owner(host=side.owner.host, pid=talk.peer, start=start_time(talk.peer) or "")
    try:
        await talk.say({"owner": side.owner.id, "host": side.owner.host})
        state, found = await talk.hear(_ANSWER)
    except (Gone, TimeoutError):
        raise SandboxError("the offer was withdrawn") from None
    if "no" in state or len(found) != 1:
        _close(found)
        raise SandboxError(str(state.get("no", "nothing was given")))
    stream = BareStream(socket.socket(fileno=found[0]))
    try:
        await _own(side, talk, giver, str(state.get("container")))
    except BaseException:
        await stream.aclose()
        raise
    return state, stream


async def _own(side: Side, talk: Talk, giver: Owner, container_id: str) -> None:
    """Wait until the container is ours."""
    await _whose(side, container_id)  # the same engine, on which it is there
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


def _state(sandbox: DockerSandbox, number: int) -> Mapping[str, Any]:
    """What the taker has to know: no environment, and no secret, which are in the container already."""
    spec = sandbox.spec
    return {
        "container": sandbox.id,
        "number": number,
        "age": time.monotonic() - sandbox.began,
        "name": spec.name,
        "image": spec.image,
        "reference": spec.reference,
        "workdir": spec.workdir,
        "limits": spec.limits.model_dump(mode="json"),
        "mounts": [[str(mount.source), mount.target, mount.write] for mount in spec.mounts],
    }


def _spec(state: Mapping[str, Any]) -> SandboxSpec:
    limits = SandboxLimits.model_validate(state["limits"])
    if limits.lifetime is not None:
        limits = limits.model_copy(update={"lifetime": max(0.1, limits.lifetime - float(state["age"]))})
    spec = SandboxSpec(name=str(state["name"]), image=str(state["image"]), idle=True, limits=limits)
    mounts = [Mount(source=Path(source), target=target, write=write) for source, target, write in state["mounts"]]
    return replace(spec, reference=state["reference"], workdir=state["workdir"], mounts=mounts)


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(char in "0123456789abcdef" for char in text)


def _close(descriptors: list[int]) -> None:
    for each in descriptors:
        os.close(each)


class BareStream:
    """A byte stream over a socket that came from another process."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end

    @property
    def bare(self) -> socket.socket | None:
        """The socket."""
        return self._end

    async def send(self, data: bytes) -> None:
        """Write all of it."""
        view = memoryview(data)
        while view:
            try:
                view = view[self._end.send(view) :]
            except BlockingIOError:
                await anyio.wait_writable(self._end)
            except OSError as error:
                raise anyio.BrokenResourceError from error

    async def receive(self) -> bytes:
        """The next bytes."""
        await anyio.lowlevel.checkpoint()
        while True:
            try:
                data = self._end.recv(65536)
            except BlockingIOError:
                await anyio.wait_readable(self._end)
                continue
            except OSError as error:
                raise anyio.BrokenResourceError from error
            if not data:
                raise anyio.EndOfStream
            return data

    async def send_eof(self) -> None:
        """Close the sending side."""
        with suppress(OSError):
            self._end.shutdown(socket.SHUT_WR)

    async def aclose(self) -> None:
        """Close it."""
        if self._end.fileno() >= 0:
            anyio.notify_closing(self._end)
            self._end.close()
        await anyio.lowlevel.checkpoint()
