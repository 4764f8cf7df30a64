"""A copy of a file, a link or a whole folder, by descriptor from one place to another."""

from __future__ import annotations

import os
import stat
from collections.abc import Generator
from contextlib import closing, suppress
from dataclasses import dataclass

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Spot
from massgen_core.jail.roots import Identity, identity, kind_of
from massgen_workspace.files.content import Contents, has_holes
from massgen_workspace.files.descent import Ladder, Visit, Wanted, remove_tree, visits
from massgen_workspace.files.meter import Meter

_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC
_KEPT_ATTRIBUTES = ("user.", "system.posix_acl_")
_SAFE_RIGHTS = 0o1777


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """What was copied: files, folders and links; bytes of files; and how many of those share the disk's with the old.

    Further hard links of a file that was copied count as entries, not as bytes.
    """

    entries: int
    bytes: int
    shared: int


def copy_tree(
    source: Spot,
    target: Spot,
    *,
    wanted: Wanted | None = None,
    meter: Meter | None = None,
    owner: tuple[int, int] | None = None,
    text: str = "",
) -> Copied:
    """Copy what is at a spot to another one, where nothing is; a folder with all that is in it.

    ``Spot(folder, b".")`` is the open folder itself. ``wanted`` is asked for everything below the top, by its path from
    there on (bytes, no slash at either end) and lstat(2); a folder that it does not want is not entered. ``meter``
    counts as the copy grows, bounds it, and may end it by what it raises. ``text`` is how messages call the source.

    Kept are rights, times to the nanosecond, links as links (wherever they lead), ``user.*`` attributes and access
    control lists, holes, and hard links within the copy. Where the disk can, contents are shared (ioctl_ficlone(2)),
    else copied by the kernel (copy_file_range(2)). The owner is kept where this program may give files away; with
    ``owner`` (uid, gid) the copy belongs to that one, and loses the bits that make programs run as their owner.

    No link is followed on either side, and no folder is left for one that was moved there meanwhile. Memory does not
    grow with the tree, but for the names of the folders on the way and hard links.

    Raises:
        PathRefused: There is something at the target, a pipe, socket or device in the source, something that cannot be
            read, or folders are moved about meanwhile.
        TooMuch: It is more than the meter admits.

    What was copied by then is removed, where it was this call that made it.
    """
    copy = _Copy(target, meter or Meter(), owner)
    try:
        with closing(visits(source, wanted=wanted)) as found:
            copy.take_all(found, text or shown(source.name))
    except BaseException:
        if copy.begun:
            with suppress(OSError):
                remove_tree(target)
        raise
    finally:
        copy.close()
    return Copied(entries=copy.entries, bytes=copy.bytes, shared=copy.shared)


