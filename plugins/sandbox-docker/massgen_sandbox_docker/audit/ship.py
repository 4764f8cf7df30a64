"""Carries probes into a sandbox: a probe and the module below it become one word for `python3 -c`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

_PACKAGE = "massgen_sandbox_docker.audit.probes"


def command(probe: str, parameters: Mapping[str, Any]) -> Sequence[str]:
    """The command that runs a probe in a sandbox, with what it needs to know."""
    return ["python3", "-I", "-c", _program(probe), json.dumps(parameters)]


def answers(output: bytes) -> dict[str, dict[str, Any]]:
    """What a probe said, by attempt; a line that is none of its own is left out."""
    found: dict[str, dict[str, Any]] = {}
    for line in output.decode("utf-8", "replace").splitlines():
        try:
            said = json.loads(line)
            found[str(said["id"])] = dict(said["facts"])
        except (ValueError, TypeError, KeyError):
            continue
    return found


@cache
def _program(probe: str) -> str:
    below = _source("probe")
    return (
        "import sys, types\n"
        f"below = types.ModuleType('{_PACKAGE}.probe')\n"
        f"sys.modules['{_PACKAGE}.probe'] = below\n"
        f"exec({below!r}, vars(below))\n"
        f"exec({_source(probe)!r}, {{'__name__': '__main__'}})\n"
    )


def _source(name: str) -> str:
    return files(_PACKAGE).joinpath(f"{name}.py").read_text(encoding="utf-8")
