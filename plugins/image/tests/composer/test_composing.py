"""Prompts into pictures: colours, counts, places, the same bytes again."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

import pytest
from composer_pictures import decoded, pixels, share
from hypothesis import given, settings
from hypothesis import strategies as st
from massgen_image.composer import compose
from massgen_image.composer.motifs import MOTIFS
from massgen_image.composer.render import render
from massgen_image.composer.scene.casting import Casting
from massgen_image.composer.scene.frame import Placed, covering
from massgen_image.composer.scene.layout import lay_out
from massgen_image.composer.scene.picture import frame_of
from massgen_image.composer.scene.setting import place_of
from massgen_image.composer.words import tables
from massgen_image.composer.words.colours import COLOURS
from massgen_image.composer.words.grammar import read
from PIL import Image, ImageDraw


@pytest.mark.parametrize("colour", ["red", "blue", "yellow", "green", "purple", "pink", "black", "orange"])
def test_a_coloured_thing_has_its_colour_and_nothing_else_has(colour: str) -> None:
    """A red car beside a house and a tree: the red is the car's alone."""
    things = "car beside a barn, a mailbox, a chicken and a man"
    for seed in range(3):
        with_word = pixels(f"a {colour} {things}", seed, background="transparent")
        without = pixels(things.removeprefix("car beside "), seed, background="transparent")
        assert share(with_word, COLOURS[colour], 0.07) > 0.025
        if colour == "purple":
            assert share(without, COLOURS[colour], 0.05) < 0.01


def test_a_red_car_is_the_only_red_thing() -> None:
    """The roof of the house beside it never is."""
    for seed in range(8):
        svg = compose("a red car beside a house", seed=seed).svg
        reds = set(re.findall(r"#[0-9a-f]{6}", svg)) & {"#d9604f", "#a8504a"}
        assert not reds


@pytest.mark.parametrize(("word", "count"), [("one", 1), ("two", 2), ("five", 5), ("nine", 9)])
def test_things_are_counted(word: str, count: int) -> None:
    """As many balloons as were asked for, each by itself."""
    image = pixels(f"{word} red balloons", size=(640, 360), background="transparent")
    assert _islands(image) == count


def _islands(image: Image.Image) -> int:
    mask = image.getchannel("A").point([0] * 128 + [255] * 128)
    found = 0
    for y in range(0, mask.height, 3):
        for x in range(0, mask.width, 3):
            if mask.getpixel((x, y)) == 255:
                before = mask.histogram()[255]
                ImageDraw.floodfill(mask, (x, y), 0)
                found += before - mask.histogram()[255] > 300  # no loose end of a string
    return found


def placed(prompt: str, size: tuple[int, int] = (1000, 1000)) -> list[Placed]:
    reading = read(prompt)
    dice = random.Random(1)
    return lay_out(Casting(reading, dice).clusters(), frame_of(place_of(reading), *size), dice)


def test_sizes_make_larger_and_smaller() -> None:
    def height(word: str) -> float:
        """Of the dog, in horses."""
        high = {one.cluster.main.motif.name: one.box[3] - one.box[1] for one in placed(f"a {word} dog and a horse")}
        return high["dog"] / high["horse"]

    sizes = [height(word) for word in ("tiny", "small", "", "big", "huge")]
    assert sizes == sorted(set(sizes))


def test_without_a_background_only_the_things_are_there() -> None:
    image = pixels("a cat at night in a forest", background="transparent")
    alpha = image.getchannel("A")
    assert alpha.getpixel((2, 2)) == 0
    assert alpha.getpixel((317, 317)) == 0
    assert alpha.getextrema() == (0, 255)


def test_a_scene_fills_the_picture() -> None:
    for prompt in ("", "a cat", "space", "underwater", "a room", "the sky", "a street at night", "a cup", "a beach"):
        for size in ((320, 180), (200, 200), (180, 320)):
            assert pixels(prompt, size=size).getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("place", sorted(set(tables.PLACES.values())))
def test_every_place_looks_like_itself(place: str) -> None:
    word = next(word for word, value in tables.PLACES.items() if value == place)
    picture = pixels(
        f"a cat in the {word}" if not word.startswith(("on ", "under")) else f"a cat {word}", size=(160, 120)
    )
    assert picture.tobytes() != pixels("a cat", size=(160, 120)).tobytes()


CHANGES = ["at night", "at dusk", "at sunset", "at dawn", "in the rain", "in fog", "in winter", "in autumn"]


@pytest.mark.parametrize("words", [*CHANGES, "in a storm", "in the wind", "on a sunny day"])
def test_time_weather_and_season_change_the_picture(words: str) -> None:
    assert pixels(f"a tree {words}", size=(160, 120)).tobytes() != pixels("a tree", size=(160, 120)).tobytes()


def test_night_is_darker_than_day() -> None:
    def light(prompt: str) -> float:
        data = pixels(prompt).convert("L").resize((1, 1)).getpixel((0, 0))
        assert isinstance(data, int)
        return data

    assert light("a house at night") < light("a house at dusk") < light("a house")


def test_the_same_prompt_and_seed_are_the_same_bytes() -> None:
    prompt = "a cat and a dog under a tree at night with moon and stars, rain and fog"
    first, again = compose(prompt, seed=7), compose(prompt, seed=7)
    assert first.svg == again.svg
    assert render(first.svg, 256, 256) == render(again.svg, 256, 256)
    assert compose(prompt, seed=8).svg != first.svg


