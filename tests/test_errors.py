"""Errors are sentences: what was wrong, where, and the cure."""

from __future__ import annotations

import inspect

import pytest

from massgen_core import errors
from massgen_core.errors import (
    ConfigError,
    MassgenError,
    McpConnectionClosed,
    McpRequestError,
    PluginError,
    SandboxExited,
    Stage,
    in_words,
    root_cause,
)


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    """The drawing at the top of the module names every error class, and nothing else."""
    drawn = [
        line.strip("│├└─ ").split()[0] for line in (errors.__doc__ or "").splitlines() if "Error" in line or "─" in line
    ]
    defined = [
        name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, MassgenError)
    ]
    assert sorted(drawn[1:] if drawn[0] == "Every" else drawn) == sorted(defined)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConfigError("is wrong"), "is wrong"),
        (ConfigError("is wrong", key="a.b"), "a.b: is wrong"),
        (ConfigError("is wrong", key="a.b", file="f", cure="Do it."), "f: a.b: is wrong\n  Do it."),
        (McpRequestError("s", -32601, "no"), "MCP server 's' answered with error -32601: no"),
        (McpConnectionClosed("s", "it ended"), "MCP server 's': it ended"),
        (
            McpConnectionClosed("s", "it ended", stderr="a\nb\n"),
            "MCP server 's': it ended\n  its last words on stderr:\n    a\n    b",
        ),
        (SandboxExited("killed", exit_code=137, out_of_memory=True), "killed"),
    ],
)
def test_texts(error: MassgenError, text: str) -> None:
    """Each error's text says all it knows."""
    assert str(error) == text


@pytest.mark.parametrize(
    ("stage", "verb"),
    [
        ("load", "load"),
        ("configure", "be configured"),
        ("declare", "declare what it brings"),
        ("start", "start"),
        ("run", "keep running"),
        ("call", "answer a call"),
    ],
)
def test_plugin_errors_name_plugin_stage_and_cause(stage: Stage, verb: str) -> None:
    """A plugin's error says who, when and why, and keeps the cause."""
    cause = OSError("gone")
    error = PluginError("p", stage, cause, provider="q")
    assert str(error) == f"plugin 'p/q' failed to {verb}: OSError: gone"
    assert (error.__cause__, error.stage, error.reason) == (cause, stage, "OSError: gone")
    assert str(PluginError("p", stage, "words", provider="p")) == f"plugin 'p' failed to {verb}: words"


def test_long_stderr_is_cut() -> None:
    """Only the last lines of a server's stderr are part of the error."""
    text = str(McpConnectionClosed("s", "it ended", stderr="\n".join(map(str, range(100)))))
    assert text.splitlines()[2:] == [f"    {number}" for number in range(80, 100)]


def test_words_and_causes() -> None:
    """An error's words carry its type, unless it is ours; a group of one is unwrapped."""
    assert in_words(ValueError("x")) == "ValueError: x"
    assert in_words(KeyboardInterrupt()) == "KeyboardInterrupt"
    assert in_words(ConfigError("ours")) == "ours"
    inner = OSError("x")
    assert root_cause(ExceptionGroup("a", [ExceptionGroup("b", [inner])])) is inner
    two = ExceptionGroup("two", [inner, inner])
    assert root_cause(two) is two
