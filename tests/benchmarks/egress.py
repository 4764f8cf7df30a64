"""What an allow-list costs: per request on its way through the gate and the proxy, and in memory while idle."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import anyio.to_thread
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images import ensure_base

from massgen_core.egress import certificates
from massgen_core.sandbox import Sandbox, SandboxLimits, SandboxSecret, SandboxSpec

from .table import Comparison, Series, in_turn_async

HOST = "web.test"
ROUNDS = 40
BATCH = 10
_SETTLE = 3.0

CLIENT = """
import http.client, json, os, ssl, sys, time
address, host, port, count, pem, headers = json.loads(sys.stdin.readline())
context = ssl.create_default_context(cadata=pem) if pem else ssl.create_default_context()
class Named(http.client.HTTPSConnection):
    def connect(self):
        http.client.HTTPConnection.connect(self)
        self.sock = context.wrap_socket(self.sock, server_hostname=host)
kept = Named(address, port, timeout=30)
def request(connection):
    connection.request("GET", "/", headers={"Host": f"{host}:{port}", **{k: os.environ[v] for k, v in headers.items()}})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, (answer.status, body)
for line in sys.stdin:
    started = time.perf_counter()
    for _ in range(count):
        if line.strip() == "kept":
            request(kept)
        else:
            fresh = Named(address, port, timeout=30)
            request(fresh)
            fresh.close()
    print(1000 * (time.perf_counter() - started) / count, flush=True)
"""

SERVER = """
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")
        self.wfile.flush()
    def log_message(self, *words): pass
