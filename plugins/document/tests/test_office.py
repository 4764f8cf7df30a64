"""Word, PowerPoint and Excel files, as LibreOffice shows them and as they are read back."""

from __future__ import annotations

import importlib
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from document_support import REPORT, as_pdf, judge, opened, pages_of, picture, read, written
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_document.blocks import Block, Heading, Items, Note, Paragraph, Table, plain, words
from massgen_document.text.markdown import parse_markdown
from massgen_document.text.tables import parse
from massgen_document.text.to_markdown import to_markdown
from massgen_document.writing.formats import FORMATS
from massgen_document.writing.request import About, Job
from massgen_document.writing.slides.atoms import Piece, atoms
from massgen_document.writing.slides.fit import fit, total
from massgen_document.writing.values import is_reaching, value_of

from massgen_core.errors import ToolFailed

DECK = """# The harbour project

For the steering committee

---

## What happened

- Quay wall: **410** metres
- Cranes
  - two delivered

<!-- Say that the storm cost two weeks. -->

## Money

| Item | Spent |
|---|--:|
| Quay wall | 1,184,300 |

# What comes next

## A long list

""" + "\n".join(f"- Item {number} is a line of some length, so that the list needs more room" for number in range(30))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """All three as PDF; LibreOffice is started once."""
    sheet = "# Sales\n\n| Item | Price |\n|---|--:|\n| Wall | 1,234.50 |\n\n# Costs\n\n| a |\n|---|\n| =1+1 |\n"
    files = {
        "report.docx": written("docx", REPORT),
        "deck.pptx": written("pptx", DECK),
        "book.xlsx": written("xlsx", sheet),
    }
    return as_pdf(tmp_path_factory.mktemp("office"), files)


def test_libreoffice_shows_the_word_file(shown: dict[str, Path]) -> None:
    text = " ".join(judge("pdftotext", "-layout", shown["report.docx"], "-").split())
    for piece in ("The harbour project", "1. tested empty 2. tested at full load", "1,200,000", "return sum(invoices)"):
        assert piece in text
    assert pages_of(shown["report.docx"]) == 2
    assert "1/2" in text.replace(" ", "")


def test_libreoffice_shows_the_slides(shown: dict[str, Path]) -> None:
    assert pages_of(shown["deck.pptx"]) == 7
    text = " ".join(judge("pdftotext", "-layout", shown["deck.pptx"], "-").split())
    assert all(f"Item {number} is a line" in text for number in range(30))
    assert "A long list (3)" in text
    assert "storm" not in text


def test_nothing_on_a_slide_is_beyond_its_edge(shown: dict[str, Path]) -> None:
    boxes = judge("pdftotext", "-bbox", shown["deck.pptx"], "-")
    bottoms = [float(line.split('yMax="')[1].split('"')[0]) for line in boxes.splitlines() if 'yMax="' in line]
    assert max(bottoms) < 540


def test_libreoffice_shows_the_workbook(shown: dict[str, Path]) -> None:
    text = judge("pdftotext", "-layout", shown["book.xlsx"], "-")
    assert "1,234.50" in text
    assert "=1+1" in text


