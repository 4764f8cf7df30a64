"""Settings: what a config file holds, and how it is read.

`massgen.toml`, `massgen.yaml` and JSON hold the same model. Plugin sections stay raw here: each is validated by its
own plugin's model when the runtime composes.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt, PrivateAttr, StrictBool, ValidationError

from massgen_core.config_file import find_config, read_config
from massgen_core.errors import ConfigError
from massgen_core.tools import Access

STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
"""The model config of every settings model: unknown keys are errors, and errors never show a value."""


class PluginOptions(BaseModel):
    """Keys that every ``[plugins.NAME]`` section understands, beside the plugin's own."""

    model_config = STRICT

    enabled: StrictBool = Field(default=True, description="Load the plugin.")
    required: StrictBool = Field(
        default=True, description="Fail when the plugin fails; true since the config names it."
    )
    prefix: str | None = Field(
        default=None, pattern=r"^[a-zA-Z0-9_-]{0,32}$", description="Prefix of its tools' names."
    )
    distribution: str | None = Field(default=None, description="Which distribution, where two bring the same name.")
    call_timeout: PositiveFloat | None = Field(default=None, description="Seconds that one call may take.")
    start_timeout: PositiveFloat | None = Field(default=None, description="Seconds that opening may take.")
    concurrency: PositiveInt | None = Field(default=None, description="How many of its calls may run at once.")


class AgentSettings(BaseModel):
    """What one agent may see and do."""

    model_config = STRICT

    tools: tuple[str, ...] | None = Field(default=None, description="Names or patterns (`time_*`) of visible tools.")
    deny: tuple[str, ...] = Field(default=(), description="Names or patterns of tools that are hidden.")
    allow: frozenset[Access] | None = Field(default=None, description="What its tools may do; everything when unset.")


class AuditSettings(BaseModel):
    """Where the audit log goes."""

    model_config = STRICT

    path: Path = Field(description="File that gets one JSON line per call.")
    required: bool = Field(default=True, description="Refuse calls that cannot be recorded (disk full, say).")


class Settings(BaseModel):
    """Everything a config file holds."""

    model_config = STRICT

    strict: bool = Field(default=False, description="Any plugin's failure is an error, installed-only ones included.")
    discover: bool = Field(default=True, description="Load installed plugins that the file does not name.")
    call_timeout: PositiveFloat = Field(default=300.0, description="Seconds that one call may take.")
    start_timeout: PositiveFloat = Field(default=60.0, description="Seconds that opening one provider may take.")
    load_timeout: PositiveFloat = Field(default=60.0, description="Seconds that importing one plugin may take.")
    stop_timeout: PositiveFloat = Field(default=15.0, description="Seconds that closing one provider may take.")
    concurrency: PositiveInt = Field(default=16, description="Calls of one plugin that may run at once.")
    plugins: Mapping[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]], repr=False, description="Settings of plugins, by the plugin's name."
    )
    servers: Mapping[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]], repr=False, description="MCP servers, by a name of your choice."
    )
    shell: dict[str, Any] | None = Field(
        default=None, repr=False, description="Tools that run commands, for every session in a sandbox of its own."
    )
    agents: Mapping[str, AgentSettings] = Field(
        default_factory=dict[str, AgentSettings], description="Agents and what they may do, by a name of your choice."
    )
    audit: AuditSettings | None = Field(default=None, description="The audit log; nothing is recorded when unset.")

    _source: Path | None = None
    _folder: Path = PrivateAttr(default_factory=Path.cwd)

    @property
    def source(self) -> Path | None:
        """The file these settings came from."""
        return self._source

    @property
    def folder(self) -> Path:
        """The folder that relative paths and the lock file belong to."""
        return self._source.parent if self._source else self._folder

    def with_source(self, source: Path | None) -> Settings:
        """These settings, knowing their file."""
        self._source = source
        return self


