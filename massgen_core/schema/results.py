"""Results: the JSON schema of what a function returns, and its return values as `ToolResult`."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from types import NoneType
from typing import Any, cast, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from massgen_core.result import Part, Text, ToolResult
from massgen_core.schema.generate import UNUSABLE, Schema, schema_of
from massgen_core.schema.hints import NOTHING, cannot

_WRAPPED = "result"
"""The key under which a value that is no object is put: MCP's structured content is always an object."""


_WITHOUT_SCHEMA = (NOTHING, Any, object, str, None, NoneType)
_CONTENT = (ToolResult, *get_args(Part))


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """How one function's return values become results; ``adapter`` None takes a value as it comes."""

    schema: Schema | None
    name: str
    adapter: TypeAdapter[Any] | None = None
    wrapped: bool = False

    @classmethod
    def of(cls, fn: Callable[..., Any], hint: Any) -> Results:
        """Read the return type.

        Content parts, `ToolResult`, plain ``str`` and ``None`` are content and have no schema; so has a function
        without a return type, with ``Any``, or a generator. Raises TypeError for a type that has no JSON schema.
        """
        name = getattr(fn, "__name__", type(fn).__name__)
        streams = inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn)
        if streams or hint in _WITHOUT_SCHEMA or _is_content(hint):
            return cls(schema=None, name=name)
        try:
            adapter = TypeAdapter[Any](hint)
            schema = schema_of(adapter, mode="serialization", name=_WRAPPED)
        except UNUSABLE as error:
            problem = f"its return type has no JSON schema ({str(error).splitlines()[0]})"
            raise cannot(fn, problem, "return JSON types, models, dataclasses or content parts") from error
        wrapped = schema.get("type") != "object"
        return cls(schema=_wrap(schema) if wrapped else schema, name=name, adapter=adapter, wrapped=wrapped)

    def convert(self, value: Any) -> ToolResult:
        """The result that a return value stands for.

        Raises:
            TypeError: The value is not of the declared type, or cannot be expressed as JSON.
        """
        if isinstance(value, ToolResult):
            return value
        if self.adapter is None:
            return self._as_it_comes(value)
        try:
            text = self.adapter.dump_json(self.adapter.validate_python(value)).decode()
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False)[0]
            where = ".".join(map(str, found["loc"]))
            problem = f"{where}: {found['msg']}" if where else found["msg"]
            raise TypeError(f"{self.name}() returned a {type(value).__name__} unlike its type: {problem}") from None
        except PydanticSerializationError as error:
            raise TypeError(f"{self.name}() returned what JSON cannot express: {error}") from None
        return self._structured(text)

    def _as_it_comes(self, value: Any) -> ToolResult:
        if value is None or isinstance(value, str | Part):
            return ToolResult.of(value)
        if isinstance(value, list | tuple) and any(isinstance(item, Part) for item in cast("list[Any]", value)):
            parts = [part for item in cast("list[Any]", value) for part in self.convert(item).content]
            return ToolResult(content=tuple(parts))
        try:
            return self._structured(to_json(value, inf_nan_mode="null").decode())
        except PydanticSerializationError as error:
            raise TypeError(f"{self.name}() returned what JSON cannot express: {error}") from None

    def _structured(self, text: str) -> ToolResult:
        value = from_json(text)
        content = Text(text=value if isinstance(value, str) else text)
        is_object = isinstance(value, dict) and not self.wrapped
        return ToolResult(content=(content,), structured=value if is_object else {_WRAPPED: value})


def _wrap(schema: Schema) -> Schema:
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}
    return {"type": "object", "properties": {_WRAPPED: inner}, "required": [_WRAPPED], **definitions}


def _is_content(hint: Any) -> bool:
    """Whether content parts are what a value of this type is made of."""
    return hint in _CONTENT or any(_is_content(inner) for inner in get_args(hint))
