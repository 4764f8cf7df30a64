"""Where names lead: what is public, what is not, however it is written, and one bad answer for all."""

from __future__ import annotations

import ipaddress
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from massgen_core.egress.addresses import MOST_ADDRESSES, Address, Addresses, Network, Resolver, find_fault, is_own
from massgen_core.egress.refusals import Refusal
from massgen_core.sandbox import AllowList

PUBLIC = [
    "93.184.216.34",
    "1.1.1.1",
    "172.15.0.1",
    "172.32.0.1",
    "100.63.0.1",
    "100.128.0.1",
    "192.0.1.1",
    "223.255.0.1",
]
PUBLIC += ["2606:4700:4700::1111", "2a00:1450::1", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]

NOT_PUBLIC = {
    "a metadata service": [
        *("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23"),
        *("::ffff:169.254.169.254", "64:ff9b::169.254.169.254", "::ffff:168.63.129.16"),
        "64:ff9b::a83f:8110",
    ],
    "the host itself": ["127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"],
    "no host": ["0.0.0.0", "0.1.2.3", "::", "::ffff:0:0", "64:ff9b::"],
    "a private address": [
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1", "fec0::1"),
        *("::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::c0a8:101"),
    ],
    "a carrier's private address": ["100.64.0.1", "100.127.255.255"],
    "a link-local address": ["169.254.0.1", "fe80::1", "fe80::1%1", "febf::1"],
    "a multicast address": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1", "64:ff9b::e000:1"],
    "a reserved address": [
        *("192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"),
        *("255.255.255.255", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "3fff::1", "5f00::1"),
        *("64:ff9b:1::1", "64:ff9b:1:a00:1::", "100::1", "2002:808:808::1", "2002:7f00:1::", "4000::1"),
        *("::8.8.8.8", "::10.0.0.1", "2001:10::1"),
    ],
}


def addresses(private: Sequence[str] = (), hosts: dict[str, str] | None = None, resolve: object = None) -> Addresses:
    table = {"allow": ["good.test"], "private": list(private), "hosts": hosts or {}}
    return Addresses(AllowList.model_validate(table), resolve)  # pyright: ignore[reportArgumentType]


def answering(*texts: str) -> Addresses:
    """What names lead to where every name has these addresses."""

    async def resolve(host: str) -> Sequence[Address]:
        return [ipaddress.ip_address(text) for text in texts]

    return addresses(resolve=resolve)


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text: str) -> None:
    """A public address has no fault, also inside another one."""
    assert find_fault(ipaddress.ip_address(text)) is None


@pytest.mark.parametrize(("what", "text"), [(what, text) for what, texts in NOT_PUBLIC.items() for text in texts])
def test_not_public(what: str, text: str) -> None:
    """Every special range has its word, also where its addresses stand in those of another."""
    fault = find_fault(ipaddress.ip_address(text))
    assert fault is not None
    assert fault[1] == what


@pytest.mark.parametrize("text", [text for texts in NOT_PUBLIC.values() for text in texts])
def test_private_is_what_it_says(text: str) -> None:
    """The ranges that denials name, one address each, allow it."""
    address = ipaddress.ip_address(text)
    ranges: list[Network] = []
    while fault := find_fault(address, ranges):
        assert len(ranges) < 3
        ranges.append(ipaddress.ip_network(str(fault[0]).partition("%")[0]))
    assert all(network.num_addresses == 1 for network in ranges)


v4 = st.integers(0, 2**32 - 1).map(IPv4Address)
v6 = st.one_of(
    st.integers(0, 2**128 - 1),
    *(
        st.integers(0, 2 ** (128 - net.prefixlen) - 1).map(int(net.network_address).__or__)
        for net in map(
            ipaddress.IPv6Network,
            (
                "::/96",
                "::ffff:0:0/96",
                "64:ff9b::/96",
                "64:ff9b:1::/48",
                "2002::/16",
                "2001::/32",
                "2001::/16",
                "2000::/3",
            ),
        )
    ),
).map(IPv6Address)


