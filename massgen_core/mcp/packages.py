"""Names of packaged MCP servers: ``uvx:PKG==V``, ``npx:PKG@V``, and the command lines that people already have.

Pure functions. The command lines are those of ``npx`` and ``npm exec`` (https://docs.npmjs.com/cli/commands/npx),
``pnpm dlx``, ``uvx`` and ``uv tool run`` (https://docs.astral.sh/uv/reference/cli/) and ``pipx run``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NoReturn

from massgen_core.errors import ConfigError
from massgen_core.sandbox import PackageKind, PackageRef

_PYTHON_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._-]+(?:,[A-Za-z0-9._-]+)*\])?"
_NPM_NAME = r"(?:@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9~][A-Za-z0-9._~-]*"
_SPECIFIER = r"(?:[<>]=?|[=!~]=|===) *[A-Za-z0-9][A-Za-z0-9.!+_*-]*"

_NAME: Mapping[PackageKind, re.Pattern[str]] = {"uvx": re.compile(_PYTHON_NAME), "npx": re.compile(_NPM_NAME)}
_VERSION: Mapping[PackageKind, re.Pattern[str]] = {
    "uvx": re.compile(r"[0-9][A-Za-z0-9.!+_-]*"),
    "npx": re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:[-+][A-Za-z0-9.+-]+)?"),
}
_EXTRA: Mapping[PackageKind, re.Pattern[str]] = {
    "uvx": re.compile(rf"{_PYTHON_NAME}(?: *{_SPECIFIER}(?: *, *{_SPECIFIER})*)?"),
    "npx": re.compile(rf"{_NPM_NAME}(?:@[A-Za-z0-9.+^~*<>=_-]+)?"),
}
_DEBIAN = re.compile(r"[a-z0-9][a-z0-9+.-]+")  # Debian Policy 5.6.1
_COMMAND = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")
_SPLIT: Mapping[PackageKind, re.Pattern[str]] = {
    "uvx": re.compile(r"([^=<>!~@;\s]+)\s*(?:(===?|@)\s*(.*))?", re.DOTALL),
    "npx": re.compile(r"(@?[^@]*)(?:(@)(.*))?", re.DOTALL),
}
_LONGEST_NAME = 214
_FORM: Mapping[PackageKind, str] = {"uvx": "uvx:NAME or uvx:NAME==VERSION", "npx": "npx:NAME or npx:NAME@VERSION"}

Meaning = Literal["ignored", "package", "with"]
"""What a runner's flag does: nothing that matters here, name the package, name something to install beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runner:
    """One program that fetches and runs packages: the flags it may have here, and what to say about some others."""

    kind: PackageKind
    flags: Mapping[str, Meaning]
    hints: Mapping[str, str] = field(default_factory=dict[str, str])


_NPM_FLAGS: Mapping[str, Meaning] = {
    "-y": "ignored",
    "--yes": "ignored",
    "-q": "ignored",
    "--quiet": "ignored",
    "-s": "ignored",
    "--silent": "ignored",
    "--prefer-online": "ignored",
    "--prefer-offline": "ignored",
    "-p": "package",
    "--package": "package",
}
_NPX = _Runner(kind="npx", flags=_NPM_FLAGS)
_UVX = _Runner(
    kind="uvx",
    flags={
        "--from": "package",
        "--with": "with",
        "-w": "with",
        "-q": "ignored",
        "--quiet": "ignored",
        "-v": "ignored",
        "--verbose": "ignored",
        "-n": "ignored",
        "--no-cache": "ignored",
        "--refresh": "ignored",
        "-U": "ignored",
        "--upgrade": "ignored",
        "--isolated": "ignored",
        "--no-progress": "ignored",
    },
    hints={"-p": "The base image's Python runs it.", "--python": "The base image's Python runs it."},
)
_PIPX = _Runner(
    kind="uvx",
    flags={"--spec": "package", "-q": "ignored", "--quiet": "ignored", "--verbose": "ignored", "--no-cache": "ignored"},
)

_RUNNERS: Mapping[tuple[str, ...], _Runner] = {
    ("npx",): _NPX,
    ("npm", "exec"): _NPX,
    ("npm", "x"): _NPX,
    ("pnpm", "dlx"): _NPX,
    ("uvx",): _UVX,
    ("uv", "tool", "run"): _UVX,
    ("pipx", "run"): _PIPX,
}


def parse_package(text: str) -> PackageRef:
    """The package that a config's ``package`` key names.

    Raises:
        ConfigError: It is not written as ``uvx:NAME[==VERSION]`` or ``npx:NAME[@VERSION]``.
    """
    prefix, separator, rest = text.strip().partition(":")
    if not separator or (prefix != "uvx" and prefix != "npx"):
        forms = " or ".join(_FORM.values())
        raise ConfigError(f"{text!r} does not say what kind of package it is", cure=f"Write {forms}.")
    return _reference(prefix, rest)


