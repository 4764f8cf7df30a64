"""Names lead where they say: exports, entry points, the error tree, versions."""

from __future__ import annotations

import ast
import importlib
import re
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from massgen_core import errors

from .tree import PLUGIN, ROOT, Distribution, Module, demand_none, distributions, grow, modules

CORE = distributions(ROOT)[0]


def typed_exports(module: Module) -> dict[str, str]:
    """Names that a package re-exports to type checkers, and where from."""
    body = [node for node in ast.parse(module.text).body if isinstance(node, ast.If)]
    imports = [node for block in body for node in block.body if isinstance(node, ast.ImportFrom) and node.module]
    return {alias.name: str(node.module) for node in imports for alias in node.names if alias.asname == alias.name}


def lying_exports(module: ModuleType, typed: dict[str, str]) -> list[str]:
    """Names that type checkers see and the interpreter does not give, or the other way round."""
    lazy: dict[str, str] = getattr(module, "_HOME_OF", {})
    absent = [name for name, home in typed.items() if not _is_from(module, name, home)]
    hidden = [name for name in typed if name not in dir(module)]
    listed = set(getattr(module, "__all__", typed))
    return sorted({*absent, *hidden, *(typed.keys() ^ lazy.keys()), *(typed.keys() ^ listed)})


def _is_from(module: ModuleType, name: str, home: str) -> bool:
    value = getattr(module, name, None)
    return value is not None and value is getattr(importlib.import_module(home), name, None)


def drawn_tree(docstring: str) -> dict[str, str | None]:
    """Each class in a drawing, with the class that it hangs from."""
    found: dict[str, str | None] = {}
    above: list[str] = []
    for branch, name in re.findall(r"^((?:[│ ]   |[├└]── )*)([A-Z]\w*)(?=\s{2,}|$)", docstring, re.MULTILINE):
        depth = len(branch) // 4
        del above[depth:]
        found[name] = above[-1] if above else None
        above.append(name)
    return found


def defined_tree(module: ModuleType, root: type) -> dict[str, str | None]:
    """Each error class in a module, with its base."""
    classes = [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, root)]
    return {each.__name__: None if each is root else str(each.__base__.__name__) for each in classes if each.__base__}


def refused_versions(root: Path) -> list[str]:
    """Plugins whose range does not admit the core beside them."""
    core, *plugins = distributions(root)
    wanted = [(plugin.name, Requirement(text)) for plugin in plugins for text in plugin.project["dependencies"]]
    return [
        f"{name} wants {requirement}, the core is {core.project['version']}"
        for name, requirement in wanted
        if requirement.name == core.name and not requirement.specifier.contains(core.project["version"])
    ]


@pytest.mark.parametrize("module", [each for each in modules(ROOT) if typed_exports(each)], ids=lambda each: each.name)
def test_exports(module: Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a package exports is the same for type checkers, for `dir()` and for the interpreter."""
    for distribution in distributions(ROOT):
        monkeypatch.syspath_prepend(distribution.folder)
    demand_none(lying_exports(importlib.import_module(module.name), typed_exports(module)))


def test_the_error_tree() -> None:
    """The tree at the top of errors.py is the tree of classes below it."""
    assert errors.__doc__
    assert drawn_tree(errors.__doc__) == defined_tree(errors, errors.MassgenError)


@pytest.mark.parametrize("distribution", distributions(ROOT), ids=lambda each: each.name)
def test_entry_points(distribution: Distribution, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every console script and entry point leads to a module and an object that are there."""
    monkeypatch.syspath_prepend(distribution.folder)
    groups = [distribution.project.get("scripts", {}), *distribution.project.get("entry-points", {}).values()]
    for target in (target for group in groups for target in group.values()):
        name, _, attribute = target.partition(":")
        module = importlib.import_module(name)
        assert not attribute or callable(getattr(module, attribute)), target


def test_versions() -> None:
    """The installed version is the tree's, the changelog knows it, and every plugin admits it."""
    assert version("massgen-core") == CORE.project["version"]
    assert f"## [{CORE.project['version']}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    demand_none(refused_versions(ROOT))


def test_the_gates_can_fail(tmp_path: Path) -> None:
    """A wrong export, a wrong drawing and a range that excludes the core are named."""
    grow(tmp_path, {"plugins/toy/pyproject.toml": PLUGIN.replace("<2", "<0.9")})
    assert refused_versions(tmp_path) == ["massgen-toy wants massgen-core<0.9,>=1, the core is 1.0"]
    assert lying_exports(errors, {"Stage": "typing"}) == ["Stage"]
    assert drawn_tree("A\n├── B   words\n│   └── C\n└── D") == {"A": None, "B": "A", "C": "B", "D": "A"}
