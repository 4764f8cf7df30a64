"""The tools in a runtime: files of a session's workspace in, files of it out, jobs in processes of their own."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from audio_support import noise, probed, read, saved, tone
from massgen_audio import plugin
from massgen_audio.transcription.weights import bundled
from words_support import word_error_rate

from massgen_core import Audio, Image, Progress, Session, ToolResult, open_runtime

pytestmark = pytest.mark.anyio

TEXT = "The bridge is closed today. Nobody knows when the ferry will leave the harbor."


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with (
        open_runtime({}, plugins=[("audio", plugin)], installed=False, strict=True) as runtime,
        runtime.session(workspace=tmp_path) as opened,
    ):
        yield opened


async def call(session: Session, name: str, **arguments: Any) -> ToolResult:
    return (await session.call(f"audio_{name}", arguments)).raise_for_error()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def refused(session: Session, name: str, **arguments: Any) -> str:
    result = await session.call(f"audio_{name}", arguments)
    assert result.is_error
    return result.text


async def test_a_text_is_said_and_understood_again(session: Session, tmp_path: Path) -> None:
    said = await call(session, "speak", text=TEXT, path="news/a.opus", seed=4)
    (artefact,) = said.structured["artefacts"]
    assert artefact["path"] == "news/a.opus"
    assert artefact["provenance"]["ai_generated"] is True
    assert artefact["provenance"]["seed"] == 4
    assert said.structured["engine"] == "hibari"
    assert probed(tmp_path / "news/a.opus")["streams"][0]["codec_name"] == "opus"
    if bundled() is None:
        return
    heard = await call(session, "transcribe", source="news/a.opus", path="news/a.srt", timestamps="word")
    assert word_error_rate(TEXT, heard.structured["texts"][0]) <= 0.05
    assert (tmp_path / "news/a.srt").read_text().startswith("1\n00:00:00,")
    without_file = await call(session, "transcribe", source="news/a.opus")
    assert without_file.structured["artefacts"] == []
    assert without_file.structured["details"][0]["segments"]


@pytest.mark.parametrize("anyio_backend", ["trio"])
async def test_it_works_on_trio_as_well(anyio_backend: str, session: Session) -> None:
    said = await call(session, "speak", text="Hello.", path="a.wav")
    assert said.structured["artefacts"][0]["path"] == "a.wav"
    assert "wav: pcm_s16le, 24000 Hz, mono, " in (await call(session, "info", source="a.wav")).text


async def test_each_sentence_is_handed_over_early_and_progress_is_true(session: Session) -> None:
    events: list[object] = []

    async def listen(event: object) -> None:
        events.append(event)

    result = await session.call("audio_speak", {"text": TEXT, "stream": True}, on_event=listen)
    result.raise_for_error()
    kinds = [type(event) for event in events]
    assert kinds.count(Audio) == 2
    assert kinds.index(Audio) < len(kinds) - 1
    shares = [event.done for event in events if isinstance(event, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


async def test_all_edits_work_on_files_of_the_workspace(session: Session, tmp_path: Path) -> None:
    saved(tmp_path, noise(48_000, 2), 24_000, "a.wav")
    saved(tmp_path, tone(1, rate=48_000), 48_000, "b.flac")
    for name, arguments, path, seconds in (
        ("convert", {"source": "a.wav", "path": "c.mp3"}, "c.mp3", 2.0),
        ("convert", {"source": "a.wav", "format": "m4a", "speed": 2.0}, "audio/converted.m4a", 1.0),
        ("trim", {"source": "a.wav", "start": 0.5, "duration": 1.0, "fade_out": 0.2}, "audio/part.wav", 1.0),
        ("join", {"sources": ["a.wav", "b.flac"], "gap": 0.5, "path": "d.flac"}, "d.flac", 3.5),
        ("mix", {"sources": ["a.wav", "b.flac"], "tracks": [{}, {"duck": 6}], "path": "m"}, "m.wav", 2.0),
        ("loudness", {"source": "a.wav", "target": -20, "path": "l.wav"}, "l.wav", 2.0),
        ("cut_silence", {"source": "a.wav", "path": "s.wav"}, "s.wav", 2.0),
        ("tone", {"wave": "sweep", "seconds": 0.5, "path": "t.wav"}, "t.wav", 0.5),
        ("tone", {"wave": "music", "seconds": 2, "mood": "sad"}, "audio/music-sad.wav", 2.0),
    ):
        (artefact,) = (await call(session, name, **arguments)).structured["artefacts"]
        assert artefact["path"] == path
        assert artefact["duration"] == pytest.approx(seconds, rel=0.05)
        assert len(read(tmp_path / path)) > 1000


async def test_a_sound_is_looked_at(session: Session, tmp_path: Path) -> None:
    saved(tmp_path, tone(1), 24_000, "a.wav")
    drawn = await call(session, "picture", source="a.wav", kind="spectrogram")
    assert any(isinstance(part, Image) for part in drawn.content)
    assert (tmp_path / "audio/spectrogram.png").exists()
    assert (await call(session, "picture", source="a.wav", path="b.png")).structured["artefacts"][0]["path"] == "b.png"
    told = await call(session, "info", source="a.wav", exact=True)
    assert "wav: pcm_s16le, 24000 Hz" in told.text
    assert told.structured["details"][0]["frames"] == 24_000
    measured = await call(session, "loudness", source="a.wav")
    assert measured.structured["details"][0]["before"]["integrated"] == pytest.approx(-9.0, abs=1)


async def test_voices_are_listed_by_language(session: Session) -> None:
    voices = (await call(session, "voices", language="en")).structured["voices"]
    assert voices[0]["name"] == "heart"
    assert {"name", "engine", "language", "description"} == set(voices[0])


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("speak", {"text": "…"}, "nothing to say"),
        ("speak", {"text": "hi", "path": "a.txt"}, "nothing is written as .txt; the path may end with wav"),
        ("speak", {"text": "hi", "path": "a.mp3", "format": "wav"}, "mp3 by its ending, and wav by `format`"),
        ("speak", {"text": "hi", "voice": "bob"}, "'bob' is none of heart"),
        ("speak", {"text": "hi", "engine": "nobody"}, "there is no engine 'nobody'; there are: "),
        ("speak", {"text": "hi", "path": "../a.mp3"}, "leads out of the folder"),
        ("convert", {"source": "missing.wav"}, "missing.wav: there is no such file"),
        ("convert", {"source": "bad.mp3", "path": "x.wav"}, "bad.mp3: no sound file that is known here"),
        ("transcribe", {"source": "bad.mp3"}, "bad.mp3: no sound file that is known here"),
        ("picture", {"source": "bad.mp3", "path": "x.jpg"}, "may end with png"),
        ("tone", {"wave": "chord", "notes": "H"}, "no chord 'H'"),
    ],
)
async def test_what_cannot_be_done_is_said_and_nothing_is_left(
    name: str, arguments: dict[str, Any], words: str, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "bad.mp3").write_bytes(b"this is no sound at all" * 40)
    assert words in await refused(session, name, **arguments)
    assert names(tmp_path) == ["bad.mp3"]


async def test_a_cancelled_job_leaves_nothing_and_the_next_one_works(session: Session, tmp_path: Path) -> None:
    async def listen(event: object) -> None:
        scope.cancel()

    with anyio.CancelScope() as scope:
        await session.call("audio_speak", {"text": "This goes on. " * 2000}, on_event=listen)
    assert scope.cancelled_caught
    assert names(tmp_path) == []
    assert (await call(session, "speak", text="Hello.")).structured["artefacts"]


async def test_work_can_go_on_in_the_background(session: Session, tmp_path: Path) -> None:
    result = await call(session, "speak", text="Hello.", background=True)
    arguments = {"id": result.structured["job"]["id"], "wait": 30}
    (await session.call("media_job", arguments)).raise_for_error()
    assert names(tmp_path / "audio") == ["hello.mp3"]
