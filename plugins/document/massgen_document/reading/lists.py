"""Paragraphs of a list, which formats keep flat with a level each, into lists in lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from massgen_document.blocks import Block, Code, Items, Paragraph, Quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A block, and where it stands: ``level`` 0 and up in a list, -1 outside; ``goes_on`` belongs to the item before.

    ``group`` tells one list from another that follows it.
    """

    block: Block
    level: int = -1
    ordered: bool = False
    start: int = 1
    group: str = ""
    goes_on: bool = False


def gathered(entries: Iterable[Entry]) -> Iterator[Block]:
    """Blocks in which the entries of a list are one, lines of code one, and paragraphs of a quote one."""
    run: list[Entry] = []
    for entry in entries:
        if run and not _belongs(run, entry):
            yield _one(run)
            run = []
        if entry.level < 0 and not isinstance(entry.block, Quote | Code) and not (run and entry.goes_on):
            yield entry.block
        else:
            run.append(entry)
    if run:
        yield _one(run)


def _belongs(run: list[Entry], entry: Entry) -> bool:
    first = run[0]
    if first.level >= 0:
        in_list = entry.level > 0 or (entry.level == 0 and entry.group == first.group)
        return in_list or entry.goes_on
    return entry.level < 0 and type(first.block) is type(entry.block) and isinstance(entry.block, Quote | Code)


def _one(run: list[Entry]) -> Block:
    first = run[0].block
    if run[0].level >= 0:
        return _nested(run)
    if isinstance(first, Code):
        return Code(text="\n".join(entry.block.text for entry in run if isinstance(entry.block, Code)))
    blocks = (entry.block.blocks for entry in run if isinstance(entry.block, Quote))
    return Quote(blocks=tuple(block for part in blocks for block in part))


def _nested(run: list[Entry]) -> Items:
    """One list of a run of entries; what is deeper than the first is inside the item before it."""
    level = run[0].level
    items: list[list[Entry]] = []
    for entry in run:
        if items and (entry.goes_on or entry.level > level):
            items[-1].append(entry)
        else:
            items.append([entry])
    return Items(
        items=tuple(_item(item) for item in items), ordered=run[0].ordered, start=run[0].start if run[0].ordered else 1
    )


def _item(entries: list[Entry]) -> tuple[Block, ...]:
    first, rest = entries[0], entries[1:]
    blocks: list[Block] = [] if isinstance(first.block, Paragraph) and not first.block.line else [first.block]
    deeper: list[Entry] = []
    for entry in rest:
        if entry.goes_on and not deeper:
            blocks.append(entry.block)
            continue
        if deeper and entry.level == deeper[0].level and entry.group != deeper[0].group:
            blocks.append(_nested(deeper))
            deeper = []
        deeper.append(entry)
    return (*blocks, _nested(deeper)) if deeper else tuple(blocks)
