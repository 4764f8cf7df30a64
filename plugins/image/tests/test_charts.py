"""Charts: data in every form, ticks at round numbers, marks where the numbers are, words that never overflow."""

import json
import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from image_support import done, near, opened
from massgen_image.charts.drawing import drawn, summary
from massgen_image.charts.frame import Chart
from massgen_image.charts.scales import nice_step, number_scale, place_scale, value_label
from massgen_image.charts.table import number_of, table_of
from massgen_image.charts.theme import COLOURS, DARK
from massgen_image.colour import rgb
from massgen_image.drawing.sanitise import sanitised
from massgen_image.lettering.measure import width
from massgen_image.works.drawing import chart

from massgen_core.errors import ToolFailed

FRUIT = "Fruit,Sold\nApples,1200\nPears,860\n"


@pytest.mark.parametrize(
    "data",
    [
        FRUIT,
        "Fruit;Sold\nApples;1200\nPears;860",
        '{"Apples": 1200, "Pears": 860}',
        {"labels": ["Apples", "Pears"], "series": [{"name": "Sold", "values": [1200, 860]}]},
        {"labels": ["Apples", "Pears"], "series": {"Sold": ["1,200", "$860"]}},
        [{"Fruit": "Apples", "Sold": 1200}, {"Fruit": "Pears", "Sold": 860}],
        [["Apples", 1200], ["Pears", 860]],
        [["Fruit", "Sold"], ["Apples", 1200], ["Pears", 860]],
    ],
)
def test_data_comes_in_many_forms(data: Any) -> None:
    table = table_of(data)
    assert table.labels == ["Apples", "Pears"]
    assert table.series[0].values == [1200, 860]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "no table: write CSV with a header line"),
        ("just words", "no table"),
        ("a,b\nx,y", "no numbers to draw"),
        ("[1, 2", "no sound JSON"),
        ({}, "no table"),
        ({"labels": ["a"], "series": [{"name": "s", "values": [1, 2]}]}, "1 labels for 2 values"),
        ({"series": [{"name": "s", "values": "x"}]}, "values of the series 's' are no list"),
        ({"series": "x"}, "series must be a list"),
        ([[n, n] for n in range(6000)], "more than 5,000 rows"),
        ({"labels": ["a"], "series": [{"name": str(n), "values": [n]} for n in range(60)]}, "60 series, at most 40"),
        ("a,b\n" + "x" * 2_000_001, "the limit is 2,000,000"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 40 else "",
)
def test_data_that_is_none_is_refused_with_what_would_be(data: Any, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        table_of(data)


LEAF = st.none() | st.booleans() | st.floats() | st.text(max_size=6)
KEYS = st.sampled_from(["labels", "series", "values", "name", "a"])
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


@settings(deadline=None, max_examples=120)
@given(JSON)
def test_any_json_is_a_table_or_a_sentence(data: Any) -> None:
    try:
        table = table_of(json.dumps(data))
    except ToolFailed:
        return
    assert table.numbers
    for kind in ("bar", "line", "pie", "scatter"):
        try:
            drawn(Chart(kind=kind), table)
        except ToolFailed:
            continue


def test_numbers_are_read_as_people_write_them() -> None:
    texts = {
        "1,200.5": 1200.5,
        "(3)": -3,
        "\u22124": -4,
        "12 %": 12,
        "$ 5": 5,
        "1e3": 1000,
        "x": None,
        "nan": None,
        "": None,
    }
    assert {text: number_of(text) for text in texts} == texts


@given(st.floats(1e-6, 1e9), st.integers(2, 12))
def test_steps_are_round_and_few(span: float, most: int) -> None:
    step = nice_step(span, most)
    assert span / step <= most + 1e-6
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 2.5, 5)


