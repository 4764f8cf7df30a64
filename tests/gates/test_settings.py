"""The gates look at everything: no distribution is left out of their settings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .tree import PLUGIN, ROOT, demand_none, distributions, grow

TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
LISTS_OF_PLUGINS = ("The core imports no plugin", "Plugins import only what", "Plugins are independent")


def left_out(root: Path, contracts: Iterable[dict[str, Any]], packages: Iterable[str]) -> list[str]:
    """Plugins that the import contracts do not name."""
    plugins = {distribution.package.name for distribution in distributions(root)[1:]}
    named = {str(contract["name"]): _modules(contract) for contract in contracts}
    absent = {name: plugins - modules for name, modules in named.items() if name.startswith(LISTS_OF_PLUGINS)}
    absent["root_packages"] = plugins - set(packages)
    return sorted(f"{plugin}: {name}" for name, missing in absent.items() for plugin in missing)


def _modules(contract: dict[str, Any]) -> set[str]:
    keys = ("modules", "source_modules", "forbidden_modules")
    return {module for key in keys for module in contract.get(key, ())}


def test_every_plugin_is_under_the_import_contracts() -> None:
    """A new plugin cannot be forgotten in the contracts."""
    linter = TOOLS["importlinter"]
    demand_none(left_out(ROOT, linter["contracts"], linter["root_packages"]))


def test_the_lock_knows_every_dependency() -> None:
    """constraints.txt pins what the distributions declare, with hashes."""
    lock = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9-]+)==\S+.*\\\n +--hash=sha256:", lock, re.MULTILINE))
    declared = {
        re.split(r"[^\w.-]", requirement)[0].lower()
        for distribution in distributions(ROOT)
        for requirement in distribution.requirements
    }
    assert declared - pinned - {"massgen-core"} == set()


def test_the_gate_can_fail(tmp_path: Path) -> None:
    """A plugin that no contract names is named."""
    grow(tmp_path, {"plugins/toy/pyproject.toml": PLUGIN})
    contracts = [{"name": "Plugins are independent of each other", "modules": ["massgen_other"]}]
    expected = ["massgen_toy: Plugins are independent of each other", "massgen_toy: root_packages"]
    assert left_out(tmp_path, contracts, ["massgen_core"]) == expected