@pytest.mark.parametrize("ending", ["docx", "pptx", "xlsx"])
def test_same_text_same_bytes_whenever(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No clock is in the file: not in the package, not in its properties, not in comments."""
    text = f"{REPORT}\n\n<!-- a remark -->\n"
    first = written(ending, text)
    monkeypatch.setattr("time.localtime", lambda *_: (2031, 2, 3, 4, 5, 6, 0, 34, 0))
    assert written(ending, text) == first
    with zipfile.ZipFile(io.BytesIO(first)) as package:
        assert {entry.date_time[0] for entry in package.infolist()} == {1980}
        assert b"20" not in b"".join(
            part for part in package.read("docProps/core.xml").split(b"<") if part.startswith(b"dcterms")
        ).replace(b"2000-01-01", b"")
        if ending == "docx":
            assert b"w:date" not in package.read("word/comments.xml")


def test_a_word_file_is_read_back_as_it_was_written() -> None:
    text = read(written("docx", REPORT))
    expected = to_markdown(parse_markdown(REPORT.replace("```python", "```")))
    assert text.replace("<!-- footer: The title  / -->", "").strip() == expected.strip()


def test_comments_links_and_pictures_are_read() -> None:
    data = written(
        "docx",
        "See [this](https://example.org/x).\n\n<!-- Is it true? -->\n\n![A wall](w.png)",
        pictures={"w.png": picture()},
    )
    text = read(data)
    assert "[this](https://example.org/x)" in text
    assert "<!-- Is it true? -->" in text
    assert "![A wall](" in text


def test_what_python_docx_does_not_see_is_read() -> None:
    """Content controls, tracked insertions and text boxes are text; deletions are none, and that is said."""
    import docx

    document = docx.Document(io.BytesIO(written("docx", "Before")))
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parse_xml = importlib.import_module("docx.oxml").parse_xml
    body: Any = document.element.body
    pieces = (
        f"<w:sdt {names}><w:sdtContent><w:p><w:r><w:t>controlled</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        f'<w:p {names}><w:ins w:id="1" w:author="x"><w:r><w:t>inserted</w:t></w:r></w:ins>'
        '<w:del w:id="2" w:author="x"><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>',
        f"<w:p {names}><w:r><w:pict><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r></w:p>",
    )
    for piece in pieces:
        body.insert(len(body) - 1, parse_xml(piece))
    out = io.BytesIO()
    document.save(out)
    found = opened(out.getvalue())
    text = "".join(next(found.parts(1)).texts())
    assert [word in text for word in ("Before", "controlled", "inserted", "boxed", "deleted")] == [True] * 4 + [False]
    assert found.said == ["text that was deleted with changes tracked is left out, what was inserted is shown"]


SAFE = (
    st.text(st.sampled_from("abc XYZ 019 éß你.,:;!?()*_#"), min_size=1)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
LINE = SAFE.map(words)
FLAT = st.one_of(
    st.builds(Heading, level=st.integers(1, 6), line=LINE),
    st.builds(Paragraph, line=LINE),
    st.builds(
        Items,
        items=st.lists(st.builds(Paragraph, line=LINE).map(lambda block: (block,)), min_size=1, max_size=3).map(tuple),
        ordered=st.booleans(),
    ),
    st.builds(Table, rows=st.lists(st.tuples(LINE, LINE), min_size=1, max_size=3).map(tuple)),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(FLAT, min_size=1, max_size=5))
def test_blocks_in_word_come_back(blocks: list[Block]) -> None:
    """What is written into a Word file is what is read from it."""
    out = io.BytesIO()
    FORMATS["docx"].load()(blocks, Job(about=About()), out)
    part = next(opened(out.getvalue()).parts(1))
    assert [block for block in part.blocks() if not isinstance(block, Note)] == blocks


def test_slides_are_read_back() -> None:
    text = read(written("pptx", DECK))
    assert text.startswith("<!-- slide 1 of 7 -->\n\n# The harbour project\n\nFor the steering committee\n")
    assert "- Quay wall: **410** metres\n- Cranes\n  - two delivered\n" in text
    assert "<!-- Say that the storm cost two weeks. -->" in text
    assert "| Quay wall | 1,184,300 |" in text
    assert "Foot" not in text


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=40))
def test_all_text_is_on_some_slide_and_fits(lengths: list[int]) -> None:
    """However much text there is: nothing is lost, and no slide has more than it has room for."""
    text = "\n".join(f"- {number} {'word ' * length}" for number, length in enumerate(lengths))
    pieces = list(atoms(parse_markdown(text)))
    pages = fit(pieces, 840, 376)
    together = [plain(atom.line) for page in pages for atom in page.atoms if isinstance(atom, Piece)]
    assert " ".join(together).split() == " ".join(plain(one.line) for one in pieces if isinstance(one, Piece)).split()
    assert all(total(page.atoms, 840, page.size) <= 376 for page in pages)


def test_a_table_that_is_too_long_goes_on_with_its_header() -> None:
    rows = "\n".join(f"| {number} | x |" for number in range(40))
    text = read(written("pptx", f"## Many\n\n| Head | B |\n|---|---|\n{rows}"))
    assert text.count("| Head | B |") == text.count("<!-- slide") > 1
    assert all(f"| {number} | x |" in text for number in range(40))


def test_pictures_with_text_stand_beside_it() -> None:
    from pptx import Presentation

    data = written("pptx", "## A\n\n- text\n\n![A wall](w.png)", pictures={"w.png": picture(900, 700)})
    shapes: dict[str, Any] = {
        shape.name.split(" ")[0]: shape for shape in Presentation(io.BytesIO(data)).slides[0].shapes
    }
    wall = shapes["Picture"]
    assert wall.left > 960 * 12700 / 2
    assert wall._element.nvPicPr.cNvPr.get("descr") == "A wall"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("12", "number", 12),
        ("-1,234.50", "number", -1234.5),
        ("12.5%", "number", 0.125),
        ("€ 5", "text", "€ 5"),
        ("$12.00", "number", 12),
        ("007", "text", "007"),
        ("0.5", "number", 0.5),
        ("+49301234567", "text", "+49301234567"),
        ("4111111111111111", "text", "4111111111111111"),
        ("1,23", "text", "1,23"),
        ("٣", "text", "٣"),
        ("2026-02-31", "text", "2026-02-31"),
        ("=1+1", "text", "=1+1"),
    ],
)
def test_cells_are_typed_without_loss(text: str, kind: str, value: object) -> None:
    found = value_of(text)
    assert (found.kind, found.value) == (kind, value)


def test_a_workbook_is_typed_styled_and_read_back() -> None:
    first = "# Sales: 2026/27\n\n| Item | Day | Price |\n|---|---|--:|\n| Wall | 2026-01-31 | 1,234.50 |\n\n"
    text = f"{first}# Sales: 2026/27\n\n| a |\n|---|\n| x |\n\nAside\n"
    job = Job(about=About(title="Book"))
    book = openpyxl.load_workbook(io.BytesIO(data := written("xlsx", text, job=job)))
    assert book.sheetnames == ["Sales 2026 27", "Sales 2026 27 2"]
    sheet = book["Sales 2026 27"]
    assert [cell.value for cell in sheet[2]][2] == 1234.5
    assert (sheet["B2"].is_date, sheet["C2"].number_format, sheet["A1"].font.bold) == (True, "#,##0.00", True)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C2")
    assert job.warnings == ["text outside of tables was left out (1 blocks): a workbook holds tables"]
    shown = read(data, cells="A2:C2")
    assert "|  | A | B | C |" in shown
    assert "| 2 | Wall | 2026-01-31 | 1234.5 |" in shown


@pytest.mark.parametrize("text", ["=1+1", "+x", "-x", "@SUM(A1)", "=cmd|'/c calc'!A0"])
def test_a_cell_is_no_formula_unless_asked(text: str) -> None:
    data = written("xlsx", f"| a |\n|---|\n| {text.replace('|', chr(92) + '|')} |\n")
    cell = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")


def test_formulas_are_written_when_asked_and_never_reach_out() -> None:
    table = "| a |\n|---|\n| 1 |\n| =SUM(A2:A2) |\n"
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", table, formulas=True)))
    assert book.worksheets[0]["A3"].value == "=SUM(A2:A2)"
    for formula in ("=WEBSERVICE(A1)", "=cmd|'/c calc'!A0", "='[x.xlsx]S'!A1", '=HYPERLINK("http://x")'):
        assert is_reaching(formula)
        with pytest.raises(ToolFailed, match="reads from outside the file"):
            written("xlsx", f"| a |\n|---|\n| {formula.replace('|', chr(92) + '|')} |\n", formulas=True)


def test_formulas_that_nobody_computed_are_shown() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append([1, "=A1*2"])
    book.save(out := io.BytesIO())
    found = opened(out.getvalue())
    assert "| 1 | 1 | =A1\\*2 |".replace("\\", "") in "".join(next(found.parts(1)).texts())
    assert found.said == ["formulas that no program has computed yet are shown as formulas"]


def test_a_csv_file_runs_nothing() -> None:
    job = Job(about=About())
    assert written("csv", "| a | b |\n|---|---|\n| =1+1 | -5 |\n", job=job) == b"a,b\r\n'=1+1,-5\r\n"
    assert job.warnings == ["cells that a spreadsheet would take for formulas have an apostrophe in front"]


@pytest.mark.parametrize("ending", ["docx", "pptx", "html", "pdf"])
def test_links_only_lead_to_the_web(ending: str) -> None:
    text = "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](https://example.org/) [d](\\\\\\\\host\\share)"
    data = written(ending, text)
    inside = [data]
    if ending in ("docx", "pptx"):
        package = zipfile.ZipFile(io.BytesIO(data))
        inside = [package.read(name) for name in package.namelist() if name.endswith(".rels")]
    everything = b"".join(inside)
    assert not [
        sign for sign in (b'="javascript', b'="file:', b"/URI (javascript", b"/URI (file:") if sign in everything
    ]
    if ending != "pdf":
        assert b'"https://example.org/"' in everything


def test_html_escapes_and_holds_its_pictures() -> None:
    page = written(
        "html", "# <script>alert(1)</script>\n\na & b\n\n![w](w.png)", pictures={"w.png": picture()}
    ).decode()
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page
    assert 'src="data:image/png;base64,' in page
    assert "<script" not in page


def test_json_rows_become_a_sheet() -> None:
    out = io.BytesIO()
    FORMATS["xlsx"].load()(parse('[{"name": "a", "n": 1.5}, {"name": "b", "n": 2}]', "json"), Job(), out)
    rows = list(openpyxl.load_workbook(out).worksheets[0].values)
    assert rows == [("name", "n"), ("a", 1.5), ("b", 2)]


@pytest.mark.parametrize("ending", ["docx", "pptx", "xlsx", "html", "pdf", "md", "txt", "csv"])
def test_characters_that_no_file_holds_are_marked(ending: str) -> None:
    """NUL, other controls and halves of surrogate pairs do not break a file: a mark stands for each."""
    out = io.BytesIO()
    blocks = parse('[["a\\u0000b", "c\\ud800d"], ["e\\ufffff", "\\u0008"]]', "json")
    FORMATS[ending].load()(blocks, Job(about=About(title="T")), out)
    assert "a\ufffdb" in read(out.getvalue(), f"a.{ending}") if ending != "pdf" else out.getvalue()


DEEP_LIST = "\n".join(f"{'  ' * depth}- item {depth}" for depth in range(50))
DEEP_QUOTE = "".join(f"{'> ' * depth}q{depth}\n\n" for depth in range(1, 50))
WIDE = "|" + "|".join(f"c{n}" for n in range(100)) + "|\n" + "|-" * 100 + "|\n" + "|" + "|".join(["v"] * 100) + "|\n"
LONG = f"# {'heading ' * 300}\n\n| a | b |\n|---|---|\n| {'word ' * 3000} | x |\n\n```\n{'y' * 9000}\n```\n"


@pytest.mark.parametrize("ending", ["pdf", "docx", "pptx", "html", "txt"])
@pytest.mark.parametrize(("text", "words"), [(DEEP_LIST, 50), (DEEP_QUOTE, 49), (WIDE, 200), (LONG, 3303)])
def test_texts_of_unusual_shape_are_whole(text: str, words: int, ending: str) -> None:
    """Deep lists and quotes, tables wider and cells higher than a page: every word is there."""
    job = Job(about=About())
    found = read(written(ending, text, job=job), f"a.{ending}")
    assert len([word for word in found.replace("|", " ").split() if word.isalnum()]) >= words
    if text == WIDE and ending in ("pdf", "docx", "pptx"):
        assert job.warnings[0].startswith("a table of 100 columns is wider than a page")
