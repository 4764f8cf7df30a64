"""What reading shows: any format, as much as was asked for, and where to go on."""

from __future__ import annotations

import io

import openpyxl
import pypdf
import pytest
from document_support import REPORT, judge, opened, picture, read, written
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_document.reading.window import Place, chosen, cursor_of, mark_of, place_of, show
from massgen_document.text.markdown import parse_markdown
from massgen_document.text.to_markdown import to_markdown
from pypdf.generic import ArrayObject, NameObject

from massgen_core.errors import ToolFailed


def followed(data: bytes, name: str, most: int) -> str:
    """All windows of a document, one behind the other, without what is repeated at the head of each."""
    found, place, texts = opened(data, name), Place(), []
    for _ in range(10_000):
        shown = show(found, chosen(found, None), place, most)
        assert len(shown.text) <= most + 300
        texts.append(shown.text)
        if shown.next_place is None:
            return "".join(texts)
        assert shown.next_place != place
        place = shown.next_place
    raise AssertionError("it does not end")


WORDS = st.lists(st.text("abcdef", min_size=1, max_size=9), min_size=1, max_size=300).map(" ".join)


@settings(max_examples=25, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=5), st.integers(200, 900), st.sampled_from(["docx", "pdf", "html", "md"]))
def test_following_the_cursors_shows_everything_once(paragraphs: list[str], most: int, ending: str) -> None:
    data = written(ending, "\n\n".join(f"w{number} {text}" for number, text in enumerate(paragraphs)))
    whole = "".join(read(data, f"a.{ending}").split())
    pieces = "".join(followed(data, f"a.{ending}", most).split())
    assert pieces == whole if ending != "pdf" else len(pieces) >= len(whole)


def test_a_long_sheet_repeats_its_letters() -> None:
    rows = "\n".join(f"| {number} | x{number} |" for number in range(500))
    data = written("xlsx", f"# Long\n\n| N | X |\n|---|---|\n{rows}")
    text = followed(data, "a.xlsx", 2000)
    assert text.count("|  | A | B |") == text.count("<!-- sheet Long") > 3
    assert all(text.count(f"| {number + 2} | {number} | x{number} |") == 1 for number in range(500))


def test_parts_are_chosen_by_number_range_and_name() -> None:
    data = written("pdf", "one\n\n---\n\ntwo\n\n---\n\nthree\n\n---\n\nfour")
    text = read(data, parts="2-3, 1")
    assert [text.index(word) for word in ("two", "three", "one")] == sorted(
        text.index(w) for w in ("two", "three", "one")
    )
    assert "four" not in text
    assert "four" in read(data, parts="3-")
    with pytest.raises(ToolFailed, match="there are 4 pages; write numbers like 1-3,5"):
        read(data, parts="9")
    book = written("xlsx", "# First\n\n|a|\n|-|\n|1|\n\n# Second\n\n|b|\n|-|\n|2|\n")
    assert "First" not in read(book, parts="Second")
    with pytest.raises(ToolFailed, match="there are 2 sheets: First, Second"):
        read(book, parts="Third")


def test_a_cursor_belongs_to_one_version() -> None:
    mark = mark_of(io.BytesIO(b"one"))
    assert place_of(cursor_of(mark, Place(part=2, piece=3, character=4)), mark) == Place(part=2, piece=3, character=4)
    with pytest.raises(ToolFailed, match="the file has changed since"):
        place_of(cursor_of(mark, Place()), mark_of(io.BytesIO(b"two")))
    with pytest.raises(ToolFailed, match="give the one that document_read returned"):
        place_of("nonsense", mark)


def test_an_encrypted_pdf_asks_for_its_password() -> None:
    writer = pypdf.PdfWriter(io.BytesIO(written("pdf", "secret words")))
    writer.encrypt("open sesame", algorithm="AES-256")
    writer.write(out := io.BytesIO())
    with pytest.raises(ToolFailed, match="it is encrypted; give its `password`"):
        opened(out.getvalue())
    with pytest.raises(ToolFailed, match="the password is wrong"):
        opened(out.getvalue(), password="no")
    assert "secret words" in read(out.getvalue(), password="open sesame")


def test_a_scanned_page_says_so() -> None:
    data = written("pdf", "![](w.png)\n\n---\n\nwords", pictures={"w.png": picture(300, 200)})
    found = opened(data)
    for number in (1, 2):
        "".join(next(found.parts(number)).texts())
    assert found.said == []  # the foot of the page is text
    page = pypdf.PdfWriter(io.BytesIO(data))
    page.pages[0][NameObject("/Contents")] = ArrayObject()
    page.write(out := io.BytesIO())
    found = opened(out.getvalue())
    assert "".join(next(found.parts(1)).texts()).strip() == ""
    assert found.said[0].startswith("page 1 is a picture without text (scanned)")


