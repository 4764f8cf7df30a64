"""What an engine is asked, and what it is."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from massgen_core.media.artefacts import MediaOutput
from massgen_core.media.capabilities import Capabilities
from massgen_core.media.job import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaInput:
    """A file that a request comes with, open for reading; ``role`` says what it is for."""

    role: str
    descriptor: int
    name: str
    size: int

    def read(self, largest: int) -> bytes:
        """All of it, for an engine that sends it on; blocks.

        Raises:
            ValueError: It is larger than ``largest`` bytes.
        """
        if self.size > largest:
            raise ValueError(f"{self.name} has {self.size} bytes, more than the {largest} that are taken")
        data = bytearray()
        while piece := os.pread(self.descriptor, min(1 << 20, largest + 1 - len(data)), len(data)):
            data += piece
            if len(data) > largest:
                raise ValueError(f"{self.name} grows beyond the {largest} bytes that are taken")
        return bytes(data)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRequest:
    """What is wanted: an operation (``image.generate``), words, files, and options by the engine's own names.

    ``format`` is the kind of file (``png``), ``count`` how many results; both as the engine likes where not given.
    """

    operation: str
    prompt: str = ""
    inputs: Sequence[MediaInput] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    format: str | None = None
    count: int = 1
    model: str | None = None
    seed: int | None = None

    def input(self, role: str) -> MediaInput | None:
        """The first file of a role."""
        return next((each for each in self.inputs if each.role == role), None)


class MediaEngine(Protocol):
    """An open engine: a service by its name, with what it can do as data."""

    @property
    def name(self) -> str:
        """The word that configs and arguments use for it."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do; the same for as long as it is open."""
        ...

    async def run(self, request: MediaRequest, job: Job) -> Sequence[MediaOutput]:
        """Do it: write files into the job's folder, tell the job how far it is, and end at once when cancelled.

        The request was checked against the engine's capabilities.

        Raises:
            ToolFailed: It cannot be done, in words that a model can act on.
        """
        ...
