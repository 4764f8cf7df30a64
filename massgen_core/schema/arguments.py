"""Arguments: the JSON schema of a function's parameters, and values that fit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.fields import FieldInfo

from massgen_core.errors import ArgumentsInvalid
from massgen_core.schema.generate import UNUSABLE, Schema, schema_of
from massgen_core.schema.hints import NOTHING, Parameter, cannot

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

MOST_PROBLEMS = 10
"""Problems named in one error; a hostile caller can make thousands."""

LONGEST_PROBLEM = 300
"""Characters of one problem; keys come from the caller, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """A function's parameters as a pydantic model; its fields are named by position, the aliases are the names.

    That way a parameter may have any name, one that pydantic keeps for itself (``schema``, ``_x``) included.
    """

    tool: str
    schema: Schema
    parameters: Mapping[str, Parameter]
    secrets: frozenset[str]
    model: type[BaseModel] = field(repr=False)

    @classmethod
    def of(
        cls,
        fn: Callable[..., Any],
        parameters: Sequence[Parameter],
        *,
        descriptions: Mapping[str, str],
        secrets: frozenset[str],
        tool: str,
    ) -> Arguments:
        """Build the model; raises TypeError for a type that has no JSON schema, naming the parameter."""
        try:
            model = _model(parameters, descriptions)
            schema = schema_of(TypeAdapter(model), mode="validation", name="Arguments")
        except UNUSABLE as error:
            raise _unusable(fn, parameters, error) from error
        named = {p.name: p for p in parameters}
        return cls(tool=tool, schema=schema, parameters=named, secrets=secrets, model=model)

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Keyword arguments as Python values; what was not given is left to the function's own defaults.

        Raises:
            ArgumentsInvalid: Names each wrong argument and what was expected, never a value.
        """
        try:
            valid = self.model.model_validate(dict(arguments))
        except ValidationError as error:
            details = error.errors(include_input=False, include_url=False)
            raise ArgumentsInvalid(self.tool, self._message(details)) from None
        given = valid.model_fields_set
        fields = zip(self.model.model_fields, self.parameters.values(), strict=True)
        return {p.name: getattr(valid, name) for name, p in fields if name in given or not p.has_own_default}

    def _message(self, details: Sequence[ErrorDetails]) -> str:
        problems = [self._problem(detail)[:LONGEST_PROBLEM] for detail in details[:MOST_PROBLEMS]]
        if len(details) > MOST_PROBLEMS:
            problems.append(f"and {len(details) - MOST_PROBLEMS} more")
        return "\n  ".join(["the arguments do not fit:", *problems])

    def _problem(self, detail: ErrorDetails) -> str:
        top = str(detail["loc"][0]) if detail["loc"] else ""
        if top in self.secrets and detail["type"] != "missing":
            return f"{top}: is not valid (a secret, so no more is said)"
        return f"{'.'.join(map(str, detail['loc']))}: {self._reason(detail)}"

    def _reason(self, detail: ErrorDetails) -> str:
        match detail["type"]:
            case "missing" if len(detail["loc"]) == 1:
                kind = self.schema["properties"][detail["loc"][0]].get("type")
                return f"is required ({kind})" if kind else "is required"
            case "missing":
                return "is required"
            case "extra_forbidden" if len(detail["loc"]) == 1:
                return f"is not a parameter; the tool takes {', '.join(self.parameters) or 'none'}"
            case "union_tag_invalid":  # pydantic's own message repeats the value
                context = detail.get("ctx", {})
                return f"{context.get('discriminator')} should be one of {context.get('expected_tags')}"
            case _:
                return detail["msg"].removeprefix("Input ").removeprefix("Value error, ")


def _model(parameters: Sequence[Parameter], descriptions: Mapping[str, str]) -> type[BaseModel]:
    fields = {f"p{i}": _field(p, descriptions.get(p.name)) for i, p in enumerate(parameters)}
    config = ConfigDict(extra="forbid", hide_input_in_errors=True)
    return create_model("Arguments", __config__=config, **cast("dict[str, Any]", fields))


def _field(parameter: Parameter, description: str | None) -> tuple[Any, FieldInfo]:
    hint: Any = parameter.hint
    if isinstance(parameter.default, FieldInfo):
        hint = Annotated[parameter.hint, parameter.default]
    extra: dict[str, Any] = {"default": parameter.default} if parameter.has_own_default else {}
    if description and FieldInfo.from_annotation(hint).description is None:
        extra["description"] = description
    names = {"alias": parameter.name, "validation_alias": parameter.name, "serialization_alias": parameter.name}
    return hint, Field(**names, **extra)


def _unusable(fn: Callable[..., Any], parameters: Sequence[Parameter], error: Exception) -> TypeError:
    culprit = next((p.name for p in parameters if not _is_usable(p)), None)
    where = f"the type of parameter {culprit!r}" if culprit else "its parameters"
    reason = str(error).splitlines()[0]
    return cannot(fn, f"{where} has no JSON schema ({reason})", "use JSON types, models, dataclasses, enums or unions")


def _is_usable(parameter: Parameter) -> bool:
    try:
        schema_of(TypeAdapter(_model([parameter], {})), mode="validation", name=NOTHING)
    except UNUSABLE:
        return False
    return True
