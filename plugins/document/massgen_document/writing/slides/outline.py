"""Where one slide ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from massgen_document.blocks import Block, Break, Heading, Line, Note, Paragraph, plain

_SUBTITLE = 300
"""Characters that a title slide has room for beside its title."""


@dataclass(slots=True)
class Slide:
    """One slide: its title, what is on it, and what the speaker says."""

    title: Line = ()
    level: int = 0
    blocks: list[Block] = field(default_factory=list[Block])
    notes: list[str] = field(default_factory=list[str])
    kind: Literal["content", "title", "section"] = "content"


def outline(blocks: Sequence[Block]) -> list[Slide]:
    """Slides of a text: a new one at every heading of the first two levels, and at every ``---``.

    The first one is a title slide where it has a heading and few words; one that has only a heading opens a section.
    """
    slides = list(_cut(blocks))
    for number, slide in enumerate(slides):
        if slide.title and slide.level == 1 and number == 0 and _is_short(slide.blocks):
            slide.kind = "title"
        elif slide.title and not slide.blocks:
            slide.kind = "section"
    return slides


def _cut(blocks: Iterable[Block]) -> Iterator[Slide]:
    slide = Slide()
    for block in blocks:
        if isinstance(block, Break) or _opens(block, slide):
            if slide.title or slide.blocks or slide.notes:
                yield slide
            slide = Slide()
        if isinstance(block, Heading) and not slide.title and not slide.blocks:
            slide.title, slide.level = block.line, block.level
        elif isinstance(block, Note):
            slide.notes.append(block.text)
        elif not isinstance(block, Break):
            slide.blocks.append(block)
    if slide.title or slide.blocks or slide.notes:
        yield slide


def _opens(block: Block, slide: Slide) -> bool:
    return isinstance(block, Heading) and block.level <= 2 and bool(slide.title or slide.blocks)


def _is_short(blocks: Sequence[Block]) -> bool:
    return all(isinstance(block, Paragraph) for block in blocks) and (
        sum(len(plain(block.line)) for block in blocks if isinstance(block, Paragraph)) <= _SUBTITLE
    )
