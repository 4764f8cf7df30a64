"""What one sandbox may ask of the host before it has to wait."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import anyio
import pytest
from anyio.abc import ByteStream
from ways_out import way_out

from massgen_core.egress import Address
from massgen_core.egress.thrift import MOST_DIALLED, NEW_NAMES, NewNames

pytestmark = pytest.mark.anyio


def connect(place: str) -> bytes:
    return f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode()


async def refused(address: Address, port: int) -> ByteStream:
    raise ConnectionRefusedError


async def test_names_without_end_are_not_looked_up_without_end() -> None:
    """Each tells whoever answers for it something: after a burst they are refused, those that are known are not."""
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[Address]:
        asked.append(host)
        return [ip_address("1.1.1.1")]

    async with way_out("*.wild.test", resolve=resolve, dial=refused) as way:
        for number in range(NEW_NAMES + 20):
            await way.asked(connect(f"n{number}.wild.test:443"))
        assert NEW_NAMES <= len(asked) < NEW_NAMES + 15
        last = way.denials[-1]
        assert str(last) == f"egress denied: {last.host}:443 is one new name too many to be looked up now"
        assert b"502" in await way.asked(connect("n0.wild.test:443"))


async def test_names_are_admitted_again_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One a second."""
    now = 1000.0
    monkeypatch.setattr("massgen_core.egress.thrift.anyio.current_time", lambda: now)
    names = NewNames()
    assert sum(names.admit(f"a{number}") for number in range(NEW_NAMES + 50)) == NEW_NAMES
    now += 10.0
    assert sum(names.admit(f"b{number}") for number in range(50)) == 10
    assert names.admit("a0")


async def test_connections_on_their_way_are_few_at_once() -> None:
    """Hosts that never answer cost one sandbox its own turns, not this program its sockets."""
    waiting, most = 0, 0
    full = anyio.Event()

    async def dial(address: Address, port: int) -> ByteStream:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        if waiting == MOST_DIALLED:
            full.set()
        try:
            await anyio.sleep_forever()
        finally:
            waiting -= 1
        raise AssertionError

    async def resolve(host: str) -> Sequence[Address]:
        return [ip_address("1.1.1.1"), ip_address("1.0.0.1")]

    async with way_out("good.test", resolve=resolve, dial=dial) as way, anyio.create_task_group() as tasks:
        for _ in range(2 * MOST_DIALLED):
            tasks.start_soon(way.asked, connect("good.test:443"))
        with anyio.fail_after(30):
            await full.wait()
            await anyio.wait_all_tasks_blocked()
        tasks.cancel_scope.cancel()
    assert most == MOST_DIALLED
