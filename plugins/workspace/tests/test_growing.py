"""A tree that grows while it is copied: the copy is given up, not the disk filled."""

from __future__ import annotations

from pathlib import Path

import pytest
from file_sessions import open_session
from massgen_workspace.files import meter

from massgen_core.tools import Progress

pytestmark = pytest.mark.anyio


async def test_a_copy_of_what_grows_for_ever_is_given_up(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(meter, "_EVERY", 0.0)
    for name in ("a", "z"):
        (work / "many" / name).mkdir(parents=True)

    async def grow(event: object) -> None:
        """As soon as something was copied there is more in what comes next."""
        if isinstance(event, Progress) and not (work / "many/z/0").exists():
            for number in range(2000):
                (work / f"many/z/{number}").mkdir()

    async with open_session(work, state=tmp_path / "state") as session:
        items = [{"source": "many", "target": "copy"}]
        result = await session.call("copy_files", {"items": items}, on_event=grow, timeout=60)
    assert "there are more than" in result.text
    assert result.is_error
    assert not (work / "copy").exists()
