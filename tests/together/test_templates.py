"""The templates of `massgen-core init`: each is started as it stands, and its server does its main job."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from template_hosts import Postgres, Site, postgres, postgres_programs, site

import massgen_core
from massgen_core.cli.templates import templates

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(900)]

MANDATORY = "MASSGEN_REQUIRE_DOCKER" in os.environ
OWNER = 1000
WRITES_A_FOLDER = {"host folders", "disk limit"}
ON_LOOPBACK = 'private = ["127.0.0.1/32"], hosts = { "www.example.com" = "127.0.0.1" }'
UNSEEN = {"capabilities, seen inside"}  # older gVisor does not show the ambient set


def shared(path: Path) -> Path:
    """A folder that a sandbox may be given: an ordinary user's, since none runs as root."""
    path.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        for each in (path, *path.rglob("*")):
            os.chown(each, OWNER, OWNER)
    return path


@asynccontextmanager
async def started(
    folder: Path, name: str, *, replacing: dict[str, str] | None = None, adding: str = ""
) -> AsyncGenerator[massgen_core.Session]:
    """Start a template; its example hosts are replaced by ours, word for word, and settings of ours stand below it."""
    text = templates()[name]
    for old, new in (replacing or {}).items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    config = folder / "massgen.toml"
    config.write_text(text + adding, encoding="utf-8")
    async with massgen_core.open_runtime(config) as runtime, runtime.session() as session:
        await check_hardened(runtime)
        yield session


async def check_hardened(runtime: massgen_core.Runtime) -> None:
    """No template loosens the profile: what is not held is the machine's own."""
    [sandbox] = runtime.service(massgen_core.SandboxBackend, "docker").sandboxes
    isolation = await sandbox.inspect()
    missing = {finding.name for finding in isolation.findings if not finding.ok}
    assert missing <= {"mandatory access control", "user namespace", "swap limit"} | WRITES_A_FOLDER | UNSEEN
    assert isolation.limits["root"] == "read-only"
    assert isolation.limits["network"] != "open"


@pytest.fixture(params=[False, True], ids=["runc", "runsc"])
async def wall(request: pytest.FixtureRequest) -> dict[str, str]:
    """What to replace in a template that names a stronger wall: nothing, or the line that is commented out."""
    if not request.param:
        return {}
    async with connect(DockerConfig()) as engine:
        if "runsc" not in (await engine.info())["Runtimes"]:
            (pytest.fail if MANDATORY else pytest.skip)("the engine has no runtime runsc: apt-get install runsc")
    return {'# runtime = "runsc"': 'runtime = "runsc"'}


async def answer(session: massgen_core.Session, tool: str, **arguments: Any) -> str:
    return (await session.call(tool, arguments)).raise_for_error().text


async def test_filesystem(tmp_path: Path) -> None:
    """A file that the server writes stands in the folder of the host, and belongs to that folder's owner."""
    files = shared(tmp_path / "files")
    async with started(tmp_path, "filesystem") as session:
        await answer(session, "files_write_file", path="/workspace/note.txt", content="from inside\n")
        assert "[FILE] note.txt" in await answer(session, "files_list_directory", path="/workspace")
        assert (await session.call("files_read_text_file", {"path": "/etc/passwd"})).is_error
    assert (files / "note.txt").read_text() == "from inside\n"
    assert (files / "note.txt").stat().st_uid == files.stat().st_uid


async def test_git(tmp_path: Path) -> None:
    """The log and a diff of a clone are read; nothing that would change it is offered, or could be done."""
    clone = tmp_path / "repository"
    git(tmp_path, "init", "-q", "-b", "main", str(clone))
    (clone / "a.txt").write_text("one\n")
    git(clone, "add", "a.txt")
    git(clone, "commit", "-q", "-m", "The first line")
    (clone / "a.txt").write_text("one\ntwo\n")
    before = sorted(path.name for path in (clone / ".git").rglob("*"))
    async with started(tmp_path, "git") as session:
        assert "The first line" in await answer(session, "git_git_log", repo_path="/workspace")
        assert "+two" in await answer(session, "git_git_diff_unstaged", repo_path="/workspace")
        assert "a.txt" in await answer(session, "git_git_status", repo_path="/workspace")
        assert not {"git_git_add", "git_git_commit"} & {entry.name for entry in session.tools}
    assert sorted(path.name for path in (clone / ".git").rglob("*")) == before


def git(folder: Path, *arguments: str) -> None:
    author = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True)


async def test_sqlite(tmp_path: Path) -> None:
    """A table that the server makes is in the file on the host."""
    shared(tmp_path / "data")
    async with started(tmp_path, "sqlite") as session:
        await answer(session, "sqlite_create_table", query="CREATE TABLE notes (text TEXT)")
        await answer(session, "sqlite_write_query", query="INSERT INTO notes VALUES ('kept')")
        assert "kept" in await answer(session, "sqlite_read_query", query="SELECT text FROM notes")
    with closing(sqlite3.connect(tmp_path / "data" / "notes.db")) as database:
        assert database.execute("SELECT text FROM notes").fetchall() == [("kept",)]


