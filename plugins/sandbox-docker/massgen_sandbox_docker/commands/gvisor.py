"""gVisor as a runtime of this machine's engine: Debian's package, its entry in daemon.json, and the engine told of it.

``runsc install`` keeps the other keys of daemon.json and a copy of what was there (``daemon.json~``). Which platform
gVisor runs on is found by trying: systrap, where the version has it, else KVM, which may be there and yet hang in a
virtual machine, else ptrace, which runs everywhere and slowly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RUNSC = "runsc"
"""The name of the runtime, of its program and of Debian's package."""

DAEMON_JSON = Path("/etc/docker/daemon.json")
"""Where the engine of this machine is configured."""

_RELOAD = 'kill -HUP "$(cat /var/run/docker.pid)"'

_SYSTEM_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtimes:
    """What is known of the engine's runtimes: those it lists, and whether gVisor's program is on this machine."""

    listed: Sequence[str] = ()
    program: bool = False


def registering(config: Path = DAEMON_JSON) -> Sequence[str]:
    """The command that finds a platform and names gVisor in daemon.json."""
    script = (
        f"mkdir -p {config.parent} && for p in systrap kvm ptrace; do "
        "timeout 10 runsc --platform=$p --network=none do true && break; done && "
        f"runsc install --config_file={config} --runtime={RUNSC} -- --platform=$p --network=none"
    )
    return ("sh", "-c", script)


def reloading(*, systemd: bool) -> Sequence[str]:
    """The command by which a running engine reads daemon.json again; its containers go on."""
    return ("systemctl", "reload", "docker") if systemd else ("sh", "-c", _RELOAD)


def elsewhere(chosen: str | None, socket: str | None) -> str | None:
    """Why the engine in use is not one whose daemon.json is this machine's /etc/docker/daemon.json; None if it is."""
    cure = f"Name {RUNSC} under `runtimes` in that engine's own daemon.json."
    if chosen is not None:
        return f"{chosen} names this engine, which need not be the one of this machine\n  {cure}"
    if socket is not None and socket not in _SYSTEM_SOCKETS:
        return f"the engine at {socket} does not read /etc/docker/daemon.json\n  {cure}"
    return None
