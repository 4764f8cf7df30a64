"""What can be wrong with a path, in words that a model can act on."""

from __future__ import annotations

import errno
import os

from massgen_core.errors import ToolFailed


class PathRefused(ToolFailed):
    """A path leads out of its root, or to something that is no file or folder."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__("", f"{path}: {reason}")
        self.path = path
        self.reason = reason


class NotThere(PathRefused):
    """There is no such file or folder."""


class AlreadyThere(PathRefused):
    """There is something at the path already."""


class NotAllowed(PathRefused):
    """The session may not do that there."""


_WORDS = {
    errno.EXDEV: "it leads out of the folder that it is in",
    errno.ELOOP: "it is a link in a circle, or one too many",
    errno.ENOTDIR: "a part of it is no folder",
    errno.EISDIR: "it is a folder",
    errno.ENAMETOOLONG: "a name in it is too long",
    errno.EACCES: "this program may not open it",
    errno.EPERM: "this program may not do that",
    errno.EROFS: "it is on a disk that cannot be written",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk's quota is used up",
    errno.ENXIO: "it is a socket, or a device that is not there, not a file",
    errno.ENOTEMPTY: "the folder is not empty",
}


def refusal(path: str, error: OSError) -> PathRefused:
    """The error to raise for what the system said about a path."""
    if error.errno == errno.ENOENT:
        return NotThere(path, "there is no such file or folder")
    if error.errno == errno.EEXIST:
        return AlreadyThere(path, "it is there already")
    return PathRefused(path, _WORDS.get(error.errno or 0) or os.strerror(error.errno or errno.EIO))
