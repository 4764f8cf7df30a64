"""Exit codes that scripts can rely on, and how an error is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import IntEnum
from typing import Any, cast

import click

from massgen_core import errors
from massgen_core.cli.options import Options
from massgen_core.cli.output import clean


class ExitCode(IntEnum):
    """What the process ends with."""

    OK = 0
    TOOL_ERROR = 1
    USAGE = 2
    CONFIG = 3
    START = 4
    NOT_FOUND = 5
    ARGUMENTS = 6
    DENIED = 7
    TIMEOUT = 8
    SANDBOX = 9
    INTERNAL = 70
    FILE = 74
    INTERRUPTED = 130
    BROKEN_PIPE = 141


MEANINGS = {
    ExitCode.OK: "it worked",
    ExitCode.TOOL_ERROR: "the tool reported an error; `plugins --check` found a failure",
    ExitCode.USAGE: "the command line is wrong",
    ExitCode.CONFIG: "the config file is wrong",
    ExitCode.START: "a plugin or a server failed to start",
    ExitCode.NOT_FOUND: "there is no such tool",
    ExitCode.ARGUMENTS: "the arguments do not fit the tool",
    ExitCode.DENIED: "the agent's permissions do not allow the call",
    ExitCode.TIMEOUT: "the call ran out of time",
    ExitCode.SANDBOX: "the sandbox engine cannot be used",
    ExitCode.INTERNAL: "an error nobody expected: please report it",
    ExitCode.FILE: "a file cannot be read or written",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C or SIGTERM)",
    ExitCode.BROKEN_PIPE: "the reader of the output went away",
}

# The first line that fits the error, or what caused it, decides.
_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (errors.SandboxUnavailable, ExitCode.SANDBOX),
    (errors.ToolNotFound, ExitCode.NOT_FOUND),
    (errors.ArgumentsInvalid, ExitCode.ARGUMENTS),
    (errors.PermissionDenied, ExitCode.DENIED),
    (errors.ToolTimeout, ExitCode.TIMEOUT),
    (errors.ToolCallError, ExitCode.TOOL_ERROR),
    (errors.ConfigError, ExitCode.CONFIG),
    (errors.MassgenError, ExitCode.START),
    (KeyboardInterrupt, ExitCode.INTERRUPTED),
    (OSError, ExitCode.FILE),
)
_DETAILS = ("key", "file", "cure", "plugin", "provider", "stage", "tool", "kind")

EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code.value:>3}  {words}" for code, words in MEANINGS.items())
"""The table of exit codes, for `--help`."""


def exit_code_of(error: BaseException) -> ExitCode:
    """The exit code that an error stands for."""
    causes = list(_causes(error))
    return next((code for kind, code in _CODES if any(isinstance(c, kind) for c in causes)), ExitCode.INTERNAL)


def report(error: BaseException, options: Options) -> ExitCode:
    """Print an error to stderr, as words or as JSON, and return the exit code; `--verbose` adds the traceback."""
    if options.verbose:
        import traceback

        click.echo(clean("".join(traceback.format_exception(error))), err=True)
    for inner in _leaves(error):
        code = exit_code_of(inner)
        click.echo(_as_json(inner, code) if options.json_errors else clean(f"error: {_words(inner, code)}"), err=True)
    return exit_code_of(next(_leaves(error)))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors inside groups."""
    if not isinstance(error, BaseExceptionGroup):
        yield error
        return
    for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
        yield from _leaves(inner)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _words(error: BaseException, code: ExitCode) -> str:
    text = str(error)
    if code is ExitCode.INTERNAL:
        text = f"unexpected {type(error).__name__}: {text}; `massgen-core --verbose …` shows where"
    return "\n  ".join([text, *getattr(error, "__notes__", ())])


def _as_json(error: BaseException, code: ExitCode) -> str:
    details: dict[str, Any] = {"type": type(error).__name__, "message": _words(error, code), "exit_code": code.value}
    details |= {name: value for name in _DETAILS if isinstance(value := getattr(error, name, None), str)}
    return clean(json.dumps({"error": details}, ensure_ascii=False))
