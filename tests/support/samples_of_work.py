"""Work functions that behave well, badly, and as something that has broken out of a decoder would."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from massgen_core.errors import ToolFailed
from massgen_core.workers import Work

loaded: list[int] = []


def shout(work: Work) -> dict[str, Any]:
    """Write what was read, in capitals."""
    work.progress(0.5, "reading")
    text = b"".join(file.read() for file in work.files).upper()
    (work.folder / "out.txt").write_bytes(text)
    work.progress(1.0)
    return {"size": len(text), "options": work.options}


def count(work: Work) -> dict[str, Any]:
    """How often this process was asked."""
    loaded.append(1)
    work.early({"chunk": len(loaded)})
    return {"calls": len(loaded), "pid": os.getpid(), "parent": os.getppid()}


def refuse(work: Work) -> dict[str, Any]:
    raise ToolFailed("", "this is no picture")


def stumble(work: Work) -> dict[str, Any]:
    raise KeyError("header")


def devour(work: Work) -> dict[str, Any]:
    held = [bytearray(16 * 1024 * 1024) for _ in range(1000)]
    return {"held": len(held)}


def crash(work: Work) -> dict[str, Any]:
    ctypes.string_at(0)
    return {}


def spin(work: Work) -> dict[str, Any]:
    while True:
        pass


def hang(work: Work) -> dict[str, Any]:
    """Say where it hangs, with a child that outlives nobody."""
    child = subprocess.Popen(["sleep", "600"])
    work.progress(0.0, f"{os.getpid()} {child.pid}")
    time.sleep(600)
    return {}


def fill(work: Work) -> dict[str, Any]:
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    with (work.folder / "large").open("wb") as file:
        for _ in range(100):
            file.write(bytes(1024 * 1024))
            file.flush()
    return {}


def attack(work: Work) -> dict[str, Any]:
    """Try each way out; what came of it."""
    secret, victim, unix, pid = (work.options[name] for name in ("secret", "victim", "unix", "pid"))
    tries = {
        "read": lambda: Path(secret).read_text(),
        "list": lambda: os.listdir(Path(secret).parent),
        "write": lambda: Path(victim).write_text("changed"),
        "beside": lambda: (work.folder.parent / "beside").write_text("changed"),
        "link": lambda: os.symlink(secret, work.folder / "link"),
        "hard link": lambda: os.link(secret, work.folder / "hard"),
        "network": lambda: socket.create_connection(("127.0.0.1", work.options["port"]), 2),
        "unix": lambda: socket.socket(socket.AF_UNIX).connect(unix),
        "signal": lambda: os.kill(pid, 0),
        "trace": lambda: _call(101, 16, pid, 0, 0),
        "program": lambda: subprocess.run(["/bin/true"], check=True),
        "environment": lambda: os.environ["SECRET"],
    }
    return {"came": {name: _outcome(attempt) for name, attempt in tries.items()}}


def _call(*numbers: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(*numbers) == -1:
        raise OSError(ctypes.get_errno(), "refused")


def _outcome(attempt: Any) -> str:
    try:
        return f"did it: {attempt()!r}"
    except (OSError, KeyError) as error:
        return type(error).__name__
