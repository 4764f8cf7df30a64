"""The same as openat2(2), one name at a time: for kernels without it, and for paths longer than they take."""

from __future__ import annotations

import errno
import os
import stat
import sys

_MOST_LINKS = 40
_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_CLOEXEC", 0)
_HERE = _LOOK | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)


def open_beneath(folder: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = True) -> int:
    """Open a relative path; links are followed as far as they stay beneath ``folder``, none at all without ``follow``.

    Raises:
        OSError: ``EXDEV`` where it would lead out.
    """
    if path.startswith(b"/"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    if b".." not in path.split(b"/"):
        try:
            return _straight(folder, _names(path), flags, mode, wants_folder=path.endswith((b"/", b"/.")))
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR):
                raise  # else there may be a link
    walker = _Walker(os.dup(folder), path, follow=follow)
    try:
        return walker.open(flags, mode)
    finally:
        walker.close()


def _straight(folder: int, left: list[bytes], flags: int, mode: int, *, wants_folder: bool) -> int:
    """Open a path in which no name is a link: one call for each."""
    here = os.dup(folder)
    try:
        while len(left) > 1:
            inner = os.open(left.pop(), _HERE, dir_fd=here)
            os.close(here)
            here = inner
        flags |= os.O_NOFOLLOW | os.O_CLOEXEC | (os.O_DIRECTORY if wants_folder else 0)
        found = os.open(left.pop() if left else b".", flags, mode, dir_fd=here)
    finally:
        os.close(here)
    if flags & getattr(os, "O_PATH", 0) and stat.S_ISLNK(os.fstat(found).st_mode):
        os.close(found)
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return found


class _Walker:
    """Where the walk has come to, and what the folders above it are: ``..`` must lead to the one that it came from."""

    def __init__(self, root: int, path: bytes, *, follow: bool) -> None:
        self._here = root
        self._above: list[tuple[int, int]] = []
        self._left = _names(path)
        self._wants_folder = path.endswith((b"/", b"/."))
        self._follow = follow
        self._links = 0

    def close(self) -> None:
        os.close(self._here)

    def open(self, flags: int, mode: int) -> int:
        while len(self._left) > 1:
            self._enter(self._left.pop())
        name = self._left.pop() if self._left else b"."
        if name == b"..":
            self._up()
            name = b"."
        try:
            found = self._open_here(name, flags | os.O_NOFOLLOW, mode)
            if flags & os.O_NOFOLLOW or not stat.S_ISLNK(os.fstat(found).st_mode):
                return found
            os.close(found)  # with O_PATH a link itself can be opened
            target = self._target(name)
        except OSError as error:
            if error.errno not in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR) or flags & os.O_NOFOLLOW:
                raise
            target = self._target(name)
            if target is None:
                raise
        if target is None:
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self._follow_link(target)
        return self.open(flags, mode)

    def _open_here(self, name: bytes, flags: int, mode: int) -> int:
        if self._wants_folder:
            flags |= os.O_DIRECTORY
        return os.open(name, flags | os.O_CLOEXEC, mode, dir_fd=self._here)

    def _enter(self, name: bytes) -> None:
        if name == b"..":
            self._up()
            return
        target = self._target(name)
        if target is not None:
            self._follow_link(target)
            return
        above = _identity(self._here)
        self._go(name)
        self._above.append(above)

    def _up(self) -> None:
        """One folder up, unless that is another one by now: somebody has moved it, perhaps out of the root."""
        if not self._above:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        self._go(b"..")
        if _identity(self._here) != self._above.pop():
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    def _go(self, name: bytes) -> None:
        found = os.open(name, _HERE, dir_fd=self._here)
        os.close(self._here)
        self._here = found

    def _target(self, name: bytes) -> bytes | None:
        """Where a link leads; None where it is none."""
        try:
            return os.readlink(name, dir_fd=self._here)
        except OSError as error:
            if error.errno == errno.EINVAL:
                return None
            raise

    def _follow_link(self, target: bytes) -> None:
        self._links += 1
        if not self._follow or self._links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if target.startswith(b"/"):
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        self._left += _names(target)


def _identity(folder: int) -> tuple[int, int]:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino


def _names(path: bytes) -> list[bytes]:
    """The names of a path, the last one first."""
    return [name for name in reversed(path.split(b"/")) if name not in (b"", b".")]


if sys.platform == "win32":  # pragma: no cover

    def open_beneath(folder: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = True) -> int:
        """Windows has no descriptors of folders."""
        raise OSError(errno.ENOSYS, "files are not opened beneath folders on Windows")
