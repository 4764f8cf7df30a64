"""What an engine can do, as data: for the choice between engines, for checks before a job, and for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Modality = Literal["image", "audio", "video", "document"]

SourceType = Literal["trainedAlgorithmicMedia", "algorithmicMedia", "compositeSynthetic", "humanEdits"]
"""How a file came to be, in the words of the IPTC (http://cv.iptc.org/newscodes/digitalsourcetype/)."""

Kind = Literal["string", "integer", "number", "boolean", "strings", "objects"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of an operation: its kind, its bounds, or the words that it may be.

    The names in use are ``size`` (``1024x768``), ``aspect_ratio`` (``16:9``), ``quality``, ``background``, ``style``,
    ``negative_prompt``, ``voice``, ``language``, ``speed``, ``instructions``, ``duration`` (seconds), ``resolution``
    (``720p``), ``fps``, ``timestamps`` and whatever else an engine calls its own.
    """

    kind: Kind = "string"
    choices: Sequence[str] = ()
    minimum: float | None = None
    maximum: float | None = None
    description: str = ""

    def problem(self, value: Any) -> str | None:
        """What is wrong with a value; None where nothing is."""
        if not _IS[self.kind](value):
            return f"{value!r} is no {_WORDS[self.kind]}"
        if self.choices and value not in self.choices:
            return f"{value!r} is none of {', '.join(self.choices)}"
        if self.minimum is not None and value < self.minimum:
            return f"{value!r} is less than {self.minimum:g}"
        if self.maximum is not None and value > self.maximum:
            return f"{value!r} is more than {self.maximum:g}"
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one unit of an operation costs: per ``call``, ``image``, ``second``, ``character``, ``token``, ``page``."""

    amount: float
    per: str
    currency: str = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """One operation of an engine, ``image.generate`` for one.

    ``formats`` are the files it can make, the first one unless another is asked for. ``inputs`` says how many files of
    each role it takes (``image``, ``mask``, ``reference``, ``first_frame``, ``audio`` …). ``longest_prompt`` is in
    characters. ``most`` is how many results one job may have. ``seeded`` means: same request, same seed, same bytes.
    """

    operation: str
    formats: Sequence[str] = ()
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    inputs: Mapping[str, int] = field(default_factory=dict[str, int])
    models: Sequence[str] = ()
    longest_prompt: int | None = None
    most: int = 1
    seeded: bool = False
    price: Price | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """All that an engine can do; ``label`` says in one line what it honestly is.

    ``network`` is whether it sends anything anywhere. ``retired`` maps models that are no more to what to use instead.
    """

    label: str
    abilities: Sequence[Ability]
    source_type: SourceType = "trainedAlgorithmicMedia"
    network: bool = False
    retired: Mapping[str, str] = field(default_factory=dict[str, str])

    def ability(self, operation: str) -> Ability | None:
        """How it does an operation; None where it does not."""
        return next((each for each in self.abilities if each.operation == operation), None)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return json.loads(json.dumps(asdict(self)))


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)  # pyright: ignore[reportUnknownVariableType]


def _is_objects(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, dict) for each in value)  # pyright: ignore[reportUnknownVariableType]


_IS: dict[Kind, Callable[[Any], bool]] = {
    "string": _is_string,
    "integer": _is_integer,
    "number": _is_number,
    "boolean": _is_boolean,
    "strings": _is_strings,
    "objects": _is_objects,
}
_WORDS: dict[Kind, str] = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "strings": "list of texts",
    "objects": "list of objects",
}
