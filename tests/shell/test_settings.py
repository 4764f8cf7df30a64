"""The section ``[shell]``: what it switches on, what its tools are declared to do, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from massgen_core import ConfigError, open_runtime
from massgen_core.shell.settings import ShellSettings


@pytest.mark.parametrize(
    ("section", "access"),
    [
        ({}, {"read", "write", "delete", "execute"}),
        ({"workspace": "read"}, {"read", "execute"}),
        ({"workspace": "none"}, {"execute"}),
        ({"workspace": "none", "mounts": {"/data": "~"}}, {"read", "execute"}),
        (
            {"workspace": "none", "mounts": {"/data": {"source": "~", "write": True}}},
            {"read", "write", "delete", "execute"},
        ),
        ({"workspace": "none", "network": ["example.org:443"]}, {"execute", "network"}),
    ],
)
def test_access_is_what_the_sandbox_lets_through(section: dict[str, Any], access: set[str]) -> None:
    assert ShellSettings.model_validate(section).access == access


@pytest.mark.anyio
async def test_without_the_section_there_are_no_such_tools() -> None:
    async with open_runtime({}, installed=False) as runtime:
        assert [entry.name for entry in runtime.tools] == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("text", "key", "cure"),
    [
        ("[shell]\nworkspce = 'read'\n", "shell.workspce", "Did you mean `workspace`?"),
        ("[shell]\nworkspace = 'all'\n", "shell.workspace", ""),
        ("[shell]\nmemory = 'much'\n", "shell.memory", "512MiB"),
        ("[plugins.shell]\nshll = 1\n", "shll", ""),
    ],
)
async def test_what_is_wrong_names_the_key_and_the_file(tmp_path: Path, text: str, key: str, cure: str) -> None:
    file = tmp_path / "massgen.toml"
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        async with open_runtime(file, installed=False):
            pass
    assert caught.value.key == key
    assert str(file) in str(caught.value)
    assert cure in str(caught.value)
