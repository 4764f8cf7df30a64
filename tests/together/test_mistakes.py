"""What people get wrong in a config: the error names the section, the file and the cure, and comes soon."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig

import massgen_core
from massgen_core import ConfigError, ImageError, PluginError, SandboxSpec, SandboxUnavailable

pytestmark = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.timeout(300)]

TIME = "uvx:mcp-server-time"

SETTINGS: Mapping[str, tuple[Mapping[str, Any], str, str]] = {
    "unknown-key": ({"package": TIME, "memroy": "1GiB"}, "servers.x.memroy", "Did you mean `memory`?"),
    "wrong-type": ({"package": TIME, "pids": "many"}, "servers.x.pids", "should be a valid integer"),
    "no-size": ({"package": TIME, "memory": "lots"}, "servers.x.memory", "Write a number of bytes, or text such as"),
    "root": ({"package": TIME, "user": "0:0"}, "servers.x.user", "should match pattern"),
    "nothing": ({}, "servers.x", "set one of `package`, `image`, `command` or `url`"),
    "two": ({"package": TIME, "image": "y"}, "servers.x", "`package` and `image` are both set; keep one of them"),
    "kind": ({"package": "pip:thing"}, "servers.x", "Write uvx:NAME or uvx:NAME==VERSION or npx:NAME"),
    "tmpfs": ({"package": TIME, "tmpfs": {"/proc/x": "1MiB"}}, "servers.x.tmpfs", "outside /proc, /sys and /dev"),
}


def written(folder: Path, *, plugins: Mapping[str, Any] | None = None, **server: Any) -> Path:
    """A config file with the one server `x`."""
    path = folder / "massgen.json"
    path.write_text(json.dumps({"servers": {"x": server}, "plugins": plugins or {}}))
    return path


async def refusal(config: Path) -> Exception:
    """The error that opening a config ends in, which names its file."""
    with anyio.fail_after(200), pytest.raises((ConfigError, PluginError)) as caught:
        async with massgen_core.open_runtime(config):
            pass
    assert str(config) in str(caught.value)
    return caught.value


@pytest.mark.parametrize("case", SETTINGS)
async def test_a_wrong_setting(tmp_path: Path, case: str) -> None:
    """It is refused before anything starts."""
    server, key, words = SETTINGS[case]
    error = await refusal(written(tmp_path, **server))
    assert isinstance(error, ConfigError)
    assert (error.key, words in str(error)) == (key, True), error


async def test_a_wrong_setting_of_the_backend(tmp_path: Path) -> None:
    """The plugin's own section is checked as strictly."""
    error = await refusal(written(tmp_path, package=TIME, plugins={"sandbox-docker": {"hots": "x"}}))
    assert isinstance(error, ConfigError)
    assert error.key == "plugins.sandbox-docker.hots"


PACKAGES: Mapping[str, str] = {
    "uvx:mcp-server-no-such-package-3141": "there is no such package\n  PyPI, or your index, does not have it",
    "npx:@modelcontextprotocol/server-no-such-3141": "there is no such package\n  The npm registry, or yours, does not",
    "uvx:mcp-server-time==0.0.314": "there is no version 0.0.314\n  PyPI, or your index, has mcp-server-time without",
    "npx:@modelcontextprotocol/server-everything@0.0.314": "there is no version 0.0.314\n  The npm registry, or yours,",
}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.usefixtures("base_image")
async def test_a_package_that_does_not_exist(tmp_path: Path, package: str, owned: Any) -> None:
    """The name is told from the version, and the container that looked for it is gone."""
    await failure(written(tmp_path, package=package), ImageError, f"{package}: {PACKAGES[package]}")
    assert await owned(os.getpid()) == []


async def failure(config: Path, kind: type[Exception], words: str) -> None:
    """Opening a config fails at the start of `x`, by that kind of error and in those words."""
    error = await refusal(config)
    assert isinstance(error, PluginError)
    assert (error.subject, error.stage, error.key, error.file) == ("mcp/x", "start", "servers.x", str(config))
    assert kind in {type(cause) for cause in causes(error)}
    assert words in str(error)


def causes(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *causes(error.__cause__)]


async def test_an_image_that_is_not_there(tmp_path: Path) -> None:
    """The reference is named, and why it cannot be pulled."""
    words = "no image 'localhost:1/no/such:tag' here, and it cannot be pulled"
    await failure(written(tmp_path, image="localhost:1/no/such:tag"), ImageError, words)


async def test_no_engine(tmp_path: Path) -> None:
    """The address is named, where it was set, and what brings an engine."""
    config = written(tmp_path, package=TIME, plugins={"sandbox-docker": {"host": "unix:///nonexistent.sock"}})
    await failure(config, SandboxUnavailable, "no Docker Engine at unix:///nonexistent.sock")
    await failure(config, SandboxUnavailable, "massgen-core docker setup")


@pytest.mark.parametrize(
    ("settings", "kind", "words"),
    [
        ({"runtime": "no-such"}, SandboxUnavailable, "the engine has no OCI runtime 'no-such'; it lists "),
        ({"workdir": "relative"}, ConfigError, "workdir: 'relative' must be an absolute path"),
        ({"command": "no-such-program"}, massgen_core.McpConnectionClosed, "its command is not in the image"),
        ({"cpus": 100_000}, massgen_core.SandboxError, "Range of CPUs is from"),
        ({"sandbox": "no-such"}, LookupError, "`pip install massgen-sandbox-no-such` perhaps"),
    ],
    ids=["runtime", "workdir", "command", "cpus", "sandbox"],
)
async def test_what_the_engine_refuses(
    make_server: Any, tmp_path: Path, settings: Mapping[str, Any], kind: type[Exception], words: str
) -> None:
    """What only shows at the start is an error of that server's, too."""
    await failure(written(tmp_path, **make_server("plain", **settings)), kind, words)


async def test_an_image_that_was_removed_meanwhile() -> None:
    """Where an image is asked for by its content, the error names it as people do."""
    spec = SandboxSpec(name="x", image=f"sha256:{'0' * 64}", reference="some/image:tag")
    async with docker_backend(DockerConfig(), log=lambda line: None) as backend:
        with pytest.raises(ImageError, match=r"the engine has no image 'some/image:tag' \(any more\): No such image"):
            async with backend.start(spec):
                pass
