"""What a reader gives: facts about the document, and its parts (pages, slides, sheets) one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from massgen_document.blocks import Block
from massgen_document.text.to_markdown import block_text

PartWord = Literal["page", "slide", "sheet", "chapter", "document"]


def no_blocks() -> Iterator[Block]:
    """Nothing."""
    return iter(())


@dataclass(slots=True, kw_only=True)
class Part:
    """One page, slide or sheet, or the whole document; read when it is asked for.

    ``label`` and ``head`` are shown before whatever piece of the part is shown; ``texts`` are short pieces of Markdown
    that, joined, are the part.
    """

    number: int
    label: str = ""
    head: Callable[[], str] = str
    blocks: Callable[[], Iterator[Block]] = no_blocks
    texts_of: Callable[[], Iterator[str]] | None = None

    def texts(self) -> Iterator[str]:
        """The part as pieces of Markdown."""
        if self.texts_of is not None:
            yield from self.texts_of()
            return
        for block in self.blocks():
            if text := block_text(block):
                yield f"{text}\n\n"


@dataclass(slots=True, kw_only=True)
class Opened:
    """An open document.

    ``parts`` takes the first part's number; ``said`` fills while parts are read: what was left out, and why.
    """

    kind: str
    word: PartWord
    count: int
    parts: Callable[[int], Iterator[Part]]
    names: list[str] = field(default_factory=list[str])
    facts: dict[str, Any] = field(default_factory=dict[str, Any])
    said: list[str] = field(default_factory=list[str])

    def say(self, text: str) -> None:
        """Say something once; at most a dozen things."""
        if text not in self.said and len(self.said) < 12:
            self.said.append(text)
