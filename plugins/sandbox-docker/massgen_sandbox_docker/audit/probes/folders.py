"""Attempts on whoever reads a folder that the sandbox may write to, and on a folder that it may only read."""

from __future__ import annotations

import os
import socket

from massgen_sandbox_docker.audit.probes.probe import Facts, attempt, main, parameters, tries, trying

_WORKSPACE = "/workspace"
_READ_ONLY = "/mnt/audit"
_BLOCK = 4096


@attempt("folder-odd-entries")
def odd_entries() -> Facts:
    """Leave behind what a naive reader follows, waits for or stumbles over; and say what of it takes up the disk."""
    os.chdir(_WORKSPACE)
    large = str(parameters()["large"])
    links = ("/etc", "/etc/shadow", "/proc/self/root", "/proc/self/cwd", large, "/dev/zero", "nowhere", ".", "..")
    for number, target in enumerate((*links, "loop")):
        os.symlink(target, f"link{number}")
    os.symlink("loop", "loop")
    names = [b"new\nline", b"\x1b[2J\x1b]0;x\x07", b"\xff\xfe", b"x" * 255, b"-rf", b" ", b"..."]
    for name in names:
        with open(name, "wb") as file:
            file.write(b"x")
    made = 1 + len(links) + 1 + len(names)
    odd = {make.__name__: trying(make) for make in (_pipe, _socket, _holes)}
    with open("data", "wb") as file:
        file.write(bytes(1 << 20))
    for number in range(50):
        os.link("data", f"name{number}")
    return {"least": (1 << 20) + made * _BLOCK, "entries": made, "odd": odd}


def _pipe() -> None:
    os.mkfifo("pipe")


def _socket() -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")


def _holes() -> None:
    """Files that look larger than what may be used in all, each no larger than a single file may be."""
    for name in ("hole", "another"):
        with open(name, "wb") as file:
            file.truncate(3 << 20)


@attempt("folder-deep")
def deep() -> Facts:
    """Folders in folders."""
    os.chdir(_WORKSPACE)
    depth = int(parameters()["depth"])
    for _ in range(depth):
        os.mkdir("d")
        os.chdir("d")
    return {"made": depth}


@attempt("folder-many-files")
def many_files() -> Facts:
    """Empty files, which take no blocks."""
    os.chdir(_WORKSPACE)
    count = int(parameters()["files"])
    for number in range(count):
        os.close(os.open(str(number), os.O_CREAT | os.O_WRONLY))
    return {"made": count}


@attempt("folder-growth")
def growth() -> Facts:
    """Bytes, in many files."""
    os.chdir(_WORKSPACE)
    for number in range(24):
        with open(str(number), "wb") as file:
            file.write(bytes(1 << 20))
    return {"made": 24}


@attempt("read-only-folder")
def read_only_folder() -> Facts:
    """Reach a file of the read-only folder by another name, or put something in its place."""
    inside, mine = f"{_READ_ONLY}/protected", f"{_WORKSPACE}/mine"
    with open(mine, "wb") as file:
        file.write(b"mine")
    os.symlink(inside, f"{_WORKSPACE}/link")
    return tries(
        {
            "hard link": trying(lambda: os.link(inside, f"{_WORKSPACE}/hard")),
            "rename over it": trying(lambda: os.rename(mine, inside)),
            "move it away": trying(lambda: os.rename(inside, f"{_WORKSPACE}/moved")),
            "write through a link": trying(lambda: open(f"{_WORKSPACE}/link", "r+b").close()),
            "delete": trying(lambda: os.unlink(inside)),
            "rename the folder": trying(lambda: os.rename(_READ_ONLY, f"{_READ_ONLY}-moved")),
            "rename its parent": trying(lambda: os.rename(os.path.dirname(_READ_ONLY), "/moved")),
            "swap": trying(lambda: os.rename(_WORKSPACE, _READ_ONLY)),
        }
    )


if __name__ == "__main__":
    main()
