"""`massgen.lock`: what unpinned packages were resolved to, and which MCP era each image speaks.

A TOML file beside the config, meant to be committed. Writers take turns (a lock on the folder, where the system has
such locks) and replace the file in one step, so a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import tempfile
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from massgen_core.errors import ConfigError
from massgen_core.sandbox import ImageInfo, PackageRef

FILE = "massgen.lock"

_HEADER = """\
# Written by massgen-core: what unpinned packages were resolved to. Commit it.
# Delete an entry, or the file, to resolve anew.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPackage:
    """What one package of the config was resolved to; ``packages`` maps what was installed to its version."""

    version: str
    image: str
    id: str
    note: str | None = None
    packages: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    @classmethod
    def of(cls, image: ImageInfo) -> LockedPackage | None:
        """The entry for an image, or None where it does not know its package's version."""
        if image.version is None:
            return None
        return cls(version=image.version, image=image.reference, id=image.id, note=image.note, packages=image.packages)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockFile:
    """All of `massgen.lock`; ``protocols`` maps the ids of images to the MCP version they speak."""

    packages: Mapping[str, LockedPackage] = field(default_factory=dict[str, LockedPackage])
    protocols: Mapping[str, str] = field(default_factory=dict[str, str])


def package_key(package: PackageRef) -> str:
    """How a package is named in the file: as in the config, with its extras."""
    extras = "".join(f" + {extra}" for extra in package.extras)
    return f"{package}{extras}"


def read_lock(folder: Path) -> LockFile:
    """The lock of a folder; empty where there is no file.

    Raises:
        ConfigError: The file is broken.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return LockFile(
            packages={key: LockedPackage(**entry) for key, entry in _table(data, "package").items()},
            protocols={key: str(entry["protocol"]) for key, entry in _table(data, "image").items()},
        )
    except FileNotFoundError:
        return LockFile()
    except (OSError, ValueError, TypeError, KeyError) as error:
        cure = "Restore it, or delete it to resolve all packages anew."
        raise ConfigError(f"cannot be read: {error}", file=str(path), cure=cure) from None


def lock_package(folder: Path, package: PackageRef, image: ImageInfo) -> None:
    """Record what a package was resolved to. Raises `OSError` where the file cannot be written."""
    entry = LockedPackage.of(image)
    if entry is not None:
        with _exclusive(folder):
            lock = read_lock(folder)
            _write(folder, LockFile(packages={**lock.packages, package_key(package): entry}, protocols=lock.protocols))


def lock_protocol(folder: Path, image_id: str, protocol: str) -> None:
    """Record which MCP version an image speaks. Raises `OSError` where the file cannot be written."""
    with _exclusive(folder):
        lock = read_lock(folder)
        if lock.protocols.get(image_id) != protocol:
            _write(folder, LockFile(packages=lock.packages, protocols={**lock.protocols, image_id: protocol}))


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, dict[str, Any]]:
    return cast("Mapping[str, dict[str, Any]]", data.get(name, {}))


def _write(folder: Path, lock: LockFile) -> None:
    text = "\n".join(_lines(lock))
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{FILE}.")
    try:
        with open(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)  # mkstemp's 0600 would keep colleagues on a shared checkout from reading it
        os.replace(name, folder / FILE)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _lines(lock: LockFile) -> Iterator[str]:
    yield _HEADER
    for key, entry in sorted(lock.packages.items()):
        yield f"[package.{_quoted(key)}]"
        yield f"version = {_quoted(entry.version)}"
        yield f"image = {_quoted(entry.image)}"
        yield f"id = {_quoted(entry.id)}"
        if entry.note is not None:
            yield f"note = {_quoted(entry.note)}"
        yield f"\n[package.{_quoted(key)}.packages]"
        yield from (f"{_quoted(name)} = {_quoted(version)}" for name, version in sorted(entry.packages.items()))
        yield ""
    for image_id, protocol in sorted(lock.protocols.items()):
        yield f"[image.{_quoted(image_id)}]"
        yield f"protocol = {_quoted(protocol)}\n"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, but for DEL, which JSON leaves bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def _exclusive(folder: Path) -> Generator[None]:
    try:
        import fcntl
    except ImportError:  # Windows: the file is still replaced in one step, the last of two writers wins
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
