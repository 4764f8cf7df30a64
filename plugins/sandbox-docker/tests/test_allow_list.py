"""A sandbox with an allow-list, in real containers: what it reaches, by which way, and what it does not."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from docker_support import MakeSpec, containers, read_exactly
from hosts import EchoServer, Web, echo, web
from massgen_sandbox_docker.backend import DockerBackend, docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container

from massgen_core.egress.authority import Authority
from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import SandboxSecret, SandboxSpec

pytestmark = pytest.mark.anyio

VALUE = "s3cret-value-nobody-may-see"
FETCH = """
import json, os, ssl, sys, urllib.request, urllib.error
url, ca, token = sys.argv[1:4]
context = ssl.create_default_context(cadata=ca) if ca else None
request = urllib.request.Request(url, headers={"Authorization": f"Bearer {os.environ[token]}"} if token else {})
try:
    print(urllib.request.urlopen(request, context=context, timeout=20).read().decode())
except urllib.error.HTTPError as error:
    print("refused", error.code, error.read().decode())
except Exception as error:
    print("failed", type(error).__name__, error)
"""
CONNECT = """
import socket, sys
host, port, data = sys.argv[1:4]
try:
    s = socket.create_connection((host, int(port)), 5)
    s.sendall(data.encode())
    s.settimeout(15)
    print("got", s.recv(1000))
except OSError as error:
    print("failed", error.errno, error)
"""

Run = Callable[..., AbstractAsyncContextManager[DockerSandbox]]
LOOPBACK: Mapping[str, Any] = {"private": ["127.0.0.0/8"]}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def site(authority: Authority) -> Generator[Web]:
    with web(authority) as server:
        yield server


@pytest.fixture(scope="module")
def echoing() -> Generator[EchoServer]:
    with echo() as server:
        yield server


@pytest.fixture
def said() -> list[str]:
    """What the backend logged."""
    return []


@pytest.fixture
async def trusting(authority: Authority, tmp_path: Path, said: list[str], mark: str) -> AsyncGenerator[DockerBackend]:
    """A backend that takes the test's authority for a public one."""
    file = tmp_path / "ca.pem"
    file.write_bytes(authority.certificate_pem)
    async with docker_backend(DockerConfig(ca_file=file), log=said.append) as opened:
        yield opened
        assert await containers(opened.engine, mark) == []


@pytest.fixture(params=[None, "runsc"], ids=["runc", "runsc"])
def sandbox_of(request: pytest.FixtureRequest, trusting: DockerBackend, spec: MakeSpec) -> Run:
    """Starts a sandbox with an allow-list, under each runtime."""

    def run(allow: list[str], *, secrets: list[SandboxSecret] | None = None, **more: Any) -> Any:
        network = {"allow": allow, **LOOPBACK, "hosts": dict.fromkeys(names(allow), "127.0.0.1"), **more}
        made: SandboxSpec = spec("sleep", "300", network=network, runtime=request.param, memory="512MiB")
        return trusting.start(replace(made, secrets=secrets or []))

    return run


def names(allow: list[str]) -> list[str]:
    plain = [text.rpartition("://")[2].rpartition(":")[0] for text in allow]
    return [name.replace("*.", "www.") for name in plain]


async def fetch(sandbox: DockerSandbox, url: str, ca: Authority | None = None, *, token: str = "") -> str:
    pem = ca.certificate_pem.decode() if ca else ""
    result = await sandbox.exec(["python3", "-c", FETCH, url, pem, token], deadline=60)
    return (result.stdout + result.stderr).decode()


async def connect(sandbox: DockerSandbox, host: str, port: int, data: str = "x") -> str:
    result = await sandbox.exec(["python3", "-c", CONNECT, host, str(port), data], deadline=60)
    return (result.stdout + result.stderr).decode()


async def test_an_allowed_host_is_reached_with_tls_from_end_to_end(
    sandbox_of: Run, site: Web, authority: Authority
) -> None:
    """The program sees the host's own certificate: nobody stands in between."""
    async with sandbox_of([f"web.test:{site.port}"]) as sandbox:
        answer = await fetch(sandbox, f"https://web.test:{site.port}/x", authority)
        assert json.loads(answer) == {"host": f"web.test:{site.port}", "path": "/x"}


async def test_a_program_that_ignores_proxy_variables_reaches_it_as_well(
    sandbox_of: Run, site: Web, echoing: EchoServer
) -> None:
    """Its name leads to the gate: here with plain TCP, which has no proxies."""
    async with sandbox_of([f"tcp://db.test:{echoing.port}", f"tcp://other.test:{echoing.port}"]) as sandbox:
        assert "got b'hello'" in await connect(sandbox, "db.test", echoing.port, "hello")
        assert "got b'again'" in await connect(sandbox, "other.test", echoing.port, "again")


