"""Files that the kernel makes up, and that say to have no bytes, are read and copied by what they hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from workspace_calls import CallNow, tools_now

KERNEL = Path("/proc/sys/kernel")

pytestmark = pytest.mark.skipif(not (KERNEL / "ostype").exists(), reason="there is no proc(5) here")


@pytest.fixture
def call(tmp_path: Path) -> Iterator[CallNow]:
    (tmp_path / "work").mkdir()
    with tools_now(tmp_path / "work", context={"/kernel": {"source": str(KERNEL)}}) as call:
        yield call


def test_its_lines_are_shown(call: CallNow) -> None:
    assert (KERNEL / "ostype").stat().st_size == 0
    seen = call("read_file", path="/kernel/ostype")
    text = (KERNEL / "ostype").read_text()
    assert seen.text == f"1\t{text.strip()}"
    assert (seen.structured["size"], seen.structured["total"]) == (len(text), 1)


@pytest.mark.parametrize("offset", [0, 2, -3])
def test_its_bytes_are_shown(call: CallNow, offset: int) -> None:
    text = (KERNEL / "ostype").read_text()
    seen = call("read_bytes", path="/kernel/ostype", offset=offset, view="text")
    assert seen.text.startswith(text[offset:])
    assert seen.structured["size"] == len(text)


def test_it_is_copied(call: CallNow, tmp_path: Path) -> None:
    call("copy_files", items=[{"source": "/kernel/ostype", "target": "ostype"}])
    assert (tmp_path / "work" / "ostype").read_text() == (KERNEL / "ostype").read_text()


def test_an_empty_file_is_empty(call: CallNow, tmp_path: Path) -> None:
    (tmp_path / "work" / "e").touch()
    assert call("read_file", path="e").text == "[the file is empty]"
    assert call("read_bytes", path="e").structured["count"] == 0
