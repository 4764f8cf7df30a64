"""A path of the host on its way into a sandbox: where it really is, and whether a sandbox may see it.

Nothing is asked about where a path seems to be: it is followed through every link first. It is compared with the
closed places by name, by spelling and by identity on the disk, upwards (does it lie in one?) and downwards (does one
lie in it, or is one mounted there?).
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path

from massgen_core.errors import ConfigError
from massgen_core.sandbox.denied import (
    REMOVABLE,
    TELLTALE,
    Identity,
    Place,
    Surroundings,
    at_or_below,
    closed_places,
    identity,
    parents_of,
    same_spelling,
    surroundings,
)
from massgen_core.sandbox.tables import listened_at, mount_points

NARROWER = "Choose a folder that holds only what the sandbox needs; there is no setting that opens this one."

READ_ONLY = "Mount it read-only, or choose a folder that holds nothing but what the sandbox works on."

_UNCHANGED = "; it must not be changed"
_MOST_LINKS = 40
_MOMENT = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A path as a config has it: its key, its text, the folder that relative ones belong to, what is asked for.

    ``changed`` says that the sandbox may write, or that its labels are to be changed.
    """

    key: str
    text: str
    folder: Path
    changed: bool = False

    def path(self) -> Path:
        """The path that the text stands for, links and all: ``~`` is the home, the rest may belong to the folder."""
        try:
            return self.folder / Path(self.text).expanduser()
        except RuntimeError:
            raise ConfigError(f"{self.text!r} names a home that is not known", key=self.key) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The closed places of this host, looked up once.

    ``sockets`` are listened at; ``loose`` are names of sockets that were made by relative paths, so nobody knows where.
    """

    places: Sequence[Place]
    sockets: Sequence[Path] = ()
    loose: frozenset[str] = frozenset()
    spelling: Sequence[tuple[Place, tuple[str, ...]]] = field(default=(), repr=False)
    known: Sequence[tuple[Place, Identity]] = field(default=(), repr=False)
    above: frozenset[Identity] = field(default=frozenset(), repr=False)

    @classmethod
    def here(cls, extra: Iterable[Place] = ()) -> Closed:
        """What is closed on this host, now; ``extra`` adds what only the caller knows."""
        bound = list(listened_at())
        usual, more = _usual(), _Look.at(list(extra))
        return cls(
            places=[*usual.places, *more.places],
            sockets=[Path(os.path.realpath(path)) for path in bound if path.startswith("/")],
            loose=frozenset(os.path.basename(path) for path in bound if not path.startswith("/")),
            spelling=[*usual.spelling, *more.spelling],
            known=[*usual.known, *more.known],
            above=usual.above | more.above,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Places as the disk showed them."""

    places: Sequence[Place]
    spelling: Sequence[tuple[Place, tuple[str, ...]]]
    known: Sequence[tuple[Place, Identity]]
    above: frozenset[Identity]

    @classmethod
    def at(cls, places: Sequence[Place]) -> _Look:
        """Look at them."""
        hidden = [place.path for place in places if not place.write]
        return cls(
            places=places,
            spelling=[(place, same_spelling(place.path)) for place in places],
            known=[(place, seen) for place in places if (seen := identity(place.path)) is not None],
            above=frozenset(seen for path in parents_of(hidden) if (seen := identity(path)) is not None),
        )


_looked: dict[Surroundings, tuple[float, _Look]] = {}


def _usual() -> _Look:
    """What is closed on every host, looked at a moment ago at most: a session's workspace is checked at two doors.

    What a path is that is to be mounted is not remembered, nor who listens where.
    """
    around, now = surroundings(), time.monotonic()
    at, look = _looked.get(around, (-inf, None))
    if look is None or now - at > _MOMENT:
        look = _Look.at(closed_places())
        _looked.clear()
        _looked[around] = (now, look)
    return look


def real_path(source: Source) -> Path:
    """Where a path really is: ``~`` expanded, below its folder when relative, every link followed.

    Raises:
        ConfigError: It does not exist, its links lead nowhere or in a circle, or its text is no path.
    """
    if any(ord(letter) < 32 or ord(letter) == 127 or 0xD800 <= ord(letter) < 0xE000 for letter in source.text):
        raise ConfigError(f"{source.text!r} holds characters that no path should", key=source.key)
    path = source.path()
    try:
        return Path(os.path.realpath(path, strict=True))
    except OSError as error:
        raise _unresolved(source, path, error) from None


def _unresolved(source: Source, path: Path, error: OSError) -> ConfigError:
    if path.is_symlink() and isinstance(error, FileNotFoundError):
        return ConfigError(f"{path} is a link to nothing", key=source.key, cure="Mend the link, or name its goal.")
    if isinstance(error, FileNotFoundError):
        # Made by us, a misspelt name would be an empty folder that nobody misses until the results are looked for.
        cure = f"Make it (`mkdir -p {path}`), or correct the path."
        return ConfigError(f"{path} does not exist", key=source.key, cure=cure)
    return ConfigError(f"{path} cannot be followed: {error.strerror}", key=source.key, cure="Correct the path.")


