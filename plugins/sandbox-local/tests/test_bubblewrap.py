"""What holds a sandbox in bubblewrap, and what is refused because nothing would."""

from __future__ import annotations

import functools
import glob
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from massgen_sandbox_local.backend import LocalBackend

from massgen_core.errors import SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, Sandbox, SandboxLimits, SandboxSecret, SandboxSpec

pytestmark = pytest.mark.anyio


def spec(*command: str, **limits: Any) -> SandboxSpec:
    """A sandbox with these limits; idle without a command."""
    made = SandboxLimits.model_validate(limits)
    return SandboxSpec(name="test", image="", command=command, idle=not command, limits=made)


async def sh(sandbox: Sandbox, script: str) -> str:
    """What a script prints."""
    return (await sandbox.exec(["sh", "-c", script], deadline=30)).stdout.decode()


def owners_of(word: bytes) -> set[int]:
    """The users of this machine that run a command with a word in its line, bubblewrap's own process left out."""
    found: set[int] = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_bytes()
            found |= {path.stat().st_uid} if word in line and line.startswith(b"sh") else set()
    return found


async def test_the_hosts_files_are_not_there(bwrap: LocalBackend) -> None:
    """Homes, accounts, logs and sockets of the host are not to be seen, and what is there cannot be changed."""
    async with bwrap.start(spec()) as sandbox:
        assert set((await sh(sandbox, "ls /")).split()) <= {
            *("bin", "dev", "etc", "home", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr"),
        }
        assert await sh(sandbox, "ls /home") == "sandbox\n"
        assert await sh(sandbox, "cat /etc/passwd") == "sandbox:x:65532:65532::/home/sandbox:/bin/sh\n"
        assert await sh(sandbox, "cat /etc/shadow || echo no") == "no\n"
        for path in ("/x", "/usr/x", "/etc/x", "/home/x"):
            assert await sh(sandbox, f"touch {path} || echo no") == "no\n"
        assert await sh(sandbox, "id -u; echo $HOME; touch ~/x && ls ~") == "65532\n/home/sandbox\nx\n"


async def test_the_environment_is_empty_but_for_the_usual(bwrap: LocalBackend) -> None:
    """Nothing is inherited."""
    async with bwrap.start(spec()) as sandbox:
        names = {line.partition("=")[0] for line in (await sh(sandbox, "env")).splitlines()}
    assert names == {"PATH", "HOME", "LANG", "USER", "PWD"}


async def test_nothing_of_a_sandbox_stands_in_a_command_line(bwrap: LocalBackend) -> None:
    """Values of the environment are not in the arguments of any process."""
    async with bwrap.start(spec()) as sandbox, sandbox.spawn(["cat"], env={"TOKEN": "s3cr3t-value"}, stdin=True):
        lines = await anyio.to_thread.run_sync(
            lambda: [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
        )
    assert not any(b"s3cr3t-value" in line for line in lines)


async def test_processes_are_limited(bwrap: LocalBackend) -> None:
    """A command cannot have more processes than it may."""
    async with bwrap.start(spec(pids=20)) as sandbox:
        result = await sandbox.exec(["sh", "-c", "for n in $(seq 40); do sleep 100 & done"], deadline=30)
        assert result.exit_code != 0
        assert b"fork" in result.stderr
        assert await sh(sandbox, "ulimit -n; ulimit -c") == "4096\n0\n"


async def test_memory_of_a_process_is_limited(bwrap: LocalBackend) -> None:
    """A process that takes more data than the limit fails; one that takes less does not."""
    async with bwrap.start(spec(memory="64MiB")) as sandbox:
        taken = [
            (await sandbox.exec(["head", "-c", size, "/dev/zero"], deadline=30)).exit_code for size in ("1M", "300M")
        ]
        held = await sandbox.exec(["python3", "-c", "bytearray(300 * 2**20)"], deadline=30)
    assert taken == [0, 0]
    assert b"MemoryError" in held.stderr


async def test_what_inspect_tells(bwrap: LocalBackend) -> None:
    """Namespaces and rights are found by looking; what takes control groups is said not to hold."""
    async with bwrap.start(spec()) as sandbox:
        isolation = await sandbox.inspect()
    found = {finding.name: finding.ok for finding in isolation.findings}
    for name in ("user", "pid", "ipc", "uts", "net", "mnt"):
        assert found[f"own {name} namespace"]
    assert found["no capabilities"]
    assert found["no new privileges"]
    assert found["read-only root"]
    assert found["processes are limited"]
    for name in ("memory is limited", "processor time is limited", "private folders are limited"):
        assert not found[name]
    assert isolation.limits["network"] == "none"


async def test_an_open_network_is_told(bwrap: LocalBackend) -> None:
    """With the host's network the finding says so, with its cure."""
    async with bwrap.start(spec(network="open")) as sandbox:
        isolation = await sandbox.inspect()
    (finding,) = [finding for finding in isolation.findings if finding.name == "own net namespace"]
    assert not finding.ok
    assert finding.cure == 'Leave out `network = "open"`.'


async def test_private_folders_are_removed(bwrap: LocalBackend) -> None:
    """Nothing of a sandbox stays on the disk, what it has locked away included."""
    left = functools.partial(glob.glob, f"{tempfile.gettempdir()}/massgen-local-*/*/a/../kept-by-this-test")
    async with bwrap.start(spec(tmpfs={"/data": "1MiB"})) as sandbox:
        await sh(sandbox, "mkdir -p /data/a/b; touch /data/kept-by-this-test /data/a/b/c")
        assert len(left()) == 1
        await sh(sandbox, "chmod 0 /data/a/b /data/a")
    assert left() == []


async def test_secrets(bwrap: LocalBackend) -> None:
    """A secret is a file that cannot be changed, or a variable where that was asked for."""
    secrets = (SandboxSecret(name="KEY", value="one"), SandboxSecret(name="WORD", value="two", use="env"))
    made = SandboxSpec(name="test", image="", idle=True, secrets=secrets)
    async with bwrap.start(made) as sandbox:
        assert await sh(sandbox, 'cat "$KEY_FILE"; echo; echo $KEY_FILE $WORD $KEY') == "one\n/run/secrets/KEY two\n"
        assert await sh(sandbox, "echo x >$KEY_FILE || rm -f $KEY_FILE || echo no") == "no\n"


async def test_a_lifetime(bwrap: LocalBackend) -> None:
    """After its lifetime a sandbox is ended, with its commands, and says why."""
    async with bwrap.start(spec(lifetime=0.5)) as sandbox:
        with anyio.fail_after(30):
            with pytest.raises(SandboxExited, match="its lifetime of 0.5 seconds is over"):
                await sandbox.exec(["sleep", "1000"])
            assert "lifetime" in (await sandbox.main.wait()).reason


async def test_an_output_that_is_too_long(bwrap: LocalBackend) -> None:
    """A main process that writes more than it may is ended, and says why."""
    async with bwrap.start(spec("sh", "-c", "yes >&2", output=100_000)) as sandbox:
        with anyio.fail_after(30):
            assert "wrote more than `output` allows" in (await sandbox.main.wait()).reason


async def test_a_main_process_that_is_not_there(bwrap: LocalBackend) -> None:
    """A missing main program is told as the reason of the sandbox's end."""
    async with bwrap.start(spec("no-such-program")) as sandbox:
        with anyio.fail_after(30):
            assert "no-such-program" in (await sandbox.main.wait()).reason


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ({"network": ["example.org:443"]}, "a list of hosts"),
        ({"runtime": "runsc"}, "the runtime 'runsc'"),
        ({"disk": "1GiB"}, "a bound on what is written to disk"),
    ],
)
async def test_what_cannot_be_enforced_is_refused(bwrap: LocalBackend, limits: dict[str, Any], problem: str) -> None:
    """A limit that nothing would keep is an error, not a wish."""
    with pytest.raises(SandboxUnavailable, match=f"cannot enforce or offer {problem}"):
        async with bwrap.start(spec(**limits)):
            pass


