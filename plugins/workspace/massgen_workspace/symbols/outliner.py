"""Outline the files that come in over stdin: a program of its own, which may be ended, or end, by what it reads.

    python -I outliner.py

Each file is `LANGUAGE LENGTH` on a line and then its bytes; the answer is one line of JSON: a list of definitions, each
as [kind, name, first line, last line, first byte, byte behind it, signature], or a text that says what is wrong.
"""

from __future__ import annotations

import ast
import json
import sys
from functools import cache
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, TypeAlias

    Definition: TypeAlias = tuple[str, str, int, int, int, int, str]

MOST = 5000
LONGEST_SIGNATURE = 200


def outline(language: str, data: bytes) -> list[Definition]:
    """The definitions of a file, in order."""
    try:
        found = by_grammar(language, data)
    except ImportError:
        if language != "python":
            raise
        found = by_ast(data)
    return sorted(found, key=lambda each: (each[4], -each[5]))[:MOST]


def library() -> Any:
    """tree-sitter, which need not be there."""
    return import_module("tree_sitter")


@cache
def grammar(language: str) -> tuple[Any, Any]:
    """The parser of a language, and the query for its tags that its package brings."""
    tree_sitter = library()
    module = import_module(f"tree_sitter_{'typescript' if language == 'tsx' else language}")
    special = {"typescript": "language_typescript", "tsx": "language_tsx", "php": "language_php"}
    own = tree_sitter.Language(getattr(module, special.get(language, "language"))())
    tags: str = module.TAGS_QUERY
    if language in ("typescript", "tsx"):
        tags = import_module("tree_sitter_javascript").TAGS_QUERY + tags
    return tree_sitter.Parser(own), tree_sitter.Query(own, tags)


def by_grammar(language: str, data: bytes) -> list[Definition]:
    """By the language's grammar, whatever is wrong with the file."""
    parser, query = grammar(language)
    tree = parser.parse(data)
    found: dict[tuple[int, int], Definition] = {}
    for _, captured in library().QueryCursor(query).matches(tree.root_node):
        names = captured.get("name")
        for capture, nodes in captured.items():
            kind = kind_of(language, capture)
            if kind is None or not names:
                continue
            node = whole(nodes[0])
            name = names[0].text.decode("utf-8", "replace")
            key = (node.start_byte, node.end_byte)
            if key not in found or kind == "method":
                lines = (node.start_point[0] + 1, node.end_point[0] + 1)
                found[key] = (kind, name, *lines, *key, signature(data, node.start_byte))
    return list(found.values())


def whole(node: Any) -> Any:
    """A definition with its body: in C it is what has a declarator."""
    while node.type.endswith("declarator") and node.parent.type.endswith(("declarator", "_definition")):
        node = node.parent
    return node


def kind_of(language: str, capture: str) -> str | None:
    """What a capture stands for; None where it is no definition."""
    if capture.startswith("definition."):
        return capture.partition(".")[2]
    return "implementation" if (language, capture) == ("rust", "reference.implementation") else None


def by_ast(data: bytes) -> list[Definition]:
    """By Python's own parser, which takes no file with an error in it."""
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    return list(definitions(ast.parse(data), data, starts, within_class=False))


def definitions(node: ast.AST, data: bytes, starts: list[int], *, within_class: bool) -> Iterator[Definition]:
    """Classes and functions, and those within them."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from definitions(child, data, starts, within_class=within_class)
            continue
        is_class = isinstance(child, ast.ClassDef)
        kind = "class" if is_class else "method" if within_class else "function"
        start = starts[child.lineno - 1] + child.col_offset
        last = child.end_lineno or child.lineno
        end = starts[last - 1] + (child.end_col_offset or 0)
        yield kind, child.name, child.lineno, last, start, end, signature(data, start)
        yield from definitions(child, data, starts, within_class=is_class)


def signature(data: bytes, start: int) -> str:
    """The line on which a definition begins; what stands before it there belongs to it."""
    line = data.rfind(b"\n", max(0, start - LONGEST_SIGNATURE), start) + 1
    if line and not any(sign in data[line:start] for sign in b"{};"):
        start = line
    end = data.find(b"\n", start, start + 4 * LONGEST_SIGNATURE)
    text = data[start : end if end >= 0 else start + 4 * LONGEST_SIGNATURE].decode("utf-8", "replace").strip()
    return text[:LONGEST_SIGNATURE]


def answer(language: str, data: bytes) -> list[Definition] | str:
    """The definitions, or what is wrong."""
    try:
        return outline(language, data)
    except (SyntaxError, ValueError, ImportError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"
    except (RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: it is nested too deep"


def main() -> None:
    """File after file, until there is no more."""
    while header := sys.stdin.buffer.readline():
        language, length = header.decode("ascii").split()
        found = answer(language, sys.stdin.buffer.read(int(length)))
        sys.stdout.write(json.dumps(found) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
