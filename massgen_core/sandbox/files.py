"""Files into a sandbox, out of it, and from one to another, as streams that never lie whole in memory.

All of it is done by commands inside the sandbox, as its user: `sh` and `cat` read, and `mv`, `chmod` and `rm` help to
write; folders need `tar`. So it works on every backend, and reaches what the sandbox itself may reach, no more. What
comes out is a sandbox's word: it can keep its reader waiting, which a deadline around the call ends.
"""

from __future__ import annotations

import posixpath
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress

import anyio

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox.background import background
from massgen_core.sandbox.output import ByteRing
from massgen_core.sandbox.protocols import Command, Sandbox

_ENGLISH = {"LC_ALL": "C"}
_KEPT = 4096
_LONGEST_REASON = 300
_TIDY_SECONDS = 10.0
_EPILOGUES = ("exiting with", "exiting now")

_FAIL = 'fail() { echo ": $1" >&2; exit 1; }\n'
_READ = (
    _FAIL
    + """
[ -d "$1" ] && fail "it is a folder"
[ -e "$1" ] && [ ! -f "$1" ] && fail "it is no regular file"
exec cat "$1"
"""
)
_WRITE = (
    _FAIL
    + """
[ -d "$2" ] && fail "it is a folder"
[ -z "$3" ] || umask 077
exec cat >"$1"
"""
)
_KEEP_FILE = (
    _FAIL
    + """
[ -d "$2" ] && fail "it is a folder"
[ -z "$3" ] || chmod "$3" "$1" || exit
exec mv -f "$1" "$2"
"""
)
_LOOK = (
    _FAIL
    + """
[ -d "$1" ] && exec echo folder
[ -e "$1" ] || fail "there is no such file"
[ -f "$1" ] || fail "it is no regular file"
stat -L -c %a "$1" 2>/dev/null || :
"""
)
_UNPACK = (  # tar stops at the archive's end, which need not be the stream's
    _FAIL
    + """
[ -e "$2" ] && fail "it is there already"
mkdir -m 700 "$1" && cd "$1" && tar -xof - && exec cat >/dev/null
"""
)
_KEEP_FOLDER = (
    _FAIL
    + """
[ -e "$2" ] && fail "it is there already"
exec mv "$1" "$2"
"""
)
_FORGET = 'chmod -R u+rwX "$1"; rm -rf "$1"'


async def upload(sandbox: Sandbox, path: str, pieces: bytes | AsyncIterable[bytes], *, mode: int | None = None) -> None:
    """Write a file: beside its place, which it takes when it is whole; what was there before is replaced.

    A symbolic link in its place is replaced as well, not followed. ``mode`` (``0o755``) is that of the file; without
    it the sandbox's umask decides. A relative path begins at the sandbox's working directory.

    Raises:
        SandboxError: It could not be written; the message names the path and the reason.
        SandboxExited: The sandbox does not run.
    """
    if isinstance(pieces, bytes):
        async with aclosing(_single(pieces)) as single:
            await upload(sandbox, path, single, mode=mode)
        return
    part = _beside(path)
    words = ("sh", part, _plain(path), "" if mode is None else f"{mode & 0o7777:o}")
    async with _kept_or_forgotten(sandbox, part):
        await _pour(sandbox, path, [_WRITE, *words], pieces)
        await _ask(sandbox, path, [_KEEP_FILE, *words])


@asynccontextmanager
async def download(sandbox: Sandbox, path: str) -> AsyncGenerator[AsyncIterator[bytes]]:
    """The bytes of a file as they come, in pieces of any length; leaving the context early ends the reading.

    Raises:
        SandboxError: It is not there, is no file, or could not be read to its end: when entered, or while iterated.
        SandboxExited: The sandbox does not run, or has ended meanwhile.
    """
    async with _output_of(sandbox, path, [_READ, "sh", _plain(path)]) as pieces:
        await pieces.begin()
        yield pieces


async def copy(source: Sandbox, path: str, target: Sandbox, path2: str) -> None:
    """Copy a file or a folder into another sandbox, or to another place in the same one.

    It passes through this process in pieces, and never through files of the host. A file keeps its permission bits, and
    replaces what is there. A folder keeps what tar keeps, symbolic links as links, and takes a place where nothing is.

    The archive of a folder is the source's word, and is unpacked in the target: by the target's own tar, as its user,
    which owns all that comes of it and gets no rights by it, in a new folder that nothing leads out of. Its limits on
    memory and disk hold.

    Raises:
        SandboxError: It is not there, or could not be copied; the message names the path and the reason.
    """
    said = (await _ask(source, path, [_LOOK, "sh", _plain(path)])).strip()
    if said == b"folder":
        await _copy_folder(source, path, target, path2)
        return
    mode = int(said, 8) & 0o777 if re.fullmatch(rb"[0-7]{1,5}", said) else None
    async with download(source, path) as pieces:
        await upload(target, path2, pieces, mode=mode)


async def _copy_folder(source: Sandbox, path: str, target: Sandbox, path2: str) -> None:
    part = _beside(path2.rstrip("/"))
    place = _plain(path2.rstrip("/"))
    pack = ['cd "$1" && exec tar -cf - .', "sh", _plain(path)]
    async with _kept_or_forgotten(target, part), _output_of(source, path, pack) as pieces:
        await _pour(target, path2, [_UNPACK, "sh", part, place], pieces)
        await _ask(target, path2, [_KEEP_FOLDER, "sh", part, place])