@settings(max_examples=2000)
@given(st.one_of(v4, v6))
@example(IPv4Address("224.0.0.1"))
def test_nothing_but_public(address: Address) -> None:
    """An address without a fault is global and none of the special kinds, by Python's own tables as well."""
    if find_fault(address) is not None:
        return
    if isinstance(address, IPv6Address) and address in ipaddress.IPv6Network("64:ff9b::/96"):
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    assert address.is_global
    kinds = ("is_private", "is_loopback", "is_link_local", "is_multicast", "is_reserved", "is_unspecified")
    assert not any(getattr(address, kind) for kind in kinds)
    assert not getattr(address, "is_site_local", False)


@given(v4.filter(lambda address: find_fault(address) is not None))
def test_the_address_inside_counts(address: IPv4Address) -> None:
    """What is not public in IPv4 is not in any of its disguises."""
    number = int(address)
    for outer in ((0xFFFF << 32) | number, (0x64FF9B << 96) | number, (0x2002 << 112) | number << 80 | 1, number):
        assert find_fault(IPv6Address(outer)) is not None
    outer = [ipaddress.IPv6Network("2001::/32"), ipaddress.IPv6Network("2002::/16")]  # allowed: the inner ones are not
    for tunnel in ((0x20010000 << 96) | (0x08080808 << 64) | (~number & 0xFFFFFFFF), (0x2002 << 112) | number << 80):
        fault = find_fault(IPv6Address(tunnel), outer)
        assert fault is not None
        assert fault[0] == address


@pytest.mark.anyio
async def test_all_or_nothing() -> None:
    """One bad address among good ones, wherever it stands, refuses the name."""
    assert await answering("1.1.1.1", "2606:4700::1").of("good.test", 443) == [
        IPv4Address("1.1.1.1"),
        IPv6Address("2606:4700::1"),
    ]
    for bad in (["10.0.0.1", "1.1.1.1"], ["1.1.1.1", "10.0.0.1"], ["1.1.1.1", "2606:4700::1", "::ffff:10.0.0.1"]):
        with pytest.raises(Refusal, match="good.test:443 leads to a private address") as caught:
            await answering(*bad).of("good.test", 443)
        assert caught.value.denial is not None
        assert caught.value.denial.private == "10.0.0.1/32"
        assert "10.0.0.1" not in caught.value.sentence


@pytest.mark.anyio
async def test_a_mapped_answer_is_dialled_as_what_it_is() -> None:
    """An IPv4 address that came in IPv6's clothes leaves as IPv4."""
    assert await answering("::ffff:1.1.1.1").of("good.test", 443) == [IPv4Address("1.1.1.1")]


@pytest.mark.anyio
async def test_hosts_in_place_of_dns() -> None:
    """A name in `hosts` is not asked for; its address is checked like any other."""
    asked: list[str] = []

    async def resolve(host: str) -> Sequence[Address]:
        asked.append(host)
        return [IPv4Address("1.1.1.1")]

    hosts = {"good.test": "8.8.8.8", "local.test": "127.0.0.1"}
    here = addresses(hosts=hosts, resolve=resolve)
    assert await here.of("good.test", 443) == [IPv4Address("8.8.8.8")]
    with pytest.raises(Refusal, match=r"local.test:443 leads to the host itself; `network.private` would allow it"):
        await here.of("local.test", 443)
    assert asked == []
    there = addresses(["127.0.0.1/32"], hosts=hosts, resolve=resolve)
    assert await there.of("local.test", 443) == [IPv4Address("127.0.0.1")]
    assert await there.of("other.test", 443) == [IPv4Address("1.1.1.1")]
    assert asked == ["other.test"]


@pytest.mark.anyio
@pytest.mark.parametrize(("count", "words"), [(0, "no address"), (MOST_ADDRESSES + 1, "too many addresses")])
async def test_how_many_addresses(count: int, words: str) -> None:
    """A name with no address leads nowhere, one with very many is not checked to the end."""
    with pytest.raises(Refusal, match=f"the name good.test has {words}"):
        await answering(*(f"1.1.1.{number}" for number in range(count))).of("good.test", 443)


