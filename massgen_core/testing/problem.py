"""What is wrong with a plugin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: during which check, what it is, and what to do about it."""

    check: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.check}: {self.problem}\n    {self.cure}"


class PluginDoesNotConform(AssertionError):
    """A plugin breaks the contract; ``problems`` holds everything that was found."""

    def __init__(self, plugin: str, problems: Sequence[Problem]) -> None:
        self.plugin = plugin
        self.problems: tuple[Problem, ...] = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"plugin {plugin!r} does not conform:\n{listed}")
