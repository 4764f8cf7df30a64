"""The demo does the main job, and the second time nothing has to be built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

CALLED = (
    *("time_get_current_time", "time_convert_time", "files_write_file", "files_read_text_file", "files_read_text_file"),
    *("everything_echo", "everything_get-sum", "hello_greet"),
)


def test_the_demo_twice(program: Any, demo: Path, tmp_path: Path) -> None:
    """Each call is a row with its container's limits; the second run resolves and builds nothing."""
    for name in ("run.py", "massgen.toml"):
        (tmp_path / name).write_bytes((demo / name).read_bytes())
    for run in (1, 2):
        done = program("run.py")
        assert done.code == 0, done.err
        rows = list(cells(done.out))
        assert tuple(row[0] for row in rows) == CALLED
        for _, server, limits, milliseconds, result in rows:
            assert ("net none" in limits) == (server != "hello")
            assert float(milliseconds) > 0
            assert result
        assert [row[4].partition(":")[0] for row in rows if row[4].startswith("refused")] == ["refused"]
        assert "Good day, world!" in rows[-1]
        assert ("resolving" in done.err) == (run == 1)
        assert "installing" not in done.err or run == 1


def cells(table: str) -> Iterator[list[str]]:
    """The cells of the rows that people see."""
    for line in table.splitlines():
        if line.startswith("│"):
            yield [cell.strip() for cell in line.strip("│").split("│")]
