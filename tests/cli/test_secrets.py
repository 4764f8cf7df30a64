"""No command prints a secret, whatever the server does with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import env_backend
import pytest

VALUE = "t0ken-of-1234567890"

COMMANDS = [
    ("tools",),
    ("tools", "--json"),
    ("tools", "--format", "mcp"),
    ("tools", "show", "toy_known"),
    ("tools", "show", "toy_known", "--json"),
    *(
        ("call", "toy_echo", "-a", f"text={way}")
        for way in ("text", "json", "structured", "escaped", "refused", "ended")
    ),
    *(("call", "toy_echo", "-a", f"text={way}", "-o", "json") for way in ("text", "structured", "refused", "ended")),
    ("plugins", "--json", "--check"),
]
VERBOSE = [("call", "toy_echo", "-a", f"text={way}") for way in ("logged", "refused", "ended")]


def config(**toy: Any) -> None:
    """Write a config with one server."""
    settings = {"image": "telltale", "protocol": "legacy", "secrets": {"TOKEN": "env:TOY_TOKEN"}, **toy}
    Path("massgen.json").write_text(json.dumps({"servers": {"toy": settings}}))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_a_secret(cli: Any, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on stdout nor on stderr, as text or as JSON."""
    monkeypatch.setenv("TOY_TOKEN", VALUE)
    config()
    outcome = cli("--plugin", env_backend.__file__, *command)
    assert VALUE not in outcome.out + outcome.err
    assert "***" in outcome.out + outcome.err or command[0] == "plugins"


@pytest.mark.parametrize("command", VERBOSE, ids=" ".join)
def test_the_log_of_a_command_holds_no_secret(process: Any, command: tuple[str, ...]) -> None:
    """`--verbose` adds the log and tracebacks."""
    config()
    outcome = process("--verbose", "--plugin", env_backend.__file__, *command, TOY_TOKEN=VALUE)
    assert VALUE not in outcome.out + outcome.err
    assert "***" in outcome.out + outcome.err


@pytest.mark.parametrize(
    "secret", ["env:NO_SUCH", {"from": "env:TOY_TOKEN", "as": "placeholder"}, VALUE, {"form": VALUE}]
)
def test_errors_about_secrets_name_the_key(cli: Any, secret: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In words and as JSON; the value stands in neither."""
    monkeypatch.setenv("TOY_TOKEN", VALUE)
    config(secrets={"TOKEN": secret})
    for options in ((), ("--json",)):
        outcome = cli("--plugin", env_backend.__file__, "tools", *options)
        assert outcome.code != 0
        assert VALUE not in outcome.out + outcome.err
        assert "servers.toy" in outcome.out + outcome.err
        assert "TOKEN" in outcome.out + outcome.err
