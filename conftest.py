"""What the tests of every distribution share: the Docker gate."""

from __future__ import annotations

import functools
import os
import socket
from pathlib import Path

import pytest

REQUIRE_DOCKER = "MASSGEN_REQUIRE_DOCKER"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"docker: needs a Docker Engine; skipped without one unless {REQUIRE_DOCKER}=1")
    config.addinivalue_line("markers", "alone: no other test beside it, since it looks at or clears a whole engine")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a Docker test where no engine answers; fail it where an engine was promised."""
    if item.get_closest_marker("docker") is None or (problem := _engine_problem()) is None:
        return
    if os.environ.get(REQUIRE_DOCKER) == "1":
        pytest.fail(f"{REQUIRE_DOCKER}=1, but {problem}", pytrace=False)
    pytest.skip(f"no Docker Engine: {problem}")


@functools.cache
def _engine_problem() -> str | None:
    """Ask the engine for one ping, without a client library: what is wrong, or None."""
    host = os.environ.get("DOCKER_HOST") or _default_host()
    try:
        status = _ping(host)
    except (OSError, ValueError) as error:
        return f"{host} does not answer: {error}"
    return None if b" 200 " in status else f"{host} answered {status!r}"


def _ping(host: str) -> bytes:
    family, address = _address(host)
    with socket.socket(family) as connection:
        connection.settimeout(5)
        connection.connect(address)
        connection.sendall(b"GET /_ping HTTP/1.0\r\nHost: docker\r\n\r\n")
        return connection.recv(64).split(b"\r\n", 1)[0]


def _address(host: str) -> tuple[socket.AddressFamily, str | tuple[str, int]]:
    scheme, _, address = host.partition("://")
    if scheme == "tcp":
        name, _, port = address.rpartition(":")
        return socket.AF_INET, (name, int(port))
    if scheme == "unix" and hasattr(socket, "AF_UNIX"):
        return socket.AF_UNIX, address
    raise ValueError(f"the tests cannot reach an engine over {scheme!r} here")


def _default_host() -> str:
    rootless = Path(os.environ.get("XDG_RUNTIME_DIR") or "/run/user/none") / "docker.sock"
    system = Path("/var/run/docker.sock")
    return f"unix://{rootless if rootless.exists() and not system.exists() else system}"
