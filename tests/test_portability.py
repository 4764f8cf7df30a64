"""The core imports on systems without POSIX, and `plugins` works there; what only Linux has is looked for at use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ELSEWHERE = Path(__file__).with_name("elsewhere.py")


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_every_module_imports(platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every module of the core imports, and the command line finds the built-in plugin working."""
    monkeypatch.delenv("MASSGEN_PLUGINS", raising=False)
    command = [sys.executable, str(ELSEWHERE), platform, "massgen_core"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    (line,) = (line.split() for line in done.stdout.splitlines() if line.startswith("mcp "))
    assert "enabled" in line
