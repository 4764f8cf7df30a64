"""Files in and out of a sandbox, and from one to another, by the commands that every backend runs."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from typing import ClassVar

import anyio
import pytest

from massgen_core.errors import SandboxError, SandboxExited
from massgen_core.sandbox import Sandbox, SandboxBackend, SandboxSpec, copy, download, upload
from massgen_core.testing.sandbox.kit import PATIENCE, Kit

_ALL_BYTES = bytes(range(256))
_ODD_NAMES = ("plain", "-rf", "two words", "new\nline", " ", "ü*?$HOME'\"\\", "-")
_FOLDER = r"""
mkdir -p /tmp/kept/inner /tmp/kept/empty && cd /tmp/kept
printf 'a\0b' >'new
line' && echo run >inner/-x && chmod 750 inner/-x && ln -s ../inner/-x inner/link && chmod 555 .
"""
_TELL = 'cd "$1" && find . | sort && cat "new\nline" inner/link && ls -l inner | cut -c 1-10 && ls -ld . | cut -c 1-10'


async def read(sandbox: Sandbox, path: str) -> bytes:
    """All of a file."""
    async with download(sandbox, path) as pieces:
        return b"".join([piece async for piece in pieces])


async def seen(sandbox: Sandbox, script: str, *words: str) -> str:
    """What a shell script says."""
    done = await sandbox.exec(["sh", "-c", script, "sh", *words], deadline=PATIENCE)
    return (done.stdout + done.stderr).decode()


class Files(Kit):
    """What `massgen_core.sandbox.upload`, ``download`` and ``copy`` promise on top of a backend."""

    pytestmark: ClassVar[pytest.MarkDecorator] = pytest.mark.anyio

    @pytest.fixture
    async def folder(self, sandbox: Sandbox) -> AsyncGenerator[str]:
        """A new folder inside."""
        made = (await seen(sandbox, "mktemp -d")).strip()
        yield made
        await seen(sandbox, 'chmod -R u+rwX "$1"; rm -rf "$1"', made)

    @pytest.mark.parametrize("name", _ODD_NAMES)
    async def test_a_file_under_an_odd_name(self, sandbox: Sandbox, folder: str, name: str) -> None:
        """Bytes and names are exact, from the root or from the working directory, and a file is replaced as a whole."""
        for data in (_ALL_BYTES * 1000, b"", b"short"):
            await upload(sandbox, f"{folder}/{name}", data)
            assert await read(sandbox, f"{folder}/{name}") == data
        listed = await seen(
            sandbox, 'cd "$1" && for each in * .[!.]*; do [ -e "$each" ] && echo "$each."; done', folder
        )
        assert listed == f"{name}.\n"

    async def test_more_than_the_memory_would_like(self, sandbox: Sandbox, folder: str) -> None:
        """Twenty megabytes come and go in pieces, none of which is large."""
        sent, came, longest = hashlib.sha256(), hashlib.sha256(), 0

        async def pieces() -> AsyncGenerator[bytes]:
            for number in range(320):
                piece = number.to_bytes(2, "big") * 2**15
                sent.update(piece)
                yield piece

        await upload(sandbox, f"{folder}/large", pieces())
        async with download(sandbox, f"{folder}/large") as read_back:
            async for piece in read_back:
                came.update(piece)
                longest = max(longest, len(piece))
        assert came.digest() == sent.digest()
        assert 0 < longest <= 2**20

    async def test_permission_bits(self, sandbox: Sandbox, folder: str) -> None:
        """They are those that were asked for."""
        await upload(sandbox, f"{folder}/program", b"#!/bin/sh\n", mode=0o750)
        assert (await seen(sandbox, f"ls -l {folder}/program"))[:10] == "-rwxr-x---"

    async def test_what_cannot_be_written(self, sandbox: Sandbox, folder: str) -> None:
        """The message names the path and the reason, and the sandbox goes on."""
        for path in (folder, f"{folder}/", "/no/such/folder/file", "/usr/file", "a\0b", "bad\udcff"):
            with pytest.raises(SandboxError) as caught:
                await upload(sandbox, path, b"x" * 10)
            assert repr(path) in str(caught.value)
            assert not isinstance(caught.value, SandboxExited)
        assert await seen(sandbox, 'ls -A "$1"', folder) == ""

    async def test_what_cannot_be_read(self, sandbox: Sandbox, folder: str) -> None:
        """What is missing, a folder, or no regular file is told before there is a first piece."""
        await sandbox.exec(["mkfifo", f"{folder}/fifo"], deadline=PATIENCE)
        reasons = {f"{folder}/none": "No such file", folder: "a folder", f"{folder}/fifo": "no regular file"}
        for path, reason in reasons.items():
            with anyio.fail_after(PATIENCE), pytest.raises(SandboxError, match=reason) as caught:
                async with download(sandbox, path):
                    pytest.fail("it was entered")
            assert repr(path) in str(caught.value)

    async def test_an_upload_that_breaks_off_leaves_what_was_there(self, sandbox: Sandbox, folder: str) -> None:
        """The caller's own error is raised as it is; the old file is untouched, and nothing lies beside it."""
        await upload(sandbox, f"{folder}/file", b"old")

        async def pieces() -> AsyncGenerator[bytes]:
            yield b"new" * 1000
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await upload(sandbox, f"{folder}/file", pieces())
        assert await read(sandbox, f"{folder}/file") == b"old"
        assert await seen(sandbox, 'ls -A "$1"', folder) == "file\n"

    async def test_a_cancelled_upload_leaves_what_was_there(self, sandbox: Sandbox, folder: str) -> None:
        """Whoever is cancelled while the bytes do not come leaves nothing."""
        begun = anyio.Event()

        async def pieces() -> AsyncGenerator[bytes]:
            yield b"new"
            begun.set()
            await anyio.sleep_forever()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(upload, sandbox, f"{folder}/file", pieces())
            with anyio.fail_after(PATIENCE):
                await begun.wait()
            tasks.cancel_scope.cancel()
        assert await seen(sandbox, 'ls -A "$1"', folder) == ""

    async def test_a_download_that_is_left_early(self, sandbox: Sandbox, folder: str) -> None:
        """Its command ends with it, and the sandbox goes on."""
        await sandbox.exec(["sh", "-c", f"head -c 8000000 /dev/zero >{folder}/zeros"], deadline=PATIENCE)
        with anyio.fail_after(PATIENCE):
            async with download(sandbox, f"{folder}/zeros") as pieces:
                async for piece in pieces:
                    assert set(piece) == {0}
                    break
        assert await self.running(sandbox, f"{folder}/zeros") == []

    async def test_a_copy(self, sandbox: Sandbox, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec) -> None:
        """A file and a folder arrive as they are, names, links and permission bits included."""
        self.needs("private-files")
        assert await seen(sandbox, _FOLDER) == ""
        async with sandbox_backend.start(sandbox_spec) as other:
            await copy(sandbox, "/tmp/kept/inner/-x", other, "/tmp/one")
            assert await read(other, "/tmp/one") == b"run\n"
            assert (await seen(other, "ls -l /tmp/one"))[:10] == "-rwxr-x---"
            await copy(sandbox, "/tmp/kept/", other, "/tmp/many/")
            assert await seen(other, _TELL, "/tmp/many") == await seen(sandbox, _TELL, "/tmp/kept")
            assert await seen(other, "ls -A /tmp") == "many\none\n"

    async def test_a_copy_takes_no_place_of_others(self, sandbox: Sandbox, folder: str) -> None:
        """A folder does not go where something is, nor a file where a folder is; nothing is left of the attempt."""
        await sandbox.exec(["mkdir", "-p", f"{folder}/from", f"{folder}/there"], deadline=PATIENCE)
        await upload(sandbox, f"{folder}/file", b"x")
        for path, place, reason in (
            (f"{folder}/from", f"{folder}/there", "it is there already"),
            (f"{folder}/from", f"{folder}/file", "it is there already"),
            (f"{folder}/file", f"{folder}/there", "it is a folder"),
            (f"{folder}/none", f"{folder}/new", "no such file"),
        ):
            with pytest.raises(SandboxError, match=reason):
                await copy(sandbox, path, sandbox, place)
        assert await seen(sandbox, 'find "$1" | sort', folder) == "".join(
            f"{folder}{name}\n" for name in ("", "/file", "/from", "/there")
        )

    async def test_files_of_a_sandbox_that_is_gone(
        self, sandbox_backend: SandboxBackend, sandbox_spec: SandboxSpec
    ) -> None:
        """There is nothing to be read, and nowhere to write."""
        async with sandbox_backend.start(sandbox_spec) as gone:
            pass
        with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
            await upload(gone, "/tmp/file", b"x")
        with anyio.fail_after(PATIENCE), pytest.raises(SandboxExited):
            await read(gone, "/tmp/file")
