"""Three MCP servers that other people wrote, each in a container, and a pip-installed plugin: one set of tools."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import anyio
import pytest

import massgen_core
from massgen_core import Audio, FileReference, Image, Progress, SandboxBackend, Text

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(900)]

LONG = "everything_trigger-long-running-operation"


@pytest.fixture(scope="module")
async def runtime(demo: Path, owned: Any) -> AsyncGenerator[massgen_core.Runtime]:
    """The demo's runtime, open for all of these tests; when it has closed, none of its containers is left."""
    async with massgen_core.open_runtime(demo / "massgen.toml", strict=True) as opened:
        assert len(await owned(os.getpid())) == 3
        yield opened
    assert await owned(os.getpid()) == []


@pytest.fixture
async def session(runtime: massgen_core.Runtime) -> AsyncGenerator[massgen_core.Session]:
    async with runtime.session(agent="writer") as opened:
        yield opened


async def test_tools_of_all_servers_and_plugins_stand_together(runtime: massgen_core.Runtime) -> None:
    """They are sorted by name, each says where it is from, and nothing has failed."""
    assert runtime.failures == ()
    names = [entry.name for entry in runtime.tools]
    assert names == sorted(names)
    own_names = ("workspace", "media", "audio", "document", "image", "video")
    prefixed = [entry for entry in runtime.tools if entry.owner.plugin not in own_names]
    owners = {(entry.owner.plugin, entry.owner.provider, entry.name.partition("_")[0]) for entry in prefixed}
    servers = {("mcp", name, name) for name in ("time", "files", "everything")}
    assert owners == {*servers, ("hello", "hello", "hello")}
    assert {"read_file", "apply_patch", "image_generate", "audio_speak", "video_generate"} <= set(names)
    expected = {"time_get_current_time", "files_read_text_file", "everything_echo", LONG, "hello_greet"}
    assert expected <= set(names)


CALLS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "time_convert_time": (
        {"source_timezone": "Asia/Tokyo", "time": "09:30", "target_timezone": "UTC"},
        "T00:30:00+00:00",
    ),
    "files_list_allowed_directories": ({}, "Allowed directories:\n/workspace"),
    "everything_get-sum": ({"a": 19, "b": 23}, "The sum of 19 and 23 is 42."),
    "hello_greet": ({"name": "world"}, "Good day, world!"),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_tool_of_each_answers(session: massgen_core.Session, name: str) -> None:
    """Wherever a tool runs, it is called by its name and answers."""
    arguments, expected = CALLS[name]
    assert expected in (await session.call(name, arguments)).raise_for_error().text


async def test_the_time_is_the_hosts(session: massgen_core.Session) -> None:
    """The answer's text is the server's own JSON."""
    result = await session.call("time_get_current_time", {"timezone": "UTC"})
    told = datetime.fromisoformat(json.loads(result.text)["datetime"])
    assert abs((datetime.now(told.tzinfo) - told).total_seconds()) < 10


async def test_calls_to_all_servers_at_once(session: massgen_core.Session) -> None:
    """A hundred answers come back to those who asked."""
    sums: dict[int, str] = {}

    async def add(number: int) -> None:
        sums[number] = (await session.call("everything_get-sum", {"a": number, "b": number})).text
        await session.call("time_get_current_time", {"timezone": "UTC"})

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            for number in range(50):
                tasks.start_soon(add, number)
    assert sums == {number: f"The sum of {number} and {number} is {2 * number}." for number in range(50)}


async def test_a_file_outside_the_servers_folder_is_refused(session: massgen_core.Session) -> None:
    """What the server refuses is an error result in its own words, and the session goes on."""
    refused = await session.call("files_read_text_file", {"path": "/etc/shadow"})
    assert refused.is_error
    assert "Access denied" in refused.text


LIMITS: Mapping[str, Mapping[str, str]] = {
    "time": {"memory": "512 MiB", "cpus": "1", "pids": "256", "tmpfs": "/tmp"},
    "files": {"memory": "256 MiB", "cpus": "1", "pids": "256", "tmpfs": "/tmp, /workspace"},
    "everything": {"memory": "512 MiB", "cpus": "0.5", "pids": "128", "tmpfs": "/tmp"},
}


async def test_every_server_is_held_to_its_limits(runtime: massgen_core.Runtime) -> None:
    """What the engine and the kernel say of each container is what the config asks for, and the hardened defaults."""
    backend = runtime.service(SandboxBackend, "docker")
    assert {sandbox.name for sandbox in backend.sandboxes} == LIMITS.keys()
    for sandbox in backend.sandboxes:
        isolation = await sandbox.inspect()
        common = {"user": "65532:65532", "network": "none", "root": "read-only"}
        assert isolation.limits.items() >= {**LIMITS[sandbox.name], **common}.items()
        missing = {finding.name for finding in isolation.findings if not finding.ok}
        assert missing <= {"mandatory access control", "user namespace", "swap limit"}  # the machine's own
        assert isolation.score >= 85