@settings(deadline=None)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8), st.booleans())
def test_a_scale_holds_its_data_and_names_every_tick_differently(values: list[float], zero: bool) -> None:
    scale = number_scale(values, 400, 0, most=6, zero=zero)
    assert all(-1e-6 <= scale(value) <= 400 + 1e-6 for value in values)
    assert len(set(scale.labels)) == len(scale.ticks)
    if zero:
        assert any(abs(tick) < 1e-12 * max(1, abs(scale.high)) for tick in scale.ticks)


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("2020-01-15", "2024-06-01", ["2021", "2022", "2023", "2024"]),
        ("2024-01-01", "2024-12-01", ["Jan 2024", "Apr 2024", "Jul 2024", "Oct 2024"]),
        ("2024-03-01", "2024-03-05", ["1 Mar", "2 Mar", "3 Mar", "4 Mar", "5 Mar"]),
        ("2024-03-01T06:00", "2024-03-01T12:00", ["06:00", "08:00", "10:00", "12:00"]),
    ],
)
def test_dates_have_ticks_where_calendars_have_them(first: str, last: str, labels: list[str]) -> None:
    table = table_of([[first, 1], [last, 2]])
    assert table.along == "date"
    assert place_scale(table.places, "date", 0, 100, most=5).labels == labels


def test_numbers_beside_bars_are_short() -> None:
    values = {
        0: "0",
        3: "3",
        3.14159: "3.14",
        1234: "1,234",
        12_345: "12.3k",
        5e6: "5M",
        0.00031: "0.00031",
        2.5e7: "25M",
        -0.5: "\u22120.5",
    }
    assert {value: value_label(value) for value in values} == values
    assert (value_label(5, "€"), value_label(-5, "$"), value_label(5, "%"), value_label(5, "kg")) == (
        "€5",
        "\u2212$5",
        "5%",
        "5 kg",
    )


def rects(svg: str, colour: str) -> list[dict[str, float]]:
    """The paths of bars of one colour, as boxes."""
    found = []
    for data in re.findall(rf'<path d="(M[^"]+Z)" fill="{colour}"', svg):
        left, bottom, top = re.match(r"M([\d.]+) ([\d.]+)V([\d.]+)", data).groups()  # pyright: ignore[reportOptionalMemberAccess]
        found.append({"x": float(left), "height": abs(float(bottom) - float(top)) + 4})
    return found


def test_bars_are_as_high_as_their_numbers_say() -> None:
    svg = drawn(Chart(), table_of({"a": 100, "b": 50, "c": 25}))
    heights = [bar["height"] for bar in rects(svg, COLOURS[0])]
    assert heights[0] / heights[1] == pytest.approx(2, abs=0.03)
    assert heights[1] / heights[2] == pytest.approx(2, abs=0.06)


KINDS: list[dict[str, Any]] = [
    {"kind": "bar"},
    {"kind": "bar", "horizontal": True},
    {"kind": "bar", "stacking": "stacked"},
    {"kind": "bar", "stacking": "percent", "labels": True, "horizontal": True},
    {"kind": "line", "smooth": True},
    {"kind": "area"},
    {"kind": "area", "stacking": "percent"},
    {"kind": "scatter"},
]


@pytest.mark.parametrize("options", KINDS)
@pytest.mark.parametrize("size", [(240, 180), (960, 600), (300, 900)])
def test_no_word_and_no_mark_lies_outside(options: dict[str, Any], size: tuple[int, int]) -> None:
    rows = [
        [float(n) if options["kind"] == "scatter" else f"Name number {n} of many", n * 31 % 17 - 4, n]
        for n in range(14)
    ]
    chart_ = Chart(
        **options,
        title="A title that is longer than the picture is wide, so that it needs several lines",
        subtitle="And a subtitle",
        x_title="Across",
        y_title="Up",
        note="Source",
        width=size[0],
        height=size[1],
    )
    svg = drawn(chart_, table_of([["x", "one series", "another series"], *rows]))
    assert "nan" not in svg
    for words, x, y, letters, anchor in texts_of(svg):
        wide = width(words, letters)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        assert left >= -3, words
        assert left + wide <= size[0] + 3 + wide * 0.08, words
        assert 0 <= y <= size[1] + 1, words
    assert sanitised(svg)[0].left_out == []


