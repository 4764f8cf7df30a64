"""Drawings from outside: what is harmless is drawn, the rest is left out and said, or refused."""

import base64
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_support import done, encoded, near, opened, scene, small
from massgen_image.drawing.sanitise import sanitised
from massgen_image.works.drawing import render_svg

from massgen_core.errors import ToolFailed

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="100" height="60">'
GOOD = (
    HEAD + '<style>.a{fill:#d02020} rect.b { stroke : blue }</style><defs><linearGradient id="g"><stop offset="0" '
    'stop-color="red"/><stop offset="1" style="stop-color:blue;stop-opacity:0.5"/></linearGradient>'
    '<filter id="f"><feGaussianBlur stdDeviation="2"/></filter></defs><rect class="a" width="50" height="60"/>'
    '<g transform="translate(50 0)"><rect width="50" height="60" fill="url(#g)" filter="url(#f)"/></g>'
    '<text x="10" y="30" font-size="12">H\u00e9 &amp; you<tspan dy="14" x="10">two</tspan></text>'
    '<use href="#g"/></svg>'
)


def test_a_sound_drawing_is_drawn_as_it_is(tmp_path: Path) -> None:
    facts, _ = done(render_svg, [], tmp_path, svg=GOOD, width=400)
    image = opened(tmp_path, facts)
    assert image.size == (400, 240)
    assert near(image.getpixel((8, 8)), (208, 32, 32), 3)
    assert facts["warnings"] == []


def test_links_are_groups_a_background_lies_below_and_a_title_is_kept(tmp_path: Path) -> None:
    svg = (
        '<svg viewBox="0 0 20 10" style="background: #0a0; fill: red"><title>Two &amp; more</title>'
        '<a href="https://example.org"><rect width="10" height="10"/></a></svg>'
    )
    facts, _ = done(render_svg, [], tmp_path, svg=svg)
    image = opened(tmp_path, facts).convert("RGB")
    assert image.getpixel((4, 4)) == (255, 0, 0)
    assert image.getpixel((15, 4)) == (0, 170, 0)
    assert facts["outputs"][0]["alt"] == "Two & more"
    assert facts["warnings"] == ["the link of <a> to 'https://example.org' was left out"]


@pytest.mark.parametrize(
    ("start", "options", "size"),
    [
        ('<svg viewBox="0 0 40 20">', {}, (40, 20)),
        ('<svg viewBox="0 0 40 20" width="100%">', {}, (40, 20)),
        ('<svg width="1in" viewBox="0 0 40 20">', {}, (96, 48)),
        ("<svg>", {}, (300, 150)),
        ('<svg viewBox="0 0 40 20">', {"width": 100, "height": 100}, (100, 50)),
        ('<svg viewBox="0 0 40 20">', {"height": 100}, (200, 100)),
    ],
)
def test_sizes_follow_the_drawing_and_the_call(
    tmp_path: Path, start: str, options: dict[str, int], size: tuple[int, int]
) -> None:
    facts, _ = done(render_svg, [], tmp_path, svg=start + '<rect width="9" height="9"/></svg>', **options)
    assert opened(tmp_path, facts).size == size


PICTURE = base64.b64encode(small("png")).decode()


