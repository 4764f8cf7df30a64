"""Pictures changed: sizes, parts, formats, layers, marks, sheets."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_support import FORMATS, done, encoded, moving, near, opened, pixel, scene, small
from massgen_image.editing.annotate import Mark, annotated
from massgen_image.editing.compose import Layer, composed
from massgen_image.editing.crop import ratio, shaped, trimmed
from massgen_image.editing.resize import resized, wanted_size
from massgen_image.opening.kept import Kept
from massgen_image.opening.kinds import KINDS
from massgen_image.works import editing
from massgen_image.writing.saving import Saving, save
from PIL import Image

from massgen_core.errors import ToolFailed

SIDE = st.integers(1, 300)


@settings(deadline=None, max_examples=60)
@given(st.tuples(SIDE, SIDE), SIDE, SIDE, st.sampled_from(["inside", "fill", "pad", "exact"]))
def test_a_size_comes_out_as_it_was_asked_for(size: tuple[int, int], width: int, height: int, fit: Any) -> None:
    wanted = wanted_size(size, width, height, fit)
    image = resized(Image.new("RGB", size, "teal"), wanted, fit)
    assert image.size == wanted
    if fit == "inside":
        assert wanted[0] <= width
        assert wanted[1] <= height
        assert wanted[0] == width or wanted[1] == height
    else:
        assert wanted == (width, height)


def test_one_side_is_enough_and_small_pictures_stay_small_where_asked(tmp_path: Path) -> None:
    facts, _ = done(editing.resize, [small("png")], tmp_path, width=48)
    assert opened(tmp_path, facts).size == (48, 32)
    facts, _ = done(editing.resize, [small("png")], tmp_path, width=480, enlarge=False)
    assert opened(tmp_path, facts).size == (96, 64)
    with pytest.raises(ToolFailed, match="give a width, a height or both"):
        done(editing.resize, [small("png")], tmp_path)
    with pytest.raises(ToolFailed, match="too large"):
        done(editing.resize, [small("png")], tmp_path, width=30_000)


def test_filling_cuts_where_gravity_says_and_padding_lays_on_a_ground() -> None:
    assert near(resized(scene(), (32, 64), "fill", gravity="left").getpixel((16, 32)), (220, 30, 30))
    assert near(resized(scene(), (32, 64), "fill", gravity="right").getpixel((20, 32)), (20, 60, 220))
    padded = resized(scene(), (96, 96), "pad", background=(0, 128, 0, 255))
    assert padded.getpixel((5, 5)) == padded.getpixel((90, 90)) == (0, 128, 0, 255)


def test_colours_under_clear_pixels_do_not_bleed() -> None:
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 32, 64))
    edge = pixel(resized(image, (16, 16)), 8, 8)
    assert edge[0] < 40 or edge[3] < 20


def test_a_photograph_that_is_decoded_smaller_has_the_pixels_of_one_that_is_not(tmp_path: Path) -> None:
    file = encoded(scene(1600, 1200), "jpeg", quality=95)
    facts, _ = done(editing.resize, [file], tmp_path, width=200, height=300, fit="fill", format="png")
    quick = opened(tmp_path, facts)
    slow = resized(Image.open(io.BytesIO(file)), (200, 300), "fill")
    assert quick.size == slow.size == (200, 300)
    for spot in ((20, 150), (100, 20), (180, 150)):
        assert near(quick.getpixel(spot), slow.getpixel(spot), 16)


def test_parts_by_box_shape_and_border(tmp_path: Path) -> None:
    facts, _ = done(editing.crop, [small("png")], tmp_path, box={"x": 8, "y": 16, "width": 24, "height": 32})
    assert near(opened(tmp_path, facts).getpixel((12, 16)), (220, 30, 30))
    facts, _ = done(editing.crop, [small("png")], tmp_path, aspect="1:1", gravity="left")
    assert opened(tmp_path, facts).size == (64, 64)
    for wrong, said in (
        (
            {"box": {"x": 90, "y": 0, "width": 10, "height": 10}},
            "10x10 at 90,0 is not inside the picture, which is 96x64",
        ),
        ({"aspect": "wide"}, "no aspect ratio: write two numbers like 16:9"),
        ({}, "give one of box, aspect and trim; given: none"),
        ({"trim": True, "aspect": "1:1"}, "given: aspect, trim"),
    ):
        with pytest.raises(ToolFailed, match=said):
            done(editing.crop, [small("png")], tmp_path, **wrong)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 30), st.integers(1, 30), st.booleans())
def test_borders_are_found_to_the_pixel(left: int, top: int, right: int, bottom: int, clear: bool) -> None:
    inner = Image.new("RGBA", (10, 8), (200, 30, 30, 255))
    ground = Image.new("RGBA", (10 + left + right, 8 + top + bottom), (9, 9, 9, 0) if clear else (250, 250, 250, 255))
    ground.paste(inner, (left, top))
    if left + top:  # the corner tells the border's colour
        assert trimmed(ground).size == (10, 8)
    else:
        assert ratio("16:9") == pytest.approx(16 / 9)
        assert shaped(ground, 1.0).width == min(ground.size)


def test_a_picture_of_one_colour_has_nothing_to_trim_to() -> None:
    with pytest.raises(ToolFailed, match="of one colour"):
        trimmed(Image.new("RGB", (9, 9), "white"))


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_every_format_becomes_every_other(tmp_path: Path, source: str, target: str) -> None:
    facts, _ = done(editing.convert, [small(source)], tmp_path, format=target)
    image = opened(tmp_path, facts)
    assert (image.format or "").lower() == target
    assert image.size == ((48, 48) if source == "ico" else (96, 64))
    red = image.convert("RGB").getpixel((image.width // 5, image.height // 2))
    assert near(red, (220, 30, 30), 40)


def test_clear_pixels_are_laid_on_a_colour_where_the_format_has_none(tmp_path: Path) -> None:
    file = encoded(scene(alpha=True), "png")
    facts, _ = done(editing.convert, [file], tmp_path, format="jpeg", background="#00ff00", quality=95)
    assert near(opened(tmp_path, facts).getpixel((0, 0)), (0, 255, 0), 16)
    facts, _ = done(editing.convert, [file], tmp_path, format="webp")
    assert opened(tmp_path, facts).mode == "RGBA"
    assert facts["outputs"][0]["alpha"]


def test_animations_keep_all_their_frames_or_say_that_they_do_not(tmp_path: Path) -> None:
    for target in ("gif", "webp", "png", "avif"):
        facts, told = done(editing.resize, [moving("gif")], tmp_path, width=20, format=target)
        image = opened(tmp_path, facts)
        assert (image.n_frames, image.size, facts["outputs"][0]["frames"]) == (4, (20, 15), 4), target
        assert told[-2:] == [(0.9, "frame 4 of 4"), (1.0, "written")]
    facts, _ = done(editing.convert, [moving("gif")], tmp_path, format="jpeg")
    assert facts["warnings"] == ["only the first of 4 frames is in it: jpeg holds one"]
    facts, _ = done(editing.convert, [moving("gif")], tmp_path, format="gif", frames="first")
    assert facts["outputs"][0]["frames"] == 1
    assert not facts["warnings"]


def test_frames_of_other_sizes_and_of_hours_are_brought_into_bounds(tmp_path: Path) -> None:
    frames = [(Image.new("RGB", (40, 30), "red"), 10**9), (Image.new("RGB", (60, 10), "blue"), 0)]
    for kind in ("webp", "gif", "png"):
        facts = save(iter(frames), tmp_path / f"a.{kind}", Saving(kind=KINDS[kind]), Kept())
        image = Image.open(io.BytesIO((tmp_path / f"a.{kind}").read_bytes()))
        assert (image.n_frames, image.size, facts["frames"]) == (2, (40, 30), 2)  # pyright: ignore[reportAttributeAccessIssue]
        image.load()
        assert image.info["duration"] <= 60_000


def test_a_format_that_is_not_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolFailed, match="'psd' is not written here: choose one of png, jpeg"):
        done(editing.convert, [small("png")], tmp_path, format="psd")


@pytest.mark.parametrize("target", FORMATS)
def test_the_same_pixels_make_the_same_bytes(tmp_path: Path, target: str) -> None:
    files = []
    for folder in ("one", "two"):
        facts, _ = done(editing.convert, [encoded(scene(300, 200), "png")], tmp_path / folder, format=target)
        files.append((tmp_path / folder / facts["outputs"][0]["file"]).read_bytes())
    assert files[0] == files[1]


def test_layers_lie_where_they_are_put_and_shine_through(tmp_path: Path) -> None:
    red, white = encoded(Image.new("RGB", (10, 10), "red"), "png"), encoded(Image.new("RGB", (40, 40), "white"), "png")
    layers = [
        {"input": 1, "x": 0, "y": 0},
        {"input": 1, "x": -1, "y": -1, "opacity": 0.5},
        {"input": 1, "width": 4, "height": 4, "fit": "exact"},
    ]
    facts, _ = done(editing.compose, [white, red], tmp_path, base=0, layers=layers)
    image = opened(tmp_path, facts).convert("RGB")
    assert image.getpixel((2, 2)) == image.getpixel((20, 20)) == (255, 0, 0)
    assert near(image.getpixel((35, 35)), (255, 128, 128), 2)
    assert image.getpixel((39, 39)) == image.getpixel((24, 24)) == (255, 255, 255)
    with pytest.raises(ToolFailed, match="layer 1 .10x10 at 50,0. lies outside of the picture, which is 40x40"):
        done(editing.compose, [white, red], tmp_path, base=0, layers=[{"input": 1, "x": 50, "y": 0}])
    facts, _ = done(editing.compose, [red], tmp_path, width=20, height=20, layers=[{"input": 0, "x": 0, "y": 0}])
    assert opened(tmp_path, facts).getpixel((19, 19))[3] == 0


@pytest.mark.parametrize(
    ("blend", "wanted"),
    [
        ("normal", (100, 200, 50)),
        ("multiply", (78, 78, 39)),
        ("screen", (222, 222, 211)),
        ("darken", (100, 100, 50)),
        ("lighten", (200, 200, 200)),
        ("difference", (100, 100, 150)),
    ],
)
def test_blends_follow_their_formulas(blend: Any, wanted: Any) -> None:
    ground = Image.new("RGB", (2, 2), (200, 100, 200))
    layer = Layer(image=Image.new("RGB", (2, 2), (100, 200, 50)), blend=blend)
    assert near(composed(ground, [layer]).getpixel((0, 0)), wanted, 1)


def test_marks_are_drawn_and_regions_cannot_be_read_back() -> None:
    ground = Image.new("RGB", (400, 300), "white")
    image, warnings = annotated(
        ground,
        [
            Mark(what="box", x=20, y=60, width=100, height=80, text="Here"),
            Mark(what="arrow", x=300, y=250, to_x=200, to_y=150),
            Mark(what="number", x=350, y=50, text="7", colour="#0072b2", size=22),
            Mark(what="text", x=150, y=20, text="Some words that are wrapped", width=120, background="#ffffa0"),
            Mark(what="ellipse", x=20, y=200, width=60, height=40),
            Mark(what="line", x=200, y=280, to_x=300, to_y=280),
            Mark(what="highlight", x=300, y=100, width=50, height=20),
        ],
    )
    assert not warnings
    assert near(image.getpixel((20, 100)), (229, 72, 77), 10)
    assert near(image.getpixel((250, 200)), (229, 72, 77), 10)
    assert near(image.getpixel((350, 64)), (0, 114, 178), 10)

    stripes = Image.new("L", (200, 100), 255)
    for x in range(0, 200, 4):
        stripes.paste(0, (x, 0, x + 2, 100))
    for what in ("blur", "pixelate", "redact"):
        hidden, _ = annotated(stripes, [Mark(what=what, x=50, y=25, width=100, height=50)])
        seen: Any = hidden.crop((60, 35, 140, 65)).getextrema()
        assert seen[1] - seen[0] < 60, what
        assert hidden.crop((0, 0, 40, 100)).tobytes() == stripes.crop((0, 0, 40, 100)).tobytes()


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        (Mark(what="text", x=0, y=0), "has no text"),
        (Mark(what="box", x=0, y=0), "box needs a width and a height"),
        (Mark(what="arrow", x=5, y=5, to_x=5, to_y=5), "needs to_x, to_y"),
        (Mark(what="blur", x=500, y=0, width=9, height=9), "outside of the picture, which is 96x64"),
        (Mark(what="number", x=5, y=5, colour="shiny"), "'shiny' is no colour"),
    ],
)
def test_marks_that_lack_something_say_what(mark: Mark, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        annotated(scene(), [mark])


def test_a_sheet_shows_every_picture_with_its_name(tmp_path: Path) -> None:
    files = [small(name) for name in FORMATS]
    facts, told = done(
        editing.sheet, files, tmp_path, labels=list(FORMATS), sheet={"columns": 4, "cell": 100, "gap": 10}
    )
    image = opened(tmp_path, facts).convert("RGB")
    assert image.width == 4 * 110 + 10
    assert near(image.getpixel((10 + 20, 10 + 50)), (220, 30, 30), 40)
    assert told[-2:] == [(0.9, "ico"), (1.0, "written")]
    with pytest.raises(ToolFailed, match="picture 2: the file is empty"):
        done(editing.sheet, [files[0], b""], tmp_path, labels=["a", "b"])
