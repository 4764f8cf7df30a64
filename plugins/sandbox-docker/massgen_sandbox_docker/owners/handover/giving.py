"""The giver's part."""

from __future__ import annotations

import socket
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import AllowList
from massgen_core.sandbox.background import background
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.owners.adopted import name_for
from massgen_sandbox_docker.owners.handover.side import Side
from massgen_sandbox_docker.owners.handover.talk import Gone, Talk, meeting_place, next_caller
from massgen_sandbox_docker.owners.labels import Owner, start_time
from massgen_sandbox_docker.state.able import can_hand_over
from massgen_sandbox_docker.supervised.conversation import Conversation

_ANSWER = 15.0
_THANKS = 5.0
_LEAVING = "it is being handed over"


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
        async with self._sandbox.standstill() as still:
            number = self._conversation.break_off(_LEAVING) if still else None
            if number is None:
                raise SandboxError(f"{self._sandbox.name} cannot be handed over now: a command runs, or it is frozen")
            return await self._change(taker, name, number)

    async def _change(self, taker: Owner, name: str, number: int) -> bool:
        main, given = self._sandbox.main, False
        stream = main.hold()
        try:
            if stream is None or stream.bare is None:
                raise SandboxError(f"{self._sandbox.name} cannot be handed over now: it has ended, or speaks unasked")
            given = await self._pass_on(taker, name, stream.bare, number)
            if given:
                main.give_up(f"it was handed over to process {taker.pid}")
                await stream.aclose()
        finally:
            if not given:
                main.go_on()
                await self._conversation.take_up(number, lined=self._conversation.lined)
        return given

    async def _who(self) -> Owner:
        hello, _ = await self._talk.hear(_ANSWER)
        pid = self._talk.peer
        start, owner_id = start_time(pid), str(hello.get("owner"))
        if start is None or hello.get("host") != self._side.owner.host or not _is_id(owner_id):
            raise SandboxError("the other process cannot be told from here, or runs elsewhere")
        return Owner(id=owner_id, host=self._side.owner.host, pid=pid, start=start)

    async def _pass_on(self, taker: Owner, name: str, stream: socket.socket, number: int) -> bool:
        await self._talk.say(_state(self._sandbox, number, self._conversation.lined), (stream.fileno(),))
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


def _state(sandbox: DockerSandbox, number: int, lined: bool) -> Mapping[str, Any]:
    """What the taker has to know: no environment, and no secret, which are in the container already."""
    spec = sandbox.spec
    return {
        "container": sandbox.id,
        "number": number,
        "lined": lined,
        "age": time.monotonic() - sandbox.began,
        "name": spec.name,
        "image": spec.image,
        "reference": spec.reference,
        "workdir": spec.workdir,
        "limits": spec.limits.model_dump(mode="json"),
        "mounts": [[str(mount.source), mount.target, mount.write] for mount in spec.mounts],
    }


def _is_id(text: str) -> bool:
    return len(text) == 32 and all(char in "0123456789abcdef" for char in text)
