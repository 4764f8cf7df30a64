"""Files that mean harm: each is an error with a name, in little memory and little time."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Callable

import pytest
from document_support import REPORT, opened, picture, read, written
from massgen_document.reading import package

from massgen_core.errors import ToolFailed

DECLARED = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
PARTS = {
    "docx": "word/document.xml",
    "pptx": "ppt/slides/slide1.xml",
    "xlsx": "xl/worksheets/sheet1.xml",
}


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A package with one member changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry.filename)
            target.writestr(entry.filename, change(content) if entry.filename == name else content)
    return out.getvalue()


def answer(data: bytes, name: str) -> str:
    """All that a reader gives for a file, or the error by which it refuses it."""
    try:
        return everything(data, name)
    except ToolFailed as refused:
        return f"refused: {refused}"


def everything(data: bytes, name: str) -> str:
    """All that a reader gives for a file."""
    found = opened(data, name)
    return "".join(text for part in found.parts(1) for text in part.texts()) + "\n".join(found.said)


@pytest.mark.parametrize("ending", PARTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(ending: str, encoding: str) -> None:
    def declare(content: bytes) -> bytes:
        text = content.decode("utf-8")
        _, _, rest = text.partition("?>")
        assert rest
        return f'<?xml version="1.0" encoding="{encoding}"?>{DECLARED}{rest}'.encode(encoding)

    data = changed(written(ending, REPORT), PARTS[ending], declare)
    with pytest.raises(ToolFailed, match="declares XML entities"):
        everything(data, f"a.{ending}")


@pytest.mark.parametrize("ending", PARTS)
def test_encodings_that_could_hide_entities_are_refused(ending: str) -> None:
    head = b'<?xml version="1.0" encoding="UTF-7"?>'
    data = changed(written(ending, REPORT), PARTS[ending], lambda content: head + content.partition(b"?>")[2])
    with pytest.raises(ToolFailed, match="no XML in UTF-8"):
        everything(data, f"a.{ending}")


@pytest.mark.parametrize("ending", PARTS)
def test_a_bomb_is_refused_before_it_is_unpacked(ending: str) -> None:
    out = io.BytesIO(written(ending, REPORT))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb.bin", "w") as member:
        for _ in range(80):
            member.write(bytes(1 << 20))
    with pytest.raises(ToolFailed, match="taken for a bomb"):
        everything(out.getvalue(), f"a.{ending}")


def test_a_package_of_many_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "MOST_ENTRIES", 20)
    out = io.BytesIO(written("docx", "a"))
    with zipfile.ZipFile(out, "a") as archive:
        for number in range(20):
            archive.writestr(f"{number}", b"")
    with pytest.raises(ToolFailed, match="more than 20: no document does"):
        everything(out.getvalue(), "a.docx")


def test_two_files_of_one_name_are_refused() -> None:
    out = io.BytesIO(written("docx", "a"))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("word/document.xml", b"<other/>")
    with pytest.raises(ToolFailed, match="two files of one name"):
        everything(out.getvalue(), "a.docx")


def test_other_ways_of_packing_are_refused() -> None:
    out = io.BytesIO(written("docx", "a"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.bin", b"a" * 100)
    with pytest.raises(ToolFailed, match="a method that documents do not use"):
        everything(out.getvalue(), "a.docx")


@pytest.mark.parametrize(("ending", "tag"), [("docx", b"w:sdt"), ("pptx", b"a:x"), ("xlsx", b"x")])
def test_deep_nesting_is_refused(ending: str, tag: bytes) -> None:
    deep = b"<%s>" % tag * 20_000 + b"</%s>" % tag * 20_000

    def nest(content: bytes) -> bytes:
        at = content.rindex(b"</")
        return content[:at] + deep + content[at:]

    data = changed(written(ending, REPORT), PARTS[ending], nest)
    found = answer(data, "a")
    assert found.startswith("refused: ") == ("broken" in found)


@pytest.mark.parametrize(("reference", "rest"), [("A2000000000", "2000000000"), ("ZZZ5", "5"), ("A1048577", "1048577")])
def test_cells_far_away_cost_nothing_or_are_refused(reference: str, rest: str) -> None:
    row = f'<row r="{rest}"><c r="{reference}"><v>7</v></c></row></sheetData>'.encode()
    data = changed(
        written("xlsx", "|a|\n|-|\n|1|\n"), PARTS["xlsx"], lambda content: content.replace(b"</sheetData>", row)
    )
    found = answer(data, "a")
    assert "| 1 | a |" in found or found.startswith("refused: ")


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    data = changed(
        written("xlsx", "|a|\n|-|\n|1|\n"),
        PARTS["xlsx"],
        lambda content: content.replace(b'<dimension ref="A1:A2"/>', b'<dimension ref="A1:XFD1048576"/>'),
    )
    assert b"XFD1048576" in zipfile.ZipFile(io.BytesIO(data)).read(PARTS["xlsx"])
    assert everything(data, "a").count("\n") < 20


def pdf(*objects: bytes, root: int = 1) -> bytes:
    """A PDF of raw objects, with a cross-reference table."""
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, root, start)


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"


def test_pages_that_hold_themselves() -> None:
    data = pdf(CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1>>")
    with pytest.raises(ToolFailed, match="the PDF is broken"):
        everything(data, "a.pdf")


def test_a_page_count_that_is_a_lie() -> None:
    data = pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", PAGE, b"<</Length 0>>\nstream\n\nendstream")
    assert "page 1" in everything(data, "a.pdf")


def test_a_stream_that_unpacks_without_end() -> None:
    packed = zlib.compress(bytes(200 << 20), 9)
    stream = b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)
    data = pdf(CATALOG, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", PAGE, stream)
    assert "page 1 is broken" in everything(data, "a.pdf")


def test_an_outline_that_bites_its_tail() -> None:
    data = pdf(
        b"<</Type/Catalog/Pages 2 0 R/Outlines 5 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        PAGE,
        b"<</Length 0>>\nstream\n\nendstream",
        b"<</First 6 0 R/Last 6 0 R>>",
        b"<</Title(a)/Next 6 0 R/First 6 0 R/Parent 5 0 R/Dest[3 0 R/Fit]>>",
    )
    assert len(opened(data).facts.get("outline", [])) <= 200


def test_arrays_in_arrays() -> None:
    data = pdf(CATALOG, b"<</Type/Pages/Kids" + b"[" * 50_000 + b"]" * 50_000 + b"/Count 1>>")
    with pytest.raises(ToolFailed, match="the PDF is broken"):
        everything(data, "a.pdf")


@pytest.mark.parametrize("ending", ["pdf", "docx", "pptx", "xlsx"])
def test_a_truncated_file_is_named(ending: str) -> None:
    data = written(ending, REPORT)
    for part in (0.02, 0.3, 0.7, 0.99):
        cut = data[: int(len(data) * part)]
        found = answer(cut, f"a.{ending}")
        assert found.startswith("refused: ") or ending == "pdf"  # objects are looked for where the table is gone


def mutated(data: bytes, seed: int) -> bytes:
    """Some bytes flipped, cut out, doubled or written over, the same for the same seed."""
    chance = random.Random(seed)
    out = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(out) + 1)
        match chance.randrange(4):
            case 0:
                out[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del out[at : at + chance.randrange(60)]
            case 2:
                out[at:at] = out[at : at + chance.randrange(60)]
            case _:
                out[at : at + 4] = chance.choice([b"\0\0\0\0", b"\xff\xff\xff\xff", b"9999", b"]]>>", b"<a> "])
    return bytes(out)


HTML = b"<html><body><h1>T</h1><ul><li>a<li>b</ul><table><tr><td>1<td>2</table><pre>x</pre></body></html>"
RTF = rb"{\rtf1{\fonttbl{\f0 A;}}\b Hello\b0\par \trowd\intbl a\cell b\cell\row \u8364?\'e9\par}"


@pytest.mark.parametrize("seed", range(40))
def test_mutated_files_are_read_or_refused_by_name(seed: int) -> None:
    """Whatever is done to a file, its reader answers with text or with `ToolFailed`."""
    files = {"a.pdf": written("pdf", REPORT), "a.html": HTML, "a.rtf": RTF}
    for ending, part in PARTS.items():
        data = written(ending, REPORT, pictures={"w.png": picture()})
        files[f"whole.{ending}"] = data
        names = [part, "[Content_Types].xml", "docProps/core.xml", *_others(data)]
        name = names[seed % len(names)]
        files[f"inner.{ending}"] = changed(data, name, lambda content: mutated(content, seed))
    for name, data in files.items():
        broken = data if name.startswith("inner") else mutated(data, seed)
        assert isinstance(answer(broken, name), str)


def _others(data: bytes) -> list[str]:
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    return [name for name in names if name.endswith((".xml", ".rels")) and "theme" not in name]


def test_text_without_an_end_is_shown_in_pieces() -> None:
    assert len(read(b"x" * 3_000_000, "a.txt", most=1000)) == 1001
