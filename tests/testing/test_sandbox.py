"""The kit for sandbox backends fails what breaks the contract, and skips only what is openly lacking."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from massgen_core.testing import SandboxConformance

HEAD = """
from contextlib import asynccontextmanager

import pytest

from massgen_core.sandbox import ExecResult, SandboxSpec
from massgen_core.testing import SandboxConformance


class Fake:
    name, sandboxes = "fake", ()

    @asynccontextmanager
    async def start(self, spec, *, on_stderr=None):
        yield self

    async def exec(self, command, **more):
        return ExecResult(exit_code=3, stdout=b"1 no none", stderr=b"", stdout_bytes=0, stderr_bytes=0, duration=0.0)


class TestMine(SandboxConformance):
"""
FAKE = """
    lacks = {"private-files": "it has no files"}

    @pytest.fixture
    def sandbox_backend(self):
        return Fake()

    @pytest.fixture
    def sandbox_spec(self):
        return SandboxSpec(name="x", image="x")
"""


def judged(tmp_path: Path, body: str, select: str) -> str:
    """What pytest says about a test module that subclasses the kit."""
    (tmp_path / "test_mine.py").write_text(HEAD + body)
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-k", select, str(tmp_path)]
    return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False).stdout


def test_a_fake_does_not_pass(tmp_path: Path) -> None:
    """What a backend does wrong fails, asserts are explained, and what it lacks is skipped with its reason."""
    said = judged(tmp_path, FAKE, "asyncio and (exit_code_is or test_the_environment or of_their_own)")
    assert "6 failed, 1 passed, 1 skipped" in said
    assert "assert (3, False) == (0, False)" in said
    assert "the backend lacks 'private-files'" in said
    assert "it has no files" in said


def test_fixtures_that_are_missing(tmp_path: Path) -> None:
    """A subclass without the fixtures is told which to write."""
    said = judged(tmp_path, "    pass\n", "asyncio and lives_as")
    assert "override the fixture `sandbox_backend`" in said
    assert "1 error" in said


@pytest.mark.parametrize(
    ("lacks", "problem"),
    [({"speed": "slow"}, r"Mine.lacks names \['speed'\]"), ({"mounts": " "}, r"gives no reason for \['mounts'\]")],
)
def test_only_features_can_be_lacking(lacks: Mapping[str, str], problem: str) -> None:
    """What is not a feature cannot be left out, nor anything without a reason."""
    with pytest.raises(TypeError, match=problem):
        type("Mine", (SandboxConformance,), {"lacks": lacks})
