"""Finding and parsing a config file; what its keys mean is the business of `massgen_core.config`.

Nothing heavy is imported here, so that `massgen-core plugins` can look into a file without paying for a model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
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
    language, parse = _PARSERS.get(path.suffix.lower(), ("TOML", _parse_toml))
    try:
        data = parse(text)
    except Exception as error:  # the parsers' own errors, and what odd values make them raise besides
        cure = "Correct it there; the file's ending says that it is " + language + "."
        raise ConfigError(f"is not valid {language}: {_where(error)}", file=str(path), cure=cure) from None
    if not isinstance(data, dict):
        raise ConfigError("must hold a mapping at its top", file=str(path))
    return cast("dict[str, Any]", data)


def _parse_toml(text: str) -> object:
    import tomllib

    return tomllib.loads(text)


def _parse_yaml(text: str) -> object:
    import yaml

    return yaml.safe_load(text) or {}


def _where(error: Exception) -> str:
    """What is wrong and where, without quoting the file: it may hold secrets."""
    mark = getattr(error, "problem_mark", None)  # PyYAML's errors
    if mark is not None:
        problem = _QUOTED.sub("…", str(getattr(error, "problem", None) or "error"))
        return f"{problem} (at line {mark.line + 1}, column {mark.column + 1})"
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (at line {error.lineno}, column {error.colno})"
    if place := _PLACE.search(str(error)):  # tomllib's errors
        return f"{_QUOTED.sub('…', str(error)[: place.start()]).strip()} {place[0]}"
    return f"a value in it is malformed ({type(error).__name__})"


_QUOTED = re.compile(r"(['\"]).*\1|\(.*\)", re.DOTALL)
_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)$")

_PARSERS: dict[str, tuple[str, Callable[[str], object]]] = {
    ".toml": ("TOML", _parse_toml),
    ".yaml": ("YAML", _parse_yaml),
    ".yml": ("YAML", _parse_yaml),
    ".json": ("JSON", json.loads),
}
