"""`massgen-core workspace`, as people and scripts call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import massgen_workspace.plugin
import pytest
from click.testing import CliRunner, Result
from massgen_workspace.cli.group import workspace

from massgen_core.errors import ConfigError, ToolFailed
from massgen_core.testing import open_test_runtime

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    settings = f'spaces = "{tmp_path}/spaces"\nstate = "{tmp_path}/state"\nbackend = "copy"\n'
    (tmp_path / "massgen.toml").write_text(f"[plugins.workspace]\n{settings}")

    def call(*arguments: str, fails: type[BaseException] | None = None) -> Result:
        result = CliRunner().invoke(workspace, arguments)
        if fails is None:
            assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        else:
            assert isinstance(result.exception, fails), result.output
        return result

    return call


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_from_a_folder_to_a_fork_and_back(run: Run, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("Hello\n")
    assert run("ls").stdout == "There is no workspace; `create` makes one.\n"
    made = told(run("create", "one", "site", "--json"))
    tree = Path(made["folder"])
    assert (tree / "index.html").read_text() == "Hello\n"
    assert run("snapshot", "one", "first").stdout == "snapshot 1\n"
    (tree / "index.html").write_text("Bye\n")
    (tree / "new").write_text("x")
    assert "-Hello\n+Bye" in run("diff", "one").stdout
    assert run("diff", "one", "first", "--names").stdout == "changed\tindex.html\nadded\tnew\n"
    assert told(run("diff", "one", "--json"))["changes"][1] == {"path": "new", "what": "added", "kind": "file"}
    told(run("fork", "one", "two", "--json"))
    assert run("restore", "one", "first", "index.html").stdout == "restored 1 paths; to take this back: restore one 2\n"
    assert (tree / "index.html").read_text() == "Hello\n"
    assert (tmp_path / "spaces/two/tree/index.html").read_text() == "Bye\n"
    listed = told(run("ls", "--json"))
    assert [each["name"] for each in listed["workspaces"]] == ["one", "two"]
    assert listed["backends"]["copy"] == "works"
    assert told(run("snapshots", "one", "--json"))["snapshots"][0]["label"] == "first"
    assert told(run("prune", "--keep", "1", "--json")) == {"forgotten": {"one": [1]}}
    assert run("prune", "--older", "7d").stdout == "forgot 0 snapshots\n"
    assert run("rm", "one").exit_code == 2  # nobody can be asked
    assert told(run("rm", "one", "two", "--yes", "--json")) == {"removed": ["one", "two"]}
    assert run("ls").stdout == "There is no workspace; `create` makes one.\n"


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_what_an_agent_has_changed_is_listed_shown_and_undone(
    run: Run, tmp_path: Path, anyio_backend: str
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "a").write_text("one\n")
    config = {"plugins": {"workspace": {"state": str(tmp_path / "state")}}}
    async with (
        open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
        runtime.session(workspace=work, agent="writer") as session,
    ):
        await session.call("write_file", {"path": "a", "content": "two\n"})
        await session.call("write_file", {"path": "b", "content": "new\n"})
    listed = told(run("log", "work", "--json"))["changes"]
    assert [(each["id"], each["what"]) for each in listed] == [(2, "write b"), (1, "write a")]
    assert listed[0]["who"].startswith("writer/")
    assert "-one\n+two" in run("diff", "work", "--change", "1").stdout
    run("undo", "work")
    assert not (work / "b").exists()
    run("undo", "work", "1")
    assert (work / "a").read_text() == "one\n"
    run("undo", "work", fails=ToolFailed)
    run("undo", "work", "99", fails=ToolFailed)
    run("diff", "work", "--change", "99", fails=ToolFailed)


def test_a_folder_has_snapshots_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work/a").write_text("one\n")
    assert "work has no snapshot that it could be compared with" in str(run("diff", "work", fails=ToolFailed).exception)
    run("snapshot", "work")
    (tmp_path / "work/a").write_text("two\n")
    assert "-one" in run("diff", "work").stdout
    run("restore", "work", "1")
    assert (tmp_path / "work/a").read_text() == "one\n"
    assert run("restore", "work", "1").stdout == "Nothing differs.\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["diff", "nothing"], "'nothing' is neither a workspace nor a folder: `massgen-core workspace ls`"),
        (["fork", "nothing", "new"], "there is no workspace 'nothing': `massgen-core workspace ls`"),
        (["log", "."], "no agent has changed .* with the file tools"),
        (["diff", "."], "has no snapshot that it could be compared with; `massgen-core workspace snapshot "),
        (["create", "x", "--git", "ext::sh"], "only repositories of this machine, and https:// addresses"),
    ],
)
def test_an_error_names_the_cure(run: Run, arguments: list[str], words: str) -> None:
    result = run(*arguments, fails=ToolFailed)
    with pytest.raises(ToolFailed, match=words):
        raise result.exception or AssertionError


def test_a_command_line_that_is_wrong(run: Run, tmp_path: Path) -> None:
    assert "has one source" in run("create", "x", "folder", "--git", "repository").output
    assert "--ref and --depth go with --git" in run("create", "x", "--ref", "main").output
    assert "an age is a number and one of s, m, h, d, w" in run("prune", "--older", "soon").output
    (tmp_path / "massgen.toml").write_text("[plugins.workspace]\nquota = 'much'\n")
    run("ls", fails=ConfigError)


def test_a_command_runs_in_a_workspace(run: Run, tmp_path: Path) -> None:
    run("create", "one")
    assert run("enter", "one", "sh", "-c", "pwd > here; exit 3").exit_code == 3
    assert (tmp_path / "spaces/one/tree/here").read_text().strip() == str(tmp_path / "spaces/one/tree")
    assert "there is no program 'nothing-of-that-name'" in run("enter", "one", "nothing-of-that-name").output


def test_names_are_completed(run: Run) -> None:
    from click.shell_completion import ShellComplete

    run("create", "one")
    completer = ShellComplete(workspace, {}, "massgen-core", "_X")
    assert [each.value for each in completer.get_completions(["fork"], "o")] == ["one"]
