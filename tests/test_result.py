"""Results: what return values stand for, and content parts as MCP blocks and back, without loss or surprise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core import Audio, Data, FileReference, Image, Part, Text, ToolFailed, ToolNotFound, ToolResult, Video
from massgen_core.result import part_from_json, part_to_json

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("aGk="),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MIME = st.sampled_from(["image/png", "audio/wav", "text/plain"])
NAMES = ["type", "text", "data", "mimeType", "uri", "name", "size", "resource", "blob", "description"]
BLOCKS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.dictionaries(st.sampled_from(NAMES), JSON),
    lambda inner: st.dictionaries(st.sampled_from(NAMES), JSON | inner),
    max_leaves=3,
)
KINDS = st.sampled_from(["text", "image", "audio", "resource", "resource_link", "unknown"])
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Text, text=st.text()),
    st.builds(Image, data=st.binary(), mime_type=MIME),
    st.builds(Audio, data=st.binary(), mime_type=MIME),
    st.builds(Video, data=st.binary(), mime_type=st.just("video/mp4")),
    st.builds(FileReference, uri=st.text(), mime_type=MIME, text=st.text()),
    st.builds(FileReference, uri=st.text(), mime_type=MIME, data=st.binary()),
    st.builds(FileReference, uri=st.text(), name=st.text(min_size=1), description=st.text(), size=st.integers()),
)


@given(part=PARTS)
def test_parts_survive_the_way_there_and_back(part: Part) -> None:
    """A part becomes an MCP block that can be written as JSON, and that block the same part again."""
    block = json.loads(json.dumps(part_to_json(part)))
    assert part_from_json(block) == part


@given(kind=KINDS, block=BLOCKS)
def test_any_block_becomes_a_part(kind: str, block: dict[str, Any]) -> None:
    """However broken a server's block is, it becomes a well-typed part, or is kept whole."""
    block["type"] = kind
    part = part_from_json(block)
    match part:
        case Data():
            assert part.value == block
            assert part_to_json(part) == block
        case FileReference():
            assert isinstance(part.uri, str)
            assert part.size is None or isinstance(part.size, int)
            assert all(x is None or isinstance(x, str) for x in (part.name, part.text, part.mime_type))
        case Text():
            assert isinstance(part.text, str)
        case _:
            assert isinstance(part.data, bytes)


def test_data_is_text_for_mcp_even_when_it_looks_like_a_block() -> None:
    """A tool's own data with a key `type` is no content block of that type."""
    assert part_to_json(Data(value={"type": "cat"})) == {"type": "text", "text": '{"type": "cat"}'}


@pytest.mark.parametrize(
    ("value", "content", "structured"),
    [
        (None, (), None),
        ("text", (Text(text="text"),), None),
        (Text(text="part"), (Text(text="part"),), None),
        ([Text(text="a"), Text(text="b")], (Text(text="a"), Text(text="b")), None),
        ({"ä": 1}, (Text(text='{"ä": 1}'),), {"ä": 1}),
        ([], (Text(text="[]"),), []),
    ],
)
def test_what_return_values_stand_for(value: Any, content: tuple[Part, ...], structured: Any) -> None:
    """Nothing, text, parts and JSON values each have one meaning."""
    result = ToolResult.of(value)
    assert (result.content, result.structured, result.is_error) == (content, structured, False)
    assert ToolResult.of(result) is result


def test_the_error_of_a_result() -> None:
    """A failed result raises its error; one that the tool reported becomes `ToolFailed` with its text."""
    error = ToolNotFound("t", "no tool 't'")
    with pytest.raises(ToolNotFound) as caught:
        ToolResult.failure(error).raise_for_error()
    assert caught.value is error
    reported = ToolResult(content=(Text(text="no"), Text(text="way")), is_error=True)
    with pytest.raises(ToolFailed, match="no\nway"):
        reported.raise_for_error()
    with pytest.raises(ToolFailed, match="the tool reported an error"):
        ToolResult(is_error=True).raise_for_error()
    fine = ToolResult()
    assert fine.raise_for_error() is fine


def test_bytes_are_not_printed() -> None:
    """The text of a part that holds bytes stays short."""
    for part in (Image(data=b"x" * 999, mime_type="image/png"), FileReference(uri="u", data=b"x" * 999)):
        assert "xxx" not in repr(part)
