"""A session's files where no plugin knows more of them: its workspace, by descriptor, all or nothing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from massgen_core import ToolContext, ToolProvider, hookimpl, tool
from massgen_core.files import NewFile, numbered
from massgen_core.files.plain import PlainFiles
from massgen_core.testing import open_test_runtime

pytestmark = pytest.mark.anyio

FILES = PlainFiles()


@tool
async def show(context: ToolContext, path: str) -> str:
    """What is in a file."""
    with await FILES.open(context, path) as file:
        return f"{file.name} {file.size} {os.pread(file.descriptor, 100, 0).decode()}"


@tool
async def put(context: ToolContext, sources: list[str], paths: list[str], overwrite: bool = False) -> list[str]:
    """Put files in."""
    with ExitStack() as stack:
        new: list[NewFile] = []
        for source, path in zip(sources, paths, strict=True):
            file = os.open(source, os.O_RDONLY)
            stack.callback(os.close, file)
            new.append(NewFile(descriptor=file, path=path, overwrite=overwrite))
        return list((await FILES.put(context, new, "put")).paths)


class Plugin:
    __name__ = "massgen_plain"

    @staticmethod
    @hookimpl
    def massgen_providers() -> list[ToolProvider]:
        return [ToolProvider.of("plain", [show, put], prefix="")]


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    return tmp_path / "work"


@pytest.fixture
async def call(work: Path) -> AsyncIterator[Callable[..., Any]]:
    async with (
        open_test_runtime(("plain", Plugin)) as runtime,  # pyright: ignore[reportArgumentType]
        runtime.session(workspace=work) as session,
    ):

        async def one(name: str, **arguments: Any) -> Any:
            return await session.call(name, arguments)

        yield one


async def test_files_are_put_in_and_opened(call: Callable[..., Any], work: Path) -> None:
    one, two = str(work.parent / "one"), str(work.parent / "two")
    result = await call("put", sources=[one, two], paths=["a/b/c.txt", "/workspace/d.txt"])
    assert result.structured == {"result": ["a/b/c.txt", "/workspace/d.txt"]}
    assert (await call("show", path="a/b/c.txt")).text == "c.txt 1 1"
    assert (work / "d.txt").read_text() == "2"
    again = await call("put", sources=[two], paths=["a/b/c.txt"])
    assert again.structured == {"result": ["a/b/c-2.txt"]}
    over = await call("put", sources=[two], paths=["a/b/c.txt"], overwrite=True)
    assert over.structured == {"result": ["a/b/c.txt"]}
    assert (work / "a/b/c.txt").read_text() == "2"
    assert everything(work) == ["a", "a/b", "a/b/c-2.txt", "a/b/c.txt", "d.txt"]


async def test_nothing_leads_out(call: Callable[..., Any], work: Path) -> None:
    one = str(work.parent / "one")
    (work / "up").symlink_to("..")
    (work / "link").symlink_to("../one")
    for path in ("../x", "up/x", "/etc/x", "link"):
        result = await call("put", sources=[one], paths=[path], overwrite=True)
        assert result.is_error, path
    for path in ("../one", "up/one", "link", "/etc/passwd", "."):
        assert (await call("show", path=path)).is_error, path
    assert (work.parent / "one").read_text() == "1"
    assert everything(work) == ["link", "up"]


async def test_all_or_none(call: Callable[..., Any], work: Path) -> None:
    one = str(work.parent / "one")
    (work / "taken").mkdir()
    result = await call("put", sources=[one, one], paths=["first", "taken"], overwrite=True)
    assert result.is_error
    assert everything(work) == ["taken"]


def test_a_name_that_is_taken_gets_a_number() -> None:
    names = numbered("a/b.tar.gz")
    assert [next(names) for _ in range(3)] == ["a/b.tar.gz", "a/b.tar-2.gz", "a/b.tar-3.gz"]


def everything(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))
