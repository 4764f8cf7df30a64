"""Trees of processes: nothing that lives is missed, whatever it does to look dead."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")

FIRST_THREAD_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(1000,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""

AROUND = """
import os, subprocess, sys
from massgen_core.sandbox.inside.trees import descendants, end_tree, send_all, stop_tree
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=-3, stderr=-3)
while open(f"/proc/{child.pid}/stat").read().rpartition(")")[2].split()[0] != "Z":
    pass
assert descendants(os.getpid(), moving=True) == {child.pid}
assert stop_tree(os.getpid()) == {child.pid}
assert descendants(os.getpid(), moving=True) == set()
assert descendants(os.getpid()) == {child.pid}
send_all([child.pid], 18)
assert end_tree(os.getpid()) == (1, True)
assert not os.path.exists(f"/proc/{child.pid}")
"""


def test_a_process_whose_first_thread_has_ended() -> None:
    """The kernel lists it as ended while its other threads go on: it is found, stopped, and ended all the same."""
    done = subprocess.run([sys.executable, "-c", AROUND, FIRST_THREAD_ENDS], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


FORKS = """
import os, sys
while True:
    if os.fork():
        os._exit(0)
"""

HUNT = """
import ctypes, os, subprocess, sys
from massgen_core.sandbox.inside.keeping import SET_SUBREAPER, prctl
from massgen_core.sandbox.inside.trees import descendants, end_tree, stop_tree
prctl(SET_SUBREAPER, 1, 0, 0, 0)
subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdout=-3, stderr=-3)
assert any(stop_tree(os.getpid()) for _ in range(20))
assert descendants(os.getpid())
for _ in range(100):
    assert descendants(os.getpid(), moving=True) == set()
assert end_tree(os.getpid())[1]
assert descendants(os.getpid()) == set()
"""


def test_a_process_that_is_somebody_else_every_moment() -> None:
    """One that forks and ends, over and over, is caught, stands still, and is ended."""
    done = subprocess.run([sys.executable, "-c", HUNT, FORKS], capture_output=True, text=True, timeout=100)
    assert (done.returncode, done.stderr) == (0, "")
