"""Blocks into Markdown that, parsed again, is the same blocks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

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
)

_RULES = {"left": ":--", "center": ":-:", "right": "--:", "": "---"}


def to_markdown(blocks: Iterable[Block]) -> str:
    """The Markdown of blocks, without a line break at its end."""
    parts: list[str] = []
    before: Block | None = None
    for block in blocks:
        if isinstance(block, Items) and isinstance(before, Items) and block.ordered == before.ordered:
            parts.append("<!-- -->")  # two lists that follow each other would be one
        parts.append(block_text(block))
        before = block
    return "\n\n".join(parts)


def block_text(block: Block) -> str:
    """The Markdown of one block."""
    match block:
        case Heading():
            return "#" * block.level + " " + line_text(block.line).replace("\\\n", " ").replace("\n", " ")
        case Paragraph():
            return line_text(block.line)
        case Items():
            return _items(block)
        case Table():
            return _table(block)
        case Quote():
            return _indented(to_markdown(block.blocks), "> ", "> ")
        case Code():
            fence = "`" * max(3, _longest(block.text, "`") + 1)
            return f"{fence}{block.language}\n{block.text}\n{fence}"
        case Picture():
            return f"![{_escaped(block.alt)}]({_target(block.source)})"
        case Break():
            return "---"
        case Note():
            return f"<!-- {block.text.replace('--', '- -').strip()} -->"


def _items(block: Items) -> str:
    is_tight = all(len(item) < 2 or isinstance(item[1], Items) for item in block.items)
    texts: list[str] = []
    for number, item in enumerate(block.items, block.start):
        mark = f"{number}. " if block.ordered else "- "
        inner = to_markdown(item)
        if is_tight:
            inner = inner.replace("\n\n", "\n")
        texts.append(_indented(inner, mark, " " * len(mark)) if inner else mark.rstrip())
    return ("\n" if is_tight else "\n\n").join(texts)


def _indented(text: str, first: str, rest: str) -> str:
    lines = text.split("\n")
    return "\n".join((first if n == 0 else rest if line or ">" in rest else "") + line for n, line in enumerate(lines))


def _table(block: Table) -> str:
    width = block.width
    rows = [[_cell(cell) for cell in row] + [""] * (width - len(row)) for row in block.rows]
    if not block.has_header:
        rows.insert(0, [""] * width)
    aligns = [*block.aligns, *[""] * width][:width]
    rows.insert(1, [_RULES[align] for align in aligns])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _cell(line: Line) -> str:
    return line_text(line).replace("\\\n", "<br>").replace("\n", "<br>").replace("|", "\\|")


def line_text(line: Line) -> str:
    """The Markdown of a line."""
    spans = [part for span in line for part in _without_outer_spaces(span)]
    text = "".join(_span(span) for span in spans)
    return "\\\n".join(_safe_start(part) for part in re.split(r" *\n *", text))


def _without_outer_spaces(span: Span) -> list[Span]:
    """Marks of emphasis do not work beside spaces: those go outside of them."""
    if span.code or not (span.bold or span.italic or span.struck):
        return [span]
    text = span.text.strip(" \n")
    if not text:
        return [Span(text=span.text)]
    start = span.text.index(text)
    return [
        part
        for part in (
            Span(text=span.text[:start]),
            replace(span, text=text),
            Span(text=span.text[start + len(text) :]),
        )
        if part.text
    ]


def _span(span: Span) -> str:
    text = _code(span.text) if span.code else _escaped(span.text)
    mark = "~~" * span.struck + "**" * span.bold + "*" * span.italic
    text = f"{mark}{text}{mark[::-1]}"
    return f"[{text}]({_target(span.link)})" if span.link else text


def _code(text: str) -> str:
    ticks = "`" * (_longest(text, "`") + 1)
    pad = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{ticks}{pad}{text}{pad}{ticks}".replace("\n", " ")


def _longest(text: str, sign: str) -> int:
    return max((len(run) for run in re.findall(f"{re.escape(sign)}+", text)), default=0)


def _target(address: str) -> str:
    if re.search(r"[\s()<>]", address) or not address:
        return "<" + re.sub(r"[<>\n]", lambda m: f"%{ord(m[0]):02X}", address) + ">"
    return address


_SIGNS = re.compile(
    r"""\\(?=[!-/:-@\[-`{-~\n]|$)   # would escape what follows
      | `
      | \*
      | (?<![^\W_])_ | _(?![^\W_])  # not inside a word
      | ~
      | \](?=[(\[:])
      | <(?=[A-Za-z/!?])
      | &(?=\#?\w{1,32};)""",
    re.VERBOSE,
)


def _escaped(text: str) -> str:
    return _SIGNS.sub(lambda match: "\\" + match[0], text)


_START = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|>|=+\s*$|-[-\s]*$|[|:](?=[-|:\s]*$))")
_NUMBER = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def _safe_start(line: str) -> str:
    """A line that is not taken for a heading, a list, a quote or a rule."""
    line = line.lstrip(" \t")
    return _NUMBER.sub(r"\1\\\2", line) if _NUMBER.match(line) else _START.sub(r"\\\1", line)
