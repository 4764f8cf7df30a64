"""One pattern as in gitignore(5): what it means, as an expression and, where that does, as a plain piece of a name.

Patterns come from whoever wrote a tree: some are none, and some would take for ever to compare.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_STARS = re.compile(r"\*+")
_MOST_STARS = 3
"""In one name, and of those that stand for any number of folders: each one more multiplies the time of a comparison."""

_TOKEN = re.compile(r"\\(?P<escaped>.)|(?P<class>\[[!^]?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\])|(?P<plain>.)", re.DOTALL)
_IN_CLASS = re.compile(r"\[:(?P<named>\w+):\]|\\(?P<escaped>.)|(?P<plain>.)", re.DOTALL)
_NAMED = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \\t",
    "digit": "0-9",
    "lower": "a-z",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_NOT_PLAIN = re.compile(r"[*?\[\]\\/]")
_PLAIN = re.compile(r"(?P<before>\*?)(?P<text>[^*?\[\\]+)(?P<after>\*?)")

Shape = Literal["name", "ending", "beginning", "path", "expression"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    """A pattern, taken apart.

    ``text`` is a ``name`` that is meant, its ``ending`` or its ``beginning``, a whole ``path`` from the pattern's own
    folder on, or else an ``expression``: for the name alone where ``by_name``, else for such a path. What it means ends
    with ``ending``, whatever its shape.
    """

    text: str
    shape: Shape
    ending: str
    by_name: bool
    folders_only: bool
    negated: bool


def parsed(line: str) -> Glob | None:
    """The pattern that a line holds; None for a comment or nothing.

    Raises:
        ValueError: It makes no sense, or would take too long to compare.
    """
    pattern = _without_spaces(line)
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    pattern = pattern.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    by_name = "/" not in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    _demand_cheap(pattern)
    shape, text = _shape(pattern, by_name=by_name)
    ending = _NOT_PLAIN.split(pattern)[-1]
    return Glob(text=text, shape=shape, ending=ending, by_name=by_name, folders_only=folders_only, negated=negated)


def expression(pattern: str) -> str:
    """A pattern as an expression of `re`, for a whole path or name. Raises `ValueError` where it makes no sense."""
    found = "".join(_parts(pattern)) + r"\Z"
    try:
        re.compile(found)
    except re.error as error:
        raise ValueError(str(error)) from error
    return found


def _shape(pattern: str, *, by_name: bool) -> tuple[Shape, str]:
    plain = _PLAIN.fullmatch(pattern)
    if plain is None or (plain["before"] and plain["after"]):
        return "expression", expression(pattern)
    if not by_name:
        return ("expression", expression(pattern)) if "*" in pattern else ("path", pattern)
    return "ending" if plain["before"] else "beginning" if plain["after"] else "name", plain["text"]


def _parts(pattern: str) -> Iterator[str]:
    """`**` stands for folders where it is a name of its own, else for what `*` does."""
    names = pattern.split("/")
    for at, name in enumerate(names):
        last = at == len(names) - 1
        if name == "**":
            yield "(?s:.+)" if last else "(?s:.*/)?"
        else:
            yield from _of_name(name)
            yield "" if last else "/"


def _of_name(name: str) -> Iterator[str]:
    if len(name) - len(name.rstrip("\\")) & 1:
        raise ValueError("a backslash at its end")
    for token in _TOKEN.finditer(_STARS.sub("*", name)):
        if token["class"]:
            yield f"(?!/){_of_class(token['class'][1:-1])}"
        elif token["escaped"]:
            yield re.escape(token["escaped"])
        elif token["plain"] == "[":
            raise ValueError("a bracket that is not closed")
        else:
            yield {"*": "[^/]*", "?": "[^/]"}.get(token["plain"], re.escape(token["plain"]))


def _of_class(inner: str) -> str:
    negated = inner.startswith(("!", "^"))
    return f"[{'^' if negated else ''}{''.join(_letters(inner[negated:]))}]"


def _letters(inner: str) -> Iterator[str]:
    """What is in brackets: a minus between two letters makes a range, all other signs stand for themselves."""
    for token in _IN_CLASS.finditer(inner):
        between = 0 < token.start() < len(inner) - 1
        if token["named"]:
            if token["named"] not in _NAMED:
                raise ValueError(f"[:{token['named']}:] is no class of letters")
            yield _NAMED[token["named"]]
        elif token["plain"] == "-" and between:
            yield "-"
        else:
            yield re.escape(token["escaped"] or token["plain"])


def _demand_cheap(pattern: str) -> None:
    names = pattern.split("/")
    if names.count("**") > _MOST_STARS or any(len(_STARS.findall(name)) > _MOST_STARS for name in names):
        raise ValueError(f"more than {_MOST_STARS} stars in one name, or so many `**`")


def _without_spaces(line: str) -> str:
    """Spaces at the end count only behind a backslash."""
    bare = line.rstrip("\r\n").rstrip(" ")
    backslashes = len(bare) - len(bare.rstrip("\\"))
    return bare + " " if backslashes & 1 and len(bare) < len(line.rstrip("\r\n")) else bare
