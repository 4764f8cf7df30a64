"""Text into blocks, and blocks into text that means the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from massgen_document.blocks import (
    Block,
    Break,
    Code,
    Heading,
    Items,
    Line,
    Note,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    all_text,
    plain,
    words,
)
from massgen_document.text.front import front_matter
from massgen_document.text.markdown import joined, parse_markdown
from massgen_document.text.tables import parse, parse_csv
from massgen_document.text.to_markdown import to_markdown
from massgen_document.text.to_text import to_text

from massgen_core.errors import ToolFailed

WORDS = st.lists(
    st.text(st.sampled_from("abcxyz019éß你.,;:!?*_#-+>|`~[]()<&\\\"'=$%@/"), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)
TEXTS = WORDS.map(" ".join)
SPANS = st.builds(Span, text=TEXTS)
PLAIN_LINES = SPANS.map(lambda span: (span,))
STYLED = st.builds(
    Span,
    text=st.text("abcdefgh", min_size=1, max_size=6),
    bold=st.booleans(),
    italic=st.booleans(),
    struck=st.booleans(),
    code=st.booleans(),
    link=st.sampled_from(["", "https://example.org/a"]),
)


@st.composite
def styled_lines(draw: st.DrawFn) -> Line:
    """Words in styles, with a space between each two."""
    spans: list[Span] = []
    for span in draw(st.lists(STYLED, min_size=1, max_size=4)):
        spans += [Span(text=" ")] if spans else []
        spans.append(span)
    return joined(spans)


LINES = st.one_of(PLAIN_LINES, styled_lines())
SIMPLE = st.one_of(
    st.builds(Heading, level=st.integers(1, 6), line=LINES),
    st.builds(Paragraph, line=LINES),
    st.builds(Code, text=st.text("ab `~\n#", max_size=20).map(lambda text: text.strip("\n"))),
    st.just(Break()),
    st.builds(Note, text=st.text("abc d", min_size=1).map(str.strip).filter(bool)),
)
TABLES = st.integers(1, 3).flatmap(
    lambda width: st.builds(
        Table,
        rows=st.lists(st.lists(LINES, min_size=width, max_size=width).map(tuple), min_size=1, max_size=3).map(tuple),
        aligns=st.lists(st.sampled_from(["left", "center", "right", ""]), min_size=width, max_size=width).map(tuple),
    )
)
LISTS = st.recursive(
    st.builds(
        Items,
        items=st.lists(st.builds(Paragraph, line=LINES).map(lambda block: (block,)), min_size=1, max_size=3).map(tuple),
        ordered=st.booleans(),
        start=st.just(1),
    ),
    lambda inner: st.builds(
        Items,
        items=st.lists(st.tuples(st.builds(Paragraph, line=LINES), inner), min_size=1, max_size=2).map(tuple),
        ordered=st.booleans(),
        start=st.just(1),
    ),
    max_leaves=3,
)
BLOCKS = st.one_of(
    SIMPLE,
    TABLES,
    LISTS,
    st.builds(Quote, blocks=st.lists(st.one_of(SIMPLE, LISTS), min_size=1, max_size=3).map(tuple)),
)


def test_every_kind_of_block_is_seen() -> None:
    text = "# A\n\nb **c** *d* ~~e~~ `f` [g](https://h.i)\n\n- j\n  1. k\n\n|l|m|\n|-|-:|\n|n|o|\n\n> p\n\n"
    text += "```py\nq\n```\n\n---\n\n![r](s.png)\n\n<!-- t -->\n"
    kinds = [type(block).__name__ for block in parse_markdown(text)]
    assert kinds == ["Heading", "Paragraph", "Items", "Table", "Quote", "Code", "Break", "Picture", "Note"]
    line = parse_markdown(text)[1]
    assert isinstance(line, Paragraph)
    assert [(span.text, span.bold, span.italic, span.struck, span.code, bool(span.link)) for span in line.line] == [
        ("b ", False, False, False, False, False),
        ("c", True, False, False, False, False),
        (" ", False, False, False, False, False),
        ("d", False, True, False, False, False),
        (" ", False, False, False, False, False),
        ("e", False, False, True, False, False),
        (" ", False, False, False, False, False),
        ("f", False, False, False, True, False),
        (" ", False, False, False, False, False),
        ("g", False, False, False, False, True),
    ]


def test_a_picture_in_a_paragraph_stands_alone() -> None:
    before, shown, after = parse_markdown("one ![two](a%20b.png) three")
    assert isinstance(before, Paragraph)
    assert isinstance(after, Paragraph)
    assert (plain(before.line), shown, plain(after.line)) == ("one", Picture(source="a%20b.png", alt="two"), "three")


def test_html_stays_as_text_and_a_line_break_is_one() -> None:
    (block,) = parse_markdown("a<br>b <b>c</b>")
    assert isinstance(block, Paragraph)
    assert plain(block.line) == "a\nb <b>c</b>"


@given(st.lists(BLOCKS, max_size=5))
def test_what_is_written_is_read_again(blocks: list[Block]) -> None:
    """Markdown of blocks, parsed, is those blocks."""
    text = to_markdown(blocks)
    assert parse_markdown(text) == tuple(blocks)


@given(st.text(max_size=200))
def test_any_text_can_be_parsed_and_written_again(text: str) -> None:
    """Nothing raises, and from the second time on nothing changes."""
    once = to_markdown(parse_markdown(text))
    assert all_text(parse_markdown(to_markdown(parse_markdown(once)))) == all_text(parse_markdown(once))


@given(st.lists(BLOCKS, max_size=4))
def test_plain_text_holds_every_word(blocks: list[Block]) -> None:
    squeezed = "".join(to_text(blocks).split())
    for block in blocks:
        if isinstance(block, Paragraph | Heading):
            for span in block.line:
                assert "".join(span.text.split()) in squeezed


def test_plain_text_reads_well() -> None:
    text = to_text(
        parse_markdown("# Title\n\n1. one\n2. two\n   - deep\n\n| a | bb |\n|---|---:|\n| x | 1 |\n\n> said")
    )
    assert text == "Title\n=====\n\n1. one\n2. two\n   - deep\n\na  bb\n-  --\nx   1\n\n> said"


def test_csv_with_quotes_and_other_separators() -> None:
    assert parse_csv('a;b\n"x;y";2\n').rows == ((words("a"), words("b")), (words("x;y"), words("2")))
    assert parse_csv('a,"b\nc"\n').rows == ((words("a"), words("b\nc")),)


def test_json_records_and_named_tables() -> None:
    (table,) = parse('[{"a": 1, "b": null}, {"b": true, "c": "x"}]', "json")
    assert isinstance(table, Table)
    assert [[plain(cell) for cell in row] for row in table.rows] == [["a", "b", "c"], ["1", "", ""], ["", "true", "x"]]
    heading, _ = parse('{"Sales": [["a"], [1]]}', "json")
    assert isinstance(heading, Heading)
    assert plain(heading.line) == "Sales"


@pytest.mark.parametrize(("text", "syntax"), [("{", "json"), ("[" * 100_000, "json"), ('a,"b', "json")])
def test_what_is_no_json_is_named(text: str, syntax: str) -> None:
    with pytest.raises(ToolFailed, match="is not JSON"):
        parse(text, "json")


def test_front_matter_says_who_and_what() -> None:
    pairs, rest = front_matter('---\ntitle: "A: b"\nauthor: C\n---\n# D\n')
    assert (pairs, rest) == ({"title": "A: b", "author": "C"}, "# D\n")
    assert front_matter("---\n\n# D\n") == ({}, "---\n\n# D\n")
