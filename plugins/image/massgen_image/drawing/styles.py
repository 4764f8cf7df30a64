"""CSS in drawings, read strictly: known properties with plain values, and selectors without conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from massgen_image.drawing.allowed import PROPERTIES

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SELECTOR = re.compile(r"[\w\s.#>,:*\-]{1,500}")
_REFERENCE = re.compile(r"url\(\s*['\"]?#([\w.:-]{1,200})['\"]?\s*\)")
_FUNCTIONS = frozenset(
    [
        "rgb",
        "rgba",
        "hsl",
        "hsla",
        "matrix",
        "translate",
        "translatex",
        "translatey",
        "scale",
        "scalex",
        "scaley",
        "rotate",
        "skewx",
        "skewy",
    ]
)
_CALL = re.compile(r"([\w-]+)\(")
_PLAIN = re.compile(r"[\w\s.,%#+'\"()/-]*")


def references(value: str) -> list[str]:
    """The ids that a value points to by ``url(#id)``."""
    return _REFERENCE.findall(value)


def plain_value(value: str) -> bool:
    """Whether a value is made of words, numbers, colours, transforms and references within the drawing."""
    rest = _REFERENCE.sub("", value)
    if not _PLAIN.fullmatch(rest):
        return False
    return all(name.lower() in _FUNCTIONS for name in _CALL.findall(rest))


def declarations(text: str, dropped: Callable[[str], None]) -> Iterator[tuple[str, str]]:
    """The properties of a ``style`` that may stay; what may not is named."""
    for part in _COMMENT.sub("", text).split(";"):
        name, colon, value = part.partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        important = value.removesuffix("!important").strip()
        if name in PROPERTIES and plain_value(important):
            yield name, important
        else:
            dropped(f"the style {name[:40] or part.strip()[:40]!r}")


def stylesheet(text: str, dropped: Callable[[str], None]) -> str:
    """A ``<style>`` with what may stay of it; no ``@`` rules at all."""
    kept: list[str] = []
    for rule in _COMMENT.sub("", text).split("}"):
        before, brace, body = rule.partition("{")
        selector = before.rpartition(";")[2].strip()
        if "@" in before:
            dropped("@ rules of the style sheet")
        if not brace or "@" in selector:
            continue
        if "{" in body or not _SELECTOR.fullmatch(selector):
            dropped(f"the style rule {selector[:40]!r}")
            continue
        inside = ";".join(f"{name}:{value}" for name, value in declarations(body, dropped))
        kept.append(f"{selector}{{{inside}}}")
    return "\n".join(kept)
