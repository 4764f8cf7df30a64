"""Judges: pure functions from what was seen to a verdict. What is not understood is never taken for a success."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from massgen_sandbox_docker.audit.model import Attempt, Facts, Judge, Judgement, held, hole, not_run

REFUSALS = frozenset(("EPERM", "EACCES", "ENOSYS", "EROFS", "killed"))
"""Answers that are a no; any other error means that the kernel took the request and looked at it."""

MISSING = frozenset(("ENOENT", "ENXIO", "ENODEV", "ENOTDIR"))
"""What was to be attacked is not there."""

NO_FAMILY = frozenset(("EAFNOSUPPORT", "EPROTONOSUPPORT", "ESOCKTNOSUPPORT"))


def judge(attempt: Attempt, facts: Facts | None) -> Judgement:
    """Judge one attempt; facts that are missing, or that its judge cannot read, make it one that was not run."""
    if facts is None:
        return not_run("nothing was heard of it: the probe ended before")
    if reason := facts.get("unable"):
        return not_run(str(reason))
    try:
        judgement = attempt.judge(facts)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        return not_run(f"the facts do not fit: {type(error).__name__} {error}; killed by {facts.get('killed')}")
    problems = cast("list[str]", facts.get("aftermath") or [])
    if judgement.verdict == "held" and problems:
        return hole(f"{judgement.observed}; but afterwards {'; '.join(problems)}")
    return judgement


def refused(*also: str, own_kernel: str | None = None) -> Judge:
    """Every way that was tried must be refused; ``also`` are more answers that are a no.

    ``own_kernel``: why success means nothing where the kernel is the sandbox's own and not the host's.
    """
    accepted = REFUSALS.union(also)

    def judged(facts: Facts) -> Judgement:
        tries = _tries(facts)
        open_ways = {name: answer for name, answer in tries.items() if answer not in accepted}
        if not open_ways:
            return held(_grouped(tries))
        if own_kernel and facts.get("own_kernel"):
            return held(f"{_grouped(tries)}; {own_kernel}")
        return hole(_grouped({name: _taken(answer) for name, answer in open_ways.items()}))

    return judged


def nothing_found(absent: str) -> Judge:
    """The list of what was found must be empty; ``absent`` says so in words."""

    def judged(facts: Facts) -> Judgement:
        found = [str(each) for each in _a_list(facts["found"])]
        return hole(f"found {', '.join(found)}") if found else held(absent)

    return judged


def fact(name: str, holds: Callable[[Any], bool], words: Callable[[Any], str]) -> Judge:
    """One fact must satisfy a condition."""

    def judged(facts: Facts) -> Judgement:
        value = facts[name]
        return (held if holds(value) else hole)(words(value))

    return judged


def at_most(limit: str, seen: str, *, unit: str = "", words: str) -> Judge:
    """A figure that was reached may not exceed a limit; both are names of facts."""

    def judged(facts: Facts) -> Judgement:
        bound, reached = float(facts[limit]), float(facts[seen])
        text = f"{words}: {reached:g}{unit}, limit {bound:g}{unit}"
        return held(text) if reached <= bound else hole(text)

    return judged


def namespaces_of_users(facts: Facts) -> Judgement:
    """No user namespace; or one of a kernel of the sandbox's own, in which nothing more can be done than before."""
    tries = _tries(facts)
    if all(answer in REFUSALS for answer in tries.values()):
        return held(_grouped(tries))
    inside = cast("Mapping[str, str]", facts.get("inside") or {})
    gained = {name: _taken(answer) for name, answer in inside.items() if answer not in REFUSALS | MISSING}
    if facts.get("own_kernel") and inside and not gained:
        return held(f"a namespace of the sandbox's own kernel, and nothing gained in it: {_grouped(inside)}")
    return hole(_grouped({**{name: _taken(answer) for name, answer in tries.items()}, **gained}))


def _tries(facts: Facts) -> Mapping[str, str]:
    tries = cast("Mapping[str, str]", facts["tries"])
    if not tries:
        raise ValueError("nothing was tried")
    return tries


def _a_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError("no list")
    return cast("list[Any]", value)


def _taken(answer: str) -> str:
    return "done" if answer == "ok" else f"let through ({answer})"


def _grouped(tries: Mapping[str, str]) -> str:
    """``EPERM: a, b; ENOSYS: c``."""
    groups: dict[str, list[str]] = {}
    for name, answer in tries.items():
        groups.setdefault(answer, []).append(name)
    return "; ".join(f"{answer}: {', '.join(names)}" for answer, names in groups.items())
