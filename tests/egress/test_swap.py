"""Placeholders become secrets in the headers and for the hosts that are named, and nowhere else."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core import ConfigError, SandboxSecret
from massgen_core.egress.swap import Swaps, new_placeholder
from massgen_core.sandbox.secrets import SecretUse

VALUE = "ghp_the-real-one"
HOSTS = ("api.example.org", "*.cdn.example.org")
HEADERS = ("authorization", "x-api-key")


def secret(
    name: str = "TOKEN",
    value: str = VALUE,
    use: SecretUse = "placeholder",
    hosts: tuple[str, ...] = HOSTS,
    headers: tuple[str, ...] = HEADERS,
) -> SandboxSecret:
    return SandboxSecret(name=name, value=value, use=use, hosts=hosts, headers=headers)


def basic(user: str, password: str) -> bytes:
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode())


@pytest.mark.parametrize(
    ("host", "header", "swapped"),
    [
        ("api.example.org", b"Authorization", True),
        ("api.example.org", b"AUTHORIZATION", True),
        ("api.example.org", b"x-api-key", True),
        ("api.example.org", b"x-api-keys", False),
        ("api.example.org", b"cookie", False),
        ("a.cdn.example.org", b"authorization", True),
        ("a.b.cdn.example.org", b"authorization", True),
        ("cdn.example.org", b"authorization", False),
        ("evilcdn.example.org", b"authorization", False),
        ("example.org", b"authorization", False),
        ("api.example.org.evil.test", b"authorization", False),
        ("xapi.example.org", b"authorization", False),
    ],
)
def test_where(host: str, header: bytes, swapped: bool) -> None:
    """The host and the header must both be ones of the secret; a `*.` stands for what is below a name."""
    swaps = Swaps([secret()])
    word = swaps.environment["TOKEN"].encode()
    expected = VALUE.encode() if swapped else word
    assert swaps.apply(host, [(header, b"token " + word)]) == [(header, b"token " + expected)]


def test_basic() -> None:
    """A placeholder inside the base64 of Basic is found, as the user's name and as the password."""
    swaps = Swaps([secret()])
    word = swaps.environment["TOKEN"]
    for user, password in (("me", word), (word, "x-oauth-basic"), (word, "")):
        [(_, value)] = swaps.apply("api.example.org", [(b"Authorization", basic(user, password))])
        assert value == basic(user.replace(word, VALUE), password.replace(word, VALUE))


@pytest.mark.parametrize("spoilt", [b"Basic !!!!", b"Basic ", b"Basic YQ", b"basic  YTpi", b"Basic YTpi, Basic YTpi"])
def test_basic_without_a_placeholder(spoilt: bytes) -> None:
    """What is no base64, or holds no placeholder, is passed on as it came."""
    assert Swaps([secret()]).apply("api.example.org", [(b"authorization", spoilt)]) == [(b"authorization", spoilt)]


def test_basic_elsewhere() -> None:
    """Inside base64 the host and the header count as well."""
    swaps = Swaps([secret()])
    value = basic("me", swaps.environment["TOKEN"])
    for host, header in (("other.test", b"authorization"), ("api.example.org", b"proxy-authorization")):
        assert swaps.apply(host, [(header, value)]) == [(header, value)]


def test_encoded_as_a_whole() -> None:
    """A secret that is the base64 itself replaces the placeholder behind the word Basic."""
    swaps = Swaps([secret(value="bWU6c2VjcmV0")])
    word = swaps.environment["TOKEN"].encode()
    headers = [(b"authorization", b"Basic " + word)]
    assert swaps.apply("api.example.org", headers) == [(b"authorization", b"Basic bWU6c2VjcmV0")]


def test_duplicates_order_and_spelling() -> None:
    """Every header of the name is looked at; order, spelling and the rest stay."""
    swaps = Swaps([secret()])
    word = swaps.environment["TOKEN"].encode()
    headers = [(b"X-Api-Key", word), (b"aCCept", b"*/*"), (b"x-api-key", word + b"," + word), (b"X-Other", word)]
    real = VALUE.encode()
    assert swaps.apply("api.example.org", headers) == [
        (b"X-Api-Key", real),
        (b"aCCept", b"*/*"),
        (b"x-api-key", real + b"," + real),
        (b"X-Other", word),
    ]


