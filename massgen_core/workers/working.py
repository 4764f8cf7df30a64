"""One process of work: takes a function and its inputs, does it, answers; again for as long as it is kept."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
from pathlib import Path

from massgen_core.errors import ToolFailed, in_words
from massgen_core.workers.confining import close_doors, die_with_parent, limit
from massgen_core.workers.framing import receive, send
from massgen_core.workers.work import Work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def serve(line: socket.socket) -> None:
    """Do one piece of work after the other until the other side closes; the first one's limits hold for all."""
    die_with_parent(signal.SIGKILL)
    gc.freeze()
    confined = False
    while (message := receive(line)) is not None:
        asked, files = message
        try:
            function = _named(asked["function"])
            if not confined:
                confined = True
                _confine(asked, function)
            answer = {"result": _done(function, asked, files, line)}
        except MemoryError:
            answer = {"failed": "it needs more memory than it may have", "kind": "memory"}
        except ToolFailed as error:
            answer = {"failed": str(error), "kind": "refused"}
        except Exception as error:  # whatever a library says about somebody's bytes
            answer = {"failed": in_words(error), "kind": "error"}
        finally:
            for file in files:
                _close(file)
        send(line, answer)


def _done(
    function: Callable[[Work], Mapping[str, Any]], asked: Mapping[str, Any], files: list[int], line: socket.socket
) -> Mapping[str, Any]:
    inputs = [os.fdopen(os.dup(file), "rb") for file in files]
    work = Work(
        files=inputs,
        folder=Path(asked["folder"]),
        options=asked["options"],
        tell=lambda done, message: send(line, {"progress": done, "message": message}),
        early=lambda part: send(line, {"early": part}),
    )
    try:
        return function(work)
    finally:
        for file in inputs:
            file.close()


def _named(name: str) -> Callable[[Work], Mapping[str, Any]]:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _confine(asked: Mapping[str, Any], function: Callable[[Work], Any]) -> None:
    limits = asked["limits"]
    limit(limits)
    own = sys.modules[function.__module__].__file__ or ""
    package = own.split(os.sep + function.__module__.partition(".")[0] + os.sep)[0]
    libraries = [path for path in sys.path if "-packages" in path]
    bases = [sys.prefix, sys.base_prefix, os.path.dirname(os.path.dirname(__file__))]
    readable = [*libraries, *bases, os.path.join(package, function.__module__.partition(".")[0]), *limits["readable"]]
    close_doors(asked["root"], readable, programs=limits["programs"])


def _close(file: int) -> None:
    try:
        os.close(file)
    except OSError:
        return
