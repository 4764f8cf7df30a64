"""Programs that people use, through the proxy: they arrive, or they show what they were told."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx2
import pytest
from anyio import to_thread
from anyio.abc import ByteStream
from ways_out import serving, serving_tls, trusting, way_out

from massgen_core.egress.authority import Authority

pytestmark = pytest.mark.anyio
SENTENCE = 'egress denied: evil.test:443 is not on the list; `network.allow` with "evil.test:443" would allow it'


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


async def pages(stream: ByteStream) -> None:
    """Answer every request with a page."""
    async with stream:
        got = b""
        async for piece in stream:
            got += piece
            if b"\r\n\r\n" in got:
                got = b""
                await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage")


@asynccontextmanager
async def proxied(authority: Authority) -> AsyncGenerator[tuple[str, int, int]]:
    """The address of a proxy that allows good.test, and the ports where that speaks HTTPS and HTTP."""
    async with (
        serving_tls(pages, authority, "good.test") as https,
        serving(pages) as http,
        way_out(f"good.test:{https}", f"http://good.test:{http}", hosts={"good.test": "127.0.0.1"}) as way,
        serving(way.egress.serve_proxy) as proxy,
    ):
        yield f"http://127.0.0.1:{proxy}", https, http


async def test_httpx(authority: Authority) -> None:
    """httpx reaches what is allowed, and its error shows the sentence for what is not."""
    verify = await to_thread.run_sync(trusting, authority)
    async with (
        proxied(authority) as (proxy, https, http),
        httpx2.AsyncClient(proxy=proxy, verify=verify, trust_env=False) as client,
    ):
        for address in (f"https://good.test:{https}/", f"http://good.test:{http}/"):
            for _ in range(2):
                assert (await client.get(address)).text == "page"
        with pytest.raises(httpx2.ProxyError) as caught:
            await client.get("https://evil.test/")
        assert str(caught.value) == f"403 {SENTENCE}"
        answer = await client.get("http://evil.test/")
        assert answer.status_code == 403
        assert answer.text.startswith("egress denied: evil.test:80 is not on the list")


async def test_urllib(authority: Authority) -> None:
    """So does Python's own client."""

    def get(address: str, context: ssl.SSLContext, proxy: str) -> bytes:
        handlers = (
            urllib.request.ProxyHandler({"http": proxy, "https": proxy}),
            urllib.request.HTTPSHandler(context=context),
        )
        with urllib.request.build_opener(*handlers).open(address) as answer:
            return answer.read()

    async with proxied(authority) as (proxy, https, http):
        context = await to_thread.run_sync(trusting, authority)
        for address in (f"https://good.test:{https}/", f"http://good.test:{http}/"):
            assert await to_thread.run_sync(get, address, context, proxy) == b"page"
        with pytest.raises(urllib.error.URLError) as caught:
            await to_thread.run_sync(get, "https://evil.test/", context, proxy)
        assert SENTENCE in str(caught.value)


async def test_curl(authority: Authority, tmp_path: Path) -> None:
    """So does curl, which shows the sentence when it is asked to show what it is told."""
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")
    roots = tmp_path / "roots.pem"
    await anyio.Path(roots).write_bytes(authority.certificate_pem)
    async with proxied(authority) as (proxy, https, http):

        async def run(address: str) -> subprocess.CompletedProcess[bytes]:
            command = [curl, "-sSv", "--cacert", str(roots), "--proxy", proxy, address]
            return await anyio.run_process(command, check=False, env={})

        for address in (f"https://good.test:{https}/", f"http://good.test:{http}/"):
            assert (await run(address)).stdout == b"page"
        refused = await run("https://evil.test/")
        assert refused.returncode != 0
        assert SENTENCE.encode() in refused.stderr
