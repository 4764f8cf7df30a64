"""Python packages: resolved and installed by uv, with every hash checked (https://docs.astral.sh/uv/).

The lock is uv's ``pylock.toml`` (PEP 751), whose upload times tell when a version was released.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from massgen_core.errors import ImageError
from massgen_core.sandbox import PackageRef
from massgen_sandbox_docker.images.hostfiles import FOLDER
from massgen_sandbox_docker.images.installed import Resolution
from massgen_sandbox_docker.images.problems import uv_problem
from massgen_sandbox_docker.images.workshop import CACHE, Workshop

VENV = "/opt/mcp/venv"
_LOCK = f"{FOLDER}/pylock.toml"
_REQUIREMENTS = f"{CACHE}/requirements.in"
_ENV = {
    "UV_PYTHON_DOWNLOADS": "never",
    "UV_NO_PROGRESS": "1",
    "UV_PREVIEW_FEATURES": "pylock",
    "PYC_INVALIDATION_MODE": "UNCHECKED_HASH",  # compiled files stay valid whatever copying does to times
}

_SCRIPTS = """
import json, sys
from importlib.metadata import distribution
found = distribution(sys.argv[1]).entry_points.select(group="console_scripts")
json.dump(sorted(entry.name for entry in found), sys.stdout)
"""


class Uvx:
    """`Installer` for ``uvx:`` packages."""

    async def resolve(self, shop: Workshop, package: PackageRef, *, as_of: datetime | None) -> Resolution:
        """Resolve with ``uv pip compile``."""
        await shop.write(_REQUIREMENTS, _requirements(package).encode())
        command = ["uv", "pip", "compile", "--quiet", "--format", "pylock.toml", "--python", "python3", "-o", _LOCK]
        command += ["--exclude-newer", as_of.strftime("%Y-%m-%dT%H:%M:%SZ")] if as_of else []
        command += [] if shop.config.build_scripts else ["--no-build"]
        result = await shop.run([*command, _REQUIREMENTS], env=_ENV)
        if result.exit_code != 0:
            raise uv_problem(package, result)
        return read_lock(await shop.read(_LOCK), package)

    async def install(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> Sequence[str]:
        """Install the lock into a virtual environment of its own."""
        await shop.check(["uv", "venv", "--quiet", "--python", "python3", VENV])
        command = ["uv", "pip", "install", "--python", VENV, "--compile-bytecode", "-r", _LOCK]
        command += [] if shop.config.build_scripts else ["--no-build"]
        result = await shop.run(command, env=_ENV)
        if result.exit_code != 0:
            raise uv_problem(package, result)
        return [f"{VENV}/bin/{await _script(shop, package)}"]

    async def released(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> datetime | None:
        """When the version's last file was uploaded, by the lock."""
        return resolution.released


def bare_name(name: str) -> str:
    """The name without its extras, normalised as indexes do (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name.partition("[")[0].strip()).lower()


def _requirements(package: PackageRef) -> str:
    pinned = f"=={package.version}" if package.version else ""
    return "".join(f"{line}\n" for line in (f"{package.name}{pinned}", *package.extras))


def read_lock(text: bytes, package: PackageRef) -> Resolution:
    try:
        listed = cast("list[dict[str, Any]]", tomllib.loads(text.decode()).get("packages", []))
        packages = {str(entry["name"]): str(entry["version"]) for entry in listed}
        own = next(entry for entry in listed if bare_name(entry["name"]) == bare_name(package.name))
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise ImageError(f"{package}: uv wrote a lock that cannot be read ({error!r})") from error
    hashes = {str(entry["name"]): sorted(_hashes(entry)) for entry in listed}
    return Resolution(version=str(own["version"]), packages=packages, hashes=hashes, released=_released(own))


def _files(entry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from entry.get("wheels", ())
    if "sdist" in entry:
        yield entry["sdist"]


def _hashes(entry: Mapping[str, Any]) -> Iterator[str]:
    for file in _files(entry):
        yield from (f"{kind}:{value}" for kind, value in file.get("hashes", {}).items())


def _released(entry: Mapping[str, Any]) -> datetime | None:
    times = [file["upload-time"] for file in _files(entry) if isinstance(file.get("upload-time"), datetime)]
    return max(times).astimezone(UTC) if times else None


async def _script(shop: Workshop, package: PackageRef) -> str:
    """The console script to start: the one asked for, the one named like the package, or the only one."""
    owner = bare_name(package.name)
    found = await shop.run([f"{VENV}/bin/python", "-I", "-c", _SCRIPTS, owner])
    names = cast("list[str]", json.loads(found.stdout)) if found.exit_code == 0 else []
    if package.command:
        present = await shop.run(["test", "-x", f"{VENV}/bin/{package.command}"])
        if present.exit_code == 0:
            return package.command
    elif owner in (normal := {bare_name(name): name for name in names}):
        return normal[owner]
    elif len(names) == 1:
        return names[0]
    wanted = f"no command {package.command!r}" if package.command else "no command of its own name"
    listed = f"its commands are {', '.join(names)}" if names else "it has none at all: is it an MCP server?"
    raise ImageError(f"{package} has {wanted}; {listed}\n  Name one: `uvx --from {package.name} COMMAND`.")