def recognise(command: str, args: Sequence[str]) -> tuple[PackageRef, Sequence[str]] | None:
    """The package behind a command line such as ``npx -y PKG ARG…`` or ``uvx PKG ARG…``, and the arguments it gets.

    None when the command is no runner of packages at all.

    Raises:
        ConfigError: It is one, but uses a flag or a kind of package that cannot be carried into an image.
    """
    words = [_program(command), *args]
    if words[0] == "cmd" and len(words) > 2 and words[1].lower() == "/c":
        return recognise(words[2], words[3:])
    for start, runner in _RUNNERS.items():
        if tuple(words[: len(start)]) == start:
            return _read(" ".join(start), runner, words[len(start) :])
    return None


def check_package(package: PackageRef) -> None:
    """Refuse a reference whose parts could mean anything but names and versions to an installer.

    Raises:
        ConfigError: A part is not what it should be; the message says which.
    """
    kind = package.kind
    if not _NAME[kind].fullmatch(package.name) or len(package.name) > _LONGEST_NAME:
        _refuse(kind, package.name, "is not the name of a package of the registry")
    if package.version is not None and not _VERSION[kind].fullmatch(package.version):
        _refuse(kind, f"{package.name} {package.version}", "does not name one exact version")
    if package.command is not None and not _COMMAND.fullmatch(package.command):
        raise ConfigError(f"{package.command!r} is not the name of a command", cure="Name one that the package brings.")
    for extra in package.extras:
        if not _EXTRA[kind].fullmatch(extra):
            _refuse(kind, extra, "is not a requirement that can be installed beside a package")
    for name in package.system:
        if not _DEBIAN.fullmatch(name):
            raise ConfigError(f"{name!r} is not the name of a Debian package", cure="Write it as apt-get takes it.")


def _reference(kind: PackageKind, text: str) -> PackageRef:
    match = _SPLIT[kind].fullmatch(text.strip())
    if match is None or not match[1]:
        _refuse(kind, text, "does not name one exact version" if text.strip() else "is empty")
    name, version = match[1], match[3]
    if version == "latest" and match[2] == "@":
        version = None
    package = PackageRef(kind=kind, name=name.strip(), version=version.strip() if version is not None else None)
    check_package(package)
    return package


def _refuse(kind: PackageKind, text: str, problem: str) -> NoReturn:
    cure = f"Write {_FORM[kind]}, with an exact version or none; for anything else use `image`."
    raise ConfigError(f"{text!r} {problem}", cure=cure)


def _program(command: str) -> str:
    """``npx`` of ``/usr/bin/npx`` and ``C:\\\\nodejs\\\\npx.cmd``."""
    name = re.split(r"[/\\]", command)[-1]
    return re.sub(r"\.(cmd|exe|bat|ps1)$", "", name, flags=re.IGNORECASE)


def _read(what: str, runner: _Runner, words: Sequence[str]) -> tuple[PackageRef, Sequence[str]]:
    found: dict[Meaning, list[str]] = {"package": [], "with": []}
    rest = _flags(what, runner, list(words), found)
    if not rest:
        raise ConfigError(f"`{what}` is not told which package to run", cure="Put the package's name behind it.")
    word, *arguments = rest
    if not found["package"]:
        package = _reference(runner.kind, word)
    else:
        package = _commanded(_reference(runner.kind, found["package"][0]), word)
    extras = (*found["package"][1:], *(name.strip() for text in found["with"] for name in text.split(",")))
    package = replace(package, extras=extras)
    check_package(package)
    return package, tuple(arguments)


def _commanded(package: PackageRef, command: str) -> PackageRef:
    """The package with the command that is to be run, unless it is the one that would be run anyway."""
    own = package.name.partition("[")[0].rpartition("/")[2]
    return package if command == own else replace(package, command=command)


def _flags(what: str, runner: _Runner, words: list[str], found: Mapping[Meaning, list[str]]) -> list[str]:
    """Take the runner's own flags off the front, and return what is left."""
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word == "--":
            break
        name, assigned, value = word.partition("=")
        meaning = runner.flags.get(name)
        if meaning is None or (meaning == "ignored" and assigned):
            hint = runner.hints.get(name, "Remove it, or run an image: `image`.")
            raise ConfigError(f"`{what}` with the flag `{name}` cannot be put into an image", cure=hint)
        if meaning == "ignored":
            continue
        if not assigned and not words:
            raise ConfigError(f"`{what}` with the flag `{name}` lacks a value", cure="Put the value behind it.")
        found[meaning].append(value if assigned else words.pop(0))
    return words
