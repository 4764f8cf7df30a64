"""What every sandbox backend must do, as tests that its author gets by subclassing `SandboxConformance`.

This needs pytest, and anyio's plugin for it, which comes with anyio.
"""

from __future__ import annotations

import pytest

for _part in ("commands", "ends", "files", "later", "spawned", "state", "walls"):
    pytest.register_assert_rewrite(f"{__name__}.{_part}")

from massgen_core.testing.sandbox.commands import Commands  # noqa: E402
from massgen_core.testing.sandbox.ends import Ends  # noqa: E402
from massgen_core.testing.sandbox.files import Files  # noqa: E402
from massgen_core.testing.sandbox.kit import FEATURES as FEATURES  # noqa: E402
from massgen_core.testing.sandbox.later import Later  # noqa: E402
from massgen_core.testing.sandbox.spawned import Spawned  # noqa: E402
from massgen_core.testing.sandbox.state import State  # noqa: E402
from massgen_core.testing.sandbox.walls import Walls  # noqa: E402


class SandboxConformance(Commands, Spawned, Files, Ends, State, Later, Walls):
    """The contract of a sandbox backend: subclass it in a test module, and override two fixtures.

    ``sandbox_backend`` gives an open `SandboxBackend`, ``sandbox_spec`` the `SandboxSpec` that most tests start, with
    an image that holds a shell and the usual small programs. ``lacks`` maps the `FEATURES` that a backend openly does
    not have to the reason; their tests are skipped, and say it, as are those of what its ``abilities`` do not name.
    ``running`` and ``connector`` may be overridden where a backend's sandboxes differ in what they show and hold.
    """
