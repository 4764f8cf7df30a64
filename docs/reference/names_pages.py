"""hooks.md, errors.md and api.md: what can be named, from signatures and docstrings."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from prose import first_sentence, page, prose

import massgen_core
from massgen_core import errors, hookspecs, testing
from massgen_core.loading.discovery import GROUP

_HOOKS_INTRODUCTION = f"""\
A plugin is a module named by an entry point in the group `{GROUP}`. It implements at least one of these hooks: a
function of the same name under `@massgen_core.hookimpl`. An argument that a hook does not need may be left out.
"""
_ERRORS_INTRODUCTION = """\
Everything that is raised on purpose is a `MassgenError`. A failed *call* is not raised: it is a
[`ToolResult`](api.md#toolresult) with `is_error` set, and `raise_for_error()` makes an exception of it.
"""
_API_INTRODUCTION = """\
These names are imported from `massgen_core`, those of the author's kit from `massgen_core.testing`. Other public names
are those that a module without a leading underscore documents.
"""


def hooks_page() -> str:
    """Every hook with its arguments and its docstring."""
    hooks = [value for name, value in vars(hookspecs).items() if name.startswith("massgen_")]
    sections = [f"## {hook.__name__}\n\n{_signature(hook)}\n\n{prose(hook)}" for hook in hooks]
    return page("Hooks", _HOOKS_INTRODUCTION, *sections)


def errors_page() -> str:
    """The tree of errors, and each error."""
    tree = "\n".join(_branch(errors.MassgenError, 0))
    return page("Errors", _ERRORS_INTRODUCTION, tree, *(_error(error) for error in _all(errors.MassgenError)))


def api_page() -> str:
    """Every public name, by the module that it lives in."""
    homes = {f"massgen_core.{home}": names.split() for home, names in massgen_core._HOMES.items()}
    homes["massgen_core.testing"] = list(testing._HOME_OF)
    return page("Python API", _API_INTRODUCTION, *(_module(home, names) for home, names in sorted(homes.items())))


def _branch(error: type[BaseException], depth: int) -> Iterator[str]:
    name = error.__name__
    yield f"{'  ' * depth}- [`{name}`](#{name.lower()}): {first_sentence(error)}"
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _branch(child, depth + 1)


def _all(error: type[BaseException]) -> Iterator[type[BaseException]]:
    yield error
    for child in error.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _all(child)


def _error(error: type[BaseException]) -> str:
    word = vars(error).get("kind")
    kind = f"\n\nIts `kind`, the word in logs and JSON, is `{word}`." if word else ""
    attributes = sorted(_attributes(error))
    kept = "\n\nAttributes: " + ", ".join(f"`{name}`" for name in attributes) if attributes else ""
    return f"## {error.__name__}\n\n{prose(error)}{kind}{kept}"


def _attributes(error: type[BaseException]) -> set[str]:
    return set(re.findall(r"self\.([a-z]\w*)(?:: \w+)? =", inspect.getsource(error)))


def _module(home: str, names: list[str]) -> str:
    module = import_module(home)
    if module is errors:
        entries = "\n".join(f"- [`{name}`](errors.md#{name.lower()})" for name in names)
    else:
        entries = "\n\n".join(_entry(module, name, getattr(module, name)) for name in names)
    return f"## {module.__name__}\n\n{first_sentence(module)}\n\n{entries}"


def _entry(module: ModuleType, name: str, value: Any) -> str:
    if not inspect.isclass(value) and not inspect.isfunction(value):
        return f"### {name}\n\n{_constant(module, name)}"
    parts = [f"### {name}", _signature(value) if _is_made_by_readers(value) else "", prose(value)]
    if inspect.isclass(value):
        parts.append("\n".join(_members(value)))
    return "\n\n".join(part for part in parts if part)


def _is_made_by_readers(value: Any) -> bool:
    """Whether the signature says something: functions and value classes, not protocols and models."""
    return inspect.isfunction(value) or dataclasses.is_dataclass(value)


def _members(value: type) -> Iterator[str]:
    for name, member in vars(value).items():
        if name.startswith(("_", "model_")):  # pydantic's own names begin with model_
            continue
        function = member.__func__ if isinstance(member, (classmethod, staticmethod)) else member
        if isinstance(member, property):
            yield f"- `{name}`: {first_sentence(member)}"
        elif inspect.isfunction(function) and function.__doc__:
            yield f"- `{_how(function)}{name}{_arguments(function, method=True)}`: {first_sentence(function)}"


def _signature(value: Any) -> str:
    return f"`{_how(value)}{value.__name__}{_arguments(value)}`"


def _how(value: Any) -> str:
    """The keyword that a caller writes before it."""
    function = inspect.unwrap(value)
    if inspect.isasyncgenfunction(function):
        return "async with "
    return "await " if inspect.iscoroutinefunction(function) else ""


def _arguments(value: Any, *, method: bool = False) -> str:
    signature = inspect.signature(value)
    parameters = [_plain(parameter) for parameter in signature.parameters.values()]
    returns = _Words.of(signature.return_annotation)
    if inspect.isclass(value) or _how(value) == "async with ":
        returns = inspect.Signature.empty
    return str(signature.replace(parameters=parameters[1:] if method else parameters, return_annotation=returns))


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter that reads as in the source, on every Python."""
    simple = (str, int, float, tuple, type(None))
    absent = parameter.default is inspect.Parameter.empty
    default = parameter.default if absent or isinstance(parameter.default, simple) else _Words("...")
    return parameter.replace(annotation=_Words.of(parameter.annotation), default=default)


class _Words:
    """Text that stands in a signature without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of(cls, annotation: Any) -> Any:
        """An annotation as it is written; one that is no text already stays."""
        return cls(annotation) if isinstance(annotation, str) else annotation

    def __repr__(self) -> str:
        return self._text


def _constant(module: ModuleType, name: str) -> str:
    """A constant's value and the words under it, as they stand in its module."""
    found = re.search(rf'^{name}\b[^=\n]*= (.*)\n(?:"""([^"]*)""")?', inspect.getsource(module), re.MULTILINE)
    if not found:
        return ""
    return f"`{found[1]}`" + (f"\n\n{found[2]}".replace("``", "`") if found[2] else "")
