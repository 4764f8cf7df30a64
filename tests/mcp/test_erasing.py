"""Secrets are struck out of whatever a server sends, however it is written down."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from mcp.types import JSONRPCResponse

from massgen_core.mcp.erasing import MARK, SHORTEST, Eraser
from massgen_core.mcp.wire import parse_message

SECRET = st.text(st.characters(exclude_categories=["Cs"]), min_size=SHORTEST, max_size=30).filter(
    lambda text: len(text.strip()) >= SHORTEST and not text.strip().isalpha() and not text.strip().isdecimal()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def planted(value: Any, text: str) -> Any:
    """The value with a text put into each of its strings and names."""
    match value:
        case str():
            return f"{value}<{text}>{value}"
        case dict():
            return {f"{key}<{text}>": planted(item, text) for key, item in value.items()}
        case list():
            return [planted(item, text) for item in value]
        case _:
            return value


def strings(value: Any) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for key, item in value.items() for text in (key, *strings(item))]
        case list():
            return [text for item in value for text in strings(item)]
        case _:
            return []


def received(line: str, *secrets: str) -> Any:
    message = parse_message(line.encode(), Eraser(secrets=secrets))
    assert isinstance(message, JSONRPCResponse)
    return message.result


def answer(result: Any, *, ascii_only: bool = False) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"x": result}}, ensure_ascii=ascii_only)


@given(secret=SECRET, value=JSON, ascii_only=st.booleans())
def test_no_message_keeps_a_secret(secret: str, value: Any, ascii_only: bool) -> None:
    """In texts and in members' names, however deep, in either way to write JSON; the rest is as it was."""
    assume(secret.strip() not in MARK)
    result = received(answer(planted(value, secret), ascii_only=ascii_only), secret)
    assert not any(secret.strip() in text for text in strings(result))
    clean = received(answer(planted(value, secret.replace(secret.strip(), MARK))))
    assert result == clean or any(MARK in text for text in strings(result))


@given(secret=SECRET, value=JSON)
def test_what_holds_no_secret_is_not_touched(secret: str, value: Any) -> None:
    """A message without it is relayed to the letter."""
    assert received(answer(value), secret) == {"x": value}


@given(secret=SECRET)
def test_a_secret_inside_other_forms_is_found(secret: str) -> None:
    """JSON in a text, and an address with a query, are where servers quote their tokens most."""
    bare = secret.strip()
    eraser = Eraser(secrets=[secret])
    address = f"https://x/?key={quote(bare, safe='')}&b"
    for form in (json.dumps({"a": bare}), json.dumps({"a": bare}, ensure_ascii=False), address):
        assert MARK in eraser.text(form)
        assert MARK in received(answer(form), secret)["x"]


def test_escapes_that_need_not_be_hide_nothing() -> None:
    """Each character may be written in two ways, a slash in three."""
    assert received(answer("?bc-12345").replace("?", "\\u0061"), "abc-12345") == {"x": MARK}
    assert received(answer("j?k-12345").replace("?", "\\u002F"), "j/k-12345") == {"x": MARK}
    assert received(answer("ab?c-12345").replace("?", "\\/"), "ab/c-12345") == {"x": MARK}


@given(secret=SECRET, before=st.binary(max_size=8), after=st.binary(max_size=8), safe=st.booleans())
def test_a_secret_inside_base64_is_found(secret: str, before: bytes, after: bytes, safe: bool) -> None:
    """A header `Basic` holds a user before the secret; at most one character of it on either side is left to guess."""
    bare = secret.strip().encode()
    encode = base64.urlsafe_b64encode if safe else base64.b64encode
    text = encode(before + bare + after).decode()
    left = Eraser(secrets=[secret]).text(text)
    assert MARK in left
    assert len(left.replace(MARK, "")) <= len(encode(before)) + len(encode(after)) + 4


def test_the_longest_goes_first() -> None:
    """A secret that is part of another leaves nothing of it."""
    assert Eraser(secrets=["token-12", "token-1234"]).text("a token-1234, a token-12") == f"a {MARK}, a {MARK}"


@pytest.mark.parametrize(
    ("value", "in_texts", "in_messages"),
    [
        ("short-1", False, False),
        ("password", True, False),
        ("12345678", True, False),
        ("PASSWORD", True, False),
        ("passWord", True, True),
        ("passw0rd", True, True),
        ("correcthorsebattery", True, True),
        ("1234567890123456", True, True),
    ],
)
def test_what_is_too_plain_stays(value: str, in_texts: bool, in_messages: bool) -> None:
    """Short values stay everywhere, plain words in messages, where they name things."""
    eraser = Eraser(secrets=[value])
    assert (value not in eraser.text(f"a {value}")) == in_texts
    line = json.dumps(value).encode()
    assert (eraser.message(line, value) == MARK) == in_messages


def test_values_of_variables_stay_in_messages() -> None:
    """A setting in `env` may be anything that tools speak of."""
    eraser = Eraser(["http://localhost:8080"])
    assert eraser.text("at http://localhost:8080") == f"at {MARK}"
    assert eraser.message(b'"http://localhost:8080"', "http://localhost:8080") == "http://localhost:8080"


def test_an_eraser_does_not_show_what_it_knows() -> None:
    """It stands in frames that a traceback may print with their variables."""
    assert "s3cret" not in repr(Eraser(["s3cret-value"], secrets=["s3cret-other"]))
