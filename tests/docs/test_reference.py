"""The reference is written from the code, is current, and leaves nothing public out."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from massgen_sandbox_docker import config as docker_config
from pydantic import BaseModel

import massgen_core
from massgen_core import config, errors, hookspecs, sandbox
from massgen_core.mcp import settings as mcp_settings

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_is_current() -> None:
    """The committed pages are what `python docs/reference/generate.py` writes today."""
    command = [sys.executable, str(REFERENCE / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr


def test_every_public_name_has_an_entry() -> None:
    """What `massgen_core` re-exports stands in api.md, an error in errors.md."""
    source = ast.parse(inspect.getsource(massgen_core))
    exported = {alias.asname for node in ast.walk(source) if isinstance(node, ast.ImportFrom) for alias in node.names}
    documented = _headings("api.md", "###") | _headings("errors.md", "##")
    assert exported - {None} <= documented
    assert len(exported) > 50


def test_every_hook_has_an_entry_that_says_when_it_is_called() -> None:
    """A hook without words, or without the moment of its call, is not documented."""
    hooks = {name: value for name, value in vars(hookspecs).items() if name.startswith("massgen_")}
    assert set(hooks) == _headings("hooks.md", "##")
    assert all("called" in (hook.__doc__ or "") for hook in hooks.values())


def test_every_error_has_an_entry() -> None:
    """Each class of the error tree stands in errors.md with its docstring."""
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert classes == _headings("errors.md", "##")


@pytest.mark.parametrize("module", [config, sandbox, mcp_settings, docker_config], ids=lambda module: module.__name__)
def test_every_setting_is_described(module: object) -> None:
    """A key of a config file carries a description, and its row is in configuration.md."""
    page = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    classes = [value for value in vars(module).values() if inspect.isclass(value) and issubclass(value, BaseModel)]
    for model in classes:
        for name, field in model.model_fields.items() if model.__name__ != "McpConfig" else ():
            assert field.description, f"{model.__name__}.{name} has no description"
            assert f"| `{field.alias or name}` |" in page


def test_what_init_writes_is_right_with_every_setting_uncommented(tmp_path: Path) -> None:
    """The commented settings of a new config file are known keys with values that fit."""
    path = tmp_path / "massgen.toml"
    command = [sys.executable, "-m", "massgen_core", "init", str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    path.write_text(re.sub(r"^#(?=\S)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE), encoding="utf-8")
    settings = config.load_settings(path)
    assert mcp_settings.McpConfig.model_validate({"servers": settings.servers}).servers
    docker_config.DockerConfig.model_validate(settings.plugins["sandbox-docker"])


def _headings(page: str, level: str) -> set[str]:
    text = (REFERENCE / page).read_text(encoding="utf-8")
    return set(re.findall(rf"^{level} (\w+)$", text, flags=re.MULTILINE))
