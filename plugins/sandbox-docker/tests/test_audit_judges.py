"""The judges of the audit: what was seen becomes a verdict, and what is not understood is never taken for a success."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_sandbox_docker.audit import judges
from massgen_sandbox_docker.audit.areas import (
    builds,
    endings,
    folders,
    gate,
    inspected,
    network,
    protocol,
    resources,
    streams,
)
from massgen_sandbox_docker.audit.model import Attempt, Judge, Judgement, held, hole
from massgen_sandbox_docker.audit.ship import answers
from massgen_sandbox_docker.audit.suite import ATTEMPTS


async def nowhere(stage: Any, attempts: Any) -> dict[str, Any]:
    """A scene that is never played."""
    return {}


def attempt(judge: Judge) -> Attempt:
    return Attempt(id="x", title="x", area="kernel", refs=(), expected="x.", scene=nowhere, judge=judge)


REFUSED = judges.refused("EINVAL")
FOUND = judges.nothing_found("nothing")


@pytest.mark.parametrize(
    ("tries", "verdict"),
    [
        ({"a": "EPERM", "b": "EACCES", "c": "ENOSYS", "d": "EROFS", "e": "EINVAL"}, "held"),
        ({"a": "EPERM", "b": "ok"}, "HOLE"),
        ({"a": "EFAULT"}, "HOLE"),
        ({"a": "a time-out"}, "HOLE"),
        ({}, "not run"),
    ],
)
def test_refusals(tries: dict[str, str], verdict: str) -> None:
    """All ways must be refused; an error that shows that the kernel took the request is none, nor is a time-out."""
    assert judges.judge(attempt(REFUSED), {"tries": tries}).verdict == verdict


def test_a_kernel_of_its_own() -> None:
    """What the sandbox's own kernel lets through counts only where the attempt says why it does no harm."""
    facts = {"tries": {"unshare": "ok"}, "own_kernel": True}
    assert judges.judge(attempt(judges.refused()), facts).verdict == "HOLE"
    excused = judges.judge(attempt(judges.refused(own_kernel="its own")), facts)
    assert (excused.verdict, excused.observed) == ("held", "ok: unshare; its own")
    assert judges.judge(attempt(judges.refused(own_kernel="its own")), {**facts, "own_kernel": False}).verdict == "HOLE"


@pytest.mark.parametrize(
    ("inside", "own_kernel", "verdict"),
    [
        ({"mount": "EPERM"}, True, "held"),
        ({"mount": "ok"}, True, "HOLE"),
        ({"mount": "EPERM"}, False, "HOLE"),
        ({}, True, "HOLE"),
    ],
)
def test_user_namespaces(inside: dict[str, str], own_kernel: bool, verdict: str) -> None:
    """One is harmless only in a kernel of the sandbox's own, and only if nothing is gained in it."""
    facts = {"tries": {"unshare user": "ok"}, "inside": inside, "own_kernel": own_kernel}
    assert judges.namespaces_of_users(facts).verdict == verdict


def test_what_is_found() -> None:
    """Anything is a hole, and it is named."""
    assert judges.judge(attempt(FOUND), {"found": []}) == held("nothing")
    assert judges.judge(attempt(FOUND), {"found": ["kmsg"]}) == hole("found kmsg")


@pytest.mark.parametrize(
    "facts", [None, {}, {"killed": 9}, {"unable": "no python3"}, {"found": 3}, {"tries": None}, {"found": None}]
)
@pytest.mark.parametrize("each", ATTEMPTS, ids=lambda each: each.id)
def test_what_says_nothing_is_not_run(each: Attempt, facts: dict[str, Any] | None) -> None:
    """A probe that died, was not able to, or said something else is never taken for a sandbox that held."""
    assert judges.judge(each, facts).verdict == "not run"


def test_the_reason_is_given() -> None:
    """Of an attempt that was not run it is told why."""
    assert judges.judge(attempt(FOUND), {"unable": "no python3"}).observed == "no python3"


def test_the_aftermath_counts() -> None:
    """A sandbox that held while the engine or its neighbour broke did not hold."""
    facts = {"found": [], "aftermath": ["the sandbox beside it does not answer"]}
    assert judges.judge(attempt(FOUND), facts) == hole("nothing; but afterwards the sandbox beside it does not answer")


