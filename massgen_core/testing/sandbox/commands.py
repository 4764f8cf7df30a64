"""Commands from start to end: exit codes, streams, environment, folders, output."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import ClassVar

import anyio
import pytest

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Sandbox, SandboxBackend, SandboxSpec, Stream
from massgen_core.testing.sandbox.kit import PATIENCE, Kit

_ALL_BYTES = bytes(range(256))
_LAST_NUMBER = 2_700_000  # as lines these numbers are 20 MB


class Commands(Kit):
    """What `Sandbox.exec` promises of a command that ends by itself."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.mark.parametrize("code", [0, 1, 3, 126, 127, 255])
    async def test_the_exit_code_is_the_commands(self, sandbox: Sandbox, code: int) -> None:
        """The command's own exit code comes back, those that shells use for their errors included."""
        result = await sandbox.exec(["sh", "-c", f"exit {code}"], deadline=PATIENCE)
        assert (result.exit_code, result.timed_out) == (code, False)

    async def test_a_signal_is_counted_as_shells_do(self, sandbox: Sandbox) -> None:
        """A command that a signal ends has 128 and its number as its exit code."""
        result = await sandbox.exec(["sh", "-c", "kill -KILL $$"], deadline=PATIENCE)
        assert result.exit_code == 137

    async def test_the_two_streams_are_apart(self, sandbox: Sandbox) -> None:
        """Stdout and stderr are told apart, each in its own order."""
        script = "for n in 1 2 3; do echo out $n; echo err $n >&2; done"
        result = await sandbox.exec(["sh", "-c", script], deadline=PATIENCE)
        assert (result.stdout, result.stderr) == (b"out 1\nout 2\nout 3\n", b"err 1\nerr 2\nerr 3\n")

    async def test_a_megabyte_of_stdin_arrives_and_ends(self, sandbox: Sandbox) -> None:
        """All bytes of stdin arrive as they are, are half-closed, and the answer is read meanwhile."""
        data = _ALL_BYTES * 4096
        result = await sandbox.exec(["cat"], stdin=data, max_output=2 * len(data), deadline=PATIENCE)
        assert (result.exit_code, result.stdout) == (0, data)

    async def test_empty_stdin_ends_at_once(self, sandbox: Sandbox) -> None:
        """Empty stdin is an end, and so is none at all."""
        for stdin in (b"", None):
            result = await sandbox.exec(["wc", "-c"], stdin=stdin, deadline=PATIENCE)
            assert (result.stdout.strip(), result.timed_out) == (b"0", False)

    async def test_stdin_that_nobody_reads_is_no_error(self, sandbox: Sandbox) -> None:
        """A command may end without having read what it was given."""
        result = await sandbox.exec(["sh", "-c", "exit 4"], stdin=b"x" * 2**20, deadline=PATIENCE)
        assert result.exit_code == 4

    async def test_binary_output_is_exact(self, sandbox: Sandbox) -> None:
        """Zero bytes, bytes that are no text, and line ends of any kind are not touched."""
        result = await sandbox.exec(["sh", "-c", r"printf '\000\377\r\n\n\r\200'"], deadline=PATIENCE)
        assert result.stdout == b"\x00\xff\r\n\n\r\x80"

    async def test_arguments_are_not_reinterpreted(self, sandbox: Sandbox) -> None:
        """No shell stands between the arguments and the command."""
        odd = ["a b", "$HOME", "*", 'quo"te', "new\nline", "ü", "", "-x"]
        result = await sandbox.exec(["printf", "%s\\0", *odd], deadline=PATIENCE)
        assert result.stdout.decode().split("\0")[:-1] == odd

    async def test_the_environment(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The sandbox's variables and the command's are there, the command's win, and the host's stay outside."""
        monkeypatch.setenv("MASSGEN_CONFORMANCE", "leaked")
        spec = replace(sandbox_spec, env={**sandbox_spec.env, "ONE": "1", "TWO": "no"})
        async with sandbox_backend.start(spec) as sandbox:
            script = 'echo "$ONE" "$TWO" "${MASSGEN_CONFORMANCE-none}"; command -v sh'
            result = await sandbox.exec(["sh", "-c", script], env={"TWO": "a b"}, deadline=PATIENCE)
            again = await sandbox.exec(["sh", "-c", 'echo "$TWO"'], deadline=PATIENCE)
        assert result.stdout.splitlines()[0] == b"1 a b none"
        assert result.exit_code == 0
        assert again.stdout == b"no\n"

    async def test_the_folder(self, sandbox: Sandbox) -> None:
        """A command runs in the folder that was asked for."""
        result = await sandbox.exec(["pwd"], workdir="/usr", deadline=PATIENCE)
        assert result.stdout == b"/usr\n"

    async def test_a_missing_program_is_named(self, sandbox: Sandbox) -> None:
        """A program that is not there is an error that names it, not an exit code of something else."""
        with pytest.raises(SandboxError, match="no-such-program"):
            await sandbox.exec(["no-such-program"], deadline=PATIENCE)
        with pytest.raises(SandboxError, match="/no/such/program"):
            await sandbox.exec(["/no/such/program", "x"], deadline=PATIENCE)

    async def test_a_file_that_is_no_program(self, sandbox: Sandbox) -> None:
        """What cannot be run is an error that names it."""
        with pytest.raises(SandboxError, match="/etc/passwd"):
            await sandbox.exec(["/etc/passwd"], deadline=PATIENCE)

    async def test_a_missing_folder(self, sandbox: Sandbox) -> None:
        """A folder that is not there is an error, and the sandbox goes on."""
        with pytest.raises(SandboxError):
            await sandbox.exec(["true"], workdir="/no/such/folder", deadline=PATIENCE)
        assert (await sandbox.exec(["true"], deadline=PATIENCE)).exit_code == 0

    async def test_output_is_cut_but_counted(self, sandbox: Sandbox) -> None:
        """Beyond the limit head and tail are kept, on each stream, and all bytes are counted."""
        result = await sandbox.exec(["sh", "-c", "seq 100000; seq 5 >&2"], max_output=1000, deadline=PATIENCE)
        assert (result.stdout_bytes, result.stderr_bytes) == (588_895, 10)
        assert len(result.stdout) <= 1000
        assert result.stdout.startswith(b"1\n2\n3\n")
        assert result.stdout.endswith(b"99999\n100000\n")
        assert result.stderr == b"1\n2\n3\n4\n5\n"

    async def test_twenty_megabytes_stream_through(self, sandbox: Sandbox) -> None:
        """The callback gets every byte in order, however little is kept."""
        seen, pieces = hashlib.sha256(), 0

        async def take(stream: Stream, data: bytes) -> None:
            nonlocal pieces
            assert stream == "stdout"
            assert data
            seen.update(data)
            pieces += 1

        result = await sandbox.exec(["seq", str(_LAST_NUMBER)], max_output=1000, on_output=take, deadline=PATIENCE)
        expected = "".join(f"{number}\n" for number in range(1, _LAST_NUMBER + 1)).encode()
        assert (result.exit_code, result.stdout_bytes) == (0, len(expected))
        assert seen.digest() == hashlib.sha256(expected).digest()
        assert pieces > 1

    async def test_an_error_of_the_callback(self, sandbox: Sandbox, word: str) -> None:
        """The caller's own error is raised as it is, and the command does not go on."""

        async def fail(stream: Stream, data: bytes) -> None:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await sandbox.exec(["sh", "-c", f"echo go; sleep {word}"], on_output=fail, deadline=PATIENCE)
        assert await self.running(sandbox, word) == []

    async def test_several_commands_at_once(self, sandbox: Sandbox) -> None:
        """Commands run beside each other without mixing: all wait until all have started."""
        count, said = 6, dict[int, bytes]()
        script = 'touch /tmp/s$0; while [ "$(ls /tmp | grep -c ^s)" -lt {count} ]; do sleep 0.1; done; echo $0'

        async def run(number: int) -> None:
            command = ["sh", "-c", script.format(count=count), str(number)]
            said[number] = (await sandbox.exec(command, deadline=PATIENCE)).stdout

        async with anyio.create_task_group() as tasks:
            for number in range(count):
                tasks.start_soon(run, number)
        assert said == {number: b"%d\n" % number for number in range(count)}

    async def test_files_stay_between_commands(self, sandbox: Sandbox) -> None:
        """What one command leaves in /tmp the next one finds."""
        await sandbox.exec(["sh", "-c", "echo kept >/tmp/file"], deadline=PATIENCE)
        assert (await sandbox.exec(["cat", "/tmp/file"], deadline=PATIENCE)).stdout == b"kept\n"
