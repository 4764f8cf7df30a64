"""Limits that end a sandbox, each on the real engine and with its reason; and what a command used."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend

from massgen_core.errors import SandboxExited
from massgen_core.sandbox import Mount, SandboxSpec

pytestmark = [pytest.mark.anyio, pytest.mark.docker]

either = pytest.mark.usefixtures("runtime")
"""Runs under runc and under gVisor."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the host that everybody may use."""
    tmp_path.chmod(0o777)
    return tmp_path


async def reason_of_end(backend: DockerBackend, spec: SandboxSpec) -> str:
    """Run a sandbox whose main process ends by itself, and say how."""
    async with backend.start(spec) as sandbox:
        with anyio.fail_after(60):
            with contextlib.suppress(anyio.EndOfStream):
                while True:
                    await sandbox.main.receive()
            return (await sandbox.main.wait()).reason


@either
async def test_lifetime(backend: DockerBackend, spec: MakeSpec) -> None:
    """When its time is up a sandbox is ended, whatever it ignores, and everybody is told why."""
    stubborn = spec("sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1000; done", lifetime=1)
    async with backend.start(stubborn) as sandbox:
        with anyio.fail_after(30):
            with pytest.raises(SandboxExited, match=r"ran longer than 1 s \(`lifetime`\)"):
                await sandbox.exec(["sleep", "1000"])
            assert (await sandbox.main.wait()).reason == "ran longer than 1 s (`lifetime`)"
        with pytest.raises(SandboxExited, match=r"ran longer than 1 s \(`lifetime`\)"):
            await sandbox.exec(["true"])
        with pytest.raises(SandboxExited, match=r"ran longer than 1 s \(`lifetime`\)"):
            await sandbox.main.send(b"x")


@either
@pytest.mark.parametrize("script", ["yes", "yes >&2", "cat /dev/zero"])
async def test_output(backend: DockerBackend, spec: MakeSpec, script: str) -> None:
    """More output than allowed ends the sandbox, from either stream, with or without lines."""
    reason = await reason_of_end(backend, spec("sh", "-c", script, output="1MiB"))
    assert reason == "wrote more than 1 MiB (`output`)"


async def test_output_within_its_limit(backend: DockerBackend, spec: MakeSpec) -> None:
    """Output up to the limit, to the byte, is all right."""
    reason = await reason_of_end(backend, spec("head", "-c", "1048576", "/dev/zero", output="1MiB"))
    assert reason == "ended with exit code 0"


@either
@pytest.mark.parametrize(
    "fill",
    [
        "head -c 30000000 /dev/zero >x; sleep 1000",
        "i=0; while :; do head -c 1000000 /dev/zero >$i; i=$((i+1)); done",
        "python3 -c 'import os\nfor i in range(10**6): os.close(os.open(str(i), os.O_CREAT))'; sleep 1000",
        'python3 -c \'import os\nfor i in range(400): os.mkdir("d"); os.chdir("d")\'; sleep 1000',
    ],
    ids=["one file", "many files", "empty files", "deep folders"],
)
async def test_disk_of_a_writable_root(backend: DockerBackend, spec: MakeSpec, fill: str) -> None:
    """A root that grows too much ends the sandbox: by bytes, by numbers of files, by depth."""
    made = spec("sh", "-c", f"cd /var/tmp; {fill}", disk="20MiB", read_only_root=False)
    reason = await reason_of_end(backend, made)
    assert "(`disk`)" in reason
    assert reason.endswith(": /") or "nested more than" in reason


@either
async def test_disk_of_deleted_files(backend: DockerBackend, spec: MakeSpec) -> None:
    """Files that were deleted and are kept open count as well."""
    hide = (
        "import os\nkept = []\nfor i in range(30):\n f = open('/var/tmp/x', 'wb'); f.write(bytes(10**6)); f.flush()\n"
    )
    hide += " os.unlink('/var/tmp/x'); kept.append(f)\nimport time; time.sleep(1000)"
    reason = await reason_of_end(backend, spec("python3", "-c", hide, disk="20MiB", read_only_root=False))
    assert reason == "used more than 20 MiB of disk (`disk`): deleted files that are still open"


