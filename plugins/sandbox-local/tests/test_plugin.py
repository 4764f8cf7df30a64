"""The plugin as the core sees it."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest
from massgen_sandbox_local import plugin
from massgen_sandbox_local.backend import LocalBackend, local_backend
from massgen_sandbox_local.config import LocalConfig

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import ImageInfo, PackageRef, SandboxBackend, SandboxSpec
from massgen_core.testing import assert_plugin_conforms
from massgen_core.tools import Service

pytestmark = pytest.mark.anyio


def test_the_plugin_conforms() -> None:
    """Its import is light and silent, and its hooks and settings keep the contract."""
    assert_plugin_conforms(plugin, name="sandbox-local")


def test_one_backend_is_declared() -> None:
    """It brings the sandbox backend named local, and nothing is looked for until somebody needs it."""
    (offer,) = plugin.massgen_sandboxes(LocalConfig(bwrap=Path("/no/such/bwrap")))
    assert offer.service == Service(SandboxBackend, "local")


async def test_without_bubblewrap_it_says_what_to_install() -> None:
    """A missing bubblewrap is no reason to run things plainly."""
    with pytest.raises(SandboxUnavailable, match=r"/no/such/bwrap is not here\n  Install it \(`apt-get"):
        async with local_backend(LocalConfig(bwrap=Path("/no/such/bwrap"))):
            pass


async def test_a_bubblewrap_that_does_not_work(host_folder: Path) -> None:
    """Where namespaces are forbidden the backend says so, in bubblewrap's own words."""
    broken = host_folder / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2; exit 1\n")
    broken.chmod(0o755)
    with pytest.raises(SandboxUnavailable, match=r"does not work here: bwrap: No permissions[\s\S]*Install"):
        async with local_backend(LocalConfig(bwrap=broken)):
            pass


async def test_images(bwrap: LocalBackend) -> None:
    """A reference means nothing here, and says so; a package needs an image and is refused."""
    lines: list[str] = []
    info = await bwrap.image("debian:13", progress=lines.append)
    assert info == ImageInfo(reference="debian:13", id="local", note=info.note)
    assert info.note is not None
    assert "the programs of this machine" in info.note
    assert lines == ["debian:13 is not pulled: the programs of this machine are used"]

    async def prove(image: ImageInfo) -> dict[str, str]:
        return {}

    with pytest.raises(SandboxUnavailable, match="uvx:mcp-server-time needs an image"):
        await bwrap.prepare(PackageRef(kind="uvx", name="mcp-server-time"), prove=prove, progress=lines.append)


async def test_trees_do_not_die_with_a_thread(bwrap: LocalBackend) -> None:
    """A sandbox belongs to the thread of the event loop, not to one that happened to start it."""
    async with bwrap.start(SandboxSpec(name="x", image="", idle=True)) as sandbox:
        for _ in range(3):
            await anyio.to_thread.run_sync(int)
        assert (await sandbox.exec(["true"])).exit_code == 0
