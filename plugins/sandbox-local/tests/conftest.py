"""What the tests of this plugin share: the bubblewrap gate, and a folder that a sandbox's user can reach."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from massgen_sandbox_local.backend import LocalBackend, local_backend
from massgen_sandbox_local.config import LocalConfig


@pytest.fixture
def bwrap_program() -> None:
    """Bubblewrap: where it is not installed the test is skipped, in CI it fails."""
    if shutil.which("bwrap") is None and os.environ.get("CI") != "true":
        pytest.skip("bubblewrap is not installed")


@pytest.fixture
async def bwrap(bwrap_program: None) -> AsyncGenerator[LocalBackend]:
    """An open backend with bubblewrap."""
    async with local_backend(LocalConfig()) as backend:
        yield backend
        assert backend.sandboxes == ()


@pytest.fixture
async def plain() -> AsyncGenerator[LocalBackend]:
    """An open backend that runs plain processes."""
    async with local_backend(LocalConfig(isolation="none")) as backend:
        yield backend
        assert backend.sandboxes == ()


@pytest.fixture(params=["bwrap", "plain"])
def backend(request: pytest.FixtureRequest) -> LocalBackend:
    """Each of the two."""
    opened: LocalBackend = request.getfixturevalue(request.param)
    return opened


@pytest.fixture
def host_folder() -> Iterator[Path]:
    """A folder of an ordinary user, which that user can also reach (pytest's own are root's, where root runs this)."""
    made = Path(tempfile.mkdtemp(prefix="massgen-test-"))
    made.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(made, 1000, 1000)
    yield made
    shutil.rmtree(made)
