"""`massgen-core docker setup`: find an engine, or install and start one on Debian and Ubuntu."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from anyio.streams.text import TextReceiveStream

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import Progress
from massgen_sandbox_docker.commands.gvisor import RUNSC, Runtimes, elsewhere, registering, reloading
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.api import table
from massgen_sandbox_docker.engine.endpoint import USUAL_PLACE, Endpoint, find_endpoint

DAEMON_LOG = Path("/var/log/massgen-dockerd.log")
"""Where an engine that no service manager starts writes its log."""

_HELPERS = ("debian-archive-keyring", "uidmap")
"""What mmdebstrap needs beside it: Debian's keys, and (for users other than root) a range of user ids."""

_ANSWER_TIME = 90.0
_POLL = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The facts that decide what is to be done.

    ``engine`` describes the one that answers, ``problem`` says why none does. ``chosen`` is the setting that names an
    engine, where one does: then it is somebody's own, and nothing is installed in its place. ``denied``: there is a
    socket, and this user may not use it.
    """

    engine: str | None = None
    problem: str = ""
    chosen: str | None = None
    denied: bool = False
    bootstrap: bool = False
    root: bool = False
    debian: bool = False
    systemd: bool = False
    dockerd: bool = False
    runtimes: Runtimes = field(default_factory=Runtimes)
    socket: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command, and what it is for; one in the background is left running with its output in `DAEMON_LOG`."""

    why: str
    command: Sequence[str]
    background: bool = False

    def __str__(self) -> str:
        words = shlex.join(self.command)
        return f"{words} >{DAEMON_LOG} 2>&1 &" if self.background else words

    @property
    def with_sudo(self) -> str:
        """The line for a user who is not root; root's shell opens the log, and the engine outlives the terminal."""
        if self.background:
            return f"sudo sh -c 'setsid {shlex.join(self.command)} </dev/null >{DAEMON_LOG} 2>&1 &'"
        return f"sudo {self}"


async def look(config: DockerConfig) -> Machine:
    """Find out what this machine has; an engine counts when it answers with a version that can be spoken."""
    from massgen_sandbox_docker.engine.client import connect
    from massgen_sandbox_docker.images.rootfs import has_tool

    root = getattr(os, "geteuid", lambda: 1)() == 0
    engine, problem, endpoint, listed = None, "", None, ()
    try:
        endpoint = find_endpoint(config.host)
        async with connect(config) as found:
            engine = f"Docker Engine {found.version.get('Version', '?')} at {found.endpoint}"
            listed = tuple(sorted(table(await found.info(), "Runtimes")))
    except SandboxError as error:
        problem = str(error)
    return Machine(
        engine=engine,
        problem=problem,
        chosen=_chosen(config, endpoint),
        denied=endpoint is not None
        and endpoint.socket is not None
        and not os.access(endpoint.socket, os.R_OK | os.W_OK),
        bootstrap=config.base is not None or has_tool(root=root),
        root=root,
        debian=bool(shutil.which("apt-get")) and await anyio.Path("/etc/debian_version").exists(),
        systemd=await anyio.Path("/run/systemd/system").is_dir(),
        dockerd=bool(shutil.which("dockerd")),
        runtimes=Runtimes(listed=listed, program=bool(shutil.which(RUNSC))),
        socket=endpoint.socket if endpoint is not None else None,
    )


def _chosen(config: DockerConfig, endpoint: Endpoint | None) -> str | None:
    """The setting that names an engine; a socket found in its usual place is nobody's choice."""
    if config.host:
        return "`host` under [plugins.sandbox-docker]"
    named = next((name for name in ("DOCKER_HOST", "DOCKER_CONTEXT") if os.environ.get(name)), None)
    return named or (endpoint.source if endpoint is not None and endpoint.source != USUAL_PLACE else None)


def plan(machine: Machine, *, gvisor: bool = False) -> Sequence[Step]:
    """The commands that would give this machine what it lacks; on request gVisor as well."""
    gvisor = gvisor and RUNSC not in machine.runtimes.listed
    return tuple(_steps(machine, gvisor))


