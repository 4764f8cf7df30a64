"""`massgen-core docker setup`: what it would do on each kind of machine, and what it does on this one."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from click.testing import CliRunner
from massgen_sandbox_docker.cli import docker
from massgen_sandbox_docker.commands.gvisor import Runtimes, registering
from massgen_sandbox_docker.commands.installer import Machine, Step, carry_out, look, obstacle, plan
from massgen_sandbox_docker.config import DockerConfig

from massgen_core.errors import SandboxUnavailable

FRESH = Machine(problem="no Docker Engine was found", root=True, debian=True)


def commands(machine: Machine) -> list[str]:
    return [str(step) for step in plan(machine)]


def test_a_fresh_machine() -> None:
    """Root on a fresh Debian gets the engine and mmdebstrap, and the engine is started in the background."""
    update, install, start = commands(FRESH)
    assert update == "apt-get update"
    assert install.startswith("apt-get install --yes --no-install-recommends docker.io mmdebstrap")
    assert "uidmap" in install.split()
    assert start.startswith("dockerd >")
    assert obstacle(FRESH, plan(FRESH)) is None


def test_a_machine_with_systemd() -> None:
    """Where systemd runs it starts the engine, now and after a reboot; an installed engine is only started."""
    machine = Machine(problem="not running", root=True, debian=True, systemd=True, dockerd=True, bootstrap=True)
    assert commands(machine) == ["systemctl enable --now docker"]


def test_an_engine_without_a_builder() -> None:
    """A working engine is left alone; what the base image is built with is added."""
    machine = Machine(engine="Docker Engine 1", root=True, debian=True, dockerd=True)
    assert [line.split()[:2] for line in commands(machine)] == [["apt-get", "update"], ["apt-get", "install"]]
    assert "docker.io" not in " ".join(commands(machine))
    assert commands(Machine(engine="Docker Engine 1", bootstrap=True)) == []


def test_gvisor() -> None:
    """On request gVisor is installed and registered before the engine starts, or a running one is told of it."""
    lines = [str(step) for step in plan(FRESH, gvisor=True)]
    assert lines[1].endswith(" runsc")
    assert "runsc install --config_file=/etc/docker/daemon.json --runtime=runsc -- --platform=$p" in lines[2]
    assert lines[3].startswith("dockerd >")
    running = Machine(engine="Docker Engine 1", root=True, debian=True, bootstrap=True, systemd=True)
    assert str(plan(running, gvisor=True)[-1]) == "systemctl reload docker"
    *_, last = plan(replace(running, systemd=False), gvisor=True)
    assert last.with_sudo == """sudo sh -c 'kill -HUP "$(cat /var/run/docker.pid)"'"""
    assert plan(replace(running, runtimes=Runtimes(listed=("runc", "runsc"))), gvisor=True) == ()


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (Machine(engine="E", chosen="DOCKER_HOST", root=True, debian=True), "DOCKER_HOST names this engine, which"),
        (Machine(engine="E", socket="/run/user/1/docker.sock", debian=True), "does not read /etc/docker/daemon.json"),
        (
            Machine(engine="E", debian=True, bootstrap=True),
            "gVisor is not registered\n  Root is needed. Run:\n    sudo",
        ),
    ],
    ids=["chosen", "rootless", "no root"],
)
def test_obstacles_for_gvisor(machine: Machine, words: str) -> None:
    """An engine that is not this machine's own, or that is not ours to configure, is left as it is."""
    assert words in (obstacle(machine, plan(machine, gvisor=True), gvisor=True) or "")


