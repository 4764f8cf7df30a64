"""Trees as nobody makes them by chance, seen through the tools: each is answered, none holds a session up."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from workspace_calls import tools_of

from massgen_core.jail import openat2
from massgen_core.jail.names import shown

pytestmark = pytest.mark.anyio

STRANGE = (
    *(b"new\nline", b"tab\there", b"\xff\xfe", b"\x1b[31mred", b"-rf", b"--", b"~", b"$HOME", b"*", b"{a,b}", b"a b"),
    *(b'"quoted"', b"back\\slash", b"\\101", b"...", b"..x", b"x" * 255, "ü".encode() * 127, b"\xed\xa0\x80", b"#!"),
)
DEEP = 5000


@pytest.fixture
def anyio_backend() -> str:
    """One loop: what is tested here runs in threads."""
    return "asyncio"


@pytest.fixture(params=["openat2", "walk"])
def opened_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "walk":
        monkeypatch.setattr(openat2, "available", lambda: False)
    return request.param


@pytest.fixture
def deep(work: Path, opened_by: str) -> Iterator[str]:
    """A path of thousands of folders, and the file at its end; longer than any call to the system takes."""
    here = os.open(work, os.O_RDONLY)
    many = DEEP if opened_by == "openat2" else DEEP // 5
    for _ in range(many):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    file = os.open("end", os.O_WRONLY | os.O_CREAT, 0o640, dir_fd=here)
    os.write(file, b"at the end\n")
    os.close(file)
    os.close(here)
    yield "d/" * many + "end"
    subprocess.run(["rm", "-rf", str(work)], check=True)


async def test_strange_names(work: Path, opened_by: str) -> None:
    """Every name comes back as it can be given: listed, found, read, edited, deleted and brought back."""
    for name in STRANGE:
        (work / os.fsdecode(name)).write_bytes(b"old\n")
    async with tools_of(work) as call:
        listed = {entry["path"] for entry in (await call("list_folder")).structured["entries"]}
        found = set((await call("find_files", names=["*"])).structured["paths"])
        assert listed == found == {shown(name) for name in STRANGE}
        for text in sorted(listed):
            assert (await call("read_file", path=text)).text == "1\told"
            edited = await call("edit_file", path=text, edits=[{"old": "old", "new": "new"}])
            assert edited.structured["changes"][0]["path"] == text
        hits = (await call("search_files", pattern="^new$")).structured["hits"]
        assert {hit["path"] for hit in hits} == listed
    assert {await anyio.Path(entry).read_bytes() for entry in os.scandir(work)} == {b"new\n"}


@pytest.mark.parametrize("text", ["a\0b", "\ud800", '"a', '"\\000"', "", "/", "//", "x" * 256, "a/" * 5000])
async def test_texts_that_are_no_paths(work: Path, text: str) -> None:
    async with tools_of(work) as call:
        for name, more in (("read_file", {}), ("write_file", {"content": ""})):
            answer = await call(name, path=text, **more)
            assert answer.is_error
            assert "Error:" not in answer.text
    assert os.listdir(work) == []


async def test_what_is_no_file_holds_nobody_up(work: Path, opened_by: str) -> None:
    os.mkfifo(work / "pipe")
    kinds = {"pipe": "a pipe", "sock": "a socket"}
    if os.geteuid() == 0:
        os.mknod(work / "zero", 0o20666, os.makedev(1, 5))
        os.mknod(work / "none", 0o60666, os.makedev(240, 240))
        kinds |= {"zero": "a device", "none": "a device"}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(work / "sock"))
        with anyio.fail_after(30):
            async with tools_of(work) as call:
                entries = (await call("list_folder")).structured["entries"]
                assert {entry["path"] for entry in entries} == kinds.keys()
                assert (await call("find_files", names=["*"])).structured["paths"] == []
                assert (await call("search_files", pattern="x")).structured["hits"] == []
                for name, kind in kinds.items():
                    for tool, more in (
                        ("read_file", {}),
                        ("search_files", {"pattern": "x"}),
                        ("write_file", {"content": "x"}),
                        ("insert_lines", {"line": 0, "text": "x"}),
                        ("list_folder", {}),
                    ):
                        answer = await call(tool, path=name, **more)
                        assert "Error:" not in answer.text, (tool, name, answer.text)
                        assert answer.is_error or not answer.structured.get("hits", [1]), (tool, name, answer.text)
                        assert tool not in ("read_file", "write_file") or kind in answer.text
    assert all(not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode) for entry in os.scandir(work))


async def test_links_in_circles_and_out(work: Path, opened_by: str) -> None:
    (work.parent / "secret").write_text("secret")
    (work / "d").mkdir()
    (work / "d" / "f").write_text("inside\n")
    targets = {"a": "b", "b": "a", "self": "self", "d/up": "..", "out": "../secret", "abs": str(work.parent / "secret")}
    targets |= {"root": "/proc/self/root", "cwd": "/proc/self/cwd", "fd": "/dev/fd/0", "long": "d/up/" * 30 + "d/f"}
    for name, target in targets.items():
        (work / name).symlink_to(target)
    async with tools_of(work) as call:
        assert (await call("find_files", names=["f"])).structured["paths"] == ["d/f"]
        assert (await call("read_file", path="d/up/d/up/d/f")).text == "1\tinside"
        for name in ("a", "self", "out", "abs", "root/etc/passwd", "cwd/x", "fd"):
            for tool, more in (("read_file", {}), ("write_file", {"content": "x"}), ("list_folder", {})):
                answer = await call(tool, path=name, **more)
                assert answer.is_error
                assert "link" in answer.text or "leads out" in answer.text or "no folder" in answer.text
    assert (work.parent / "secret").read_text() == "secret"
    assert not (work.parent / "x").exists()


async def test_magic_links_lead_nowhere(work: Path, opened_by: str) -> None:
    """Where /proc itself is open to a session, what it says of this program does not open the rest."""
    (work / "here").write_text("x")
    pid = os.getpid()
    async with tools_of(work, context={"/processes": {"source": "/proc"}}) as call:
        assert not (await call("read_file", path=f"/processes/{pid}/status")).is_error
        for inner in ("root/etc/passwd", f"cwd/{work.name}", f"task/{pid}/root/etc/passwd", "fd/0", "exe"):
            answer = await call("read_file", path=f"/processes/{pid}/{inner}")
            assert answer.is_error, (inner, answer.text)
            assert "Error:" not in answer.text


async def test_five_thousand_folders_deep(work: Path, deep: str) -> None:
    """Read, found, listed, written, taken back: in a path that is longer than the system takes at once."""
    folder = deep.removesuffix("/end")
    (work / ".git").mkdir()  # something that is protected: what is written is compared with it, all the way up
    with anyio.fail_after(60):
        async with tools_of(work) as call:
            assert (await call("read_file", path=deep)).text == "1\tat the end"
            assert (await call("find_files", names=["end"])).structured["paths"] == [deep]
            assert (await call("list_folder", path=folder)).structured["entries"][0]["path"] == "end"
            assert (await call("search_files", pattern="the end")).structured["hits"][0]["path"] == deep
            edited = await call("edit_file", path=deep, edits=[{"old": "at", "new": "behind"}])
            assert not edited.is_error, edited.text[-300:]
            assert (await call("read_file", path=deep)).text == "1\tbehind the end"
            beside = await call("write_file", path=f"{folder}/new/file", content="x")
            assert not beside.is_error, beside.text[-300:]
            for change in (beside, edited):
                assert not (await call("undo_change", id=change.structured["id"])).is_error
            assert (await call("read_file", path=deep)).text == "1\tat the end"
            assert len((await call("find_files", names=["*"])).structured["paths"]) == 1


async def test_a_new_file_in_many_new_folders(work: Path, opened_by: str) -> None:
    path = "n/" * 300 + "f"
    async with tools_of(work) as call:
        written = await call("write_file", path=path, content="x")
        assert not written.is_error, written.text[-300:]
        assert (await call("read_file", path=path)).text == "1\tx"
        assert not (await call("undo_change", id=written.structured["id"])).is_error
    assert os.listdir(work) == []


async def test_a_hundred_thousand_files_in_one_folder(work: Path) -> None:
    folder = os.open(work, os.O_RDONLY)
    for number in range(100_000):
        os.close(os.open(f"{number:06}", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    (work / "099999").write_text("needle\n")
    with anyio.fail_after(60):
        async with tools_of(work) as call:
            listed = await call("list_folder", limit=10)
            assert [entry["path"] for entry in listed.structured["entries"]] == [f"{n:06}" for n in range(10)]
            assert (await call("find_files", names=["*99999"])).structured["paths"] == ["099999"]
            assert (await call("search_files", pattern="needle")).structured["hits"][0]["path"] == "099999"
            written = await call("write_file", path="050000", content="x")
            assert not (await call("undo_change", id=written.structured["id"])).is_error
    await anyio.to_thread.run_sync(shutil.rmtree, work)


@pytest.mark.parametrize("head", [b"", b"text\n"])
async def test_a_file_of_holes(work: Path, head: bytes) -> None:
    """As large as the disk lets a file be: what is shown of it comes at once."""
    with (work / "f").open("wb") as file:
        file.write(head)
        for bits in range(60, 30, -1):
            try:
                file.truncate(1 << bits)
            except OSError:
                continue
            break
    assert (work / "f").stat().st_size > 1 << 40
    with anyio.fail_after(60):
        async with tools_of(work) as call:
            for arguments in ({}, {"first": -3}, {"first": 2}):
                answer = await call("read_file", path="f", **arguments)
                assert "Error:" not in answer.text
                assert len(answer.text) < 100_000
            assert "Error:" not in (await call("search_files", pattern="nowhere", path="f")).text
            for tool, more in (("write_file", {"content": "x"}), ("edit_file", {"edits": [{"old": "a", "new": "b"}]})):
                answer = await call(tool, path="f", **more)
                assert answer.is_error
                assert "bytes" in answer.text


async def test_a_file_that_grows_while_it_is_read(work: Path) -> None:
    """Reading ends although somebody writes faster than anybody reads."""
    stop = threading.Event()
    (work / "log").write_bytes(b"first\n")

    def grow() -> None:
        with (work / "log").open("ab", buffering=0) as file:
            while not stop.is_set() and file.tell() < 200_000_000:
                file.write(b"another line\n" * 20_000)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        with anyio.fail_after(60):
            async with tools_of(work) as call:
                for first in (1, -1, 1000):
                    answer = await call("read_file", path="log", first=first, lines=5)
                    assert not answer.is_error
                    assert answer.structured["lines"]
                assert (await call("search_files", pattern="^first$", path="log", limit=1)).structured["hits"]
    finally:
        stop.set()
        await anyio.to_thread.run_sync(writer.join)


UNREADABLE = """
import os, sys, anyio
from pathlib import Path
from workspace_calls import tools_of
work = Path(sys.argv[1]) / "work"
async def main():
    async with tools_of(Path(sys.argv[1]) / "warm", state=sys.argv[1] + "/warm-state") as call:
        await call("write_file", path="f", content="x")  # everything is imported before the rights are given away
        await call("search_files", pattern="x")
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    async with tools_of(work, state=sys.argv[1] + "/state") as call:
        for tool, more in (
            ("read_file", {"path": "closed"}),
            ("list_folder", {"path": "shut"}),
            ("read_file", {"path": "shut/f"}),
            ("write_file", {"path": "shut/g", "content": "x"}),
            ("write_file", {"path": "fixed/g", "content": "x"}),
            ("write_file", {"path": "closed", "content": "x"}),
        ):
            answer = await call(tool, **more)
            assert answer.is_error, (tool, more)
            assert "this program may not" in answer.text, answer.text
        assert (await call("find_files", names=["*"])).structured["paths"] == ["closed", "fixed/f", "open"]
        hits = (await call("search_files", pattern="x")).structured["hits"]
        assert [hit["path"] for hit in hits] == ["fixed/f", "open"]
        assert not (await call("write_file", path="open", content="y")).is_error
