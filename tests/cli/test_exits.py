"""Exit codes that scripts rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from massgen_core.cli.exits import MEANINGS, ExitCode, exit_code_of
from massgen_core.errors import ConfigError, PluginError, SandboxUnavailable, ToolFailed

SAMPLES = Path(__file__).parent / "samples"
SAMPLE = ("--plugin", str(SAMPLES / "sample_tools.py"))
NO_ENGINE = ("--plugin", str(SAMPLES / "no_engine.py"))
AGENTS = '[agents.reader]\nallow = ["read"]\n[agents.blind]\ntools = []\n'


def write(name: str, text: str) -> str:
    Path(name).write_text(text)
    return name


CALLS: dict[str, tuple[tuple[str, ...], ExitCode, str]] = {
    "works": ((*SAMPLE, "call", "sample_echo", "--arg", "text=hi"), ExitCode.OK, ""),
    "raises": ((*SAMPLE, "call", "sample_explode"), ExitCode.TOOL_ERROR, "boom"),
    "reports": ((*SAMPLE, "call", "sample_report_failure"), ExitCode.TOOL_ERROR, "reported an error"),
    "option": (("call", "x", "--nonsense"), ExitCode.USAGE, "No such option"),
    "pair": ((*SAMPLE, "call", "sample_echo", "--arg", "text"), ExitCode.USAGE, "KEY=VALUE"),
    "twice": ((*SAMPLE, "call", "sample_echo", "-a", "text=a", "-a", "text=b"), ExitCode.USAGE, "given twice"),
    "both": ((*SAMPLE, "call", "sample_echo", "-a", "text=a", "--json", "{}"), ExitCode.USAGE, "either"),
    "broken-json": ((*SAMPLE, "call", "sample_echo", "--json", "{"), ExitCode.USAGE, "not valid JSON"),
    "no-object": ((*SAMPLE, "call", "sample_echo", "--json", "[1]"), ExitCode.USAGE, "takes an object"),
    "deep-json": ((*SAMPLE, "call", "sample_echo", "--json", "[" * 100_000), ExitCode.USAGE, "not valid JSON"),
    "no-json-file": ((*SAMPLE, "call", "sample_echo", "--json", "@none"), ExitCode.USAGE, "cannot be read"),
    "no-plugin-file": (("--plugin", "none.py", "tools"), ExitCode.USAGE, "does not exist"),
    "no-config": (("--config", "none.toml", "call", "x"), ExitCode.CONFIG, "no such file"),
    "bad-config": (("--config", "bad.toml", "tools"), ExitCode.CONFIG, "bad.toml"),
    "bad-agent": (("--config", "agents.toml", "tools", "--agent", "writer"), ExitCode.CONFIG, "no such agent"),
    "import": (("--plugin", "broken.py", "tools"), ExitCode.START, "failed to load: RuntimeError: no luck"),
    "exit": (("--plugin", "leaves.py", "tools"), ExitCode.START, "failed to load: SystemExit"),
    "no-hook": (("--plugin", "empty.py", "tools"), ExitCode.START, "implements no hook"),
    "unknown": ((*SAMPLE, "call", "sample_ecko"), ExitCode.NOT_FOUND, "did you mean sample_echo"),
    "unknown-shown": ((*SAMPLE, "tools", "show", "sample_ecko"), ExitCode.NOT_FOUND, "no tool 'sample_ecko'"),
    "hidden": (
        ("-c", "agents.toml", *SAMPLE, "call", "sample_echo", "--agent", "blind"),
        ExitCode.NOT_FOUND,
        "no tool",
    ),
    "word": ((*SAMPLE, "call", "sample_add", "-a", "count=many"), ExitCode.ARGUMENTS, "count: expected integer"),
    "missing": ((*SAMPLE, "call", "sample_echo"), ExitCode.ARGUMENTS, "text"),
    "too-many": ((*SAMPLE, "call", "sample_echo", "-a", "text=a", "-a", "b=c"), ExitCode.ARGUMENTS, "b"),
    "denied": (
        ("-c", "agents.toml", *SAMPLE, "call", "sample_wipe", "--agent", "reader"),
        ExitCode.DENIED,
        "may delete",
    ),
    "slow": ((*SAMPLE, "call", "sample_sleep", "--timeout", "0.1"), ExitCode.TIMEOUT, "did not answer within 0.1 s"),
    "no-engine": ((*NO_ENGINE, "tools"), ExitCode.SANDBOX, "no engine answers on the socket; start it"),
    "no-folder": ((*SAMPLE, "call", "sample_parts", "--save", "broken.py/x"), ExitCode.FILE, "broken.py"),
}


@pytest.fixture(autouse=True)
def files(empty_folder: Path) -> None:
    write("bad.toml", "call_timeout = 'soon'\n")
    write("agents.toml", AGENTS)
    write("broken.py", "raise RuntimeError('no luck')\n")
    write("leaves.py", "raise SystemExit('bye')\n")
    write("empty.py", "'''Nothing here.'''\n")


@pytest.mark.parametrize("case", CALLS)
def test_exit_codes(cli: Any, case: str) -> None:
    """Each kind of outcome has an exit code of its own, and an error says what is wrong on stderr."""
    args, code, words = CALLS[case]
    outcome = cli(*args)
    assert outcome.code == code, outcome
    assert words in outcome.err
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize("case", ["unknown", "denied", "slow", "missing", "no-config", "raises"])
def test_json_errors(cli: Any, case: str) -> None:
    """With `--output json` the last line of stderr is the error as JSON, and stdout is empty."""
    args, code, words = CALLS[case]
    outcome = cli(*args, "--output", "json")
    error = json.loads(outcome.err.splitlines()[-1])["error"]
    assert (outcome.code, outcome.out) == (code, "")
    assert error["exit_code"] == code
    assert words in error["message"]
    assert error["type"][0].isupper()


def test_json_error_details(cli: Any) -> None:
    """An error as JSON names the key and the file, or the plugin and the stage."""
    wrong = json.loads(cli("-c", "bad.toml", "tools", "--json").err)["error"]
    failed = json.loads(cli("--plugin", "broken.py", "tools", "--json").err)["error"]
    assert (wrong["key"], Path(wrong["file"]).name) == ("call_timeout", "bad.toml")
    assert (failed["plugin"], failed["stage"]) == ("broken", "load")


def test_verbose_shows_the_traceback(process: Any) -> None:
    """`--verbose` adds the traceback and the log to stderr; stdout stays the result's."""
    failed = process("-v", "--plugin", "broken.py", "tools")
    called = process("-v", *SAMPLE, "call", "sample_echo", "-a", "text=hi")
    assert "Traceback" in failed.err
    assert "no luck" in failed.err
    assert called.out == "hi\n"
    assert "tool_call" in called.err


def test_groups_are_unwrapped() -> None:
    """Every error in a group is printed, and the first decides the exit code."""
    assert exit_code_of(PluginError("p", "start", SandboxUnavailable("none"))) is ExitCode.SANDBOX
    assert exit_code_of(PluginError("p", "configure", ConfigError("wrong"))) is ExitCode.CONFIG
    assert exit_code_of(ToolFailed("t", "no")) is ExitCode.TOOL_ERROR
    assert exit_code_of(ZeroDivisionError()) is ExitCode.INTERNAL


def test_help_lists_the_exit_codes(cli: Any) -> None:
    """The table of exit codes stands in the help of `call` and of the program."""
    for outcome in (cli("--help"), cli("call", "-h")):
        assert outcome.code == ExitCode.OK
        for code, meaning in MEANINGS.items():
            assert f"{code.value:>3}  {meaning}" in outcome.out
