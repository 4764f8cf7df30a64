"""All that is below a folder, folder by folder in the order of names; no link is followed, whoever swaps what."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.find.ignore import ALWAYS, Rules, rules_of
from massgen_workspace.jail.beneath import open_beneath
from massgen_workspace.jail.roots import Root

_LIST = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)


@dataclass(frozen=True, slots=True)
class Found:
    """A path from the root on, and what is there: a ``file``, ``folder``, ``link`` or something ``other``."""

    path: bytes
    kind: str


def walk(root: Root, start: bytes = b"", *, ignored: bool = False, deepest: int | None = None) -> Iterator[Found]:
    """Everything below ``start``; what a project ignores is left out unless ``ignored``.

    ``deepest`` is how many folders down it goes, 1 for what is in ``start`` alone. A folder that cannot be opened, or
    goes away meanwhile, is empty.
    """
    rules = None if ignored else _rules_around(root, start)
    prefix = start.rstrip(b"/") + b"/" if start.strip(b"/.") else b""
    yield from _below(root, prefix, rules, ignored=ignored, deepest=deepest)


def _below(root: Root, start: bytes, rules: Rules | None, *, ignored: bool, deepest: int | None) -> Iterator[Found]:
    """Depth first, without recursion: a tree may be as deep as it likes."""
    listing, within = _listing(root, start, rules, ignored=ignored)
    ahead = [(iter(listing), within)]
    while ahead:
        entries, within = ahead[-1]
        found = next(entries, None)
        if found is None:
            ahead.pop()
            continue
        yield found
        if found.kind == "folder" and (deepest is None or len(ahead) < deepest):
            below, inner = _listing(root, found.path + b"/", within, ignored=ignored)
            ahead.append((iter(below), inner))


def _listing(root: Root, prefix: bytes, rules: Rules | None, *, ignored: bool) -> tuple[list[Found], Rules | None]:
    """What is in one folder, in order, and the rules for what is in it."""
    try:
        folder = open_beneath(root.folder, prefix.rstrip(b"/") or b".", _LIST, follow=False)
    except OSError:
        return [], rules
    try:
        with os.scandir(folder) as entries:
            kinds = sorted((os.fsencode(entry.name), _kind(entry)) for entry in entries)
        if not ignored:
            rules = rules_of(folder, prefix, [name for name, _ in kinds], rules)
    except OSError:
        return [], rules
    finally:
        os.close(folder)
    found = [Found(prefix + name, kind) for name, kind in kinds if name != ALWAYS and not is_temporary(name)]
    if rules is None:
        return found, rules
    return [each for each in found if not rules.ignore(each.path, folder=each.kind == "folder")], rules


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _rules_around(root: Root, start: bytes) -> Rules | None:
    """The rules of the folders from the root down to the one around ``start``."""
    rules: Rules | None = None
    prefix = b""
    for name in start.strip(b"/").split(b"/"):
        _, rules = _listing(root, prefix, rules, ignored=False)
        prefix += name + b"/"
    return rules
