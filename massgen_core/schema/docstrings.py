"""What a tool's docstring says: the description for the model, and one line per parameter."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Docstring:
    """The description before the first section, and what the parameter section says of each parameter."""

    description: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


def docstring_of(fn: Callable[..., Any]) -> Docstring:
    """Read a function's docstring, in Google, NumPy or reST style; the style is recognised."""
    text = inspect.getdoc(fn)
    return _parse(text) if text else Docstring()


def _parse(text: str) -> Docstring:
    from docstring_parser import ParseError, parse

    try:
        parsed = parse(text)
    except ParseError:  # a docstring that is broken for the parser is still one that a model can read
        return Docstring(description=text.strip())
    paragraphs = (parsed.short_description, parsed.long_description)
    return Docstring(
        description="\n\n".join(paragraph.strip() for paragraph in paragraphs if paragraph),
        parameters={p.arg_name: " ".join(p.description.split()) for p in parsed.params if p.description},
    )
