"""The one name of what a path leads to: by real folders, from the root on, with no link in it."""

from __future__ import annotations

import errno
import os
import sys

from massgen_core.jail.beneath import open_beneath
from massgen_core.jail.errors import NotThere, refusal
from massgen_core.jail.place import Place
from massgen_core.jail.roots import Root

_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0)
_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NO_NAMES = (b"", b".", b"..")


def real_place(place: Place) -> Place:
    """The place behind all links of a path, named from the root on by real folders; those need not be there yet.

    Raises:
        PathRefused: A link leads out of the root.
    """
    missing: list[bytes] = []
    around = place
    while True:
        try:
            found = _behind(around)
            break
        except NotThere:
            parent, _, name = around.path.rstrip(b"/").rpartition(b"/")
            if not parent or name in _NO_NAMES:
                raise
            missing.append(name)
            around = Place(place.root, parent, place.text)
    return Place(place.root, b"/".join([found, *reversed(missing)]), place.text)


def real_folder(place: Place) -> Place:
    """The place of a folder that is there, behind all links.

    Raises:
        PathRefused: It is not there, or a link leads out of the root.
    """
    names = _names(place.path)
    if names is not None and _is_folder(place.root, b"/".join(names)):
        return Place(place.root, b"/".join(names), place.text)
    with place.folder() as folder:
        try:
            return Place(place.root, _inside(place.root, folder), place.text)
        except OSError as error:
            raise refusal(place.text, error) from error


def _behind(place: Place) -> bytes:
    """What a path leads to; its folder has to be there."""
    names = _names(place.path)
    ends_in_name = place.path.rstrip(b"/").rpartition(b"/")[2] not in _NO_NAMES
    if names and ends_in_name and _is_plain(place.root, names):
        return b"/".join(names)
    with place.behind_links().spot() as spot:
        parent = _inside(place.root, spot.folder)
        return parent + b"/" + spot.name if parent else spot.name


def _is_plain(root: Root, names: list[bytes]) -> bool:
    """Whether there is no link among the names: then a path is what it says, however deep it is."""
    try:
        folder = open_beneath(root.folder, b"/".join(names[:-1]), _FOLDER, follow=False)
    except OSError:
        return False
    try:
        os.readlink(names[-1], dir_fd=folder)
    except OSError:
        return True
    finally:
        os.close(folder)
    return False


def _is_folder(root: Root, path: bytes) -> bool:
    """Whether there is a folder that may be listed."""
    try:
        os.close(open_beneath(root.folder, path, _LIST, follow=False))
    except OSError:
        return False
    return True


def _names(path: bytes) -> list[bytes] | None:
    """The names of a path; None where it goes up again."""
    names = [name for name in path.split(b"/") if name not in (b"", b".")]
    return None if b".." in names else names


def _inside(root: Root, folder: int) -> bytes:
    """A folder's path from the root on, by what the kernel calls it now.

    Raises:
        OSError: ``EXDEV`` where it was moved out of the root, ``ENOENT`` where it was removed, meanwhile.
    """
    inside = os.path.relpath(_path_of(folder), _path_of(root.folder))
    if inside == b".." or inside.startswith(b"../"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
    if not os.fstat(folder).st_nlink:  # the kernel's name for it is not one that it could be opened by
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    return b"" if inside == b"." else inside


def _path_of(folder: int) -> bytes:
    if sys.platform == "darwin":
        import fcntl

        return fcntl.fcntl(folder, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0")
    return os.readlink(f"/proc/self/fd/{folder}".encode())
