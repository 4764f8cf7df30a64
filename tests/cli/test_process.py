"""The command line as a process: signals, pipes, threads that hang, terminals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")


def start(args: Sequence[str], **streams: Any) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "massgen_core", *args], encoding="utf-8", **streams)


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("background", [False, True])
def test_interrupted(sample: tuple[str, str], number: signal.Signals, background: bool) -> None:
    """Ctrl-C and SIGTERM stop a running call in order, with code 130 and without a traceback."""
    ignored = signal.signal(signal.SIGINT, signal.SIG_IGN) if background else None  # as a shell starts its `&` jobs
    try:
        running = start([*sample, "call", "sample_steps", "-a", "total=100000000"], stderr=subprocess.PIPE)
    finally:
        if background:
            signal.signal(signal.SIGINT, ignored)
    try:
        assert running.stderr
        assert "step" in running.stderr.readline()
        running.send_signal(number)
        _, err = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130
    assert err.endswith("interrupted\n")
    assert "Traceback" not in err


def test_hung_thread(sample: tuple[str, str], process: Any) -> None:
    """A sync tool that hangs in its thread does not keep the process once the time is up."""
    before = time.monotonic()
    outcome = process(*sample, "call", "sample_hang", "--timeout", "0.2")
    assert outcome.code == 8
    assert time.monotonic() - before < 30  # the tool hangs for 60


@posix
def test_reader_goes_away(sample: tuple[str, str]) -> None:
    """`massgen-core … | head -1` ends quietly."""
    running = start(
        [*sample, "call", "sample_lines", "-a", "count=20000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert running.stdout
    assert running.stderr
    with running.stderr:
        running.stdout.readline()
        running.stdout.close()
        assert running.wait(30) == 141
        assert running.stderr.read() == ""


def test_half_a_surrogate_pair(sample: tuple[str, str], process: Any) -> None:
    """Text that UTF-8 cannot hold is written as an escape."""
    assert process(*sample, "call", "sample_odd_text").out == "half \\ud83d of it\n"
    assert process(*sample, "call", "sample_odd_text", "-o", "json").json["content"][0]["text"] == "half \ud83d of it"


def test_progress_is_held_back(sample: tuple[str, str], process: Any) -> None:
    """A tool that reports without pause gets a few lines on stderr, the last step among them; --quiet gets none."""
    outcome = process(*sample, "call", "sample_steps")
    assert outcome.out == "done\n"
    assert 1 <= len(outcome.err.splitlines()) < 20
    assert outcome.err.splitlines()[-1].startswith("2000/2000")
    assert "\x1b" not in outcome.err
    assert process("--quiet", *sample, "call", "sample_steps").err == ""


def on_terminal(*args: str) -> str:
    """What a terminal of 80 columns gets from stdout and stderr of a command line."""
    import pty

    ours, theirs = pty.openpty()
    with start(args, stdout=theirs, stderr=theirs, env=os.environ | {"COLUMNS": "80", "TERM": "xterm"}):
        os.close(theirs)
        seen = b""
        try:
            while piece := os.read(ours, 4096):
                seen += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
    return seen.decode()


@posix
def test_terminal_is_safe(sample: tuple[str, str]) -> None:
    """No tool can send a control character to a terminal; a pipe gets the text unchanged."""
    assert on_terminal(*sample, "call", "sample_echo", "-a", "text=\x1b[2Jgone\x9b1m") == "\\u001b[2Jgone\\u009b1m\r\n"


def test_pipe_gets_everything(sample: tuple[str, str], process: Any) -> None:
    """A pipe gets a tool's text unchanged, colours included."""
    assert process(*sample, "call", "sample_echo", "-a", "text=\x1b[1mbold").out == "\x1b[1mbold\n"


@posix
def test_terminal_tables(sample: tuple[str, str]) -> None:
    """On a terminal a table has a line under its head, and folds within the width."""
    seen = on_terminal(*sample, "tools")
    assert "───" in seen
    assert max(map(len, re.sub(r"\x1b\[[0-9;]*m", "", seen).splitlines())) <= 80


@posix
def test_terminal_progress(sample: tuple[str, str]) -> None:
    """On a terminal progress changes one line, which is gone when the result comes."""
    seen = on_terminal(*sample, "call", "sample_steps")
    assert "\x1b]0;" not in seen
    assert seen.endswith("\r\x1b[Kdone\r\n")


def test_light(process: Any) -> None:
    """`plugins` reads metadata and a config without importing a plugin, pydantic, anyio, structlog or rich."""
    heavy = ["pydantic", "anyio", "structlog", "rich", "mcp", "yaml", "pluggy", "massgen_core.config"]
    code = (
        "import sys; from massgen_core.cli import run; run(['plugins']);"
        f"sys.exit(' '.join(name for name in {heavy!r} if name in sys.modules))"
    )
    with open("massgen.toml", "w") as file:
        file.write("discover = false\n[plugins.mcp]\n[servers.time]\npackage = 'uvx:mcp-server-time'\n")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr.strip() == ""
    assert "mcp " in done.stdout
