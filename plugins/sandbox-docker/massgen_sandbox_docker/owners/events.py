"""What befalls the containers of one owner, as the engine tells it, also across a restart of the engine.

``GET /events`` is a stream of one JSON object per line. It ends with the engine, and what happens until it is opened
again may not be told later; so after each opening the containers are listed, and compared with what is known of them.

The engine answers before it listens. So that nothing falls between the list and the stream, the stream is asked for
from the second on in which it is opened, and may tell again what was told already.
"""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

import aiohttp
import anyio

from massgen_core.errors import SandboxError
from massgen_sandbox_docker.engine import failures
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.owners.labels import OWNER, Owner
from massgen_sandbox_docker.owners.listing import list_owned

What = Literal["die", "oom", "destroy"]

_WORDS: Mapping[str, What | Literal["create"]] = {
    "create": "create",
    "die": "die",
    "died": "die",
    "oom": "oom",
    "destroy": "destroy",
    "remove": "destroy",
}
"""What Docker and Podman call the events that count."""

_LONGEST_LINE = 1024 * 1024
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_REMEMBERED = 1000
_PING = aiohttp.ClientTimeout(total=10.0)
_SILENCE = 300.0
"""Seconds without a word after which the stream is opened anew: a connection may be gone without a sign."""

_TROUBLE = (SandboxError, aiohttp.ClientError, OSError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that befell a container: it ended (``exit_code`` where known), was short of memory, or was removed.

    Each is told once for a container, also where processes in it are killed for want of memory again and again.
    """

    container_id: str
    what: What
    exit_code: int | None = None


OnEvent = Callable[[Event], None]
"""Told one event at a time; must neither block nor raise."""


async def follow(engine: Engine, owner: Owner, on_event: OnEvent, *, pause: float = _FIRST_PAUSE) -> None:
    """Tell of what befalls the owner's containers, until cancelled.

    When the stream ends it is opened again, after ``pause`` seconds, twice that when it fails again, and so on up to
    half a minute. Then what ended meanwhile is told of: once for each container, as if the engine had told it.
    """
    follower = _Follower(engine, owner, on_event)
    wait = pause
    while True:
        with contextlib.suppress(*_TROUBLE):  # it is away, or answers nonsense: both may be over the next time
            await follower.listen()
        wait = pause if follower.heard else min(wait * 2, _LONGEST_PAUSE)
        await anyio.sleep(wait)


class _Follower:
    """What is known of the containers, from the stream and from lists; whatever both tell counts once."""

    def __init__(self, engine: Engine, owner: Owner, on_event: OnEvent) -> None:
        self._engine = engine
        self._owner = owner
        self._on_event = on_event
        self._ended: dict[str, bool] = {}
        self._short_of_memory: set[str] = set()
        self._gone: deque[str] = deque(maxlen=_REMEMBERED)
        self.heard = False
        """The last attempt opened the stream."""

    async def listen(self) -> None:
        """Open the stream, catch up, and take what comes until the stream ends."""
        self.heard = False
        docker = self._engine.docker
        url = f"{docker.docker_host}/{docker.api_version}"
        filters = {"type": ["container"], "event": list(_WORDS), "label": [f"{OWNER}={self._owner.id}"]}
        asked = {"filters": json.dumps(filters), **await _since(docker.session, f"{url}/_ping")}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10.0, sock_read=_SILENCE)
        async with docker.session.get(f"{url}/events", params=asked, timeout=timeout) as answer:
            if answer.status != 200:
                text = (await answer.content.read(2000)).decode("utf-8", "replace")
                raise failures.from_status(answer.status, text, what="follow the engine's events")
            await self._catch_up()
            self.heard = True
            async for line in _lines(answer.content):
                self._take(table({"event": json.loads(line)}, "event"))

    async def _catch_up(self) -> None:
        """What happens after this list is told by the stream."""
        there = {each.id: each for each in await list_owned(self._engine, self._owner.id)}
        for container_id in self._ended.keys() - there.keys():
            self._die(container_id, None)
            self._destroy(container_id)
        for container_id, listed in there.items():
            if not self._ended.setdefault(container_id, False) and listed.ended:
                await self._read_back(container_id)

    async def _read_back(self, container_id: str) -> None:
        async with self._engine.control("look at the ended container") as docker:
            state = table(await container(docker, container_id).show(), "State")
        if state.get("OOMKilled"):
            self._oom(container_id)
        self._die(container_id, _number(state.get("ExitCode")))

    def _take(self, event: Mapping[str, Any]) -> None:
        what = _WORDS.get(str(event.get("Action")))
        container_id = str(table(event, "Actor").get("ID"))
        if what is None or container_id in self._gone:
            return
        self._ended.setdefault(container_id, False)
        if what == "oom":
            self._oom(container_id)
        elif what == "die":
            self._die(container_id, _number(table(event, "Actor", "Attributes").get("exitCode")))
        elif what == "destroy":
            self._destroy(container_id)

    def _oom(self, container_id: str) -> None:
        if container_id not in self._short_of_memory:
            self._short_of_memory.add(container_id)
            self._on_event(Event(container_id=container_id, what="oom"))

    def _die(self, container_id: str, exit_code: int | None) -> None:
        if not self._ended[container_id]:
            self._ended[container_id] = True
            self._on_event(Event(container_id=container_id, what="die", exit_code=exit_code))

    def _destroy(self, container_id: str) -> None:
        del self._ended[container_id]
        self._short_of_memory.discard(container_id)
        self._gone.append(container_id)
        self._on_event(Event(container_id=container_id, what="destroy"))


async def _since(session: aiohttp.ClientSession, ping: str) -> dict[str, str]:
    """From when on events are asked for, by the engine's own clock; nothing where it does not tell the time."""
    async with session.get(ping, timeout=_PING) as answer:
        try:
            return {"since": str(int(parsedate_to_datetime(answer.headers["Date"]).timestamp()))}
        except (KeyError, ValueError):
            return {}


async def _lines(content: aiohttp.StreamReader) -> AsyncGenerator[bytes]:
    """Lines of any length up to 1 MiB: an event carries all labels of its container."""
    rest = b""
    async for piece in content.iter_any():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.strip():
                yield line
        if len(rest) > _LONGEST_LINE:
            raise ValueError("an event without an end")


def _number(text: Any) -> int | None:
    try:
        return int(text)
    except (TypeError, ValueError):
        return None
