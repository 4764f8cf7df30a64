"""Files by what is in them: plain texts are looked for here, expressions in a process that can be ended.

All files are opened here, by descriptor, and their contents go one after the other into the stdin of `ripgrep`, or of a
small Python program where there is none; what that finds is told by its place in the whole stream. So no searcher ever
opens a path that may be swapped, and an expression that never comes to an end costs a process, not this program.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from shutil import which
from typing import Literal

from massgen_workspace.find.plain import find_plain
from massgen_workspace.find.question import Files, Hit, Question, Seen, Watch
from massgen_workspace.find.sieve import sieve
from massgen_workspace.find.stream import Stream, find_streamed

Engine = Literal["plain", "ripgrep", "python"]

_SEARCHER = Path(__file__).with_name("searcher.py")


def search(
    files: Iterable[Files],
    question: Question,
    *,
    engine: Engine | None = None,
    seen: Seen | None = None,
    tick: Callable[[Seen], None] = lambda _: None,
) -> Generator[Hit]:
    """The lines that match, in the order of the files; leaving early ends the search.

    Binary files are left out, and such as cannot be opened. ``tick`` is called at least ten times a second, from the
    thread that asks for hits; what it raises ends the search.

    Raises:
        ToolFailed: The expression makes no sense, or takes too much memory.
        TookTooLong: It takes longer than it may.
    """
    question.demand_sense()
    engine = engine or engine_for(question)
    watch = Watch(question, seen or Seen(), tick)
    files = _counted(files, watch.seen)
    if engine == "plain":
        yield from find_plain(files, question, watch)
        return
    with (
        closing(sieve(files, question.needed) if question.needed else files) as some,
        closing(find_streamed(command(question, engine), Stream(some, question, watch.seen), watch)) as hits,
    ):
        yield from _once(hits) if question.once else hits


def _counted(files: Iterable[Files], seen: Seen) -> Generator[Files]:
    for group in files:
        seen.files += len(group.names)
        yield group


def engine_for(question: Question) -> Engine:
    """What answers a question fastest; all give the same answers, within what each knows."""
    if question.is_plain:
        return "plain"
    return "python" if question.needs_own_reader or ripgrep() is None else "ripgrep"


@cache
def ripgrep() -> str | None:
    """Where `rg` is: on the path, or beside Python, where its package puts it."""
    return which("rg") or which("rg", path=os.path.dirname(sys.executable))


def command(question: Question, engine: Engine) -> Sequence[str]:
    """The program that searches its stdin."""
    flags = [
        *(["--fixed-strings"] if question.literal else []),
        *(["--ignore-case"] if question.ignores_case else []),
        *(["--multiline"] if question.multiline else []),
        *([f"--context={question.around}"] if question.around else []),
    ]
    if engine == "python":
        return [sys.executable, "-I", "-S", str(_SEARCHER), *flags, "--", question.pattern]
    fixed = ["--no-config", "--crlf", "--line-number", "--no-heading", "--no-filename", "--color=never", "--text"]
    return [ripgrep() or "rg", *fixed, "--no-context-separator", *flags, "--regexp", question.pattern, "-"]


def _once(hits: Iterable[Hit]) -> Generator[Hit]:
    last: bytes | None = None
    for hit in hits:
        if hit.matches and hit.path != last:
            last = hit.path
            yield hit
