"""Work functions: what runs in a worker process, on the session's files and into a private folder."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote

from massgen_core.errors import ToolFailed
from massgen_document.blocks import Block, Heading, Picture, clean, plain, walk
from massgen_document.reading.opened import Opened
from massgen_document.reading.reader import open_document
from massgen_document.reading.window import Place, chosen, cursor_of, mark_of, place_of, show
from massgen_document.text.front import front_matter
from massgen_document.text.tables import Syntax, parse
from massgen_document.writing.formats import FORMATS
from massgen_document.writing.request import About, Job

if TYPE_CHECKING:
    from massgen_core.workers import Work

_SEEN_AS = "/workspace/"


def write(work: Work) -> dict[str, Any]:
    """Write a document from a text; its pictures are the open files."""
    options = work.options
    front, text = front_matter(options["text"]) if options["syntax"] in (None, "markdown") else ({}, options["text"])
    syntax: Syntax = options["syntax"] or _syntax_of(text, options["format"])
    blocks = parse(text, syntax)
    job = _job(options, front, _pictures(blocks, options["pictures"], work.files))
    _demand_all(blocks, job.pictures)
    work.progress(0.3, "the text is parsed")
    if options["format"] == "md" and syntax == "markdown":
        return _written(work, options["format"], job, clean(options["text"]).encode("utf-8"))
    return _made(work, blocks, job) | {"syntax": syntax}


def read(work: Work) -> dict[str, Any]:
    """Read a window of a document."""
    options, file = work.options, work.files[0]
    opened = _open(work)
    mark = mark_of(file)
    start = place_of(options["cursor"], mark) if options["cursor"] else Place()
    numbers = chosen(opened, options["parts"])
    shown = show(opened, numbers, start, options["max_characters"], work.progress)
    cursor = cursor_of(mark, shown.next_place) if shown.next_place else None
    return {
        "kind": opened.kind,
        f"{opened.word}s": opened.count,
        "shown": list(shown.parts),
        "text": shown.text,
        "cursor": cursor,
        "notes": opened.said,
        "facts": {name: value for name, value in opened.facts.items() if isinstance(value, str)},
    }


def info(work: Work) -> dict[str, Any]:
    """What a document is and says about itself, without its text."""
    opened = _open(work)
    facts: dict[str, Any] = {"kind": opened.kind, f"{opened.word}s": opened.count}
    if opened.word == "document":
        del facts["documents"]
        facts |= _structure(opened)
    return facts | opened.facts | {"notes": opened.said}


def convert(work: Work) -> dict[str, Any]:
    """Read a document, and write what was read in another format."""
    options = work.options
    opened = _open(work)
    numbers = chosen(opened, options["parts"])
    blocks: list[Block] = []
    for at, number in enumerate(numbers):
        blocks += next(opened.parts(number)).blocks()
        work.progress(0.7 * (at + 1) / len(numbers), f"{opened.word} {number} is read")
    job = _job(options, opened.facts, _pictures(blocks, options["pictures"], work.files[1:]))
    lost = [block for block in walk(blocks) if isinstance(block, Picture) and block.source not in job.pictures]
    if lost:
        job.warn(f"pictures are not taken over; their words stand for them ({len(lost)})")
    made = _made(work, blocks, job)
    made["warnings"] = [*opened.said, *(text for text in made["warnings"] if not text.startswith("the picture "))]
    return made | {"source_kind": opened.kind, f"{opened.word}s_taken": len(numbers)}


def _open(work: Work) -> Opened:
    options = work.options
    return open_document(
        work.files[0],
        options["names"][0],
        password=options.get("password"),
        formulas=bool(options.get("formulas")),
        cells=options.get("cells"),
    )


def _syntax_of(text: str, ending: str) -> Syntax:
    """What a text for a spreadsheet is in: JSON and CSV are common there, everything else is Markdown."""
    if ending not in ("xlsx", "csv"):
        return "markdown"
    start = text.lstrip()
    if start.startswith(("[", "{")):
        return "json"
    return "markdown" if start.startswith(("|", "#")) or "\n|" in start else "csv"


def _job(options: Mapping[str, Any], facts: Mapping[str, Any], pictures: Mapping[str, BinaryIO]) -> Job:
    def known(name: str) -> str:
        return clean(str(options.get(name) or facts.get(name) or ""))

    about = About(
        title=known("title"),
        author=known("author"),
        subject=known("subject"),
        keywords=known("keywords"),
        language=known("language") or known("lang"),
        program=options["software"],
    )
    return Job(
        about=about,
        pictures=pictures,
        paper=options["paper"],
        formulas=bool(options.get("formulas")),
        fonts=tuple(options["fonts"]),
    )


def _pictures(blocks: Sequence[Block], paths: Sequence[str], files: Sequence[BinaryIO]) -> dict[str, BinaryIO]:
    """The open files by the sources that the text gives, however it spells them."""
    by_path = {_plain_path(path): file for path, file in zip(paths, files, strict=True)}
    sources = {block.source for block in walk(blocks) if isinstance(block, Picture)}
    return {source: by_path[path] for source in sources if (path := _plain_path(unquote(source))) in by_path}


def _plain_path(path: str) -> str:
    return posixpath.normpath(path).removeprefix(_SEEN_AS)


def _demand_all(blocks: Sequence[Block], pictures: Mapping[str, BinaryIO]) -> None:
    missing = [block.source for block in walk(blocks) if isinstance(block, Picture) and block.source not in pictures]
    if missing:
        some = ", ".join(unquote(source) for source in missing[:10])
        raise ToolFailed(
            "",
            f"`text` shows pictures that are not in `pictures`: {some}. Name each file of the workspace there; what is "
            "on the web has to be downloaded first",
        )


def _made(work: Work, blocks: Sequence[Block], job: Job) -> dict[str, Any]:
    """Write the file, and say what is in it."""
    ending = work.options["format"]
    with open(work.path(f"document.{ending}"), "wb") as out:
        facts = FORMATS[ending].load()(blocks, job, out)
    work.progress(1.0, "the file is written")
    return _output(ending, job, facts)


def _written(work: Work, ending: str, job: Job, data: bytes) -> dict[str, Any]:
    with open(work.path(f"document.{ending}"), "wb") as out:
        out.write(data)
    return _output(ending, job, {})


def _output(ending: str, job: Job, facts: Mapping[str, Any]) -> dict[str, Any]:
    output = {"file": f"document.{ending}", "mime_type": FORMATS[ending].mime_type, "alt": job.about.title or None}
    pages = facts.get("pages", facts.get("slides"))
    return {"outputs": [output | ({"pages": pages} if pages else {})], "warnings": job.warnings, **facts}


def _structure(opened: Opened) -> dict[str, Any]:
    """Headings and size of a document that has no pages of its own."""
    part = next(opened.parts(1))
    if part.texts_of is not None:
        return {"characters": sum(len(text) for text in part.texts())}
    headings = [block for block in part.blocks() if isinstance(block, Heading)]
    return {"outline": [{"level": one.level, "title": plain(one.line)[:200]} for one in headings[:200]]}
