"""What an image says about the snapshot that it is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from massgen_core.sandbox import Snapshot
from massgen_sandbox_docker.owners.labels import EXPIRES, HOST, OWNER, PID, SANDBOX, START, TTL

REPOSITORY = "massgen/snapshot"
"""The images' name; each has a tag of its own."""

NAME = "massgen.snapshot"
"""The sandbox that it was made of."""

ROOT = "massgen.snapshot.root"
"""On an image of a writable root, which a snapshot is built on: the tag of that snapshot."""

_CREATED = "massgen.snapshot.created"
_SIZE = "massgen.snapshot.size"
_OWNER = "massgen.snapshot.owner"
_BASE = "massgen.snapshot.base"
_KEY = "massgen.snapshot.key"
_FOLDERS = "massgen.snapshot.folders"

FOLDER = ".massgen-snapshot"
"""Below the root: what was in memory, as archives in pieces, a folder for each snapshot."""

NOBODYS: Mapping[str, str] = dict.fromkeys((OWNER, HOST, PID, START, EXPIRES, TTL, SANDBOX), "")
"""Takes from an image the labels of the container that it was made of: what is started from it inherits them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A snapshot in full: ``key`` is its tag, ``base`` the image below it, ``folders`` what was in memory."""

    key: str
    name: str
    created: float
    owner: str
    base: str
    size: int
    folders: Sequence[str]

    @property
    def reference(self) -> str:
        """Its image's name."""
        return f"{REPOSITORY}:{self.key}"

    def labels(self) -> dict[str, str]:
        """For its image."""
        return {
            NAME: self.name,
            _CREATED: repr(self.created),
            _SIZE: str(self.size),
            _OWNER: self.owner,
            _BASE: self.base,
            _KEY: self.key,
            _FOLDERS: json.dumps(list(self.folders)),
        }


def kept(labels: Mapping[str, str]) -> Kept | None:
    """What an image's labels say; None where they are not a snapshot's, or make no sense."""
    try:
        folders = cast("list[Any]", json.loads(labels[_FOLDERS]))
        return Kept(
            key=labels[_KEY],
            name=labels[NAME],
            created=float(labels[_CREATED]),
            owner=labels[_OWNER],
            base=labels[_BASE],
            size=int(labels[_SIZE]),
            folders=[str(folder) for folder in folders],
        )
    except (KeyError, ValueError, TypeError):
        return None


def snapshot(image_id: str, of: Kept) -> Snapshot:
    """As the core knows it."""
    return Snapshot(backend="docker", id=image_id, name=of.name, created=of.created, size=of.size)
