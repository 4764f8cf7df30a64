"""What `massgen-core new` writes, with the core from its wheel: it installs, is listed, works, passes its tests."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Environment:
    """A throw-away environment that sees the libraries of this one, but has its own core."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        venv.create(folder / "env", with_pip=True)
        site = Path(self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        (site / "zz_libraries.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")

    def run(self, *arguments: str) -> str:
        """Run the environment's Python outside the tree; what it prints."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MASSGEN_", "PYTHON"))}
        done = subprocess.run(
            [self.python, *arguments], capture_output=True, text=True, cwd=self.folder, env=environment, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def install(self, *arguments: str) -> None:
        """Install with the environment's own pip; dependencies are there already."""
        self.run("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", *arguments)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    made = Environment(tmp_path_factory.mktemp("new"))
    made.install(str(ROOT))
    return made


@pytest.mark.timeout(300)
def test_new_package(environment: Environment) -> None:
    """The package that `new` writes can be installed; it is listed, its tool answers, its own tests pass."""
    cli = ("-m", "massgen_core")
    assert str(ROOT) not in environment.run("-c", "import massgen_core; print(massgen_core.__file__)")
    environment.run(*cli, "new", "my-plugin")
    environment.install("--editable", "massgen-my-plugin")
    listed = {row["name"]: row for row in json.loads(environment.run(*cli, "plugins", "--json"))}
    assert listed["my-plugin"]["distribution"] == "massgen-my-plugin"
    assert listed["my-plugin"]["state"] == "enabled"
    assert environment.run(*cli, "call", "my_plugin_greet", "--arg", "name=world") == "Good day, world!\n"
    assert "3 passed" in environment.run("-m", "pytest", "massgen-my-plugin")
