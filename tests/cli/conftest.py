"""The command line, in this process and as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from massgen_core.cli import run

SAMPLES = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one command line gave: exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test starts in a folder without a config, and without settings in the environment."""
    for name in [name for name in os.environ if name.startswith("MASSGEN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def sample() -> tuple[str, str]:
    """The options that bring the sample tools."""
    return ("--plugin", str(SAMPLES / "sample_tools.py"))


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Cli:
    """Run a command line in this process."""

    def call(*args: str | Path) -> Outcome:
        code = run([str(arg) for arg in args])
        captured = capfd.readouterr()
        return Outcome(code=code, out=captured.out, err=captured.err)

    return call


@pytest.fixture
def process() -> Cli:
    """Run a command line as a process of its own."""

    def call(*args: str | Path, stdin: str | None = None, **environment: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "massgen_core", *map(str, args)],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            env=os.environ | environment,
            check=False,
        )
        return Outcome(code=done.returncode, out=done.stdout, err=done.stderr)

    return call
