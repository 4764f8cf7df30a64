"""JSON schemas of tools from outside: are they sound, and do arguments fit them.

Nothing is ever fetched: a reference that leads out of the schema is a fault of the tool. Regular expressions are not
evaluated: they are ECMA-262, which Python does not speak, and one from outside can take hours; the server checks
them itself. References are counted, since a small schema can unfold without end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from massgen_core.errors import ArgumentsInvalid

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MAX_SCHEMA_NODES = 20_000
MAX_SCHEMA_DEPTH = 100
MAX_REFERENCES = 10_000
"""Bounds on one schema, and on the references that checking one set of arguments may follow."""

_MAX_SHOWN = 5
_DATA_KEYWORDS = frozenset({"const", "enum", "default", "examples"})

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")

Schema = Mapping[str, Any]
Keyword = Callable[[Any, Any, Any, Any], "Iterator[Any] | None"]
FindErrors = Callable[[object], "Iterator[ValidationError]"]


class _TooManyReferences(Exception):
    """The schema unfolds beyond `MAX_REFERENCES`."""


def schema_fault(schema: object) -> str | None:
    """Why a value cannot be the input schema of a tool, or None when it can."""
    if not isinstance(schema, Mapping):
        return "its input schema is not an object"
    mapping = cast("Schema", schema)
    if mapping.get("type") != "object":
        return 'its input schema is not of `"type": "object"`'
    if (fault := _size_fault(mapping)) is not None:
        return fault
    return _meta_fault(mapping) or _reference_fault(mapping)


def validator_of(schema: Schema) -> Callable[[Mapping[str, Any], str], None]:
    """A function that checks arguments against a schema, for a tool's name; the schema is compiled when first needed.

    The function raises `ArgumentsInvalid`, naming the path of each value that does not fit.
    """

    @cache
    def compiled() -> FindErrors:
        return _compile(schema)

    def check(arguments: Mapping[str, Any], tool: str) -> None:
        problems = _problems(compiled(), arguments)
        if problems:
            raise ArgumentsInvalid(tool, f"arguments do not fit {tool!r}: {'; '.join(problems)}")

    return check


def _problems(find_errors: FindErrors, arguments: Mapping[str, Any]) -> list[str]:
    from referencing.exceptions import Unresolvable

    try:
        found = islice(find_errors(dict(arguments)), _MAX_SHOWN)
        return [f"{_path(error.absolute_path)}: {error.message[:300]}" for error in found]
    except (RecursionError, _TooManyReferences):
        return ["the tool's input schema unfolds without end"]
    except Unresolvable as error:
        return [f"the tool's input schema refers to {str(error.ref)[:200]!r}, which it does not hold"]


def _path(steps: Any) -> str:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return path.lstrip(".") or "arguments"


def _compile(schema: Schema) -> FindErrors:
    from jsonschema import validators
    from referencing import Registry

    extend, registry = cast("Any", validators).extend, cast("Any", Registry)()
    dialect = _dialect(schema)
    follow = _Following()
    keywords: dict[str, Any] = {
        name: follow.counted(dialect.VALIDATORS[name]) for name in _REFERENCES if name in dialect.VALIDATORS
    }
    keywords |= dict.fromkeys(("pattern", "patternProperties", "unevaluatedProperties"), _skipped)
    keywords["additionalProperties"] = _named_properties(dialect.VALIDATORS["additionalProperties"])
    validator = extend(dialect, keywords)(dict(schema), registry=registry)

    def find_errors(arguments: object) -> Iterator[ValidationError]:
        follow.count = 0
        return validator.iter_errors(arguments)

    return find_errors


class _Following:
    """Counts the references followed while one set of arguments is checked."""

    def __init__(self) -> None:
        self.count = 0

    def counted(self, keyword: Keyword) -> Keyword:
        def follow(validator: Any, reference: Any, instance: Any, schema: Any) -> Iterator[Any]:
            self.count += 1
            if self.count > MAX_REFERENCES:
                raise _TooManyReferences
            yield from keyword(validator, reference, instance, schema) or ()

        return follow


def _named_properties(keyword: Keyword) -> Keyword:
    """`additionalProperties`, unless which properties are additional hangs on regular expressions."""

    def check(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[Any]:
        if "patternProperties" not in schema:
            yield from keyword(validator, rule, instance, schema) or ()

    return check


def _skipped(validator: Any, rule: Any, instance: Any, schema: Any) -> Iterator[Any]:
    return iter(())


def _dialect(schema: Schema) -> Any:
    from jsonschema.validators import Draft202012Validator, validator_for

    declared = schema.get("$schema")
    known = {"$schema": declared} if isinstance(declared, str) else True
    return validator_for(known, Draft202012Validator)


def _size_fault(schema: Schema) -> str | None:
    nodes = 0
    level: list[Any] = [schema]
    for _ in range(MAX_SCHEMA_DEPTH):
        nodes += len(level)
        if not level:
            return None
        if nodes > MAX_SCHEMA_NODES:
            return f"its input schema has more than {MAX_SCHEMA_NODES} nodes"
        level = [child for node in level for child in _children(node)]
    return f"its input schema is nested deeper than {MAX_SCHEMA_DEPTH} levels"


def _children(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from cast("dict[str, Any]", node).values()
    elif isinstance(node, list):
        yield from cast("list[Any]", node)


def _meta_fault(schema: Schema) -> str | None:
    from jsonschema import FormatChecker
    from jsonschema.exceptions import SchemaError

    try:
        # No formats: "regex" would judge ECMA-262 by Python's rules.
        _dialect(schema).check_schema(dict(schema), format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        return f"its input schema is invalid at {_path(error.absolute_path)}: {error.message[:300]}"
    except RecursionError:
        return "its input schema unfolds without end"
    return None


def _reference_fault(schema: Schema) -> str | None:
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = cast("Any", Registry)().with_resource("", DRAFT202012.create_resource(dict(schema))).resolver()
    for reference in _references(schema):
        try:
            resolver.lookup(reference)
        except (Unresolvable, ValueError):
            return f"its input schema refers to {reference[:200]!r}, which it does not hold"
    return None


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in cast("dict[str, Any]", node).items():
            if key == "$ref" and isinstance(value, str):
                yield value
            elif key not in _DATA_KEYWORDS:
                yield from _references(value)
    elif isinstance(node, list):
        for item in cast("list[Any]", node):
            yield from _references(item)
