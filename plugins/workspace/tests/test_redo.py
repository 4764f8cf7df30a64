"""Undoing, and undoing that: what counts as done then, and what is said of what does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from workspace_calls import CallNow, tools_now


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


@pytest.fixture
def call(work: Path) -> Iterator[CallNow]:
    with tools_now(work) as call:
        yield call


def written(call: CallNow, text: str) -> int:
    return int(call("write_file", path="f", content=text).structured["id"])


def undone(call: CallNow, id: int) -> int:
    back = call("undo_change", id=id)
    assert not back.is_error, back.text
    return int(back.structured["id"])


def outcomes(call: CallNow) -> dict[int, str]:
    return {each["id"]: each["outcome"] for each in call("list_changes").structured["changes"]}


def test_what_was_done_again_can_be_undone_again(call: CallNow, work: Path) -> None:
    """By its own number, and by that of what did it again, as often as one likes."""
    written(call, "one")
    second = written(call, "two")
    back = undone(call, second)
    again = undone(call, back)
    assert (work / "f").read_text() == "two"
    assert (outcomes(call)[second], outcomes(call)[back], outcomes(call)[again]) == ("done", "undone", "done")
    once_more = undone(call, again)
    assert (work / "f").read_text() == "one"
    assert (outcomes(call)[second], outcomes(call)[back], outcomes(call)[again]) == ("undone", "done", "undone")
    undone(call, once_more)
    undone(call, second)
    assert (work / "f").read_text() == "one"
    assert outcomes(call)[second] == "undone"


def test_one_that_is_undone_says_by_which(call: CallNow) -> None:
    first = written(call, "one")
    back = undone(call, first)
    refused = call("undo_change", id=first)
    assert refused.is_error
    assert f"change {first} is undone already, by change {back}; undo that one to make it again" in refused.text


def test_one_that_is_not_there_says_where_to_look(call: CallNow) -> None:
    assert "`list_changes` shows those that there are" in call("undo_change", id=7).text


def test_an_undo_is_held_to_the_quota(work: Path) -> None:
    """Else one could delete, write anew, and have both; what makes less of it is undone in any case."""
    with tools_now(work, quota="10KB") as call:
        written(call, "x" * 6000)
        gone = int(call("delete_files", paths=["f"]).structured["id"])
        other = int(call("write_file", path="g", content="y" * 6000).structured["id"])
        refused = call("undo_change", id=gone)
        assert "the workspace would hold" in refused.text
        assert [path.name for path in work.iterdir()] == ["g"]
        undone(call, other)
        undone(call, gone)
        assert [path.name for path in work.iterdir()] == ["f"]


def test_an_undo_names_who_made_it(call: CallNow) -> None:
    """As the change itself does: an agent, and its session."""
    undone(call, written(call, "one"))
    made = call("list_changes").structured["changes"]
    assert made[0]["who"] == made[1]["who"]
