"""The tools as an agent calls them: in a session, on its workspace, in worker processes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import massgen_document.plugin
import pytest
from document_support import REPORT, picture, written

from massgen_core import Progress, Session, ToolResult, open_runtime

pytestmark = pytest.mark.anyio

FORMATS = ["pdf", "docx", "pptx", "xlsx", "html", "md", "txt"]


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("document", massgen_document.plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def done(session: Session, tool: str, **arguments: Any) -> ToolResult:
    return (await session.call(tool, arguments)).raise_for_error()


async def test_every_format_is_written_read_and_told(session: Session, tmp_path: Path) -> None:
    for ending in FORMATS:
        made = await done(session, "document_write", path=f"out/a.{ending}", text=REPORT, title="The title")
        artefact = made.structured["artefacts"][0]
        assert artefact["path"] == f"out/a.{ending}"
        assert artefact["size"] == (tmp_path / "out" / f"a.{ending}").stat().st_size
        assert artefact["provenance"]["software"].startswith("massgen-document ")
        read = await done(session, "document_read", path=f"out/a.{ending}")
        assert "Quay wall" in read.text
        assert read.structured["cursor"] is None
        info = await done(session, "document_info", path=f"out/a.{ending}")
        assert info.structured["size"] == artefact["size"]
        if ending in ("pdf", "docx", "pptx", "xlsx", "html"):
            assert info.structured["title"] == "The title"
    assert names(tmp_path) == ["out"]


async def test_names_never_collide(session: Session, tmp_path: Path) -> None:
    for text, overwrite in (("one", False), ("two", False), ("three", True)):
        await done(session, "document_write", path="a.md", text=text, overwrite=overwrite)
    assert names(tmp_path) == ["a-2.md", "a.md"]
    assert [(tmp_path / name).read_text() for name in names(tmp_path)] == ["two", "three"]


async def test_pictures_are_named_beside_the_text(session: Session, tmp_path: Path) -> None:
    (tmp_path / "my wall.png").write_bytes(picture().getvalue())
    text = "![A wall](<./my wall.png>)"
    refused = await session.call("document_write", {"path": "a.docx", "text": text})
    assert "pictures that are not in `pictures`: ./my wall.png" in refused.text
    assert not (tmp_path / "a.docx").exists()
    await done(session, "document_write", path="a.docx", text=text, pictures=["my wall.png"])
    assert "![A wall](" in (await done(session, "document_read", path="a.docx")).text


async def test_following_the_cursor_reads_on(session: Session) -> None:
    text = "\n\n".join(f"Paragraph {number} of many." for number in range(200))
    await done(session, "document_write", path="a.docx", text=text)
    first, cursor, seen = None, None, ""
    for _ in range(50):
        result = await done(session, "document_read", path="a.docx", max_characters=500, cursor=cursor)
        seen += result.content[0].text  # type: ignore[union-attr]
        cursor = result.structured["cursor"]
        first = first or cursor
        if cursor is None:
            break
        assert f"cursor={cursor!r}" in result.text
    assert first is not None
    assert [f"Paragraph {number} of" in seen for number in range(200)] == [True] * 200
    await done(session, "document_write", path="a.docx", text="other", overwrite=True)
    stale = await session.call("document_read", {"path": "a.docx", "cursor": first})
    assert "the file has changed since" in stale.text


async def test_one_format_becomes_another(session: Session, tmp_path: Path) -> None:
    await done(session, "document_write", path="a.docx", text=REPORT, title="T")
    for ending in ("pdf", "pptx", "html", "md", "xlsx"):
        made = await done(session, "document_convert", source="a.docx", path=f"b.{ending}")
        assert made.structured["source_kind"] == "docx"
        assert "1,200,000" in (await done(session, "document_read", path=f"b.{ending}")).text.replace(
            "1200000", "1,200,000"
        )
    assert "two delivered" in (tmp_path / "b.md").read_text()


async def test_data_becomes_a_workbook_and_comes_back(session: Session, tmp_path: Path) -> None:
    made = await done(session, "document_write", path="a.xlsx", text="name,price\nWall,1234.5\n=1+1,2\n")
    assert made.structured["syntax"] == "csv"
    assert made.structured["sheets"] == [{"name": "Sheet", "rows": 3, "columns": 2}]
    converted = await done(session, "document_convert", source="a.xlsx", path="b.csv")
    assert (tmp_path / "b.csv").read_text() == "name,price\nWall,1234.5\n'=1+1,2\n"
    assert "an apostrophe in front" in converted.text
    rows = await done(session, "document_read", path="a.xlsx", cells="B2:B2")
    assert "| 2 | 1234.5 |" in rows.text


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"path": "a.doc", "text": "x"}, "documents are written as .txt, .md, .html"),
        ({"path": "../a.pdf", "text": "x"}, ""),
        ({"path": "a.xlsx", "text": "# No table"}, "there is no table in `text`"),
        ({"path": "a.xlsx", "text": "{", "syntax": "json"}, "is not JSON"),
        ({"path": "a.pdf", "text": "![x](https://example.org/x.png)"}, "has to be downloaded first"),
    ],
)
async def test_what_cannot_be_written_leaves_nothing(
    session: Session, tmp_path: Path, arguments: dict[str, Any], expected: str
) -> None:
    result = await session.call("document_write", arguments)
    assert result.is_error
    assert expected in result.text
    assert names(tmp_path) == []
    assert not (tmp_path.parent / "a.pdf").exists()


async def test_what_cannot_be_read_is_named(session: Session, tmp_path: Path) -> None:
    (tmp_path / "cut.docx").write_bytes(written("docx", REPORT)[:2000])
    (tmp_path / "link.pdf").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe.pdf")
    for path, expected in {"no.pdf": "", "cut.docx": "broken ZIP package", "link.pdf": "", "pipe.pdf": ""}.items():
        for tool in ("document_read", "document_info"):
            result = await session.call(tool, {"path": path})
            assert result.is_error
            assert expected in result.text
            assert "root:" not in result.text


async def test_a_large_workbook_is_read_in_little_memory(tmp_path: Path) -> None:
    """The rows stream: they are passed over within 256 MiB, the imported libraries included."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "big.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("Big")
    for number in range(30_000):
        sheet.write_row(number, 0, [number, "a text that is different " * 4 + str(number)])
    book.close()
    config = {"plugins": {"document": {"memory": "256MiB"}}}
    plugins = [("document", massgen_document.plugin)]
    async with (
        open_runtime(config, plugins=plugins, installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as session,
    ):
        result = await done(session, "document_read", path="big.xlsx", cells="A29990:A29999")
    assert "| 29999 | 29998 |" in result.text


async def test_progress_is_told(session: Session) -> None:
    seen: list[float] = []

    async def listen(event: object) -> None:
        if isinstance(event, Progress):
            seen.append(event.done)

    await session.call("document_write", {"path": "a.pdf", "text": REPORT}, on_event=listen)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


async def test_facts_about_a_file_may_hold_anything(session: Session) -> None:
    for ending in ("pdf", "docx", "xlsx"):
        arguments = {"path": f"a.{ending}", "text": REPORT, "title": "a\0<b>&\x1b", "author": "\x07"}
        await done(session, "document_write", **arguments)
