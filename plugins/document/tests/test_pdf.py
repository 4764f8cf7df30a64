"""PDF files, as poppler sees them."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from document_support import REPORT, judge, opened, pages_of, picture, read, written
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_document.blocks import all_text
from massgen_document.text.markdown import parse_markdown
from massgen_document.writing.pdf.fonts import choose, font_folders, installed
from massgen_document.writing.pdf.sfnt import faces_of
from massgen_document.writing.request import About, Job

from massgen_core.errors import ToolFailed


def saved(folder: Path, text: str, **options: object) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(written("pdf", text, **options))
    return path


def test_poppler_finds_text_pages_and_facts(tmp_path: Path) -> None:
    path = saved(tmp_path, REPORT)
    text = judge("pdftotext", "-layout", path, "-")
    for piece in (
        "The harbour project",
        "1,200,000",
        "• Quay wall",
        "return sum(invoices)",
        "“quotes”, a dash – and 12 €",
    ):
        assert piece in " ".join(text.split())
    facts = judge("pdfinfo", path)
    assert "Title:           The title" in facts
    assert "Author:          A. Writer" in facts
    assert "Creator:         massgen-document" in facts
    assert pages_of(path) == 2
    assert "1/2" in text.replace(" ", "")


def test_text_is_embedded(tmp_path: Path) -> None:
    fonts = judge("pdffonts", saved(tmp_path, "# Zażółć\n\nΕλληνικά **и русский**"))
    rows = [line for line in fonts.splitlines()[2:] if "Roboto" in line]
    assert rows
    assert all(" yes yes yes" in row for row in rows)


def test_headings_are_in_the_outline() -> None:
    outline = opened(written("pdf", REPORT)).facts["outline"]
    assert [(entry["level"], entry["title"], entry["page"]) for entry in outline] == [
        (1, "The harbour project", 1),
        (2, "What happened", 1),
        (3, "Money", 1),
        (1, "Appendix", 2),
    ]


def test_a_heading_level_that_is_left_out_is_no_error() -> None:
    outline = opened(written("pdf", "### Deep\n\n# Top\n\n###### Deeper")).facts["outline"]
    assert [entry["level"] for entry in outline] == [1, 1, 2]


def test_same_text_same_bytes() -> None:
    assert written("pdf", REPORT) == written("pdf", REPORT)


def test_letter_paper(tmp_path: Path) -> None:
    assert "612 x 792" in judge("pdfinfo", saved(tmp_path, "a", paper="letter"))


def test_a_long_word_a_wide_table_and_long_code_stay_on_the_page(tmp_path: Path) -> None:
    row = "|" + "|".join(["Donaudampfschifffahrtsgesellschaft"] * 8) + "|"
    text = f"{'x' * 400}\n\n{row}\n{'|-' * 8}|\n{row}\n\n```\n{'y' * 500}\n```\n"
    boxes = judge("pdftotext", "-bbox", saved(tmp_path, text), "-")
    rights = [float(line.split('xMax="')[1].split('"')[0]) for line in boxes.splitlines() if 'xMax="' in line]
    assert max(rights) < 595 - 60
    assert "".join(boxes.split()).count("y") > 400


def test_a_table_longer_than_a_page_repeats_its_header(tmp_path: Path) -> None:
    rows = "\n".join(f"| item {number} | {number} |" for number in range(120))
    path = saved(tmp_path, f"| Name | Count |\n|---|---|\n{rows}\n")
    assert pages_of(path) > 2
    text = judge("pdftotext", "-layout", path, "-")
    assert text.count("Count") == pages_of(path)
    assert all(f"item {number} " in text for number in range(120))


def test_pictures_are_shown_with_their_words(tmp_path: Path) -> None:
    path = saved(tmp_path, "![A green wall](wall.png)", pictures={"wall.png": picture()})
    assert len(judge("pdfimages", "-list", path).splitlines()) == 3
    assert "A green wall" in judge("pdftotext", path, "-")


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ToolFailed, match="wall.png: no picture that can be read"):
        written("pdf", "![a](wall.png)", pictures={"wall.png": io.BytesIO(b"\x89PNG\r\n\x1a\n broken")})


def test_too_many_pixels_are_refused_by_the_header() -> None:
    data = io.BytesIO(bytearray(picture(10, 10, "BMP").getvalue()))
    data.seek(18)
    data.write(struct.pack("<ii", 12_000, 12_000))
    with pytest.raises(ToolFailed, match="12000x12000 pixels are too many"):
        written("pdf", "![a](w.bmp)", pictures={"w.bmp": data})


def test_letters_without_a_font_are_refused_and_signs_are_named() -> None:
    with pytest.raises(ToolFailed, match="no font on this machine draws 你 好"):
        choose("你好", list)
    _, instead = choose("go 🚀", list)
    assert instead == {"🚀": "[rocket]"}


@pytest.mark.parametrize("text", ["שלום", "مرحبا", "नमस्ते"])
def test_scripts_that_need_shaping_are_refused(text: str) -> None:
    with pytest.raises(ToolFailed, match="write .docx or .html"):
        written("pdf", text)


def test_other_letters_are_drawn_by_a_font_of_the_system(tmp_path: Path) -> None:
    drawing = [face for face in installed(font_folders()) if face.draws("你")]
    if not drawing:
        pytest.skip("no font with Chinese letters is installed")
    assert "你好世界" in judge("pdftotext", saved(tmp_path, "# 你好世界\n\nand **Latin**"), "-")


def test_a_sign_without_a_font_is_told() -> None:
    job = Job(about=About())
    written("pdf", "Launch \U0001fae8", job=job)
    assert all("is shown as [" in warning for warning in job.warnings)


def test_a_broken_font_file_is_passed_over(tmp_path: Path) -> None:
    for name, data in {"a.ttf": b"\0\1\0\0\xff\xff", "b.ttc": b"ttcf\0\1\0\0\0\0\0\x09", "c.otf": b"OTTO"}.items():
        (tmp_path / name).write_bytes(data)
        assert faces_of(tmp_path / name) == []


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.sampled_from("abcXYZ 019éßł.,;&<>\"'я"), min_size=1), min_size=1, max_size=5))
def test_every_word_is_read_back(paragraphs: list[str]) -> None:
    """What is written into a PDF is what a reader finds in it."""
    text = "\n\n".join(parts for part in paragraphs if (parts := "".join(f"w{part}w".split())))
    found = "".join(read(written("pdf", text)).split())
    for line in all_text(parse_markdown(text)).split("\n"):
        assert "".join(line.split()) in found
