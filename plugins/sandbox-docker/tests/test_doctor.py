"""`massgen-core docker doctor` and `build`, on a real engine and a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docker_support import MakeSpec
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.cli import docker
from massgen_sandbox_docker.commands.capacity import Capacity, capacity
from massgen_sandbox_docker.commands.doctor import runc_holes
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect

from massgen_core.config import load_settings
from massgen_core.errors import ConfigError

TIME = "uvx:mcp-server-time==2026.10.19"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a config of one good server, one that cannot be, and two that run in no container."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "massgen.toml").write_text(
        f'[servers.time]\npackage = "{TIME}"\nmemory = "200MiB"\n'
        '[servers.nobody]\npackage = "uvx:mcp-server-that-nobody-wrote"\n'
        '[servers.remote]\nurl = "https://mcp.example/"\n[servers.off]\ncommand = "x"\nsandbox = "none"\n'
    )
    return tmp_path


def run(*args: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(docker, [*args, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_doctor(project: Path, base_image: str) -> None:
    """The engine is described, and every server in a container is started, read back and scored."""
    code, found = run("doctor")
    assert code == 1  # a server that does not start is important
    assert {"engine", "kind", "API version", "storage driver", "cgroups", "runtimes", "security"} <= set(
        found["engine"]
    )
    assert found["engine"]["kind"] == "Docker, rootful, on this machine"
    assert {"memory limit", "pids limit", "seccomp", "disk", "base image", "folders of this machine"} <= {
        each["name"] for each in found["findings"]
    }
    assert set(found["servers"]) == {"time", "nobody"}
    time = found["servers"]["time"]
    assert time["ok"]
    assert time["limits"]["memory"] == "200 MiB"
    assert time["limits"]["network"] == "none"
    assert time["score"] > 80
    assert "there is no such package" in found["servers"]["nobody"]["error"]


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_doctor_of_one_server(project: Path, base_image: str) -> None:
    """One server can be named; when nothing important is missing the exit code is 0."""
    code, found = run("doctor", "time")
    assert (code, list(found["servers"])) == (0, ["time"])
    shown = CliRunner().invoke(docker, ["doctor", "time"], catch_exceptions=False)
    assert shown.exit_code == 0
    assert "200 MiB" in shown.stdout


@pytest.mark.docker
def test_doctor_of_no_server(project: Path, base_image: str) -> None:
    """A name that the config does not have is refused with those it has; the engine alone can be asked for."""
    with pytest.raises(ConfigError, match=r"servers\.tine: no such server\n  The config has: time, nobody"):
        run("doctor", "tine")
    code, found = run("doctor", "--engine-only")
    assert (code, found["servers"]) == (0, {})


@pytest.mark.docker
@pytest.mark.timeout(900)
def test_build(project: Path, base_image: str) -> None:
    """Images are built for the config's servers, or for packages by name; a failed one is named, the others stand."""
    code, found = run("build")
    assert code == 1
    assert found["base"] == base_image
    assert found["images"]["time"]["version"] == "2026.10.19"
    assert "there is no such package" in found["images"]["nobody"]["error"]
    before = (project / "massgen.lock").exists()
    code, found = run("build", TIME)
    assert (code, list(found["images"])) == (0, [TIME])
    assert (project / "massgen.lock").exists() == before
    assert run("build", "--base-only") == (0, {"base": base_image, "images": {}})


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ((1, 1, 5), "CVE-2024-21626, CVE-2025-31133"),
        ((1, 1, 15), "CVE-2025-31133"),
        ((1, 2, 7), "CVE-2025-31133"),
        ((1, 3, 2), "CVE-2025-31133"),
        ((1, 2, 8), ""),
        ((1, 3, 3), ""),
        ((1, 5, 0), ""),
    ],
)
def test_known_escapes(number: tuple[int, int, int], names: str) -> None:
    """A version of runc with known escapes is told from one without."""
    assert runc_holes(number).startswith(names)
    assert bool(runc_holes(number)) is bool(names)


@pytest.mark.parametrize("args", [["setup", "--help"], ["build", "--help"], ["doctor", "--help"], ["--help"]])
def test_help(args: Sequence[str]) -> None:
    """Every command explains itself without an engine."""
    result = CliRunner().invoke(docker, args)
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_wrong_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong key of the plugin's own section is named with its file."""
    (tmp_path / "massgen.toml").write_text("[plugins.sandbox-docker]\nbasse = 'x'\n")
    monkeypatch.chdir(tmp_path)
    assert load_settings().plugins
    with pytest.raises(ConfigError, match=r"massgen\.toml: plugins\.sandbox-docker\.basse"):
        run("doctor")


@pytest.mark.anyio
@pytest.mark.docker
async def test_capacity(backend: DockerBackend, spec: MakeSpec) -> None:
    """How much the engine has and how many more fit is told by doctor and by ps; what runs takes of it what it may."""
    async with connect(DockerConfig()) as engine:
        before = await capacity(engine, DockerConfig())
        async with backend.start(spec("cat", memory="1GiB")):
            after = await capacity(engine, DockerConfig.model_validate({"max_sandboxes": 3, "max_memory": "2GiB"}))
    assert after.promised >= before.promised - 4 * 1024**3 + 1024**3
    assert after.ours >= 1
    assert after.cpus >= 1
    assert after.fits <= after.memory // (512 * 1024**2)
    assert after.fits_now is None or after.fits_now > 0
    assert ("sandboxes of one program", "3, with 2.0 GiB in all") in list(after.rows())


def test_what_is_left() -> None:
    """What all may take is what counts, and never comes to less than nothing."""
    some = Capacity(
        **{"cpus": 2, "memory": 4 * 1024**3, "free": 2 * 1024**3, "running": 3, "ours": 2, "promised": 3 * 1024**3},
        **{"unlimited": 1, "sandbox": 512 * 1024**2, "starts_at_once": 4, "max_sandboxes": None, "max_memory": None},
    )
    assert (some.fits, some.fits_now) == (2, 4)
    assert some.room() == "2 more sandboxes of 512.0 MiB if all take what they may, 4 by what is free now"
    assert ("memory that they may take", "3.0 GiB, and 1 without a limit") in list(some.rows())
    assert replace(some, promised=5 * 1024**3, free=None).data()["fits"] == 0
    assert replace(some, free=None).data()["fits_now"] is None


@pytest.mark.docker
def test_doctor_tells_capacity(project: Path, base_image: str) -> None:
    """It is in the table and in the JSON, and so is what can be done with sandboxes that run."""
    _, found = run("doctor", "--engine-only")
    assert found["capacity"]["fits"] > 0
    told = {each["name"]: each for each in found["findings"]}
    assert told["freezing"]["detail"] == "possible"
    assert told["folders mounted later"]["ok"] == (os.geteuid() == 0)
    shown = CliRunner().invoke(docker, ["doctor", "--engine-only"], catch_exceptions=False)
    assert "more sandboxes of 512.0 MiB if all take what they may" in shown.stdout
