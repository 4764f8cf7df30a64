"""A program that is killed leaves nothing running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import sys, anyio
from massgen_core.sandbox import SandboxSpec
from massgen_sandbox_local.backend import local_backend
from massgen_sandbox_local.config import LocalConfig

async def main():
    async with local_backend(LocalConfig(isolation=sys.argv[1])) as backend:
        async with backend.start(SandboxSpec(name="x", image="", idle=True)) as sandbox:
            script = f"(setsid sh -c 'while :; do sleep 1; done' {sys.argv[2]} &); echo ready; sleep 1000"
            async with sandbox.spawn(["sh", "-c", script]) as command:
                print(await command.receive(), flush=True)
                await anyio.sleep_forever()

anyio.run(main)
"""


def running(word: str) -> list[str]:
    """The processes of this machine whose command line holds a word."""
    found: list[str] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path.parent.name] if word.encode() in path.read_bytes() else []
        except OSError:
            continue
    return found


@pytest.mark.parametrize("isolation", ["bwrap", "none"])
@pytest.mark.usefixtures("bwrap_program")
def test_a_killed_program(isolation: str, host_folder: Path) -> None:
    """With SIGKILL nothing can be tidied up: all that ran in a sandbox ends, and the next program removes its folders.

    Those of a program that runs are left alone.
    """
    word = f"{host_folder.name}-{isolation}"
    command = [sys.executable, "-c", PROGRAM, isolation, word]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(host_folder)})
    assert program.stdout is not None
    assert b"ready" in program.stdout.readline()
    assert len(running(word)) > 1
    program.kill()
    program.wait()
    program.stdout.close()
    while running(word):
        time.sleep(0.05)
    kept = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(host_folder)})
    assert kept.stdout is not None
    assert b"ready" in kept.stdout.readline()
    assert len(list(host_folder.glob("massgen-local-*"))) == 1
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": str(host_folder)}) as third:
        assert third.stdout is not None
        assert b"ready" in third.stdout.readline()
        assert len(list(host_folder.glob("massgen-local-*"))) == 2
        third.kill()
    kept.kill()
    kept.wait()
    kept.stdout.close()


IGNORED = """
import sys, anyio
from massgen_core.sandbox import SandboxSpec
from massgen_sandbox_local.backend import local_backend
from massgen_sandbox_local.config import LocalConfig

async def main():
    async with local_backend(LocalConfig(isolation=sys.argv[1])) as backend:
        async with backend.start(SandboxSpec(name="x", image="", idle=True)) as sandbox:
            result = await sandbox.exec(["grep", "SigIgn", "/proc/self/status"])
            print(result.stdout.decode().split()[1], flush=True)

anyio.run(main)
"""


@pytest.mark.parametrize("isolation", ["bwrap", "none"])
def test_a_command_ignores_no_signal_that_its_program_was_told_to(isolation: str) -> None:
    """A shell has programs in the background ignore interrupts; what they run must heed them."""
    shell = "trap '' INT QUIT HUP; exec \"$@\""
    words = ["sh", "-c", shell, "sh", sys.executable, "-c", IGNORED, isolation]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    hangup_interrupt_quit = 0b111
    assert int(done.stdout, 16) & hangup_interrupt_quit == 0
