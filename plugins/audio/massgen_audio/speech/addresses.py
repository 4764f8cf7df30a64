"""Addresses of the web and of mail, as people read them aloud in English."""

import re

_ADDRESS = re.compile(
    r"(?:(?:https?|ftp)://|www\.)[^\s<>\"]+"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<![\w.@])(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|dev|ai|co|uk|de|fr|eu|info)(?:/[^\s<>\"]*)?(?!\w)",
    re.IGNORECASE,
)
_ENDING = ".,;:!?)]}'"

_SIGNS = {
    ".": "dot",
    "/": "slash",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "_": "underscore",
    "-": "dash",
    ":": "colon",
    "#": "hash",
    "%": "percent",
    "@": "at",
    "~": "tilde",
    "+": "plus",
}


def read_aloud(text: str) -> str:
    """The text with each address in words: "example.com/a" becomes "example dot com slash a"."""
    return _ADDRESS.sub(lambda found: _words(found[0]), text)


def _words(address: str) -> str:
    bare = address.rstrip(_ENDING)
    scheme, separator, rest = bare.rpartition("://")
    said = "".join(f" {_SIGNS[each]} " if each in _SIGNS else each for each in rest)
    start = f"{scheme} " if separator else ""
    return " ".join(f"{start}{said}".split()) + address[len(bare) :]
