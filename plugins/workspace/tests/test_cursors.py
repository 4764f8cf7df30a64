"""Whatever is in a file, all of it is shown to whoever follows the cursors, and nothing twice."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import anyio
import massgen_workspace.plugin
from hypothesis import given, settings
from hypothesis import strategies as st

from massgen_core import Session
from massgen_core.testing import open_test_runtime

BYTES = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from([b"a", b"\n", b"\r\n", "é".encode(), b"\xff", b"x" * 700, b"\t"]), max_size=40).map(
        b"".join
    ),
    st.text(max_size=200).map(lambda text: text.encode("utf-16")),
)
MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
HEX = re.compile(r"^[0-9a-f]{8,}\s+((?:[0-9a-f]{2} +)+)", re.MULTILINE)


def follow(data: bytes, tool: str, start: dict[str, Any], go_on: str) -> list[tuple[str, dict[str, Any]]]:
    """Every answer of a tool about a file, from the first to the one after which there is no more."""

    async def read(session: Session) -> list[tuple[str, dict[str, Any]]]:
        found: list[tuple[str, dict[str, Any]]] = []
        arguments: dict[str, Any] = {"path": "f", **start}
        while True:
            result = await session.call(tool, arguments)
            assert not result.is_error, result.text
            assert result.structured is not None
            found.append((result.text, dict(result.structured)))
            more = result.structured.get("more")
            if more is None:
                return found
            assert len(found) <= len(data) + 1
            arguments[go_on] = more

    async def main(folder: str) -> list[tuple[str, dict[str, Any]]]:
        config = {"plugins": {"workspace": {"state": f"{folder}/state", "durable": False}}}
        async with (
            open_test_runtime(("workspace", massgen_workspace.plugin), config=config) as runtime,
            runtime.session(workspace=f"{folder}/work") as session,
        ):
            return await read(session)

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder, "work")
        work.mkdir()
        (work / "f").write_bytes(data)
        return anyio.run(main, folder)


@settings(max_examples=20, deadline=None)
@given(BYTES, st.integers(1, 90))
def test_bytes(data: bytes, count: int) -> None:
    """By numbers, each byte is there once."""
    shown = b""
    for text, facts in follow(data, "read_bytes", {"count": count, "offset": 0}, "offset"):
        assert facts["offset"] == len(shown)
        shown += b"".join(bytes.fromhex(row) for row in HEX.findall(text))
        assert len(shown) == facts["offset"] + facts["count"]
    assert shown == data


@settings(max_examples=20, deadline=None)
@given(BYTES.filter(lambda data: b"\0" not in data and not data.startswith(MARKS)), st.integers(1, 5))
def test_lines(data: bytes, lines: int) -> None:
    """By lines, each line is there once, in order, and none after the last."""
    numbers: list[int] = []
    answers = follow(data, "read_file", {"lines": lines}, "first")
    for text, facts in answers:
        found = [int(number) for number in re.findall(r"^(\d+)\t", text, re.MULTILINE)]
        assert len(found) == facts["lines"] <= lines
        numbers += found
    assert numbers == list(range(1, answers[-1][1]["total"] + 1))
    assert len(numbers) == data.count(b"\n") + (not data.endswith(b"\n") and bool(data))
