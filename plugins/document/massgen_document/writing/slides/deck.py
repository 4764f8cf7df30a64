"""A PowerPoint file from blocks."""

from __future__ import annotations

import io
from collections.abc import Sequence
from importlib import import_module
from typing import Any, BinaryIO

from massgen_document.blocks import Block, Paragraph, Picture, Table, plain, words
from massgen_document.writing.columns import in_parts
from massgen_document.writing.facts import without_dates, write_facts
from massgen_document.writing.request import Job
from massgen_document.writing.slides.atoms import Atom, Piece, atoms
from massgen_document.writing.slides.draw import (
    Box,
    line_into,
    number_into,
    picture_into,
    pieces_into,
    shaded,
    table_into,
)
from massgen_document.writing.slides.fit import GAP, Fitted, fit, groups, height, table_size, total
from massgen_document.writing.slides.outline import Slide, outline
from massgen_document.writing.slides.theme import BODY, BOTTOM, LEFT, TOP, prepare, with_colors
from massgen_document.writing.zipping import pack_again

_pptx: Any = import_module("pptx")
_util: Any = import_module("pptx.util")
_text: Any = import_module("pptx.enum.text")


def write_slides(blocks: Sequence[Block], job: Job, out: BinaryIO) -> dict[str, Any]:
    """Write a PowerPoint file; returns how many slides it has.

    Raises:
        ToolFailed: A picture that cannot be read.
    """
    deck = _pptx.Presentation()
    prepare(deck)
    writer = _Writer(deck, job)
    for slide in outline(blocks) or [Slide()]:
        writer.add(slide)
    write_facts(deck.core_properties, job.about)
    made = io.BytesIO()
    deck.save(made)
    pack_again(made, out, lambda name, data: with_colors(name, without_dates(name, data)))
    return {"slides": len(deck.slides)}