@pytest.mark.anyio
async def test_the_system_resolver() -> None:
    """By default the host's own means say where a name leads, and a name without an answer has a sentence."""
    with pytest.raises(Refusal, match="localhost:443 leads to the host itself"):
        await addresses().of("localhost", 443)
    assert IPv4Address("127.0.0.1") in await addresses(["127.0.0.0/8", "::1/128"]).of("localhost", 443)
    with pytest.raises(Refusal, match=r"the name nowhere\.invalid does not resolve"):
        await addresses().of("nowhere.invalid", 443)


@pytest.mark.anyio
async def test_a_resolver_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name whose servers do not answer is given up in time, and holds up one thread of few."""
    monkeypatch.setattr("massgen_core.egress.addresses.RESOLVE_SECONDS", 0.05)
    hang = threading.Event()

    def getaddrinfo(*args: object, **options: object) -> list[object]:
        hang.wait()
        return []

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    resolver = Resolver(threads=1)
    try:
        for _ in range(2):  # the second waits for the thread of the first
            with pytest.raises(Refusal, match="the name slow.test could not be resolved in time"):
                await addresses(resolve=resolver).of("slow.test", 443)
    finally:
        hang.set()


def test_own_addresses() -> None:
    """The kernel says which addresses are its host's."""
    assert is_own(IPv4Address("127.0.0.1"))
    assert not is_own(IPv4Address("192.0.2.1"))
    assert not is_own(IPv6Address("2001:db8::1"))


OWN = """
import anyio, ipaddress
from massgen_core.egress.addresses import Addresses
from massgen_core.egress.refusals import Refusal
from massgen_core.sandbox import AllowList

async def main(private):
    hosts = {"a.test": "93.184.216.34", "b.test": "2606:4700::99", "c.test": "93.184.216.35", "d.test": "93.184.216.36"}
    found = Addresses(AllowList.model_validate({"allow": ["a.test"], "hosts": hosts, "private": private}))
    for name in hosts:
        try:
            print(*await found.of(name, 443))
        except Refusal as refusal:
            print(refusal)

anyio.run(main, [])
anyio.run(main, ["93.184.216.34/32"])
"""


NETWORK = (
    "ip link add own0 type bridge && ip link set own0 up && ip addr add 93.184.216.34/24 dev own0"
    " && ip addr add 93.184.216.36/24 dev own0 && ip addr add 2606:4700::99/64 dev own0 nodad"
)


def test_public_addresses_of_this_host() -> None:
    """An address of one of the host's interfaces is refused although it is public, unless `private` names it."""
    own = "egress denied: %s:443 leads to an address of this host; `network.private` would allow it"
    assert in_a_network_of_its_own(NETWORK) == [
        *(own % "a.test", own % "b.test", "93.184.216.35", own % "d.test"),
        *("93.184.216.34", own % "b.test", "93.184.216.35", own % "d.test"),
    ]


def test_where_sockets_may_be_bound_to_anything() -> None:
    """A host whose sockets may be bound to strangers' addresses does not take these for its own."""
    lines = in_a_network_of_its_own(f"{NETWORK} && echo 1 > /proc/sys/net/ipv4/ip_nonlocal_bind")
    assert "of this host" in lines[0]
    assert lines[2] == "93.184.216.35"


def in_a_network_of_its_own(prepare: str) -> list[str]:
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("there is no unshare or no ip")
    arguments = ["unshare", "--map-root-user", "--net", "sh", "-c", f'{prepare} && echo ready && exec "$0" -c "$1"']
    process = subprocess.run([*arguments, sys.executable, OWN], capture_output=True, text=True)
    if not process.stdout.startswith("ready"):
        pytest.skip(f"no network of its own: {process.stderr.strip()}")
    assert process.returncode == 0, process.stderr
    return process.stdout.splitlines()[1:]
