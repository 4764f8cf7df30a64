"""Nothing in the tree belongs to one machine."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .tree import ROOT, demand_none

# Written so that this file does not find itself.
HOSTS = re.compile(r"py" r"pi\.org|python" r"hosted|npm" r"js\.org|deb\.deb" r"ian\.org|crates" r"\.io", re.IGNORECASE)
MACHINE = re.compile(r"/\.py" r"env/versions/|/ho" r"me/(?!\$)[a-z]\w*/(?:src|work|projects)/|/Us" r"ers/[a-z]")


def texts(root: Path) -> Iterator[tuple[Path, str]]:
    """Every committed or new text file."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0"):
        try:
            yield root / name, (root / name).read_text(encoding="utf-8")
        except (FileNotFoundError, IsADirectoryError, UnicodeDecodeError):
            continue  # deleted but not yet committed, or a picture


def traces(root: Path) -> list[str]:
    """Places where a file names a package index's host, a machine's path, or where this tree lies."""
    here = re.compile(re.escape(str(root)) + r"\b")
    return [
        f"{path.relative_to(root)}:{number}: {found[0]}"
        for path, text in texts(root)
        for number, line in enumerate(text.splitlines(), 1)
        for pattern in (HOSTS, MACHINE, here)
        if (found := pattern.search(line))
    ]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout: there is no list of committed files")
def test_no_traces_of_a_machine() -> None:
    """No file names a package index's host or a path that exists on one machine only."""
    demand_none(traces(ROOT))


def test_the_gate_can_fail(tmp_path: Path) -> None:
    """A host and the tree's own place are named with file and line."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "a.txt").write_text(f"fine\nindex = https://py{'pi'}.org/simple\n")
    (tmp_path / "b.txt").write_text(f"{tmp_path}/a.txt\n")
    assert traces(tmp_path) == [f"a.txt:2: py{'pi'}.org", f"b.txt:1: {tmp_path}"]
