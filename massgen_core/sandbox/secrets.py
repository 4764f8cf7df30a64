"""A secret on its way into a sandbox, or only to its edge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from massgen_core.errors import ConfigError
from massgen_core.sandbox.network import normal_host

SecretUse = Literal["file", "placeholder", "env"]
"""How a sandbox gets a secret.

``file``: a file that only its user can read, in memory; the variable ``NAME_FILE`` holds its path. ``placeholder``:
the variable holds a meaningless word, which the egress proxy replaces in named headers to named hosts. ``env``: the
variable holds the value, where anyone who may talk to the engine can read it.
"""

FOLDER = "/run/secrets"
"""Where files with secrets are found in a sandbox."""

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
"""A name that every shell takes for a variable's."""

_SOURCE = re.compile(r"(env|file|keyring|command):\s*(\S.*?)\s*", re.DOTALL)
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token, RFC 9110 section 5.6.2
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset({"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSecret:
    """One secret of one sandbox; ``hosts`` and ``headers`` (lower case) say where a placeholder is replaced."""

    name: str
    value: str = field(repr=False)
    use: SecretUse = "file"
    hosts: Sequence[str] = ()
    headers: Sequence[str] = ()

    @property
    def path(self) -> str:
        """Where the sandbox finds it, if it is a file."""
        return f"{FOLDER}/{self.name}"


class SecretSettings(BaseModel):
    """A secret as a config names it: where it is kept, never its value, and how a sandbox gets it."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True
    )

    source: str = Field(
        alias="from",
        description="`env:NAME`, `file:PATH`, `keyring:SERVICE/USER` or `command:PROGRAM ARG…`.",
    )
    use: SecretUse | None = Field(
        default=None,
        alias="as",
        description="`file`, `placeholder` or `env`; `placeholder` where the network is a list of hosts, else `file`.",
    )
    hosts: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="Hosts that get it in place of its placeholder; all named in the list."
    )
    headers: tuple[str, ...] = Field(
        default=("authorization", "x-api-key"), min_length=1, description="Headers in which that is done."
    )

    @field_validator("source")
    @classmethod
    def _known(cls, value: str) -> str:
        kind, place = split_source(value)
        if kind == "env" and not VARIABLE.fullmatch(place):
            raise _problem("`env:` takes the name of a variable; the secret itself does not belong into a config")
        if kind == "keyring" and not all(place.rpartition("/")):
            raise _problem("`keyring:` takes a service and a user: `keyring:SERVICE/USER`")
        return f"{kind}:{place}"

    @field_validator("hosts")
    @classmethod
    def _normal(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return value if value is None else tuple(map(_host, value))

    @field_validator("headers")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _HEADER.fullmatch(name):
                raise _problem(f"{name!r} is no name of a header")
            if name.lower() in _FRAMING:
                raise _problem(f"the header {name!r} frames a message and cannot hold a secret")
        return tuple(name.lower() for name in value)


def split_source(source: str) -> tuple[str, str]:
    """A source's kind and place.

    Raises:
        ValueError: It is none; the text is not repeated, it may be the secret itself.
    """
    found = _SOURCE.fullmatch(source)
    if found is None:
        raise _problem("must say where the secret is kept: `env:NAME`, `file:PATH`, `keyring:…` or `command:…`")
    return found[1], found[2]


def check_for_header(value: str, *, key: str) -> None:
    """Make sure that a value can stand in a header (RFC 9110 section 5.5).

    Raises:
        ConfigError: It cannot; ``key`` is named, the value is not.
    """
    if problem := _no_header(value):
        raise ConfigError(
            f"the secret {problem}, so it cannot stand in a header",
            key=key,
            cure='Keep it on one line, or write `as = "file"`.',
        )


def _no_header(value: str) -> str | None:
    if not value or value != value.strip():
        return "is empty, or begins or ends with white space"
    if _CONTROL.search(value):
        return "holds a line break or another control character"
    if any(ord(letter) > 0xFF for letter in value):
        return "holds a letter that is not in Latin-1"
    return None


def _host(text: str) -> str:
    try:
        return normal_host(text)
    except ValueError as error:
        raise _problem(f"{error}; write the host alone, without a scheme or port") from None


def _problem(text: str) -> PydanticCustomError:
    return PydanticCustomError("secret_settings", "{problem}", {"problem": text})


def _short(value: Any) -> Any:
    """Text alone is short for a table with nothing but ``from``."""
    return {"from": value} if isinstance(value, str) else value


SecretSetting = Annotated[SecretSettings, BeforeValidator(_short)]
"""A secret as a config holds it: the place where it is kept will do."""