async def test_what_is_not_on_the_list_is_refused_and_the_log_names_the_rule(
    sandbox_of: Run, site: Web, authority: Authority, said: list[str]
) -> None:
    """The program reads the same sentence."""
    async with sandbox_of(["web.test:443"]) as sandbox:
        answer = await fetch(sandbox, f"https://web.test:{site.port}/", authority)
    rule = f'`network.allow` with "web.test:{site.port}" would allow it'
    assert rule in answer or "Tunnel connection failed: 403" in answer
    assert any(rule in line for line in said)


async def test_a_wildcard_goes_through_the_proxy(sandbox_of: Run, authority: Authority, said: list[str]) -> None:
    """Names below it, but not the name itself."""
    with web(authority, "www.wild.test") as site:
        async with sandbox_of([f"*.wild.test:{site.port}"]) as sandbox:
            answer = await fetch(sandbox, f"https://www.wild.test:{site.port}/", authority)
            assert json.loads(answer)["host"] == f"www.wild.test:{site.port}"
            assert "403" in await fetch(sandbox, f"https://wild.test:{site.port}/", authority)


async def test_plain_http_where_it_is_written_out(sandbox_of: Run) -> None:
    """Through the proxy's absolute form, and straight to its name."""
    with web() as site:
        async with sandbox_of([f"http://web.test:{site.port}"]) as sandbox:
            assert json.loads(await fetch(sandbox, f"http://web.test:{site.port}/y"))["path"] == "/y"
            head = f"GET /z HTTP/1.1\r\nHost: web.test:{site.port}\r\nConnection: close\r\n\r\n"
            assert "200 OK" in await connect(sandbox, "web.test", site.port, head)


@pytest.mark.parametrize("runtime", [None, "runsc"])
async def test_a_program_that_connects_first_of_all_finds_its_way(
    trusting: DockerBackend, spec: MakeSpec, echoing: EchoServer, runtime: str | None
) -> None:
    """The gate is there before the program is, and what came on stdin meanwhile is not lost."""
    ask = "import socket, sys; s = socket.create_connection(('db.test', %d)); s.sendall(sys.stdin.buffer.read()); "
    code = ask % echoing.port + "s.shutdown(1); print(s.recv(99))"
    network = {"allow": [f"tcp://db.test:{echoing.port}"], **LOOPBACK, "hosts": {"db.test": "127.0.0.1"}}
    async with trusting.start(spec("python3", "-c", code, network=network, runtime=runtime)) as sandbox:
        await sandbox.main.send(b"early")
        await sandbox.main.send_eof()
        with anyio.fail_after(30):
            assert (await read_exactly(sandbox.main, 8)).strip() == b"b'early'"


async def test_nothing_else_is_there(sandbox_of: Run, echoing: EchoServer, backend: DockerBackend) -> None:
    """No route: to the host by any of its addresses, to metadata services, to a name server, over IPv6."""
    with echo("0.0.0.0") as everywhere:
        async with sandbox_of(["web.test:443"]) as sandbox:
            for host in ("172.17.0.1", "169.254.169.254", "100.100.100.200", "8.8.8.8", "fd00:ec2::254"):
                assert "failed" in await connect(sandbox, host, everywhere.port)
            assert "failed" in await connect(sandbox, "host.docker.internal", everywhere.port)
            looked = await sandbox.exec(["python3", "-c", "import socket; print(socket.if_nameindex())"])
            assert looked.stdout.strip() == b"[(1, 'lo')]"
        assert everywhere.connections == 0


async def test_loopback_is_the_sandboxs_own(sandbox_of: Run, echoing: EchoServer) -> None:
    """A port of the host's loopback is not there, though an allowed name leads to it from outside."""
    async with sandbox_of(["web.test:443"]) as sandbox:
        assert "failed" in await connect(sandbox, "127.0.0.1", echoing.port)


