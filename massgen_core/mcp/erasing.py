"""Secrets struck out of what a server says, so that they reach neither agents nor logs."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, cast
from urllib.parse import quote

MARK = "***"

SHORTEST = 8
"""Characters of the shortest value that is struck out: a shorter one is a switch, a number, or any word."""

_SURELY_NO_WORD = 16
_URL_SAFE = str.maketrans("+/", "-_")


class Eraser:
    """Strikes values out of texts and messages; it never shows what it knows.

    A value is found as it is, as JSON writes it, percent-encoded, and inside Base64. Out of a text for people (the
    last of stderr, say) it strikes everything it was given. Out of messages it strikes only ``secrets``, wherever they
    stand: results, errors, progress, log messages, lists of tools, members' names too.

    A server that holds a secret may send it in another guise and cannot be stopped that way; what this stops is an
    honest server that quotes its token, and a host that sends back the headers it got.

    Looking costs one or two milliseconds for each MiB and secret; a message is walked through only where one may be.

    A secret that could be a plain word (``password``, ``12345678``) is left in messages: striking it would break the
    names that tools give their arguments, and hide nothing that could not be guessed.
    """

    def __init__(self, values: Collection[str] = (), *, secrets: Collection[str] = ()) -> None:
        self._values = _guises([*values, *secrets])
        self._secrets = _guises(secret for secret in secrets if not _is_plain_word(secret.strip()))
        self._forms = [_in_json(guise).encode() for guise in self._secrets]

    def text(self, text: str) -> str:
        """A text without any of the values."""
        return _struck(text, self._values)

    def message(self, line: bytes, value: Any) -> Any:
        """The JSON value that a line holds, without secrets; the line tells at once where there are none."""
        return self._without(value) if self._may_hold(line) else value

    def _may_hold(self, line: bytes) -> bool:
        """Whether a secret could be in a line of JSON: as it is written there, or behind escapes that need not be."""
        if not self._forms:
            return False
        return any(form in line for form in self._forms) or b"\\u" in line or b"\\/" in line

    def _without(self, value: Any) -> Any:
        match value:
            case str():
                return _struck(value, self._secrets)
            case dict():
                members = cast("dict[str, Any]", value)
                return {_struck(key, self._secrets): self._without(item) for key, item in members.items()}
            case list():
                return [self._without(item) for item in cast("list[Any]", value)]
            case _:
                return value


def _guises(values: Iterable[str]) -> Sequence[str]:
    """All that is struck out for some values, the longest first: one may be part of another."""
    bare = {value for each in values if len(value := each.strip()) >= SHORTEST}
    guises = {guise for value in bare for guise in (value, *_written(value))}
    return sorted(guises, key=len, reverse=True)


def _written(value: str) -> Sequence[str]:
    """A value as it stands in JSON of either kind, in an address, and inside Base64 (a header `Basic`, say)."""
    return _in_json(value), json.dumps(value)[1:-1], quote(value, safe=""), *_in_base64(value.encode())


def _in_base64(data: bytes) -> Iterator[str]:
    """What is sure to stand in the Base64 of anything that holds some bytes, of which three may be cut together."""
    for before in range(3):
        text = b64encode(bytes(before) + data).decode()
        sure = text[(0, 2, 3)[before] : (before + len(data)) * 8 // 6]
        yield from (sure, sure.translate(_URL_SAFE))


def _in_json(text: str) -> str:
    """A text as it stands inside JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _is_plain_word(value: str) -> bool:
    """Whether a value could be anything but a secret: digits alone, or letters alone that are all small or all big."""
    uniform = value.isdecimal() or (value.isalpha() and (value.islower() or value.isupper()))
    return uniform and len(value) < _SURELY_NO_WORD


def _struck(text: str, values: Iterable[str]) -> str:
    if len(text) < SHORTEST:
        return text
    for value in values:
        if value in text:
            text = text.replace(value, MARK)
    return text