async def test_plain_processes_promise_nothing(plain: LocalBackend, host_folder: Path) -> None:
    """Without bubblewrap mounts and a closed network are refused, and inspect says how little holds."""
    mounted = SandboxSpec(name="test", image="", idle=True, mounts=(Mount(source=host_folder, target="/workspace"),))
    for refused in (mounted, spec(network="none")):
        with pytest.raises(SandboxUnavailable, match="for plain processes"):
            async with plain.start(refused):
                pass
    async with plain.start(spec()) as sandbox:
        isolation = await sandbox.inspect()
        assert isolation.score < 50
        assert isolation.limits["network"] == "open"


async def test_a_plain_command_that_ends_its_keeper(plain: LocalBackend) -> None:
    """Then nobody can say what is left, and the result does not claim that nothing is."""
    script = ["sh", "-c", "read -r go; kill -9 $PPID; sleep 2"]
    async with plain.start(spec()) as sandbox, sandbox.spawn(script, stdin=True) as command:
        await command.send(b"go\n")
        with anyio.fail_after(30):
            assert (await command.wait()).exit_code == 137
        assert not await command.kill()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
async def test_root_does_not_stay_root(bwrap: LocalBackend, tmp_path: Path) -> None:
    """Where root runs this, the kernel sees another user, and what only root could write is refused."""
    script = ["sh", "-c", "echo ready; read -r end", "word-of-this-test"]
    async with bwrap.start(spec()) as sandbox, sandbox.spawn(script, stdin=True) as command:
        await command.receive()
        owners = await anyio.to_thread.run_sync(owners_of, b"word-of-this-test")
    assert owners == {65532}
    with pytest.raises(SandboxUnavailable, match="belongs to root"):
        async with bwrap.start(
            SandboxSpec(name="x", image="", idle=True, mounts=(Mount(source=tmp_path, target="/data", write=True),))
        ):
            pass
