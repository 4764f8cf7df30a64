"""A commit that is killed at any of its steps leaves what was there before or what was to be, never a mixture."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import crash_commits
import pytest


@pytest.mark.parametrize("scenario", crash_commits.SCENARIOS)
def test_a_commit_killed_at_every_step(tmp_path: Path, scenario: str) -> None:
    """Contents, kinds, rights and links; nothing half-written is left, also where recovery is killed in turn."""
    program = [sys.executable, crash_commits.__file__, str(tmp_path), scenario]
    done = subprocess.run(program, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    before, *told = map(json.loads, done.stdout.splitlines())
    after = told[-1]["found"]
    assert told[-1]["whole"]
    assert len(told) > 30
    assert before != after
    for each in told:
        assert each["found"] in (before, after), (each["step"], before, after)
        assert each["temporary"] == [], each["step"]
    assert {each["found"] == before for each in told} == {True, False}
