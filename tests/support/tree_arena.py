"""A tree with an outside that must stay as it is, and the program that swaps what is in it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

SECRET = b"secret: not for any session"
INSIDE = b"inside"
SHARED = b"shared: may be read, as it is in the tree by a name of its own"

PATHS = (
    *("real/file", "real/sub/file", "real/sub/../file", "real/sub/../../file", "file", "fifo", "hard", "gone/file"),
    *("real-link/file", "real/sub-link/file", "file-link", "deep/moved/file", "deep/moved/../file", "real/sub"),
    *("deep/moved/../../file", "deep/moved/inner/../../file", "deep/moved/inner/../../../../secret", "file/"),
    *("deep/moved/../secret", "real/./file"),
)
FOLDERS = (".", "real", "real/sub", "real/sub/..", "deep/moved", "deep/moved/..", "deep/moved/inner/../..", "gone")


class Arena:
    """``root`` is what a session sees; ``outside`` and ``limbo`` are beside it, with secrets in them."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "root"
        self.outside = folder / "outside"
        self.limbo = folder / "limbo"
        for each in ("root/real/sub", "root/deep/moved/inner", "outside/dir/sub", "limbo"):
            (folder / each).mkdir(parents=True)
        for each in (
            "outside/secret",
            "outside/file",
            "outside/dir/file",
            "outside/dir/theirs",
            "outside/theirs",
            "outside/dir/sub/theirs",
            "outside/dir/sub/file",
            "limbo/file",
            "limbo/secret",
            "limbo/theirs",
        ):
            (folder / each).write_bytes(SECRET)
        for each in ("real/file", "real/sub/file", "file", "deep/file", "deep/moved/file", "deep/moved/inner/file"):
            (self.root / each).write_bytes(INSIDE)
        (self.outside / "shared").write_bytes(SHARED)
        os.link(self.outside / "shared", self.root / "hard")
        os.mkfifo(self.root / "fifo")
        links = {
            "real-link": "../outside/dir",
            "file-link": str(self.outside / "secret"),
            "real/sub-link": "../../outside/dir/sub",
            "real/sub/file-link": "../../../outside/secret",
        }
        for name, target in links.items():
            (self.root / name).symlink_to(target)
        self._before = self._seen()

    def _seen(self) -> dict[str, tuple[str, int, int]]:
        """All that is outside: content or target, mode, time of the last change. What was moved out is not."""
        found: dict[str, tuple[str, int, int]] = {}
        for base in (self.outside, self.limbo):
            for path in (base, *sorted(base.rglob("*"))):
                if "moved" in path.parts:
                    continue
                status = path.stat()
                content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
                time = 0 if path == self.limbo else status.st_mtime_ns
                found[str(path)] = (content, status.st_mode, time)
        return found

    def demand_outside_untouched(self) -> None:
        """Nothing outside was written, made or removed."""
        assert self._seen() == self._before

    def demand_untouched(self) -> None:
        """The same, and nothing half-written stands anywhere."""
        self.demand_outside_untouched()
        left = [path for path in self.root.parent.rglob(".massgen-*") if "state" not in path.parts]
        assert left == []

    @contextmanager
    def swapped(self) -> Generator[None]:
        """While this is open, the tree changes all the time."""
        program = [
            sys.executable,
            str(Path(__file__).with_name("tree_swapper.py")),
            str(self.root),
            str(self.limbo),
            str(self.outside / "shared"),
        ]
        with subprocess.Popen(program, stdout=subprocess.PIPE) as process:
            try:
                assert process.stdout is not None
                assert process.stdout.readline() == b"ready\n"
                yield
                assert process.poll() is None
            finally:
                process.kill()
