"""The deliberately weak profile, by which the checks themselves are checked.

The same create body is made as for any sandbox, and every lock in it is opened at the last moment, before it goes to
the engine. Nothing in a config leads here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from massgen_sandbox_docker.container.mounts import Mounting

Body = dict[str, Any]

WARNING = (
    "--prove-checks runs the attacks against containers WITHOUT protection, as root and with the engine's socket "
    "mounted, to see that every check reports its hole. Do not run it on a machine that matters."
)

CAPABILITIES = (
    "SYS_ADMIN SYS_PTRACE SYS_MODULE SYS_RAWIO SYS_BOOT SYS_TIME SYS_PACCT SYS_NICE SYS_TTY_CONFIG SYSLOG NET_ADMIN "
    "NET_RAW DAC_READ_SEARCH MKNOD IPC_OWNER IPC_LOCK AUDIT_CONTROL LINUX_IMMUTABLE"
)
"""What `--privileged` gives, without those that some hosts have not got to give."""


class Unchecked(Mounting):
    """Nothing to be mounted, and no look at what was."""

    async def verify(self, shown: Mapping[str, Any]) -> None:
        """Be content with whatever there is."""


def weakened(body: Body, *, victim: str | None, socket: str | None, secret: str, host: str) -> Body:
    """The body with every lock open; ``victim`` is a container whose namespaces are shared.

    Not the host's: the end of a command stops every process that it can see for a moment.
    """
    config = {**body["HostConfig"]}
    for lock in ("Memory", "MemorySwap", "NanoCpus", "PidsLimit", "Ulimits", "LogConfig", "OomScoreAdj", "Runtime"):
        config.pop(lock, None)
    binds = ["/sys/fs/cgroup:/sys/fs/cgroup:rw", *([f"{socket}:/var/run/docker.sock:ro"] if socket else [])]
    config |= {
        "CapDrop": [],
        "CapAdd": CAPABILITIES.split(),
        "SecurityOpt": ["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
        "MaskedPaths": [],
        "ReadonlyPaths": [],
        "ReadonlyRootfs": False,
        "Tmpfs": {path: "rw,exec,dev,suid,mode=1777" for path in config["Tmpfs"]},
        "ShmSize": 1024 * 1024 * 1024,
        "NetworkMode": "bridge",
        "Init": False,
        "Binds": binds,
        "Devices": [{"PathOnHost": "/dev/kmsg", "PathInContainer": "/dev/kmsg", "CgroupPermissions": "r"}],
        "Sysctls": {f"net.ipv6.conf.{name}.disable_ipv6": "0" for name in ("all", "default")},
    }
    if victim:
        config |= dict.fromkeys(("PidMode", "IpcMode", "NetworkMode"), f"container:{victim}")
        config.pop("Sysctls")
    environment = [*body["Env"], f"AUDIT_SECRET={secret}"] if secret else body["Env"]
    named = {} if victim else {"Hostname": host}
    return {**body, **named, "User": "0:0", "Env": environment, "HostConfig": config}
