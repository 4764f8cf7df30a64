"""Modules and functions stay small."""

from __future__ import annotations

import ast
from pathlib import Path

from .tree import ROOT, demand_none, grow, modules

LINES_OF_A_MODULE = 400
LINES_OF_A_FUNCTION = 60


def large_modules(root: Path) -> list[str]:
    sizes = [(module.name, len(module.text.splitlines())) for module in modules(root)]
    return [f"{name}: {size} lines" for name, size in sizes if size > LINES_OF_A_MODULE]


def large_functions(root: Path) -> list[str]:
    return [
        f"{module.name}.{node.name}: {size} lines"
        for module in modules(root)
        for node in module.nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > LINES_OF_A_FUNCTION
    ]


def test_modules_are_small() -> None:
    """A module holds one idea; past 400 lines it holds two."""
    demand_none(large_modules(ROOT))


def test_functions_are_small() -> None:
    """A function can be read at one glance."""
    demand_none(large_functions(ROOT))


def test_the_gates_can_fail(tmp_path: Path) -> None:
    """A module of 401 lines and a function of 61 are named, ones at the limit are not."""
    grow(
        tmp_path,
        {
            "massgen_core/fits.py": "\n" * 400,
            "massgen_core/long.py": "\n" * 401,
            "massgen_core/deep.py": "def fits():\n" + "    pass\n" * 59 + "async def deep():\n" + "    pass\n" * 60,
        },
    )
    assert large_modules(tmp_path) == ["massgen_core.long: 401 lines"]
    assert large_functions(tmp_path) == ["massgen_core.deep.deep: 61 lines"]
