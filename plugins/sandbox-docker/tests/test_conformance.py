"""The Docker backend keeps the contract of sandbox backends."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend

from massgen_core.sandbox import SandboxBackend, SandboxSpec
from massgen_core.testing import SandboxConformance

pytestmark = pytest.mark.docker

NO_MARK = "a child that has neither the command's mark nor a parent looks like one of the container's own program"


class TestIdle(SandboxConformance):
    """Commands that a supervisor inside the container runs."""

    @pytest.fixture
    def sandbox_backend(self, backend: DockerBackend) -> SandboxBackend:
        """An open engine."""
        return backend

    @pytest.fixture
    def sandbox_spec(self, spec: MakeSpec) -> SandboxSpec:
        """A sandbox that waits for commands."""
        return replace(spec(), idle=True)


class TestBesideAProgram(SandboxConformance):
    """Commands that the engine runs beside a container's own program."""

    lacks: ClassVar = {"exact-kill": NO_MARK}

    @pytest.fixture
    def sandbox_backend(self, backend: DockerBackend) -> SandboxBackend:
        """An open engine."""
        return backend

    @pytest.fixture
    def sandbox_spec(self, spec: MakeSpec) -> SandboxSpec:
        """A sandbox with a program of its own."""
        return spec("cat")
