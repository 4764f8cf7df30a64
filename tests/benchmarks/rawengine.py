"""The least that starts a server in a container over the Engine API: the yardstick for our own start."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Mapping, Sequence
from typing import Any

_API = "/v1.41"


class RawEngine:
    """Blocking calls over one Unix socket, with nothing checked and nothing cleaned up on errors."""

    def __init__(self, path: str) -> None:
        self._path = path

    def settings_of(self, container: str) -> dict[str, Any]:
        """The settings that a container was created with, as the engine tells them."""
        found = self._json("GET", f"/containers/{container}/json")
        config = {key: found["Config"][key] for key in _CONFIG_KEYS if key in found["Config"]}
        return {**config, "HostConfig": found["HostConfig"]}

    def first_result(self, settings: Mapping[str, Any], tool: str, arguments: Mapping[str, Any]) -> float:
        """Milliseconds from ``create`` to the first result of a tool."""
        started = time.perf_counter()
        container = self._json("POST", "/containers/create", settings)["Id"]
        stream = self._attach(container)
        self._json("POST", f"/containers/{container}/start")
        reader = _Frames(stream)
        stream.sendall(_line(1, "initialize", _HELLO))
        reader.line()
        stream.sendall(_line(None, "notifications/initialized", {}) + _line(2, "tools/list", {}))
        reader.line()
        stream.sendall(_line(3, "tools/call", {"name": tool, "arguments": dict(arguments)}))
        answer = json.loads(reader.line())
        taken = 1000 * (time.perf_counter() - started)
        stream.close()
        self.remove(container)
        if answer["result"].get("isError"):
            raise RuntimeError(str(answer))
        return taken

    def ready(self, settings: Mapping[str, Any]) -> str:
        """Start a container and wait for the first bytes of its output; returns its id."""
        container = str(self._json("POST", "/containers/create", settings)["Id"])
        stream = self._attach(container)
        self._json("POST", f"/containers/{container}/start")
        if not stream.recv(1):
            raise RuntimeError(f"{container} ended")
        stream.close()
        return container

    def remove(self, container: str) -> None:
        """Kill and remove it."""
        self._json("DELETE", f"/containers/{container}?force=true&v=true")

    def run(self, container: str, command: Sequence[str]) -> int:
        """Run a command by exec; returns the number of bytes of its output, frames' heads included."""
        options = {"Cmd": list(command), "AttachStdout": True, "AttachStderr": True}
        made = self._json("POST", f"/containers/{container}/exec", options)["Id"]
        connection = self._connection()
        body = json.dumps({"Detach": False, "Tty": False})
        connection.request("POST", f"{_API}/exec/{made}/start", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        count = 0
        while piece := answer.read1(1 << 20):
            count += len(piece)
        connection.close()
        while (shown := self._json("GET", f"/exec/{made}/json"))["Running"]:
            time.sleep(0.001)
        if shown["ExitCode"]:
            raise RuntimeError(f"{command} ended with {shown['ExitCode']}")
        return count

    def _connection(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("localhost")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self._path)
        return connection

    def _json(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = self._connection()
        content = json.dumps(body) if body is not None else None
        connection.request(method, _API + path, content, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text!r}")
        return json.loads(text) if text else None

    def _attach(self, container: str) -> socket.socket:
        stream = socket.socket(socket.AF_UNIX)
        stream.connect(self._path)
        path = f"{_API}/containers/{container}/attach?stream=1&stdin=1&stdout=1&stderr=1"
        headers = ("Host: docker", "Connection: Upgrade", "Upgrade: tcp", "Content-Length: 0")
        stream.sendall("\r\n".join([f"POST {path} HTTP/1.1", *headers, "", ""]).encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += stream.recv(1)
        return stream


_CONFIG_KEYS = (
    *("User", "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce", "Env", "Cmd", "Image"),
    *("WorkingDir", "Entrypoint", "StopTimeout"),
)
_HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "raw", "version": "1"}}


class _Frames:
    """Lines of stdout out of the multiplexed stream."""

    def __init__(self, stream: socket.socket) -> None:
        self._file = stream.makefile("rb")
        self._rest = b""

    def line(self) -> bytes:
        while b"\n" not in self._rest:
            head = self._file.read(8)
            data = self._file.read(int.from_bytes(head[4:], "big"))
            self._rest += data if head[0] == 1 else b""
        line, _, self._rest = self._rest.partition(b"\n")
        return line


def _line(request: int | None, method: str, params: Mapping[str, Any]) -> bytes:
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    return json.dumps(message if request is None else {**message, "id": request}).encode() + b"\n"
