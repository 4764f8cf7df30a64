"""SVG text as a tree of what may stay, read by expat within limits; no document type, no entities."""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from massgen_core.errors import ToolFailed
from massgen_image.drawing.allowed import ATTRIBUTES, ELEMENTS, SVG, XLINK, XML
from massgen_image.drawing.styles import declarations, plain_value, stylesheet
from massgen_image.opening import Bounds, open_picture
from massgen_image.problems import refuse

LARGEST = 12_000_000
"""Bytes of a drawing with the pictures in it."""
MOST_ELEMENTS = 20_000
MOST_ATTRIBUTES = 60
DEEPEST = 64
LONGEST_VALUE = 1_000_000
MOST_LETTERS = 40_000

_DATA = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_IMAGES = Bounds(pixels=20_000_000, size=8_000_000)
_NUMBERS = re.compile(r"[\w\s.,+()-]*")
_GROUND = re.compile(r"background(?:-color)?\s*:\s*(#[0-9a-fA-F]{3,8}|rgba?\([\d\s,.%]+\)|[a-zA-Z]+)\s*(?:;|$)")
_NAMES = re.compile(r"[\w.:\- ]{1,200}")
_FREE = frozenset({"d", "points", "transform", "gradientTransform", "patternTransform", "values", "tableValues"})


@dataclass(slots=True)
class Node:
    """An element that may stay."""

    name: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list["Node | str"])

    @property
    def elements(self) -> list[Node]:
        """The elements right below."""
        return [child for child in self.children if isinstance(child, Node)]


@dataclass(frozen=True, slots=True)
class Read:
    """A drawing's root, what was left out of it (each named once with its count), and the colour that lies below."""

    root: Node
    left_out: list[str]
    ground: str | None


def read(text: str) -> Read:
    """The drawing as a tree of what may stay.

    Raises:
        ToolFailed: It is no SVG, or larger than a drawing may be; says what.
    """
    if len(text) > LARGEST:
        raise refuse(f"the SVG has {len(text):,} characters, the limit is {LARGEST:,}")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", "\n")  # whatever the text says it is
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.letters
    parser.StartDoctypeDeclHandler = _no_doctype
    parser.EntityDeclHandler = _no_doctype
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise refuse(f"the SVG is no sound XML: {error}") from None
    if reader.root is None or reader.root.name != "svg":
        raise refuse(f'the root of an SVG is <svg xmlns="{SVG}">; this one is not')
    return Read(reader.root, reader.left_out(), reader.ground)


class _Reader:
    """Builds the tree while expat reads; whatever is not allowed is passed over with all that is in it."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.ground: str | None = None
        self._open: list[Node] = []
        self._passed_over = 0
        self._elements = 0
        self._letters = 0
        self._dropped: Counter[str] = Counter()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise refuse(f"the SVG has more than {MOST_ELEMENTS:,} elements: draw less at once")
        space, _, local = name.rpartition("\n")
        if self._passed_over or space not in ("", SVG) or local not in ELEMENTS:
            if not self._passed_over and space in ("", SVG):
                self._dropped[f"<{local[:40]}>"] += 1
            self._passed_over += 1
            return
        if len(self._open) >= DEEPEST:
            raise refuse(f"the SVG nests elements deeper than {DEEPEST}")
        if len(attributes) > MOST_ATTRIBUTES:
            raise refuse(f"an element <{local}> has more than {MOST_ATTRIBUTES} attributes")
        kept = self._kept(local, attributes)
        self._put(Node("g" if local == "a" else local, kept))  # a link without its target is a group

    def end(self, name: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            return
        node = self._open.pop()
        if node.name == "style":
            text = "".join(child for child in node.children if isinstance(child, str))
            node.children = [stylesheet(text, self._drop)]

    def letters(self, text: str) -> None:
        if self._passed_over or not self._open:
            return
        name = self._open[-1].name
        if name not in ("text", "tspan", "textPath", "style", "title", "desc"):
            return
        self._letters += len(text)
        if self._letters > MOST_LETTERS:
            raise refuse(f"the SVG has more than {MOST_LETTERS:,} letters of text and style")
        self._open[-1].children.append(text)

    def left_out(self) -> list[str]:
        return [
            f"{what} was left out" + (f" ({count} times)" if count > 1 else "") for what, count in self._dropped.items()
        ]

    def _put(self, node: Node) -> None:
        if self._open:
            self._open[-1].children.append(node)
        elif self.root is None:
            self.root = node
        self._open.append(node)

    def _drop(self, what: str) -> None:
        self._dropped[what] += 1

    def _kept(self, element: str, attributes: dict[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in attributes.items():
            space, _, local = name.rpartition("\n")
            if len(value) > LONGEST_VALUE and local != "href":
                raise refuse(f"the attribute {local} of <{element}> is longer than {LONGEST_VALUE:,} characters")
            if local == "href" and space in ("", XLINK):
                if (target := self._target(element, value)) is not None:
                    kept["href"] = target
            elif local == "style" and not space:
                kept |= dict(declarations(self._without_ground(element, value), self._drop))
            elif space == XML and local == "space":
                kept["xml:space"] = "preserve" if value == "preserve" else "default"
            elif not space:
                self._plain(kept, element, local, value)
        return kept

    def _plain(self, kept: dict[str, str], element: str, name: str, value: str) -> None:
        if name in ("id", "class"):
            fits = _NAMES.fullmatch(value) is not None
        else:
            fits = name in ATTRIBUTES and _fits(name, value)
        if fits:
            kept[name] = value
        elif not name.startswith(("data-", "aria-")) and name not in ("role", "lang", "tabindex", "baseProfile"):
            self._drop(f"the attribute {name[:40]} of <{element}>")

    def _without_ground(self, element: str, style: str) -> str:
        """A style without the root's background, which CSS draws and SVG does not; it is kept aside."""
        found = _GROUND.search(style) if element == "svg" and not self._open else None
        if found is None:
            return style
        self.ground = found[1].strip()
        return style[: found.start()] + style[found.end() :]

    def _target(self, element: str, value: str) -> str | None:
        """What ``href`` may point to: a part of the drawing, or a picture that stands in it."""
        value = value.strip()
        if value.startswith("#") and element not in ("image", "a"):
            return value
        if element == "image" and (picture := _picture(value)) is not None:
            return picture
        self._drop(f"the link of <{element}> to {value[:40]!r}")
        return None


def _fits(name: str, value: str) -> bool:
    return _NUMBERS.fullmatch(value) is not None if name in _FREE else plain_value(value)


def _picture(value: str) -> str | None:
    """A ``data:`` picture, decoded as far as its header; `None` where it is none that may be drawn."""
    found = _DATA.fullmatch(value)
    if found is None:
        return None
    try:
        data = base64.b64decode(found[2], validate=False)
        picture = open_picture(io.BytesIO(data), _IMAGES)
    except (binascii.Error, ToolFailed):
        return None
    return f"data:{picture.kind.mime_type};base64,{base64.b64encode(data).decode()}"


def _no_doctype(*_: Any) -> None:
    raise refuse("the SVG declares a document type or entities: remove the <!DOCTYPE …> part and write characters out")
