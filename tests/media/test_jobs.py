"""Jobs in the background: they outlive their call, say how far they are, and end with their session."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
import sketching

from massgen_core import Session, open_runtime

pytestmark = pytest.mark.anyio


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("sketch", sketching)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


async def begun(session: Session, prompt: str) -> str:
    result = await session.call("sketch_draw", {"prompt": prompt, "background": True})
    return result.raise_for_error().structured["job"]["id"]


async def test_a_job_gives_its_result_when_it_has_ended(session: Session, tmp_path: Path) -> None:
    job = await begun(session, "cat")
    result = await session.call("media_job", {"id": job, "wait": 30})
    assert result.raise_for_error().structured["artefacts"][0]["path"] == "pictures/cat.png"
    assert (tmp_path / "pictures/cat.png").read_text() == "second: cat 0"
    (listed,) = (await session.call("media_jobs")).structured["jobs"]
    assert (listed["tool"], listed["state"], listed["progress"]) == ("sketch_draw", "succeeded", 0.0)


async def test_one_at_work_says_how_far_it_is_and_is_cancelled(session: Session) -> None:
    job = await begun(session, "wait")
    with anyio.fail_after(30):
        while (told := (await session.call("media_job", {"id": job, "wait": 0.05})).structured["job"])["progress"] == 0:
            pass
    assert (told["state"], told["progress"], told["message"], told["poll_after"]) == ("running", 0.25, "waiting", 1.0)
    assert (await session.call("media_cancel", {"id": job})).text == f"{job}: cancelled"
    ended = (await session.call("media_job", {"id": job})).structured["job"]
    assert ended["state"] == "cancelled"


async def test_one_that_fails_says_why(session: Session) -> None:
    result = await session.call("media_job", {"id": await begun(session, "nothing"), "wait": 30})
    assert "answered without any result" in result.text
    assert result.is_error
    assert "there is no job 'x'" in (await session.call("media_job", {"id": "x"})).text


async def test_they_end_with_their_session(tmp_path: Path) -> None:
    with anyio.fail_after(30):
        async with open_runtime({}, plugins=[("sketch", sketching)], installed=False) as runtime:
            async with runtime.session(workspace=tmp_path) as session:
                await begun(session, "wait")
            async with runtime.session(workspace=tmp_path) as session:
                assert (await session.call("media_jobs")).text == "there are none"


async def test_the_engines_are_listed(session: Session) -> None:
    result = await session.call("media_engines", {"operation": "image.generate"})
    assert result.text.splitlines()[:2] == [
        "away: writes words (sends data to a service)",
        "  image.generate; makes: png, svg; options: mood, size",
    ]
    first = next(each for each in result.structured["engines"] if each["name"] == "first")
    assert first["abilities"][0]["options"]["size"]["choices"] == ["16x16", "32x32"]
    assert (await session.call("media_engines", {"operation": "x.y"})).text == "no engine does x.y"


async def test_without_engines_there_are_no_such_tools() -> None:
    async with open_runtime({}, installed=False) as runtime, runtime.session() as session:
        assert [entry.name for entry in session.tools if entry.name.startswith("media")] == []
