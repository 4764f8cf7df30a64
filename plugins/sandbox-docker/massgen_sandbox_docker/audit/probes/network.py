"""Attempts to get out of the network: directly, by names, by other protocols, to other sandboxes.

Nothing is sent to anybody but the audit's own listeners on this host. Whether there is a way to other addresses is
asked of the kernel alone: to connect a datagram socket sends nothing, and fails where there is no route.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Sequence

from massgen_sandbox_docker.audit.probes.probe import Facts, Unable, attempt, main, parameters, read, tries, trying

_TIME = 2.0
_SIOCSIFADDR = 0x8916
_METADATA = (("169.254.169.254", 80), ("100.100.100.200", 80), ("fd00:ec2::254", 80))


@attempt("interfaces")
def interfaces() -> Facts:
    names = [line.partition(":")[0].strip() for line in read("/proc/net/dev", 65536).splitlines()[2:]]
    return {"found": sorted({*names, *(name for _, name in socket.if_nameindex())} - {"lo"})}


@attempt("routes")
def routes() -> Facts:
    lines = [line.split() for line in read("/proc/net/route", 65536).splitlines()[1:]]
    found = [f"{words[0]} {words[1]}" for words in lines if words and words[0] != "lo"]
    lines = [line.split() for line in read("/proc/net/ipv6_route", 65536).splitlines()]
    return {"found": found + [words[0] for words in lines if words and words[-1] != "lo"]}


@attempt("host-directly")
def host_directly() -> Facts:
    return tries({f"TCP to {address}:{port}": _spoken(address, port) for address, port in _listeners()})


@attempt("datagrams")
def datagrams() -> Facts:
    """Names full of data, as a tunnel through DNS sends them, to the audit's own listener."""
    query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + (b"\x3f" + b"a" * 63) * 3 + b"\x00\x00\x10\x00\x01"
    return tries({f"UDP to {address}:{port}": _sent(address, port, query) for address, port in _listeners()})


def _listeners() -> Sequence[tuple[str, int]]:
    found = [(str(address), int(port)) for address, port in parameters().get("listeners", ())]
    if not found:
        raise Unable("the engine is on another machine, where the audit has no listener")
    return found


def _spoken(address: str, port: int) -> str:
    return trying(lambda: _speak(address, port))


def _speak(address: str, port: int) -> None:
    with socket.create_connection((address, port), timeout=_TIME) as connection:
        connection.sendall(b"from inside\n")
        connection.recv(16)


def _sent(address: str, port: int, data: bytes) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as connection:
        return trying(lambda: connection.sendto(data, (address, port)))


@attempt("metadata")
def metadata() -> Facts:
    """Where clouds tell a machine its secrets."""
    return tries({f"way to {address}": _way(address, port) for address, port in _METADATA})


@attempt("internet")
def internet() -> Facts:
    """Addresses that are set aside for documentation: the way there is the way to anywhere."""
    places = ("192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "10.0.0.1", "172.17.0.1", "192.168.0.1")
    return tries({f"way to {address}": _way(address, 443) for address in places})


def _way(address: str, port: int) -> str:
    """Whether the kernel knows a way; it sends nothing to find out."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as connection:
            return trying(lambda: connection.connect((address, port)))
    except OSError:
        return "EAFNOSUPPORT"


@attempt("name-servers")
def name_servers() -> Facts:
    """The name servers that the sandbox was told about, and the engine's own."""
    words = [line.split() for line in read("/etc/resolv.conf").splitlines()]
    servers = [each[1] for each in words if len(each) > 1 and each[0] == "nameserver"]
    return tries({f"way to {server}": _way(server, 53) for server in {*servers, "8.8.8.8"} if server[:4] != "127."})


@attempt("ipv6")
def ipv6() -> Facts:
    lines = [line.split() for line in read("/proc/net/if_inet6", 65536).splitlines()]
    found = [f"{words[0]} at {words[-1]}" for words in lines if words and words[-1] != "lo"]
    return {"found": found}


@attempt("raw-sockets")
def raw_sockets() -> Facts:
    kinds = {
        "packet": (17, socket.SOCK_RAW, 0x300),
        "IPv4": (socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
        "IPv6": (socket.AF_INET6, socket.SOCK_RAW, 58),
    }
    return tries({name: trying(lambda words=words: socket.socket(*words).close()) for name, words in kinds.items()})


@attempt("configure-network")
def configure_network() -> Facts:
    """Give itself an address."""
    address = struct.pack("16sH2s4s8s", b"lo", socket.AF_INET, b"", socket.inet_aton("127.0.0.1"), b"")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        return tries({"set an address": trying(lambda: fcntl.ioctl(connection, _SIOCSIFADDR, address))})


@attempt("neighbour-loopback")
def neighbour_loopback() -> Facts:
    """Where another sandbox listens on its own loopback, as the proxies of sandboxes do."""
    ports: list[int] = parameters().get("neighbour", [])
    return tries({f"TCP to 127.0.0.1:{port}": _spoken("127.0.0.1", port) for port in ports})


@attempt("neighbour-abstract-socket")
def neighbour_abstract_socket() -> Facts:
    """Abstract Unix sockets have no file; whoever shares a network namespace can connect."""
    with socket.socket(socket.AF_UNIX) as connection:
        word = str(parameters().get("victim"))
        return tries({"connect": trying(lambda: connection.connect(b"\0" + os.fsencode(word)))})


if __name__ == "__main__":
    main()