def obstacle(machine: Machine, steps: Sequence[Step], *, gvisor: bool = False) -> str | None:
    """Why the commands are not run for the user, or None."""
    if machine.engine is None and machine.chosen is not None:
        return f"{machine.problem}\n  {machine.chosen} names this engine: start it, or remove that setting."
    if machine.engine is None and machine.denied:
        return machine.problem
    if not steps:
        return None
    if gvisor and machine.engine is not None and (other := elsewhere(machine.chosen, machine.socket)) is not None:
        return other
    problem = machine.problem.partition("\n")[0]  # its cure is this very command
    if not machine.debian:
        return (
            f"{problem or 'no mmdebstrap or debootstrap'}\n"
            "  This is not Debian or Ubuntu with apt-get: install Docker Engine by "
            "https://docs.docker.com/engine/install/, or set `base` under [plugins.sandbox-docker]."
        )
    if not machine.root:
        lines = "\n".join(f"    {step.with_sudo}" for step in steps)
        lacking = "gVisor is not registered" if gvisor else "mmdebstrap or uidmap is missing"
        return f"{problem or lacking}\n  Root is needed. Run:\n{lines}"
    return None


async def carry_out(steps: Sequence[Step], config: DockerConfig, progress: Progress, *, gvisor: bool = False) -> str:
    """Run the commands, wait until an engine answers (and lists gVisor, on request), and describe it.

    Raises:
        SandboxUnavailable: A command failed, or no engine answered in time; the message holds the last lines.
    """
    for step in steps:
        progress(f"{step.why}: {step}")
        await (_leave_running(step) if step.background else _run(step, progress))
    problem = "no engine was looked for"
    with anyio.move_on_after(_ANSWER_TIME):
        while True:
            machine = await look(config)
            if machine.engine is not None and (not gvisor or RUNSC in machine.runtimes.listed):
                return machine.engine
            problem = machine.problem or f"it does not list {RUNSC} under its runtimes"
            await anyio.sleep(_POLL)
    raise SandboxUnavailable(f"the engine did not answer within {_ANSWER_TIME:g} s: {problem}{await _log_tail()}")


def _steps(machine: Machine, gvisor: bool) -> Iterator[Step]:
    missing = [] if machine.bootstrap else ["mmdebstrap", *_HELPERS]
    start = machine.engine is None and machine.chosen is None
    if start and not machine.dockerd:
        missing.insert(0, "docker.io")
    if gvisor and not machine.runtimes.program:
        missing.append(RUNSC)
    if missing:
        yield Step(why="reading the lists of packages", command=("apt-get", "update"))
        names = " and ".join(name for name in missing if name not in _HELPERS)
        install = ("apt-get", "install", "--yes", "--no-install-recommends", *missing)
        yield Step(why=f"installing {names}", command=install)
    if gvisor:
        yield Step(why="registering gVisor with the engine", command=registering())
    if gvisor and machine.engine is not None:
        yield Step(why="telling the engine", command=reloading(systemd=machine.systemd))
    if start and machine.systemd:
        yield Step(why="starting the engine", command=("systemctl", "enable", "--now", "docker"))
    elif start:
        yield Step(why="starting the engine", command=("dockerd",), background=True)


async def _run(step: Step, progress: Progress) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    last: list[str] = []
    process = await anyio.open_process(
        step.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env
    )
    async with process:
        assert process.stdout is not None
        rest = ""
        async for text in TextReceiveStream(process.stdout, errors="replace"):
            *lines, rest = (rest + text).split("\n")
            for line in filter(None, map(str.strip, lines)):
                last = [*last[-14:], line]
                if line.startswith(("Setting up ", "Fetched ")):
                    progress(line)
        code = await process.wait()
    if code != 0:
        tail = "\n".join(f"    {line}" for line in last)
        raise SandboxUnavailable(f"`{step}` failed (exit code {code}):\n{tail}")


async def _leave_running(step: Step) -> None:
    """Start the engine in a session of its own, so that it outlives this program and its terminal."""
    script = 'setsid "$@" </dev/null >>"$0" 2>&1 &'
    await anyio.run_process(["sh", "-c", script, str(DAEMON_LOG), *step.command])


async def _log_tail() -> str:
    path = anyio.Path(DAEMON_LOG)
    if not await path.exists():
        return ""
    lines = (await path.read_text(errors="replace")).splitlines()[-10:]
    return f"\n  the end of {DAEMON_LOG}:\n" + "\n".join(f"    {line[:300]}" for line in lines)