async def test_one_sandbox_cannot_use_the_way_out_of_another(sandbox_of: Run, echoing: EchoServer) -> None:
    """It has no way to it: a gate listens in its own sandbox's network alone."""
    async with sandbox_of([f"tcp://db.test:{echoing.port}"]), sandbox_of(["web.test:443"]) as other:
        assert "failed" in await connect(other, "127.0.0.2", echoing.port)
        place = f"db.test:{echoing.port}"
        assert "403" in await connect(other, "127.0.0.1", 3128, f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n")


async def test_a_placeholder_becomes_the_secret_on_the_way_out(
    sandbox_of: Run, site: Web, trusting: DockerBackend, mark: str, authority: Authority
) -> None:
    """In the named header to the named host: inside there is a meaningless word, and a certificate of ours."""
    token = SandboxSecret(name="TOKEN", value=VALUE, use="placeholder", hosts=["web.test"], headers=["authorization"])
    async with sandbox_of([f"web.test:{site.port}"], secrets=[token]) as sandbox:
        site.requests.clear()
        answer = await fetch(sandbox, f"https://web.test:{site.port}/", token="TOKEN")
        assert json.loads(answer)["path"] == "/"
        assert [request["authorization"] for request in site.requests] == [f"Bearer {VALUE}"]
        env = (await sandbox.exec(["env"])).stdout.decode()
        assert "TOKEN=massgen-secret-" in env
        assert VALUE not in env
        everything = await sandbox.exec(["sh", "-c", "cat /run/secrets/* /proc/*/environ /proc/*/cmdline"])
        assert VALUE.encode() not in everything.stdout
        for container_id in await containers(trusting.engine, mark):
            async with trusting.engine.control("inspect") as docker:
                assert VALUE not in json.dumps(await container(docker, container_id).show())


async def test_another_sandboxs_placeholder_is_worth_nothing(sandbox_of: Run, site: Web) -> None:
    """It leaves as the word that it is."""
    token = SandboxSecret(name="TOKEN", value=VALUE, use="placeholder", hosts=["web.test"], headers=["authorization"])
    async with (
        sandbox_of([f"web.test:{site.port}"], secrets=[token]) as one,
        sandbox_of([f"web.test:{site.port}"], secrets=[token]) as two,
    ):
        foreign = (await one.exec(["printenv", "TOKEN"])).stdout.decode().strip()
        site.requests.clear()
        result = await two.exec(
            ["python3", "-c", FETCH, f"https://web.test:{site.port}/", "", "OTHER"], env={"OTHER": foreign}, deadline=60
        )
        assert b'"path": "/"' in result.stdout
        assert [request["authorization"] for request in site.requests] == [f"Bearer {foreign}"]


async def test_domain_fronting_ends_where_requests_are_inspected(sandbox_of: Run, site: Web, said: list[str]) -> None:
    """TLS for an allowed name, a request for another one behind it."""
    ask = """
import socket, ssl, sys
s = ssl.create_default_context().wrap_socket(
    socket.create_connection(("web.test", int(sys.argv[1])), 5), server_hostname="web.test")
s.sendall(b"GET / HTTP/1.1\\r\\nHost: hidden.test\\r\\n\\r\\n")
print(s.recv(1000))
"""
    site.requests.clear()
    async with sandbox_of([f"web.test:{site.port}"], inspect=True) as sandbox:
        result = await sandbox.exec(["python3", "-c", ask, str(site.port)], deadline=60)
        assert b"403" in result.stdout, result.stderr
        assert site.requests == []
    assert any("hidden.test" in line for line in said)


async def test_a_redirect_leads_no_further_than_the_list(sandbox_of: Run, said: list[str]) -> None:
    """The program follows it, and is refused there."""
    with web() as site, web() as forbidden:
        async with sandbox_of([f"http://web.test:{site.port}"]) as sandbox:
            target = f"http://forbidden.test:{forbidden.port}/"
            answer = await fetch(sandbox, f"http://web.test:{site.port}/to/{target}")
        assert "refused 403" in answer
        assert forbidden.requests == []


async def test_a_gate_that_ends_takes_its_sandbox_with_it(trusting: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """Better a sandbox that ends, and says why, than one that waits for ever."""
    async with trusting.start(spec("sleep", "60", network=["web.test:443"])) as sandbox:
        [gate] = [each for each in await containers(trusting.engine, mark) if each != sandbox.id]
        async with trusting.engine.control("kill the gate") as docker:
            await container(docker, gate).kill(signal="SIGKILL")
        with anyio.fail_after(30):
            status = await sandbox.main.wait()
        assert "its way out is gone" in status.reason


async def test_an_engine_that_does_not_close_the_network_gets_no_sandbox(
    trusting: DockerBackend, spec: MakeSpec, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looked at from inside, before anything of the sandbox runs."""
    from massgen_sandbox_docker.network import companion

    real = companion._hosts
    monkeypatch.setattr(companion, "_hosts", lambda hosts: {**real(hosts), "NetworkMode": "bridge"})
    with pytest.raises(SandboxUnavailable, match="did not close the sandbox's network: there is an interface 'eth0'"):
        async with trusting.start(spec("sleep", "60", network=["web.test:443"])):
            pytest.fail("it started")
    assert await containers(trusting.engine, mark) == []


async def test_what_is_enforced_can_be_read_back(sandbox_of: Run, trusting: DockerBackend, spec: MakeSpec) -> None:
    """By looking: the list is named only where the network is closed but for the gate."""
    async with sandbox_of(["web.test:443"]) as sandbox:
        found = await sandbox.inspect()
        told = {finding.name: (finding.ok, finding.detail) for finding in found.findings}
        assert told["network"] == (True, "closed but for a gate: web.test:443")
        assert told["network, seen inside"] == (True, "loopback alone")
        assert found.limits["network"] == "web.test:443"
    async with trusting.start(spec("sleep", "60", network="open")) as sandbox:
        told = {finding.name: (finding.ok, finding.detail) for finding in (await sandbox.inspect()).findings}
        assert told["network"] == (False, "bridge: all that the engine reaches")
        assert told["network, seen inside"] == (False, "routes: eth0")
