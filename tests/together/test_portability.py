"""The plugins import on systems without POSIX, too; what only Linux has is looked for at use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

ELSEWHERE = Path(__file__).parents[1] / "elsewhere.py"


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_every_module_imports(program: Any, platform: str) -> None:
    """Every module of the plugins imports, and the command line lists what they bring."""
    done = program(ELSEWHERE, platform, "massgen_sandbox_docker", "massgen_hello")
    assert done.code == 0, done.err
    listed = {line.split()[0]: line for line in done.out.splitlines()}
    assert "SandboxBackend('docker')" in listed["sandbox-docker"]
    assert "tools hello" in listed["hello"]
