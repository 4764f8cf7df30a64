"""Idle sandboxes: commands by a supervisor inside the container, or by the engine where an image cannot run one."""

from __future__ import annotations

import io
import subprocess
import tarfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig

from massgen_core.errors import ImageError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

BOMB = """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
"""

STOP_ALL = """
import os, signal
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (1, os.getpid()):
        try:
            os.kill(int(name), signal.SIGSTOP)
        except OSError:
            pass
"""


@pytest.fixture
def idle(spec: MakeSpec, runtime: str) -> SandboxSpec:
    """An idle sandbox, under each OCI runtime."""
    memory = {"runsc": "512MiB"}.get(runtime, "256MiB")
    return replace(spec(memory=memory, pids=256), idle=True)


async def test_a_command_is_one_of_the_sandbox(backend: DockerBackend, idle: SandboxSpec) -> None:
    """It has the sandbox's user and environment beside its own, its folder, separate streams and an exit code."""
    async with backend.start(replace(idle, env={"A": "1"})) as sandbox:
        shell = "id -u; echo $A $B; pwd; echo wrong >&2; exit 4"
        result = await sandbox.exec(["sh", "-c", shell], env={"B": "2"}, workdir="/tmp")
        assert result.stdout == b"65532\n1 2\n/tmp\n"
        assert (result.stderr, result.exit_code) == (b"wrong\n", 4)
        assert result.usage is not None
        assert result.usage.cpu_seconds is not None


async def test_usage_is_the_commands_own(backend: DockerBackend, idle: SandboxSpec) -> None:
    """Two commands at once are told apart by what each of them has used."""
    burn = "import time\nuntil = time.process_time() + 0.6\nwhile time.process_time() < until: pass"
    async with backend.start(idle) as sandbox, sandbox.spawn(["sleep", "1000"]):
        busy = await sandbox.exec(["python3", "-c", burn])
        calm = await sandbox.exec(["true"])
    assert busy.usage is not None
    assert calm.usage is not None
    assert 0.5 < (busy.usage.cpu_seconds or 0) < 5
    assert (calm.usage.cpu_seconds or 0) < 0.3


@pytest.mark.parametrize("by", ["supervisor", "engine"])
async def test_usage_of_what_ran_out_of_time(backend: DockerBackend, spec: MakeSpec, by: str) -> None:
    """A command that was ended at its deadline has used something as well."""
    async with backend.start(replace(spec("cat"), command=("cat",), idle=by == "supervisor")) as sandbox:
        result = await sandbox.exec(["python3", "-c", "while True: pass"], deadline=1)
    assert result.timed_out
    assert result.usage is not None
    assert (result.usage.cpu_seconds or 0) > 0.01


async def test_a_fork_bomb_ends(backend: DockerBackend, spec: MakeSpec) -> None:
    """At its deadline all of it is gone, and the sandbox goes on (gVisor's kernel itself ends when no pid is left)."""
    async with backend.start(replace(spec(pids=128), idle=True)) as sandbox:
        result = await sandbox.exec(["python3", "-c", BOMB], deadline=1)
        assert result.timed_out
        assert result.tree_killed
        assert (await sandbox.exec(["echo", "calm"], deadline=30)).stdout == b"calm\n"


async def test_who_stops_everything_stops_only_itself(backend: DockerBackend, idle: SandboxSpec) -> None:
    """The supervisor is the first process, which cannot be stopped from within: it ends the command in time."""
    async with backend.start(idle) as sandbox:
        with anyio.fail_after(60):
            result = await sandbox.exec(["python3", "-c", STOP_ALL + "import time; time.sleep(1000)"], deadline=2)
            assert result.timed_out
            assert result.tree_killed
            assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


async def test_who_kills_everything_gains_nothing(backend: DockerBackend, idle: SandboxSpec, runtime: str) -> None:
    """A command that kills what watches it ends with it; where the first process can be killed, with the sandbox."""
    shell = STOP_ALL.replace("SIGSTOP", "SIGKILL").replace("(1, os", "(0, os") + "import time; time.sleep(1000)"
    async with backend.start(idle) as sandbox:
        with anyio.fail_after(60):
            if runtime == "runsc":
                with pytest.raises(SandboxExited):
                    await sandbox.exec(["python3", "-c", shell], deadline=20)
            else:
                assert (await sandbox.exec(["python3", "-c", shell], deadline=20)).exit_code == 137
                assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


