"""The tools in a runtime: pictures of a session's workspace in, pictures of it out, work in processes of their own."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from image_support import encoded, moving, near, pixel, scene, small
from massgen_image import plugin
from massgen_image.opening import open_picture
from massgen_image.reading.letters import engine_here
from PIL import Image

from massgen_core import Image as ImagePart
from massgen_core import Progress, Session, ToolResult, open_runtime

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "asyncio")


BOTH_LOOPS = pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"], indirect=True)


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("image", plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


async def call(session: Session, name: str, **arguments: Any) -> ToolResult:
    return (await session.call(f"image_{name}", arguments)).raise_for_error()


async def refused(session: Session, name: str, **arguments: Any) -> str:
    result = await session.call(f"image_{name}", arguments)
    assert result.is_error
    return result.text


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def picture(path: Path) -> Image.Image:
    image = Image.open(io.BytesIO(path.read_bytes()))
    image.load()
    return image


@BOTH_LOOPS
async def test_words_become_pictures_with_seeds_and_what_was_not_drawn_is_said(
    session: Session, tmp_path: Path
) -> None:
    arguments = {"prompt": "a red car under a tree with a flumph", "size": "320x200", "count": 2, "seed": 5}
    made = await call(session, "generate", **arguments)
    assert [each["provenance"]["seed"] for each in made.structured["artefacts"]] == [5, 6]
    assert made.structured["engine"] == "composer"
    assert made.structured["selected_by"] == "first able"
    assert "flumph" in made.text
    assert "no diffusion model" in made.text
    first, second = made.structured["artefacts"]
    assert first["provenance"]["ai_generated"] is False
    assert picture(tmp_path / first["path"]).size == (320, 200)
    assert any(isinstance(part, ImagePart) for part in made.content)
    again = await call(session, "generate", **arguments)
    assert [each["sha256"] for each in again.structured["artefacts"]] == [first["sha256"], second["sha256"]]
    assert first["path"] != again.structured["artefacts"][0]["path"]


async def test_variations_draw_the_same_words_anew(session: Session, tmp_path: Path) -> None:
    await call(session, "generate", prompt="two cats on a beach", size="200x200", path="cats.png", seed=1)
    varied = await call(session, "vary", source="cats.png", count=2, seed=7)
    hashes = {each["sha256"] for each in varied.structured["artefacts"]}
    assert len(hashes) == 2
    assert picture(tmp_path / varied.structured["artefacts"][0]["path"]).size == (200, 200)
    (tmp_path / "photo.png").write_bytes(small("png"))
    assert "does not say from which words it was drawn" in await refused(session, "vary", source="photo.png")


async def test_options_that_no_engine_has_are_refused_by_name(session: Session) -> None:
    said = await refused(session, "generate", prompt="a cat", options={"negative_prompt": "dogs"})
    assert "composer: it has no option 'negative_prompt'" in said
    assert "no engine 'dalle'; there are: composer" in await refused(
        session, "generate", prompt="a cat", engine="dalle"
    )
    assert "ends like webp and format says png" in await refused(
        session, "generate", prompt="a cat", path="a.webp", format="png"
    )
    assert "is no size: write 1024x768" in await refused(session, "generate", prompt="a cat", size="large")


async def test_edits_in_words(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(small("png"))
    mask = Image.new("L", (96, 64))
    mask.paste(255, (4, 12, 36, 52))
    mask.save(tmp_path / "mask.png")
    made = await call(session, "edit", source="a.png", prompt="remove the box", mask="mask.png", path="out.png")
    assert made.structured["engine"] == "darkroom"
    red, green, blue = pixel(picture(tmp_path / "out.png"), 20, 32)
    assert max(red, green, blue) - min(red, green, blue) < 30
    assert near(picture(tmp_path / "out.png").getpixel((72, 32)), (20, 60, 220), 4)
    await call(session, "edit", source="a.png", prompt="make it black and white and mirror it", path="grey.png")
    assert near(picture(tmp_path / "grey.png").convert("RGB").getpixel((96 - 20, 32)), (87, 87, 87), 6)
    said = await refused(session, "edit", source="a.png", prompt="add a dragon")
    assert "does not understand 'add a dragon': it can remove, greyscale" in said


async def test_a_picture_is_read_and_looked_at(session: Session, tmp_path: Path) -> None:
    await call(session, "qr", text="https://example.org/a?b=c", path="code.png", size=200)
    looked = await call(session, "understand", source="code.png")
    assert looked.structured["engine"] == "reader"
    (facts,) = looked.structured["details"]
    assert facts["codes"][0]["text"] == "https://example.org/a?b=c"
    assert "not described here: look at the picture" in looked.text
    assert any(isinstance(part, ImagePart) for part in looked.content)
    asked = await call(session, "understand", source="code.png", question="What is it?", options={"text": False})
    assert "questions about a picture are not answered here" in asked.text


@pytest.mark.skipif(engine_here() is None, reason="no OCR engine is here")
async def test_the_text_of_a_poster_is_read_back(session: Session, tmp_path: Path) -> None:
    words = {
        "title": "Summer Night Market",
        "subtitle": "Food, music and lanterns by the river",
        "body": "Bring a chair, a friend and something to share. The music starts at sunset.",
        "footer": "Old Harbour, free entry",
    }
    await call(session, "poster", **words, path="poster.png")
    looked = await call(session, "understand", source="poster.png", options={"codes": False})
    (facts,) = looked.structured["details"]
    read = " ".join(facts["text"].split())
    for text in words.values():
        assert text in read


async def test_the_daily_tools_work_on_files_of_the_workspace(session: Session, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(encoded(scene(400, 300), "jpeg"))
    await call(session, "resize", source="in/a.jpg", width=100, path="small.webp")
    await call(session, "crop", source="in/a.jpg", aspect="1:1", path="square.png")
    await call(session, "convert", source="in/a.jpg", path="b.avif")
    await call(
        session, "annotate", source="in/a.jpg", marks=[{"what": "box", "x": 10, "y": 10, "width": 50, "height": 50}]
    )
    layers = [{"path": "small.webp", "x": -1, "y": -1, "opacity": 0.8}]
    await call(session, "compose", base="in/a.jpg", layers=layers, path="c.png")
    await call(session, "contact_sheet", sources=["in/a.jpg", "small.webp", "b.avif"], path="sheet.jpg", title="Three")
    await call(session, "chart", data={"a": 1, "b": 2}, path="chart.svg")
    await call(session, "diagram", text="A --> B\nB -->|yes| C", path="flow.png")
    await call(session, "render_svg", svg="<svg viewBox='0 0 9 9'><circle r='4'/></svg>", width=90, path="d.png")
    listed = await call(session, "info", sources=["small.webp", "square.png", "b.avif", "c.png"])
    sizes = [(each["format"], each["width"], each["height"]) for each in listed.structured["pictures"]]
    assert sizes == [("webp", 100, 75), ("png", 300, 300), ("avif", 400, 300), ("png", 400, 300)]
    assert names(tmp_path) == [
        "b.avif",
        "c.png",
        "chart.svg",
        "d.png",
        "flow.png",
        "images/a-annotated.jpg",
        "in/a.jpg",
        "sheet.jpg",
        "small.webp",
        "square.png",
    ]


@BOTH_LOOPS
async def test_hostile_files_leave_nothing_behind(session: Session, tmp_path: Path) -> None:
    from test_opening import gif_bomb, png_of, webp_of

    bad = {
        "bomb.png": png_of(50_000, 50_000),
        "bomb.webp": webp_of(16_000, 16_000),
        "empty.png": b"",
        "text.png": b"hello",
    }
    bad |= {"cut.jpg": small("jpeg")[:500], "many.gif": gif_bomb(30_000)}
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    for name in bad:
        said = await refused(session, "resize", source=name, width=10)
        assert len(said) > 20
    assert names(tmp_path) == sorted(bad)
    assert "leads out of the folder" in await refused(session, "resize", source="../outside.png", width=10)
    assert "limit is 100,000,000" in await refused(session, "info", sources=["bomb.png"])


@BOTH_LOOPS
async def test_progress_is_true_and_a_cancelled_call_leaves_nothing(session: Session, tmp_path: Path) -> None:
    (tmp_path / "a.gif").write_bytes(moving("gif", 30, (300, 200)))
    events: list[object] = []

    async def listen(event: object) -> None:
        events.append(event)

    arguments = {"source": "a.gif", "width": 60, "path": "b.gif"}
    (await session.call("image_resize", arguments, on_event=listen)).raise_for_error()
    shares = [event.done for event in events if isinstance(event, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    seen = anyio.Event()

    async def first(event: object) -> None:
        seen.set()

    async with anyio.create_task_group() as group:

        async def run() -> None:
            await session.call("image_convert", {"source": "a.gif", "path": "c.avif"}, on_event=first)

        group.start_soon(run)
        with anyio.fail_after(30):
            await seen.wait()
        group.cancel_scope.cancel()
    assert names(tmp_path) == ["a.gif", "b.gif"]


async def test_a_drawing_that_takes_too_long_is_ended_and_named(tmp_path: Path) -> None:
    layers = "".join(f'<rect width="9" height="9" opacity="0.{n % 9 + 1}"/>' for n in range(15_000))
    svg = f'<svg viewBox="0 0 9 9" width="4000" height="4000">{layers}</svg>'
    config = {"plugins": {"image": {"seconds": 1}}}
    async with (
        open_runtime(config, plugins=[("image", plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as session,
    ):
        said = await refused(session, "render_svg", svg=svg, path="slow.png")
        assert "time" in said
        assert names(tmp_path) == []
        await call(session, "render_svg", svg="<svg viewBox='0 0 9 9'><circle r='4'/></svg>", path="fine.png")
    assert names(tmp_path) == ["fine.png"]


async def test_the_same_request_is_the_same_file(session: Session) -> None:
    requests: dict[str, dict[str, Any]] = {
        "chart": {"data": {"a": 1, "b": 2}, "kind": "donut"},
        "diagram": {"text": "A -> B: x\nB -> C", "background": "transparent"},
        "poster": {"title": "Again", "scene": "two cats", "seed": 3, "width": 300, "height": 400},
        "qr": {"text": "again"},
        "render_svg": {"svg": "<svg viewBox='0 0 9 9'><text y='8'>A</text></svg>", "width": 50, "background": "teal"},
    }
    for name, arguments in requests.items():
        twice = [await call(session, name, **arguments) for _ in range(2)]
        hashes = {made.structured["artefacts"][0]["sha256"] for made in twice}
        assert len(hashes) == 1, name
        assert len({made.structured["artefacts"][0]["path"] for made in twice}) == 2


async def test_a_picture_can_be_made_in_the_background(session: Session, tmp_path: Path) -> None:
    begun = await call(session, "generate", prompt="a cat", size="100x100", path="cat.png", later=True)
    arguments = {"id": begun.structured["job"]["id"], "wait": 30}
    (await session.call("media_job", arguments)).raise_for_error()
    assert names(tmp_path) == ["cat.png"]


async def test_roles_say_which_arguments_are_read_and_written(session: Session) -> None:
    access = {entry.name: set(entry.tool.access) for entry in session.tools if entry.name.startswith("image_")}
    assert len(access) == 16
    assert {name for name, roles in access.items() if "write" not in roles} == {"image_understand", "image_info"}
    assert all("delete" not in roles for roles in access.values())
    assert access["image_compose"] == access["image_resize"] == {"read", "write"}


async def test_what_is_made_says_how_in_its_own_bytes(session: Session, tmp_path: Path) -> None:
    await call(session, "chart", data={"a": 1, "b": 2}, path="chart.png", title="Two")
    kept = open_picture(io.BytesIO((tmp_path / "chart.png").read_bytes())).kept
    assert kept.source_type == "algorithmicMedia"
    assert kept.description == "Bar chart: Two. 2 points, from 1 to 2."
