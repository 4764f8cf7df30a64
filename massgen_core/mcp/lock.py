"""`massgen.lock`: what unpinned packages were resolved to, and which MCP era each image speaks.

A TOML file beside the config, meant to be committed. Writers take turns (a lock on the folder, where the system has
such locks) and replace the file in one step, so a reader never sees half of it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import tomllib
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from massgen_core.config import STRICT, config_error
from massgen_core.errors import ConfigError
from massgen_core.sandbox import ImageInfo, PackageRef

FILE = "massgen.lock"

_HEADER = """\
# Written by massgen-core: what unpinned packages were resolved to. Commit it.
# Delete an entry, or the file, to resolve anew.
"""

_PATIENCE = 10.0
_PAUSE = 0.02
_CURE = "Restore the file, or delete it to resolve all packages anew."


class LockedPackage(BaseModel):
    """What one package of the config was resolved to; ``packages`` maps what was installed to its version."""

    model_config = STRICT

    version: str
    image: str
    id: str
    note: str | None = None
    packages: Mapping[str, str] = Field(default_factory=dict[str, str])


class LockedImage(BaseModel):
    """What is known of one image: the MCP version it speaks."""

    model_config = STRICT

    protocol: str


class LockFile(BaseModel):
    """All of `massgen.lock`: packages by their words in the config, images by their id."""

    model_config = STRICT

    package: Mapping[str, LockedPackage] = Field(default_factory=dict[str, LockedPackage])
    image: Mapping[str, LockedImage] = Field(default_factory=dict[str, LockedImage])


def package_key(package: PackageRef) -> str:
    """How a package is named in the file: as in the config, with its extras and its Debian packages."""
    beside = (*package.extras, *(f"debian:{name}" for name in package.system))
    return "".join((str(package), *(f" + {each}" for each in beside)))


def read_lock(folder: Path) -> LockFile:
    """The lock of a folder; empty where there is no file.

    Raises:
        ConfigError: The file is broken.
    """
    path = folder / FILE
    try:
        return LockFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return LockFile()
    except ValidationError as error:
        found = config_error(error)
        raise ConfigError(found.problem, key=found.key, file=str(path), cure=_CURE) from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", file=str(path), cure=_CURE) from None


def lock_package(folder: Path, package: PackageRef, image: ImageInfo) -> None:
    """Record what a package was resolved to. Raises `OSError` where the file cannot be written."""
    if image.version is None:
        return
    entry = LockedPackage(
        version=image.version, image=image.reference, id=image.id, note=image.note, packages=image.packages
    )
    with _exclusive(folder):
        lock = read_lock(folder)
        _write(folder, LockFile(package={**lock.package, package_key(package): entry}, image=lock.image))


def lock_protocol(folder: Path, image_id: str, protocol: str) -> None:
    """Record which MCP version an image speaks. Raises `OSError` where the file cannot be written."""
    with _exclusive(folder):
        lock = read_lock(folder)
        _write(folder, LockFile(package=lock.package, image={**lock.image, image_id: LockedImage(protocol=protocol)}))


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
    for key, entry in sorted(lock.package.items()):
        yield f"[package.{_quoted(key)}]"
        yield f"version = {_quoted(entry.version)}"
        yield f"image = {_quoted(entry.image)}"
        yield f"id = {_quoted(entry.id)}"
        if entry.note is not None:
            yield f"note = {_quoted(entry.note)}"
        yield f"\n[package.{_quoted(key)}.packages]"
        yield from (f"{_quoted(name)} = {_quoted(version)}" for name, version in sorted(entry.packages.items()))
        yield ""
    for image_id, image in sorted(lock.image.items()):
        yield f"[image.{_quoted(image_id)}]"
        yield f"protocol = {_quoted(image.protocol)}\n"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are among TOML's, but for DEL, which JSON leaves bare."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@contextmanager
def _exclusive(folder: Path) -> Generator[None]:
    if sys.platform == "win32":  # no such locks: the file is still replaced in one step, the last of two writers wins
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _wait_for_turn(descriptor)
        yield
    finally:
        os.close(descriptor)


def _wait_for_turn(descriptor: int) -> None:
    import fcntl

    deadline = time.monotonic() + _PATIENCE
    while True:
        with suppress(BlockingIOError):
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if time.monotonic() > deadline:
            raise TimeoutError(f"another program has been writing for {_PATIENCE:g} s")
        time.sleep(_PAUSE)
