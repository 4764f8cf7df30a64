"""What a session may do comes from what tools declare, and where it may do it from its folders."""

from __future__ import annotations

import sys
from pathlib import Path

import massgen_workspace.plugin
import pytest
from workspace_calls import tools_of

from massgen_core.errors import ConfigError, PluginError
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

CHANGES = {
    "write_file": {"path": "f", "content": "x"},
    "edit_file": {"path": "f", "edits": [{"old": "old", "new": "x"}]},
    "insert_lines": {"path": "f", "line": 0, "text": "x"},
    "undo_change": {"id": 1},
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    for name in ("work", "peer", "given"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text("old\n")
    return tmp_path / "work"


async def test_who_may_read_alone_changes_nothing(work: Path) -> None:
    async with tools_of(work, allow=["read"]) as call:
        assert (await call("read_file", path="f")).text == "1\told"
        for name, arguments in CHANGES.items():
            answer = await call(name, **arguments)
            assert "this session allows read" in answer.text, (name, answer.text)
    assert (work / "f").read_text() == "old\n"


async def test_a_peers_folder_is_read_and_a_granted_one_is_changed(work: Path) -> None:
    given = {"source": str(work.parent / "given"), "write": True, "protected": ["kept"]}
    context = {"/peers/one": {"source": str(work.parent / "peer")}, "/given": given}
    async with tools_of(work, context=context) as call:
        assert (await call("read_file", path="/peers/one/f")).text == "1\told"
        refused = await call("write_file", path="/peers/one/f", content="x")
        assert "/peers/one may be read, not changed" in refused.text
        assert not (await call("write_file", path="/given/f", content="new\n")).is_error
        assert "kept is protected" in (await call("write_file", path="/given/kept", content="x")).text
    assert (work.parent / "peer" / "f").read_text() == "old\n"
    assert (work.parent / "given" / "f").read_text() == "new\n"


async def test_a_folder_that_may_be_read_alone_is_so_by_every_name(work: Path) -> None:
    """Also by the one that it has inside of the workspace; and so is what the changes are remembered in."""
    (work / "docs").mkdir()
    (work / "docs" / "d").write_text("old\n")
    context = {"/docs": {"source": str(work / "docs")}}
    async with tools_of(work, context=context, state=str(work / "state")) as call:
        for path in ("docs/d", "/docs/d", "docs/new", "state/x"):
            answer = await call("write_file", path=path, content="x")
            assert "may be read, not changed" in answer.text, (path, answer.text)


async def test_without_posix_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises((ConfigError, PluginError, ExceptionGroup)) as caught:
        async with open_test_runtime(("workspace", massgen_workspace.plugin)):
            pass
    assert "need a POSIX system" in str(caught.value)
