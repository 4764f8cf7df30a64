"""Connections over TCP and TLS."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
from anyio.streams.tls import TLSListener
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.engine.dial import dial
from massgen_sandbox_docker.engine.endpoint import Endpoint, TlsFiles, find_endpoint

from massgen_core.errors import SandboxUnavailable

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not shutil.which("openssl"), reason="needs the openssl command")]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A folder with ca.pem and key.pem for localhost."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    files = ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "ca.pem")]
    subprocess.run([*command.split(), *files], check=True, capture_output=True)
    return tmp_path


async def shout(stream: anyio.abc.ByteStream) -> None:
    """Read to the end, then answer with all of it in capitals."""
    data = b""
    try:
        while True:
            data += await stream.receive()
    except anyio.EndOfStream:
        await stream.send(data.upper())
    await stream.aclose()


@asynccontextmanager
async def server(certificate: Path) -> AsyncGenerator[int]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "ca.pem", certificate / "key.pem")
    tcp = await anyio.create_tcp_listener(local_host="localhost")
    listener = TLSListener(tcp, context, standard_compatible=True)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, shout)
        yield tcp.extra(anyio.abc.SocketAttribute.local_port)
        tasks.cancel_scope.cancel()


async def test_tls_can_be_half_closed(certificate: Path) -> None:
    """Over TLS too, the sending side can be closed while the answer is still to be read."""
    async with server(certificate) as port:
        tls = TlsFiles(ca=certificate / "ca.pem")
        stream = await dial(Endpoint(source="test", host="localhost", port=port, tls=tls))
        await stream.send(b"x" * 200_000)
        await stream.send_eof()
        data = b""
        with anyio.fail_after(20):
            while len(data) < 200_000:
                data += await stream.receive()
            with pytest.raises(anyio.EndOfStream):
                await stream.receive()
        assert data == b"X" * 200_000
        await stream.aclose()


async def test_a_certificate_that_is_not_trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """TLS trouble is named as such, with the files to look at."""
    (certificate / "other").mkdir()
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificate / "other"))
    async with server(certificate) as port:
        with pytest.raises(SandboxUnavailable, match=r"TLS with the engine[\s\S]*DOCKER_CERT_PATH"):
            async with connect(DockerConfig(host=f"https://localhost:{port}")):
                pass


async def test_files_that_are_no_certificates(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken ca.pem is TLS trouble too, found before anything is sent."""
    (certificate / "ca.pem").write_text("nonsense")
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificate))
    with pytest.raises(SandboxUnavailable, match="TLS with the engine"):
        async with connect(DockerConfig(host="tcp://localhost:1")):
            pass


async def test_a_receive_that_is_cancelled_just_when_something_comes(socket_path: Path) -> None:
    """Nothing is lost, and the event loop has nothing to complain of."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(socket_path))
        listening.listen()
        stream = await dial(find_endpoint(f"unix://{socket_path}"))
        peer, _ = listening.accept()

    async def receive() -> None:
        with scope:
            await stream.receive()

    with peer:
        async with anyio.create_task_group() as tasks:
            scope = anyio.CancelScope()
            tasks.start_soon(receive)
            await anyio.wait_all_tasks_blocked()
            peer.send(b"x")
            await anyio.lowlevel.checkpoint()
            scope.cancel()
        assert await stream.receive() == b"x"
        await stream.aclose()
