"""Who owns a container, judged by its labels."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest
from massgen_sandbox_docker.owners.labels import EXPIRES, HOST, PID, START, Owner, judge

linux = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="needs /proc")


def labels(owner: Owner, lifetime: float = 1000) -> dict[str, str]:
    return owner.labels(lifetime=lifetime)


@linux
def test_mine_and_a_living_neighbour() -> None:
    """A backend knows its own containers, and sees that another backend of a living process lives."""
    here, other = Owner.current(), Owner.current()
    assert judge(labels(here), here=here) == "mine"
    assert judge(labels(other), here=here) == "alive"


@linux
def test_a_dead_process() -> None:
    """The containers of a process that ended are dead."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    gone = replace(Owner.current(), pid=ended.pid)
    assert judge(labels(gone), here=Owner.current()) == "dead"


@linux
def test_a_zombie_is_dead() -> None:
    """A killed process that its parent has not waited for yet does not count as alive."""
    with subprocess.Popen(["sleep", "100"]) as zombie:
        with open(f"/proc/{zombie.pid}/stat") as stat:
            start = stat.read().rpartition(")")[2].split()[19]
        owner = replace(Owner.current(), pid=zombie.pid, start=start)
        assert judge(labels(owner), here=Owner.current()) == "alive"
        zombie.kill()
        os.waitid(os.P_PID, zombie.pid, os.WEXITED | os.WNOWAIT)
        assert judge(labels(owner), here=Owner.current()) == "dead"


@linux
def test_a_pid_that_was_used_again() -> None:
    """Another process under the same PID is not the owner: its start time differs."""
    assert judge(labels(replace(Owner.current(), start="1")), here=Owner.current()) == "dead"


def test_another_machine_is_judged_by_the_expiry_alone() -> None:
    """What cannot be seen from here is left alone until it expires."""
    here = Owner(host="here", pid=1, start="1")
    there = Owner(host="there", pid=2, start="2")
    assert judge(labels(there), here=here) == "unknown"
    assert judge(labels(there, lifetime=-10), here=here) == "expired"


def test_where_processes_cannot_be_seen_only_the_expiry_counts() -> None:
    """Two owners without a host (macOS) are not mistaken for each other's dead."""
    here, other = Owner(), Owner()
    assert judge(labels(other), here=here) == "unknown"


@pytest.mark.parametrize("broken", [{}, {HOST: "here"}, {HOST: "here", PID: "x"}, {EXPIRES: "soon"}])
def test_broken_labels_are_left_alone(broken: dict[str, str]) -> None:
    """A container whose labels make no sense is never removed."""
    assert judge(broken, here=Owner(host="here", pid=1, start="1")) == "unknown"
    assert START not in broken
