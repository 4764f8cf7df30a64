"""Any name can be shown as text, and is meant by that text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.jail.names import meant, shown

NAMES = st.binary(min_size=1, max_size=30).filter(lambda name: b"\0" not in name)


@given(NAMES)
def test_every_name_comes_back(name: bytes) -> None:
    text = shown(name)
    assert meant(text) == name
    assert text.isprintable()
    text.encode()


@given(NAMES, NAMES)
def test_no_two_names_look_alike(one: bytes, other: bytes) -> None:
    assert (shown(one) == shown(other)) == (one == other)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (b"src/a.py", "src/a.py"),
        ("süß 文件".encode(), "süß 文件"),
        (b"a\nb", '"a\\nb"'),
        (b"\xff", '"\\377"'),
        (b'"x"', '"\\"x\\""'),
        (b"a\\b", "a\\b"),
    ],
)
def test_plain_names_stay_plain(name: bytes, text: str) -> None:
    assert shown(name) == text


@pytest.mark.parametrize("text", ['"', '"a', '"a"b"', '"\\x41"', '"\\8"', "a\0b", '"\\000"'])
def test_what_stands_for_no_name(text: str) -> None:
    with pytest.raises(ValueError, match="path|quotes"):
        meant(text)
