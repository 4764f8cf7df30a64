"""Which runtime is meant, whether it may be missing, and a runtime that hangs."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
from docker_support import MakeSpec, containers
from fake_daemon import FakeDaemon, answer_json, never
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.runtimes import family, verify_runtime, with_runtime
from massgen_sandbox_docker.container.starting import end_runtime

from massgen_core.errors import ConfigError, SandboxUnavailable
from massgen_core.sandbox import SandboxLimits, SandboxSpec

pytestmark = pytest.mark.anyio

INFO: dict[str, Any] = {"Runtimes": {"runc": {}, "runsc": {}, "kata-runtime": {}}, "DefaultRuntime": "runc"}


def wanted(**limits: Any) -> SandboxSpec:
    return SandboxSpec(name="test", image="i", limits=SandboxLimits.model_validate(limits))


def chosen(said: list[str] | None = None, **limits: Any) -> str | None:
    log = (said if said is not None else []).append
    runtime = with_runtime(wanted(**limits), INFO, log).limits.runtime
    return runtime.name if runtime else None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("runc", "runc"),
        ("crun", "runc"),
        ("runsc", "gvisor"),
        ("runsc-kvm", "gvisor"),
        ("io.containerd.runsc.v1", "gvisor"),
        ("kata", "kata"),
        ("io.containerd.kata.v2", "kata"),
        ("nvidia", "other"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    """A runtime's name tells what kind of wall it is."""
    assert family(name) == kind


@pytest.mark.parametrize("name", ["kata", "kata-runtime", "io.containerd.kata.v2"])
def test_kata_by_any_of_its_names(name: str) -> None:
    """Kata is found under whichever of its names the engine lists it."""
    assert chosen(runtime=name) == "kata-runtime"


def test_a_runtime_that_must_be_there() -> None:
    """A runtime that is not listed is an error that says which are, and what to do."""
    with pytest.raises(
        SandboxUnavailable, match=r"no OCI runtime 'crun'; it lists kata-runtime, runc, runsc\n  Install"
    ):
        chosen(runtime="crun")
    with pytest.raises(SandboxUnavailable, match=r"docker setup --runtime runsc"):
        with_runtime(wanted(runtime="runsc"), {"Runtimes": {"runc": {}}}, print)


def test_a_runtime_that_may_be_missing() -> None:
    """With `required = false` the engine's default is used, with a word in the log."""
    said: list[str] = []
    assert chosen(said, runtime={"name": "crun", "required": False}) is None
    assert said == [
        "test: the engine has no OCI runtime 'crun'; it lists kata-runtime, runc, runsc: "
        "running under 'runc', since `runtime` says `required = false`"
    ]


@pytest.mark.parametrize(("key", "value"), [("pids", 64), ("memory", "64MiB")])
def test_gvisor_needs_room(key: str, value: Any) -> None:
    """Limits that gVisor's own kernel would not fit into are an error that names the key."""
    with pytest.raises(ConfigError, match=rf"{key}: 64.* too tight for 'runsc'") as raised:
        chosen(runtime="runsc", **{key: value})
    assert raised.value.key == key


def test_another_runtime_than_asked_for() -> None:
    """An engine that takes another runtime than it was told is found out."""
    verify_runtime({"HostConfig": {"Runtime": "runc"}}, None)
    with pytest.raises(SandboxUnavailable, match="runs the sandbox under 'runc', instead of 'runsc'"):
        verify_runtime({"HostConfig": {"Runtime": "runc"}}, "runsc")


@pytest.mark.docker
async def test_the_runtime_is_looked_at(backend: DockerBackend, spec: MakeSpec, runtime: str, mark: str) -> None:
    """The engine says of a running container which runtime it has."""
    async with backend.start(spec("cat")) as sandbox:
        report = await sandbox.inspect()
    assert report.limits["runtime"] == runtime
    assert {finding.name: finding.ok for finding in report.findings}["runtime"]
    assert await containers(backend.engine, mark) == []


async def test_a_runtime_that_hangs(socket_path: Path) -> None:
    """A start that does not come to an end is one after the engine's time, and the container is removed."""
    daemon = FakeDaemon()
    daemon.on("POST /v[^/]*/containers/[^/]*/start", never)
    daemon.on("GET /v[^/]*/info", answer_json(200, INFO))
    async with daemon.serve(socket_path) as address:
        config = DockerConfig(host=address, control_timeout=0.3)
        async with docker_backend(config, log=lambda line: None) as backend:
            with pytest.raises(SandboxUnavailable, match=r"within 0.3 s[\s\S]*the OCI runtime 'runsc' hangs") as raised:
                async with backend.start(wanted(runtime="runsc")):
                    pytest.fail("it was started")
    assert "still there" not in str(raised.value)
    assert sum(request.startswith("DELETE") for request in daemon.requests) >= 1


async def test_a_runtime_that_hangs_and_holds_the_engine(socket_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the container cannot be removed either, the error says what is left and what to do."""
    monkeypatch.setattr("massgen_sandbox_docker.container.run._DELETE_TIMEOUT", 0.3)
    daemon = FakeDaemon()
    daemon.on("POST /v[^/]*/containers/[^/]*/start", never)
    daemon.on("DELETE /v[^/]*/containers/", never)
    async with daemon.serve(socket_path) as address:
        config = DockerConfig(host=address, control_timeout=0.3)
        async with docker_backend(config, log=lambda line: None) as backend:
            with pytest.raises(SandboxUnavailable, match=r"cccccccccccc is still there: end that runtime's processes"):
                async with backend.start(wanted()):
                    pytest.fail("it was started")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found in /proc")
def test_what_a_shim_has_started_is_ended() -> None:
    """Only the processes below the shim of that container are killed; neither itself nor another's."""
    ours, others = ("a" * 64, "b" * 64)
    shims = [_shim(container_id) for container_id in (ours, others)]
    try:
        end_runtime(ours)
        assert shims[0].wait(timeout=20) == 137  # the shell tells how its child ended
        assert shims[1].poll() is None
    finally:
        end_runtime(others)
        for shim in shims:
            with suppress(ProcessLookupError):
                shim.kill()
            shim.wait(timeout=20)
            assert shim.stdout is not None
            shim.stdout.close()


def _shim(container_id: str) -> subprocess.Popen[bytes]:
    """A process that looks like a shim whose runtime hangs."""
    script = "sleep 1000 & echo started; wait $!"
    command = ["containerd-shim-test", "-c", script, "-id", container_id]
    shim = subprocess.Popen(command, executable="/bin/sh", stdout=subprocess.PIPE)
    assert shim.stdout is not None
    assert shim.stdout.readline() == b"started\n"
    return shim


async def test_a_size_that_the_storage_refuses(socket_path: Path) -> None:
    """A refused size of the root is left out, and the container is created all the same."""
    message = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
    daemon = FakeDaemon()
    info = {"Driver": "overlay2", "DriverStatus": [["Backing Filesystem", "xfs"]]}
    daemon.on("GET /v[^/]*/info", answer_json(200, info))
    answers = iter([answer_json(400, {"message": message}), answer_json(201, {"Id": "c" * 64, "Warnings": []})])

    async def create(stream: Any) -> None:
        await next(answers)(stream)

    daemon.on("POST /v[^/]*/containers/create", create)
    async with (
        daemon.serve(socket_path) as address,
        docker_backend(DockerConfig(host=address), log=lambda line: None) as backend,
    ):
        with anyio.fail_after(20):
            async with backend.start(wanted(disk="20MiB", read_only_root=False, stop_timeout=0)):
                pass
    assert sum("/containers/create" in request for request in daemon.requests) == 2
