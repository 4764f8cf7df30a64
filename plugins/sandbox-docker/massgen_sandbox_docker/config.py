"""The settings of ``[plugins.sandbox-docker]``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ByteSize, Field, PositiveFloat, PositiveInt

from massgen_core.config import STRICT


def _another(name: str) -> str:
    if name == "docker":
        raise ValueError("docker cannot stand in for itself")
    return name


class DockerConfig(BaseModel):
    """How to reach the engine, and what image builds start from and may use."""

    model_config = STRICT

    host: str | None = Field(
        default=None,
        description="`unix:///path` or `tcp://host:port`; found as the docker command finds it when unset.",
    )
    fallback: Annotated[str, AfterValidator(_another)] | None = Field(
        default=None, description="Backend that stands in where no engine can be used: `local`, which holds less."
    )
    base: str | None = Field(
        default=None, description="Registry reference of the base image; built from Debian packages when unset."
    )
    suite: str = Field(
        default="trixie", pattern=r"^[a-z][a-z0-9.-]*$", description="Debian suite that the base image is built from."
    )
    mirror: str | None = Field(
        default=None,
        pattern=r"^https?://\S+$",
        description="Debian mirror for the base image; Debian's own when unset.",
    )
    ca_file: Path | None = Field(default=None, description="File of CA certificates that image builds trust as well.")
    index_settings: bool = Field(default=True, description="Hand the host's pip and npm index settings to builds.")
    build_scripts: bool = Field(
        default=False, description="Let packages run their own code while they are installed (sdists, npm scripts)."
    )
    build_timeout: PositiveFloat = Field(default=900.0, description="Seconds that one step of an image build may take.")
    control_timeout: PositiveFloat = Field(default=60.0, description="Seconds that the engine may take to answer.")
    lease: PositiveFloat = Field(
        default=2.0, description="Seconds that containers outlive a program that was killed, at most a little more."
    )
    remote_lifetime: PositiveFloat = Field(
        default=86400.0, description="Seconds after which any run may remove a container left on a remote engine."
    )
    snapshot_size: ByteSize = Field(
        default=ByteSize(1024**3), gt=0, description="What a snapshot may take beyond the image of its sandbox."
    )
    reap_every: PositiveFloat = Field(
        default=60.0, description="Seconds between two looks for containers that programs which were killed have left."
    )
    concurrent_starts: PositiveInt | None = Field(
        default=None, description="Sandboxes, and image builds, that start at once; from the engine's CPUs when unset."
    )
    waiting_starts: PositiveInt = Field(
        default=1000, description="Starts that may wait for their turn; beyond that they are refused."
    )
    start_wait: PositiveFloat = Field(default=600.0, description="Seconds that a start may wait for its turn.")
    max_sandboxes: PositiveInt | None = Field(
        default=None, description="Sandboxes that this program may have at once; further ones wait."
    )
    max_memory: ByteSize | None = Field(
        default=None, gt=0, description="What the `memory` of all its sandboxes may come to; further ones wait."
    )