@pytest.mark.parametrize(
    ("inside", "gone", "said"),
    [
        ("<script>alert(1)</script>", "alert", "<script>"),
        ('<foreignObject><body xmlns="http://www.w3.org/1999/xhtml">x</body></foreignObject>', "body", "foreignObject"),
        ('<rect onload="x()" width="5" height="5"/>', "onload", "attribute onload"),
        ('<image href="file:///etc/passwd" width="9" height="9"/>', "passwd", "link of <image>"),
        ('<image xlink:href="http://127.0.0.1/x.png" width="9" height="9"/>', "127", "link of <image>"),
        ('<image href="/etc/passwd.png" width="9" height="9"/>', "passwd", "link of <image>"),
        ('<image href="data:image/svg+xml;base64,PHN2Zy8+" width="9" height="9"/>', "svg+xml", "link of <image>"),
        ('<image href="data:image/png;base64,AAAA" width="9" height="9"/>', "AAAA", "link of <image>"),
        ('<use href="other.svg#x"/>', "other", "link of <use>"),
        ('<feImage href="file:///etc/passwd"/>', "passwd", "feImage"),
        ('<a href="javascript:alert(1)"><rect width="5" height="5"/></a>', "javascript", "link of <a>"),
        ('<rect fill="url(file:///x)" width="5" height="5"/>', "file", "attribute fill"),
        ('<rect style="fill:url(http://x/y)" width="5" height="5"/>', "http://x", "style 'fill'"),
        ('<rect style="background:u\\72l(x)" width="5" height="5"/>', "72l", "style 'background'"),
        ("<style>@import url(http://x/y.css); rect{fill:red}</style>", "import", "@ rules"),
        ("<style>@font-face{src:url(x)} rect{fill:red}</style>", "font-face", "@ rules"),
        ("<style>rect{fill:url('file:///x')}</style>", "file", "style 'fill'"),
        ('<animate attributeName="href" to="file:///x"/>', "animate", "<animate>"),
        ('<filter id="f"><feMorphology radius="500"/></filter>', "feMorphology", "feMorphology"),
        ("<style>@media screen{rect{fill:url(x)}} @charset 'x'; path{fill:red}</style>", "media", "@ rules"),
        ('<image href="data:text/html,x" width="9" height="9"/>', "html", "link of <image>"),
    ],
)
def test_what_reaches_out_or_runs_is_left_out_and_said(inside: str, gone: str, said: str) -> None:
    clean, _ = sanitised(HEAD + inside + "</svg>")
    assert gone not in clean.text.replace("www.w3.org", "")
    assert any(said in warning for warning in clean.left_out), clean.left_out


def test_pictures_that_stand_in_the_drawing_are_drawn(tmp_path: Path) -> None:
    svg = HEAD + f'<image href="data:image/png;base64,{PICTURE}" width="96" height="60"/></svg>'
    facts, _ = done(render_svg, [], tmp_path, svg=svg)
    assert near(opened(tmp_path, facts).getpixel((20, 30)), (220, 30, 30))
    big = base64.b64encode(encoded(scene(6000, 4000), "png")).decode()
    clean, _ = sanitised(HEAD + f'<image href="data:image/png;base64,{big}" width="96" height="60"/></svg>')
    assert "base64" not in clean.text


LAUGHS = '<!DOCTYPE svg [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + HEAD + "<text>&b;</text></svg>"
XXE = '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + "<text>&x;</text></svg>"


def nested_uses(depth: int) -> str:
    """Each group uses the one before ten times."""
    groups = ['<g id="g0"><rect width="1" height="1"/></g>']
    groups += [f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, depth)]
    return HEAD + "".join(groups) + "</svg>"


def nested_patterns(depth: int) -> str:
    """Each pattern is filled with the one before, many times."""
    rects = [f'<rect width="1" height="1" fill="url(#p{n})"/>' * 10 for n in range(depth)]
    kinds = [f'<pattern id="p{n + 1}" width="1" height="1">{rect}</pattern>' for n, rect in enumerate(rects)]
    return HEAD + "".join(kinds) + f'<rect width="9" height="9" fill="url(#p{depth})"/></svg>'


MARKERS = (
    HEAD + '<marker id="m">' + '<rect width="1" height="1"/>' * 100 + '</marker><path marker-mid="url(#m)" d="M0 0'
    + "L1 1" * 9000 + '"/></svg>'
)  # fmt: skip
TURBULENCE = (
    '<svg width="4000" height="4000"><filter id="f">'
    + '<feTurbulence baseFrequency="0.1" numOctaves="90"/>' * 2
    + "</filter>"
    '<rect width="9" height="9" filter="url(#f)"/></svg>'
)
TILE = (
    HEAD + '<pattern id="p" width="1e8" height="1e8"><rect/></pattern><rect width="9" height="9" fill="url(#p)"/></svg>'
)
LAYERS = '<svg width="4000" height="4000">' + '<g opacity="0.5">' * 40 + "<path/>" + "</g>" * 40 + "</svg>"


