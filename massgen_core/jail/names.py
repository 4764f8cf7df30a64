"""Names of files as text: any bytes, in a form that a model can read and give back."""

from __future__ import annotations

import re

_ESCAPES = {ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r", ord('"'): '\\"', ord("\\"): "\\\\"}
_BACK = {written[1]: bytes([code]) for code, written in _ESCAPES.items()}
_ESCAPED = re.compile(r'\\([ntr"\\]|[0-3][0-7]{2})')


def shown(path: bytes) -> str:
    """A path as text; one with control characters or bytes that are no UTF-8 in quotes, as git writes those.

    `git config core.quotePath false` is how other characters are treated.
    """
    try:
        text = path.decode()
    except UnicodeDecodeError:
        return _quoted(path)
    return text if text.isprintable() and not text.startswith('"') else _quoted(path)


def meant(text: str) -> bytes:
    """The path that a text stands for.

    Raises:
        ValueError: It begins with a quote and does not go on like one that was `shown`, or holds a NUL.
    """
    path = _unquoted(text) if text.startswith('"') else text.encode("utf-8", "surrogateescape")
    if b"\0" in path:
        raise ValueError("a path cannot hold a NUL")
    return path


def _quoted(path: bytes) -> str:
    text = path.decode("utf-8", "surrogateescape")
    return f'"{"".join(_escaped(letter) for letter in text)}"'


def _escaped(letter: str) -> str:
    code = ord(letter)
    if code in _ESCAPES:
        return _ESCAPES[code]
    if letter.isprintable():
        return letter
    return "".join(f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape"))


def _unquoted(text: str) -> bytes:
    inner = text[1:-1]
    if len(text) < 2 or not text.endswith('"') or re.search(r'["\\]', _ESCAPED.sub("", inner)):
        raise ValueError('a name in quotes is written as git does: "a\\nb", "\\377"')
    found, at = bytearray(), 0
    for match in _ESCAPED.finditer(inner):
        found += inner[at : match.start()].encode("utf-8", "surrogateescape")
        word = match[1]
        found += _BACK.get(word) or bytes([int(word, 8)])
        at = match.end()
    return bytes(found + inner[at:].encode("utf-8", "surrogateescape"))
