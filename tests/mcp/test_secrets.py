"""Secrets on their way into a sandbox, and what a server that tells them can make known.

The backend runs processes of this host and hands secrets over in their environment; everything else is real.
"""

from __future__ import annotations

import json
import logging
import shlex
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
import structlog
from env_backend import EnvBackend, service_of

from massgen_core import PluginError, Runtime, Session, open_runtime
from massgen_core.errors import McpError

pytestmark = pytest.mark.anyio

VALUE = 'tok"en-\u00fc/1234567890'


@pytest.fixture
def backend() -> EnvBackend:
    return EnvBackend()


@pytest.fixture
def opened(backend: EnvBackend, make_plugin: Any, tmp_path: Path) -> Any:
    """Open a runtime with one server, which writes its audit log to `audit.jsonl`."""

    name, module = make_plugin("walls", massgen_sandboxes=lambda: [service_of(backend)])

    @asynccontextmanager
    async def open_server(
        report: Callable[[str], None] = lambda line: None, **settings: Any
    ) -> AsyncGenerator[Runtime]:
        toy = {"image": "telltale", "protocol": "legacy", "secrets": {"TOKEN": "file:token"}, **settings}
        path = tmp_path / "massgen.json"
        data = {"servers": {"toy": toy}, "audit": {"path": "audit.jsonl"}, "plugins": {name: {}}}
        await anyio.Path(path).write_text(json.dumps(data))
        with anyio.fail_after(60):
            async with open_runtime(path, plugins=[(name, module)], installed=False, report=report) as runtime:
                yield runtime

    return open_server


@pytest.fixture
def token(tmp_path: Path) -> Path:
    """The file that holds the secret."""
    path = tmp_path / "token"
    path.write_text(VALUE + "\n")
    path.chmod(0o600)
    return path


async def ask(session: Session, way: str) -> Any:
    return await session.call("toy_echo", {"text": way})


async def test_a_server_that_tells_its_secret_is_not_heard(
    opened: Any, token: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Results, errors, logs, progress lines, the audit log and lists of tools show three stars in its place."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []
    shown: dict[str, str] = {}
    with structlog.testing.capture_logs() as logs:
        async with opened(lines.append) as runtime, runtime.session() as session:
            for way in ("value", "text", "json", "structured", "escaped", "logged", "refused", "ended"):
                result = await ask(session, way)
                shown[way] = result.text + repr((result, result.structured, result.raw, result.meta))
            shown["tools"] = repr([(entry.name, entry.tool.description) for entry in session.tools])
    shown["audit"] = await anyio.Path(tmp_path / "audit.jsonl").read_text()
    shown["logs"], shown["lines"] = repr(logs), "\n".join(lines)
    shown["console"] = "".join(capfd.readouterr()) + caplog.text
    hidden = [VALUE, VALUE[:-3], json.dumps(VALUE)[1:-1], repr(VALUE)[1:-1]]
    assert [(way, value) for way, text in shown.items() for value in hidden if value in text] == []
    for way in ("value", "text", "json", "structured", "escaped", "refused", "ended", "tools", "logs", "lines"):
        assert "***" in shown[way], way
    assert "bad ***" in shown["lines"]


async def test_an_early_end_is_explained_without_the_secret(opened: Any, token: Path) -> None:
    """The error quotes the server's last words, with stars."""
    with pytest.raises(PluginError, match=r"(?s)no service takes \*\*\*") as caught:
        async with opened(args=["early"]):
            pass
    assert VALUE not in str(caught.value)


async def test_a_new_value_counts_from_the_next_start(opened: Any, backend: EnvBackend, token: Path) -> None:
    """Nothing is kept between starts; a secret that is away for a moment is waited for."""
    missed = anyio.Event()

    def report(line: str) -> None:
        if "cannot be read: No such file" in line:
            missed.set()

    file, away = anyio.Path(token), anyio.Path(token.with_name("away"))
    async with opened(report) as runtime, runtime.session() as session:
        await file.rename(away)
        assert (await ask(session, "ended")).is_error
        with anyio.fail_after(30):
            await missed.wait()
        await away.write_text("another-value-1")
        await away.rename(file)
        assert (await ask(session, "text")).text == "a *** b"
    assert [secret.value for spec in backend.started for secret in spec.secrets] == [VALUE, "another-value-1"]


async def test_what_is_missing_is_said_before_an_image_is_built(opened: Any, backend: EnvBackend) -> None:
    """All are read first; the error names the server, the key and the place."""
    words = r"servers\.toy\.secrets\.TOKEN: the file token cannot be read: No such file"
    with pytest.raises(PluginError, match=words):
        async with opened(image=None, package="uvx:telltale"):
            pass
    assert (backend.prepared, backend.started) == (0, [])


@pytest.mark.parametrize(("server", "times"), [({}, 1), ({"image": None, "package": "uvx:telltale==1"}, 2)])
async def test_a_password_manager_is_asked_once_for_each_start(
    opened: Any, token: Path, tmp_path: Path, server: dict[str, Any], times: int
) -> None:
    """Looking first whether a secret is there costs no second question; a proof is a start, too."""
    code = "print('asked', file=open('asked', 'a')); print(open('token').read())"
    command = f"command:{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    async with opened(secrets={"TOKEN": command}, **server):
        pass
    assert await anyio.Path(tmp_path / "asked").read_text() == "asked\n" * times


async def test_an_image_proves_itself_with_the_secrets_it_will_have(
    opened: Any, backend: EnvBackend, token: Path
) -> None:
    """A server without them might not come up."""
    async with opened(image=None, package="uvx:telltale==1"):
        pass
    assert [[secret.value for secret in spec.secrets] for spec in backend.started] == [[VALUE], [VALUE]]
    assert all(VALUE not in repr(spec) for spec in backend.started)


async def test_a_backend_gets_each_secret_as_the_network_wants_it(
    opened: Any, backend: EnvBackend, token: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A placeholder where hosts are listed, a variable where that is written out."""
    monkeypatch.setenv("TOY", "value-of-toy")
    secrets = {"TOKEN": "file:token", "PLAIN": {"from": "env:TOY", "as": "env"}}
    async with opened(secrets=secrets, network=["api.example.com"]):
        pass
    [spec] = backend.started
    assert [(secret.name, secret.use, secret.hosts) for secret in spec.secrets] == [
        ("TOKEN", "placeholder", ("api.example.com",)),
        ("PLAIN", "env", ()),
    ]
    assert spec.env == {}


async def test_a_value_that_no_header_holds_is_said_with_its_key(opened: Any, backend: EnvBackend, token: Path) -> None:
    """Where the proxy could not put it in, nothing starts; as a file it may have several lines."""
    await anyio.Path(token).write_text("first\nsecond")
    with pytest.raises(PluginError, match="servers.toy.secrets.TOKEN: the secret holds a line break") as caught:
        async with opened(network=["api.example.com"]):
            pass
    assert "first" not in str(caught.value)
    assert backend.started == []
    async with opened():
        assert len(backend.started) == 1


async def test_a_word_that_anybody_could_guess_breaks_nothing(opened: Any, token: Path) -> None:
    """A password of a test database is struck out of last words, but no tool's argument loses its name to it."""
    await anyio.Path(token).write_text("description")
    async with opened() as runtime, runtime.session() as session:
        assert (await ask(session, "text")).text == "a description b"
        result = await ask(session, "ended")
    assert isinstance(result.error.__cause__, McpError)
    assert "connecting with *** failed" in result.text
