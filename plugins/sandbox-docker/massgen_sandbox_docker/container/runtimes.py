"""The OCI runtime of a container: which of the engine's is meant, what it needs, and whether it was really used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from massgen_core.errors import ConfigError, SandboxUnavailable
from massgen_core.sandbox import RuntimeSettings, SandboxLimits, SandboxSpec
from massgen_sandbox_docker.engine.api import table

Family = Literal["runc", "gvisor", "kata", "other"]
"""What kind of wall a runtime is: the host's kernel, a kernel in user space, a virtual machine."""

WANTED = "massgen.runtime"
"""The label that holds the runtime that was asked for, which may be another than the one that was used."""

_RUNC = frozenset({"runc", "crun", "youki", "io.containerd.runc.v1", "io.containerd.runc.v2"})
_KATA = ("kata", "kata-runtime", "io.containerd.kata.v2")
_SHIM = "io.containerd."
_LEAST_PIDS = 256
_LEAST_MEMORY = 256 * 1024 * 1024


def family(name: str) -> Family:
    """The kind of a runtime by its name: ``runsc-kvm`` is a gVisor, ``io.containerd.kata.v2`` a Kata."""
    if name in _RUNC:
        return "runc"
    bare = name.removeprefix(_SHIM)
    if bare.startswith(("runsc", "gvisor")):
        return "gvisor"
    return "kata" if bare.startswith("kata") else "other"


def with_runtime(spec: SandboxSpec, info: Mapping[str, Any], log: Callable[[str], None]) -> SandboxSpec:
    """A spec with the runtime by the name that the engine knows it by, or without it where it may do without.

    Raises:
        SandboxUnavailable: The engine does not list a runtime that is required.
        ConfigError: The limits are too tight for that runtime.
    """
    wanted = spec.limits.runtime
    if wanted is None:
        return spec
    name = listed_name(wanted.name, info)
    if name is not None:
        if family(name) == "gvisor":
            _check_room(name, spec.limits)
        return _under(spec, RuntimeSettings(name=name), wanted.name)
    listed = ", ".join(sorted(table(info, "Runtimes"))) or "none"
    missing = f"the engine has no OCI runtime {wanted.name!r}; it lists {listed}"
    if wanted.required:
        raise SandboxUnavailable(f"{missing}\n  {_cure(wanted.name)}, or drop `runtime`.")
    log(f"{spec.name}: {missing}: running under {default_of(info)!r}, since `runtime` says `required = false`")
    return _under(spec, None, wanted.name)


def listed_name(name: str, info: Mapping[str, Any]) -> str | None:
    """The engine's name for a runtime: the same, or for Kata another of its usual ones; None where it lists none."""
    listed = table(info, "Runtimes")
    if name in listed:
        return name
    return next((other for other in _KATA if other in listed), None) if name in _KATA else None


def default_of(info: Mapping[str, Any]) -> str:
    """The runtime that the engine uses by itself."""
    return str(info.get("DefaultRuntime") or "runc")


def verify_runtime(shown: Mapping[str, Any], expected: str | None) -> None:
    """Check an inspected container against the runtime that it was created with.

    Raises:
        SandboxUnavailable: It runs under another one.
    """
    found = shown["HostConfig"].get("Runtime")
    if expected is not None and found != expected:
        raise SandboxUnavailable(
            f"the engine runs the sandbox under {found or 'an unnamed runtime'!r}, instead of {expected!r}\n  "
            "It was stopped. Use another engine, or drop `runtime`."
        )


def _under(spec: SandboxSpec, runtime: RuntimeSettings | None, wanted: str) -> SandboxSpec:
    limits = spec.limits.model_copy(update={"runtime": runtime})
    return replace(spec, limits=limits, labels={**spec.labels, WANTED: wanted})


def _check_room(name: str, limits: SandboxLimits) -> None:
    """A gVisor's own kernel is in the container's cgroup, with its memory and dozens of threads."""
    what = f"is too tight for {name!r}: its kernel, which counts too,"
    if limits.pids < _LEAST_PIDS:
        raise ConfigError(
            f"{limits.pids} {what} has dozens of threads", key="pids", cure=f"Set `pids` to {_LEAST_PIDS} or more."
        )
    if limits.memory < _LEAST_MEMORY:
        found = f"{limits.memory / 1024 / 1024:g} MiB"
        raise ConfigError(f"{found} {what} takes dozens of MiB", key="memory", cure='Set `memory` to "256MiB" or more.')


def _cure(name: str) -> str:
    if family(name) == "gvisor":
        return f"Install it (`massgen-core docker setup --runtime {name}`)" if name == "runsc" else "Install it"
    return "Install it and name it in the engine's daemon.json"
