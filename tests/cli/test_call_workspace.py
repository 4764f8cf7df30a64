"""Which folder a call from the command line works on."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from massgen_core import Runtime
from massgen_core.cli.call import folder_for

from .conftest import Cli

PLUGIN = '''
from massgen_core import ToolContext, ToolProvider, hookimpl, tool

@tool(access=[])
async def where(context: ToolContext) -> str:
    """Say where."""
    return str(context.workspace)

@hookimpl
def massgen_providers():
    return [ToolProvider.of("{name}", [where], prefix="")]
'''


def test_it_is_the_current_one_or_the_one_that_is_given(cli: Cli, empty_folder: Path) -> None:
    (empty_folder / "tools.py").write_text(PLUGIN.replace("{name}", "tools"))
    (empty_folder / "other").mkdir()
    assert cli("--plugin", "tools.py", "call", "where").out.strip() == str(empty_folder)
    given = cli("--plugin", "tools.py", "call", "where", "--workspace", "other")
    assert given.out.strip() == str(empty_folder / "other")


@pytest.mark.parametrize(("plugin", "folder"), [("mcp", None), ("shell", None), ("workspace", Path())])
def test_programs_in_sandboxes_get_none_unless_it_is_given(plugin: str, folder: Path | None) -> None:
    entry = SimpleNamespace(name="work", owner=SimpleNamespace(plugin=plugin))
    runtime = SimpleNamespace(tools=[entry, SimpleNamespace(name="other", owner=SimpleNamespace(plugin="mcp"))])
    assert folder_for("work", cast("Runtime", runtime)) == folder
