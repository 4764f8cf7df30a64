"""HTML into blocks, by the standard library's tolerant parser: text, not looks; scripts and styles are left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from html.parser import HTMLParser

from massgen_document.blocks import (
    Block,
    Break,
    Code,
    Heading,
    Items,
    Line,
    Paragraph,
    Picture,
    Quote,
    Span,
    Table,
    lines_of,
    walk,
)
from massgen_document.text.markdown import joined, trimmed

_SKIPPED = {"script", "style", "template", "noscript", "head", "svg", "math", "iframe", "object"}
_STYLES = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em"), "italic"),
    **dict.fromkeys(("s", "del", "strike"), "struck"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
}
_VOID = {"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base", "embed", "source", "track", "param"}
_HOLDERS = {"ul", "ol", "li", "blockquote", "table", "tr", "td", "th", "pre"}
_INLINE = {
    *_STYLES,
    *["a", "span", "small", "sub", "sup", "u", "mark", "abbr", "cite", "q", "time", "label", "font", "var"],
}
_ENDS = {
    "li": (("li",), ("ul", "ol")),
    "tr": (("td", "th", "tr"), ("table",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
}
"""Which open elements an element ends, and those that protect them."""
_DEEPEST = 100


@dataclass(slots=True)
class _Holder:
    """An open element that holds blocks or rows."""

    tag: str
    blocks: list[Block] = field(default_factory=list[Block])
    spans: list[Span] = field(default_factory=list[Span])
    items: list[tuple[Block, ...]] = field(default_factory=list[tuple[Block, ...]])
    rows: list[tuple[Line, ...]] = field(default_factory=list[tuple[Line, ...]])
    cells: list[Line] = field(default_factory=list[Line])
    start: int = 1
    heading: int = 0


def parse_html(text: str) -> Iterator[Block]:
    """The blocks of a page, in the order of its text."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    yield from parser.finished()


def title_of(text: str) -> str:
    """What the page calls itself."""
    match = re.search(r"<title[^>]*>([^<]{0,500})", text[:100_000], re.IGNORECASE)
    return " ".join(unescape(match[1]).split()) if match else ""


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open = [_Holder("body")]
        self._skipping = 0
        self._styles: dict[str, int] = dict.fromkeys(("bold", "italic", "struck", "code"), 0)
        self._links: list[str] = []

    def finished(self) -> list[Block]:
        """All blocks, after the end."""
        while len(self._open) > 1:
            self._close()
        self._flush()
        return self._open[0].blocks

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag in _SKIPPED:
            self._skipping += 1
        if self._skipping:
            return
        given = {name: value or "" for name, value in attrs}
        if tag in _STYLES:
            self._styles[_STYLES[tag]] += 1
        elif tag == "a":
            self._links.append(given.get("href", ""))
        elif tag == "br":
            self._add("\n", keep=True)
        elif tag in ("hr", "img"):
            self._flush()
            self._open[-1].blocks.append(Break() if tag == "hr" else _picture(given))
        elif tag not in _INLINE:
            self._block(tag, given)

    def _block(self, tag: str, given: dict[str, str]) -> None:
        self._flush()
        self._end_before(tag)
        if tag in _HOLDERS and len(self._open) < _DEEPEST:
            holder = _Holder(tag)
            start = given.get("start", "")
            holder.start = int(start) if start.isdigit() and len(start) < 9 else 1
            self._open.append(holder)
        elif len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._open[-1].heading = int(tag[1])

    def _end_before(self, tag: str) -> None:
        """Close what ends where the element begins, though nobody wrote so (HTML Standard, 13.1.2.4)."""
        ends, within = _ENDS.get(tag, ((), ()))
        for holder in reversed(self._open[1:]):
            if holder.tag in within:
                return
            if holder.tag in ends:
                self._close_to(holder.tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those in it that were left open."""
        if tag in _SKIPPED:
            self._skipping = max(self._skipping - 1, 0)
            return
        if self._skipping or tag in _VOID:
            return
        if tag in _STYLES:
            self._styles[_STYLES[tag]] = max(self._styles[_STYLES[tag]] - 1, 0)
        elif tag == "a":
            del self._links[-1:]
        elif tag in _HOLDERS:
            self._close_to(tag)
        elif tag not in _INLINE:
            self._flush()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if not self._skipping:
            self._add(data, keep=any(holder.tag == "pre" for holder in self._open))

    def _add(self, text: str, *, keep: bool) -> None:
        if not keep:
            spaces = " " if text[:1].isspace() else "", " " if text[-1:].isspace() else ""
            text = " ".join(text.split())
            text = f"{spaces[0]}{text}{spaces[1]}" if text else spaces[0]
        look = {name: depth > 0 for name, depth in self._styles.items()}
        self._open[-1].spans.append(Span(text=text, link=self._links[-1] if self._links else "", **look))

    def _flush(self) -> None:
        """Make a paragraph or heading of the text so far."""
        holder = self._open[-1]
        if holder.tag == "pre":
            return
        line = trimmed(joined(_single_spaced(holder.spans)))
        holder.spans = []
        if line:
            level = holder.heading
            holder.blocks.append(Heading(level=level, line=line) if level else Paragraph(line=line))
        holder.heading = 0

    def _close_to(self, tag: str) -> None:
        if any(holder.tag == tag for holder in self._open[1:]):
            while self._open[-1].tag != tag:
                self._close()
            self._close()

    def _close(self) -> None:
        self._flush()
        holder = self._open.pop()
        above = self._open[-1]
        match holder.tag:
            case "li":
                above.items.append(tuple(holder.blocks))
            case "td" | "th":
                above.cells.append(_as_line(holder.blocks))
            case "tr":
                above.rows.append(tuple(holder.cells))
            case "ul" | "ol" if above.tag in ("ul", "ol") and above.items:
                above.items[-1] += tuple(_made(holder))  # a list beside items, where it should be in one
            case _:
                above.blocks += _made(holder)


def _made(holder: _Holder) -> Iterator[Block]:
    """The block that a closed element is; what stands in it where nothing should comes before."""
    if holder.tag == "pre":
        yield Code(text="".join(span.text for span in holder.spans).strip("\n"))
    elif holder.tag == "blockquote":
        if holder.blocks:
            yield Quote(blocks=tuple(holder.blocks))
    elif holder.tag == "table":
        yield from holder.blocks
        if holder.rows:
            yield Table(rows=tuple(holder.rows))
    else:
        yield from holder.blocks
        if holder.items:
            yield Items(items=tuple(holder.items), ordered=holder.tag == "ol", start=holder.start)


def _picture(given: dict[str, str]) -> Picture:
    source = given.get("src", "")
    return Picture(source="picture" if source.startswith("data:") else source, alt=given.get("alt", ""))


def _as_line(blocks: list[Block]) -> Line:
    spans: list[Span] = []
    for block in walk(blocks):
        for line in lines_of(block):
            spans += [Span(text="\n")] if spans else []
            spans += line
    return joined(spans)


def _single_spaced(spans: list[Span]) -> list[Span]:
    """Spans where no two spaces follow each other across their borders."""
    out: list[Span] = []
    for span in spans:
        text = span.text
        if out and out[-1].text.endswith((" ", "\n")) and text.startswith(" "):
            text = text[1:]
        if text:
            out.append(replace(span, text=text))
    return out
