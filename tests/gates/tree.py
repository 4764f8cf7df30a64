"""The repository as the gates see it: distributions, modules, imports."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One pyproject.toml and the packages beside it."""

    folder: Path
    project: dict[str, Any]

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return self.project["name"]

    @property
    def package(self) -> Path:
        """The folder of its import package."""
        return self.folder / self.name.replace("-", "_")

    @property
    def modules(self) -> list[Module]:
        """Every module in the package."""
        return [Module(path=path, folder=self.folder) for path in sorted(self.package.rglob("*.py"))]

    @property
    def requirements(self) -> list[str]:
        """What it depends on, what its extras bring included."""
        extras = self.project.get("optional-dependencies", {}).values()
        return [*self.project["dependencies"], *(requirement for extra in extras for requirement in extra)]

    def entry_points(self, group: str) -> dict[str, str]:
        """Names and targets of one group."""
        return self.project.get("entry-points", {}).get(group, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file; ``folder`` is the distribution's."""

    path: Path
    folder: Path

    @property
    def name(self) -> str:
        """The dotted name."""
        parts = self.path.relative_to(self.folder).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    @property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @property
    def nodes(self) -> Iterator[ast.AST]:
        """Every node of the source."""
        return ast.walk(ast.parse(self.text, str(self.path)))

    @property
    def imports(self) -> set[str]:
        """Dotted names of all absolute imports, late ones and those for types too."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Call) and (name := _by_name(node)):
                found.add(name)
        return found


def _by_name(call: ast.Call) -> str | None:
    """What ``import_module("a.b")`` imports: how libraries without types are taken."""
    is_import = ast.unparse(call.func) in ("import_module", "importlib.import_module")
    name = call.args[0] if is_import and call.args else None
    return name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None


def distributions(root: Path) -> list[Distribution]:
    """The core, then the plugins."""
    files = [root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))]
    return [Distribution(folder=file.parent, project=tomllib.loads(file.read_text())["project"]) for file in files]


def modules(root: Path) -> list[Module]:
    """Every module that is shipped."""
    return [module for distribution in distributions(root) for module in distribution.modules]


def demand_none(problems: list[str]) -> None:
    """Fail with every problem on a line of its own."""
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def grow(root: Path, files: dict[str, str]) -> Path:
    """Write a small tree: a core, and the files given."""
    basis = {"pyproject.toml": '[project]\nname = "massgen-core"\nversion = "1.0"\ndependencies = ["pluggy>=1"]\n'}
    for name, text in {**basis, **files}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


PLUGIN = '[project]\nname = "massgen-toy"\nversion = "1.0"\ndependencies = ["massgen-core>=1,<2"]\n'
"""The pyproject.toml of a plugin in a small tree."""
