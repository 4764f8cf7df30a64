"""What a sandbox is, in words that fit any backend: settings, processes, sandboxes, backends.

Nothing here names an engine. A backend turns a `SandboxSpec` into a running `Sandbox`, builds images for packaged
MCP servers, and says truthfully what it enforces (`Isolation`).
"""

from __future__ import annotations

from massgen_core.sandbox.files import copy as copy
from massgen_core.sandbox.files import download as download
from massgen_core.sandbox.files import upload as upload
from massgen_core.sandbox.images import ImageInfo as ImageInfo
from massgen_core.sandbox.images import PackageKind as PackageKind
from massgen_core.sandbox.images import PackageRef as PackageRef
from massgen_core.sandbox.limits import SandboxLimits as SandboxLimits
from massgen_core.sandbox.mounts import Mount as Mount
from massgen_core.sandbox.mounts import MountSetting as MountSetting
from massgen_core.sandbox.mounts import MountSettings as MountSettings
from massgen_core.sandbox.network import AllowList as AllowList
from massgen_core.sandbox.network import NetworkSetting as NetworkSetting
from massgen_core.sandbox.network import NetworkWord as NetworkWord
from massgen_core.sandbox.network import Rule as Rule
from massgen_core.sandbox.network import parse_rule as parse_rule
from massgen_core.sandbox.protocols import Ability as Ability
from massgen_core.sandbox.protocols import Command as Command
from massgen_core.sandbox.protocols import OnOutput as OnOutput
from massgen_core.sandbox.protocols import Process as Process
from massgen_core.sandbox.protocols import Progress as Progress
from massgen_core.sandbox.protocols import Prove as Prove
from massgen_core.sandbox.protocols import Sandbox as Sandbox
from massgen_core.sandbox.protocols import SandboxBackend as SandboxBackend
from massgen_core.sandbox.protocols import Stream as Stream
from massgen_core.sandbox.results import CommandEnd as CommandEnd
from massgen_core.sandbox.results import ExecResult as ExecResult
from massgen_core.sandbox.results import ExitStatus as ExitStatus
from massgen_core.sandbox.results import Finding as Finding
from massgen_core.sandbox.results import Isolation as Isolation
from massgen_core.sandbox.results import Usage as Usage
from massgen_core.sandbox.runtimes import RuntimeSetting as RuntimeSetting
from massgen_core.sandbox.runtimes import RuntimeSettings as RuntimeSettings
from massgen_core.sandbox.secrets import SandboxSecret as SandboxSecret
from massgen_core.sandbox.secrets import SecretSetting as SecretSetting
from massgen_core.sandbox.secrets import SecretSettings as SecretSettings
from massgen_core.sandbox.secrets import SecretUse as SecretUse
from massgen_core.sandbox.snapshots import Snapshot as Snapshot
from massgen_core.sandbox.snapshots import fork as fork
from massgen_core.sandbox.spec import SandboxSpec as SandboxSpec
