"""What a server that floods costs the program that runs it, and the servers beside it."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import anyio
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images import ensure_base

import massgen_core

from .table import Comparison, Series

SERVERS = Path(__file__).parents[1] / "mcp" / "servers"
PAUSE = 0.02
MIB = 1024 * 1024

FLOODS: Mapping[str, tuple[str, str]] = {
    "1 GB on stdout without a newline": ("hostile", "flood"),
    "100 MB on stderr": ("rough", "flood stderr"),
    "JSON nested 100,000 deep": ("hostile", "bomb"),
    "20 MB of JSON, ten million numbers": ("hostile", "wide"),
    "20 MB of JSON, seven million objects": ("hostile", "objects"),
    "100,000 notifications": ("hostile", "notifications"),
    "100,000 steps of progress": ("hostile", "progress flood"),
}


async def measure() -> AsyncIterator[Comparison]:
    """Every flood with the settings that a user gets: memory above idle, and the slowest answer of a calm server."""
    async with connect(DockerConfig()) as engine:
        image = await ensure_base(engine, DockerConfig(), progress=_progress)
    config = {"servers": {name: _server(image, name) for name in ("plain", "hostile", "rough")}}
    memory: list[Series] = []
    answers: list[Series] = []
    async with massgen_core.open_runtime(config) as runtime, runtime.session() as session:
        await session.call("plain_echo", {"text": "warm"})
        answers.append(Series(name="nobody floods", samples=await _calm(session, anyio.Event(), 100), unit="ms"))
        for name, (server, words) in FLOODS.items():
            _progress(name)
            idle = _status("VmRSS")
            Path("/proc/self/clear_refs").write_text("5")  # noqa: ASYNC240 - the kernel answers at once
            answers.append(Series(name=name, samples=await _flooded(session, server, words), unit="ms"))
            memory.append(Series(name=name, samples=[(_status("VmHWM") - idle) / MIB], unit="MiB"))
    nothing = Series(name="the bound", samples=[100.0], unit="MiB")
    yield Comparison(title="Memory of the program above idle, at its highest", series=[memory[0], nothing, *memory[1:]])
    swapped = [answers[1], answers[0], *answers[2:]]
    yield Comparison(title="One answer of a calm server while another one floods", series=swapped)


async def _flooded(session: Any, server: str, words: str) -> list[float]:
    """The calm server's answers, from the beginning of a flood to its end."""
    over = anyio.Event()
    samples: list[float] = []

    async def listen() -> None:
        samples.extend(await _calm(session, over, 10_000))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(listen)
        await session.call(f"{server}_echo", {"text": words}, timeout=120)
        over.set()
    return samples


async def _calm(session: Any, over: anyio.Event, most: int) -> list[float]:
    samples: list[float] = []
    while not samples or (not over.is_set() and len(samples) < most):
        started = anyio.current_time()
        (await session.call("plain_echo", {"text": "still here"}, timeout=60)).raise_for_error()
        samples.append(1000 * (anyio.current_time() - started))
        await anyio.sleep(PAUSE)
    return samples


def _server(image: str, script: str) -> dict[str, Any]:
    sources = {name: (SERVERS / f"{name}.py").read_text() for name in ("speech", script)}
    text = (
        f"import sys, types\nsources = {sources!r}\nspeech = sys.modules['speech'] = types.ModuleType('speech')\n"
        f"exec(sources['speech'], vars(speech))\nexec(sources[{script!r}], {{'__name__': '__main__'}})\n"
    )
    return {"image": image, "command": "python3", "args": ["-c", text]}


def _status(key: str) -> int:
    """Bytes of a field of proc_pid_status(5)."""
    found = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def _progress(line: str) -> None:
    print(f"  {line}", file=sys.stderr)
