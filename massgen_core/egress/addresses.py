"""Where a name leads: asked once, every answer checked, and only what was checked is dialled."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import anyio
from anyio import CapacityLimiter

from massgen_core._threads import run_in_thread
from massgen_core.egress.policy import Denial
from massgen_core.egress.refusals import Refusal, denied
from massgen_core.egress.thrift import NewNames
from massgen_core.sandbox.network import AllowList, is_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Fault = tuple[Address, str]
Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""What DNS, and whatever else the host asks, says about a name; an `OSError` where it says nothing."""

RESOLVE_SECONDS = 10.0
MOST_ADDRESSES = 64
"""A name with more is refused: each is checked, and none is real."""

_REFUSED = tuple(
    (ipaddress.ip_network(network), what)
    for network, what in (
        # the addresses at which clouds hand out credentials; some look like any other public address
        ("169.254.169.254/32", "a metadata service"),
        ("100.100.100.200/32", "a metadata service"),
        ("168.63.129.16/32", "a metadata service"),
        ("192.0.0.192/32", "a metadata service"),
        ("fd00:ec2::/32", "a metadata service"),
        ("0.0.0.0/8", "no host"),
        ("10.0.0.0/8", "a private address"),
        ("100.64.0.0/10", "a carrier's private address"),
        ("127.0.0.0/8", "the host itself"),
        ("169.254.0.0/16", "a link-local address"),
        ("172.16.0.0/12", "a private address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "a reserved address"),
        ("192.88.99.0/24", "a reserved address"),  # 6to4 relays: a way into IPv6 that nobody checked
        ("192.168.0.0/16", "a private address"),
        ("198.18.0.0/15", "a reserved address"),
        ("198.51.100.0/24", "a reserved address"),
        ("203.0.113.0/24", "a reserved address"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
        ("::/128", "no host"),
        ("::1/128", "the host itself"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("fec0::/10", "a private address"),
        ("ff00::/8", "a multicast address"),
        ("2001::/23", "a reserved address"),  # Teredo among them
        ("2001:db8::/32", "a reserved address"),
        ("2002::/16", "a reserved address"),  # 6to4, which nobody carries any more (RFC 7526)
        ("3fff::/20", "a reserved address"),
    )
)
"""Written out, since what `ipaddress` calls global differs from one Python to the next, multicast included."""

_UNICAST = IPv6Network("2000::/3")
"""The only part of IPv6 from which public addresses are handed out."""

_NAT64 = IPv6Network("64:ff9b::/96")
_6TO4 = IPv6Network("2002::/16")
_TEREDO = IPv6Network("2001::/32")
_COMPATIBLE = IPv6Network("::/96")


class Addresses:
    """What the names of one allow-list lead to."""

    def __init__(self, allow: AllowList, resolve: Resolve | None = None) -> None:
        self._hosts = allow.hosts
        self._private = allow.private
        self._resolve = resolve or Resolver()
        self._new_names = NewNames()

    async def of(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of a host, all of them checked; one bad address refuses the whole name.

        Raises:
            Refusal: One of them is not public, there is no such name, or no answer in time.
        """
        found = await self._look_up(host, port)
        for address in found:
            fault = find_fault(address, self._private) or self._own(address)
            if fault is not None:
                bad, what = fault
                private = f"{bad}/{bad.max_prefixlen}"
                raise denied(Denial(host=host, port=port, reason=f"leads to {what}", private=private))
        return found

    async def _look_up(self, host: str, port: int) -> Sequence[Address]:
        if host in self._hosts:
            return [_address(str(self._hosts[host]))]
        if is_address(host):
            return [_address(host)]
        if not self._new_names.admit(host):
            raise denied(Denial(host=host, port=port, reason="is one new name too many to be looked up now"))
        try:
            with anyio.fail_after(RESOLVE_SECONDS):
                found = tuple(dict.fromkeys(await self._resolve(host)))
        except TimeoutError:
            raise Refusal(502, f"the name {host} could not be resolved in time") from None
        except (OSError, UnicodeError):
            raise Refusal(502, f"the name {host} does not resolve") from None
        if not 0 < len(found) <= MOST_ADDRESSES:
            raise Refusal(502, f"the name {host} has {'too many addresses' if found else 'no address'}")
        return [_unmapped(address) for address in found]

    def _own(self, address: Address) -> Fault | None:
        own = not _within(address, self._private) and is_own(address)
        return (address, "an address of this host") if own else None


class Resolver:
    """Names resolved by the host's own means, in a few threads, so that a slow server holds up nothing else."""

    def __init__(self, threads: int = 8) -> None:
        self._limiter = CapacityLimiter(threads)

    async def __call__(self, host: str) -> Sequence[Address]:
        """The addresses of a name, in the order in which the host would try them."""
        ask = partial(socket.getaddrinfo, host, None, type=socket.SOCK_STREAM)
        return [_address(str(place[0])) for *_, place in await run_in_thread(ask, self._limiter)]


def find_fault(address: Address, private: Iterable[Network] = ()) -> Fault | None:
    """Which address is not public, and what it is, as words for "leads to …"; nothing where all is well.

    An address inside another one (NAT64, 6to4, Teredo) counts as much as the one around it.
    """
    private = tuple(private)
    for each in _layers(_unmapped(address)):
        what = None if _within(each, private) else _fault(each)
        if what is not None:
            return each, what
    return None


def is_own(address: Address) -> bool:
    """Whether an address is one of this host's: a socket can be bound to it, or the kernel would answer from it.

    (Where the host lets sockets be bound to any address, only the second says something; no packet is sent for it.)
    """
    stranger = ipaddress.ip_address("192.0.2.1" if address.version == 4 else "2001:db8::1")
    if _probe(address, socket.socket.bind) == address and _probe(stranger, socket.socket.bind) is None:
        return True
    return _probe(address, socket.socket.connect) == address


def _probe(address: Address, use: Callable[[socket.socket, tuple[str, int]], None]) -> Address | None:
    """The address that a datagram socket has once it is bound or connected; none where it cannot be."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.setblocking(False)
            use(probe, (str(address), 0 if use is socket.socket.bind else 9))
            return _address(str(probe.getsockname()[0]))
    except OSError:  # not its own, no route, or no such family
        return None


@lru_cache(maxsize=1024)
def _fault(address: Address) -> str | None:
    listed = next((what for network, what in _REFUSED if address in network), None)
    return listed or (None if _is_public(address) else "a reserved address")


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global
    return address in _NAT64 or (address in _UNICAST and address.is_global)


def _layers(address: Address) -> Iterator[Address]:
    yield address
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    if address in _NAT64 or (address in _COMPATIBLE and number > 1):
        yield _low(number)
    if address in _6TO4:
        yield _low(number >> 80)
    if address in _TEREDO:
        yield _low(number >> 64)
        yield _low(~number)


def _low(number: int) -> IPv4Address:
    return IPv4Address(number & 0xFFFFFFFF)


def _unmapped(address: Address) -> Address:
    """An address, in IPv4 where it is only another way to write one."""
    return (isinstance(address, IPv6Address) and address.ipv4_mapped) or address


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _address(text: str) -> Address:
    return _unmapped(ipaddress.ip_address(text))
