"""The type hints of a function: its parameters, what it returns, and the marks inside the types."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
from collections.abc import Callable, Iterable, Iterator
from types import NoneType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.fields import FieldInfo

from massgen_core.marks import Access, Role, Secret

NOTHING: Any = inspect.Parameter.empty
"""Stands for a hint or a default that is not there."""

_SECRET_TYPES: tuple[object, ...] = (Secret, SecretStr, SecretBytes)  # `Annotated[str, Secret]` is meant so, too


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter that callers fill in: its name, resolved hint, and default (`NOTHING` when it has none)."""

    name: str
    hint: Any
    default: Any = NOTHING

    @property
    def has_own_default(self) -> bool:
        """Whether Python fills it in by itself; a default inside ``Field(…)`` has to be passed."""
        return self.default is not NOTHING and not isinstance(self.default, FieldInfo)


def parameters_of(fn: Callable[..., Any], context: type | None) -> tuple[list[Parameter], str | None]:
    """The parameters that callers fill in, and the name of the one whose type is ``context``.

    Raises:
        TypeError: The function cannot be a tool; the message names the parameter and the cure.
    """
    hints = _hints(fn)
    parameters: list[Parameter] = []
    taken: str | None = None
    for parameter in inspect.signature(fn).parameters.values():
        _check(fn, parameter)
        hint = hints[parameter.name]
        if not _is_context(hint, context):
            parameters.append(Parameter(name=parameter.name, hint=hint, default=parameter.default))
        elif taken is None:
            taken = parameter.name
        else:
            raise cannot(fn, f"parameters {taken!r} and {parameter.name!r} both take the context", "keep one")
    return parameters, taken


def return_hint(fn: Callable[..., Any]) -> Any:
    """The resolved hint of the return value, `NOTHING` where there is none."""
    return _hints(fn).get("return", NOTHING)


def roles_in(hint: Any) -> frozenset[Access]:
    """What is done to the things that a parameter of this type names."""
    return frozenset(mark.access for mark in _marks(hint, set()) if isinstance(mark, Role))


def secret_in(hint: Any) -> bool:
    """Whether a value of this type holds a secret somewhere."""
    return any(isinstance(mark, Secret) or mark in _SECRET_TYPES for mark in _marks(hint, set()))


def _hints(fn: Callable[..., Any]) -> dict[str, Any]:
    target = fn if inspect.isroutine(fn) else type(fn).__call__
    try:
        return get_type_hints(target, include_extras=True)
    except NameError as error:
        problem = f"its type hints name {error.name!r}, which is not defined in its module"
        cure = "define or import it at module level, outside `if TYPE_CHECKING`"
        raise cannot(fn, problem, cure) from None
    except (SyntaxError, TypeError) as error:
        raise cannot(fn, f"its type hints cannot be read: {error}", "correct the hint") from error


def _check(fn: Callable[..., Any], parameter: inspect.Parameter) -> None:
    name = parameter.name
    match parameter.kind:
        case parameter.POSITIONAL_ONLY:
            raise cannot(fn, f"parameter {name!r} is positional-only", "remove the `/`: tools are called by name")
        case parameter.VAR_POSITIONAL:
            raise cannot(fn, f"`*{name}` cannot be described to a model", f"declare `{name}: list[...]` instead")
        case parameter.VAR_KEYWORD:
            raise cannot(fn, f"`**{name}` cannot be described to a model", f"declare `{name}: dict[str, ...]` instead")
        case _ if parameter.annotation is inspect.Parameter.empty and name in ("self", "cls"):
            raise cannot(fn, f"{name!r} is not an argument", "make the tool from the bound method: tool(thing.method)")
        case _ if parameter.annotation is inspect.Parameter.empty:
            raise cannot(fn, f"parameter {name!r} has no type hint", f"add one, for example `{name}: str`")
        case _:
            return


def cannot(fn: Callable[..., Any], problem: str, cure: str) -> TypeError:
    """The error for a function that cannot be a tool: what is wrong with it, and the cure."""
    return TypeError(f"{getattr(fn, '__qualname__', repr(fn))}() cannot be a tool: {problem}; {cure}")


def _is_context(hint: Any, context: type | None) -> bool:
    if get_origin(hint) is Annotated:
        return _is_context(get_args(hint)[0], context)
    members = [arg for arg in get_args(hint) if arg is not NoneType] if _is_union(hint) else [hint]
    return context is not None and members == [context]


def _is_union(hint: Any) -> bool:
    return get_origin(hint) is Union or isinstance(hint, type(int | str))


def _marks(hint: Any, seen: set[int]) -> Iterator[object]:
    """Every type and every piece of `Annotated` metadata inside a hint."""
    if id(hint) in seen:
        return
    seen.add(id(hint))
    yield hint
    for inner in (*get_args(hint), *getattr(hint, "__metadata__", ()), *_field_hints(hint)):
        yield from _marks(inner, seen)


def _field_hints(hint: Any) -> Iterable[Any]:
    """The types of a class's fields; a name that cannot be resolved is reported where the schema is built."""
    if isinstance(hint, FieldInfo):
        return (hint.annotation, *hint.metadata)
    if isinstance(hint, type):
        return _fields_of_class(hint)
    return (hint.__value__,) if hasattr(hint, "__value__") else ()  # a `type` alias of Python 3.12


def _fields_of_class(kind: type[Any]) -> Iterable[Any]:
    if issubclass(kind, BaseModel):
        return kind.model_fields.values()
    if dataclasses.is_dataclass(kind) or hasattr(kind, "__total__"):  # __total__: a TypedDict, of either module
        with contextlib.suppress(NameError):
            return get_type_hints(kind, include_extras=True).values()
    return ()
