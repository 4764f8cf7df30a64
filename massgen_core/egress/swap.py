"""Placeholders on their way out become secrets, in the headers and to the hosts that a secret names."""

from __future__ import annotations

import base64
import binascii
import re
import secrets as random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from massgen_core.sandbox.network import covers
from massgen_core.sandbox.secrets import SandboxSecret, check_for_header

Headers = list[tuple[bytes, bytes]]

_PREFIX = "massgen-secret-"  # says in a log what it is; letters, digits and `-`, as every check of a token admits
_PLACEHOLDER = re.compile(_PREFIX.encode() + rb"[0-9a-f]{32}")
_BASIC = re.compile(rb"(basic +)([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)


def new_placeholder() -> str:
    """A word that stands for a secret and that nobody can guess."""
    return _PREFIX + random.token_hex(16)


class Swaps:
    """The placeholders of one start of one sandbox, and what becomes of them on the way out.

    Every object makes words of its own, so what an earlier sandbox has learnt is worth nothing to the next. A
    placeholder is replaced only in a header its secret names, in a request to a host its secret names; anywhere else
    (the address, the body, another header, another host) it leaves the sandbox as the meaningless word it is.

    What this cannot do: a host that gets a secret may send it back. A service that echoes its request's headers shows
    the secret to the sandbox, so name only hosts that do not, and only the headers that are needed.
    """

    def __init__(self, secrets: Sequence[SandboxSecret]) -> None:
        """Take the secrets with ``use="placeholder"``; others are none of its business.

        Raises:
            ConfigError: A secret cannot stand in a header; it is named, its value is not.
        """
        self._swaps = {new_placeholder(): _swap(secret) for secret in secrets if secret.use == "placeholder"}

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables that the sandbox gets: each secret's name, and its placeholder."""
        return MappingProxyType({swap.name: placeholder for placeholder, swap in self._swaps.items()})

    def placeholder_for(self, secret: SandboxSecret) -> str:
        """The word that stands for a secret.

        Raises:
            KeyError: It is not one of the secrets with a placeholder.
        """
        return self.environment[secret.name]

    def needed(self, host: str) -> bool:
        """Whether any secret may go to a host (in its normal form), so that its requests must be read."""
        return any(swap.goes_to(host) for swap in self._swaps.values())

    def apply(self, host: str, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """A request's headers as a host (in its normal form) gets them; their order and spelling are kept."""
        return [(name, self._value(host, name, value)) for name, value in headers]

    def _value(self, host: str, name: bytes, value: bytes) -> bytes:
        def real(found: re.Match[bytes]) -> bytes:
            swap = self._swaps.get(found[0].decode("ascii"))
            return swap.value if swap and swap.belongs(host, name) else found[0]

        if basic := _BASIC.fullmatch(value):
            return basic[1] + _inside_base64(basic[2], real)
        return _PLACEHOLDER.sub(real, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Swap:
    name: str
    value: bytes = field(repr=False)
    hosts: tuple[str, ...]
    headers: frozenset[bytes]

    def goes_to(self, host: str) -> bool:
        return any(covers(pattern, host) for pattern in self.hosts)

    def belongs(self, host: str, header: bytes) -> bool:
        return header.lower() in self.headers and self.goes_to(host)


def _swap(secret: SandboxSecret) -> _Swap:
    check_for_header(secret.value, key=f"secrets.{secret.name}")
    return _Swap(
        name=secret.name,
        value=secret.value.encode("latin-1"),
        hosts=tuple(secret.hosts),
        headers=frozenset(header.lower().encode("latin-1") for header in secret.headers),
    )


def _inside_base64(word: bytes, real: Callable[[re.Match[bytes]], bytes]) -> bytes:
    """Base64 with what it holds replaced; without anything to replace, the very bytes that came."""
    try:
        plain = base64.b64decode(word, validate=True)
    except binascii.Error:
        return word
    swapped = _PLACEHOLDER.sub(real, plain)
    return word if swapped == plain else base64.b64encode(swapped)
