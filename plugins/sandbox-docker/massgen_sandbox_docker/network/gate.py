"""The gate: carries connections from a closed network over stdin and stdout, and writes a sandbox's private files.

Run as a script by ``python3 -I -S``, inside a container, so it imports nothing but the standard library. It decides
nothing: every connection is opened, allowed or refused on the other side of its stdout.

A frame is a type (1 byte), a connection's number (4) and the length of what follows (4, big-endian):

==  ======  ==================================================================================================
S   to us   the set-up, JSON: files to write, addresses to listen on; nothing else comes before it
R   from    ready, JSON: what this network looks like from inside, and what could not be done
O   from    a connection came in; the index of the address (2 bytes)
D   both    bytes; a side sends no more than it was credited
E   both    no more bytes will come from this side
X   both    the connection is over
C   both    credit: so many bytes more may be sent (4 bytes); a connection begins with `WINDOW`
==  ======  ==================================================================================================
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import struct
import sys

TYPE_CHECKING = False  # typing itself would cost a good part of the start-up time
if TYPE_CHECKING:
    from typing import Any

HEAD = struct.Struct(">cII")
WINDOW = 128 * 1024
PIECE = 32 * 1024
MOST_CONNECTIONS = 128

_MOST_UNSENT = 512 * 1024
_SIOCGIFFLAGS = 0x8913
_IFF_UP = 1


class Connection:
    """One accepted connection: what waits to be written to it, and how much of it may be sent on."""

    def __init__(self, number: int, sock: socket.socket) -> None:
        self.number = number
        self.sock = sock
        self.waiting = bytearray()
        self.credit = WINDOW
        self.reads = True
        self.ends = False


class Gate:
    """The loop over stdin, stdout, the listening addresses and their connections."""

    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.connections: dict[int, Connection] = {}
        self.listeners: list[socket.socket] = []
        self.incoming = bytearray()
        self.unsent = bytearray()
        self.number = 0
        for descriptor in (0, 1):
            os.set_blocking(descriptor, False)
        self.selector.register(0, selectors.EVENT_READ, self.read_frames)

    def run(self) -> None:
        """Go on until stdin ends."""
        while True:
            for key, events in self.selector.select():
                if isinstance(key.data, Connection):
                    self.serve(key.data, events)
                else:
                    key.data()
            self.flush()

    # Frames

    def read_frames(self) -> None:
        try:
            data = os.read(0, 256 * 1024)
        except BlockingIOError:
            return
        if not data:
            raise SystemExit
        self.incoming += data
        while len(self.incoming) >= HEAD.size:
            kind, number, length = HEAD.unpack_from(self.incoming)
            if len(self.incoming) < HEAD.size + length:
                return
            body = bytes(self.incoming[HEAD.size : HEAD.size + length])
            del self.incoming[: HEAD.size + length]
            self.take(kind, number, body)

    def take(self, kind: bytes, number: int, body: bytes) -> None:
        if kind == b"S":
            self.set_up(json.loads(body))
            return
        connection = self.connections.get(number)
        if connection is None:
            return  # it ended while this was on its way
        if kind == b"D":
            connection.waiting += body
        elif kind == b"E":
            connection.ends = True
        elif kind == b"C":
            connection.credit += struct.unpack(">I", body)[0]
        else:
            self.close(connection)
            return
        self.serve(connection, selectors.EVENT_WRITE)

    def send(self, kind: bytes, number: int, body: bytes = b"") -> None:
        self.unsent += HEAD.pack(kind, number, len(body)) + body
        self.flush()

    def flush(self) -> None:
        full = len(self.unsent) >= _MOST_UNSENT
        while self.unsent:
            try:
                written = os.write(1, self.unsent[: 64 * 1024])
            except BlockingIOError:
                break
            del self.unsent[:written]
        self.wait_for_stdout(bool(self.unsent))
        if full and len(self.unsent) < _MOST_UNSENT:
            for connection in list(self.connections.values()):
                self.watch(connection)

    def wait_for_stdout(self, wanted: bool) -> None:
        known = 1 in self.selector.get_map()
        if wanted and not known:
            self.selector.register(1, selectors.EVENT_WRITE, self.flush)
        elif known and not wanted:
            self.selector.unregister(1)

    # Set-up

    def set_up(self, task: dict[str, Any]) -> None:
        problems: list[str] = []
        for file in task["files"]:
            try:
                write_file(file)
            except OSError as error:
                problems.append(f"{file['path']}: {error.strerror}")
        for index, (host, port) in enumerate(task["listen"]):
            try:
                self.listen(index, host, port)
            except OSError as error:
                problems.append(f"{host}:{port}: {error.strerror}")
        self.send(b"R", 0, json.dumps({"problems": problems, **look_around()}).encode())

    def listen(self, index: int, host: str, port: int) -> None:
        listener = socket.create_server((host, port), backlog=MOST_CONNECTIONS)
        listener.setblocking(False)
        self.listeners.append(listener)
        self.selector.register(listener, selectors.EVENT_READ, lambda: self.accept(index, listener))

    # Connections

    def accept(self, index: int, listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        if len(self.connections) >= MOST_CONNECTIONS:
            sock.close()
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number += 1
        connection = self.connections[self.number] = Connection(self.number, sock)
        self.selector.register(sock, selectors.EVENT_READ, connection)
        self.send(b"O", self.number, struct.pack(">H", index))

    def serve(self, connection: Connection, events: int) -> None:
        if connection.number not in self.connections:
            return  # closed by a frame that came with the same event
        try:
            if events & selectors.EVENT_READ:
                self.receive(connection)
            self.write(connection)
        except BlockingIOError:
            pass
        except OSError:
            self.drop(connection)
            return
        self.watch(connection)

    def receive(self, connection: Connection) -> None:
        if not connection.reads or not connection.credit or len(self.unsent) >= _MOST_UNSENT:
            return
        data = connection.sock.recv(min(PIECE, connection.credit))
        connection.credit -= len(data)
        connection.reads = bool(data)
        self.send(b"D" if data else b"E", connection.number, data)

    def write(self, connection: Connection) -> None:
        if connection.waiting:
            written = connection.sock.send(connection.waiting)
            del connection.waiting[:written]
            self.send(b"C", connection.number, struct.pack(">I", written))
        if connection.ends and not connection.waiting:
            connection.ends = False
            connection.sock.shutdown(socket.SHUT_WR)

    def watch(self, connection: Connection) -> None:
        """Wait for what can be done for a connection now."""
        if connection.number not in self.connections:
            return
        can_read = connection.reads and connection.credit and len(self.unsent) < _MOST_UNSENT
        wanted = (selectors.EVENT_READ if can_read else 0) | (selectors.EVENT_WRITE if connection.waiting else 0)
        known = connection.sock in self.selector.get_map()
        if not wanted:
            if known:
                self.selector.unregister(connection.sock)
        elif known:
            self.selector.modify(connection.sock, wanted, connection)
        else:
            self.selector.register(connection.sock, wanted, connection)

    def drop(self, connection: Connection) -> None:
        self.send(b"X", connection.number)
        self.close(connection)

    def close(self, connection: Connection) -> None:
        del self.connections[connection.number]
        if connection.sock in self.selector.get_map():
            self.selector.unregister(connection.sock)
        connection.sock.close()


def write_file(file: dict[str, Any]) -> None:
    """Write a private file; it has its mode before it has its content."""
    descriptor = os.open(file["path"], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, file["mode"])
    with open(descriptor, "wb") as target:
        os.fchmod(descriptor, file["mode"])
        target.write(base64.b64decode(file["content"]))


def look_around() -> dict[str, Any]:
    """What this network holds: interfaces that are up, routes of IPv4, addresses of IPv6."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        up: list[str] = []
        for _, name in socket.if_nameindex():
            answer = fcntl.ioctl(probe, _SIOCGIFFLAGS, struct.pack("16sH14x", name.encode(), 0))
            if struct.unpack_from("H", answer, 16)[0] & _IFF_UP:
                up.append(name)
    routes = [line.split()[:3] for line in read_lines("/proc/net/route")[1:]]
    addresses = [line.split()[0] for line in read_lines("/proc/net/if_inet6")]
    return {"interfaces": up, "routes": routes, "addresses": addresses}


def read_lines(path: str) -> list[str]:
    """The lines of a file; none where IPv6, say, is not there at all."""
    try:
        with open(path) as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    try:
        Gate().run()
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(1)
