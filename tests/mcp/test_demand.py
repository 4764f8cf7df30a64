"""Tests of how many servers wait for sessions, and within how much memory."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.mcp.demand import HALF_LIFE, Demand, WarmMemory


def after(claims: Sequence[float], *, least: int = 1, start: float = 1.0) -> Demand:
    """What was seen of claims at these moments, when starting one takes so many seconds."""
    demand = Demand(least)
    for _ in range(20):
        demand.took(start)
    for moment in claims:
        demand.claim(moment)
    return demand


@pytest.mark.parametrize(
    ("claims", "start", "wanted"),
    [
        ([], 1.0, 1),
        ([0.0], 1.0, 1),
        ([0.0, 0.1, 0.2], 1.0, 3),
        ([0.0, 5.0, 10.0], 1.0, 1),
        ([0.0, 5.0, 10.0], 12.0, 3),
        ([0.0, 0.1, 0.2, 5.0], 1.0, 3),
    ],
)
def test_as_many_wait_as_came_while_one_is_started(claims: list[float], start: float, wanted: int) -> None:
    assert after(claims, start=start).wanted(claims[-1] if claims else 0.0) == wanted


def test_what_was_seen_fades() -> None:
    """Eight at once count as four after one half-life, as two after two, and never as fewer than asked for."""
    demand = after([0.0] * 8)
    assert [demand.wanted(lives * HALF_LIFE) for lives in (0, 1, 2, 3, 9)] == [8, 4, 2, 1, 1]


def test_where_none_is_asked_for_none_waits() -> None:
    assert after([0.0] * 50, least=0).wanted(0.0) == 0


@given(st.lists(st.floats(0, 1e5), max_size=30), st.integers(0, 5), st.floats(0, 1e5))
def test_the_figure_falls_when_it_is_said_to(moments: list[float], least: int, later: float) -> None:
    """It is never below what is asked for, never above all claims, and stays until `falls_in` is over."""
    claims = sorted(moments)
    demand = after(claims, least=least)
    now = (claims[-1] if claims else 0.0) + later
    wanted, rest = demand.wanted(now), demand.falls_in(now)
    assert least <= wanted <= max(least, len(claims) if least else 0)
    if math.isfinite(rest):
        assert demand.wanted(now + rest + 1e-3) < wanted
        assert demand.wanted(now + rest * 0.99) == wanted


def test_memory_is_given_back_once() -> None:
    """A share that was given back twice makes no room for two, and who waits is told."""
    memory = WarmMemory(100)
    told: list[bool] = []
    memory.on_release(lambda: told.append(True))
    share = memory.lease(60)
    assert share is not None
    assert memory.lease(50) is None
    assert memory.lease(40) is not None
    share.release()
    share.release()
    assert told == [True]
    assert memory.lease(61) is None
    assert memory.lease(60) is not None