class _Writer:
    def __init__(self, deck: Any, job: Job) -> None:
        self._deck = deck
        self._job = job
        self._layouts = {layout.name: layout for layout in deck.slide_master.slide_layouts}

    def add(self, slide: Slide) -> None:
        """Add a slide, or several where it holds more than one has room for."""
        if slide.kind == "content":
            self._content(slide)
        else:
            self._dark(slide)

    def _dark(self, slide: Slide) -> None:
        made = self._deck.slides.add_slide(self._layouts["Title Slide" if slide.kind == "title" else "Section Header"])
        title, *others = made.placeholders
        size = 40 if len(plain(slide.title)) <= 60 else 30
        line_into(title.text_frame.paragraphs[0], slide.title, size, color="FFFFFF")
        title.text_frame.vertical_anchor = _text.MSO_ANCHOR.BOTTOM
        _flush(title)
        if not slide.blocks:
            for other in others:
                other._element.getparent().remove(other._element)
        else:
            self._subtitle(others[0], slide.blocks)
        self._notes(made, slide)

    def _subtitle(self, shape: Any, blocks: Sequence[Block]) -> None:
        pieces = [Piece(line=block.line) for block in blocks if isinstance(block, Paragraph)]
        pieces_into(shape.text_frame, [], 20)
        _flush(shape)
        for number, piece in enumerate(pieces):
            paragraph = shape.text_frame.paragraphs[0] if number == 0 else shape.text_frame.add_paragraph()
            paragraph.alignment = _text.PP_ALIGN.LEFT
            line_into(paragraph, piece.line, 18, color="D5DBE1")

    def _content(self, slide: Slide) -> None:
        parts = [part for atom in atoms(slide.blocks) for part in self._parts(atom)]
        text = [part for part in parts if not isinstance(part, Picture)]
        pictures = [part for part in parts if isinstance(part, Picture)]
        if len(pictures) == 1 and text and not any(isinstance(part, Table) for part in text):
            self._beside(slide, text, pictures[0])
            return
        top = TOP if slide.title else 48.0
        pages = fit(parts, BODY, BOTTOM - top) or [Fitted(atoms=(), size=20)]
        for number, page in enumerate(pages):
            made = self._blank(slide, number, is_text=bool(page.atoms) and isinstance(page.atoms[0], Piece))
            self._stack(made, page, (LEFT, top, BODY, BOTTOM - top))

    def _parts(self, atom: Atom) -> Sequence[Atom]:
        return in_parts(atom, BODY, self._job) if isinstance(atom, Table) else [atom]

    def _beside(self, slide: Slide, text: Sequence[Atom], picture: Picture) -> None:
        """Text on the left, its picture on the right."""
        top = TOP if slide.title else 48.0
        half = BODY * 0.52
        for number, page in enumerate(fit(text, half, BOTTOM - top)):
            made = self._blank(slide, number, is_text=True)
            self._stack(made, page, (LEFT, top, half, BOTTOM - top))
            if number == 0:
                picture_into(
                    made,
                    picture,
                    self._job,
                    at_top=True,
                    box=(LEFT + half + 28, top + 6, BODY - half - 28, BOTTOM - top - 16),
                )

    def _blank(self, slide: Slide, number: int, *, is_text: bool) -> Any:
        made = self._deck.slides.add_slide(self._layouts["Title and Content" if is_text else "Title Only"])
        title = made.shapes.title
        if slide.title:
            size = 28 if len(plain(slide.title)) <= 60 else 22
            line_into(title.text_frame.paragraphs[0], slide.title, size, look="heading")
            if number:
                line_into(title.text_frame.paragraphs[0], _continued(number), size, color="6B7785")
            title.text_frame.vertical_anchor = _text.MSO_ANCHOR.MIDDLE
            _flush(title)
        else:
            title._element.getparent().remove(title._element)
        if number == 0:
            self._notes(made, slide)
        number_into(made, len(self._deck.slides), self._job.about.title, width=BODY, top=506, left=LEFT)
        return made

    def _notes(self, made: Any, slide: Slide) -> None:
        if slide.notes:
            made.notes_slide.notes_text_frame.text = "\n\n".join(slide.notes)

    def _stack(self, made: Any, page: Fitted, box: Box) -> None:
        """Put groups of text, tables and pictures under each other."""
        left, top, width, room = box
        pictures = sum(isinstance(atom, Picture) for atom in page.atoms)
        least = sum(height(atom, width, page.size) for atom in page.atoms if isinstance(atom, Picture))
        share = (room - total(page.atoms, width, page.size) + least) / pictures if pictures else 0
        body = next((shape for shape in made.placeholders if shape.placeholder_format.idx), None)
        for group in groups(page.atoms):
            high = sum(share if isinstance(atom, Picture) else height(atom, width, page.size) for atom in group)
            self._group(made, group, (left, top, width, high), page.size, body)
            body = None if isinstance(group[0], Piece) and group[0].look != "code" else body
            top += high + GAP
        if body is not None:
            body._element.getparent().remove(body._element)

    def _group(self, made: Any, group: Sequence[Atom], box: Box, size: float, body: Any) -> None:
        first = group[0]
        if isinstance(first, Table):
            table_into(made, first, box, table_size(size))
        elif isinstance(first, Picture):
            picture_into(made, first, self._job, box=box)
        else:
            pieces = [atom for atom in group if isinstance(atom, Piece)]
            if first.look == "code":
                shape = shaded(made, (box[0], box[1] - 3, box[2], box[3] + 6))
            else:
                shape = body if body is not None else made.shapes.add_textbox(0, 0, 0, 0)
                shape.left, shape.top, shape.width, shape.height = (_util.Pt(side) for side in box)
            pieces_into(shape.text_frame, pieces, size)


def _continued(number: int) -> Any:
    return words(f" ({number + 1})")


def _flush(shape: Any) -> None:
    frame = shape.text_frame
    frame.margin_left = frame.margin_right = 0
    frame.word_wrap = True
    frame.auto_size = _text.MSO_AUTO_SIZE.NONE