async def test_python(tmp_path: Path, wall: dict[str, str]) -> None:
    """Code runs, with what the template lists beside it; variables stay; there is no way out and no way to stay."""
    async with started(tmp_path, "python", replacing=wall) as session:
        first = json.loads(await run(session, "import numpy; x = numpy.arange(7)"))
        again = json.loads(await run(session, "print(x.sum())", session_id=first["session_id"]))
        assert again["stdout"] == "21\n"
        assert "Read-only file system" in await run(session, "open('/opt/mcp/x', 'w')")
        code = "import socket; socket.create_connection(('192.0.2.1', 80), 5)"
        assert json.loads(await run(session, code))["error_type"] == "OSError"  # each kernel has its own words
        assert "python_repl_install_package" not in {entry.name for entry in session.tools}


async def run(session: massgen_core.Session, code: str, **more: str) -> str:
    return (await session.call("python_repl_run_code", {"params": {"code": code, **more}})).text


@pytest.fixture
def docs_site(tmp_path: Path) -> Generator[Site]:
    with site("docs.example.com", tls=True) as found:
        (tmp_path / "ca.pem").write_bytes(found.ca)
        yield found


async def test_fetch(tmp_path: Path, docs_site: Site) -> None:
    """A page of the listed host arrives as text, over TLS that is verified; any other host is refused by the proxy."""
    hosts = 'private = ["127.0.0.1/32"]\nhosts = { "docs.example.com" = "127.0.0.1" }\n'
    ours = f'[plugins.sandbox-docker]\nca_file = "{tmp_path}/ca.pem"\n'
    port = f"docs.example.com:{docs_site.port}"
    async with started(tmp_path, "fetch", replacing={"docs.example.com:443": port}, adding=hosts + ours) as session:
        text = await answer(session, "fetch_fetch", url=f"https://{port}/hours")
        assert "Nine to five, /hours" in text
        other = await session.call("fetch_fetch", {"url": f"https://other.example.com:{docs_site.port}/"})
        assert other.is_error
    assert docs_site.asked == [("docs.example.com", "/robots.txt"), ("docs.example.com", "/hours")]


@pytest.fixture
def database() -> Generator[Postgres]:
    programs = postgres_programs()
    if programs is None:
        (pytest.fail if MANDATORY else pytest.skip)("PostgreSQL is not installed: apt-get install postgresql")
    with postgres(programs) as found:
        yield found


async def test_postgres(tmp_path: Path, database: Postgres) -> None:
    """A query is answered by a real PostgreSQL, over TLS, with a password that is in no variable and no address."""
    database.sql("CREATE ROLE reader LOGIN PASSWORD 'open-sesame-42'")
    database.sql("CREATE DATABASE shop")
    database.sql(
        "CREATE TABLE orders (item text); INSERT INTO orders VALUES ('tea'); GRANT SELECT ON orders TO reader", "shop"
    )
    (tmp_path / "pgpass").write_text(f"db.example.com:{database.port}:shop:reader:open-sesame-42\n")
    (tmp_path / "pgpass").chmod(0o600)
    rule = f"tcp://db.example.com:{database.port}"
    network = f'{{ allow = ["{rule}"], private = ["127.0.0.1/32"], hosts = {{ "db.example.com" = "127.0.0.1" }} }}'
    ours = {
        '["tcp://db.example.com:5432"]': network,
        "reader@db.example.com:5432": f"reader@db.example.com:{database.port}",
    }
    async with started(tmp_path, "postgres", replacing=ours) as session:
        assert "orders" in await answer(session, "postgres_all_table_names")
        assert "tea" in await query(session, "SELECT item FROM orders")
        assert "permission denied" in await query(session, "DELETE FROM orders")
        assert "ssl: True" in await query(session, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")


async def query(session: massgen_core.Session, sql: str) -> str:
    return await answer(session, "postgres_execute_query", query=sql, params={})


async def test_playwright(tmp_path: Path, wall: dict[str, str]) -> None:
    """A page of the listed host is opened in Chromium and read; another host's is not."""
    with site("www.example.com", tls=False) as found:
        rule = f"http://www.example.com:{found.port}"
        network = f'{{ allow = ["{rule}"], {ON_LOOPBACK} }}'
        async with started(tmp_path, "playwright", replacing={'["www.example.com:443"]': network, **wall}) as session:
            await answer(session, "browser_browser_navigate", url=f"{rule}/hours")
            assert "Nine to five, /hours" in await answer(session, "browser_browser_snapshot")
            other = await session.call("browser_browser_navigate", {"url": f"http://other.example.com:{found.port}/"})
            assert "Nine to five" not in other.text
            screenshot = await session.call("browser_browser_take_screenshot", {"type": "png", "scale": "css"})
            assert any(isinstance(part, massgen_core.Image) for part in screenshot.content)
    assert ("www.example.com", "/hours") in found.asked
    assert {host for host, _ in found.asked} == {"www.example.com"}


async def test_playwright_over_tls(tmp_path: Path) -> None:
    """What Chromium greets a TLS server with names the host that is listed, and its connection is let through."""
    with site("www.example.com", tls=True) as found:
        network = f'{{ allow = ["www.example.com:{found.port}"], {ON_LOOPBACK} }}'
        ours = {'["www.example.com:443"]': network, '"--headless",': '"--headless", "--ignore-https-errors",'}
        async with started(tmp_path, "playwright", replacing=ours) as session:
            await answer(session, "browser_browser_navigate", url=f"https://www.example.com:{found.port}/hours")
            assert "Nine to five, /hours" in await answer(session, "browser_browser_snapshot")
    assert {host for host, _ in found.asked} == {"www.example.com"}
