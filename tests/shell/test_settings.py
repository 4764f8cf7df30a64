"""The section ``[shell]``: what it switches on, what its tools are declared to do, and what is wrong with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from massgen_core import ConfigError, SandboxBackend, Service, ServiceProvider, open_runtime
from massgen_core.cli.opening import only_owner_of
from massgen_core.config import parse_settings
from massgen_core.sandbox import ImageInfo
from massgen_core.shell.settings import TOOLS, ShellSettings
from massgen_core.testing import open_test_runtime
from tests.conftest import MakePlugin


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


class Ready:
    """A backend that runs nothing."""

    async def image(self, reference: str, *, progress: object) -> ImageInfo:
        return ImageInfo(reference=reference, id="image")


@pytest.mark.anyio
async def test_the_tools_are_those_that_are_known_by_name(make_plugin: MakePlugin) -> None:
    @asynccontextmanager
    async def open_backend(context: object) -> AsyncGenerator[Ready]:
        yield Ready()

    service = ServiceProvider(service=Service(SandboxBackend, "docker"), open=open_backend)
    backend = make_plugin("backend", massgen_sandboxes=lambda config: [service])
    async with open_test_runtime(backend, config={"shell": {}}) as runtime:
        assert {entry.name for entry in runtime.tools} == TOOLS
        assert all(entry.tool.description for entry in runtime.tools)


@pytest.mark.parametrize(
    ("tool", "servers", "shell"),
    [
        ("execute_command", set(), True),
        ("time_now", {"time"}, False),
        ("process_list", {"time", "process"}, True),
        ("other", {"time", "process"}, True),
    ],
)
def test_one_call_opens_only_what_it_needs(tool: str, servers: set[str], shell: bool) -> None:
    """Unless it is not certain to whom the tool belongs."""
    settings = parse_settings({"shell": {}, "servers": {"time": {"url": "http://a"}, "process": {"url": "http://b"}}})
    found = only_owner_of(tool, settings)
    assert (set(found.servers), found.shell is not None) == (servers, shell)


@pytest.mark.parametrize(
    ("section", "cure"),
    [
        ({"secrets": {"TOKEN": "env:X"}}, "commands could read it"),
        ({"secrets": {"TOKEN": {"source": "env:X", "as": "placeholder"}}}, "set `network` to a list of hosts"),
        ({"secrets": {"TOKEN": "env:X"}, "network": ["example.org:443"], "env": {"TOKEN": "x"}}, "rename one of them"),
    ],
)
def test_secrets_that_a_command_could_read_are_asked_for(section: dict[str, Any], cure: str) -> None:
    with pytest.raises(ValueError, match=cure):
        ShellSettings.model_validate(section)


@pytest.mark.parametrize(
    "section",
    [
        {"secrets": {"TOKEN": "env:X"}, "network": ["example.org:443"]},
        {"secrets": {"TOKEN": {"source": "env:X", "as": "file"}}},
        {"secrets": {"TOKEN": {"source": "env:X", "as": "env"}}},
    ],
)
def test_secrets_that_are_asked_for_are_given(section: dict[str, Any]) -> None:
    assert ShellSettings.model_validate(section).secrets["TOKEN"].source == "env:X"
