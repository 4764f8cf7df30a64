"""One sandbox to be started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from massgen_core.sandbox.limits import SandboxLimits
from massgen_core.sandbox.mounts import Mount
from massgen_core.sandbox.secrets import SandboxSecret
from massgen_core.sandbox.snapshots import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSpec:
    """One sandbox to be started: image, command, environment, limits, folders of the host, secrets.

    An empty ``image`` is the backend's own. ``command`` is what runs as the main process; empty means the image's own.
    An ``idle`` sandbox has no program of its own: it waits for commands, and runs them as fast as its backend can.
    ``snapshot`` takes the place of ``image``. ``awaits`` are absolute paths that are empty folders at first, for
    `Sandbox.mount`. ``turn`` is on whose behalf it starts: where many wait, each of these has its turn.
    ``labels`` are kept by the backend for listing. ``name`` is a human's word for it, and ``reference`` one for its
    image where ``image`` is a content id.
    """

    name: str
    image: str = ""
    reference: str | None = None
    command: Sequence[str] = ()
    idle: bool = False
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    workdir: str | None = None
    limits: SandboxLimits = field(default_factory=SandboxLimits)
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    mounts: Sequence[Mount] = ()
    awaits: Sequence[str] = ()
    secrets: Sequence[SandboxSecret] = field(default=(), repr=False)
    snapshot: Snapshot | None = None
    turn: str = ""