async def test_the_supervisor_is_nobodys_to_look_into(backend: DockerBackend, idle: SandboxSpec) -> None:
    """Its streams carry what other commands say: a command cannot open them."""
    look = "for p in /proc/[0-9]*; do [ $p != /proc/$$ ] && grep -qs end_tree $p/cmdline && ls -l $p/fd 2>&1; done; :"
    async with backend.start(idle) as sandbox:
        if (await sandbox.inspect()).limits["runtime"] != "runc":
            pytest.skip("gVisor's kernel does not keep who is dumpable")
        result = await sandbox.exec(["sh", "-c", look])
        assert result.stdout.count(b"Permission denied") >= 2  # the supervisor, and this command's keeper
        assert b"pipe:" not in result.stdout


async def test_what_is_killed_first_when_memory_runs_out(backend: DockerBackend, spec: MakeSpec) -> None:
    """A command that takes all memory goes, and the sandbox goes on."""
    async with backend.start(replace(spec(memory="64MiB"), idle=True)) as sandbox:
        result = await sandbox.exec(["python3", "-c", "x = bytearray(500_000_000)"], deadline=60)
        assert result.exit_code == 137
        assert (await sandbox.exec(["echo", "on"])).stdout == b"on\n"


async def test_the_environment_of_the_supervisor_does_not_break_it(backend: DockerBackend, spec: MakeSpec) -> None:
    """Variables that change how Python starts reach commands, not the supervisor."""
    env = {"PYTHONPATH": "/tmp", "PYTHONSTARTUP": "/nope", "PYTHONHOME": "/nope"}
    async with backend.start(replace(spec(env=env), idle=True)) as sandbox:
        assert (await sandbox.exec(["sh", "-c", "echo $PYTHONHOME"])).stdout == b"/nope\n"


@pytest.fixture
def bare_image(base_image: str) -> Iterator[str]:
    """An image with a shell and nothing that runs a supervisor."""
    script = "tar -ch $(ldd /bin/sh /bin/cat | grep -o '/lib[^ ]*' | sort -u) /bin/sh /bin/cat /bin/sleep /bin/echo"
    yield from _imported(_docker("run", "--rm", "--entrypoint=sh", base_image, "-c", script))


@pytest.fixture
def empty_image() -> Iterator[str]:
    """An image in which nothing can be run."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(Path(__file__), "readme")
    yield from _imported(packed.getvalue())


def _imported(rootfs: bytes) -> Iterator[str]:
    name = f"massgen-test/{uuid.uuid4().hex}:own"
    _docker("import", "-c", "USER 65532:65532", "-", name, data=rootfs)
    yield name
    _docker("rmi", "-f", name)


def _docker(*words: str, data: bytes | None = None) -> bytes:
    return subprocess.run(["docker", *words], input=data, check=True, capture_output=True).stdout


async def test_an_image_that_cannot_run_it(bare_image: str, spec: MakeSpec) -> None:
    """Then the engine runs the commands, and that is said once."""
    said: list[str] = []
    async with (
        docker_backend(DockerConfig(), log=said.append) as backend,
        backend.start(replace(spec(), image=bare_image, idle=True)) as sandbox,
    ):
        result = await sandbox.exec(["sh", "-c", "echo hello; exit 2"])
        assert (result.stdout, result.exit_code) == (b"hello\n", 2)
        result = await sandbox.exec(["sh", "-c", "echo begun; sleep 1000"], deadline=1)
        assert (result.stdout, result.timed_out) == (b"begun\n", True)
    assert ["commands go through the engine" in line for line in said] == [True]


async def test_an_image_that_is_not_there(backend: DockerBackend, idle: SandboxSpec) -> None:
    """That is said at once; nothing else is tried."""
    with pytest.raises(ImageError):
        async with backend.start(replace(idle, image="massgen-test/no-such-image")):
            pass


async def test_an_image_in_which_nothing_runs(empty_image: str, spec: MakeSpec, backend: DockerBackend) -> None:
    """There the message says what is missing."""
    with pytest.raises(SandboxUnavailable, match="neither python3 nor cat nor sh"):
        async with backend.start(replace(spec(), image=empty_image, idle=True)):
            pass
