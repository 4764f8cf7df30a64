"""The folders of the host that belong to one sandbox, and the user that it runs as."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import SandboxSpec
from massgen_sandbox_local.owners import PREFIX, left_behind, mark

HOME = "/home/sandbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who runs a sandbox: ``inside`` is what it sees, ``outside`` what root has to become, None for anybody else."""

    inside: tuple[int, int]
    outside: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Private folders: ``writable`` by the path at which a sandbox sees them, ``secrets`` by their names."""

    root: Path
    writable: dict[str, Path]
    secrets: dict[str, Path]

    @property
    def accounts(self) -> Path:
        """The folder with its passwd and group."""
        return self.root / "etc"


def user_of(spec: SandboxSpec) -> User:
    """The user: root becomes the owner of what the sandbox may write, or else the one of its limits.

    Raises:
        SandboxUnavailable: Only root could write what it may write.
    """
    wanted = tuple(map(int, spec.limits.user.split(":")))
    inside = (wanted[0], wanted[1])
    if os.geteuid() != 0:
        return User(inside=inside, outside=None)
    if "user" not in spec.limits.model_fields_set:
        for mount in spec.mounts:
            if mount.write:
                owner = mount.source.stat()
                inside = (owner.st_uid, owner.st_gid)
                break
    if 0 in inside:
        raise SandboxUnavailable(
            f"{spec.name}: what it may write belongs to root, and no sandbox runs as root\n"
            "  Give the folder to an ordinary user, or choose a folder of one."
        )
    return User(inside=inside, outside=inside)


@asynccontextmanager
async def places(spec: SandboxSpec, user: User) -> AsyncGenerator[Places]:
    """Make the private folders; afterwards they are removed."""
    made = await anyio.to_thread.run_sync(_make, spec, user)
    try:
        yield made
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_remove, made.root)


def _make(spec: SandboxSpec, user: User) -> Places:
    try:
        root = Path(tempfile.mkdtemp(prefix=PREFIX))
    except OSError as error:
        raise SandboxError(f"no folder for the sandbox's files could be made: {error}") from error
    try:
        mark(root)
        return _filled(Places(root=root, writable={}, secrets={}), spec, user)
    except BaseException:
        _remove(root)
        raise


def _filled(made: Places, spec: SandboxSpec, user: User) -> Places:
    for number, path in enumerate(dict.fromkeys(["/tmp", HOME, *spec.limits.tmpfs])):
        made.writable[path] = made.root / f"folder{number}"
        made.writable[path].mkdir(mode=0o700)
    made.accounts.mkdir()
    uid, gid = user.inside
    (made.accounts / "passwd").write_text(f"sandbox:x:{uid}:{gid}::{HOME}:/bin/sh\n")
    (made.accounts / "group").write_text(f"sandbox:x:{gid}:\n")
    for secret in spec.secrets:
        if secret.use == "file":
            made.secrets[secret.name] = made.root / f"secret-{secret.name}"
            descriptor = os.open(made.secrets[secret.name], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(secret.value)
    if user.outside is not None:
        made.root.chmod(0o711)  # it stays ours, with the mark; the sandbox's user has what is in it
        for path in (*made.writable.values(), *made.secrets.values(), made.accounts, *made.accounts.iterdir()):
            os.chown(path, *user.outside)
    return made


def remove_left_behind() -> int:
    """Remove what programs that were killed have left; how many folders that were."""
    found = list(left_behind())
    for root in found:
        _remove(root)
    return len(found)


def _remove(root: Path) -> None:
    """A sandbox may have taken its own rights away from its folders."""

    def again(function: object, path: str, error: object) -> None:
        os.chmod(os.path.dirname(path), 0o700)
        if not os.path.islink(path):
            os.chmod(path, 0o700)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)

    try:
        shutil.rmtree(root, onerror=again)
    except OSError:
        shutil.rmtree(root, ignore_errors=True)
