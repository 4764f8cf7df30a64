"""The arguments of bubblewrap: what a command sees of this machine, and what it is cut off from."""

from __future__ import annotations

import os
import posixpath
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from massgen_core.sandbox import SandboxSpec
from massgen_sandbox_local.places import HOME, Places, User

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SECRETS = "/run/secrets"

_PROGRAMS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = (
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime"),
    *("/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki/tls/certs", "/etc/mime.types"),
)
_NETWORK_SETTINGS = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one sandbox's commands have in common."""

    spec: SandboxSpec
    places: Places
    user: User
    keeps_userns: bool
    """This bubblewrap cannot forbid further user namespaces."""


def arguments(view: View, env: Mapping[str, str], workdir: str) -> list[str]:
    """All of them but for descriptors and the command."""
    return [
        *_namespaces(view),
        *_machine(view),
        *_own(view),
        *(part for mount in view.spec.mounts for part in _mount(str(mount.source), mount.target, mount.write)),
        *(("--remount-ro", "/") if view.spec.limits.read_only_root else ()),
        *("--chdir", workdir, "--clearenv"),
        *(part for name, value in env.items() for part in ("--setenv", name, value)),
    ]


def environment(spec: SandboxSpec, env: Mapping[str, str]) -> dict[str, str]:
    """What a command finds in its environment; nothing of the host's."""
    usual = {"PATH": PATH, "HOME": HOME, "LANG": "C.UTF-8", "USER": "sandbox"}
    values = {secret.name: secret.value for secret in spec.secrets if secret.use == "env"}
    files = {f"{secret.name}_FILE": f"{SECRETS}/{secret.name}" for secret in spec.secrets if secret.use == "file"}
    return {**usual, **spec.env, **values, **files, **env}


def _namespaces(view: View) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
    if view.spec.limits.network != "open":
        yield "--unshare-net"
    if not view.keeps_userns:
        yield "--disable-userns"
    uid, gid = view.user.inside
    yield from ("--uid", str(uid), "--gid", str(gid), "--hostname", "sandbox")
    yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL")


def _machine(view: View) -> Iterator[str]:
    yield from ("--ro-bind", "/usr", "/usr")
    for path in _PROGRAMS:
        if os.path.islink(path):
            yield from ("--symlink", os.readlink(path), path)
        else:
            yield from ("--ro-bind-try", path, path)
    for path in (*_SETTINGS, *(_NETWORK_SETTINGS if view.spec.limits.network == "open" else ())):
        yield from ("--ro-bind-try", path, path)
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(view.places.accounts / name), f"/etc/{name}")
    yield from ("--proc", "/proc", "--dev", "/dev")


def _own(view: View) -> Iterator[str]:
    for target, path in view.places.writable.items():
        yield from _mount(str(path), target, True)
    for name, path in view.places.secrets.items():
        yield from _mount(str(path), f"{SECRETS}/{name}", False)


def _mount(source: str, target: str, write: bool) -> Iterator[str]:
    yield from ("--bind" if write else "--ro-bind", source, posixpath.normpath(target))


def sealed(arguments: list[str]) -> int:
    """A descriptor to read them from: other users could see a command line, and the environment stands in it."""
    descriptor = os.memfd_create("arguments")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(b"".join(os.fsencode(each) + b"\0" for each in arguments))
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def program(configured: Path | None) -> str | None:
    """Where bubblewrap is."""
    return shutil.which(str(configured or "bwrap"))
