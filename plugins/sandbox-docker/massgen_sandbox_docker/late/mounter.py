"""A small process that puts folders of this machine into containers that run, asked over its stdin.

Run as a script by ``python -I -S`` as root, so it imports nothing but the standard library. Each line of stdin is JSON
with what goes where, each line of stdout the answer; it ends with its stdin, or with its parent. It is a process of
its own because the kernel lets only a process with one thread enter a container's mounts.

A folder is opened once, without following a link, and compared with what was checked. From then on no name of it
counts: a copy of that mount, which belongs to no table of mounts yet, is held to what was asked for, and moved over
the empty folder that awaits it. So this machine's own table never shows it, and whenever this process dies, nothing is
left. See open_tree(2), mount_setattr(2), move_mount(2) and openat2(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import struct
from contextlib import ExitStack

TYPE_CHECKING = False  # typing itself would cost half of the start-up time
if TYPE_CHECKING:
    from typing import Any

_LOOK = 2.0
_OPEN_TREE, _MOVE_MOUNT, _OPENAT2, _MOUNT_SETATTR = 428, 429, 437, 442  # the same number on every architecture
_EMPTY_PATH, _CLONE = 0x1000, 0x1
_FROM_EMPTY, _TO_EMPTY = 0x4, 0x40
_READ_ONLY, _NO_SUID, _NO_DEVICES = 0x1, 0x2, 0x4
_PRIVATE = 1 << 18
_NO_MAGIC_LINKS, _NO_LINKS, _IN_ROOT = 0x2, 0x4, 0x10
_NEW_MOUNTS = 0x20000
_FOLDER = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """It is not mounted; the text says why."""


def main() -> None:
    """Answer one request after the other."""
    parent = os.getppid()
    requests = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115 - unbuffered, so that select tells the truth
    os.chdir("/")
    while _asked(parent) and (line := requests.readline()):
        os.write(1, json.dumps(_answer(json.loads(line))).encode() + b"\n")


def _asked(parent: int) -> bool:
    """Wait for a request; false when the parent is dead, though a child of it may hold the pipe open."""
    while not select.select([0], [], [], _LOOK)[0]:
        if os.getppid() != parent:
            return False
    return True


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    try:
        _put(asked)
    except Refused as refused:
        return {"refused": str(refused)}
    except ProcessLookupError:
        return {"gone": True}
    except OSError as error:
        return {"refused": f"the kernel says: {error.strerror}"}
    return {}


def _put(asked: dict[str, Any]) -> None:
    """Mount ``source`` at ``target`` of the container whose first process is ``pid``."""
    with ExitStack() as opened:
        tree = _kept(opened, _copy(opened, asked))
        process = _kept(opened, _process(asked["pid"]))
        _check_process(process, asked["pid"], asked["container"])
        root = _kept(opened, os.open("root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=process))
        mounts = _kept(opened, os.open("ns/mnt", os.O_RDONLY | os.O_CLOEXEC, dir_fd=process))
        target = _kept(opened, _open(root, asked["target"].lstrip("/"), _IN_ROOT))
        _check_target(process, target, asked["target"])
        _move(tree, mounts, target)


def _kept(opened: ExitStack, handle: int) -> int:
    opened.callback(os.close, handle)
    return handle


def _copy(opened: ExitStack, asked: dict[str, Any]) -> int:
    """A copy of the mount of a folder, without what else is mounted in it, belonging to nobody yet."""
    folder = _kept(opened, _open_source(asked["source"]))
    seen = os.fstat(folder)
    if [seen.st_dev, seen.st_ino] != asked["known"]:
        raise Refused(f"{asked['source']} was replaced while it was being mounted")
    tree = _call(_OPEN_TREE, folder, b"", ctypes.c_uint(_EMPTY_PATH | _CLONE | os.O_CLOEXEC))
    held = _NO_SUID | _NO_DEVICES | (0 if asked["write"] else _READ_ONLY)
    try:
        _call(_MOUNT_SETATTR, tree, b"", ctypes.c_uint(_EMPTY_PATH), *_struct("QQQQ", held, 0, _PRIVATE, 0))
    except OSError:
        os.close(tree)
        raise
    return tree


def _open_source(path: str) -> int:
    try:
        return _open(-100, path, 0)
    except OSError as error:
        raise Refused(f"{path} cannot be opened (any more): {error.strerror}") from None


def _open(folder: int, path: str, resolve: int) -> int:
    """Open a folder for its place alone, by a path with no link in it."""
    how = _struct("QQQ", _FOLDER, 0, _NO_LINKS | _NO_MAGIC_LINKS | resolve)
    return _call(_OPENAT2, folder, os.fsencode(path), *how)


def _process(pid: int) -> int:
    try:
        return os.open(f"/proc/{pid}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise ProcessLookupError from None


def _check_process(process: int, pid: int, container: str) -> None:
    """It is the first process of that container, and no other one that got its number: the folder stays its own."""
    if container not in _read(process, "cgroup"):
        raise ProcessLookupError
    lines = _read(process, "status").splitlines()
    numbers = next(line.split()[1:] for line in lines if line.startswith("NSpid:"))
    if len(numbers) < 2 or numbers[0] != str(pid) or numbers[-1] != "1":
        raise Refused("the container has no processes and mounts of its own that can be seen from here")


def _check_target(process: int, target: int, path: str) -> None:
    """It is the root of the one empty folder in memory that was mounted there when the container was made."""
    with open(f"/proc/self/fdinfo/{target}") as lines:
        number = next(line.split()[1] for line in lines if line.startswith("mnt_id:"))
    rows = [line.split(" ") for line in _read(process, "mountinfo").splitlines()]
    there = [(row[0], row[3], row[row.index("-") + 1]) for row in rows if _plain(row[4]) == path]
    if there != [(number, "/", "tmpfs")]:
        raise Refused(f"{path} is not (any more) the empty folder that was put there")


def _read(process: int, name: str) -> str:
    with open(os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=process), encoding="utf-8", errors="replace") as file:
        return file.read()


def _plain(text: str) -> str:
    return text.replace("\\040", " ").replace("\\134", "\\")  # no other letter of a target is written as a code


def _move(tree: int, mounts: int, target: int) -> None:
    """A child enters the container's mounts, does that one thing, and ends."""
    child = os.fork()
    if child == 0:
        problem = 255
        with contextlib.suppress(BaseException):
            problem = _moved(tree, mounts, target)
        os._exit(problem)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code:
        raise Refused(f"the kernel says: {os.strerror(code) if 0 < code < 255 else f'ended with {code}'}")


def _moved(tree: int, mounts: int, target: int) -> int:
    if _libc.setns(mounts, _NEW_MOUNTS):
        return ctypes.get_errno()
    try:
        _call(_MOVE_MOUNT, tree, b"", target, b"", ctypes.c_uint(_FROM_EMPTY | _TO_EMPTY))
    except OSError as error:
        return error.errno or 255
    return 0


def _struct(form: str, *values: int) -> tuple[bytes, ctypes.c_size_t]:
    data = struct.pack(form, *values)
    return data, ctypes.c_size_t(len(data))


def _call(number: int, *arguments: Any) -> int:
    done = _libc.syscall(ctypes.c_long(number), *arguments)
    if done < 0:
        problem = ctypes.get_errno()
        raise OSError(problem, os.strerror(problem))
    return int(done)


if __name__ == "__main__":
    main()