def test_secrets_are_apart() -> None:
    """A placeholder is worth something only where its own secret is; what was put in is not looked at again."""
    swaps = Swaps([secret("A", "a-value", hosts=("a.test",)), secret("B", "b-value", hosts=("b.test",))])
    a, b = (swaps.environment[name].encode() for name in "AB")
    both = [(b"authorization", a + b" " + b)]
    assert swaps.apply("a.test", both) == [(b"authorization", b"a-value " + b)]
    assert swaps.apply("b.test", both) == [(b"authorization", a + b" b-value")]


def test_other_uses() -> None:
    """Secrets that the sandbox holds itself have no placeholder here, and no host needs to be read for them."""
    swaps = Swaps([secret("FILE", use="file"), secret("ENV", use="env")])
    assert swaps.environment == {}
    assert not swaps.needed("api.example.org")
    with pytest.raises(KeyError):
        swaps.placeholder_for(secret("FILE", use="file"))


def test_needed() -> None:
    """A host that a secret may go to must have its requests read; another needs not."""
    swaps = Swaps([secret()])
    needed = [host for host in ("api.example.org", "x.cdn.example.org", "cdn.example.org") if swaps.needed(host)]
    assert needed == ["api.example.org", "x.cdn.example.org"]


def test_placeholders() -> None:
    """Each start has its own word: as a token may look, and with 128 bits that nobody guesses."""
    first, second = Swaps([secret()]), Swaps([secret()])
    assert first.placeholder_for(secret()) == first.environment["TOKEN"] != second.environment["TOKEN"]
    assert re.fullmatch(r"massgen-secret-[0-9a-f]{32}", first.environment["TOKEN"])
    word = second.environment["TOKEN"].encode()
    assert first.apply("api.example.org", [(b"authorization", word)]) == [(b"authorization", word)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "is empty"),
        ("ghp_secret\n", "begins or ends with white space"),
        (" ghp_secret", "begins or ends with white space"),
        ("ghp\r\nX-Injected: 1", "a line break or another control character"),
        ("ghp\nX", "a line break"),
        ("ghp\rX", "a line break"),
        ("ghp\0X", "control character"),
        ("ghp\x0bX", "control character"),
        ("ghp\x7fX", "control character"),
        ("ghp_€", "not in Latin-1"),
    ],
)
def test_what_cannot_stand_in_a_header(value: str, problem: str) -> None:
    """A value that would break a header is refused at the start, by its name and without its value."""
    with pytest.raises(ConfigError, match=f"secrets.TOKEN: the secret .*{problem}.*cannot stand in a header") as caught:
        Swaps([secret(value=value)])
    assert "ghp" not in str(caught.value)
    assert Swaps([secret(value=value, use="file")]).environment == {}


def test_nothing_shows_the_value() -> None:
    """Neither the object nor what it holds prints a value."""
    swaps = Swaps([secret()])
    assert VALUE not in repr(swaps) + repr(vars(swaps)) + str(dict(swaps.environment))


names = st.sampled_from([b"authorization", b"Authorization", b"X-API-Key", b"x-api-ke", b"cookie", b"host", b"x"])
hosts = st.sampled_from(["api.example.org", "x.cdn.example.org", "cdn.example.org", "other.test", "api.example.orgx"])
pieces = st.lists(st.sampled_from([b"<word>", b"<other>", b" ", b"Bearer ", b"massgen-secret-", b"0f"]), max_size=5)


@given(host=hosts, headers=st.lists(st.tuples(names, pieces, st.booleans()), max_size=6))
def test_exactly_where_it_belongs(host: str, headers: list[tuple[bytes, list[bytes], bool]]) -> None:
    """The value comes out of a header if, and only if, its host and name are the secret's and the word was in it."""
    swaps = Swaps([secret()])
    word, other = swaps.environment["TOKEN"].encode(), new_placeholder().encode()
    here = host in ("api.example.org", "x.cdn.example.org")
    sent: list[tuple[bytes, bytes]] = []
    for name, parts, wrapped in headers:
        plain = b"".join(parts).replace(b"<word>", word).replace(b"<other>", other)
        sent.append((name, b"Basic " + base64.b64encode(plain) if wrapped else plain))
    received = swaps.apply(host, sent)
    assert [name for name, _ in received] == [name for name, _ in sent]
    for (name, before), (_, after), (_, parts, wrapped) in zip(sent, received, headers, strict=True):
        seen = base64.b64decode(after[6:]) if wrapped else after
        belongs = here and name.lower() in (b"authorization", b"x-api-key") and b"<word>" in parts
        assert (VALUE.encode() in seen) == belongs
        if not belongs:
            assert after == before
