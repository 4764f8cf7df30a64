"""Attempts on TLS that ends at the proxy, and on secrets that are put in there.

Where there is no proxy (the weak profile), what is sent goes straight to the audit's listeners.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import stat
from collections.abc import Callable, Iterator

from massgen_sandbox_docker.audit.probes.probe import Facts, attempt, main, parameters

_PROXY = ("127.0.0.1", 3128)
_TIME = 8.0
_SKIPPED = ("/proc", "/sys", "/usr", "/dev/pts", "/dev/mqueue")
_LARGEST = 16 * 1024 * 1024


@attempt("gate-tls-control")
def control() -> Facts:
    """What is allowed must pass, with the secret put in, or no refusal says anything."""
    token = os.environ.get("TOKEN", "")
    return _answers({"own": lambda: _said("own", _request("own", "gate-tls-control", token))})


@attempt("gate-other-control")
def other_control() -> Facts:
    """The same in the sandbox whose list has the other host."""
    return _answers({"other": lambda: _said("other", _request("other", "gate-other-control"))})


@attempt("gate-inspected-fronting")
def inspected_fronting() -> Facts:
    """TLS that greets an allowed host, and requests in it that are meant for another one."""
    word, allowed = "gate-inspected-fronting", _request("own", "allowed")
    hidden = f"GET /{word} HTTP/1.1\r\nHost: hidden.audit.test\r\n\r\n".encode()
    whole = f"GET https://hidden.audit.test/{word} HTTP/1.1\r\nHost: {_place('own')}\r\n\r\n".encode()
    twice = f"GET /{word} HTTP/1.1\r\nHost: {_place('own')}\r\nHost: hidden.audit.test\r\n\r\n".encode()
    return _answers(
        {
            "another Host": lambda: _said("own", hidden),
            "a whole address": lambda: _said("own", whole),
            "two hosts": lambda: _said("own", twice),
            "behind an allowed request": lambda: _said("own", allowed + hidden),
        }
    )


@attempt("gate-foreign-placeholder")
def foreign_placeholder() -> Facts:
    """The word that another sandbox has in place of its secret, in the header where this one's is replaced."""
    request = _request("own", "gate-foreign-placeholder", str(parameters()["foreign"]))
    return _answers({"own": lambda: _said("own", request)})


@attempt("gate-foreign-list")
def foreign_list() -> Facts:
    """A host that another sandbox may reach: by the proxy, by its name, at the addresses that gates listen at."""
    request = _request("other", "gate-foreign-list")
    ways = {"by its name": lambda: _said("other", request), "by the proxy": lambda: _tunnelled("other", request)}
    for address in ("127.0.0.2", "127.0.0.3"):
        ways[f"at {address}"] = lambda address=address: _said("other", request, address)
    return _answers(ways)


@attempt("gate-secret-inside")
def secret_inside() -> Facts:
    """Look for the value in files, environments, command lines and memory; it came here backwards, to find no echo."""
    word = str(parameters()["backwards"])[::-1].encode()
    places = [*_processes(word), *(path for path in _files() if word in _content(path))]
    return {"found": places[:10], "read": sum(any(_memory(pid)) for pid in _others())}


def _processes(word: bytes) -> Iterator[str]:
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("environ", "cmdline"):
            if word in _content(f"/proc/{pid}/{name}"):
                yield f"/proc/{pid}/{name}"
    for pid in _others():
        if any(word in piece for piece in _memory(pid)):
            yield f"the memory of process {pid}"


def _others() -> list[str]:
    return [pid for pid in os.listdir("/proc") if pid.isdigit() and int(pid) != os.getpid()]


def _memory(pid: str) -> Iterator[bytes]:
    """What a process has written to its memory, where the kernel lets another one of its user look."""
    with contextlib.suppress(OSError, ValueError), contextlib.ExitStack() as opened:
        lines = opened.enter_context(open(f"/proc/{pid}/maps"))
        memory = opened.enter_context(open(f"/proc/{pid}/mem", "rb", 0))
        for line in lines:
            first, last = (int(each, 16) for each in line.split()[0].split("-"))
            if line.split()[1].startswith("rw") and last - first <= _LARGEST:
                with contextlib.suppress(OSError, OverflowError):
                    memory.seek(first)
                    yield memory.read(last - first)


def _files() -> Iterator[str]:
    """Every file that is not the image's own program or library."""
    for folder, folders, names in os.walk("/"):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in _SKIPPED]
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    yield path


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


def _place(name: str) -> str:
    return f"{name}.audit.test:{parameters()[name]}"


def _request(name: str, word: str, token: str = "") -> bytes:
    held = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET /{word} HTTP/1.1\r\nHost: {_place(name)}\r\n{held}\r\n".encode()


def _answers(ways: dict[str, Callable[[], str]]) -> Facts:
    return {"answers": {name: _outcome(way) for name, way in ways.items()}}


def _outcome(way: Callable[[], str]) -> str:
    try:
        return way()
    except OSError as error:
        return type(error).__name__


def _said(name: str, data: bytes, address: str = "") -> str:
    detour = parameters().get("detour")
    place = (str(detour), int(parameters()[name])) if detour else (address or f"{name}.audit.test", _port(name))
    with socket.create_connection(place, timeout=_TIME) as connection:
        return _inside(connection, name, data)


def _tunnelled(name: str, data: bytes) -> str:
    if parameters().get("detour"):
        return _said(name, data)
    with socket.create_connection(_PROXY, timeout=_TIME) as connection:
        connection.sendall(f"CONNECT {_place(name)} HTTP/1.1\r\nHost: {_place(name)}\r\n\r\n".encode())
        answer = _line(connection.recv(4096))
        return _inside(connection, name, data) if answer.split()[1:2] == ["200"] else answer


def _inside(connection: socket.socket, name: str, data: bytes) -> str:
    """Greet a host in TLS, whoever answers, and say something; the first line of every answer."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(connection, server_hostname=f"{name}.audit.test") as inner:
        inner.sendall(data)
        return _line(inner.recv(4096))


def _port(name: str) -> int:
    return int(parameters()[name])


def _line(answer: bytes) -> str:
    line = answer.split(b"\r\n")[0].decode("ascii", "replace")
    return line[:120] if line.isprintable() else "bytes"


if __name__ == "__main__":
    main()