async def _pour(sandbox: Sandbox, path: str, script: Sequence[str], pieces: AsyncIterable[bytes]) -> None:
    """Run a script that reads all of the pieces; an error of theirs ends it."""
    whole, feeding = False, anyio.CancelScope()
    async with sandbox.spawn(["sh", "-c", *script], env=_ENGLISH, stdin=True) as command, background() as tasks:
        listener = _Listener(command, feeding)
        tasks.start_soon(listener.run)
        with feeding:
            whole = await _feed(command, pieces)
        await listener.over.wait()
        await _demand_success(sandbox, command, listener.said, f"{path!r} could not be written")
    if not whole:
        raise SandboxError(f"{sandbox.name}: {path!r} could not be written: not all of it was taken")


async def _feed(command: Command, pieces: AsyncIterable[bytes]) -> bool:
    """Whether it took all of them."""
    async for piece in pieces:
        try:
            await command.send(piece)
        except SandboxExited:  # its end tells more
            return False
    await command.send_eof()
    return True


async def _single(data: bytes) -> AsyncGenerator[bytes]:
    yield data


class _Listener:
    """Keeps the last words of a command that is fed, and stops the feeding when it has ended."""

    def __init__(self, command: Command, feeding: anyio.CancelScope) -> None:
        self._command = command
        self._feeding = feeding
        self.said = ByteRing(_KEPT)
        self.over = anyio.Event()

    async def run(self) -> None:
        """Listen to its end."""
        with suppress(anyio.EndOfStream, SandboxError):  # the second is told when its end is asked for
            while True:
                self.said.add((await self._command.receive())[1])
        self.over.set()
        self._feeding.cancel()


class _Pieces:
    """What a command writes to stdout; that it failed is told at the end."""

    def __init__(self, sandbox: Sandbox, path: str, command: Command) -> None:
        self._sandbox = sandbox
        self._path = path
        self._command = command
        self._said = ByteRing(_KEPT)
        self._first: bytes | None = None
        self._over = False

    async def begin(self) -> None:
        """Wait for the first piece, or for the news that there is none."""
        with suppress(StopAsyncIteration):
            self._first = await self.__anext__()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._first is not None:
            piece, self._first = self._first, None
            return piece
        while not self._over:
            try:
                stream, piece = await self._command.receive()
            except anyio.EndOfStream:
                self._over = True
                what = f"{self._path!r} could not be read"
                await _demand_success(self._sandbox, self._command, self._said, what)
                break
            if stream == "stdout":
                return piece
            self._said.add(piece)
        raise StopAsyncIteration


@asynccontextmanager
async def _output_of(sandbox: Sandbox, path: str, script: Sequence[str]) -> AsyncGenerator[_Pieces]:
    async with sandbox.spawn(["sh", "-c", *script], env=_ENGLISH) as command:
        yield _Pieces(sandbox, path, command)


@asynccontextmanager
async def _kept_or_forgotten(sandbox: Sandbox, part: str) -> AsyncGenerator[None]:
    """What was written beside its place goes again when the body fails."""
    try:
        yield
    except BaseException:
        with anyio.CancelScope(shield=True), suppress(SandboxError):
            await sandbox.exec(["sh", "-c", _FORGET, "sh", part], deadline=_TIDY_SECONDS)
        raise


async def _ask(sandbox: Sandbox, path: str, script: Sequence[str]) -> bytes:
    done = await sandbox.exec(["sh", "-c", *script], env=_ENGLISH, max_output=_KEPT)
    if done.exit_code:
        raise SandboxError(f"{sandbox.name}: {path!r}: {_reason(done.stderr, done.exit_code)}")
    return done.stdout


async def _demand_success(sandbox: Sandbox, command: Command, said: ByteRing, what: str) -> None:
    end = await command.wait()
    if end.exit_code:
        raise SandboxError(f"{sandbox.name}: {what}: {_reason(said.bytes(), end.exit_code)}")


def _reason(said: bytes, code: int) -> str:
    """The last part of what a program complained of: ``Permission denied``."""
    lines = [line for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    telling = [line for line in lines if not any(word in line.lower() for word in _EPILOGUES)]
    reason = telling[-1].rpartition(": ")[2].strip() if telling else ""
    return reason[:_LONGEST_REASON] or f"the command ended with code {code}"


def _plain(path: str) -> str:
    """A path that no program takes for an option, or for its stdin."""
    if "\0" in path or not path:
        raise SandboxError(f"{path!r} cannot be a path")
    try:
        path.encode()
    except UnicodeEncodeError:
        raise SandboxError(f"{path!r} cannot be a path: it is not valid Unicode") from None
    return path if path.startswith("/") else f"./{path}"


def _beside(path: str) -> str:
    """A name in the same folder that nothing else has."""
    folder, name = posixpath.split(_plain(path))
    if name in ("", ".", ".."):
        raise SandboxError(f"{path!r} cannot be written: it names a folder")
    return posixpath.join(folder, f".massgen-{secrets.token_hex(8)}.part")
