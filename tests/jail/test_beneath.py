"""Opening beneath a folder, by the kernel's own call and by the walk: the same answers, and never outside."""

from __future__ import annotations

import errno
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from massgen_core.jail import openat2, walk

Open = Callable[..., int]
OPENERS = [
    pytest.param(
        openat2.open_beneath,
        id="openat2",
        marks=pytest.mark.skipif(not openat2.available(), reason="this kernel has no openat2"),
    ),
    pytest.param(walk.open_beneath, id="walk"),
]
pytestmark = pytest.mark.parametrize("open_beneath", OPENERS)


@pytest.fixture
def root(tmp_path: Path) -> Iterator[int]:
    """A tree with links of every kind; ``secret`` beside it must never be reached."""
    inside = tmp_path / "root"
    (inside / "a" / "b").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (inside / "a" / "file").write_text("inside")
    links = {
        "up": "..",
        "a/up": "../../secret",
        "absolute": str(tmp_path / "secret"),
        "proc": "/proc/self/root",
        "good": "a/file",
        "a/b/good": "../file",
        "folder": "a/b",
        "loop": "loop",
        "dangling": "a/new",
        "out": "../new",
    }
    for name, target in links.items():
        (inside / name).symlink_to(target)
    os.mkfifo(inside / "fifo")
    found = os.open(inside, os.O_RDONLY)
    yield found
    os.close(found)
    assert not (tmp_path / "new").exists()
    assert (tmp_path / "secret").read_text() == "secret"


def content(found: int) -> bytes:
    try:
        return os.read(found, 100)
    finally:
        os.close(found)


@pytest.mark.parametrize("path", [b"a/file", b"./a//file", b"good", b"a/b/good", b"folder/good", b"folder/../file"])
def test_what_is_inside_is_opened(open_beneath: Open, root: int, path: bytes) -> None:
    assert content(open_beneath(root, path, os.O_RDONLY)) == b"inside"


@pytest.mark.parametrize(
    "path",
    [b"../secret", b"up/secret", b"a/up", b"absolute", b"/etc/passwd", b"proc/etc/passwd", b"a/../../secret", b".."],
)
@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_WRONLY | os.O_CREAT, os.O_PATH])
def test_nothing_outside_is(open_beneath: Open, root: int, path: bytes, flags: int) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011  (which one is what counts)
        open_beneath(root, path, flags)
    assert caught.value.errno == errno.EXDEV or (path == b".." and caught.value.errno == errno.EISDIR)


def test_links_that_lead_nowhere(open_beneath: Open, root: int) -> None:
    for path, number in ((b"loop", errno.ELOOP), (b"dangling", errno.ENOENT), (b"missing", errno.ENOENT)):
        with pytest.raises(OSError) as caught:  # noqa: PT011
            open_beneath(root, path, os.O_RDONLY)
        assert caught.value.errno == number


def test_a_file_is_made_through_a_link_inside_alone(open_beneath: Open, root: int) -> None:
    os.close(open_beneath(root, b"dangling", os.O_WRONLY | os.O_CREAT, 0o644))
    assert content(open_beneath(root, b"a/new", os.O_RDONLY)) == b""
    with pytest.raises(OSError) as caught:  # noqa: PT011
        open_beneath(root, b"out", os.O_WRONLY | os.O_CREAT, 0o644)
    assert caught.value.errno == errno.EXDEV


def test_no_link_is_followed_where_none_may_be(open_beneath: Open, root: int) -> None:
    for path in (b"good", b"folder/good"):
        with pytest.raises(OSError) as caught:  # noqa: PT011
            open_beneath(root, path, os.O_RDONLY, follow=False)
        assert caught.value.errno == errno.ELOOP
    assert content(open_beneath(root, b"a/file", os.O_RDONLY, follow=False)) == b"inside"


def test_a_descriptor_is_not_inherited(open_beneath: Open, root: int) -> None:
    found = open_beneath(root, b"a/file", os.O_RDONLY)
    assert not os.get_inheritable(found)
    os.close(found)


def test_five_thousand_folders_deep(open_beneath: Open, root: int) -> None:
    """As deep as a tree may be; a path that is longer than the kernel takes at once needs the walk."""
    here = os.dup(root)
    for _ in range(5000):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("end", os.O_WRONLY | os.O_CREAT, dir_fd=here))
    path = b"/".join([b"d"] * 5000 + [b"end"])
    before = len(os.listdir("/proc/self/fd"))
    if open_beneath is openat2.open_beneath:
        with pytest.raises(OSError) as caught:  # noqa: PT011
            open_beneath(root, path, os.O_RDONLY)
        assert caught.value.errno == errno.ENAMETOOLONG
    else:
        assert content(open_beneath(root, path, os.O_RDONLY)) == b""
    assert len(os.listdir("/proc/self/fd")) == before
    os.close(here)
    subprocess.run(["rm", "-rf", "d"], cwd=f"/proc/self/fd/{root}", pass_fds=[root], check=True)


@pytest.mark.parametrize("rounds", [5000])
def test_who_swaps_links_meanwhile_gains_nothing(open_beneath: Open, root: int, tmp_path: Path, rounds: int) -> None:
    """While a folder becomes a link to the outside and back, only the inside is ever read or written."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("secret")
    (tmp_path / "root" / "out").unlink()
    (tmp_path / "root" / "out").symlink_to("../outside")
    (tmp_path / "root" / "real").mkdir()
    (tmp_path / "root" / "real" / "file").write_text("inside")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for old, new in (("real", "t"), ("out", "real"), ("real", "out"), ("t", "real")):
                os.rename(old, new, src_dir_fd=root, dst_dir_fd=root)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen, refused = set[bytes](), set[int | None]()
    try:
        for number in range(rounds):
            flags = os.O_RDONLY if number % 2 else os.O_WRONLY | os.O_CREAT
            try:
                found = open_beneath(root, b"real/file", flags, 0o644)
            except OSError as error:
                refused.add(error.errno)
                continue
            if number % 2:
                seen.add(content(found))
            else:
                os.close(found)
    finally:
        stop.set()
        swapper.join()
    assert seen <= {b"inside"}
    assert refused <= {errno.EXDEV, errno.ENOENT, errno.ELOOP, errno.ENOTDIR}
    assert (tmp_path / "outside" / "file").read_text() == "secret"
