"""Media through a studio: who makes it, what comes out, where it is, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import sketching

from massgen_core import Image, Progress, Session, open_runtime

pytestmark = pytest.mark.anyio


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("sketch", sketching)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_what_was_made_is_in_the_workspace_and_told(session: Session, tmp_path: Path) -> None:
    result = (await session.call("sketch_draw", {"prompt": "A red car!", "seed": 7})).raise_for_error()
    file = tmp_path / "pictures" / "a-red-car.png"
    assert file.read_text() == "second: A red car! 0"
    facts = result.structured
    assert (facts["engine"], facts["selected_by"], facts["warnings"]) == ("second", "config", ["it is only words"])
    (artefact,) = facts["artefacts"]
    assert artefact["path"] == "pictures/a-red-car.png"
    assert artefact["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert artefact["provenance"] == {
        "software": "sketching 1.0",
        "engine": "second",
        "prompt": "A red car!",
        "seed": 7,
        "source_type": "algorithmicMedia",
        "ai_generated": False,
    }
    assert "pictures/a-red-car.png: image/png, 16x16, 20 bytes, seed 7" in result.text
    assert any(isinstance(part, Image) and part.data == file.read_bytes() for part in result.content)


async def test_names_never_collide(session: Session, tmp_path: Path) -> None:
    for _ in range(2):
        (await session.call("sketch_draw", {"prompt": "cat", "count": 2})).raise_for_error()
    assert names(tmp_path / "pictures") == ["cat-2.png", "cat-3.png", "cat-4.png", "cat.png"]
    for overwrite in (False, True):
        result = await session.call("sketch_draw", {"prompt": "dog", "path": "dog.svg", "overwrite": overwrite})
        assert result.raise_for_error().structured["artefacts"][0]["path"] == "dog.svg"
    again = await session.call("sketch_draw", {"prompt": "dog", "path": "dog.svg"})
    assert again.structured["artefacts"][0]["path"] == "dog-2.svg"


async def test_what_lies_beside_a_result_has_its_name_and_its_own_ending(session: Session, tmp_path: Path) -> None:
    for arguments in ({}, {"path": "a.png"}, {"path": "a.png", "overwrite": True}):
        (await session.call("sketch_draw", {"prompt": "with notes", **arguments})).raise_for_error()
    assert names(tmp_path) == ["a.png", "a.txt", "pictures"]
    assert names(tmp_path / "pictures") == ["with-notes.png", "with-notes.txt"]


async def test_an_engine_that_was_named_is_taken_or_refused(session: Session) -> None:
    taken = await session.call("sketch_draw", {"prompt": "x", "engine": "first", "size": "16x16"})
    assert (taken.structured["engine"], taken.structured["selected_by"]) == ("first", "argument")
    for arguments, words in (
        ({"engine": "none"}, "there is no engine 'none'; there are: away, first, second"),
        ({"size": "16x16"}, "'second' cannot do this: it has no option 'size' for image.generate (it has: none)"),
        ({"engine": "first", "size": "9x9"}, "size: '9x9' is none of 16x16, 32x32"),
        ({"engine": "first", "count": 9}, "it makes at most 3 at once"),
        ({"engine": "first", "path": "a.gif"}, "it makes no gif (it makes: png, svg)"),
        ({"prompt": "nothing"}, "answered without any result"),
        ({"prompt": "lie"}, "has not written the file that it names"),
        ({"path": "../outside.png"}, "leads out of the folder"),
    ):
        result = await session.call("sketch_draw", {"prompt": "x"} | arguments)
        assert result.is_error
        assert words in result.text


async def test_work_on_files_of_the_session(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("hello ")
    (tmp_path / "b").write_text("you")
    events: list[float] = []

    async def listen(event: object) -> None:
        if isinstance(event, Progress):
            events.append(event.done)

    result = await session.call("sketch_loudly", {"files": ["a", "b"]}, on_event=listen)
    assert (tmp_path / "loud.txt").read_text() == "HELLO YOU"
    assert result.structured["loud"] is True
    assert result.structured["artefacts"][0]["details"] == {"letters": 9}
    assert events == [0.5]
    (tmp_path / "a").write_text("stop")
    refused = await session.call("sketch_loudly", {"files": ["a"]})
    assert refused.text == "a: it says stop"
    missing = await session.call("sketch_loudly", {"files": ["c"]})
    assert missing.text == "c: there is no such file or folder"
    assert names(tmp_path) == ["a", "b", "loud.txt"]


async def test_a_cancelled_job_leaves_nothing(session: Session, tmp_path: Path) -> None:
    async def listen(event: object) -> None:
        scope.cancel()

    with anyio.CancelScope() as scope:
        await session.call("sketch_draw", {"prompt": "wait"}, on_event=listen)
    assert scope.cancelled_caught
    assert names(tmp_path) == []


async def test_without_a_workspace_there_is_no_place_for_files() -> None:
    async with (
        open_runtime({}, plugins=[("sketch", sketching)], installed=False) as runtime,
        runtime.session() as session,
    ):
        result = await session.call("sketch_draw", {"prompt": "x"})
    assert "this session has no workspace" in result.text
