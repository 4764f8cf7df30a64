"""The host's package-index settings, read as pip, uv and npm read them, written for builds.

Only indexes over HTTP can be reached from a container; folders and files of the host are left out. Sources: pip's
configuration page (https://pip.pypa.io/en/stable/topics/configuration/), uv's environment variables
(https://docs.astral.sh/uv/reference/environment/), npm's npmrc page (https://docs.npmjs.com/cli/configuring-npm/npmrc).
"""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

_ENV_REFERENCE = re.compile(r"\$\{([^}]+)\}")
_NPM_KEY = re.compile(
    r"registry|@[^:\s]+:registry|//\S+:(_authToken|_auth|username|_password|email)|replace-registry-host"
)


def python_indexes(environ: Mapping[str, str]) -> str:
    """A ``uv.toml`` with the host's Python package indexes; empty where it uses PyPI as it is."""
    default = _first(_default_indexes(environ))
    extras = [url for url in dict.fromkeys(_extra_indexes(environ)) if url != default]
    lines = [_index(url) for url in extras]
    if default is not None:
        lines.append(_index(default) + "default = true\n")
    return "".join(lines)


def npm_settings(environ: Mapping[str, str]) -> str:
    """An ``npmrc`` with the host's registries and their credentials."""
    found: dict[str, str] = {}
    for path in _npmrc_files(environ):
        for key, value in _npmrc_entries(path):
            found[key] = _ENV_REFERENCE.sub(lambda match: environ.get(match[1], match[0]), value)
    if registry := environ.get("NPM_CONFIG_REGISTRY") or environ.get("npm_config_registry"):
        found["registry"] = registry
    return "".join(f"{key}={value}\n" for key, value in found.items())


def _index(url: str) -> str:
    return f"[[index]]\nurl = {json.dumps(url)}\n"


def _first(urls: Iterator[str]) -> str | None:
    return next(urls, None)


def _default_indexes(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        yield from _urls(environ.get(name, ""))
    yield from _uv_toml_indexes(environ, default=True)
    for section in _pip_sections(environ):
        yield from _urls(section.get("index-url", ""))


def _extra_indexes(environ: Mapping[str, str]) -> Iterator[str]:
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        yield from _urls(environ.get(name, ""))
    yield from _uv_toml_indexes(environ, default=False)
    for section in _pip_sections(environ):
        yield from _urls(section.get("extra-index-url", ""))


def _urls(text: str) -> Iterator[str]:
    """The HTTP addresses in a setting; uv allows ``name=url``."""
    for word in text.split():
        url = word if "://" not in word.partition("=")[2] else word.partition("=")[2]
        if url.startswith(("https://", "http://")):
            yield url


def _pip_sections(environ: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    for path in _pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        if parser.has_section("global"):
            yield parser["global"]


def _pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """The files from the strongest to the weakest."""
    home = _home(environ)
    config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
    if environ.get("PIP_CONFIG_FILE"):
        yield Path(environ["PIP_CONFIG_FILE"])
    yield from (config / "pip/pip.conf", home / ".pip/pip.conf", home / "Library/Application Support/pip/pip.conf")
    yield from (Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"))


def _uv_toml_indexes(environ: Mapping[str, str], *, default: bool) -> Iterator[str]:
    config = Path(environ.get("XDG_CONFIG_HOME") or _home(environ) / ".config")
    for path in (config / "uv/uv.toml", Path("/etc/uv/uv.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        for entry in _tables(data.get("index")):
            if bool(entry.get("default")) is default and not entry.get("explicit"):
                yield from _urls(str(entry.get("url", "")))
        yield from _urls(str(data.get("index-url", "")) if default else " ".join(_strings(data.get("extra-index-url"))))


def _tables(value: Any) -> list[dict[str, Any]]:
    return [item for item in cast("list[Any]", value) if isinstance(item, dict)] if isinstance(value, list) else []


def _strings(value: Any) -> list[str]:
    return [str(item) for item in cast("list[Any]", value)] if isinstance(value, list) else []


def _npmrc_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """The files from the weakest to the strongest."""
    yield from (Path("/etc/npmrc"), Path("/usr/etc/npmrc"), Path("/usr/local/etc/npmrc"))
    if environ.get("NPM_CONFIG_GLOBALCONFIG"):
        yield Path(environ["NPM_CONFIG_GLOBALCONFIG"])
    yield Path(environ.get("NPM_CONFIG_USERCONFIG") or _home(environ) / ".npmrc")


def _npmrc_entries(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for line in lines:
        key, separator, value = (part.strip() for part in line.partition("="))
        if separator and _NPM_KEY.fullmatch(key):
            yield key, value.strip("\"'")


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or environ.get("USERPROFILE") or "/nonexistent")
