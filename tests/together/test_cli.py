"""The command line end to end: a config, plugins, tools, calls and Docker, as scripts see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

NOWHERE = "unix:///nonexistent.sock"


@pytest.fixture
def servers(make_server: Any, tmp_path: Path) -> Path:
    """A config with two quick servers and two agents."""
    path = tmp_path / "massgen.json"
    config = {
        "servers": {"plain": make_server("plain"), "rough": make_server("hostile", call_timeout=20)},
        "agents": {"writer": {}, "reader": {"allow": ["read"]}},
    }
    path.write_text(json.dumps(config))
    return path


def test_from_init_to_a_call(cli: Any, tmp_path: Path) -> None:
    """What `init` writes is a config that works, and that grows by a server."""
    assert cli("init").code == 0
    assert "is there already; --force overwrites it" in cli("init").err
    assert cli("tools").code == 0
    config = tmp_path / "massgen.toml"
    config.write_text(config.read_text() + '\n[servers.clock]\npackage = "uvx:mcp-server-time"\n')
    done = cli("call", "clock_get_current_time", "--arg", "timezone=UTC")
    assert (done.code, json.loads(done.out)["timezone"]) == (0, "UTC"), done.err
    assert "uvx:mcp-server-time" in (tmp_path / "massgen.lock").read_text()


def test_plugins(cli: Any) -> None:
    """What is pip-installed is listed with its distribution, and nothing has failed."""
    rows = {row["name"]: row for row in cli("plugins", "--json").json}
    assert {name: row["distribution"] for name, row in rows.items() if name in ("mcp", "sandbox-docker", "hello")} == {
        "mcp": "massgen-core",
        "sandbox-docker": "massgen-sandbox-docker",
        "hello": "massgen-hello",
    }
    assert cli("plugins", "--check").code == 0


def test_tools(cli: Any, demo: Path) -> None:
    """Servers and plugins stand in one list; `show` tells all about one tool."""
    rows = {row["name"]: row for row in cli("tools", "--json", folder=demo).json}
    assert (rows["time_convert_time"]["plugin"], rows["time_convert_time"]["provider"]) == ("mcp", "time")
    assert (rows["hello_greet"]["plugin"], rows["hello_greet"]["distribution"]) == ("hello", "massgen-hello")
    schemas = {tool["name"]: tool["input_schema"] for tool in cli("tools", "--format", "anthropic", folder=demo).json}
    assert schemas.keys() == rows.keys()
    assert schemas["everything_echo"]["required"] == ["message"]
    shown = cli("tools", "show", "files_read_text_file", folder=demo).out
    for words in ("mcp/files", "path  (string, required)", '"type": "object"'):
        assert words in shown


CALLS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "works": (("plain_echo", "-a", "text=hi"), 0, ""),
    "tool-error": (("rough_echo", "-a", "text=is error"), 1, "rough_echo reported an error"),
    "protocol-error": (("rough_echo", "-a", "text=error"), 1, "MCP server 'rough' answered with error -32000: no luck"),
    "server-ends": (("rough_echo", "-a", "text=ask without reading"), 1, "MCP server 'rough': the server sent 1000 re"),
    "usage": (("plain_echo", "--nonsense"), 2, "No such option"),
    "unknown": (("plain_ecko",), 5, "did you mean plain_echo"),
    "invalid": (("plain_echo", "-a", "wrong=hi"), 6, "text"),
    "denied": (("plain_echo", "-a", "text=hi", "--agent", "reader"), 7, "not allowed"),
    "time-out": (("rough_echo", "-a", "text=half", "--timeout", "0.000001"), 8, "did not answer within"),
}


@pytest.mark.parametrize("way", CALLS)
def test_exit_codes_of_calls(cli: Any, servers: Path, way: str) -> None:
    """Each way to fail has its own exit code and says why on stderr; results alone are on stdout."""
    arguments, code, words = CALLS[way]
    done = cli("call", *arguments)
    assert (done.code, words in done.err) == (code, True), done
    assert done.out == {"works": "hi\n", "tool-error": "it went wrong\n"}.get(way, "")


@pytest.mark.parametrize(
    "command",
    [("call", "plain_echo", "-a", "text=hi"), ("tools",), ("docker", "doctor"), ("docker", "build")],
    ids=" ".join,
)
def test_no_engine(cli: Any, servers: Path, command: tuple[str, ...]) -> None:
    """Without an engine the exit code is 9, and the error names the address, where it is from, and the cure."""
    done = cli(*command, DOCKER_HOST=NOWHERE)
    assert done.code == 9
    assert f"no Docker Engine at {NOWHERE} (from DOCKER_HOST): the socket does not exist" in done.err
    assert "massgen-core docker setup" in done.err
    assert "Traceback" not in done.err


def test_errors_as_json(cli: Any, servers: Path) -> None:
    """Where the output is JSON, so is the error: its section, its file and its exit code can be read from it."""
    done = cli("--quiet", "call", "plain_echo", "-o", "json", "-a", "text=hi", DOCKER_HOST=NOWHERE)
    error = json.loads(done.err)["error"]
    assert (error["type"], error["stage"], error["provider"]) == ("PluginError", "start", "plain")
    assert (error["key"], error["file"], error["exit_code"]) == ("servers.plain", str(servers), 9)


def test_doctor(cli: Any, servers: Path) -> None:
    """Engine and servers are judged by what was found; a server that does not start is named, the others are shown."""
    config = json.loads(servers.read_text())
    config["servers"]["gone"] = {**config["servers"]["plain"], "command": "no-such-program", "required": False}
    servers.write_text(json.dumps(config))
    done = cli("docker", "doctor", "--json")
    found = done.json
    assert (done.code, found["ok"]) == (1, False)
    assert found["engine"]["endpoint"].startswith("unix://")
    plain = found["servers"]["plain"]
    assert (plain["limits"]["network"], plain["limits"]["user"]) == ("none", "65532:65532")
    assert plain["score"] >= 85
    assert plain["image"] == config["servers"]["plain"]["image"]
    assert "its command is not in the image" in found["servers"]["gone"]["error"]


def test_build(cli: Any, demo: Path) -> None:
    """Every image is named with the versions in it; what is there already is not built again."""
    found = cli("docker", "build", "--json", folder=demo).json
    assert found["base"].startswith("massgen/base:")
    time = found["images"]["time"]
    assert time["reference"].startswith("massgen/uvx-mcp-server-time:")
    assert time["version"] == time["packages"]["mcp-server-time"]
    again = cli("docker", "build", "--json", folder=demo)
    assert again.json["images"]["time"]["id"] == time["id"]
    assert "installing" not in again.err
