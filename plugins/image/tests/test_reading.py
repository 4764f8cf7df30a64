"""What is said of a picture: colours by name, fingerprints of alike pictures, codes, text, and a small copy."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_support import done, encoded, scene
from massgen_image.editing.darkroom import acts_of, edited, filled
from massgen_image.editing.resize import resized
from massgen_image.reading import letters
from massgen_image.reading.fingerprint import fingerprint
from massgen_image.reading.palette import name_of, palette
from massgen_image.works import reading
from PIL import Image, ImageDraw

from massgen_core.errors import ToolFailed


def test_colours_have_names_and_shares() -> None:
    image = Image.new("RGB", (100, 100), (20, 60, 220))
    image.paste((220, 30, 30), (0, 0, 100, 25))
    found = palette(image)
    assert [(each["name"], each["share"]) for each in found] == [("bright blue", 0.75), ("red", 0.25)]
    assert palette(Image.new("RGBA", (9, 9))) == []
    assert [name_of(colour) for colour in ((0, 0, 0), (255, 255, 255), (250, 160, 190), (10, 70, 40))] == [
        "black",
        "white",
        "pink",
        "dark green",
    ]


def test_alike_pictures_have_alike_fingerprints() -> None:
    def apart(one: Image.Image, other: Image.Image) -> int:
        return (int(fingerprint(one), 16) ^ int(fingerprint(other), 16)).bit_count()

    image = scene(300, 200)
    assert apart(image, resized(image, (90, 60))) <= 4
    assert apart(image, image.point([value * 8 // 10 for value in range(256)] * 3)) <= 6
    assert apart(image, image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)) > 8


def test_a_small_copy_comes_along_within_what_models_look_at(tmp_path: Path) -> None:
    facts, _ = done(reading.look, [encoded(scene(4000, 900), "jpeg")], tmp_path, text=False)
    preview = Image.open(tmp_path / facts["outputs"][0]["preview"])
    with preview:
        assert preview.size == (2000, 450)
        assert preview.format == "JPEG"
    facts, _ = done(reading.look, [encoded(scene(1600, 1500, alpha=True), "png")], tmp_path, text=False)
    with Image.open(tmp_path / facts["outputs"][0]["preview"]) as preview:
        assert min(preview.size) == 768
    assert facts["outputs"][0]["details"]["alpha"] is True


def test_without_an_engine_the_text_is_left_out_and_said_how_to_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: None)
    monkeypatch.setattr(letters, "find_spec", lambda name: None)
    facts, _ = done(reading.look, [encoded(scene(), "png")], tmp_path)
    assert facts["warnings"] == [letters.HOW]
    with pytest.raises(ToolFailed, match="install tesseract-ocr"):
        letters.letters(scene())


@pytest.mark.parametrize("engine", ["tesseract", "rapidocr"])
def test_text_is_read_by_either_engine(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if engine == "rapidocr":
        monkeypatch.setattr("shutil.which", lambda name: None)
    if letters.engine_here() != engine:
        pytest.skip(f"{engine} is not here")
    from massgen_image.drawing.render import rendered
    from massgen_image.drawing.writing import document, line

    svg = document(500, 120, [line("The quick brown fox 1234", 20, 70, 34, "#222")])
    found = letters.letters(rendered(svg, (500, 120))[0])
    assert found.engine == engine
    assert found.text == "The quick brown fox 1234"
    assert found.confidence > 0.8


def test_a_language_that_is_none_is_refused() -> None:
    for language, said in (("../etc", "is no language for OCR"), ("-l x", "is no language")):
        with pytest.raises(ToolFailed, match=said):
            letters.letters(scene(), language)
    if letters.engine_here() == "tesseract":
        with pytest.raises(ToolFailed, match="tesseract cannot read with 'xxx'"):
            letters.letters(scene(), "xxx")


def test_an_engine_that_takes_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(command: list[str], **options: Any) -> None:
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr("subprocess.run", slow)
    monkeypatch.setattr(letters, "engine_here", lambda: "tesseract")
    with pytest.raises(ToolFailed, match="more than 120 seconds: crop the picture"):
        letters.letters(scene())


@pytest.mark.parametrize(
    ("prompt", "names"),
    [
        ("make it grayscale", ["greyscale"]),
        ("Brighten by 20% and rotate 90 degrees", ["brighten", "rotate"]),
        ("flip horizontally, then blur 3px", ["mirror", "blur"]),
        ("a bit warmer, more contrast", ["warmer", "more contrast"]),
    ],
)
def test_edits_are_found_in_words_in_their_order(prompt: str, names: list[str]) -> None:
    assert [act.name for act, _ in acts_of(prompt)] == names


def test_strengths_are_read() -> None:
    assert [strength for _, strength in acts_of("brighten by 20% and rotate 45 degrees")] == [0.2, 45]
    assert acts_of("slightly darker")[0][1] == pytest.approx(0.15)
    assert edited(scene(), "rotate 90")[0].size == (64, 96)
    assert edited(scene(), "brighten by 50%")[0].getpixel((20, 32))[1] == 45  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


@given(st.text(max_size=40))
def test_any_words_are_edits_or_a_sentence(prompt: str) -> None:
    try:
        image, names = edited(Image.new("RGB", (6, 5), "teal"), prompt)
    except ToolFailed:
        return
    assert names
    assert image.width * image.height > 0


def test_what_is_removed_is_grown_over_from_around_it() -> None:
    ground = Image.linear_gradient("L").resize((200, 150)).convert("RGB")
    image = ground.copy()
    ImageDraw.Draw(image).rectangle((80, 50, 130, 100), fill=(255, 0, 0))
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rectangle((80, 50, 130, 100), fill=255)
    done_ = filled(image, mask)
    for spot in ((105, 60), (105, 75), (105, 95)):
        red, green, _ = done_.getpixel(spot)  # pyright: ignore[reportGeneralTypeIssues]
        assert abs(red - green) < 12
        assert abs(red - ground.getpixel(spot)[0]) < 22  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]
    assert done_.getpixel((10, 10)) == image.getpixel((10, 10))
    with pytest.raises(ToolFailed, match="to remove something give a mask"):
        edited(image, "remove the red box")
    with pytest.raises(ToolFailed, match="the mask is 5x5 and the picture 200x150"):
        edited(image, "blur it", Image.new("L", (5, 5)))


def test_the_facts_of_a_file_are_told_without_decoding_it(tmp_path: Path) -> None:
    facts, _ = done(reading.info, [encoded(scene(), "webp"), encoded(scene(), "jpeg")[:700]], tmp_path)
    assert facts["pictures"][0]["aspect_ratio"] == "3:2"
    assert facts["pictures"][1]["width"] == 96
