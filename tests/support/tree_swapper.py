"""Changes a tree as fast as it can while others read and write it: ``tree_swapper.py ROOT [LIMBO SHARED]``.

Folders, files and links in ROOT change places, each with a link that leads out of it; a folder goes away and comes
back. With LIMBO, a folder beside ROOT, one is moved out of the root and back: ``..`` in it then leads to LIMBO; and a
hard link to the file SHARED is made again and again. Without, it is whoever has ROOT mounted: a name that a file tool
has for a moment, or for the trash, is exchanged with the link as well.
"""

from __future__ import annotations

import ctypes
import os
import random
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

RENAME_EXCHANGE = 2
PAIRS = (
    ("", "real", "", "real-link"),
    ("", "file", "", "file-link"),
    ("", "file", "", "fifo"),
    ("", "file", "", "hard"),
    ("real", "sub", "real", "sub-link"),
    ("real/sub", "file", "real/sub", "file-link"),
    ("real", "sub", "", "file"),
)
"""Each name with its folder, which is held open: this program itself must not follow what it has put in place."""

LIBC = ctypes.CDLL(None, use_errno=True)


def exchange(one: int, name: bytes, other: int, second: bytes) -> None:
    """Two names change what they stand for, at once where the file system can do that (renameat2)."""
    if LIBC.renameat2(one, name, other, second, RENAME_EXCHANGE):
        with suppress(OSError):
            os.rename(name, b"aside", src_dir_fd=one, dst_dir_fd=one)
            os.rename(second, name, src_dir_fd=other, dst_dir_fd=one)
            os.rename(b"aside", second, src_dir_fd=one, dst_dir_fd=other)


def comes_and_goes(root: int) -> None:
    """A folder with a file is there, and is not."""
    with suppress(OSError):
        os.mkdir("gone", dir_fd=root)
    with suppress(OSError):
        os.unlink("gone/file", dir_fd=root)
    with suppress(OSError):
        os.rmdir("gone", dir_fd=root)


def out_and_back(deep: int, limbo: int) -> None:
    """A folder is beside the root, and in it again."""
    for source, target in ((deep, limbo), (limbo, deep)):
        with suppress(OSError):
            os.rename("moved", "moved", src_dir_fd=source, dst_dir_fd=target)


def link_again(root: int, shared: str) -> None:
    """What is written anew is the name, never what it is a name of."""
    with suppress(OSError):
        os.link(shared, "hard-new", dst_dir_fd=root)
        os.rename("hard-new", "hard", src_dir_fd=root, dst_dir_fd=root)


def meddle(folders: Iterable[int], root: int) -> None:
    """What a tool is writing, and what it has put away, is a link for a while."""
    for folder in folders:
        for name in os.listdir(folder):
            if name.startswith(".massgen-"):
                exchange(folder, name.encode(), root, b"file-link")


def main() -> None:
    """Until killed."""
    root = Path(sys.argv[1])
    folders = {name: os.open(root / name, os.O_RDONLY) for name in ("", "real", "real/sub", "deep")}
    limbo, shared = (os.open(sys.argv[2], os.O_RDONLY), sys.argv[3]) if len(sys.argv) > 2 else (-1, "")
    pairs = [(folders[one], name.encode(), folders[other], second.encode()) for one, name, other, second in PAIRS]
    print("ready", flush=True)
    while True:
        exchange(*random.choice(pairs))
        comes_and_goes(folders[""])
        if limbo >= 0:
            out_and_back(folders["deep"], limbo)
            link_again(folders[""], shared)
        else:
            meddle(folders.values(), folders[""])


if __name__ == "__main__":
    main()
