"""Outlines: what is defined where, in several languages, whatever the files are like."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from massgen_workspace.symbols import outline as module
from massgen_workspace.symbols.languages import available, language_of
from massgen_workspace.symbols.outline import NoOutline, Outliner

SOURCES = {
    "a.py": (
        "@mark\nclass A(B):\n    async def m(self):\n        def inner(): pass\n\n\ndef f():\n    return 1\n",
        ["class A 2-4", "A.m 3-4", "A.m.inner 4-4", "f 7-8"],
    ),
    "a.js": ("class A {\n  m() {}\n}\nfunction f() {}\nconst g = () => 1;\n", ["A 1-3", "A.m 2-2", "f 4-4", "g 5-5"]),
    "a.ts": ("interface I { a: string }\nexport class K {\n  m(): void {}\n}\n", ["I 1-1", "K 2-4", "K.m 3-3"]),
    "a.tsx": ("export function F() { return <p>x</p>; }\n", ["F 1-1"]),
    "a.go": ("package a\ntype S struct{}\nfunc (s *S) M() {}\nfunc F() {}\n", ["S 2-2", "M 3-3", "F 4-4"]),
    "a.rs": ("struct S;\nimpl S {\n  fn new() {}\n}\nfn main() {}\n", ["S 1-1", "S 2-4", "S.new 3-3", "main 5-5"]),
    "A.java": ("class A {\n  void m() {}\n  interface I {}\n}\n", ["A 1-4", "A.m 2-2", "A.I 3-3"]),
    "a.c": ("struct s { int a; };\nint f(void) {\n  return 1;\n}\n", ["s 1-1", "f 2-4"]),
    "a.cpp": ("class K {\n  void m() {}\n};\nint f() { return 1; }\n", ["K 1-3", "K.m 2-2", "f 4-4"]),
    "a.rb": ("module M\n class A\n  def m; end\n end\nend\n", ["M 1-5", "M.A 2-4", "M.A.m 3-3"]),
    "a.php": ("<?php\nclass A {\n function m() {}\n}\nfunction f() {}\n", ["A 2-4", "A.m 3-3", "f 5-5"]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_defined(name: str) -> None:
    language = language_of(name)
    assert language is not None
    if not available(language):
        pytest.skip(f"what reads {language} is not installed")
    source, expected = SOURCES[name]
    with Outliner() as outliner:
        found = [f"{each.full} {each.first}-{each.last}" for each in outliner.outline(language, source.encode())]
    assert found == [each.removeprefix("class ") for each in expected]


def test_a_signature_is_the_line_on_which_something_begins() -> None:
    source = b"\nclass A(B):  # why\n    async def m(self, a: int) -> None: ...\n"
    with Outliner() as outliner:
        found = [each.signature for each in outliner.outline("python", source)]
    assert found == ["class A(B):  # why", "async def m(self, a: int) -> None: ..."]


def test_without_grammars_python_is_read_by_its_own_parser() -> None:
    source = SOURCES["a.py"][0].encode()
    sys.path.insert(0, str(Path(module.__file__).parent))
    try:
        import outliner  # pyright: ignore[reportMissingImports]
    finally:
        sys.path.pop(0)
    found = [(kind, name, first) for kind, name, first, *_ in outliner.by_ast(source)]
    assert found == [("class", "A", 2), ("method", "m", 3), ("function", "inner", 4), ("function", "f", 7)]


@pytest.mark.parametrize("source", [b"(" * 200_000, b"\xff\0\xfe" * 1000, b"def f(" + b"a," * 100_000, b""])
def test_what_is_no_source_harms_nobody(source: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SECONDS", 2.0)
    with Outliner() as outliner:
        with suppress(NoOutline):
            outliner.outline("python", source)
        assert [each.name for each in outliner.outline("python", b"def f(): pass\n")] == ["f"]


def test_a_program_that_is_ended_is_started_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "outliner.py"
    program.write_text("import os, sys\nsys.stdin.buffer.readline()\nos.abort()\n")
    with Outliner() as outliner:
        with monkeypatch.context() as patched:
            patched.setattr(module, "_OUTLINER", program)
            with pytest.raises(NoOutline, match="has ended"):
                outliner.outline("python", b"def f(): pass\n")
        assert [each.name for each in outliner.outline("python", b"def f(): pass\n")] == ["f"]


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "outliner.py"
    program.write_text("import time\ntime.sleep(600)\n")
    monkeypatch.setattr(module, "_OUTLINER", program)
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    before = threading.active_count()
    with Outliner() as outliner, pytest.raises(NoOutline, match="took longer"):
        outliner.outline("python", b"def f(): pass\n")
    assert threading.active_count() <= before


def test_a_call_that_is_over_ends_it() -> None:
    def tick() -> None:
        raise InterruptedError

    with Outliner(tick) as outliner, pytest.raises(InterruptedError):
        outliner.outline("python", b"def f(): pass\n")
