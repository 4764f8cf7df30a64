"""A file is skipped early only where nothing in it could match, whatever its encoding and line ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from workspace_calls import CallNow, tools_now

PIECES = st.sampled_from(["abc", "ab", "c", "é", "x+y", ".", "\n", "\r\n", "(", "K", "ABC", "a{2}", "aa", "0", "\t"])
EXPRESSIONS = st.sampled_from(
    [
        *("abc", "ab+c", "abc?", "(abc)", "abc|é", "[a]bc", r"x\+y", r"abc\b", r"\x61bc", "a{2}", "a{2", "(?i)abc"),
        *("é+abc", "abc.", "(?:abc)*K", "abc{0}", "ab{1}c", r"aa\d", "^abc$", r"(a)\1", "(?x)a b c", "abc(?=K)", "a.c"),
    ]
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    work = tmp_path_factory.mktemp("needed") / "work"
    work.mkdir()
    return work / "f"


@pytest.fixture(scope="module")
def call(file: Path) -> Iterator[CallNow]:
    with tools_now(file.parent) as call:
        yield call


@given(
    st.lists(PIECES, max_size=8).map("".join),
    st.one_of(st.tuples(EXPRESSIONS, st.just(False)), st.tuples(PIECES, st.just(True))),
    st.sampled_from([("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("latin-1", b"")]),
    st.booleans(),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_many_are_found_as_there_are(
    call: CallNow, file: Path, text: str, wanted: tuple[str, bool], encoding: tuple[str, bytes], ignore_case: bool
) -> None:
    name, mark = encoding
    (pattern, literal), data = wanted, mark + text.encode(name)
    file.write_bytes(data)
    if name == "latin-1" and not text.isascii():
        text = data.decode("latin-1")  # as every file is read that is no UTF-8
    flags = re.IGNORECASE if ignore_case else 0
    flags |= re.MULTILINE if literal and "\n" in pattern else 0
    compiled = re.compile(re.escape(pattern.replace("\r\n", "\n")) if literal else pattern, flags)
    plain = text.replace("\r\n", "\n")
    parts = [plain] if flags & re.MULTILINE else plain.split("\n")
    found = call("replace_in_files", pattern=pattern, replacement="!", literal=literal, ignore_case=ignore_case)
    assert not found.is_error, found.text
    assert found.structured["count"] == sum(len(compiled.findall(part)) for part in parts)