def test_columns_of_a_pdf_stay_apart() -> None:
    text = read(written("pdf", "| Item | Planned |\n|---|--:|\n| Quay wall | 12 |\n| Crane | 3456 |\n"))
    lines = [line for line in text.splitlines() if "Quay wall" in line or "Crane" in line]
    assert [line.split() for line in lines] == [["Quay", "wall", "12"], ["Crane", "3456"]]


def test_values_and_formulas_of_a_workbook() -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["a|b", 0.1 + 0.2, True, None, "x\ny"])
    sheet["A3"] = "=SUM(B1:B1)"
    book.save(out := io.BytesIO())
    assert "| 1 | a\\|b | 0.3 | TRUE |  | x<br>y |" in read(out.getvalue())
    assert "| 3 | =SUM(B1:B1) |" in read(out.getvalue(), formulas=True)
    assert "| 2 |" not in read(out.getvalue())
    with pytest.raises(ToolFailed, match="write a range like B2:F40"):
        read(out.getvalue(), cells="nonsense")
    with pytest.raises(ToolFailed, match="no range of a sheet"):
        read(out.getvalue(), cells="C3:A1")


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        ("é".encode(), "a.txt", "é"),
        ("é".encode("utf-16"), "a.txt", "é"),
        (b"\xef\xbb\xbf\xc3\xa9", "a.txt", "é"),
        ("naïve café".encode("cp1252"), "a.txt", "naïve café"),
        (b"a\r\nb", "a.py", "a\nb"),
        (b'{"a": 1}', "a.json", '{"a": 1}'),
        (b"<html><body><h1>T</h1><p>a <b>b</b></p></body></html>", "x", "# T\n\na **b**"),
        (rb"{\rtf1\ansi Hello \b w\'f6rld\b0\par Second \u8364?\par}", "a.rtf", "Hello wörld\n\nSecond €"),
    ],
)
def test_texts_are_decoded(data: bytes, name: str, expected: str) -> None:
    assert read(data, name).strip() == expected


def test_html_is_read_as_text_not_as_looks() -> None:
    page = (
        "<html><head><title>T &amp; U</title><style>p{}</style></head><body><script>x()</script>"
        "<h2>Head</h2><p>One <em>two</em>\n   three<br>four</p><ul><li>a<ol><li>b</ol><li>c</ul>"
        "<table><tr><th>x<th>y<tr><td>1<td>2</table><pre>k  l\n m</pre><blockquote><p>q</p></blockquote>"
        '<img src="i.png" alt="pic"><a href="https://z.org">z</a>'
    )
    assert read(page.encode(), "a.html").strip() == (
        "## Head\n\nOne *two* three\\\nfour\n\n- a\n  1. b\n- c\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n\n"
        "```\nk  l\n m\n```\n\n> q\n\n![pic](i.png)\n\n[z](https://z.org)"
    )
    assert opened(page.encode(), "a.html").facts == {"title": "T & U"}


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le"), "a file of Word 97–2003"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "encrypted with a password"),
        (b"\x00\x01\x02", "a binary file"),
        (b"\0\0\0\x18ftypmp42", "a video or a sound"),
    ],
)
def test_what_is_no_document_is_named(data: bytes, match: str) -> None:
    with pytest.raises(ToolFailed, match=match):
        opened(data, "a.docx")


@pytest.mark.parametrize("ending", ["docx", "pptx", "xlsx", "pdf"])
def test_the_content_decides_not_the_name(ending: str) -> None:
    assert opened(written(ending, REPORT), "wrong.txt").kind == ending


def test_what_libreoffice_writes_is_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("office")
    (folder / "a.docx").write_bytes(written("docx", REPORT))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    for ending in ("odt", "rtf", "epub"):
        judge("soffice", profile, "--headless", "--convert-to", ending, "--outdir", folder, folder / "a.docx")
        text = read((folder / f"a.{ending}").read_bytes(), f"a.{ending}")
        assert all(word in text for word in ("The harbour project", "tested at full load", "| Cranes | 860,000.50 |"))
        if ending == "odt":
            lists = to_markdown([block for block in parse_markdown(text) if type(block).__name__ == "Items"])
            assert "- Cranes\n  - two delivered\n  - one in use since 12 March\n    - tested empty\n" in lists
