"""What a tool call gives back: content parts and one `ToolResult`.

The parts are those of the Model Context Protocol (https://modelcontextprotocol.io/specification) plus video and
structured data, so that a result can be relayed without loss.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    from massgen_core.errors import ToolCallError


ValueT = TypeVar("ValueT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: its bytes and media type, ``image/png`` for one."""

    data: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """A sound: its bytes and media type, ``audio/wav`` for one."""

    data: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Video:
    """A video: its bytes and media type, ``video/mp4`` for one."""

    data: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReference:
    """A file that is named instead of sent: by URI, with what is known of it.

    ``text`` or ``data`` holds the file's content where the tool embedded it.
    """

    uri: str
    name: str | None = None
    mime_type: str | None = None
    description: str | None = None
    size: int | None = None
    text: str | None = None
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """Structured data: any JSON value; ``is_block`` where it is a whole MCP content block of a kind unknown to us."""

    value: Any
    is_block: bool = False


Part = Text | Image | Audio | Video | FileReference | Data
"""One piece of content in a result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a call gave back: content parts, structured data where the tool declares any, and whether it failed.

    ``error`` is set when the call did not get a result at all (unknown tool, bad arguments, denied, timed out, the
    tool raised); ``is_error`` is also true when the tool ran and reported a failure itself. ``raw`` is the untouched
    JSON result of a relayed MCP call.
    """

    content: tuple[Part, ...] = ()
    structured: Any = None
    is_error: bool = False
    error: ToolCallError | None = None
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    raw: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def text(self) -> str:
        """The text parts, joined by newlines."""
        return "\n".join(part.text for part in self.content if isinstance(part, Text))

    def raise_for_error(self) -> ToolResult:
        """Return this result, or raise its error.

        Raises:
            ToolCallError: The call failed; `ToolFailed` when the tool itself reported it.
        """
        if self.error is not None:
            raise self.error
        if self.is_error:
            from massgen_core.errors import ToolFailed

            raise ToolFailed("", self.text or "the tool reported an error")
        return self

    @classmethod
    def failure(cls, error: ToolCallError) -> ToolResult:
        """A result that says in words why there is none."""
        return cls(content=(Text(text=str(error)),), is_error=True, error=error)

    @classmethod
    def of(cls, value: object) -> ToolResult:
        """The result that a tool function's return value stands for.

        ``None`` is an empty result, a string is text, a part (or a list or tuple of parts) is content, a result is
        itself; anything else must be JSON-able and becomes structured data with its JSON text.
        """
        match value:
            case ToolResult():
                return value
            case None:
                return cls()
            case str():
                return cls(content=(Text(text=value),))
            case Text() | Image() | Audio() | Video() | FileReference() | Data():
                return cls(content=(value,))
            case list() | tuple() if value and all(isinstance(item, Part) for item in value):  # pyright: ignore[reportUnknownVariableType]
                return cls(content=tuple(value))  # pyright: ignore[reportUnknownArgumentType]
            case _:
                return cls(content=(Text(text=json.dumps(value, ensure_ascii=False)),), structured=value)


def part_to_json(part: Part) -> dict[str, Any]:
    """One part as an MCP content block; video goes as an embedded resource, since MCP has no video block."""
    match part:
        case Text():
            return {"type": "text", "text": part.text}
        case Image() | Audio():
            kind = "image" if isinstance(part, Image) else "audio"
            return {"type": kind, "data": _b64(part.data), "mimeType": part.mime_type}
        case Video():
            resource = {"uri": "massgen:video", "mimeType": part.mime_type, "blob": _b64(part.data)}
            return {"type": "resource", "resource": resource}
        case FileReference():
            return _file_to_json(part)
        case Data():
            return _data_to_json(part)


def part_from_json(block: Mapping[str, Any]) -> Part:
    """The part that an MCP content block stands for; an unknown or broken block is kept whole as `Data`."""
    try:
        return _part_from_json(block)
    except (KeyError, TypeError, ValueError):
        return Data(value=dict(block), is_block=True)


def _part_from_json(block: Mapping[str, Any]) -> Part:
    match block.get("type"):
        case "text":
            return Text(text=_string(block["text"]))
        case "image":
            return Image(data=_unb64(block["data"]), mime_type=_string(block["mimeType"]))
        case "audio":
            return Audio(data=_unb64(block["data"]), mime_type=_string(block["mimeType"]))
        case "resource_link":
            return _file_from_json(block)
        case "resource":
            return _embedded_from_json(_mapping(block["resource"]))
        case _:
            return Data(value=dict(block), is_block=True)


def _embedded_from_json(resource: Mapping[str, Any]) -> Part:
    mime_type = resource.get("mimeType")
    if "blob" in resource and isinstance(mime_type, str) and mime_type.startswith("video/"):
        return Video(data=_unb64(resource["blob"]), mime_type=mime_type)
    return _file_from_json(resource)


def _file_from_json(block: Mapping[str, Any]) -> FileReference:
    return FileReference(
        uri=_string(block["uri"]),
        name=_optional(block.get("name"), str),
        mime_type=_optional(block.get("mimeType"), str),
        description=_optional(block.get("description"), str),
        size=_optional(block.get("size"), int),
        text=_optional(block.get("text"), str),
        data=_unb64(block["blob"]) if "blob" in block else None,
    )


def _file_to_json(part: FileReference) -> dict[str, Any]:
    known = {"uri": part.uri, "mimeType": part.mime_type}
    if part.text is not None or part.data is not None:
        inside = {"text": part.text} if part.text is not None else {"blob": _b64(part.data or b"")}
        return {"type": "resource", "resource": {k: v for k, v in known.items() if v is not None} | inside}
    known |= {"name": part.name or part.uri, "description": part.description, "size": part.size}
    return {"type": "resource_link"} | {k: v for k, v in known.items() if v is not None}


def _data_to_json(part: Data) -> dict[str, Any]:
    if part.is_block:
        return part.value
    return {"type": "text", "text": json.dumps(part.value, ensure_ascii=False, default=str)}


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: Any) -> bytes:
    return base64.b64decode(_string(text), validate=True)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, got {type(value).__name__}")
    return cast("Mapping[str, Any]", value)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected a string, got {type(value).__name__}")
    return value


def _optional(value: Any, kind: type[ValueT]) -> ValueT | None:
    if value is not None and not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value
