"""A throw-away environment in which third-party plugins are really installed, by pip, from wheels."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

PLUGINS = Path(__file__).parent.parent / "plugins"
DRIVER = Path(__file__).parent / "driver.py"


class ThirdParty:
    """An environment of its own, with every plugin of `tests/plugins` installed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install(self) -> None:
        """Make the environment, let it see the libraries of this one, install the plugins with its pip."""
        venv.create(self._folder / "env", with_pip=True)
        site = subprocess.run(
            [self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        libraries = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
        lines = [f"import site; site.addsitedir({library!r})\n" for library in libraries]
        (Path(site) / "zz_libraries.pth").write_text("".join(lines))
        wheels = [_wheel(self._folder, module) for module in sorted(PLUGINS.glob("*.py"))]
        pip = [self.python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile", *wheels]
        subprocess.run(pip, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})

    def run(
        self, config: dict[str, Any], *calls: str, backend: str = "asyncio", plugins: str | None = None
    ) -> dict[str, Any]:
        """What happened in a fresh process; a process that does not end fails the test."""
        out = self._folder / "out.json"
        out.unlink(missing_ok=True)
        command = [DRIVER, out, json.dumps(config), backend, *calls]
        done = self.process(*map(str, command), plugins=plugins)
        assert done.returncode == 0, done.stderr
        return json.loads(out.read_text())

    def process(
        self, *arguments: str, plugins: str | None = None, config: dict[str, Any] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run the environment's Python; ``plugins`` is its MASSGEN_PLUGINS, ``config`` the config file it finds."""
        (self._folder / "massgen.json").write_text(json.dumps(config or {}))
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("MASSGEN_", "PYTHON"))}
        if plugins is not None:
            environment["MASSGEN_PLUGINS"] = plugins
        return subprocess.run(
            [self.python, *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=self._folder,
            timeout=60,
            check=False,
        )


def _wheel(folder: Path, module: Path) -> Path:
    """A plugin's wheel, as any build backend would write it."""
    name = module.stem
    entry = "twin" if name.startswith("twin_") else name.replace("_", "-")
    group = "massgen_core.plugins.v0" if name == "old_contract" else "massgen_core.plugins"
    info = f"acme_{name}-1.0.dist-info"
    files = {
        module.name: module.read_text(encoding="utf-8"),
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: acme-{name.replace('_', '-')}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[{group}]\n{entry} = {name}\n",
    }
    files[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    wheel = folder / f"acme_{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


@pytest.fixture(scope="session")
def third_party(tmp_path_factory: pytest.TempPathFactory) -> ThirdParty:
    """Built once for a whole run of the tests."""
    environment = ThirdParty(tmp_path_factory.mktemp("third-party"))
    environment.install()
    return environment