def links_on(path: Path) -> Iterator[Path]:
    """Where the links really stand that a path leads through; the path must lead somewhere, or it is an `OSError`."""
    at, rest, count = Path(path.anchor), [*reversed(path.parts[1:])], 0
    while rest:
        part = rest.pop()
        at = at.parent if part == ".." else at / part
        if part != ".." and at.is_symlink():
            yield at
            if (count := count + 1) > _MOST_LINKS:  # someone is changing them under our eyes
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))
            goal = at.readlink()
            at = Path(goal.anchor) if goal.is_absolute() else at.parent
            rest += reversed(goal.parts[1:] if goal.is_absolute() else goal.parts)


def check_source(source: Source, closed: Closed) -> Path:
    """The real path of something that a sandbox may see.

    Raises:
        ConfigError: It is not there, is neither folder nor file, or is closed; the message names the real path.
    """
    real = real_path(source)
    check_kind(real, source)
    for problem in problems(real, closed, changed=source.changed):
        cure = READ_ONLY if problem.endswith(_UNCHANGED) else NARROWER
        raise ConfigError(f"{_both(source, real)} {problem}", key=source.key, cure=cure)
    check_access(real, source)
    return real


def check_kind(real: Path, source: Source) -> None:
    """Folders and ordinary files only: a socket is a way to a program, a pipe or a device never ends."""
    try:
        mode = real.stat().st_mode
    except OSError as error:
        raise _unresolved(source, real, error) from None
    if stat.S_ISDIR(mode) or stat.S_ISREG(mode):
        return
    kinds = ((stat.S_ISSOCK, "a Unix socket, a way to a program of the host"), (stat.S_ISFIFO, "a named pipe"))
    what = next((word for test, word in kinds if test(mode)), "a device")
    raise ConfigError(f"{_both(source, real)} is {what}", key=source.key, cure="Mount a folder or an ordinary file.")


def check_access(real: Path, source: Source) -> None:
    """Nobody gets more through a sandbox than they have: an engine that runs as root could open anything."""
    wanted = os.R_OK | (os.X_OK if real.is_dir() else 0) | (os.W_OK if source.changed else 0)
    if not os.access(real, wanted):
        verb = "change" if os.access(real, wanted & ~os.W_OK) else "read"
        raise ConfigError(
            f"{_both(source, real)} is nothing that you may {verb} yourself",
            key=source.key,
            cure="Run as the user that owns it, or choose another folder.",
        )


def problems(real: Path, closed: Closed, *, changed: bool = False) -> Iterator[str]:
    """Why a sandbox may not see a real path; nothing where it may. Each completes "the path …"."""
    yield from _named(real, closed, changed)
    yield from _identical(real, closed, changed)
    yield from _telling(real)
    for socket in _sockets_in(real, closed):
        yield f"contains {socket}, a socket by which a program of the host can be spoken to"


def _named(real: Path, closed: Closed, changed: bool) -> Iterator[str]:
    parts = same_spelling(real)
    for place, closed_parts in closed.spelling:
        if place.write and not changed:
            continue
        if parts == closed_parts:
            yield _word(place)
        elif at_or_below(closed_parts, parts):
            yield f"contains {place.path}, which {_word(place)}"
        elif place.inside and at_or_below(parts, closed_parts) and not _removable(real, place):
            yield f"lies in {place.path}, which {_word(place)}"


def _identical(real: Path, closed: Closed, changed: bool) -> Iterator[str]:
    """Closed places under other names: what is mounted twice, or spelt in another way, is the same on the disk."""
    known = {seen: place for place, seen in closed.known if changed or not place.write}
    if (seen := identity(real)) in known:
        yield f"is {known[seen].path} under another name, which {_word(known[seen])}"
    elif seen in closed.above:
        yield "is a folder under another name that contains closed places"
    for parent in real.parents:
        place = known.get(seen) if (seen := identity(parent)) else None
        if place is not None and place.inside and not _removable(real, place):
            yield f"lies in {parent}, which is {place.path} under another name and {_word(place)}"
    for point in mount_points():
        place = known.get(seen) if at_or_below(point.parts, real.parts) and (seen := identity(point)) else None
        if place is not None and point != real:
            yield f"contains {point}, where {place.path} is mounted, which {_word(place)}"


def _telling(real: Path) -> Iterator[str]:
    """A home somewhere else (a backup, another disk) is known by what it holds."""
    for part in real.parts:
        if part.casefold() in TELLTALE:
            yield f"lies in a folder {part!r}, the kind that holds credentials"
    for name in sorted(TELLTALE):
        if os.path.isdir(real / name):  # what may not be looked at is refused for that
            yield f"contains {name}, so it looks like a home"


def _sockets_in(real: Path, closed: Closed) -> Iterator[Path]:
    """Sockets of living programs in a folder; it is searched only where one could be anywhere."""
    yield from (socket for socket in closed.sockets if at_or_below(socket.parts, real.parts))
    for folder, _, files in os.walk(real) if closed.loose else ():
        for name in closed.loose.intersection(files):
            path = Path(folder, name)
            if path.is_socket():
                yield path


def _removable(real: Path, place: Place) -> bool:
    """Whether a path is a folder on a removable disk, and the closed place only the one where those are shown."""
    shown = Path(REMOVABLE)
    within = at_or_below(real.parts, shown.parts) and len(real.parts) > len(shown.parts) + 2
    return within and at_or_below(shown.parts, Path(os.path.realpath(place.path)).parts)


def _word(place: Place) -> str:
    return f"{place.why}{_UNCHANGED}" if place.write else place.why


def _both(source: Source, real: Path) -> str:
    """The real path, and how it was written where that is something else."""
    return str(real) if source.text == str(real) else f"{source.text!r} ({real})"
