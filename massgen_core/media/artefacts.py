"""What comes out of a job: files, and what is known of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from massgen_core.media.provenance import Provenance


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOutput:
    """One result of an engine: a file in the job's folder, or a text where there is none.

    ``width`` and ``height`` are in pixels, ``duration`` in seconds, ``sample_rate`` in hertz. ``prompt`` is as the
    engine understood it, ``alt`` a description for those who do not see or hear. ``preview`` is a small picture in the
    job's folder that shows an agent what came out. ``details`` are further facts (segments of a transcript).
    """

    file: Path | None = None
    mime_type: str = "text/plain"
    text: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    sample_rate: int | None = None
    channels: int | None = None
    pages: int | None = None
    model: str | None = None
    seed: int | None = None
    prompt: str | None = None
    alt: str | None = None
    cost: float | None = None
    preview: Path | None = None
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    warnings: Sequence[str] = ()

    @classmethod
    def of(cls, folder: Path, facts: Mapping[str, Any]) -> MediaOutput:
        """What a work function said of one of its outputs: ``file`` and ``preview`` are names in the folder."""
        known: dict[str, Any] = {name: value for name, value in facts.items() if name in cls.__dataclass_fields__}
        for name in ("file", "preview"):
            if known.get(name):
                known[name] = folder / Path(known[name]).name
        if further := {name: value for name, value in facts.items() if name not in known}:
            known["details"] = {**known.get("details", {}), **further}
        return cls(**known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """A file that a job has put into the workspace: ``path`` as the session writes it, ``size`` in bytes."""

    path: str
    mime_type: str
    size: int
    sha256: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    sample_rate: int | None = None
    channels: int | None = None
    pages: int | None = None
    alt: str | None = None
    provenance: Provenance
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    warnings: Sequence[str] = ()

    def to_json(self) -> dict[str, Any]:
        """Itself as plain values, without what is not known."""
        known = {name: value for name, value in asdict(self).items() if value not in (None, (), {}, [])}
        return known | {"provenance": self.provenance.to_json()}