anyio.run(main)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files that it may not read as another user")
async def test_what_an_ordinary_user_may_not_read(tmp_path: Path) -> None:
    """It is said, and what else there is stays usable."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent != Path("/") and not parent.stat().st_mode & 1:
            parent.chmod(parent.stat().st_mode | 0o011)
    work = tmp_path / "work"
    (tmp_path / "warm").mkdir()
    for name in ("", "shut", "fixed", "../state"):
        (work / name).mkdir()
        os.chown(work / name, 65534, 65534)
    for name, mode in (("open", 0o644), ("closed", 0o600), ("shut/f", 0o644), ("fixed/f", 0o644)):
        (work / name).write_text("x\n")
        (work / name).chmod(mode)
    (work / "shut").chmod(0o000)
    (work / "fixed").chmod(0o555)
    support = Path(sys.modules["workspace_calls"].__file__ or "").parent
    done = await anyio.run_process(
        [sys.executable, "-c", UNREADABLE, str(tmp_path)],
        env={"PYTHONPATH": str(support), "HOME": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]


async def test_another_name_of_a_protected_file(work: Path, opened_by: str) -> None:
    """No tool changes a file that is protected, or another session's, by a further name that it has."""
    theirs = work.parent / "theirs"
    theirs.mkdir()
    for file in (work / "key", theirs / "file"):
        file.write_text("kept\n")
        os.link(file, work / f"also-{file.name}")
    (work / "way").symlink_to("key")
    async with tools_of(work, protected=["key"], context={"/theirs": {"source": str(theirs)}}) as call:
        for path in ("key", "also-key", "way", "/theirs/file", "/theirs/new"):
            for tool, more in (
                ("write_file", {"content": "x"}),
                ("edit_file", {"edits": [{"old": "kept", "new": "x"}]}),
                ("insert_lines", {"line": 0, "text": "x"}),
            ):
                answer = await call(tool, path=path, **more)
                assert answer.is_error
                assert "may be read, not changed" in answer.text
        assert not (await call("write_file", path="also-file", content="mine\n")).is_error
    assert (work / "key").read_text() == (theirs / "file").read_text() == "kept\n"
    assert (work / "also-file").read_text() == "mine\n"
