"""Work functions called in this process, and what they say meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from massgen_core.workers import Work


@dataclass(slots=True)
class Done:
    """What a work function returned, its folder, and what it told."""

    folder: Path
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    told: list[float] = field(default_factory=list[float])
    early: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])

    @property
    def output(self) -> dict[str, Any]:
        return self.facts["outputs"][0]

    @property
    def path(self) -> Path:
        return self.folder / self.output["file"]


def call(function: Callable[[Work], dict[str, Any]], folder: Path, *files: Path, **options: Any) -> Done:
    """Call a work function with files by their paths."""
    opened = [path.open("rb") for path in files]
    names: Sequence[str] = [path.name for path in files]
    done = Done(folder)

    def tell(fraction: float, message: str | None) -> None:
        done.told.append(fraction)

    try:
        work = Work(
            files=opened,
            folder=folder,
            options={"names": names, **options},
            tell=tell,
            early=done.early.append,
        )
        done.facts = function(work)
    finally:
        for file in opened:
            file.close()
    return done
