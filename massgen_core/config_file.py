"""Finding and parsing a config file; what its keys mean is the business of `massgen_core.config`.

Nothing heavy is imported here, so that `massgen-core plugins` can look into a file without paying for a model.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from massgen_core.errors import ConfigError

DEFAULT_FILES = ("massgen.toml", "massgen.yaml", "massgen.yml", "massgen.json")


def find_config() -> Path | None:
    """The first default file in the current folder, None where there is none."""
    return next((path.resolve() for name in DEFAULT_FILES if (path := Path(name)).is_file()), None)


def read_config(path: Path) -> Mapping[str, Any]:
    """The raw mapping that a TOML, YAML or JSON file holds.

    Raises:
        ConfigError: The file is not there, cannot be read, or is not valid.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError("no such file", file=str(path), cure="Write one with `massgen-core init`.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path)) from None
    try:
        data = _PARSERS.get(path.suffix.lower(), _parse_toml)(text)
    except ValueError as error:
        raise ConfigError(f"is not valid {path.suffix.lstrip('.') or 'toml'}: {error}", file=str(path)) from None
    if not isinstance(data, dict):
        raise ConfigError("must hold a mapping at its top", file=str(path))
    return cast("dict[str, Any]", data)


def _parse_toml(text: str) -> object:
    import tomllib

    return tomllib.loads(text)


def _parse_yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


_PARSERS = {".toml": _parse_toml, ".yaml": _parse_yaml, ".yml": _parse_yaml, ".json": json.loads}
