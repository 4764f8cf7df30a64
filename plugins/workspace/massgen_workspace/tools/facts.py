"""What a file, folder or link is, for a model and for a program."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from massgen_core.jail.errors import NotAllowed, PathRefused, refusal
from massgen_core.jail.names import shown
from massgen_core.jail.place import Place, Spot
from massgen_core.jail.roots import kind_of
from massgen_workspace.desk import Desk
from massgen_workspace.files.measure import measure
from massgen_workspace.files.meter import Meter, TooMuch, sized
from massgen_workspace.files.versions import version_of_file
from massgen_workspace.history.arrange import own_spot

LARGEST_VERSION = 64 * 1024 * 1024
"""Bytes of a file whose version is told: a larger one is not read for it."""

MOST_COUNTED = 100_000
"""Entries of a folder that are counted."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One line, and the same as data."""

    text: str
    data: dict[str, Any]


def facts(desk: Desk, path: str, meter: Meter) -> Facts:
    """What is at a path, a link itself; what cannot be looked at says why."""
    try:
        place = desk.place(path)
        with own_spot(place) as spot:
            return _facts(place, spot, meter)
    except PathRefused as error:
        return Facts(str(error), {"path": path, "problem": error.reason})


def _facts(place: Place, spot: Spot, meter: Meter) -> Facts:
    try:
        found = os.stat(spot.name, dir_fd=spot.folder, follow_symlinks=False)
    except OSError as error:
        raise refusal(place.text, error) from error
    mode = stat.S_IMODE(found.st_mode)
    data: dict[str, Any] = {
        "path": place.full,
        "kind": kind_of(found.st_mode).rpartition(" ")[2],
        "mode": f"{mode:04o}",
        "rights": stat.filemode(found.st_mode)[1:],
        "modified": _time(found.st_mtime),
    }
    words = [data["kind"], f"{mode:04o} {data['rights']}", f"modified {data['modified']}"]
    if stat.S_ISREG(found.st_mode):
        words += _file(spot, found, data)
    elif stat.S_ISDIR(found.st_mode):
        words += _folder(spot, meter, data)
    elif stat.S_ISLNK(found.st_mode):
        data["target"] = shown(os.readlink(spot.name, dir_fd=spot.folder))
        words.append(f"-> {data['target']}")
    reason = _kept_from(place, spot)
    data |= {"may_change": reason is None, "reason": reason}
    words += [reason] if reason else []
    return Facts(f"{place.full}: {', '.join(words)}", data)


def _file(spot: Spot, found: os.stat_result, data: dict[str, Any]) -> list[str]:
    data |= {"size": found.st_size, "links": found.st_nlink, "version": None}
    if found.st_size <= LARGEST_VERSION:
        data["version"] = version_of_file(spot)
    names = [f"{found.st_nlink} names (hard links)"] if found.st_nlink > 1 else []
    return [f"{found.st_size} bytes", *names, *([f"version {data['version']}"] if data["version"] else [])]


def _folder(spot: Spot, meter: Meter, data: dict[str, Any]) -> list[str]:
    """How much is in it, unless that is too much to be counted."""
    bounded = Meter(most_entries=MOST_COUNTED, tell=meter.tell)
    try:
        amount = measure(spot, meter=bounded)
    except TooMuch:
        data |= {"entries": None, "size": None, "more_than": MOST_COUNTED}
        return [f"more than {MOST_COUNTED} files and folders in it"]
    except OSError as error:
        data |= {"entries": None, "size": None}
        return [f"not all in it can be looked at ({os.strerror(error.errno or 0)})"]
    data |= {"entries": amount.entries - 1, "size": amount.bytes}
    return [f"{amount.entries - 1} files and folders in it, {sized(amount.bytes)}"]


def _time(seconds: float) -> str | None:
    """As ISO 8601 has it; None for a year that nobody means."""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return None


def _kept_from(place: Place, spot: Spot) -> str | None:
    """Why it may not be changed; None where it may."""
    try:
        if place.path.strip(b"./"):
            place.demand_writable(spot)
        elif not place.root.grant.write:
            return f"{place.root.grant.target} may be read, not changed"
    except NotAllowed as error:
        return error.reason
    return None
