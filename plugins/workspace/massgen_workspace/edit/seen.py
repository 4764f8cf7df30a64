"""What a session knows of files: the version of each that it has read or written last, and some of their contents."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

Key = tuple[str, bytes]
"""A file: its root's name, and its path beneath that, behind all links."""

_MOST_FILES = 20_000
_MOST_BYTES = 16 * 1024 * 1024
LARGEST_KEPT = 2 * 1024 * 1024
"""Bytes of a content that is kept."""


class Seen:
    """Bounded: of many files the first ones are forgotten, and large contents are not kept.

    A content that is not here may be in the history, where all are that were changed through the workspace.
    """

    def __init__(self, *, files: int = _MOST_FILES, size: int = _MOST_BYTES, largest: int = LARGEST_KEPT) -> None:
        self._files = files
        self._room = size
        self._largest = largest
        self._last: OrderedDict[Key, str] = OrderedDict()
        self._contents: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def saw(self, key: Key, version: str, data: bytes | None) -> None:
        """The session was shown this of a file, or has written it."""
        with self._lock:
            self._last[key] = version
            self._last.move_to_end(key)
            if len(self._last) > self._files:
                self._last.popitem(last=False)
            if data is not None:
                self._keep(version, data)

    def keep(self, version: str, data: bytes) -> None:
        """A content that may be needed, of a file of which the session was not shown all of it."""
        with self._lock:
            self._keep(version, data)

    def moved(self, key: Key, before: str, after: str) -> None:
        """The session has changed a file: what it knew of it is the new version, if it knew the old one."""
        with self._lock:
            if self._last.get(key) == before:
                self._last[key] = after

    def last(self, key: Key) -> str | None:
        """The version that the session knows; None for a file that it has not seen."""
        with self._lock:
            return self._last.get(key)

    def content(self, version: str) -> bytes | None:
        """The content of a version; None where it is not remembered."""
        with self._lock:
            found = self._contents.get(version)
            if found is not None:
                self._contents.move_to_end(version)
            return found

    def _keep(self, version: str, data: bytes) -> None:
        if len(data) > self._largest:
            return
        if version in self._contents:
            self._contents.move_to_end(version)
            return
        self._contents[version] = data
        self._room -= len(data)
        while self._room < 0:
            _, gone = self._contents.popitem(last=False)
            self._room += len(gone)


@dataclass(frozen=True, slots=True)
class Preview:
    """The file that an answer has shown occurrences of, and in which version."""

    path: bytes
    version: str


class Previews:
    """The last files of which occurrences were shown, by the first part of their ids."""

    def __init__(self, most: int = _MOST_FILES) -> None:
        self._most = most
        self._all: OrderedDict[str, Preview] = OrderedDict()
        self._lock = Lock()

    def keep(self, key: str, preview: Preview) -> None:
        """Remember one."""
        with self._lock:
            self._all[key] = preview
            self._all.move_to_end(key)
            if len(self._all) > self._most:
                self._all.popitem(last=False)

    def get(self, key: str) -> Preview | None:
        """What a key stands for; None where that is not remembered."""
        with self._lock:
            return self._all.get(key)
