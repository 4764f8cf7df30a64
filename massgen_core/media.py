"""What a media engine is: something that does one kind of work on images, audio or video.

The engines themselves come from plugins; tools find them by what they can do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from massgen_core.result import Part

Modality = Literal["image", "audio", "video"]
Task = Literal["generate", "edit", "understand"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaJob:
    """One piece of work for an engine: what to do, the words, the inputs, the engine's own options."""

    task: Task
    modality: Modality
    prompt: str = ""
    inputs: Sequence[Part] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


class MediaEngine(Protocol):
    """An open media engine."""

    @property
    def name(self) -> str:
        """The word that configs use for it."""
        ...

    @property
    def abilities(self) -> frozenset[tuple[Modality, Task]]:
        """What it can do."""
        ...

    async def run(self, job: MediaJob, *, progress: Callable[[float, float | None], None]) -> Sequence[Part]:
        """Do the job and return the artefacts; ``progress`` takes done and total."""
        ...
