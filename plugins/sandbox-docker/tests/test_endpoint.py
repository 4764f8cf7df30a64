"""Finding the engine."""

from __future__ import annotations

import hashlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from massgen_sandbox_docker.engine.endpoint import Endpoint, find_endpoint

from massgen_core.errors import SandboxUnavailable


def write_context(home: Path, name: str, host: str, **extra: Any) -> Path:
    docker = home / ".docker"
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = docker / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    (docker / "config.json").write_text(json.dumps({"currentContext": name}))
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host, **extra}}}))
    return docker / "contexts" / "tls" / digest / "docker"


def test_the_setting_wins(tmp_path: Path) -> None:
    """An explicit host is taken before DOCKER_HOST."""
    found = find_endpoint("unix:///a.sock", env={"DOCKER_HOST": "unix:///b.sock"}, home=tmp_path)
    assert found.socket == "/a.sock"
    assert found.local


def test_docker_host_wins_over_the_context(tmp_path: Path) -> None:
    """DOCKER_HOST is taken before the current docker context."""
    write_context(tmp_path, "other", "unix:///context.sock")
    assert find_endpoint(env={"DOCKER_HOST": "unix:///b.sock"}, home=tmp_path).socket == "/b.sock"


def test_the_current_context_is_used(tmp_path: Path) -> None:
    """The engine of `docker context use` is found, its TLS files too."""
    tls = write_context(tmp_path, "other", "tcp://10.0.0.1:2376", SkipTLSVerify=True)
    tls.mkdir(parents=True)
    (tls / "ca.pem").touch()
    found = find_endpoint(env={}, home=tmp_path)
    assert (found.host, found.port, found.source) == ("10.0.0.1", 2376, "the docker context 'other'")
    assert found.tls is not None
    assert (found.tls.ca, found.tls.verify) == (tls / "ca.pem", False)


def test_a_context_without_an_engine_is_an_error(tmp_path: Path) -> None:
    """A context that was deleted is named, with the way out."""
    with pytest.raises(SandboxUnavailable, match=r"'gone' names no engine[\s\S]*context use default"):
        find_endpoint(env={"DOCKER_CONTEXT": "gone"}, home=tmp_path)


def test_a_broken_docker_config_is_an_error(tmp_path: Path) -> None:
    """A config.json that is not JSON is named."""
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker" / "config.json").write_text("{")
    with pytest.raises(SandboxUnavailable, match=r"config\.json cannot be read"):
        find_endpoint(env={}, home=tmp_path)


def test_a_rootless_socket_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a system socket, the one in XDG_RUNTIME_DIR is taken."""
    monkeypatch.setattr("massgen_sandbox_docker.engine.endpoint.socket_paths", lambda env, home: [str(tmp_path / "s")])
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert find_endpoint(env={}, home=tmp_path).socket == str(tmp_path / "s")


def test_no_engine_at_all_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With no socket anywhere the message lists where it looked and names the command that helps."""
    monkeypatch.setattr("massgen_sandbox_docker.engine.endpoint.socket_paths", lambda env, home: ["/nowhere.sock"])
    with pytest.raises(SandboxUnavailable, match=r"/nowhere\.sock[\s\S]*massgen-core docker setup"):
        find_endpoint(env={}, home=tmp_path)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("tcp://127.0.0.1", "tcp://127.0.0.1:2375"),
        ("https://engine.example", "tcp://engine.example:2376"),
        ("tcp://[::1]:99", "tcp://[::1]:99"),
    ],
)
def test_tcp_addresses(url: str, shown: str, tmp_path: Path) -> None:
    """Ports default to 2375 without TLS and 2376 with it."""
    assert str(find_endpoint(url, env={}, home=tmp_path)) == shown


def test_tls_comes_from_the_environment(tmp_path: Path) -> None:
    """DOCKER_TLS_VERIFY takes the files in DOCKER_CERT_PATH."""
    for name in ("ca", "cert", "key"):
        (tmp_path / f"{name}.pem").touch()
    env = {"DOCKER_HOST": "tcp://e", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    found = find_endpoint(env=env, home=tmp_path)
    assert found.tls is not None
    assert found.tls.key == tmp_path / "key.pem"
    assert found.port == 2376


@pytest.mark.parametrize("url", ["ssh://me@host", "npipe:////./pipe/docker_engine"])
def test_kinds_that_are_not_supported(url: str, tmp_path: Path) -> None:
    """ssh and named pipes are refused with the way around them."""
    with pytest.raises(SandboxUnavailable, match=r"is not supported[\s\S]*ssh -L"):
        find_endpoint(url, env={}, home=tmp_path)


@pytest.mark.parametrize("url", ["docker", "tcp://", "tcp://host:port", "unix://relative"])
def test_what_is_no_address(url: str, tmp_path: Path) -> None:
    """Anything else is named as it was written."""
    with pytest.raises(SandboxUnavailable, match="not an engine's address"):
        find_endpoint(url, env={}, home=tmp_path)


def test_an_endpoint_shows_its_address() -> None:
    """Endpoints are written as DOCKER_HOST would be."""
    assert str(Endpoint(source="test", socket="/s")) == "unix:///s"
