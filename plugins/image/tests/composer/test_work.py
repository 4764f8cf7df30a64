"""The work function: formats, seeds, words in the files, refusals."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from massgen_image.composer import compose
from massgen_image.composer.work import draw
from PIL import Image

from massgen_core.errors import ToolFailed
from massgen_core.workers import Work


def drawn(folder: Path, **options: Any) -> dict[str, Any]:
    options = {"prompt": "a red car and a zorgle", "width": 96, "height": 64} | options
    return draw(Work(folder=folder, options=options))


@pytest.mark.parametrize("name", ["png", "webp", "jpeg", "avif"])
def test_a_picture_is_written_in_each_format(tmp_path: Path, name: str) -> None:
    """With its size, its alternative text, the program and how it came to be."""
    facts = drawn(tmp_path, format=name)
    out = facts["outputs"][0]
    with Image.open(tmp_path / out["file"]) as image:
        image.load()
        assert (image.format or "").lower() == name
        assert image.size == (out["width"], out["height"]) == (96, 64)
        assert b"algorithmicMedia" in (tmp_path / out["file"]).read_bytes()
        assert b"massgen-image" in (tmp_path / out["file"]).read_bytes()
    assert out["alt"] == "Illustration: a red car."
    assert facts["ai_generated"] is False


def test_an_svg_says_what_it_is(tmp_path: Path) -> None:
    out = drawn(tmp_path, format="svg")["outputs"][0]
    text = (tmp_path / out["file"]).read_text()
    names = [child.tag.rpartition("}")[2] for child in ET.fromstring(text)][:3]
    assert names == ["title", "desc", "metadata"]
    assert "algorithmicMedia" in text
    with Image.open(_rendered(tmp_path, text)) as image:
        assert image.size == (96, 64)


def _rendered(folder: Path, svg: str) -> Path:
    from massgen_image.composer.render import render

    path = folder / "again.png"
    path.write_bytes(render(svg, 96, 64))
    return path


def test_words_that_are_not_drawn_are_a_warning(tmp_path: Path) -> None:
    facts = drawn(tmp_path)
    assert facts["unknown"] == ["zorgle"]
    assert facts["warnings"] == ["not drawn, because the composer has no drawing for it: zorgle"]
    assert "only a landscape" in drawn(tmp_path, prompt="zorgle")["warnings"][1]


def test_several_pictures_have_seeds_of_their_own(tmp_path: Path) -> None:
    """The second of two is the first one of the next seed."""
    told: list[float] = []
    work = Work(
        folder=tmp_path, options={"prompt": "a cat", "width": 64, "height": 64, "n": 3, "seed": 5},
        tell=lambda done, message: told.append(done),
    )  # fmt: skip
    outputs = draw(work)["outputs"]
    assert [out["seed"] for out in outputs] == [5, 6, 7]
    assert told == pytest.approx([1 / 3, 2 / 3, 1])
    second = (tmp_path / outputs[1]["file"]).read_bytes()
    single = drawn(tmp_path, prompt="a cat", width=64, height=64, seed=6)["outputs"][0]["file"]
    assert (tmp_path / single).read_bytes() == second


@pytest.mark.parametrize("name", ["png", "webp", "avif"])
def test_a_transparent_picture_has_alpha(tmp_path: Path, name: str) -> None:
    out = drawn(tmp_path, format=name, background="transparent")["outputs"][0]
    assert out["alpha"]
    with Image.open(tmp_path / out["file"]) as image:
        assert image.convert("RGBA").getchannel("A").getextrema()[0] == 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"prompt": "  "}, "there is nothing to draw"),
        ({"format": "gif"}, "cannot write gif: choose one of png"),
        ({"n": 17}, "1 to 16 pictures"),
        ({"width": 8000, "height": 8000}, "more than 40,000,000 pixels"),
        ({"width": 5}, "sides are 16 to 8192"),
        ({"format": "jpeg", "background": "transparent"}, "jpeg has no transparency"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, options: dict[str, Any], problem: str) -> None:
    with pytest.raises(ToolFailed, match=problem):
        drawn(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_prompt_with_control_characters_is_no_harm(tmp_path: Path) -> None:
    out = drawn(tmp_path, prompt="a cat\x00\x1b[31m \ud800 & <b>")["outputs"][0]
    with Image.open(tmp_path / out["file"]) as image:
        image.load()
        assert image.info["Source"] == "a cat[31m  & <b>"


def test_a_large_drawing_is_fine_as_svg(tmp_path: Path) -> None:
    assert drawn(tmp_path, width=8000, height=8000, format="svg")["outputs"][0]["width"] == 8000


def test_a_picture_may_be_4096_pixels_wide(tmp_path: Path) -> None:
    out = drawn(tmp_path, width=4096, height=512)["outputs"][0]
    assert (out["width"], out["height"]) == (4096, 512)
    assert compose("a cat", width=4096, height=512).width == 4096
