"""Programs that people use accept our certificates where the variables lead them to the bundle."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import sys
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import anyio
import httpx2
import pytest
from anyio import to_thread
from anyio.abc import ByteStream
from staging import VALUE, Stage, read_until, staged

from massgen_core.egress.authority import TRUST_VARIABLES

pytestmark = pytest.mark.anyio

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def program(name: str, *, always: bool = True) -> str:
    """The path of a program; CI has those that are small to install."""
    found = shutil.which(name)
    if found is None:
        missing = f"{name} is not installed"
        pytest.fail(missing) if always and os.environ.get("CI") else pytest.skip(missing)
    return found


@pytest.fixture
async def stage() -> AsyncGenerator[Stage]:
    async with staged(scheme="https") as stage:
        yield stage


async def run(stage: Stage, folder: Path, *command: str) -> bytes:
    """Run a program that has nothing but the variables; its output."""
    bundle = folder / "bundle.pem"
    bundle.write_bytes(await to_thread.run_sync(stage.authority.bundle))
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PYENV")}
    variables = {name: str(bundle) for name in TRUST_VARIABLES}
    environment = {**kept, **variables, "HOME": str(folder), "TOKEN": stage.word, "URL": url(stage)}
    with anyio.fail_after(60):
        done = await anyio.run_process(command, env=environment, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def url(stage: Stage) -> str:
    return f"https://{stage.authority_of_url}/path?q=1"


def demand_the_secret(stage: Stage) -> None:
    """The host got the real secret, from a program that knew the placeholder alone."""
    assert stage.denied == []
    headers = {name.lower(): value for name, value in stage.seen[-1]["headers"]}
    assert headers["authorization"] == f"Bearer {VALUE}"
    assert stage.seen[-1]["target"] == "/path?q=1"


PYTHON = (
    "import os, urllib.request as u;"
    "r = u.Request(os.environ['URL'], headers={'Authorization': 'Bearer ' + os.environ['TOKEN']});"
    "print(u.urlopen(r, timeout=30).status)"
)
NODE = (
    "fetch(process.env.URL, {headers: {Authorization: 'Bearer ' + process.env.TOKEN}})"
    ".then(async r => { await r.text(); console.log(r.status) })"
)
NODE_POST = (
    "fetch(process.env.URL, {method: 'POST', duplex: 'half', body: new Blob(['x'.repeat(300000)]).stream(),"
    " headers: {Authorization: 'Bearer ' + process.env.TOKEN}}).then(r => console.log(r.status))"
)
CURL = ("-sS", "--max-time", "30", "-o", os.devnull, "-w", "%{http_code}", "-H")


@pytest.mark.parametrize(
    "more", [(), ("-d", "x=1"), ("-T", "large"), ("--http1.0",), ("--http2",), ("--tls-max", "1.2")]
)
async def test_curl(more: Sequence[str], stage: Stage, tmp_path: Path) -> None:
    """curl: a form, an upload that waits for 100 Continue, HTTP/1.0, one that would rather have HTTP/2, TLS 1.2."""
    (tmp_path / "large").write_bytes(b"x" * 3_000_000)
    bearer = f"Authorization: Bearer {stage.word}"
    assert await run(stage, tmp_path, program("curl"), *CURL, bearer, *more, url(stage)) == b"200"
    demand_the_secret(stage)


async def test_python(stage: Stage, tmp_path: Path) -> None:
    """Python's urllib in a process of its own."""
    assert await run(stage, tmp_path, sys.executable, "-c", PYTHON) == b"200\n"
    demand_the_secret(stage)


@pytest.mark.parametrize("script", [NODE, NODE_POST], ids=["get", "post"])
async def test_node(script: str, stage: Stage, tmp_path: Path) -> None:
    """Node.js' fetch, with a body that is a stream as well."""
    assert await run(stage, tmp_path, program("node"), "-e", script) == b"200\n"
    demand_the_secret(stage)


async def test_npm(stage: Stage, tmp_path: Path) -> None:
    """npm, which may end before a connection of its own that it does not need any more is up."""
    npm = program("npm", always=False)
    await run(stage, tmp_path, npm, "ping", "--registry", f"https://{stage.authority_of_url}/")
    assert [each for each in stage.denied if "accept our certificate, or left" not in each] == []
    assert "/-/ping" in {seen["target"].partition("?")[0] for seen in stage.seen}


async def test_wget(stage: Stage, tmp_path: Path) -> None:
    """wget, whose TLS is GnuTLS on Debian, and which is told by an option."""
    options = (f"--ca-certificate={tmp_path / 'bundle.pem'}", f"--header=Authorization: Bearer {stage.word}")
    answer = await run(stage, tmp_path, program("wget"), "-qO-", "--no-hsts", "--timeout=30", *options, url(stage))
    assert json.loads(answer)["method"] == "GET"
    demand_the_secret(stage)


async def test_git(tmp_path: Path) -> None:
    """git, whose TLS is GnuTLS on Debian."""

    async def repository(stream: ByteStream) -> None:
        while True:
            head = await read_until(stream, b"\r\n\r\n")
            text = f"{COMMIT}\trefs/heads/main\n" if b"/info/refs" in head else "ref: refs/heads/main\n"
            answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(text)}\r\n\r\n{text}"
            await stream.send(answer.encode())

    async with staged(repository, scheme="https") as stage:
        address = f"https://{stage.authority_of_url}/repository.git"
        assert COMMIT.encode() in await run(stage, tmp_path, program("git"), "ls-remote", address)
    assert stage.denied == []


async def test_urllib(stage: Stage) -> None:
    """Python's urllib in this process."""
    request = urllib.request.Request(url(stage), headers={"Authorization": f"Bearer {stage.word}"})

    def fetch() -> int:
        with urllib.request.urlopen(request, context=stage.trust, timeout=30) as answer:
            return answer.status

    assert await to_thread.run_sync(fetch) == 200
    demand_the_secret(stage)


async def test_httpx2(stage: Stage) -> None:
    """httpx2, many requests at once."""
    bundle = await to_thread.run_sync(stage.authority.bundle)
    trust = ssl.create_default_context(cadata=bundle.decode("ascii", "ignore"))
    async with httpx2.AsyncClient(
        verify=trust, timeout=30, headers={"Authorization": f"Bearer {stage.word}"}
    ) as client:
        statuses: list[int] = []

        async def fetch() -> None:
            statuses.append((await client.get(url(stage))).status_code)

        for _ in range(2):
            async with anyio.create_task_group() as group:
                for _ in range(10):
                    group.start_soon(fetch)
    assert statuses == [200] * 20
    demand_the_secret(stage)


async def test_without_the_bundle(stage: Stage, tmp_path: Path) -> None:
    """A program that is not told of the bundle refuses our certificate, and that is said."""
    curl = program("curl")
    done = await anyio.run_process([curl, "-sS", url(stage)], env={"PATH": os.environ["PATH"]}, check=False)
    assert done.returncode == 60  # CURLE_PEER_FAILED_VERIFICATION
    assert ["did not accept our certificate" in each for each in stage.denied] == [True]
