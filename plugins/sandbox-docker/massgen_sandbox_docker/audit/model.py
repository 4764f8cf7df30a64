"""What an attempt is: data about one attack, the scene in which it is made, and the judge of what was seen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from massgen_sandbox_docker.audit.stage import Stage

Area = Literal["kernel", "files", "processes", "resources", "network", "host files", "protocol"]

Verdict = Literal["held", "HOLE", "not run"]

Facts = Mapping[str, Any]
"""What was seen, as JSON has it: nothing in it says whether that is good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A verdict, and in words what was observed (or why the attempt could not be made)."""

    verdict: Verdict
    observed: str


Judge = Callable[[Facts], Judgement]

Scene = Callable[["Stage", "tuple[Attempt, ...]"], Awaitable[Mapping[str, Facts]]]
"""Makes attempts, and returns what was seen of each; several attempts that harm nothing share a scene."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attack: its name, what is tried, whose catalogue knows it, what must come of it, and who judges."""

    id: str
    title: str
    area: Area
    refs: tuple[str, ...]
    expected: str
    scene: Scene = field(repr=False)
    judge: Judge = field(repr=False)


def attempt(area: Area, name: str, title: str, expected: str, refs: str, scene: Scene, judge: Judge) -> Attempt:
    """One row of an area's table; ``refs`` are names with commas between them."""
    return Attempt(
        id=name,
        title=title,
        area=area,
        refs=tuple(refs.split(", ")),
        expected=expected,
        scene=scene,
        judge=judge,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One attempt after it was made."""

    attempt: Attempt
    judgement: Judgement
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """What it came to."""
        return self.judgement.verdict


def held(observed: str) -> Judgement:
    """The sandbox held."""
    return Judgement(verdict="held", observed=observed)


def hole(observed: str) -> Judgement:
    """It did not."""
    return Judgement(verdict="HOLE", observed=observed)


def not_run(reason: str) -> Judgement:
    """The attempt could not be made, which is no success."""
    return Judgement(verdict="not run", observed=reason)