@pytest.mark.parametrize("palette", ["warm", "cool", "pastel", "mono"])
def test_a_palette_changes_every_colour_and_no_shape(palette: str) -> None:
    plain, changed = compose("a fox in a forest"), compose("a fox in a forest", palette=palette)  # pyright: ignore[reportArgumentType]
    shapes = re.compile(r"#[0-9a-f]{6}")
    assert shapes.sub("", plain.svg) == shapes.sub("", changed.svg)
    assert plain.svg != changed.svg


@pytest.mark.parametrize("size", [(15, 100), (100, 9000), (1600, 100)])
def test_sizes_out_of_bounds_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="sides are 16 to 8192, and at most 12 to 1"):
        compose("a cat", width=size[0], height=size[1])


ALT = {
    "a red car beside a house at night": "Illustration: a red car beside a house, at night.",
    "two sheep and an owl": "Illustration: two sheep, an owl.",
    "a girl wearing a red dress and a hat": "Illustration: a girl wearing a red dress and a hat.",
    "": "Illustration: a landscape.",
    "three cherries on a table": "Illustration: three cherries on a table.",
}


@pytest.mark.parametrize("prompt", ALT)
def test_the_alternative_text_says_what_is_drawn(prompt: str) -> None:
    assert compose(prompt).alt == ALT[prompt]


def test_a_dress_is_on_the_woman_and_not_beside_her() -> None:
    """What is worn colours who wears it, and is no drawing of its own."""
    boxes = placed("a woman in a purple dress")
    assert [one.cluster.main.motif.name for one in boxes] == ["woman"]
    assert share(pixels("a woman in a purple dress", background="transparent"), COLOURS["purple"], 0.12) > 0.2


def test_a_rider_sits_on_what_it_rides() -> None:
    (one,) = placed("a knight riding a horse")
    horse, knight = (part.motif.name for part in one.cluster.parts), one.cluster.parts[-1]
    assert list(horse) == ["horse", "knight"]
    assert knight.look.pose == "sit"
    assert knight.y < one.cluster.main.y


def test_what_is_on_a_table_stands_on_it() -> None:
    (one,) = placed("two cups and an apple on a table")
    table, *things = one.cluster.parts
    top = table.y - table.height * 0.9
    assert len(things) == 3
    assert all(abs(thing.y - top) < table.height * 0.06 for thing in things)
    assert all(abs(thing.x) < table.width / 2 for thing in things)


def test_what_is_drawn_and_what_is_not_is_reported() -> None:
    composed = compose("two small red cars and a zorgle")
    assert composed.drawn == ["two small red cars"]
    assert composed.unknown == ["zorgle"]


@pytest.mark.parametrize("size", [(1000, 1000), (1778, 1000), (1000, 1778)])
@pytest.mark.parametrize(
    "prompt",
    [
        "a cat and a dog under a tree at night with moon and stars",
        "an astronaut riding a horse in space with a rocket",
        "a farmer with a cow, a pig and two sheep on a farm",
        "three boats, a whale and seagulls at sea",
        "an octopus, a shark, a turtle and four fish underwater",
        "ten penguins",
        "a sun, a moon and three clouds",
    ],
)
def test_things_are_in_the_picture_and_not_on_each_other(prompt: str, size: tuple[int, int]) -> None:
    """No thing is mostly hidden by another, and none leaves the picture."""
    boxes = [one.box for one in placed(prompt, size)]
    for box in boxes:
        assert box[0] >= -0.04 * size[0]
        assert box[1] >= -0.02 * size[1]
        assert box[2] <= 1.04 * size[0]
        assert box[3] <= 1.02 * size[1]
    for i, one in enumerate(boxes):
        assert max([covering(one, other) for other in boxes[i + 1 :]], default=0) < 0.65


WORDS = st.sampled_from(
    [
        *MOTIFS.by_name,
        *tables.RELATIONS,
        *tables.NUMBERS,
        *COLOURS,
        *tables.SIZES,
        *tables.PLACES,
        *tables.TIMES,
        *tables.WEATHERS,
        *tables.SEASONS,
        *tables.POSES,
        "and",
        ",",
        ".",
        "it",
        "zorgle",
        "the",
        "light",
        "&",
        "-",
    ]
)


@given(
    words=st.lists(WORDS, max_size=14),
    seed=st.integers(0, 1 << 40),
    wide=st.sampled_from([(64, 64), (160, 40), (40, 160)]),
)
@settings(max_examples=120, deadline=None)
def test_any_words_make_a_picture(words: list[str], seed: int, wide: tuple[int, int]) -> None:
    """Never an error, always XML without anything that is fetched, always the same again."""
    prompt = " ".join(words)
    composed = compose(prompt, width=wide[0], height=wide[1], seed=seed)
    root = ET.fromstring(composed.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "href" not in composed.svg
    assert not re.search(r"nan|inf|None", composed.svg.split("</title>")[1])
    assert compose(prompt, width=wide[0], height=wide[1], seed=seed) == composed


@given(prompt=st.text(max_size=200))
@settings(max_examples=80, deadline=None)
def test_any_text_makes_a_picture(prompt: str) -> None:
    svg = compose(prompt, width=32, height=32).svg
    ET.fromstring(svg)
    assert decoded(svg, 32, 32).size == (32, 32)