BOMB = {"pids_limit": 8, "host_pids": 8, "started": 5, "answer": "EAGAIN", "own_kernel": False}
PLACES = {"places": {"/tmp": {"reached": 64, "limit": 64}}}
FILES = {"reached": 9, "limit": 10, "answer": "ENOSPC", "own_kernel": False}
SPIN = {"cpu_seconds": 3.0, "wall": 3.0, "cpus": 1.0, "quota": "1"}
FLOOD = {"kept": 10, "limit": 10, "counted": 99, "sent": 99}
GATE = {"answers": {"whole": "HTTP/1.1 200 OK"}, "heard": False, "control": True}
KILLED = {"noticed": "ended by SIGKILL", "exec": "refused", "gone": True}


@pytest.mark.parametrize(
    ("judge", "good", "bad"),
    [
        (resources.judge_processes, BOMB, {**BOMB, "started": 9}),
        (resources.judge_processes, BOMB, {**BOMB, "answer": "ok"}),
        (
            resources.judge_processes,
            {**BOMB, "own_kernel": True, "started": 99},
            {**BOMB, "own_kernel": True, "host_pids": 9},
        ),
        (resources.judge_processes, {**BOMB, "ended": "exit code 2"}, {**BOMB, "ended": "exit code 2", "host_pids": 9}),
        (
            resources.judge_memory,
            {"reached": 9, "limit": 10, "killed": 9},
            {"reached": 11, "limit": 10, "killed": 9},
        ),
        (
            resources.judge_memory,
            {"ended": "ended by SIGKILL", "out_of_memory": False, "killed": 9},
            {"ended": "ended with exit code 1", "out_of_memory": False, "killed": None},
        ),
        (resources.judge_memory, {"reached": 9, "limit": 10, "killed": 9}, {"reached": 9, "limit": 10, "killed": 0}),
        (
            resources.judge_memory,
            {"ended": "out of memory", "out_of_memory": True},
            {"ended": "x", "out_of_memory": False, "killed": None},
        ),
        (resources.judge_places, PLACES, {"places": {"/tmp": {"reached": 65, "limit": 64}}}),
        (resources.judge_files, FILES, {**FILES, "reached": 11}),
        (
            resources.judge_files,
            {**FILES, "reached": 11, "own_kernel": True, "memory_peak": 1, "memory_limit": 2},
            {**FILES, "reached": 11, "own_kernel": True, "memory_peak": 3, "memory_limit": 2},
        ),
        (
            resources.judge_open_files,
            {"reached": 5, "limit": 5, "raised": "EPERM"},
            {"reached": 5, "limit": 5, "raised": "ok"},
        ),
        (resources.judge_processor, SPIN, {**SPIN, "cpu_seconds": 6.0}),
        (resources.judge_processor, SPIN, {**SPIN, "quota": "everything"}),
        (resources.judge_zombies, {"left": 0, "made": 9}, {"left": 1, "made": 9}),
        (streams.judge_flood, FLOOD, {**FLOOD, "kept": 11}),
        (streams.judge_flood, FLOOD, {**FLOOD, "counted": 98}),
        (streams.judge_answer, {"answered": True, "kept": 1, "limit": 1}, {"answered": False, "kept": 1, "limit": 1}),
        (streams.judge_answer, {"answered": True, "kept": 1, "limit": 1}, {"answered": True, "kept": 2, "limit": 1}),
        (endings.judge_killed, KILLED, {**KILLED, "noticed": None}),
        (endings.judge_killed, KILLED, {**KILLED, "gone": False}),
        (protocol.says("right"), {"said": "right", "again": "still here"}, {"said": "wrong", "again": "still here"}),
        (protocol.says("right"), {"said": "right", "again": "still here"}, {"said": "right", "again": "right"}),
        (protocol.says("a", "b"), {"said": "it is b", "again": "still here"}, {"said": "c", "again": "still here"}),
        (gate.must_not_arrive, GATE, {**GATE, "heard": True}),
        (gate.must_arrive, {**GATE, "heard": True}, GATE),
        (gate.must_arrive, {**GATE, "heard": True}, {**GATE, "heard": True, "answers": {"whole": "closed"}}),
        (network.unheard(REFUSED), {"tries": {"a": "EPERM"}, "heard": 0}, {"tries": {"a": "EPERM"}, "heard": 1}),
    ],
)
def test_a_limit_and_past_it(judge: Judge, good: dict[str, Any], bad: dict[str, Any]) -> None:
    """Just within the limit is held, just past it is a hole."""
    assert judge(good).verdict == "held"
    assert judge(bad).verdict == "HOLE"


