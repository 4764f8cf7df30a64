"""Folders in memory as archives in pieces: an engine takes files of a known size, and a stream's is not known.

The archive of a folder is made and unpacked inside sandboxes, by their own tar as their own user. For the engine, and
for this program, it is bytes: nothing that a sandbox has packed is ever unpacked by anybody else.
"""

from __future__ import annotations

import tarfile
from collections.abc import Awaitable, Callable, Iterator, Sequence

import anyio

from massgen_core.errors import SandboxError
from massgen_core.sandbox import Command, Sandbox, Stream
from massgen_core.sandbox.output import ByteRing
from massgen_sandbox_docker.container.exits import size_text
from massgen_sandbox_docker.state.labels import FOLDER

Send = Callable[[bytes], Awaitable[None]]

PIECE = 4 * 1024 * 1024
_KEPT = 2000
_ENGLISH = {"LC_ALL": "C"}

_PACK = r"""
case $(tar --version 2>/dev/null) in *GNU*) gnu=1;; *) gnu=;; esac
cd "$1" || exit 2
shift
[ -n "$(ls -A)" ] || exit 0
if [ -z "$gnu" ]; then
  [ $# = 0 ] || { echo "something is mounted below, which only GNU tar leaves out" >&2; exit 2; }
  exec tar -cf - .
fi
tar --one-file-system --anchored --no-wildcards "$@" -cf - .
code=$?
[ "$code" = 1 ] || exit $code
"""
"""With GNU tar 1 means that a file was written to meanwhile, which is no failure where programs go on."""

_UNPACK = r"""
case $(tar --version 2>/dev/null) in *GNU*) skip=--skip-old-files;; *) skip=;; esac
cat "$1".* | tar -C "$2" $skip -xpof -
"""
"""What is there already is the engine's, as the folder itself: GNU tar takes it for a failure that it is."""


class Writer:
    """Writes an archive of pieces for the engine, and counts what goes into it."""

    def __init__(self, send: Send, key: str, limit: int) -> None:
        self._send = send
        self._key = key
        self._limit = limit
        self.written = 0

    async def begin(self) -> None:
        """The folders in which the pieces are."""
        for name in (FOLDER, f"{FOLDER}/{self._key}"):
            await self._send(_folder(name))

    async def add(self, sandbox: Sandbox, path: str, number: int, targets: Sequence[str]) -> bool:
        """One folder of the sandbox, without what is mounted at ``targets`` below it; false where it is empty.

        Raises:
            SandboxError: It cannot be read, or is more than may be kept.
        """
        said, held, pieces = ByteRing(_KEPT), bytearray(), 0
        words = ["sh", "-c", _PACK, "sh", path, *(f"--exclude=./{each}" for each in _below(path, targets))]
        async with sandbox.spawn(words, env=_ENGLISH) as command:
            while (output := await _next(command)) is not None:
                if output[0] == "stderr":
                    said.add(output[1])
                    continue
                held += output[1]
                while len(held) >= PIECE:
                    await self._put(number, pieces, bytes(held[:PIECE]))
                    del held[:PIECE]
                    pieces += 1
            end = await command.wait()
        if end.exit_code:
            raise SandboxError(f"{sandbox.name}: could not keep {path}: {_text(said) or f'code {end.exit_code}'}")
        if held:
            await self._put(number, pieces, bytes(held))
        return bool(pieces or held)

    async def finish(self) -> None:
        """The archive's end."""
        await self._send(bytes(2 * tarfile.BLOCKSIZE))

    async def _put(self, number: int, piece: int, data: bytes) -> None:
        self.written += len(data)
        check_size(self.written, self._limit)
        await self._send(_file(f"{FOLDER}/{self._key}/{number}.{piece:06d}", data))


def check_size(size: int, limit: int) -> None:
    """Refuse a snapshot that is larger than one may be."""
    if size > limit:
        raise SandboxError(
            f"the snapshot would be larger than {size_text(limit)}\n  "
            "Delete what need not be kept, or raise `snapshot_size` under [plugins.sandbox-docker]."
        )


async def unpack(sandbox: Sandbox, key: str, number: int, path: str) -> str | None:
    """Unpack a folder in a sandbox that has the pieces; what went wrong, if anything."""
    words = ["sh", "-c", _UNPACK, "sh", f"/{FOLDER}/{key}/{number}", path]
    done = await sandbox.exec(words, env=_ENGLISH, max_output=_KEPT)
    if not done.exit_code:
        return None
    return done.stderr.decode("utf-8", "replace").strip() or f"code {done.exit_code}"


def _below(path: str, targets: Sequence[str]) -> Iterator[str]:
    """The targets below a path, as seen from it."""
    top = f"{path.rstrip('/')}/"
    return (target.removeprefix(top).strip("/") for target in targets if target.startswith(top))


async def _next(command: Command) -> tuple[Stream, bytes] | None:
    try:
        return await command.receive()
    except anyio.EndOfStream:
        return None


def _text(said: ByteRing) -> str:
    return said.bytes().decode("utf-8", "replace").strip()


def _file(name: str, data: bytes) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o444
    return member.tobuf() + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def _folder(name: str) -> bytes:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, 0o555
    return member.tobuf()