def texts_of(svg: str) -> list[tuple[str, float, float, float, str]]:
    """The upright texts of a drawing: words, place, size and anchor."""
    found = []
    for attributes, words in re.findall(r"<text ([^>]*)>([^<]*)</text>", svg):
        if "rotate" in attributes:
            continue
        get = dict(re.findall(r'([\w-]+)="([^"]*)"', attributes))
        found.append(
            (words, float(get["x"]), float(get["y"]), float(get["font-size"]), get.get("text-anchor", "start"))
        )
    return found


def test_a_chart_is_a_picture_or_a_drawing_with_words_for_those_who_do_not_see_it(tmp_path: Path) -> None:
    options = {"data": FRUIT, "chart": {"title": "Fruit", "width": 480, "height": 300}}
    facts, _ = done(chart, [], tmp_path, **options, scale=2)
    image = opened(tmp_path, facts)
    assert image.size == (960, 600)
    colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or ()}
    assert any(near(colour, rgb(COLOURS[0]), 4) for colour in colours)
    assert facts["outputs"][0]["alt"] == "Bar chart: Fruit. 2 points of Sold, from 860 to 1200."
    facts, _ = done(chart, [FRUIT.encode()], tmp_path, format="svg", theme="dark")
    text = (tmp_path / "image.svg").read_text()
    assert DARK.ground in text
    assert "algorithmicMedia" in text


@pytest.mark.parametrize(
    ("options", "data", "said"),
    [
        ({"kind": "pie"}, {"a": -1, "b": 2}, "cannot show negative values: use a bar chart"),
        ({"kind": "pie"}, "x,a,b\nq,1,2", "shows one series and the data has 2"),
        ({"kind": "scatter"}, {"a": 1}, "needs numbers in the first column"),
        ({"kind": "bar"}, {"series": [{"name": "p", "values": [[1, 2], [3, 4]]}]}, "drawn by scatter and line"),
        ({"width": 50, "height": 50}, {"a": 1}, "no room for its words"),
    ],
)
def test_what_a_kind_cannot_show_is_refused_with_what_can(options: dict[str, Any], data: Any, said: str) -> None:
    with pytest.raises(ToolFailed, match=said):
        drawn(Chart(**options), table_of(data))


def test_small_slices_are_put_together_and_none_is_lost() -> None:
    svg = drawn(Chart(kind="donut"), table_of({f"Item {n}": (20 - n) ** 2 for n in range(14)}))
    assert "Other (7)" in svg
    assert "2,779" in svg


@pytest.mark.parametrize("eyes", ["normal", "deuteranopia", "protanopia"])
def test_the_first_six_colours_stay_apart_for_colour_blind_eyes(eyes: str) -> None:
    """Machado, Oliveira and Fernandes (2009), full severity, in linear light."""
    matrices = {
        "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
        "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    }
    seen = []
    for colour in COLOURS[:6]:
        linear = [(part / 255) ** 2.2 for part in rgb(colour)]
        mixed = [sum(a * b for a, b in zip(row, linear, strict=True)) for row in matrices[eyes]]
        seen.append([max(0.0, min(1.0, part)) ** (1 / 2.2) * 255 for part in mixed])
    assert min(math.dist(one, other) for one, other in combinations(seen, 2)) > 28


def test_gaps_break_a_line_and_words_are_escaped() -> None:
    table = table_of("x,<b>&\n1,1\n2,\n3,3\n4,4")
    svg = drawn(Chart(kind="line", title="a < b & c"), table)
    assert len(re.findall(r'<path d="M[^"]*" fill="none"', svg)) == 2
    assert "a &lt; b &amp; c" in svg
    assert summary(Chart(kind="line"), table).startswith("Line chart. 4 points")
