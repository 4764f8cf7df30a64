"""A Docker Engine of a test's own, to be stopped and started at will: the one of the machine is never touched.

It lives in a network namespace of its own, since a second engine would tear down the first one's bridge.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SECONDS = 60


def why_not() -> str | None:
    """Why no second engine can run here, in words; None where one can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root can run a second engine"
    missing = [name for name in ("dockerd", "unshare", "ip", "docker") if shutil.which(name) is None]
    return f"a second engine needs {', '.join(missing)}" if missing else None


class SecondDaemon:
    """The engine, whether it runs or not."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        (place / "daemon.json").write_text("{}")  # and not the machine's settings: no live-restore

    @property
    def runs(self) -> bool:
        """It has been started, and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def host(self) -> str:
        """Its address, as in DOCKER_HOST."""
        return f"unix://{self._place}/sock"

    def start(self) -> None:
        """Start it and wait until it answers."""
        at = self._place
        command = [
            *("dockerd", f"--config-file={at}/daemon.json", f"--data-root={at}/data", f"--exec-root={at}/exec"),
            *(f"--pidfile={at}/pid", f"--host={self.host}", "--bridge=none", "--iptables=false", "--ip6tables=false"),
        ]
        with open(at / "log", "ab") as log:
            script = 'ip link set lo up; exec "$@"'
            own = ["unshare", "--net", "sh", "-c", script, "sh", *command]
            self._process = subprocess.Popen(own, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + _SECONDS
        while subprocess.run(self._docker("version"), capture_output=True).returncode:
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"the second engine did not start: {(at / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """End it: with SIGTERM it ends its containers first, with SIGKILL they go on without it."""
        assert self._process is not None
        pidfile = self._place / "exec" / "containerd" / "containerd.pid"
        below = f"/proc/{pidfile.read_text()}" if pidfile.exists() else ""
        self._process.send_signal(number)
        self._process.wait(_SECONDS)
        while below and os.path.exists(below):  # a next engine would take it for its own while it dies
            time.sleep(0.05)

    def restart(self, number: int = signal.SIGTERM) -> None:
        """End it and start it anew."""
        self.stop(number)
        self.start()

    def docker(self, *words: str) -> str:
        """What the docker command says of it."""
        return subprocess.run(self._docker(*words), check=True, capture_output=True, text=True).stdout

    def take_image(self, reference: str) -> None:
        """Copy an image from the machine's engine."""
        with subprocess.Popen(["docker", "save", reference], stdout=subprocess.PIPE) as saved:
            subprocess.run(self._docker("load", "--quiet"), stdin=saved.stdout, check=True, capture_output=True)

    def left(self) -> dict[str, list[Any]]:
        """What is on it: nothing, when all is well."""
        networks = self.docker("network", "ls", "--format", "{{.Name}}").split()
        return {
            "containers": self.docker("ps", "--all", "--quiet").split(),
            "volumes": self.docker("volume", "ls", "--quiet").split(),
            "networks": sorted(set(networks) - {"bridge", "host", "none"}),
        }

    def processes(self) -> list[str]:
        """The command lines of what belongs to it beside itself and its containerd."""
        found: list[str] = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                continue
            if str(self._place) in line and not line.startswith(("dockerd", "containerd --config")):
                found.append(line)
        return found

    def _docker(self, *words: str) -> list[str]:
        return ["docker", "--host", self.host, *words]

    def remove_all(self) -> None:
        """Remove all containers, though somebody else may be about it."""
        while containers := self.left()["containers"]:
            subprocess.run(self._docker("rm", "--force", *containers), capture_output=True)


@contextmanager
def second_daemon() -> Generator[SecondDaemon]:
    """An engine that runs; afterwards nothing of it is left."""
    place = Path(tempfile.mkdtemp(prefix="massgen-engine-"))
    daemon = SecondDaemon(place)
    try:
        daemon.start()
        yield daemon
    finally:
        _end(daemon)
        subprocess.run(["umount", place / "data"], capture_output=True)  # which it mounts on itself, and leaves so
        shutil.rmtree(place)


def _end(daemon: SecondDaemon) -> None:
    if not daemon.runs:
        daemon.start()
    try:
        daemon.remove_all()
    finally:
        daemon.stop()


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