@either
@pytest.mark.parametrize(
    "fill",
    [
        "i=0; while :; do head -c 1000000 /dev/zero >$i; i=$((i+1)); done",
        "mkdir -m 700 d; cd d; i=0; while :; do head -c 1000000 /dev/zero >$i; i=$((i+1)); done",
    ],
    ids=["files", "in a private folder"],
)
async def test_disk_of_a_workspace(backend: DockerBackend, spec: MakeSpec, folder: Path, fill: str) -> None:
    """A folder of the host grows up to the limit; what was there before counts, what its links lead to does not."""
    (folder / "before").write_bytes(b"x" * 1_000_000)
    (folder / "link").symlink_to("/")
    made = replace(
        spec("sh", "-c", f"cd /workspace && {fill}", disk="5MiB"),
        mounts=[Mount(source=folder, target="/workspace", write=True)],
    )
    assert await reason_of_end(backend, made) == "used more than 5 MiB of disk (`disk`): /workspace"


async def test_a_mount_that_is_only_read(backend: DockerBackend, spec: MakeSpec, folder: Path) -> None:
    """A folder that a sandbox may not change has no limit to be held to, however large it is."""
    (folder / "large").write_bytes(b"x" * 3_000_000)
    made = replace(spec("sleep", "2", disk="1MiB"), mounts=[Mount(source=folder, target="/data")])
    assert await reason_of_end(backend, made) == "ended with exit code 0"


async def test_one_file_cannot_run_away(backend: DockerBackend, spec: MakeSpec) -> None:
    """Between two looks no single file grows far beyond the limit: the kernel sees to that."""
    async with backend.start(spec("cat", disk="5MiB", read_only_root=False)) as sandbox:
        script = "ulimit -f; head -c 100000000 /dev/zero >/var/tmp/x; wc -c </var/tmp/x"
        try:
            result = await sandbox.exec(["sh", "-c", script], deadline=30)
        except SandboxExited as error:
            assert "more than 5 MiB of disk" in str(error)  # noqa: PT017
        else:
            assert int(result.stdout.split()[-1]) == 6 * 1024 * 1024


@either
async def test_a_root_within_its_limit(backend: DockerBackend, spec: MakeSpec) -> None:
    """Files that come and go, holes, and many names of one file do not add up."""
    script = (
        "cd /var/tmp; i=0; while [ $i -lt 30 ]; do head -c 3000000 /dev/zero >x; rm x; i=$((i+1)); done;"
        "truncate -s 4000000 hole; truncate -s 4000000 hole2; head -c 3000000 /dev/zero >a;"
        "for n in 1 2 3 4 5 6 7 8 9; do ln a a$n; done; sleep 2.5"
    )
    async with backend.start(spec("cat", disk="8MiB", read_only_root=False)) as sandbox:
        result = await sandbox.exec(["sh", "-c", script], deadline=30)
        assert (result.exit_code, result.stderr) == (0, b"")
        report = await sandbox.inspect()
    found = {finding.name: finding for finding in report.findings}["disk limit"]
    assert "8 MiB each, watched every 1 s, not enforced by the storage: /" in found.detail


async def test_without_a_place_to_write(backend: DockerBackend, spec: MakeSpec) -> None:
    """A read-only root needs no watching; a writable one without a limit is named."""
    async with backend.start(spec("cat")) as sandbox:
        report = await sandbox.inspect()
    assert {f.name: f.detail for f in report.findings}["disk limit"] == "nothing on it can be written"
    async with backend.start(spec("cat", read_only_root=False)) as sandbox:
        report = await sandbox.inspect()
    [found] = [finding for finding in report.findings if finding.name == "disk limit"]
    assert (found.ok, found.detail) == (False, "not limited: /")


