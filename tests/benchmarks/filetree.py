"""A tree of 100,000 files and 500 MB that is the same wherever it is made, and a log of 0.5 GB."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

from .cache import folder

FILES = int(os.environ.get("MASSGEN_BENCH_FILES", "100000"))
BYTES_PER_FILE = 5000
LOG_BYTES = 512 * 1024 * 1024 * FILES // 100_000
NEEDLE = "needle in a hundred thousand"
_ENDINGS = ("py", "ts", "md", "json", "c")
_PER_FOLDER = 100


def tree() -> Path:
    """The tree, made the first time; it lies in a folder of its own."""
    place = folder(f"files-{FILES}")
    if not (place / "complete").exists():
        shutil.rmtree(place, ignore_errors=True)
        _make(place / "tree")
        (place / "complete").touch()
    return place / "tree"


def _make(root: Path) -> None:
    numbers = random.Random(1)
    words = [f"word{number}" for number in range(2, 2000)]
    lines = [" ".join(numbers.choices(words, k=10)) for _ in range(2000)]
    for number in range(FILES):
        inside = root / f"part{number // (_PER_FOLDER * 50)}" / f"folder{number // _PER_FOLDER % 50}"
        if number % _PER_FOLDER == 0:
            inside.mkdir(parents=True)
        first = NEEDLE if number % 5000 == 0 else f"file {number}"
        text = "\n".join([first, "mark0", *numbers.choices(lines, k=BYTES_PER_FILE // 75)])
        (inside / f"name{number}.{_ENDINGS[number % len(_ENDINGS)]}").write_text(f"{text}\n")
    (root / "thousand").mkdir()
    for number in range(1000):
        (root / "thousand" / str(number)).write_text("x" * 100)
    block = "".join(f"{line}\n" for line in lines).encode()
    with (root / "large.log").open("wb") as log:
        while log.tell() < LOG_BYTES:
            log.write(block)
