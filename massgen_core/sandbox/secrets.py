"""A secret on its way into a sandbox, or only to its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

SecretUse = Literal["file", "placeholder", "env"]
"""How a sandbox gets a secret.

``file``: a file that only its user can read, in memory; the variable ``NAME_FILE`` holds its path. ``placeholder``:
the variable holds a meaningless word, which the egress proxy replaces in named headers to named hosts. ``env``: the
variable holds the value, where anyone who may talk to the engine can read it.
"""

FOLDER = "/run/secrets"
"""Where files with secrets are found in a sandbox."""


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
    """A secret as a config names it: where it is kept, and how a sandbox gets it; the value itself never stands there."""

    model_config: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True
    )

    source: str = Field(
        alias="from",
        pattern=r"^(env|file|keyring|command):\s*\S",
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


def _short(value: Any) -> Any:
    """Text alone is short for a table with nothing but ``from``."""
    return {"from": value} if isinstance(value, str) else value


SecretSetting = Annotated[SecretSettings, BeforeValidator(_short)]
"""A secret as a config holds it: the place where it is kept will do."""
