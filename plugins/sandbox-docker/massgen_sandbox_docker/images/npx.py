"""npm packages: installed by npm, from a lock that it has just written (https://docs.npmjs.com/cli)."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from massgen_core.errors import ImageError
from massgen_core.sandbox import ExecResult, PackageRef
from massgen_sandbox_docker.images.installed import Resolution
from massgen_sandbox_docker.images.problems import npm_problem
from massgen_sandbox_docker.images.workshop import Workshop

PREFIX = "/opt/mcp"
_MODULES = f"{PREFIX}/node_modules"
_OPTIONS = ("--prefix", PREFIX, "--omit=dev")
_ENV = {
    "CI": "1",
    "NPM_CONFIG_AUDIT": "false",
    "NPM_CONFIG_FUND": "false",
    "NPM_CONFIG_PROGRESS": "false",
    "NPM_CONFIG_UPDATE_NOTIFIER": "false",
    "NPM_CONFIG_MAXSOCKETS": "4",  # 15 by itself: several builds at once made some registries fall silent
    "NPM_CONFIG_FETCH_TIMEOUT": "30000",  # of silence; 5 min by itself
    "NPM_CONFIG_FETCH_RETRIES": "4",
    "NPM_CONFIG_FETCH_RETRY_MINTIMEOUT": "2000",  # 10 s and more by itself: a registry that is not there took minutes
    "NPM_CONFIG_FETCH_RETRY_MAXTIMEOUT": "10000",
}


class Npx:
    """`Installer` for ``npx:`` packages."""

    async def resolve(self, shop: Workshop, package: PackageRef, *, as_of: datetime | None) -> Resolution:
        """Resolve with ``npm install --package-lock-only``."""
        await shop.check(["sh", "-c", f"rm -rf {PREFIX}/package*.json && echo '{{}}' > {PREFIX}/package.json"])
        before = [f"--before={as_of.isoformat()}"] if as_of else []
        wanted = f"{package.name}@{package.version or 'latest'}"
        command = ["npm", "install", *_OPTIONS, "--package-lock-only", "--save-exact", *before, wanted, *package.extras]
        await self._npm(shop, package, command)
        return await self._read_lock(shop, package)

    async def install(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> Sequence[str]:
        """Install the lock with ``npm ci``, which checks every hash."""
        scripts = [] if shop.config.build_scripts else ["--ignore-scripts"]
        await self._npm(shop, package, ["npm", "ci", *_OPTIONS, *scripts])
        command = await _command(shop, package)
        await shop.check(["sh", "-c", f"rm -f {PREFIX}/package*.json {_MODULES}/.package-lock.json"])
        return command

    async def _npm(self, shop: Workshop, package: PackageRef, command: Sequence[str]) -> ExecResult:
        result = await shop.run(command, env=_ENV)
        if result.exit_code != 0:
            raise npm_problem(package, result)
        return result

    async def _read_lock(self, shop: Workshop, package: PackageRef) -> Resolution:
        lock = _object(await shop.read(f"{PREFIX}/package-lock.json"), package)
        entries = cast("dict[str, dict[str, Any]]", lock.get("packages", {}))
        own = entries.get(f"node_modules/{package.name}", {}).get("version")
        if own is None:
            raise ImageError(f"{package}: npm wrote a lock without the package itself")
        packages = {path: str(entry["version"]) for path, entry in _installed(entries)}
        hashes = {path: [str(entry["integrity"])] for path, entry in _installed(entries) if "integrity" in entry}
        return Resolution(version=str(own), packages=packages, hashes=hashes)

    async def released(self, shop: Workshop, package: PackageRef, resolution: Resolution) -> datetime | None:
        """When the registry says that the version appeared; None where it says nothing (many mirrors do not)."""
        result = await shop.run(["npm", "view", package.name, "time", "--json"], env=_ENV)
        try:
            return datetime.fromisoformat(json.loads(result.stdout)[resolution.version])
        except (ValueError, KeyError, TypeError):
            return None


def _installed(entries: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The lock's entries by the path they are installed at (one name may be there in several versions)."""
    for path, entry in entries.items():
        if path and "version" in entry and not entry.get("dev"):
            yield path.removeprefix("node_modules/"), entry


def _object(data: bytes, package: PackageRef) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError as error:
        raise ImageError(f"{package}: npm left something that is not JSON ({error})") from error
    if not isinstance(found, dict):
        raise ImageError(f"{package}: npm left something that is not a JSON object")
    return cast("dict[str, Any]", found)


async def _command(shop: Workshop, package: PackageRef) -> Sequence[str]:
    """``node FILE`` for a program in JavaScript, the file alone for any other."""
    manifest = _object(await shop.read(f"{_MODULES}/{package.name}/package.json"), package)
    name = choose_bin(package, manifest.get("bin"))
    file = posixpath.normpath(posixpath.join(_MODULES, package.name, name))
    if not file.startswith(f"{_MODULES}/"):
        raise ImageError(f"{package} declares a command outside its own folder: {name!r}")
    start = await shop.check(["head", "-c", "64", file])
    native = not file.endswith((".js", ".mjs", ".cjs")) and b"node" not in start.partition(b"\n")[0]
    return [file] if native else ["node", file]


def choose_bin(package: PackageRef, declared: object) -> str:
    """The file to start, from ``bin`` of a package.json: the one asked for, the package's own, or the only one.

    Raises:
        ImageError: There is none, or there are several and none is meant.
    """
    own = package.name.rpartition("/")[2]
    bins = {own: declared} if isinstance(declared, str) else _names(declared)
    wanted = package.command or own
    if wanted in bins:
        return bins[wanted]
    if package.command is None and len(set(bins.values())) == 1:
        return next(iter(bins.values()))
    listed = f"its commands are {', '.join(sorted(bins))}" if bins else "it has none at all: is it an MCP server?"
    raise ImageError(f"{package} has no command {wanted!r}; {listed}\n  Name one: `npx -p {package.name} COMMAND`.")


def _names(declared: object) -> dict[str, str]:
    if not isinstance(declared, dict):
        return {}
    return {str(name): str(file) for name, file in cast("dict[Any, Any]", declared).items()}
