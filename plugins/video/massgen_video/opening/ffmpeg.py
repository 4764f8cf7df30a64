"""PyAV where its releases differ, or where its types say less than there is."""

from __future__ import annotations

from typing import Any, cast

import av
from av.container import InputContainer
from av.error import FFmpegError

_MAJOR = int(av.__version__.split(".")[0])
_TOLERANT: dict[str, Any] = {} if _MAJOR >= 19 else {"metadata_errors": "replace"}
"""From 19 on, text that is no UTF-8 is always replaced."""


def open_input(file: Any, options: dict[str, str]) -> InputContainer:
    """A container that is read from a file object. Raises what FFmpeg says."""
    opening: Any = av.open
    return cast(
        InputContainer, opening(file, "r", options=options, io_open=_no_other, buffer_size=1 << 18, **_TOLERANT)
    )


def open_output(path: str, container: str, options: dict[str, str]) -> Any:
    """A container that is written to a path."""
    opening: Any = av.open
    return opening(path, "w", format=container, options=options)


def _no_other(*_: object) -> Any:
    """What FFmpeg gets when a file asks it to open another one."""
    raise PermissionError("a film may not name other files")


def said(problem: BaseException) -> str:
    """The short text of an error of FFmpeg, without places in memory."""
    text = cast("str | None", getattr(problem, "strerror", None))
    return text or type(problem).__name__


PROBLEMS = (FFmpegError, ValueError, OSError, UnicodeError)
"""What PyAV raises about somebody's bytes."""
