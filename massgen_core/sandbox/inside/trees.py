"""Trees of processes: who descends from whom, and how all of them are ended."""

from __future__ import annotations

import contextlib
import os
import signal
import time

TYPE_CHECKING = False  # typing itself would cost a good part of the start-up time
if TYPE_CHECKING:
    import resource
    from collections.abc import Callable, Collection, Iterable

    Note = Callable[[resource.struct_rusage], None]

_ROUNDS = 400
_LOOKS = 3
PAUSE = 0.005
_ENDED, _STOPPED = (b"Z", b"X"), (b"T", b"t")


def descendants(root: int, spare: Collection[int] = (), *, moving: bool = False) -> set[int]:
    """All living processes below one; nothing at or below those to be spared.

    ``moving`` leaves out those that are stopped.
    """
    children: dict[int, list[int]] = {}
    living: set[int] = set()
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                state, parent, threads = _stat(name)
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
            if state not in _ENDED or threads > 1:  # a process whose first thread has ended lives by its others
                living.add(int(name))
    found: set[int] = set()
    ahead = [root]
    while ahead:
        fresh = [pid for pid in children.get(ahead.pop(), ()) if pid not in found and pid not in spare]
        found.update(fresh)
        ahead += fresh
    found &= living
    return {pid for pid in found if _moves(pid)} if moving else found


def _stat(path: str) -> tuple[bytes, int, int]:
    """State, parent and number of threads; see proc(5)."""
    with open(f"/proc/{path}/stat", "rb") as file:
        fields = file.read().rpartition(b")")[2].split()
    return fields[0], int(fields[1]), int(fields[17])


def _moves(pid: int) -> bool:
    """Any of its threads is neither stopped nor ended."""
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                if _stat(f"{pid}/task/{thread}")[0] not in (*_ENDED, *_STOPPED):
                    return True
    return False


def stop_tree(root: int) -> set[int] | None:
    """Stop all below a process; those that were, or None when some go on.

    Whoever is stopped forks no more. One look may miss a process whose parent ends meanwhile, so several must find
    nothing that moves.
    """
    stopped: set[int] = set()
    still = 0
    for _ in range(_ROUNDS):
        moving = descendants(root, moving=True)
        send_all(moving, signal.SIGSTOP)
        stopped |= moving
        still = 0 if moving else still + 1
        if still == _LOOKS:
            return stopped
        time.sleep(PAUSE)
    return None


def end_tree(root: int, spare: Collection[int] = (), note: Note | None = None) -> tuple[int, bool]:
    """Stop, then kill all below a process; how many were found, and whether none is left.

    ``note`` is told what those used that we have waited for.

    Whoever is stopped forks no more, so a fork bomb comes to an end here. One look may miss a process whose parent
    ends meanwhile, so several must find nothing.
    """
    seen: set[int] = set()
    for _ in range(_ROUNDS):
        fresh = descendants(root, spare) - seen
        if not fresh:
            break
        send_all(fresh, signal.SIGSTOP)
        seen |= fresh
    nothing = 0
    for _ in range(_ROUNDS):
        left = descendants(root, spare)
        send_all(left, signal.SIGKILL)
        seen |= left
        reap(note)
        nothing = 0 if left else nothing + 1
        if nothing == _LOOKS or not has_children():
            return len(seen), True
        time.sleep(PAUSE)
    return len(seen), False


def send_all(pids: Iterable[int], number: int) -> None:
    """A signal to each of them that is still there."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, number)


def reap(note: Note | None = None) -> dict[int, int]:
    """The exit codes of the children that have ended since; ``note`` is told what each has used (getrusage(2))."""
    codes: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status, used = os.wait4(-1, os.WNOHANG)
            if not pid:
                break
            code = os.waitstatus_to_exitcode(status)
            codes[pid] = code if code >= 0 else 128 - code
            if note is not None:
                note(used)
    return codes


def has_children() -> bool:
    """Whether any child is left, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
