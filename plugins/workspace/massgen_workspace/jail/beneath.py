"""Open a path beneath a folder: by the kernel's own call where that does, else one name after the other."""

from __future__ import annotations

import errno

from massgen_workspace.jail import openat2, walk


def open_beneath(folder: int, path: bytes, flags: int, mode: int = 0, *, follow: bool = True) -> int:
    """Open a relative path; links are followed as far as they stay beneath ``folder``, none at all without ``follow``.

    Raises:
        OSError: ``EXDEV`` where it would lead out.
    """
    if openat2.available():
        try:
            return openat2.open_beneath(folder, path or b".", flags, mode, follow=follow)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise  # else the path may be too long for one call, and no name in it too long for a file
    return walk.open_beneath(folder, path, flags, mode, follow=follow)
