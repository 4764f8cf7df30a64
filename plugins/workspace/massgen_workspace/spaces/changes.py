"""In what one tree differs from another: by what is known of both first, by their contents where that is not enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from massgen_core.jail.names import shown
from massgen_workspace.edit.compare import unified
from massgen_workspace.find.ignore import Rules
from massgen_workspace.spaces.stack import Stack
from massgen_workspace.spaces.views import Node, View, counts, left_out
from massgen_workspace.text.encoding import judge

What = Literal["added", "deleted", "changed", "renamed"]

_LARGEST_SHOWN = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What became of one path; a renamed one has the path that it had in ``before``."""

    what: What
    before: Node | None = None
    after: Node | None = None

    @property
    def path(self) -> bytes:
        """Where it is, or was."""
        return self.node.path

    @property
    def node(self) -> Node:
        """What is there, or was."""
        node = self.after or self.before
        assert node is not None
        return node


def differences(old: View, new: View, *, ignored: bool = False) -> Iterator[Difference]:
    """What differs, in the order of paths; what the project ignores now is left out unless ``ignored``.

    Folders that are the same by their key are not looked into.
    """
    ahead: list[Iterator[Difference | _Pair]] = [iter([_Pair(old.top(), new.top(), None)])]
    while ahead:
        found = next(ahead[-1], None)
        if found is None:
            ahead.pop()
        elif isinstance(found, Difference):
            yield found
        else:
            ahead.append(_inside(found, old, new, ignored))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A folder in both trees (or, below what was added or deleted, in one)."""

    before: Node | None
    after: Node | None
    rules: Rules | None


def _inside(pair: _Pair, old: View, new: View, ignored: bool) -> Iterator[Difference | _Pair]:
    before, after = _children(pair, old, new)
    rules = pair.rules
    if pair.after and not ignored:
        rules = new.rules(pair.after, rules)
    elif pair.before and not ignored:
        rules = old.rules(pair.before, rules)
    names = sorted(name for name in before.keys() | after.keys() if counts(name, ignored=ignored))
    out = set[bytes]() if ignored else left_out([after.get(name) or before[name] for name in names], rules)
    for name in names:
        was, now = before.get(name), after.get(name)
        if (now or before[name]).path not in out:
            yield from _compared(was, now, old, new, rules)


def _children(pair: _Pair, old: View, new: View) -> tuple[Mapping[bytes, Node], Mapping[bytes, Node]]:
    """What is in a folder of both trees; what only layers have that both share is the same, and not looked at."""
    if pair.before and pair.after and isinstance(old, Stack) and isinstance(new, Stack):
        shared = old.parts(pair.before) & new.parts(pair.after)
        only = old.names(pair.before, shared) | new.names(pair.after, shared)
        return old.children(pair.before, only), new.children(pair.after, only)
    before = old.children(pair.before) if pair.before else dict[bytes, Node]()
    return before, new.children(pair.after) if pair.after else dict[bytes, Node]()


def _compared(
    was: Node | None, now: Node | None, old: View, new: View, rules: Rules | None
) -> Iterator[Difference | _Pair]:
    if was is not None and now is not None:
        if was.key is not None and was.key == now.key and was.kind == now.kind:
            return
        if was.kind == now.kind:
            if was.mode != now.mode or not (was.kind == "folder" or same_content(was, now, old, new)):
                yield Difference(what="changed", before=was, after=now)
            if was.kind == "folder":
                yield _Pair(was, now, rules)
            return
    if was is not None:
        yield Difference(what="deleted", before=was)
        if was.kind == "folder":
            yield _Pair(was, None, rules)
    if now is not None:
        yield Difference(what="added", after=now)
        if now.kind == "folder":
            yield _Pair(None, now, rules)


def same_content(was: Node, now: Node, old: View, new: View) -> bool:
    """Whether two files, or links, hold the same; one that went away meanwhile holds nothing."""
    if was.kind == "other":
        return True
    try:
        return was.size == now.size and old.version(was) == new.version(now)
    except OSError:
        return False


def with_renames(found: Sequence[Difference], old: View, new: View) -> list[Difference]:
    """The same differences, files that were deleted here and added there as renamed; what is empty is not followed."""
    deleted: defaultdict[int, list[Difference]] = defaultdict(list)
    for each in found:
        if each.what == "deleted" and each.node.kind == "file" and each.node.size:
            deleted[each.node.size].append(each)
    versions: dict[bytes, str] = {}
    renamed: dict[bytes, Difference] = {}
    gone: set[bytes] = set()
    for each in found:
        if each.what != "added" or each.node.kind != "file" or not deleted.get(each.node.size):
            continue
        for candidate in deleted[each.node.size]:
            if candidate.path not in gone and _same(candidate.node, each.node, old, new, versions):
                renamed[each.path] = Difference(what="renamed", before=candidate.before, after=each.after)
                gone.add(candidate.path)
                break
    kept = [each for each in found if not (each.what == "deleted" and each.path in gone)]
    return [renamed.get(each.path, each) if each.what == "added" else each for each in kept]


def _same(was: Node, now: Node, old: View, new: View, versions: dict[bytes, str]) -> bool:
    if was.key is not None and was.key == now.key:
        return True
    try:
        for node, view, key in ((was, old, b"-" + was.path), (now, new, b"+" + now.path)):
            if key not in versions:
                versions[key] = view.version(node)
    except OSError:
        return False
    return versions[b"-" + was.path] == versions[b"+" + now.path]


def as_data(each: Difference) -> Mapping[str, object]:
    """For JSON."""
    data: dict[str, object] = {"path": shown(each.path), "what": each.what, "kind": each.node.kind}
    if each.what == "renamed" and each.before:
        data["was"] = shown(each.before.path)
    return data


def patch(found: Sequence[Difference], old: View, new: View, *, around: int = 3) -> Iterator[str]:
    """The lines of a patch; what is no text, or too large to show, is named."""
    for each in found:
        if each.node.kind == "folder":
            yield from _moved(each)
            continue
        was = shown(each.before.path) if each.before else shown(each.path)
        before, after = _lines(each.before, old), _lines(each.after, new)
        yield from _moved(each)
        if before is None or after is None:
            yield f"{each.what} {each.node.kind} {shown(each.path)}"
            continue
        if lines := list(unified(before, after, around=around)):
            yield f"--- a/{was}" if each.before else "--- /dev/null"
            yield f"+++ b/{shown(each.path)}" if each.after else "+++ /dev/null"
            yield from lines


def _moved(each: Difference) -> Iterator[str]:
    if each.what == "renamed" and each.before:
        yield f"rename from {shown(each.before.path)}"
        yield f"rename to {shown(each.path)}"
    if each.before and each.after and each.before.mode != each.after.mode:
        yield f"mode of {shown(each.path)}: {each.before.mode:04o} to {each.after.mode:04o}"


def _lines(node: Node | None, view: View) -> list[str] | None:
    """A file's lines; None for what has none that can be shown."""
    if node is None:
        return []
    if node.kind != "file" or node.size > _LARGEST_SHOWN:
        return None
    data = bytearray()
    try:
        for piece in view.pieces(node):
            data += piece
            if len(data) > _LARGEST_SHOWN:
                return None
    except OSError:
        return None
    encoding = judge(bytes(data), whole=True)
    return bytes(data).decode(encoding.name, "replace").splitlines() if encoding else None
