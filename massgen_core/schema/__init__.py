"""From a typed function to what a tool needs: schemas, validation, results, roles and secrets.

`signature_of` is what `@tool` is made of; `check_schema` judges a schema that came from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from massgen_core.schema.arguments import Arguments
from massgen_core.schema.docstrings import docstring_of
from massgen_core.schema.hints import parameters_of, return_hint, roles_in, secret_in
from massgen_core.schema.meta import check_schema
from massgen_core.schema.results import Results

if TYPE_CHECKING:
    from massgen_core.marks import Access
    from massgen_core.result import ToolResult

__all__ = ["Signature", "check_schema", "signature_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a typed function says of itself as a tool.

    ``validate`` takes JSON arguments and returns the function's keyword arguments as Python values, leaving those out
    that were not given; it raises `ArgumentsInvalid` and never shows a value. ``to_result`` turns what the function
    returns into a `ToolResult` that fits ``output_schema``.
    """

    description: str
    input_schema: dict[str, Any]
    output_schema: dict[str, Any] | None
    validate: Callable[[Mapping[str, Any]], Mapping[str, Any]] = field(repr=False)
    to_result: Callable[[Any], ToolResult] = field(repr=False)
    access: frozenset[Access]
    secret_parameters: frozenset[str]
    context_parameter: str | None


def signature_of(fn: Callable[..., Any], *, name: str | None = None, context: type | None = None) -> Signature:
    """Read a function's signature, type hints and docstring.

    ``name`` is the tool's, for error messages. A parameter of the type ``context`` (or of ``context | None``) is no
    argument: it is named by ``context_parameter``.

    A parameter's description is its ``Field(description=…)``, else what the docstring says of it. `Role` and `Secret`
    are found at any depth: on the parameter, inside its type, on the fields of models, dataclasses and TypedDicts.

    Raises:
        TypeError: A parameter has no type hint, is positional-only, ``*args`` or ``**kwargs``, or a type cannot be
            expressed as JSON schema; the message names function, parameter and cure.
    """
    docstring = docstring_of(fn)
    parameters, context_parameter = parameters_of(fn, context)
    secrets = frozenset(p.name for p in parameters if secret_in(p.hint))
    arguments = Arguments.of(
        fn, parameters, descriptions=docstring.parameters, secrets=secrets, tool=name or fn.__name__
    )
    results = Results.of(fn, return_hint(fn))
    return Signature(
        description=docstring.description,
        input_schema=arguments.schema,
        output_schema=results.schema,
        validate=arguments.validate,
        to_result=results.convert,
        access=frozenset[Any]().union(*(roles_in(p.hint) for p in parameters)),
        secret_parameters=secrets,
        context_parameter=context_parameter,
    )
