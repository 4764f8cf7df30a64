"""What a sandbox may reach: nothing, what a list of rules names, or everything."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    IPvAnyAddress,
    IPvAnyNetwork,
    Tag,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

NetworkWord = Literal["none", "open"]
"""``none``: no network at all. ``open``: everything the engine can reach, the host included; only when written out."""

RuleKind = Literal["tls", "http", "tcp"]

_FORM = re.compile(
    r"(?:(?P<scheme>https|http|tcp)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(?P<port>\d{1,5}))?"
)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_DEFAULT_PORT = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One destination that is allowed.

    ``host`` is a name in lower case, an address, or ``*.`` and a name, which stands for every name below it (not for
    itself). ``kind`` says what is spoken there: ``tls`` (its server name must be the host), plain ``http``, or any
    ``tcp``.
    """

    kind: RuleKind
    host: str
    port: int

    @property
    def wildcard(self) -> bool:
        """It stands for all names below one."""
        return self.host.startswith("*.")

    def matches(self, host: str, port: int) -> bool:
        """Whether it allows a host (lower case, without a dot at its end) and port."""
        return port == self.port and covers(self.host, host)

    def __str__(self) -> str:
        place = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        usual = "http" if self.port == 80 else "tls"
        scheme = {"tls": "https", "http": "http", "tcp": "tcp"}[self.kind]
        return place if self.kind == usual else f"{scheme}://{place}"


def covers(pattern: str, host: str) -> bool:
    """Whether a rule's or a secret's host stands for a host (both in their normal form)."""
    return host.endswith(pattern[1:]) and host != pattern[2:] if pattern.startswith("*.") else host == pattern


def parse_rule(text: str) -> Rule:
    """A rule from ``host``, ``host:port``, ``*.host:port``, ``https://…``, ``http://…`` or ``tcp://…``.

    Without a scheme it means TLS, or plain HTTP on port 80; without a port 443 (TLS) or 80 (HTTP).

    Raises:
        ValueError: It is none of these; the message says what is wrong.
    """
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no destination: write `host:port`, `*.host:port` or `tcp://host:port`")
    scheme = found["scheme"] or ("http" if found["port"] == "80" else "https")
    if found["port"] is None and scheme == "tcp":
        raise ValueError(f"{text!r} needs a port: `tcp://` has no usual one")
    port = int(found["port"] or _DEFAULT_PORT[scheme])
    if not 0 < port < 65536:
        raise ValueError(f"{text!r}: {port} is no port")
    host = normal_host(found["host"])
    if host.startswith("*.") and scheme == "tcp":
        raise ValueError(f"{text!r}: a `tcp://` rule names one host; nothing in plain TCP tells which one is meant")
    if scheme == "tcp" and is_address(host):
        raise ValueError(f"{text!r}: a `tcp://` rule takes a name; say in `hosts` which address the name has")
    kind: RuleKind = "tls" if scheme == "https" else "http" if scheme == "http" else "tcp"
    return Rule(kind=kind, host=host, port=port)


def is_address(host: str) -> bool:
    """Whether a host is an address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def normal_host(host: str) -> str:
    """A host as rules are compared: lower case, IDNA, without the dot at its end; an address in its shortest form.

    Raises:
        ValueError: It is neither a name nor an address.
    """
    bare = host[1:-1] if host.startswith("[") else host
    try:
        return ipaddress.ip_address(bare).compressed
    except ValueError:
        if host.startswith("["):
            raise ValueError(f"{host!r} is no IPv6 address") from None
    name = bare.removesuffix(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            raise ValueError(f"{host!r} is no host name") from None
    name = name.lower()
    labels = name.removeprefix("*.").split(".")
    whole = len(labels) > 1 if name.startswith("*.") else True
    numeric = labels[-1].isdigit() or labels[-1].startswith("0x")  # some resolvers read such names as addresses
    if len(name) > 253 or not whole or numeric or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{host!r} is no host name; `*.` stands for all names below one with a dot in it")
    return name


class AllowList(BaseModel):
    """A network that ends at a proxy, which lets through what a rule names and nothing else."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    allow: tuple[str, ...] = Field(
        min_length=1, description="What may be reached: `host:port`, `*.host:port` (TLS), `tcp://host:port`."
    )
    inspect: bool = Field(
        default=False, description="End TLS at the proxy, so that every request's host is checked as well."
    )
    private: tuple[IPvAnyNetwork, ...] = Field(
        default=(), description="Address ranges, local or private, that allowed names may lead to."
    )
    hosts: Mapping[str, IPvAnyAddress] = Field(
        default_factory=dict[str, Any], description="Addresses of names, in place of DNS."
    )

    @field_validator("allow")
    @classmethod
    def _rules(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            _said(parse_rule, text)
        return value

    @field_validator("hosts")
    @classmethod
    def _names(cls, value: Mapping[str, IPvAnyAddress]) -> Mapping[str, IPvAnyAddress]:
        return {_said(normal_host, name): address for name, address in value.items()}

    @model_validator(mode="after")
    def _consistent(self) -> AllowList:
        kinds: dict[tuple[str, int], str] = {}
        for rule in self.rules:
            if kinds.setdefault((rule.host, rule.port), rule.kind) != rule.kind:
                raise PydanticCustomError(
                    "network", "{place} is named twice, for different protocols", {"place": f"{rule.host}:{rule.port}"}
                )
        return self

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of ``allow``."""
        return tuple(parse_rule(text) for text in self.allow)

    def __str__(self) -> str:
        return ", ".join(map(str, self.rules))


def _said(check: Any, text: str) -> Any:
    try:
        return check(text)
    except ValueError as error:
        raise PydanticCustomError("network", "{problem}", {"problem": str(error)}) from None


def _kind(value: Any) -> str:
    return "(word)" if isinstance(value, str) else "(list)"


def _table(value: Any) -> Any:
    """A bare list of destinations is short for a table with nothing but ``allow``."""
    return {"allow": cast("object", value)} if isinstance(value, list | tuple) else value


NetworkSetting = Annotated[
    Annotated[NetworkWord, Tag("(word)")] | Annotated[AllowList, BeforeValidator(_table), Tag("(list)")],
    Discriminator(_kind),
]
"""A word or an allow-list, as a config holds it: a list of destinations will do."""