server = http.server.ThreadingHTTPServer((sys.argv[1], 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


async def measure() -> AsyncIterator[Comparison]:
    """Requests to a host of our own, with and without the proxy in between; memory beside other ways to do the same."""
    with tempfile.TemporaryDirectory() as folder:
        root = certificates.new_root([], datetime.now(UTC), timedelta(days=1))
        roots = Path(folder) / "ca.pem"
        roots.write_bytes(root.certificate_pem)
        config = DockerConfig(ca_file=roots)
        async with connect(config) as engine:
            image = await ensure_base(engine, config, progress=_progress)
        gateway = _bridge_address()
        with _server(gateway, root, Path(folder)) as port:
            async with docker_backend(config, log=_progress) as backend, AsyncExitStack() as stack:
                ways = _Ways(backend, image, gateway, port, root.certificate_pem.decode(), stack)
                for word, title in (("fresh", "One HTTPS request on a new connection"), ("kept", "One more on it")):
                    yield await in_turn_async(title, await ways.contenders(word), rounds=ROUNDS, unit="ms")
                sidecars = await _sidecar_image(config)
                yield await anyio.to_thread.run_sync(_memory, ways.gates(), sidecars)


class _Ways:
    """The same client in three sandboxes: behind a gate, behind one that reads requests, and on the open network."""

    def __init__(
        self, backend: DockerBackend, image: str, gateway: str, port: int, pem: str, stack: AsyncExitStack
    ) -> None:
        self._backend = backend
        self._image = image
        self._place = (gateway, port)
        self._pem = pem
        self._stack = stack
        self._clients: dict[str, Sandbox] = {}

    async def contenders(self, word: str) -> dict[str, Callable[[], Awaitable[float]]]:
        """Ours first, then what it is measured against."""
        if not self._clients:
            await self._start()
        return {name: _batch(sandbox, word) for name, sandbox in self._clients.items()}

    def gates(self) -> Sequence[str]:
        """The ids of the containers that stand beside those with an allow-list."""
        listed = _docker(
            "ps", "--no-trunc", "--format", "{{.ID}} {{.Names}}", f"--filter=label={self._backend_label()}"
        )
        return [line.split()[0] for line in listed.splitlines() if "-gate-" in line]

    def _backend_label(self) -> str:
        return f"massgen.owner={self._backend.owner.id}"

    async def _start(self) -> None:
        gateway, port = self._place
        network = {"allow": [f"{HOST}:{port}"], "hosts": {HOST: gateway}, "private": [f"{gateway}/32"]}
        secret = SandboxSecret(
            name="TOKEN", value="a-real-token", use="placeholder", hosts=[HOST], headers=["authorization"]
        )
        await self._client("through the gate", network, HOST, self._pem)
        await self._client("open network, no proxy", "open", gateway, self._pem)
        await self._client("through the gate, with a secret put in", network, HOST, "", secrets=[secret])

    async def _client(
        self, name: str, network: Any, address: str, pem: str, secrets: Sequence[SandboxSecret] = ()
    ) -> None:
        limits = SandboxLimits.model_validate({"network": network})
        spec = SandboxSpec(
            name="bench",
            image=self._image,
            command=("python3", "-u", "-c", CLIENT),
            limits=limits,
            secrets=secrets,
        )
        sandbox = self._clients[name] = await self._stack.enter_async_context(self._backend.start(spec))
        headers = {"Authorization": "TOKEN"} if secrets else {}
        await sandbox.main.send(json.dumps([address, HOST, self._place[1], BATCH, pem, headers]).encode() + b"\n")


def _batch(sandbox: Sandbox, word: str) -> Callable[[], Awaitable[float]]:
    async def run() -> float:
        await sandbox.main.send(word.encode() + b"\n")
        line = b""
        while not line.endswith(b"\n"):
            line += await sandbox.main.receive()
        return float(line)

    return run


def _memory(gates: Sequence[str], image: str) -> Comparison:
    """What one server's way out holds while nothing happens, beside the programs that ToolHive puts there."""
    with _sidecars(image) as sidecars:
        time.sleep(_SETTLE)
        ours = [_memory_of(gate) for gate in gates]
        theirs = sum(_memory_of(sidecar) for sidecar in sidecars)
    series = [
        Series(name="massgen-core: one gate", samples=ours, unit="MiB"),
        Series(name="two Squids and a dnsmasq (ToolHive's programs, Debian's builds)", samples=[theirs], unit="MiB"),
    ]
    return Comparison(title="Idle memory of one server's way out", series=series)


@contextmanager
def _sidecars(image: str) -> Generator[Sequence[str]]:
    """ToolHive's own images are in a registry; these are the same programs, as they come."""
    squid = "printf 'http_port 3128\\nhttp_access allow all\\ncache deny all\\npid_filename none\\n' > /tmp/c"
    logs = "printf 'cache_log /dev/null\\naccess_log none\\ncoredump_dir /tmp\\n' >> /tmp/c"
    commands = [f"{squid}; {logs}; exec /usr/sbin/squid -N -f /tmp/c"] * 2
    commands.append("exec /usr/sbin/dnsmasq -k -u root -p 5353 --pid-file= --no-resolv --server=127.0.0.1#53")
    started = [
        _docker("run", "-d", "--rm", "--user=0", "--tmpfs=/tmp", "--entrypoint=sh", image, "-c", command).strip()
        for command in commands
    ]
    try:
        yield started
    finally:
        _docker("rm", "-f", "-v", *started)


def _memory_of(container: str) -> float:
    """MiB, without the page cache, as `docker stats` shows it."""
    used = _docker("stats", "--no-stream", "--format", "{{.MemUsage}}", container).split("/")[0].strip()
    number = float(used.rstrip("GMKiB"))
    return number * {"G": 1024, "M": 1, "K": 1 / 1024}[used.lstrip("0123456789.")[0]]


async def _sidecar_image(config: DockerConfig) -> str:
    async with connect(config) as engine:
        return await ensure_base(engine, config, progress=_progress, system=("squid", "dnsmasq-base"))


def _bridge_address() -> str:
    [network] = json.loads(_docker("network", "inspect", "bridge"))
    config = network["IPAM"]["Config"][0]
    return config.get("Gateway") or str(next(ip_network(config["Subnet"]).hosts()))


def _docker(*words: str) -> str:
    return subprocess.run(["docker", *words], check=True, capture_output=True, text=True).stdout


@contextmanager
def _server(address: str, root: certificates.Signed, folder: Path) -> Generator[int]:
    """An HTTPS server in a process of its own, so that it takes no time from ours."""
    pem = folder / "server.pem"
    pem.write_bytes(certificates.new_leaf(root, HOST, datetime.now(UTC), timedelta(days=1)).pem())
    command = [sys.executable, "-c", SERVER, address, str(pem)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