@pytest.mark.skipif(shutil.which("runsc") is None, reason="gVisor is not installed")
def test_gvisor_is_registered(tmp_path: Path) -> None:
    """The command finds a platform that works, and keeps what daemon.json held."""
    config = tmp_path / "docker" / "daemon.json"
    config.parent.mkdir()
    config.write_text('{"debug": false, "runtimes": {"crun": {"path": "/usr/bin/crun"}}}')
    done = subprocess.run(registering(config), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found = json.loads(config.read_text())
    assert (found["debug"], sorted(found["runtimes"])) == (False, ["crun", "runsc"])
    platform, network = found["runtimes"]["runsc"]["runtimeArgs"]
    assert platform in ("--platform=systrap", "--platform=kvm", "--platform=ptrace")
    assert network == "--network=none"


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        (
            Machine(problem="no engine", debian=True),
            "Root is needed. Run:\n    sudo apt-get update\n    sudo apt-get install",
        ),
        (Machine(problem="no engine", root=True), "This is not Debian or Ubuntu"),
        (Machine(problem="no permission on the socket", denied=True, dockerd=True, bootstrap=True), "no permission"),
        (Machine(problem="refused", chosen="DOCKER_HOST", root=True, debian=True), "DOCKER_HOST names this engine"),
    ],
    ids=["no root", "no apt", "no permission", "chosen"],
)
def test_obstacles(machine: Machine, words: str) -> None:
    """What cannot be done for the user is said with what to run or change."""
    assert words in (obstacle(machine, plan(machine)) or "")


def test_without_root() -> None:
    """The lines for a user who is not root work as they stand: root, not the user, opens the engine's log."""
    machine = Machine(problem="no engine\n  Run `massgen-core docker setup`.", debian=True, bootstrap=True)
    said = obstacle(machine, plan(machine)) or ""
    assert "massgen-core docker setup" not in said
    last = said.splitlines()[-1].strip()
    assert last == "sudo sh -c 'setsid dockerd </dev/null >/var/log/massgen-dockerd.log 2>&1 &'"
    assert shlex.split(last)[:3] == ["sudo", "sh", "-c"]


def invoke(*args: str) -> tuple[int, str]:
    result = CliRunner().invoke(docker, ["setup", *args], obj=None)
    return result.exit_code, result.stdout


def test_no_engine_where_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that DOCKER_HOST names and that does not answer is not replaced by another; exit code 9."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    code, output = invoke("--json")
    assert code == 9
    assert "DOCKER_HOST names this engine" in json.loads(output)["problem"]


@pytest.mark.docker
def test_a_working_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working engine is named, and a dry run changes nothing."""
    monkeypatch.chdir(tmp_path)
    code, output = invoke("--dry-run", "--json")
    assert code == 0
    assert json.loads(output)["engine"].startswith("Docker Engine ")
    assert "Docker Engine" in invoke("--dry-run")[1]


@pytest.mark.anyio
@pytest.mark.docker
async def test_steps_are_run() -> None:
    """The commands are run in order, their progress is shown, and then the engine is asked."""
    lines: list[str] = []
    config = DockerConfig()
    words = (sys.executable, "-c", "print('reading'); print('Setting up docker.io')")
    engine = await carry_out([Step(why="installing", command=words)], config, lines.append)
    assert engine == (await look(config)).engine
    assert lines[0].startswith("installing: ")
    assert lines[1:] == ["Setting up docker.io"]


@pytest.mark.anyio
@pytest.mark.docker
async def test_an_engine_in_the_background(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that no service manager starts is left running in a session of its own, with its log in a file."""
    log, gate = tmp_path / "log", tmp_path / "gate"
    os.mkfifo(gate)
    monkeypatch.setattr("massgen_sandbox_docker.commands.installer.DAEMON_LOG", log)
    command = ("sh", "-c", 'read line <"$0"; echo "got $line"; echo done >"$0"', str(gate))
    await carry_out([Step(why="starting", command=command, background=True)], DockerConfig(), lambda line: None)
    with anyio.fail_after(20):
        await anyio.Path(gate).write_text("through\n")
        assert await anyio.Path(gate).read_text() == "done\n"
    assert await anyio.Path(log).read_text() == "got through\n"


@pytest.mark.anyio
async def test_a_step_that_fails() -> None:
    """A command that fails ends the setup with its last words."""
    step = Step(why="installing", command=(sys.executable, "-c", "print('E: no such package'); raise SystemExit(100)"))
    with pytest.raises(SandboxUnavailable, match=r"failed \(exit code 100\):\n    E: no such package"):
        await carry_out([step], DockerConfig(), lambda line: None)
