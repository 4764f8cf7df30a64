"""Secrets from where they are kept: the environment, a file, the system's keyring, a command's output.

What is read never stands in an error, in a log, or in a variable that a traceback with local variables would show.
"""

from __future__ import annotations

import os
import shlex
import signal
import stat
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

import anyio

from massgen_core._threads import run_in_daemon_thread
from massgen_core.errors import SURVIVABLE, ConfigError
from massgen_core.sandbox.secrets import split_source

if TYPE_CHECKING:
    import anyio.abc

LARGEST = 64 * 1024
"""Bytes of the largest secret that is read."""

COMMAND_TIMEOUT = 30.0
"""Seconds that a command may take to print a secret."""

_ENDING = 2.0
_READ = LARGEST + 3  # one byte too many, and the longest line end
_OTHERS = stat.S_IRGRP | stat.S_IROTH


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a secret is kept, and what is said of it when it cannot be read."""

    place: str
    key: str
    folder: Path
    log: Callable[[str], None]

    def error(self, problem: str, cure: str | None = None) -> ConfigError:
        return ConfigError(problem, key=self.key, cure=cure)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read, which this never shows."""

    data: bytes = field(repr=False)
    what: str
    mode: int | None = None


def _unheard(message: str) -> None:
    """What is told to nobody."""


async def read_source(source: str, *, key: str, folder: Path, log: Callable[[str], None] = _unheard) -> str:
    """The secret that a source (``env:NAME``, ``file:PATH``, ``keyring:SERVICE/USER``, ``command:PROGRAM …``) leads to.

    It is read now, by every call anew. Relative paths, and commands, start from ``folder``; ``log`` is told of a file
    that other users can read.

    Raises:
        ConfigError: It cannot be read; the message names ``key``, the kind of source and the place, never the value.
    """
    kind, word = split_source(source)
    place = _Place(place=word, key=key, folder=folder, log=log)
    found = await _READERS[kind](place)
    problem = _problem(found.data)
    if problem is not None:
        raise place.error(f"{found.what} {problem}")
    return found.data.decode()


def _problem(data: bytes) -> str | None:
    """Why these bytes can be no secret; returned, since an error raised here would hold them."""
    if not data:
        return "is empty"
    if len(data) > LARGEST:
        return f"is larger than {LARGEST // 1024} KiB"
    if b"\0" in data:
        return "holds a NUL byte, which no variable can"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    return None


async def _from_env(place: _Place) -> _Found:
    what = f"the variable {place.place}"
    if place.place not in os.environ:
        raise place.error(f"{what} is not set", "Set it in the environment of this program.")
    return _Found(data=os.environ[place.place].encode("utf-8", "surrogateescape"), what=what)


async def _from_file(place: _Place) -> _Found:
    problem = None
    try:
        found = await run_in_daemon_thread(partial(_read_file, place))  # it may lie on a share that hangs
    except (OSError, ValueError, RuntimeError) as error:  # ValueError: NUL in the path; RuntimeError: no home for `~`
        found, problem = None, getattr(error, "strerror", None) or str(error)
    if found is None:
        cure = "A relative path starts at the config file."
        raise place.error(f"the file {place.place} cannot be read: {problem}", cure)
    if found.mode is not None and found.mode & _OTHERS and sys.platform != "win32":
        place.log(f"{place.key}: {found.what} can be read by other users (mode {found.mode:04o}); chmod 600 it")
    return found


def _read_file(place: _Place) -> _Found:
    path = place.folder / Path(place.place).expanduser()
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if not stat.S_ISREG(mode):
            raise OSError("it is no regular file")
        data = _without_newline(file.read(_READ))
    return _Found(data=data, what=f"the file {path}", mode=stat.S_IMODE(mode))


async def _from_keyring(place: _Place) -> _Found:
    service, _, user = place.place.rpartition("/")
    failure = None
    try:
        found = await run_in_daemon_thread(partial(_ask_keyring, service, user))  # it may wait for a dialog for ever
    except SURVIVABLE as error:  # a backend is anybody's code, and its words might hold anything
        found, failure = None, type(error).__name__
    if failure == _NotInstalled.__name__:
        cure = "pip install 'massgen-core[keyring]'"
        raise place.error("`keyring:` needs the package keyring, which is not installed", cure)
    if failure is not None:
        cure = "`keyring diagnose` shows which one is used; where there is none, use `file:` or `command:`."
        raise place.error(f"the keyring cannot be read ({failure})", cure)
    if found is None:
        cure = f"Put it there: keyring set {shlex.quote(service)} {shlex.quote(user)}"
        raise place.error(f"the keyring holds nothing for {user!r} of {service!r}", cure)
    return found


class _NotInstalled(Exception):
    """The package keyring is an extra."""


def _ask_keyring(service: str, user: str) -> _Found | None:
    """What the keyring holds for a user of a service, None for nothing."""
    try:
        import keyring
    except ImportError:
        raise _NotInstalled from None
    value = keyring.get_password(service, user)
    if value is None:
        return None
    return _Found(data=value.encode("utf-8", "surrogatepass"), what=f"the keyring's entry for {user!r} of {service!r}")


async def _from_command(place: _Place) -> _Found:
    """The output of a program; what it writes to stderr goes nowhere, since it may hold the secret as well."""
    words = _words(place)
    code: int | None = None
    found: _Found | None = None
    with anyio.move_on_after(COMMAND_TIMEOUT):
        async with _running(words, place) as process:
            found = await _output(process, words[0])
            code = await process.wait() if len(found.data) <= LARGEST else 0
    if found is None or code is None:
        cure = "It must print the secret without asking anything; stdin is closed."
        raise place.error(f"the command {words[0]!r} did not end within {COMMAND_TIMEOUT:g} s", cure)
    if code != 0:
        cure = "Run it by hand to see why; its stderr is not shown, since it may hold the secret."
        raise place.error(f"the command {words[0]!r} ended with {code}", cure)
    return found


def _words(place: _Place) -> Sequence[str]:
    with suppress(ValueError):
        if words := shlex.split(place.place):
            return words
    raise place.error("the quotes in `command:` do not match", "No shell reads it; words are parted as in one.")


async def _output(process: anyio.abc.Process, program: str) -> _Found:
    assert process.stdout is not None
    data = bytearray()
    with suppress(anyio.EndOfStream, anyio.BrokenResourceError):
        while len(data) < _READ:
            data += await process.stdout.receive()
    return _Found(data=_without_newline(bytes(data)), what=f"the output of the command {program!r}")


@asynccontextmanager
async def _running(words: Sequence[str], place: _Place) -> AsyncGenerator[anyio.abc.Process]:
    """A program in a process group of its own, all of which is gone when the context is left."""
    problem = None
    try:
        process = await anyio.open_process(
            list(words), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, cwd=place.folder, start_new_session=True
        )
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise place.error(f"the command {words[0]!r} cannot be started: {problem}") from None
    try:
        yield process
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)


async def _end(process: anyio.abc.Process) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    with anyio.move_on_after(_ENDING):
        await process.wait()
        await process.aclose()


def _without_newline(data: bytes) -> bytes:
    """The bytes without the one line end that editors and programs put last."""
    return data.removesuffix(b"\n").removesuffix(b"\r") if data.endswith(b"\n") else data


_READERS: Mapping[str, Callable[[_Place], Awaitable[_Found]]] = {
    "env": _from_env,
    "file": _from_file,
    "keyring": _from_keyring,
    "command": _from_command,
}