def load_settings(config: Settings | Mapping[str, Any] | str | os.PathLike[str] | None = None) -> Settings:
    """Settings from an object, a mapping, a file, or (None) the first default file in the current folder.

    Without any file the settings are empty. ``mcpServers`` JSON, as many MCP clients keep it, is understood.

    Raises:
        ConfigError: The file cannot be read, or a key in it is wrong.
    """
    if isinstance(config, Settings):
        return config
    if isinstance(config, Mapping):
        return parse_settings(config)
    path = Path(config).resolve() if config is not None else find_config()
    if path is None:
        return Settings()
    return parse_settings(read_config(path), source=path)


def parse_settings(raw: Mapping[str, Any], *, source: Path | None = None) -> Settings:
    """Validate a raw mapping; every error names the key, and the file where there is one."""
    data = dict(raw)
    if "mcpServers" in data:
        if not data.keys() & Settings.model_fields.keys():
            # An MCP client's own file: what else is in it is its business.
            data = {"mcpServers": data["mcpServers"]}
        if "servers" in data:
            raise ConfigError("stands beside `servers`", key="mcpServers", file=_name(source), cure="Keep one of them.")
        data["servers"] = data.pop("mcpServers")
    try:
        return Settings.model_validate(data).with_source(source)
    except ValidationError as error:
        raise config_error(error, file=_name(source), model=Settings) from None


def config_error(
    error: ValidationError,
    *,
    file: str | None = None,
    prefix: str = "",
    model: type[BaseModel] | None = None,
    also: Iterable[str] = (),
) -> ConfigError:
    """One `ConfigError` for all that pydantic found; values are never shown.

    ``prefix`` is where the section stands, ``model`` what it was validated with, and ``also`` names more keys that it
    may hold: a misspelt key is answered with the nearest one.
    """
    found = error.errors(include_input=False, include_url=False, include_context=False)
    lines = [_explained(item["type"], item["msg"], item["loc"], prefix, model, also) for item in found]
    (first_key, first, cure), *others = lines
    rest = [f"also {key}: {problem}{f' ({hint})' if hint else ''}" for key, problem, hint in others]
    return ConfigError(first, key=first_key, file=file, cure="\n  ".join([*([cure] if cure else []), *rest]) or None)


def _explained(
    kind: str, message: str, place: Sequence[int | str], prefix: str, model: type[BaseModel] | None, also: Iterable[str]
) -> tuple[str, str, str | None]:
    """The key, what is wrong with it, and what would mend it."""
    place = [part for part in place if not str(part).startswith("(")]  # the name of a choice is no key
    key = ".".join(str(part) for part in (prefix, *place) if part != "")
    match kind:
        case "extra_forbidden":
            known = known_keys(model, place[:-1]) + (sorted(also) if len(place) == 1 else [])
            return key, "there is no such key", _nearest(str(place[-1]), known)
        case "byte_size":
            return key, "is not a size", 'Write a number of bytes, or text such as "512MiB".'
        case "union_tag_invalid":  # the one message of pydantic's that repeats the input
            return key, "names none of the kinds that are allowed here", None
        case _:
            return key, message, None


def _nearest(key: str, known: Sequence[str]) -> str | None:
    if near := difflib.get_close_matches(key, known, n=1):
        return f"Did you mean `{near[0]}`?"
    return f"There are: {', '.join(known)}." if known else None


def known_keys(model: object, place: Sequence[int | str]) -> list[str]:
    """The keys of the model that stands at a place inside another; none where that cannot be told."""
    kind = model
    for part in place:
        kind = _inside(kind, part)
    return list(kind.model_fields) if _is_model(kind) else []


def _inside(kind: object, part: int | str) -> object:
    """The type of what stands under a key or index of a type."""
    if _is_model(kind):
        field = kind.model_fields.get(str(part))
        return _single(field.annotation) if field else None
    arguments = get_args(kind)
    return _single(arguments[-1] if isinstance(part, str) else arguments[0]) if arguments else None


def _single(kind: object) -> object:
    """The one type in an optional one."""
    if get_origin(kind) not in (Union, UnionType):
        return kind
    others = [one for one in get_args(kind) if one is not NoneType]
    return others[0] if len(others) == 1 else None


def _is_model(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _name(path: Path | None) -> str | None:
    return str(path) if path else None
