"""What the templates' servers talk to, on this machine: a site, and a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import SSLContext
from tempfile import TemporaryDirectory
from threading import Thread

from massgen_core.egress.authority import Authority

PAGE = "<!doctype html><title>{host}</title><article><h1>Opening hours</h1><p>Nine to five, {path}</p></article>"
_PROGRAMS = Path("/usr/lib/postgresql")


@dataclass(slots=True, kw_only=True)
class Site:
    """A web site: where it is, whom to trust for it, the hosts and paths that were asked for."""

    port: int
    ca: bytes = b""
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


@contextmanager
def site(host: str, *, tls: bool) -> Generator[Site]:
    """Serve pages on loopback, over TLS with a certificate of an authority that nobody else knows."""
    authority = Authority([host]) if tls else None
    context = authority.server_context(host) if authority else None
    server = _Server(("127.0.0.1", 0), _Pages, context)
    found = Site(port=server.server_port, ca=authority.certificate_pem if authority else b"")
    server.site = found
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    site: Site

    def __init__(
        self, address: tuple[str, int], pages: type[BaseHTTPRequestHandler], context: SSLContext | None
    ) -> None:
        super().__init__(address, pages)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        host = (self.headers.get("Host") or "").partition(":")[0]
        assert isinstance(self.server, _Server)
        self.server.site.asked.append((host, self.path))
        missing = self.path in ("/robots.txt", "/favicon.ico")
        data = PAGE.format(host=host, path=self.path).encode()
        self.send_response(404 if missing else 200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    """A running PostgreSQL: its port, its programs, the account that it belongs to."""

    port: int
    programs: Path
    socket: Path
    account: str | None

    def sql(self, text: str, database: str = "postgres") -> str:
        """Run SQL as its superuser, through its socket."""
        command = [self.programs / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-p", str(self.port)]
        return _run([*command, "-U", "postgres", "-d", database, "-c", text], self.account)


def postgres_programs() -> Path | None:
    """The folder of the newest server's programs, which Debian keeps out of PATH."""
    found = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


@contextmanager
def postgres(programs: Path) -> Generator[Postgres]:
    """Start one on loopback, with TLS and passwords; it refuses to run as root, so there it gets its own account."""
    account = "postgres" if os.geteuid() == 0 else None
    with TemporaryDirectory(prefix="massgen-postgres-") as name:  # a session's folders are closed to other accounts
        if account:
            shutil.chown(name, account, account)
        with _cluster(programs, Path(name), account) as found:
            yield found


@contextmanager
def _cluster(programs: Path, folder: Path, account: str | None) -> Generator[Postgres]:
    data, port = folder / "data", _free_port()
    _run([programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"], account)
    (data / "pg_hba.conf").write_text("local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n")
    _certify(data, account)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c ssl=on -c fsync=off"
    pg_ctl = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    _run([*pg_ctl, "-o", options, "start"], account)
    try:
        yield Postgres(port=port, programs=programs, socket=folder, account=account)
    finally:
        _run([*pg_ctl, "-m", "immediate", "stop"], account)


def _certify(data: Path, account: str | None) -> None:
    """A certificate of its own, which `sslmode=require` does not verify."""
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=db.example.com"]
    _run([*command, "-keyout", data / "server.key", "-out", data / "server.crt"], account)
    (data / "server.key").chmod(0o600)


def _run(command: Sequence[str | Path], account: str | None) -> str:
    """Run a program as an account; its output goes to files, since a server that it leaves behind would hold a pipe."""
    done = subprocess.run(
        [str(word) for word in command],
        **({"user": account, "group": account, "extra_groups": []} if account else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