class _Copy:
    """The copy as it grows: where it has come to, and the files that have more than one name."""

    def __init__(self, target: Spot, meter: Meter, owner: tuple[int, int] | None) -> None:
        self.begun = False
        self.entries = 0
        self.bytes = 0
        self.shared = 0
        self._where = ""
        self._top = target
        self._there = Ladder(target.folder)
        self._meter = meter
        self._owner = owner
        self._contents = Contents(meter)
        self._linked: dict[Identity, tuple[bytes, Identity]] = {}

    def close(self) -> None:
        self._there.close()

    def take_all(self, found: Generator[Visit], text: str) -> None:
        """Everything on the way through the source."""
        self._where = text
        try:
            for visit in found:
                self._where = f"{text}/{shown(visit.path)}" if visit.path else text
                self._take(visit, visit.name if visit.path else self._top.name)
        except OSError as error:
            raise refusal(self._where, error) from error

    def _take(self, visit: Visit, name: bytes) -> None:
        mode = visit.found.st_mode
        if visit.what == "leave":
            self._finish_folder(visit)
            self._there.up()
            return
        if stat.S_ISDIR(mode):
            os.mkdir(name, 0o700, dir_fd=self._there.here)
            self.begun = True
            self._there.down(name)
        elif stat.S_ISLNK(mode):
            self._link(visit, name)
        elif stat.S_ISREG(mode):
            self._file(visit, name)
        else:
            raise PathRefused(self._where, f"it is {kind_of(mode)}: only files, folders and links can be copied")
        self.begun = True
        self.entries += 1
        self._meter.add(entries=1)

    def _link(self, visit: Visit, name: bytes) -> None:
        os.symlink(os.readlink(visit.name, dir_fd=visit.folder), name, dir_fd=self._there.here)
        if self._owner is not None or os.geteuid() == 0:
            uid, gid = self._owner or (visit.found.st_uid, visit.found.st_gid)
            with suppress(PermissionError):
                os.chown(name, uid, gid, dir_fd=self._there.here, follow_symlinks=False)
        times = visit.found.st_atime_ns, visit.found.st_mtime_ns
        os.utime(name, ns=times, dir_fd=self._there.here, follow_symlinks=False)

    def _file(self, visit: Visit, name: bytes) -> None:
        if visit.found.st_nlink > 1 and self._link_again(visit, name):
            return
        source = os.open(visit.name, _READ, dir_fd=visit.folder)
        try:
            found = os.fstat(source)
            if not stat.S_ISREG(found.st_mode):
                raise PathRefused(self._where, f"it is {kind_of(found.st_mode)} by now, not a file")
            target = os.open(name, _WRITE, 0o600, dir_fd=self._there.here)
            self.begun = True
            try:
                shared = self._contents.copy(source, target, found.st_size, holes=has_holes(found))
                self._take_over(source, target, found)
                copied = os.fstat(target)
            finally:
                os.close(target)
        finally:
            os.close(source)
        self.bytes += copied.st_size
        self.shared += copied.st_size if shared else 0
        if found.st_nlink > 1:
            self._linked[identity(found)] = visit.path, identity(copied)

    def _link_again(self, visit: Visit, name: bytes) -> bool:
        """A further name for a copy that was made; False where there is none, or not any more."""
        path, wanted = self._linked.get(identity(visit.found), (b"", None))
        if wanted is None or not path:
            return False
        with suppress(OSError):
            first = open_beneath(self._top.folder, self._top.name + b"/" + path, _LOOK, follow=False)
            try:
                if identity(os.fstat(first)) == wanted:
                    os.link(f"/proc/self/fd/{first}", os.fsdecode(name), dst_dir_fd=self._there.here)
                    return True
            finally:
                os.close(first)
        return False

    def _finish_folder(self, visit: Visit) -> None:
        """Rights and times come last: what is put into a folder changes them."""
        try:
            source = os.open(visit.name, _FOLDER, dir_fd=visit.folder)
        except OSError:
            self._take_over(None, self._there.here, visit.found)
            return
        try:
            self._take_over(source, self._there.here, visit.found)
        finally:
            os.close(source)

    def _take_over(self, source: int | None, target: int, found: os.stat_result) -> None:
        owner = self._owner or (found.st_uid, found.st_gid)
        mine = os.fstat(target)
        if (mine.st_uid, mine.st_gid) != owner:
            with suppress(PermissionError):
                os.fchown(target, *owner)
            mine = os.fstat(target)
        if source is not None:
            _take_attributes(source, target)
        same = self._owner is None and (mine.st_uid, mine.st_gid) == (found.st_uid, found.st_gid)
        os.fchmod(target, stat.S_IMODE(found.st_mode) & (0o7777 if same else _SAFE_RIGHTS))
        os.utime(target, ns=(found.st_atime_ns, found.st_mtime_ns))


def _take_attributes(source: int, target: int) -> None:
    """The attributes that are the user's own; what belongs to the kernel, or to root alone, stays behind."""
    with suppress(OSError):
        for name in os.listxattr(source):
            if name.startswith(_KEPT_ATTRIBUTES):
                with suppress(OSError):
                    os.setxattr(target, name, os.getxattr(source, name))
