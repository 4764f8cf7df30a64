"""The look of the slides, put into the master and its layouts: colours, fonts, places."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

_util: Any = import_module("pptx.util")
_oxml: Any = import_module("pptx.oxml")
_qn: Any = import_module("pptx.oxml.ns").qn

WIDTH, HEIGHT = 960.0, 540.0
"""Points of a slide, 16:9."""
LEFT, TOP, BOTTOM = 58.0, 116.0, 492.0
"""Where the text begins and ends."""
BODY = WIDTH - 2 * LEFT

_COLORS = {
    "dk2": "14304F",
    "lt2": "F4F6F8",
    "accent1": "1C6DD0",
    "accent2": "14304F",
    "accent3": "2A9D8F",
    "accent4": "E9A23B",
    "accent5": "D1495B",
    "accent6": "6B7785",
    "hlink": "1C6DD0",
    "folHlink": "6B7785",
}
_KEPT = ("Title Slide", "Title and Content", "Section Header", "Title Only")


def prepare(deck: Any) -> None:
    """Make a new presentation wide, keep four layouts, and give them their look."""
    deck.slide_width, deck.slide_height = _points(WIDTH), _points(HEIGHT)
    master = deck.slide_master
    for layout in list(master.slide_layouts):
        if layout.name not in _KEPT:
            master.slide_layouts.remove(layout)
    _text_styles(master)
    title, body = (LEFT, 40, BODY, 62), (LEFT, TOP, BODY, BOTTOM - TOP)
    _place(master, title, body)
    _bar(master, LEFT, 32, 44, 4)
    for layout in master.slide_layouts:
        if layout.name in ("Title Slide", "Section Header"):
            is_title = layout.name == "Title Slide"
            _place(layout, (LEFT, 150 if is_title else 190, BODY, 120), (LEFT, 290 if is_title else 320, BODY, 120))
            _dark(layout)
            _plain_case(layout)
            _bar(layout, LEFT, 278 if is_title else 318, 72, 4)
        else:
            _place(layout, title, body)


def with_colors(name: str, data: bytes) -> bytes:
    """The theme with our colours; other members as they are."""
    if not name.startswith("ppt/theme/theme"):
        return data
    for part, color in _COLORS.items():
        pattern = rb"(<a:%s>).*?(</a:%s>)" % (part.encode(), part.encode())
        data = re.sub(pattern, rb'\g<1><a:srgbClr val="%s"/>\g<2>' % color.encode(), data, count=1, flags=re.DOTALL)
    return data


def _points(value: float) -> Any:
    return _util.Pt(value)


def _place(where: Any, title: tuple[float, ...], body: tuple[float, ...]) -> None:
    for shape in list(where.placeholders):
        kind = shape.placeholder_format.type
        name = str(kind).split(" ")[0].split(".")[-1]
        if name in ("TITLE", "CENTER_TITLE"):
            _move(shape, title)
        elif name in ("BODY", "OBJECT", "SUBTITLE"):
            _move(shape, body)
        else:
            shape._element.getparent().remove(shape._element)


def _plain_case(layout: Any) -> None:
    for look in layout.element.iter(_qn("a:defRPr")):
        look.attrib.pop("cap", None)


def _move(shape: Any, box: tuple[float, ...]) -> None:
    shape.left, shape.top, shape.width, shape.height = (_points(side) for side in box)


def _text_styles(master: Any) -> None:
    styles = master.element.find(_qn("p:txStyles"))
    first = styles.find(_qn("p:titleStyle")).find(_qn("a:lvl1pPr"))
    first.set("algn", "l")
    look = first.find(_qn("a:defRPr"))
    look.set("sz", "2800")
    look.set("b", "1")
    look.find(_qn("a:solidFill")).find(_qn("a:schemeClr")).set("val", "tx2")


def _dark(layout: Any) -> None:
    """A dark ground and white text, for titles."""
    ground = _oxml.parse_xml(
        f'<p:bg {_NAMES}><p:bgPr><a:solidFill><a:schemeClr val="tx2"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>'
    )
    layout.element.find(_qn("p:cSld")).insert(0, ground)
    layout.element.set("showMasterSp", "0")


def _bar(where: Any, left: float, top: float, width: float, height: float) -> None:
    """A short stroke of the accent colour."""
    box = " ".join(f'{name}="{int(_points(value))}"' for name, value in (("x", left), ("y", top)))
    size = " ".join(f'{name}="{int(_points(value))}"' for name, value in (("cx", width), ("cy", height)))
    shape = _oxml.parse_xml(
        f'<p:sp {_NAMES}><p:nvSpPr><p:cNvPr id="99" name="Accent"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off {box}/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
        '<a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr></p:sp>'
    )
    where.shapes._spTree.append(shape)


_NAMES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
