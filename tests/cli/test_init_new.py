"""`massgen-core init`, `new`, `completion`, and commands that others bring."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from massgen_core import load_settings
from massgen_core.cli.new import renamed
from massgen_core.mcp.settings import McpConfig


def uncommented(text: str) -> str:
    return re.sub(r"(?m)^#(?=[\w\[])", "", text)


def test_starter_is_valid(cli: Any) -> None:
    """The file that `init` writes is a config as it is, and with every example uncommented."""
    assert cli("init").code == 0
    text = Path("massgen.toml").read_text()
    assert load_settings("massgen.toml").servers == {}
    Path("full.toml").write_text(uncommented(text))
    full = load_settings("full.toml")
    assert set(McpConfig.model_validate({"servers": full.servers}).servers) == {"time", "github", "docs"}
    assert full.audit
    assert set(full.agents) == {"reader"}


def test_starter_names_every_setting(cli: Any) -> None:
    """No top-level setting is missing from the file that `init` writes."""
    cli("init")
    keys = set(tomllib.loads(uncommented(Path("massgen.toml").read_text())))
    assert keys >= {
        "discover",
        "strict",
        "call_timeout",
        "start_timeout",
        "concurrency",
        "servers",
        "plugins",
        "agents",
    }


def test_init_overwrites_nothing(cli: Any) -> None:
    """A file that is there stays as it is unless --force is given; a folder gets a massgen.toml."""
    Path("massgen.toml").write_text("strict = true\n")
    refused = cli("init")
    assert (refused.code, Path("massgen.toml").read_text()) == (2, "strict = true\n")
    assert "--force" in refused.err
    assert cli("init", "--force").code == 0
    assert "servers.time" in Path("massgen.toml").read_text()
    Path("sub").mkdir()
    assert cli("init", "sub").code == 0
    assert Path("sub/massgen.toml").is_file()


TEMPLATES = ("fetch", "filesystem", "git", "playwright", "postgres", "python", "sqlite")


def test_templates_are_listed(cli: Any) -> None:
    """`init --list` names every template, with what it is for."""
    lines = cli("init", "--list").out.splitlines()
    assert tuple(line.split()[0] for line in lines) == TEMPLATES
    assert all(line.endswith(".") for line in lines)
    assert not Path("massgen.toml").exists()


def test_templates_are_valid_and_go_together(cli: Any) -> None:
    """Each is a config with one server that is pinned and closed; all of them fit into one file."""
    for name in TEMPLATES:
        assert cli("init", "--template", name, f"{name}.toml").code == 0
        [server] = McpConfig.model_validate({"servers": load_settings(f"{name}.toml").servers}).servers.values()
        package = server.packaged()
        assert package is not None
        assert package[0].version is not None, name
        assert server.network != "open", name
    done = cli("init", *(word for name in TEMPLATES for word in ("-t", name)))
    assert "Put your own folders and hosts in" in done.out
    assert len(load_settings("massgen.toml").servers) == len(TEMPLATES)


def test_a_template_goes_to_stdout(cli: Any) -> None:
    """`-` prints it and nothing else, so that it can be added to a config that is there; the refusal says so."""
    Path("massgen.toml").write_text("strict = true\n")
    assert "init - >> massgen.toml" in cli("init", "-t", "git").err
    printed = cli("init", "-t", "git", "-").out
    assert tomllib.loads(printed).keys() == {"servers"}
    assert Path("massgen.toml").read_text() == "strict = true\n"


def test_a_template_that_is_not_there(cli: Any) -> None:
    """The refusal names those that are."""
    refused = cli("init", "--template", "gti")
    assert refused.code == 2
    assert "'gti' is no template; there are fetch, filesystem, git," in refused.err


def test_completes_templates(process: Any) -> None:
    """The shell is told the names that begin with what was typed."""
    typed = {"COMP_WORDS": "massgen-core init -t p", "COMP_CWORD": "3", "_MASSGEN_CORE_COMPLETE": "bash_complete"}
    found = process(**typed).out.splitlines()
    assert found == ["plain,playwright", "plain,postgres", "plain,python"]


def test_new(cli: Any) -> None:
    """`new` writes a package in which nothing is called hello any more."""
    assert cli("new", "my-plugin").code == 0
    files = sorted(str(path.relative_to("massgen-my-plugin")) for path in Path("massgen-my-plugin").rglob("*.*"))
    assert files == [
        "README.md",
        "massgen_my_plugin/__init__.py",
        "massgen_my_plugin/plugin.py",
        "pyproject.toml",
        "tests/test_my_plugin.py",
    ]
    assert not [path for path in Path("massgen-my-plugin").rglob("*.*") if "hello" in path.read_text().lower()]


@pytest.mark.parametrize(
    "name", ["My", "1st", "a_b", "a--b", "-a", "a-", "core", "mcp", "massgen-core", "é", "x" * 33, ""]
)
def test_new_refuses_bad_names(cli: Any, name: str) -> None:
    """A name that cannot be a distribution, a package and a plugin at once is refused, and nothing is written."""
    outcome = cli("new", "--", name)
    assert outcome.code == 2
    assert list(Path().iterdir()) == []


def test_new_refuses_an_existing_folder(cli: Any) -> None:
    """A folder that is there is left alone."""
    Path("massgen-a").mkdir()
    outcome = cli("new", "a")
    assert outcome.code == 2
    assert "is there already" in outcome.err
    assert list(Path("massgen-a").iterdir()) == []
    assert cli("new", "a", "--path", "deep/er").code == 0
    assert Path("deep/er/massgen_a/plugin.py").is_file()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("massgen-hello", "massgen-a-b"),
        ("massgen_hello.plugin", "massgen_a_b.plugin"),
        ('hello = "massgen_hello"', 'a-b = "massgen_a_b"'),
        ("hello_greet", "a_b_greet"),
        ("tests/test_hello.py", "tests/test_a_b.py"),
        ("class HelloSettings", "class ABSettings"),
        ("[plugins.hello]", "[plugins.a-b]"),
    ],
)
def test_every_spelling(text: str, expected: str) -> None:
    """The name is put in as dashes, underscores or capitals, as the place asks for."""
    assert renamed(text, "a-b") == expected


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(process: Any, shell: str) -> None:
    """`completion` prints a script that asks the program itself."""
    outcome = process("completion", shell)
    assert outcome.code == 0
    assert "_MASSGEN_CORE_COMPLETE" in outcome.out


def test_completes_commands(process: Any) -> None:
    """The shell is told the commands that begin with what was typed."""
    typed = {"COMP_WORDS": "massgen-core pl", "COMP_CWORD": "1", "_MASSGEN_CORE_COMPLETE": "bash_complete"}
    assert process(**typed).out.splitlines() == ["plain,plugins"]


def test_version(cli: Any) -> None:
    """`--version` prints the distribution and its version."""
    assert re.fullmatch(r"massgen-core \d+\.\d+\S*\n", cli("--version").out)
