"""The command line, `massgen-core`; each command is a module that is imported when it is asked for."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn

import click

from massgen_core.cli.exits import ExitCode, report
from massgen_core.cli.options import Options
from massgen_core.cli.output import ReaderGone

__all__ = ["main", "run"]


def main() -> NoReturn:
    """Run the command line with the process's own arguments, and end the process."""
    _listen_for_signals()
    for stream in (sys.stdout, sys.stderr):
        # Half a surrogate pair in a tool's answer must not end in an error; in JSON this is even the right escape.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    _leave(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors are printed to stderr."""
    from massgen_core.cli.app import app

    options = Options()
    try:
        value: object = app.main(list(args), prog_name="massgen-core", standalone_mode=False, obj=options)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("interrupted", err=True)
        return ExitCode.INTERRUPTED
    except ReaderGone:
        _close_stdout()
        return ExitCode.BROKEN_PIPE
    except (Exception, BaseExceptionGroup) as error:  # the one boundary of the command line
        return report(error, options)
    return int(value) if isinstance(value, int) else ExitCode.OK


def _listen_for_signals() -> None:
    """Stop in order on SIGINT and SIGTERM, also as a shell's background job, which starts with SIGINT ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _as_interrupt)


def _as_interrupt(signum: int, frame: object) -> None:
    """Let SIGTERM stop what runs as Ctrl-C does: in order, containers first."""
    signal.raise_signal(signal.SIGINT)


def _close_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(code: int) -> NoReturn:
    """End the process, even where a tool or an import that hangs has left a thread behind."""
    left = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    for thread in left:
        thread.join(0.2)
    if any(thread.is_alive() for thread in left):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)
