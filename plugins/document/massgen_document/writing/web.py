"""HTML: one file that needs no other, with its style and its pictures inside, and no script."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, BinaryIO

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
    plain,
)
from massgen_document.writing.links import safe_link
from massgen_document.writing.pictures import ready
from massgen_document.writing.request import Job
from massgen_document.writing.web_style import STYLE


def write_web(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write an HTML file.

    Raises:
        ToolFailed: A picture that cannot be read.
    """
    about = job.about
    title = about.title or next((plain(block.line) for block in blocks if isinstance(block, Heading)), "Document")
    language = f' lang="{escape(about.language)}"' if about.language else ""
    facts = {
        "author": about.author,
        "description": about.subject,
        "keywords": about.keywords,
        "generator": about.program,
    }
    metas = "".join(f'<meta name="{name}" content="{escape(value)}">\n' for name, value in facts.items() if value)
    page = (
        f'<!DOCTYPE html>\n<html{language}>\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n{metas}<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{_blocks(blocks, job)}\n</body>\n</html>\n"
    )
    out.write(page.encode("utf-8"))
    return {}


def _blocks(blocks: Iterable[Block], job: Job) -> str:
    return "\n".join(part for block in blocks if (part := _block(block, job)))


def _block(block: Block, job: Job) -> str:
    match block:
        case Heading():
            return f"<h{block.level}>{_line(block.line)}</h{block.level}>"
        case Paragraph():
            return f"<p>{_line(block.line)}</p>"
        case Items():
            return _items(block, job)
        case Table():
            return _table(block)
        case Quote():
            return f"<blockquote>\n{_blocks(block.blocks, job)}\n</blockquote>"
        case Code():
            return f"<pre><code>{escape(block.text)}</code></pre>"
        case Picture():
            return _picture(block, job)
        case Break():
            return "<hr>"
        case Note():
            return ""


def _items(block: Items, job: Job) -> str:
    tag = "ol" if block.ordered else "ul"
    start = f' start="{block.start}"' if block.ordered and block.start != 1 else ""
    items = "\n".join(f"<li>{_item(item, job)}</li>" for item in block.items)
    return f"<{tag}{start}>\n{items}\n</{tag}>"


def _item(item: tuple[Block, ...], job: Job) -> str:
    if item and isinstance(item[0], Paragraph) and not any(isinstance(part, Paragraph) for part in item[1:]):
        return "\n".join(part for part in (_line(item[0].line), _blocks(item[1:], job)) if part)
    return _blocks(item, job)


def _table(block: Table) -> str:
    rows = [_row(row, block, head=block.has_header and number == 0) for number, row in enumerate(block.rows)]
    head = f"<thead>{rows[0]}</thead>\n" if block.has_header and rows else ""
    body = "\n".join(rows[1:] if head else rows)
    return f"<table>\n{head}<tbody>\n{body}\n</tbody>\n</table>"


def _row(row: Sequence[Line], block: Table, *, head: bool) -> str:
    tag = "th" if head else "td"
    aligns = [*block.aligns, *[""] * len(row)]
    styles = (f' style="text-align:{align}"' if align else "" for align in aligns)
    cells = (f"<{tag}{style}>{_line(cell)}</{tag}>" for cell, style in zip(row, styles, strict=False))
    return f"<tr>{''.join(cells)}</tr>"


def _picture(block: Picture, job: Job) -> str:
    file = job.pictures.get(block.source)
    if file is None:
        job.warn(f"the picture {block.source} is not in the document: it was not found in the workspace")
        return f"<p>[{escape(block.alt or block.source)}]</p>"
    drawn = ready(file, block.source)
    kind = "jpeg" if drawn.data.startswith(b"\xff\xd8") else "png"
    data = base64.b64encode(drawn.data).decode("ascii")
    size = f'width="{drawn.width}" height="{drawn.height}"'
    image = f'<img src="data:image/{kind};base64,{data}" {size} alt="{escape(block.alt)}">'
    caption = f"<figcaption>{escape(block.alt)}</figcaption>" if block.alt else ""
    return f"<figure>{image}{caption}</figure>"


def _line(line: Line) -> str:
    return "".join(_span(span) for span in line)


def _span(span: Span) -> str:
    text = escape(span.text).replace("\n", "<br>")
    for tag, is_set in (("code", span.code), ("em", span.italic), ("strong", span.bold), ("s", span.struck)):
        text = f"<{tag}>{text}</{tag}>" if is_set else text
    address = safe_link(span.link)
    return f'<a href="{escape(address)}" rel="noopener noreferrer">{text}</a>' if address else text
