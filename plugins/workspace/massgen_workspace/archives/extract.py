"""An archive unpacked into a new folder that nobody else uses, by descriptor; what is in it is a stranger's."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.names import shown
from massgen_core.jail.place import Spot
from massgen_workspace.archives.model import ArchiveRefused, Member, Reader
from massgen_workspace.archives.names import alike, safe_link, safe_path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LOOK = getattr(os, "O_PATH", os.O_RDONLY) | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LATEST = 2**33
_FILE_RIGHTS, _FOLDER_RIGHTS = 0o644, 0o755
_NOT_FOR_OTHERS = 0o755
_ERRORS = {17: "something else in it has the same name", 20: "a name on the way to it is a file", 40: "it is in a link"}


class Extractor:
    """One archive on its way into a folder that is made at a spot; ``owner`` (uid, gid) is whose the files are."""

    def __init__(self, spot: Spot, owner: tuple[int, int], *, same_names: bool = False) -> None:
        os.mkdir(spot.name, 0o700, dir_fd=spot.folder)
        self._top = os.open(spot.name, _FOLDER, dir_fd=spot.folder)
        self._owner = owner
        self._alike: dict[str, bytes] | None = None if same_names else {}
        self._folders: dict[bytes, tuple[int, float | None]] = {}
        self.entries = 0
        self.bytes = 0
        os.fchmod(self._top, _FOLDER_RIGHTS)
        self._give(self._top)

    def close(self) -> None:
        """Close the folder."""
        os.close(self._top)

    def take_all(self, reader: Reader) -> None:
        """Unpack every entry.

        Raises:
            ArchiveRefused: The archive is broken, or one of its entries may not become a file.
        """
        for member, content in reader.members():
            path = safe_path(member.name)
            try:
                self._take(member, path, content)
            except OSError as error:
                reason = _ERRORS.get(error.errno or 0) or os.strerror(error.errno or 5)
                raise ArchiveRefused(f"{shown(member.name[:200])} in it cannot be unpacked: {reason}") from error
        for path, (mode, moment) in sorted(self._folders.items(), reverse=True):
            self._finish(path, mode, moment)

    def _take(self, member: Member, path: bytes, content: Iterator[bytes]) -> None:
        if member.kind == "other":
            raise ArchiveRefused(f"{shown(member.name[:200])} in it is refused: it is {member.word}")
        if not path:
            if member.kind != "folder":
                raise ArchiveRefused("an entry in it has no name")
            return
        self._demand_unlike(path)
        if member.kind == "folder":
            os.close(self._folder(path))
            self._folders[path] = ((member.mode or _FOLDER_RIGHTS) & _NOT_FOR_OTHERS | 0o700, member.time)
        else:
            self._take_item(member, path, content)
            self.entries += 1

    def _take_item(self, member: Member, path: bytes, content: Iterator[bytes]) -> None:
        parent, _, name = path.rpartition(b"/")
        folder = self._folder(parent)
        try:
            if member.kind == "file":
                self._write(Spot(folder, name), member, content)
            elif member.kind == "link":
                os.symlink(safe_link(member, path), name, dir_fd=folder)
                if os.geteuid() == 0:
                    os.chown(name, *self._owner, dir_fd=folder, follow_symlinks=False)
            else:
                self._link(Spot(folder, name), member)
        finally:
            os.close(folder)

    def _demand_unlike(self, path: bytes) -> None:
        """Raises `ArchiveRefused` where an entry, or a folder around it, has another's name but for its case."""
        if self._alike is None:
            return
        while path:
            known = self._alike.setdefault(key := alike(path), b"")
            if known == path:
                return
            if known:
                cure = "`same_names` unpacks both, where the disk can tell them apart"
                raise ArchiveRefused(f"{shown(known)} and {shown(path)} in it are one name on some disks; {cure}")
            self._alike[key] = path
            path = path.rpartition(b"/")[0]

    def _folder(self, path: bytes) -> int:
        """A folder of the archive, open; it is made where it is not there yet, with those around it."""
        with suppress(FileNotFoundError):
            return open_beneath(self._top, path or b".", _FOLDER, follow=False)
        parent, _, name = path.rpartition(b"/")
        around = self._folder(parent)
        try:
            os.mkdir(name, 0o700, dir_fd=around)
            made = os.open(name, _FOLDER, dir_fd=around)
        finally:
            os.close(around)
        os.fchmod(made, _FOLDER_RIGHTS)
        self._give(made)
        self.entries += 1
        return made

    def _write(self, spot: Spot, member: Member, content: Iterator[bytes]) -> None:
        file = os.open(spot.name, _WRITE, 0o600, dir_fd=spot.folder)
        try:
            for piece in content:
                view = memoryview(piece)
                while view:
                    view = view[os.write(file, view) :]
                self.bytes += len(piece)
            self._give(file)
            os.fchmod(file, (member.mode or _FILE_RIGHTS) & _NOT_FOR_OTHERS | 0o600)
            _set_time(file, member.time)
        finally:
            os.close(file)

    def _link(self, spot: Spot, member: Member) -> None:
        """A further name for a file that was unpacked before; no link is taken for one."""
        target = safe_path(member.target)
        try:
            first = open_beneath(self._top, target, _LOOK, follow=False)
        except OSError:
            raise ArchiveRefused(
                f"{shown(member.name[:200])} in it is refused: it is a further name for {shown(target[:200])}, "
                "which is no file before it"
            ) from None
        try:
            os.link(f"/proc/self/fd/{first}", os.fsdecode(spot.name), dst_dir_fd=spot.folder)
        finally:
            os.close(first)

    def _finish(self, path: bytes, mode: int, moment: float | None) -> None:
        folder = open_beneath(self._top, path, _FOLDER, follow=False)
        try:
            os.fchmod(folder, mode)
            _set_time(folder, moment)
        finally:
            os.close(folder)

    def _give(self, file: int) -> None:
        with suppress(PermissionError):
            os.fchown(file, *self._owner)


def _set_time(file: int, moment: float | None) -> None:
    """The time that the archive says, where it is one."""
    if moment is not None and 0 <= moment < _LATEST:
        os.utime(file, ns=(time.time_ns(), round(moment * 1_000_000_000)))
