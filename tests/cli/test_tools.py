"""`massgen-core tools`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from massgen_core.cli.opening import only_owner_of
from massgen_core.config import load_settings

SAMPLES = Path(__file__).parent / "samples"


def test_table(cli: Any, sample: tuple[str, str]) -> None:
    """One line per tool: its name, who brings it, the first line of its description."""
    lines = cli(*sample, "tools").out.splitlines()
    assert lines[0].split() == ["name", "from", "description"]
    echo = next(line for line in lines if line.startswith("sample_echo"))
    assert echo.endswith("sample-tools/sample  Say it back.")


def test_json(cli: Any, sample: tuple[str, str]) -> None:
    """`--json` gives a list of objects, sorted by name."""
    rows = cli(*sample, "tools", "--json").json
    names = [row["name"] for row in rows]
    echo = next(row for row in rows if row["name"] == "sample_echo")
    assert names == sorted(names)
    assert (echo["plugin"], echo["provider"], echo["access"]) == ("sample-tools", "sample", [])
    assert set(echo) == {"name", "plugin", "provider", "distribution", "version", "title", "description", "access"}


@pytest.mark.parametrize("name", ["openai-responses", "openai-chat", "anthropic", "gemini", "mcp"])
def test_formats(cli: Any, sample: tuple[str, str], name: str) -> None:
    """`--format` gives the tools as one model API takes them."""
    rows = cli(*sample, "tools", "--format", name).json
    assert "sample_echo" in {row.get("function", row)["name"] for row in rows}


def test_show(cli: Any, sample: tuple[str, str]) -> None:
    """`show` tells parameters with type, default and description, access, hints, and the schemas."""
    page = cli(*sample, "tools", "show", "sample_add").out
    assert "count  (integer, required)" in page
    assert "share  (number, default 0.5)" in page
    assert "readOnlyHint=true" in page
    assert "And a second paragraph." in cli(*sample, "tools", "show", "sample_echo").out


def test_show_json(cli: Any, sample: tuple[str, str]) -> None:
    """`show --json` holds both schemas."""
    shown = cli(*sample, "tools", "show", "sample_add", "--json").json
    assert shown["input_schema"]["required"] == ["count"]
    assert shown["output_schema"]["type"] == "object"
    assert shown["annotations"] == {"readOnlyHint": True}


def test_agent(cli: Any, sample: tuple[str, str]) -> None:
    """`--agent` shows what one agent sees."""
    Path("massgen.toml").write_text('[agents.a]\ntools = ["sample_e*"]\n')
    rows = cli(*sample, "tools", "--json", "--agent", "a").json
    assert [row["name"] for row in rows] == ["sample_echo", "sample_explode"]


def test_optional_failure_is_a_warning(cli: Any, sample: tuple[str, str]) -> None:
    """A plugin that need not work and fails is a warning on stderr; the rest is listed and the code is 0."""
    Path("massgen.toml").write_text(
        "[servers.gone]\ncommand = 'no-such-program-here'\nsandbox = 'none'\nrequired = false\n"
    )
    outcome = cli(*sample, "tools")
    assert outcome.code == 0
    assert "sample_echo" in outcome.out
    assert "mcp/gone" in outcome.err
    assert outcome.err.count("failed to start") == 1


def test_mcp_server(cli: Any) -> None:
    """A server's tools are listed and called like any others; its progress goes to stderr."""
    server = SAMPLES / "echo_server.py"
    config = {"servers": {"one": {"command": sys.executable, "args": [str(server)], "sandbox": "none"}}}
    config["servers"]["two"] = config["servers"]["one"] | {"args": ["-c", "raise SystemExit(3)"]}
    Path("massgen.json").write_text(json.dumps(config))
    listed = cli("tools", "--json")
    called = cli("call", "one_echo", "-a", "text=hi")
    assert (listed.code, called.code, called.out) == (4, 0, "hi\n")


def test_only_the_server_that_is_meant() -> None:
    """A tool's name that begins with one server's prefix starts that server alone; a doubtful one starts all."""
    servers = {
        "git": {"url": "https://a"},
        "git-hub": {"url": "https://b"},
        "x": {"url": "https://c", "prefix": "time"},
    }
    settings = load_settings({"servers": servers})
    assert set(only_owner_of("time_now", settings).servers) == {"x"}
    assert set(only_owner_of("git_log", settings).servers) == {"git"}
    assert set(only_owner_of("git_hub_log", settings).servers) == set(servers)
    assert set(only_owner_of("greet", settings).servers) == set(servers)