async def test_schemas_in_every_format(session: massgen_core.Session) -> None:
    """Every tool is in every format, under one name, as an object with the parameters that the server declares."""
    schemas = {
        "mcp": {tool["name"]: tool["inputSchema"] for tool in session.tool_schemas("mcp")},
        "anthropic": {tool["name"]: tool["input_schema"] for tool in session.tool_schemas("anthropic")},
        "openai-responses": {tool["name"]: tool["parameters"] for tool in session.tool_schemas("openai-responses")},
        "openai-chat": {
            tool["function"]["name"]: tool["function"]["parameters"] for tool in session.tool_schemas("openai-chat")
        },
        "gemini": {tool["name"]: tool["parametersJsonSchema"] for tool in session.tool_schemas("gemini")},
    }
    names = {entry.name for entry in session.tools}
    for format_, tools in schemas.items():
        assert tools.keys() == names, format_
        for name, schema in tools.items():
            properties = schemas["mcp"][name].get("properties", {})
            assert schema.get("properties", {}).keys() == properties.keys(), (format_, name)
        assert set(tools["everything_get-sum"]["required"]) == {"a", "b"}, format_
        assert "New York" in tools["everything_get-structured-content"]["properties"]["location"]["enum"], format_


async def test_progress_arrives_while_a_call_runs(session: massgen_core.Session) -> None:
    """Each notification of the server's is an event, before the result."""
    events: list[Any] = []

    async def listen(event: Any) -> None:
        events.append(event)

    result = await session.call(LONG, {"duration": 0.6, "steps": 3}, on_event=listen)
    assert "Long running operation completed" in result.text
    assert [(event.done, event.total) for event in events if isinstance(event, Progress)] == [(1, 3), (2, 3), (3, 3)]


async def test_content_of_every_kind_arrives(session: massgen_core.Session) -> None:
    """Images, sounds, embedded files, links and structured data are parts of a result."""
    before, image, after = (await session.call("everything_get-tiny-image")).content
    assert isinstance(before, Text)
    assert isinstance(after, Text)
    assert isinstance(image, Image)
    assert (image.mime_type, image.data[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")

    _, *links = (await session.call("everything_get-resource-links", {"count": 2})).content
    assert [link.uri.rpartition("/")[2] for link in links if isinstance(link, FileReference)] == ["1", "2"]

    text = await embedded(session, "Text")
    assert "This is a plaintext resource" in (text.text or "")
    blob = await embedded(session, "Blob")
    assert b"This is a base64 blob" in (blob.data or b"")

    weather = await session.call("everything_get-structured-content", {"location": "Chicago"})
    assert set(weather.structured) == {"temperature", "conditions", "humidity"}

    await session.call("files_write_file", {"path": "/workspace/tone.wav", "content": "RIFF tone"})
    (sound,) = (await session.call("files_read_media_file", {"path": "/workspace/tone.wav"})).content
    assert isinstance(sound, Audio)
    assert (sound.mime_type, sound.data) == ("audio/wav", b"RIFF tone")


async def embedded(session: massgen_core.Session, kind: str) -> FileReference:
    """The resource that stands inside the server's answer."""
    result = await session.call("everything_get-resource-reference", {"resourceType": kind, "resourceId": 1})
    (part,) = (part for part in result.content if isinstance(part, FileReference))
    return part


async def test_a_timed_out_call_says_so_and_the_server_works_on(session: massgen_core.Session) -> None:
    """A long operation ends at its limit, not at its own end."""
    with anyio.fail_after(10):
        result = await session.call(LONG, {"duration": 60, "steps": 60}, timeout=0.5)
    assert isinstance(result.error, massgen_core.ToolTimeout)
    assert f"{LONG} did not answer within 0.5 s and was stopped" in result.text
    assert (await session.call("everything_echo", {"message": "on"})).text == "Echo: on"


async def test_a_cancelled_call_reports_nothing_more(session: massgen_core.Session) -> None:
    """Whoever cancels at the first progress gets no second one, and the server works on."""
    events: list[Any] = []
    with anyio.CancelScope() as scope:

        async def listen(event: Any) -> None:
            events.append(event)
            scope.cancel()

        await session.call(LONG, {"duration": 2, "steps": 20}, on_event=listen)
    assert scope.cancelled_caught
    await session.call(LONG, {"duration": 0.5, "steps": 1})  # the cancelled one would report meanwhile
    assert len(events) == 1
