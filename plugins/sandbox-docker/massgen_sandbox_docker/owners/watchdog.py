"""A small process that outlives its owner and removes the owner's containers when the owner was killed.

Run as a script by ``python -I -S``, so it imports nothing but the standard library, and the network part of that only
when it is needed. Its stdin is a pipe from the owner: the first line is JSON with the engine's address and the
owner's id; ``done`` ends it without a trace; the end of the pipe, or another parent, means that the owner died.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import time

TYPE_CHECKING = False  # typing itself would cost half of the start-up time
if TYPE_CHECKING:
    from http.client import HTTPConnection
    from ssl import SSLContext
    from typing import Any

_LOOK = 2.0
_ROUNDS = 60
_PAUSE = 1.0


def main() -> None:
    """Wait for the owner's end; clean up after it if it did not say goodbye."""
    parent = os.getppid()
    pipe = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - unbuffered, or it would swallow the goodbye
    task = json.loads(pipe.readline() or b"{}")
    if not task or _said_goodbye(parent):
        return
    time.sleep(task["lease"])
    for _ in range(_ROUNDS):
        try:
            left = _sweep(task)
        except _trouble():  # the engine is away for a moment, or has broken off in the middle of an answer
            left = True
        if not left:
            return
        time.sleep(_PAUSE)


def _said_goodbye(parent: int) -> bool:
    """Block until the owner is done (true) or dead (false).

    A child that the owner forked may hold the pipe open after the owner's death, hence the look at the parent.
    """
    while True:
        ready, _, _ = select.select([0], [], [], _LOOK)
        if ready:
            return os.read(0, 64).startswith(b"done")
        if os.getppid() != parent:
            return False


def _sweep(task: dict[str, Any]) -> bool:
    """Remove the owner's containers; true while some were found, so that one in the making is seen next time."""
    from urllib.parse import quote

    filters = quote(json.dumps({"label": [task["label"]]}))
    status, body = _request(task, "GET", f"/containers/json?all=1&filters={filters}")
    if status != 200:
        return True
    found = [each for each in json.loads(body) if _is_owned(each, task)]
    for container in found:
        with contextlib.suppress(*_trouble()):  # one that cannot be removed does not keep the others
            _request(task, "DELETE", f"/containers/{container['Id']}?force=1&v=1")
    return bool(found)


def _is_owned(container: dict[str, Any], task: dict[str, Any]) -> bool:
    """By its labels, or by its name where it was handed over; also one whose new owner died in that moment."""
    labels: dict[str, Any] = container.get("Labels") or {}
    made_by_owner = labels.get(task["label"]) == task["owner"]
    words = str((container.get("Names") or [""])[0]).rpartition(".at.")[2].split(".")
    if len(words) != 3:
        return made_by_owner
    return words[0] == task["owner"] or (made_by_owner and not _is_alive(words[1], words[2]))


def _is_alive(pid: str, start: str) -> bool:
    """Whether a process of that number and start time (proc(5), field 22) runs; true where that cannot be told."""
    if not os.path.exists("/proc/self/stat"):
        return True
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[0] not in ("Z", "X") and fields[19] == start


def _trouble() -> tuple[type[Exception], ...]:
    """What an engine that is away, or answers nonsense, comes to."""
    from http.client import HTTPException

    return (OSError, ValueError, KeyError, TypeError, HTTPException)


def _request(task: dict[str, Any], method: str, path: str) -> tuple[int, bytes]:
    connection = _connection(task)
    try:
        connection.request(method, f"/v{task['api']}{path}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _connection(task: dict[str, Any]) -> HTTPConnection:
    import http.client
    import socket

    if not task["socket"]:
        if not task["tls"]:
            return http.client.HTTPConnection(task["host"], task["port"], timeout=30)
        return http.client.HTTPSConnection(task["host"], task["port"], timeout=30, context=_tls(task["tls"]))

    class UnixConnection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(30)
            self.sock.connect(task["socket"])

    return UnixConnection("docker")


def _tls(files: dict[str, Any]) -> SSLContext:
    import ssl

    context = ssl.create_default_context(cafile=files["ca"])
    if not files["verify"]:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if files["cert"] and files["key"]:
        context.load_cert_chain(files["cert"], files["key"])
    return context


if __name__ == "__main__":
    main()
