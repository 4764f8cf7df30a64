"""One file's content exchanged at once, with everything else that it had: rights, owner, attributes.

A new content is written beside the old one and moved over it (rename(2)), so a reader sees one or the other, and a
crash leaves one or the other. Further hard links of a file keep the old content: they may be somebody's who may not be
written to.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b

from massgen_core.jail.place import Spot
from massgen_core.jail.roots import OWN

_HIDDEN = b".massgen-"
_NEW_MODE = 0o666
_ALL_RIGHTS, _SAFE_RIGHTS = 0o7777, 0o1777
_LEFT_TO_THE_KERNEL = frozenset({"security.selinux", "security.ima", "security.evm", "security.capability"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was put in place: its size, and its version (see `version_of`)."""

    size: int
    version: str


def version_of(data: bytes) -> str:
    """A content's version: the same for the same bytes, another one for others (96 bits of BLAKE2b)."""
    return version_of_all((data,))


def version_of_all(pieces: Iterable[bytes]) -> str:
    """The version of a content that comes in pieces."""
    digest = blake2b(digest_size=12)
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def replace(
    spot: Spot, pieces: Iterable[bytes], *, mode: int | None = None, durable: bool = False, named: bool = True
) -> Written:
    """Put a content at a spot, in place of a file or where there is none.

    ``mode`` are the rights that it gets; without, an old file keeps its own. Its owner and attributes it keeps anyway,
    and bits by which a program runs as its owner are left to one whose owner stays. ``durable`` waits until the disk
    has it, and where ``named`` its name too.

    Raises:
        OSError: It could not be written; nothing has changed then.
    """
    old = _old(spot)
    try:
        written = _exchange(spot, old, pieces, mode, durable=durable)
    finally:
        if old is not None:
            os.close(old)
    if durable and named:
        _sync_folder(spot.folder)
    return written


def _exchange(spot: Spot, old: int | None, pieces: Iterable[bytes], mode: int | None, *, durable: bool) -> Written:
    temporary = _HIDDEN + secrets.token_hex(8).encode()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
    file = os.open(temporary, flags, 0o600, dir_fd=spot.folder)
    try:
        try:
            written = _write(file, pieces)
            _take_over(file, spot, old, mode)
            if durable:
                os.fsync(file)
        finally:
            os.close(file)
        os.rename(temporary, spot.name, src_dir_fd=spot.folder, dst_dir_fd=spot.folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=spot.folder)
        raise
    return written


def is_temporary(name: bytes) -> bool:
    """Whether a name is this program's own: a content that is being written, or the trash. Nobody is shown it."""
    return name == OWN or is_half_written(name)


def is_half_written(name: bytes) -> bool:
    """Whether a name is one under which a content is written before it is moved."""
    return name.startswith(_HIDDEN) and len(name) == len(_HIDDEN) + 16


def _old(spot: Spot) -> int | None:
    """The file that is there, open; None where there is none."""
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        found = os.open(spot.name, flags, dir_fd=spot.folder)
    except FileNotFoundError:
        return None
    mode = os.fstat(found).st_mode
    if not stat.S_ISREG(mode):
        os.close(found)
        number = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
        raise OSError(number, os.strerror(number))
    return found


def _write(file: int, pieces: Iterable[bytes]) -> Written:
    digest, size = blake2b(digest_size=12), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        view = memoryview(piece)
        while view:
            view = view[os.write(file, view) :]
    return Written(size=size, version=digest.hexdigest())


def _take_over(file: int, spot: Spot, old: int | None, mode: int | None) -> None:
    if old is None:
        _as_new(file, spot, mode)
        return
    found = os.fstat(old)
    _take_owner(file, found)
    _take_attributes(file, old)  # before the rights: an access control list brings some along
    wanted = found.st_mode & _ALL_RIGHTS if mode is None else mode
    os.fchmod(file, wanted & (_ALL_RIGHTS if _same_owner(os.fstat(file), found) else _SAFE_RIGHTS))


def _as_new(file: int, spot: Spot, mode: int | None) -> None:
    """A new file belongs to whoever its folder belongs to, where we may give it away: both sides can use it then."""
    if os.geteuid() == 0:
        _take_owner(file, os.fstat(spot.folder))
    os.fchmod(file, _NEW_MODE & ~_umask() if mode is None else mode & _SAFE_RIGHTS)


def _take_owner(file: int, like: os.stat_result) -> None:
    if not _same_owner(os.fstat(file), like):
        with suppress(PermissionError):
            os.fchown(file, like.st_uid, like.st_gid)


def _same_owner(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_uid, one.st_gid) == (other.st_uid, other.st_gid)


def _take_attributes(file: int, old: int) -> None:
    """Access control lists, too, are among them; those that the kernel gives are left to it."""
    with suppress(OSError):
        for name in os.listxattr(old):
            if name not in _LEFT_TO_THE_KERNEL:
                with suppress(OSError):
                    os.setxattr(file, name, os.getxattr(old, name))


def _umask() -> int:
    """Ours; it can only be read by setting it, so it is read once, when this module is."""
    return _UMASK


def _sync_folder(folder: int) -> None:
    again = os.open(".", os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
    try:
        os.fsync(again)
    finally:
        os.close(again)


_UMASK = os.umask(0o022)
os.umask(_UMASK)