@pytest.mark.parametrize(
    ("svg", "said"),
    [
        (LAUGHS, "declares a document type or entities"),
        (XXE, "declares a document type or entities"),
        ("", "no sound XML"),
        ("<svg><rect></svg>", "no sound XML"),
        ("<html/>", "the root of an SVG is"),
        (HEAD + "<g>" * 70 + "</g>" * 70 + "</svg>", "deeper than 64"),
        (HEAD + "<path/>" * 30_000 + "</svg>", "more than 20,000 elements"),
        (HEAD + "<text>" + "a" * 50_000 + "</text></svg>", "more than 40,000 letters"),
        (HEAD + f'<path d="{"M0 0" * 300_000}"/></svg>', "longer than 1,000,000 characters"),
        (f"<svg>{' ' * 13_000_000}</svg>", "the limit is 12,000,000"),
        ('<svg width="1e6" height="1e6"/>', "too large"),
        ('<svg viewBox="0 0 0 0" width="5" height="5"/>', "viewBox of the SVG is broken"),
        (nested_uses(9), "by copying copies"),
        (nested_patterns(9), "by copying copies"),
        (MARKERS, "by copying copies"),
        (TURBULENCE, "filters of the SVG cost too much"),
        (LAYERS, "40 layers in each other"),
        (TILE, "larger than any drawing: give it the size of one tile"),
    ],
    ids=[
        "laughs",
        "xxe",
        "empty",
        "open",
        "html",
        "deep",
        "many",
        "letters",
        "long",
        "large",
        "huge",
        "box",
        "uses",
        "patterns",
        "markers",
        "turbulence",
        "layers",
        "tile",
    ],
)
def test_bombs_are_refused_before_anything_is_drawn(svg: str, said: str) -> None:
    began = time.monotonic()
    with pytest.raises(ToolFailed, match=said):
        sanitised(svg)
    assert time.monotonic() - began < 20  # a guard against hanging, not a measure


@pytest.mark.parametrize(
    "inside",
    [
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<pattern id="p"><rect fill="url(#p)" width="5" height="5"/></pattern><rect fill="url(#p)"/>',
        '<mask id="m" mask="url(#m)"><rect/></mask><rect width="9" height="9" mask="url(#m)"/>',
    ],
)
def test_a_part_that_holds_itself_is_named(inside: str) -> None:
    with pytest.raises(ToolFailed, match="holds itself by its references"):
        sanitised(HEAD + inside + "</svg>")


TAGS = ["svg", "g", "rect", "use", "text", "image", "filter", "feImage", "script", "style", "pattern", "a:b", "path"]
VALUES = ["#a", "url(#a)", "file:///etc/passwd", "javascript:x", "10", "-1e9", "50%", "red", "data:image/png;base64,AA"]
NAMES = ["id", "href", "fill", "width", "height", "d", "style", "filter", "onclick", "viewBox", "stdDeviation", "class"]
ELEMENT = st.recursive(
    st.text("ab<&;{}", max_size=5).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;")),
    lambda inner: st.builds(
        lambda tag, attributes, inside: (
            f"<{tag} {' '.join(f'{name}={value!r}' for name, value in attributes.items())}>{''.join(inside)}</{tag}>"
        ),
        st.sampled_from(TAGS),
        st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=4),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@settings(deadline=None, max_examples=150)
@given(ELEMENT)
def test_whatever_is_left_of_any_drawing_points_nowhere_and_is_stable(inside: str) -> None:
    try:
        clean, _ = sanitised(f'<svg xmlns:a="urn:x" width="20" height="20">{inside}</svg>')
    except ToolFailed:
        return
    for word in ("file:", 'href="javascript', "<script", "onclick", "feImage"):
        assert word not in clean.text
    again, _ = sanitised(clean.text)
    assert again.text == clean.text
    assert again.left_out == []


def test_mutated_drawings_are_drawn_or_refused(tmp_path: Path) -> None:
    chance = random.Random(11)
    seen = {True: 0, False: 0}
    for number in range(150):
        text = list(GOOD)
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(text))
            text[at] = chance.choice(['"', "<", ">", "9", "#", "0", "é", "", "url(", "e9", "-", " "])
        seen[_draws("".join(text), tmp_path / str(number))] += 1
    assert seen[True]
    assert seen[False]


def _draws(svg: str, folder: Path) -> bool:
    try:
        done(render_svg, [], folder, svg=svg)
    except ToolFailed:
        return False
    return True
