"""Trees as they are or were, looked at in one way: a folder, a stack of layers, a pack of contents."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from massgen_workspace.files.atomic import is_temporary
from massgen_workspace.find.ignore import ALWAYS, Rules

_REPOSITORY = os.fsencode(ALWAYS)

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What a view has at a path: a ``file``, ``folder``, ``link`` or something ``other``; size in bytes.

    Equal keys stand for the same thing, with all that is below it; without one it has to be looked at. ``where`` is for
    the view that it comes from.
    """

    path: bytes
    kind: str
    mode: int = 0
    size: int = 0
    key: Key | None = None
    where: tuple[tuple[int, bytes], ...] = ()


TOP = Node(path=b"", kind="folder")
"""What a view begins with; each view knows what it means."""


class View(Protocol):
    """A tree that can be looked at; everything blocks."""

    def top(self) -> Node:
        """The folder itself."""
        ...

    def children(self, folder: Node, only: Collection[bytes] | None = None) -> Mapping[bytes, Node]:
        """What is in a folder, by name in order; nothing where it cannot be opened any more. ``only`` some names."""
        ...

    def pieces(self, node: Node) -> Iterator[bytes]:
        """A file's content, or a link's target, a piece at a time. Raises `OSError` where it went away."""
        ...

    def version(self, node: Node) -> str:
        """The version of that content. Raises as `pieces` does."""
        ...

    def rules(self, folder: Node, around: Rules | None) -> Rules | None:
        """What the project ignores in a folder."""
        ...


def counts(name: bytes, *, ignored: bool) -> bool:
    """Whether a name belongs to a snapshot: nothing of this program's own, a repository only with what is ignored."""
    return not is_temporary(name) and (ignored or name != _REPOSITORY)


def everything(view: View, *, ignored: bool = True) -> Iterator[Node]:
    """All nodes of a view, a folder before what is in it; without what the project ignores unless ``ignored``.

    Depth first, without recursion: a tree may be as deep as it likes.
    """
    ahead: list[tuple[Iterator[Node], Rules | None]] = [(iter([view.top()]), None)]
    while ahead:
        nodes, rules = ahead[-1]
        node = next(nodes, None)
        if node is None:
            ahead.pop()
            continue
        if node.path:
            yield node
        if node.kind == "folder":
            found = view.children(node)
            within = None if ignored else view.rules(node, rules)
            ahead.append((iter(kept(found, within, ignored=ignored)), within))


def kept(found: Mapping[bytes, Node], rules: Rules | None, *, ignored: bool) -> list[Node]:
    """The nodes that count, of those in a folder."""
    nodes = [node for name, node in found.items() if counts(name, ignored=ignored)]
    out = left_out(nodes, rules)
    return [node for node in nodes if node.path not in out] if out else nodes


def left_out(nodes: Sequence[Node], rules: Rules | None) -> set[bytes]:
    """The paths that a project ignores, of nodes in one folder."""
    if rules is None or not nodes:
        return set()
    prefix, _, _ = nodes[0].path.rpartition(b"/")
    names = [os.fsdecode(node.path[len(prefix) :].lstrip(b"/")) for node in nodes]
    folders = {name for name, node in zip(names, nodes, strict=True) if node.kind == "folder"}
    start = prefix + b"/" if prefix else b""
    found = rules.left_out(os.fsdecode(start), names, folders)
    return {start + os.fsencode(name) for name in found}


def at(view: View, path: bytes) -> Node | None:
    """What a view has at a path; None where it has nothing."""
    node: Node | None = view.top()
    for name in path.split(b"/"):
        if node is None or node.kind != "folder":
            return None
        node = view.children(node, (name,)).get(name)
    return node


def below(folder: Node, name: bytes) -> bytes:
    """The path of a name in a folder."""
    return folder.path + b"/" + name if folder.path else name
