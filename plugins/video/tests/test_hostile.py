"""Files that are damaged, or made to harm: a named error within limits, and nothing left."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import ffmpeg, film, frames, judged
from massgen_video.works import animating, cutting, looking, sound, subtitling, understanding

from massgen_core import Session
from massgen_core.errors import ToolFailed
from massgen_core.workers import Work

pytestmark = [pytest.mark.anyio, judged]
KINDS = {
    "mp4": "",
    "mkv": "",
    "webm": "-c:v libvpx -c:a libvorbis -deadline realtime",
    "avi": "-c:v mpeg4 -c:a mp3",
    "ts": "",
    "flv": "-c:v flv -c:a mp3 -ar 44100",
    "ogv": "-c:v libtheora -c:a libvorbis",
    "mpg": "-c:v mpeg2video -c:a mp2",
    "gif": "-an",
    "mov": "-c:v mjpeg -c:a pcm_s16le",
}
WORKS: list[Callable[[Work], dict[str, Any]]] = [
    looking.info, looking.contact_sheet, cutting.convert, partial(cutting.trim), understanding.look, sound.extract,
    animating.animate, subtitling.extract,
]  # fmt: skip
SMALL: dict[str, Any] = {"size": "64x48", "width": 64, "count": 3, "frames": 3, "start": 0, "end": 1, "quality": None}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("films")
    made = {
        kind: film(folder / f"a.{kind}", size="64x48", fps="25" if kind == "mpg" else "12", seconds=0.7, more=more)
        for kind, more in KINDS.items()
    }
    return {kind: path.read_bytes() for kind, path in made.items()}


def worked(function: Callable[[Work], dict[str, Any]], data: bytes, folder: Path, **options: Any) -> None:
    """Do a work function; it works, or refuses in words."""
    (folder / "in").write_bytes(data)
    with (folder / "in").open("rb") as file:
        work = Work(files=[file], folder=folder, options={"names": ["in"], **SMALL, **options})
        with suppress(ToolFailed):
            function(work)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_films_are_worked_on_or_refused(data: st.DataObject, films: dict[str, bytes], tmp_path: Path) -> None:
    kind = data.draw(st.sampled_from(sorted(films)))
    work = data.draw(st.sampled_from(WORKS))
    worked(work, _mutated(films[kind], data.draw(st.integers(0, 2**32))), tmp_path)


def _mutated(data: bytes, seed: int) -> bytes:
    """Bytes changed, removed, repeated; mostly near the beginning, where headers are."""
    chance, changed = random.Random(seed), bytearray(data)
    for _ in range(chance.choice([1, 3, 10, 40])):
        at = min(int(chance.expovariate(8) * len(changed)), len(changed) - 1)
        what = chance.randrange(4)
        if what == 0:
            changed[at] = chance.choice([0, 255, 127, chance.randrange(256)])
        elif what == 1:
            changed[at : at + 4] = chance.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\0\0\0\1"])
        elif what == 2:
            del changed[at : at + chance.randrange(1, 50)]
        else:
            changed[at:at] = changed[at : at + chance.randrange(1, 50)]
        if len(changed) < 4:
            break
    return bytes(changed)


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_a_film_that_is_cut_off_is_used_as_far_as_it_goes_or_refused(
    session: Session, tmp_path: Path, films: dict[str, bytes], kind: str
) -> None:
    data = films[kind]
    for share in (0.02, 0.6):
        (tmp_path / f"a.{kind}").write_bytes(data[: int(len(data) * share)])
        result = await session.call("video_convert", {"video": f"a.{kind}", "path": "b.mp4", "overwrite": True})
        if result.is_error:
            assert result.text.startswith(f"a.{kind}: "), result.text
            assert os.listdir(tmp_path) == [f"a.{kind}"]
        else:
            assert (tmp_path / "b.mp4").stat().st_size > 0
            (tmp_path / "b.mp4").unlink()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.mp4", b"", "a.mp4: it is empty (0 bytes)"),
        ("a.mp4", b"MZ" + bytes(5000), "a.mp4: it is no film that is known here"),
        ("a.mp4", b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:1/a.ts\n", "it is no film"),
        ("a.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n", "it is no film that is known here"),
        ("a.mp4", os.urandom(100_000), "it is no film that is known here"),
        ("a.mp4", b"\0" * 100_000, "it is no film that is known here"),
    ],
)
async def test_what_is_no_film_is_refused(session: Session, tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    for tool in ("info", "convert", "understand"):
        result = await session.call(f"video_{tool}", {"video": name})
        assert result.is_error
        assert words in result.text
    assert os.listdir(tmp_path) == [name]


async def test_a_bomb_of_pixels_is_refused_by_its_header(session: Session, tmp_path: Path) -> None:
    picture = ("-f", "lavfi", "-i", "color=black:s=64x64:r=1:d=2", "-pix_fmt", "yuv420p")
    data = ffmpeg("", *picture, "-c:v", "rawvideo", out=tmp_path / "small.avi").read_bytes()
    header = data.index(b"strf") + 8
    bomb = bytearray(data)
    bomb[header + 4 : header + 12] = (30_000).to_bytes(4, "little") + (30_000).to_bytes(4, "little")
    (tmp_path / "bomb.avi").write_bytes(bomb)
    ffmpeg("", "-f", "lavfi", "-i", "color=black:s=16384x8704:r=1:d=1", "-c:v", "mjpeg", out=tmp_path / "large.avi")
    begun = time.monotonic()
    for name in ("bomb.avi", "large.avi"):
        for tool in ("thumbnail", "convert", "understand"):
            result = await session.call(f"video_{tool}", {"video": name})
            assert result.is_error
            assert name in result.text
    assert time.monotonic() - begun < 60


async def test_a_stream_that_changes_its_size_is_fitted(session: Session, tmp_path: Path) -> None:
    parts = [film(tmp_path / f"{size}.ts", size=size, seconds=1, sound=False) for size in ("320x240", "160x240")]
    (tmp_path / "a.ts").write_bytes(b"".join(part.read_bytes() for part in parts))
    (await session.call("video_convert", {"video": "a.ts", "path": "b.mp4"})).raise_for_error()
    seen = frames(tmp_path / "b.mp4", 320, 240)
    assert len(seen) >= 47
    assert seen[-1][:, :70].max() < 30
    assert seen[-1][:, 100:220].max() > 200


async def test_times_that_jump_and_rates_that_no_film_has(session: Session, tmp_path: Path) -> None:
    film(tmp_path / "fast.avi", fps="1000", seconds=0.5, sound=False, more="-c:v mpeg4")
    facts = (await session.call("video_info", {"video": "fast.avi"})).raise_for_error().structured
    assert facts["fps"] <= 120
    (await session.call("video_convert", {"video": "fast.avi", "path": "b.mp4"})).raise_for_error()
    source = film(tmp_path / "a.mkv", seconds=1, sound=False)
    ffmpeg(
        "",
        "-i",
        str(source),
        "-c",
        "copy",
        "-bsf:v",
        "setts=ts=if(gt(N\\,10)\\,TS+900000000\\,TS)",
        out=tmp_path / "jump.mkv",
    )
    result = await session.call("video_convert", {"video": "jump.mkv", "path": "c.mp4"})
    assert result.is_error
    assert "hours long" in result.text or "times that jump" in result.text