async def test_no_log_is_kept(backend: DockerBackend, spec: MakeSpec) -> None:
    """What a sandbox writes is not kept by the engine: a flood does not fill its disk."""
    async with backend.start(spec("cat")) as sandbox:
        await sandbox.main.send(b"x\n")
        await sandbox.main.receive()
        shown = await backend.engine.get_json("look", f"/containers/{sandbox.id}/json")
    assert (shown["HostConfig"]["LogConfig"]["Type"], shown["LogPath"]) == ("none", "")


@asynccontextmanager
async def elsewhere(backend: DockerBackend, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[None]:
    """As if the engine's cgroups were not to be seen from here."""
    monkeypatch.setattr("massgen_sandbox_docker.container.meter.find_cgroup", lambda pid, container_id: None)
    yield


CGROUP_V1 = Path("/sys/fs/cgroup/memory").exists()

BURN = "import time\nend = time.process_time() + 1.0\nwhile time.process_time() < end: pass"


@either
async def test_usage_of_a_command(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """Seconds of CPU, the memory and the processes of a command are told; of the next one, its own."""
    async with backend.start(spec("cat", cpus=2)) as sandbox:
        burnt = (await sandbox.exec(["python3", "-c", BURN])).usage
        large = (await sandbox.exec(["python3", "-c", "x = b'x' * 100_000_000"])).usage
        small = (await sandbox.exec(["true"])).usage
    assert burnt is not None
    assert large is not None
    assert small is not None
    assert burnt.cpu_seconds is not None
    assert (1.0 if runtime == "runc" else 0.4) <= burnt.cpu_seconds < 1.5  # a gVisor's clock counts otherwise
    assert small.cpu_seconds is not None
    assert small.cpu_seconds < 0.5
    assert large.memory_peak is not None
    assert large.memory_peak > 100_000_000
    if CGROUP_V1:  # there root can set the mark back
        assert small.memory_peak is not None
        assert small.memory_peak < 100_000_000
    assert burnt.pids_peak is None or burnt.pids_peak >= 2


async def test_usage_of_commands_side_by_side(backend: DockerBackend, spec: MakeSpec) -> None:
    """A command that begins later does not hide what an earlier one has used."""
    peaks: list[int | None] = []
    async with backend.start(spec("cat")) as sandbox:
        grown = anyio.Event()
        script = "x = b'x' * 100_000_000; del x; print('grown', flush=True); input()"

        async def seen(stream: str, data: bytes) -> None:
            grown.set()
            assert (await sandbox.exec(["true"])).usage is not None

        result = await sandbox.exec(["python3", "-c", script], stdin=b"\n", on_output=seen)
        assert result.usage is not None
        peaks.append(result.usage.memory_peak)
    assert grown.is_set()
    assert peaks[0] is None or peaks[0] > 100_000_000


@either
async def test_usage_from_the_engine(
    backend: DockerBackend, spec: MakeSpec, runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the cgroup is out of sight the engine is asked, but only when the caller wants it."""
    async with elsewhere(backend, monkeypatch), backend.start(spec("cat", cpus=2)) as sandbox:
        assert (await sandbox.exec(["true"])).usage is None
        usage = (await sandbox.exec(["python3", "-c", BURN], measure=True)).usage
    assert usage is not None
    assert usage.cpu_seconds is not None
    assert (0.9 if runtime == "runc" else 0.4) <= usage.cpu_seconds < 2


async def test_no_usage_of_what_is_gone(backend: DockerBackend, spec: MakeSpec) -> None:
    """A command that takes its sandbox down with it is an error, not a usage of nothing."""
    async with backend.start(spec("cat", lifetime=1)) as sandbox:
        with pytest.raises(SandboxExited):
            await sandbox.exec(["sleep", "100"], measure=True)