def test_a_closed_gate_proves_nothing() -> None:
    """Where what is allowed did not pass either, that the rest was refused says nothing."""
    judged = judges.judge(attempt(gate.must_not_arrive), {**GATE, "control": False})
    assert judged.verdict == "not run"
    assert "what is allowed did not pass either" in judged.observed


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner))
)
def test_no_fact_breaks_a_judge(facts: Any) -> None:
    """Whatever a probe says, there is a verdict."""
    facts = facts if isinstance(facts, dict) else {"found": facts, "tries": facts}
    for each in ATTEMPTS:
        assert isinstance(judges.judge(each, facts), Judgement)


def test_answers() -> None:
    """Lines of a probe that are none of its answers are left out."""
    output = b'{"id": "a", "facts": {"found": []}}\nnoise\n{"id": 1}\n[]\n\xff\n{"id": "b", "facts": 3}\n'
    assert answers(output) == {"a": {"found": []}}


SECRET = {"found": [], "shown": [], "read": 3, "control": True}
WORD = {"swapped": False, "heard": True, "control": True}


@pytest.mark.parametrize(
    ("judge", "facts", "verdict"),
    [
        (inspected.nowhere, SECRET, "held"),
        (inspected.nowhere, {**SECRET, "found": ["/proc/1/environ"]}, "HOLE"),
        (inspected.nowhere, {**SECRET, "shown": ["`docker inspect` of x"]}, "HOLE"),
        (inspected.nowhere, {**SECRET, "control": False}, "not run"),
        (inspected.stays_a_word, WORD, "held"),
        (inspected.stays_a_word, {**WORD, "swapped": True}, "HOLE"),
        (inspected.stays_a_word, {**WORD, "heard": False}, "not run"),
        (inspected.stays_a_word, {**WORD, "control": False}, "not run"),
    ],
)
def test_secrets(judge: Judge, facts: dict[str, Any], verdict: str) -> None:
    """A secret that is nowhere is no success where it did not arrive at its host either."""
    assert judges.judge(attempt(judge), facts).verdict == verdict


ODD: dict[str, Any] = {"least": 1_200_000, "used": 1_200_000, "entries": 18, "odd": {"_pipe": "ok"}, "ended": None}


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "held"),
        ({"used": 1_199_999}, "HOLE"),
        ({"used": 64_000_000}, "HOLE"),
        ({"used": None, "why": "it took too long"}, "HOLE"),
        ({"ended": "used more than 4 MiB of disk"}, "HOLE"),
        ({"least": "?"}, "not run"),
    ],
)
def test_what_a_folder_takes(changed: dict[str, Any], verdict: str) -> None:
    """Neither more nor less than the entries themselves, and the sandbox goes on."""
    assert judges.judge(attempt(folders.judge_measured), {**ODD, **changed}).verdict == verdict


@pytest.mark.parametrize(
    ("judge", "facts", "verdict"),
    [
        (folders.judge_ended, {"ended": "used more than 4 MiB of disk (`disk`): /workspace"}, "held"),
        (folders.judge_ended, {"ended": "ended with exit code 0"}, "HOLE"),
        (folders.judge_ended, {"ended": None}, "HOLE"),
        (endings.judge_stopped, {"gone": True, "seconds": 1.0}, "held"),
        (endings.judge_stopped, {"gone": False, "seconds": 1.0}, "HOLE"),
        (builds.judge_read, {"read": {"pipe": 0, "hole": 16 * 1024 * 1024}}, "held"),
        (builds.judge_read, {"read": {"pipe": None}}, "HOLE"),
        (builds.judge_read, {"read": {"large": 16 * 1024 * 1024 + 1}}, "HOLE"),
        (builds.judge_archives, {"outcomes": {"..": "refused", "absolute": "taken"}}, "held"),
        (builds.judge_archives, {"outcomes": {"..": "wrote outside"}}, "HOLE"),
        (builds.judge_archives, {"outcomes": {"hole": "filled the disk"}}, "HOLE"),
    ],
)
def test_readers(judge: Judge, facts: dict[str, Any], verdict: str) -> None:
    """Of folders, of builds, of archives; and a process that does not heed requests to end."""
    assert judges.judge(attempt(judge), facts).verdict == verdict
