"""What holds a sandbox in bubblewrap, and what is refused because nothing would."""

from __future__ import annotations

import functools
import glob
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from massgen_sandbox_local.backend import LocalBackend
from massgen_sandbox_local.sandbox import LocalSandbox

from massgen_core.errors import SandboxError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, Sandbox, SandboxLimits, SandboxSecret, SandboxSpec, Snapshot
from massgen_core.sandbox.inside.trees import descendants

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


async def test_what_is_not_there_is_told_at_the_start(backend: LocalBackend) -> None:
    """A missing program or folder is an error before there is anything to talk to, a main program's as well."""
    async with backend.start(spec()) as sandbox:
        for command, workdir in ((["no-such-program"], "/tmp"), (["true"], "/no-such-folder")):
            with pytest.raises(SandboxError, match="no-such"):
                async with sandbox.spawn(command, workdir=workdir):
                    pytest.fail("it was entered")
        for quick in range(20):
            assert (await sandbox.exec(["sh", "-c", f"exit {quick}"])).exit_code == quick
    with pytest.raises(SandboxError, match="no-such-program"):
        async with backend.start(spec("no-such-program")):
            pytest.fail("it was entered")


async def test_what_a_plain_command_used(plain: LocalBackend) -> None:
    """Processor time and memory of a command and of what it started are told, and what it left running."""
    async with plain.start(spec()) as sandbox:
        script = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
        busy = await sandbox.exec(["sh", "-c", f"sh -c '{script}'; sleep 1000 & true"], deadline=60)
        idle = await sandbox.exec(["true"], deadline=60)
    assert busy.usage is not None
    assert idle.usage is not None
    assert busy.usage.cpu_seconds is not None
    assert idle.usage.cpu_seconds is not None
    assert busy.usage.cpu_seconds > 2 * idle.usage.cpu_seconds
    assert busy.usage.memory_peak
    assert (busy.left_running, idle.left_running) == (1, 0)


FORKS = "while :; do (echo x >>$HOME/said; sh -c 'echo y >>$HOME/said' &) & wait; done"


async def test_a_frozen_sandbox(backend: LocalBackend) -> None:
    """Whoever forks all the while stands still with its children, and goes on; its streams are kept."""
    echoes = "while read -r line; do echo $line; done"
    async with (
        backend.start(spec("sh", "-c", echoes)) as sandbox,
        sandbox.spawn(["sh", "-c", f"{FORKS} & {echoes}"], stdin=True) as command,
    ):
        for _ in range(3):
            await command.send(b"one\n")
            assert (await command.receive())[1] == b"one\n"
            await sandbox.pause()
            await sandbox.pause()
            await command.send(b"two\n")
            await sandbox.main.send(b"three\n")
            assert len(in_(sandbox)) >= 3
            assert [in_(sandbox, moving=True) for _ in range(50)] == [set()] * 50
            await sandbox.resume()
            await sandbox.resume()
            assert (await command.receive())[1] == b"two\n"
            assert await sandbox.main.receive() == b"three\n"


def in_(sandbox: LocalSandbox, *, moving: bool = False) -> set[int]:
    """The processes of this machine that are its commands', as the kernel lists them now."""
    roots = [tree.root for tree in (sandbox.main.tree, *sandbox._trees)]
    return {pid for root in roots for pid in descendants(root, moving=moving)}


async def test_a_command_for_a_frozen_sandbox(backend: LocalBackend) -> None:
    """It starts when the sandbox goes on; where its time is over before that it never runs."""
    async with backend.start(spec()) as sandbox:
        await sandbox.pause()
        late = await sandbox.exec(["true"], deadline=0.1)
        assert (late.timed_out, late.exit_code) == (True, None)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(runs, sandbox)
            await anyio.wait_all_tasks_blocked()
            await sandbox.resume()
        await sandbox.pause()
    assert backend.sandboxes == ()


async def runs(sandbox: Sandbox) -> None:
    """A command does."""
    assert (await sandbox.exec(["echo", "on"], deadline=60)).stdout == b"on\n"


async def test_a_frozen_command_is_ended(backend: LocalBackend) -> None:
    """Killed while the sandbox is frozen, it is gone, and the sandbox is frozen still."""
    async with backend.start(spec()) as sandbox, sandbox.spawn(["sleep", "1000"]) as command:
        await sandbox.pause()
        with anyio.fail_after(30):
            assert await command.kill()
        assert (await sandbox.exec(["true"], deadline=0.1)).timed_out
        await sandbox.resume()


async def test_what_it_cannot_do_is_said(backend: LocalBackend, host_folder: Path) -> None:
    """Only freezing is offered; mounts into a running sandbox and snapshots are refused in words."""
    assert backend.abilities == {"pause"}
    assert await backend.snapshots() == ()
    kept = Snapshot(backend="local", id="x", name="x", created=0)
    await backend.drop(kept)
    async with backend.start(spec()) as sandbox:
        with pytest.raises(SandboxUnavailable, match="cannot mount"):
            await sandbox.mount(Mount(source=host_folder, target="/workspace"))
        with pytest.raises(SandboxUnavailable, match="does not keep"):
            await sandbox.snapshot()
    for refused in (replace(spec(), awaits=("/workspace",)), replace(spec(), snapshot=kept)):
        with pytest.raises(SandboxUnavailable, match="cannot enforce or offer"):
            async with backend.start(refused):
                pass


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
