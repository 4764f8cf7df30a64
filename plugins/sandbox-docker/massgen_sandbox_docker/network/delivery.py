"""What of a sandbox's secrets becomes a file or a variable; placeholders are the proxy's affair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from massgen_core.sandbox import SandboxSecret
from massgen_sandbox_docker.network.companion import PrivateFile

if TYPE_CHECKING:
    from massgen_core.egress.authority import Authority

_BUNDLE = "massgen-ca.pem"  # no secret has such a name: they are named like variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Files for the sandbox's private folder, and variables."""

    files: Sequence[PrivateFile] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


def deliver(secrets: Sequence[SandboxSecret], authority: Authority | None) -> Delivery:
    """Sort out secrets by their use; with an ``authority`` the sandbox is also told to trust it."""
    files = [PrivateFile(name=each.name, content=each.value.encode()) for each in secrets if each.use == "file"]
    env = {f"{each.name}_FILE": each.path for each in secrets if each.use == "file"}
    env |= {each.name: each.value for each in secrets if each.use == "env"}
    if authority is None:
        return Delivery(files=files, env=env)
    from massgen_core.egress.authority import TRUST_VARIABLES

    bundle = PrivateFile(name=_BUNDLE, content=authority.bundle(), mode=0o444)
    return Delivery(files=[*files, bundle], env={**env, **dict.fromkeys(TRUST_VARIABLES, bundle.path)})
