"""Posters whose words never overflow, and QR codes that are read back by another library."""

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_support import done, encoded, near, opened, scene
from massgen_image.codes.reading import codes
from massgen_image.colour import contrast, rgb
from massgen_image.drawing.sanitise import sanitised
from massgen_image.lettering.measure import width
from massgen_image.posters.drawing import PALETTES, Poster, drawn, palette_of
from massgen_image.works.posters import poster, qr
from test_charts import texts_of

from massgen_core.errors import ToolFailed

TEXTS = st.text(alphabet="abcdefghij ABCDEFG ÄÖé.,-", max_size=400)


@settings(deadline=None, max_examples=40)
@given(TEXTS.filter(str.strip), TEXTS, TEXTS, st.integers(240, 1600), st.integers(240, 1600), st.booleans())
def test_no_word_leaves_the_poster(title: str, subtitle: str, body: str, wide: int, high: int, pictured: bool) -> None:
    wanted = Poster(title=title, subtitle=subtitle, body=body, footer="Foot", kicker="Kick", width=wide, height=high)
    found = drawn(wanted, pictured=pictured)
    shown = []
    for words, x, y, letters, _ in texts_of(found.svg):
        assert x >= 0
        assert x + width(words, letters, "black") * 0.93 <= wide + 2
        assert 0 <= y <= high
        shown.append(words)
    cut = any("cut" in warning for warning in found.warnings)
    whole = "".join(title.split()) in "".join("".join(shown).split())
    assert whole or cut
    assert sanitised(found.svg)[0].left_out == []


def test_a_poster_with_a_picture_and_one_with_a_scene(tmp_path: Path) -> None:
    words = {"title": "Harvest", "width": 400, "height": 500}
    facts, _ = done(poster, [encoded(scene(800, 560), "png")], tmp_path, poster=words)
    image = opened(tmp_path, facts).convert("RGB")
    assert image.size == (400, 500)
    assert near(image.getpixel((100, 140)), (220, 30, 30), 10)
    assert near(image.getpixel((390, 490)), (245, 239, 227), 3)
    facts, _ = done(poster, [], tmp_path, poster=words, scene="a barn and a zorp", palette="night")
    assert any("zorp" in warning for warning in facts["warnings"])
    assert facts["outputs"][0]["alt"] == "Poster: Harvest"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"poster": {"title": " "}}, "needs a title"),
        ({"poster": {"title": "a", "width": 100}}, "no room for words"),
        ({"poster": {"title": "a"}, "palette": "loud"}, "no palette 'loud': choose one of paper"),
        ({"poster": {"title": "a"}, "accent": "loud"}, "'loud' is no colour"),
        ({"poster": {"title": "a"}, "scene": "a cat", "format": "svg"}, "made of pixels"),
    ],
)
def test_what_cannot_be_a_poster_is_refused(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        done(poster, [], tmp_path, **options)


def test_palettes_can_be_read_and_changed() -> None:
    for palette in PALETTES.values():
        assert contrast(rgb(palette.ink), rgb(palette.ground)) > 7
    assert palette_of("sea", None, "#000", None).ink == "#000"


@settings(deadline=None, max_examples=25)
@given(
    st.text(min_size=1, max_size=120).filter(lambda text: text.isprintable()),
    st.sampled_from(["low", "quartile", "high"]),
)
def test_codes_are_read_back_by_another_library(text: str, level: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        facts, _ = done(qr, [], Path(folder), text=text, level=level, size=300)
        assert facts["read_back"], facts
        found = codes(opened(Path(folder), facts))
    assert [code["text"] for code in found] == [text]


def test_codes_have_their_colours_and_sizes_and_say_what_is_wrong(tmp_path: Path) -> None:
    facts, _ = done(qr, [], tmp_path, text="hello", size=500, dark="#0b3d91", light="#fff8e1", border=2)
    image = opened(tmp_path, facts)
    assert min(image.size) >= 500
    assert image.width % facts["modules"] == 0
    assert near(image.getpixel((1, 1)), (255, 248, 225), 2)
    facts, _ = done(qr, [], tmp_path, text="hello", format="svg")
    assert facts["outputs"][0]["mime_type"] == "image/svg+xml"
    for wrong, said in (
        ({"text": "x" * 2900, "level": "high"}, "2900 bytes are too many for a QR code of level high"),
        ({"text": "x", "dark": "#888", "light": "#999"}, "too alike to be read"),
        ({"text": ""}, "needs a text"),
    ):
        with pytest.raises(ToolFailed, match=said):
            done(qr, [], tmp_path, **wrong)
