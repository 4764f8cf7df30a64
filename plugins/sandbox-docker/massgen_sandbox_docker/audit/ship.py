"""Carries probes into a sandbox: a probe and the module below it become one word for `python3 -c`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from massgen_core.sandbox.shipping import isolated, program

_PACKAGE = "massgen_sandbox_docker.audit.probes"


def command(probe: str, parameters: Mapping[str, Any]) -> Sequence[str]:
    """The command that runs a probe in a sandbox, with what it needs to know."""
    return isolated(program(f"{_PACKAGE}.probe", f"{_PACKAGE}.{probe}"), json.dumps(parameters))


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
