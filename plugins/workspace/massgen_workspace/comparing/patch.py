"""Differences as a patch, as git writes one: `git apply` takes it, and `apply_patch` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from massgen_core.jail.names import shown
from massgen_workspace.comparing.contents import hunks, lines_of
from massgen_workspace.comparing.folders import Delta, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """The text, and paths of differences that are not in it, each with why."""

    text: str
    left_out: Sequence[tuple[bytes, str]]


def patch_of(found: Sequence[Delta], left: Side, right: Side, *, most: int) -> Patch:
    """The patch that makes the left folder like the right one, of at most so many letters."""
    parts: list[str] = []
    left_out: list[tuple[bytes, str]] = []
    size = 0
    for delta in found:
        if delta.kind == "folder" and delta.what in ("added", "removed", "mode"):
            continue
        text = _file(delta, left, right)
        if text is None:
            left_out.append((delta.path, "it is no text in UTF-8, or is too large"))
        elif size + len(text) > most:
            left_out.append((delta.path, "the patch is long enough without it"))
        else:
            parts.append(text)
            size += len(text)
    return Patch(text="".join(parts), left_out=left_out)


def _file(delta: Delta, left: Side, right: Side) -> str | None:
    if delta.kind != "file":
        return None
    before = _lines(left, delta.old or delta.path) if delta.what != "added" else []
    after = _lines(right, delta.path) if delta.what != "removed" else []
    if before is None or after is None:
        return None if not delta.same_content else "".join(_head(delta))
    body = hunks(before, after)
    names = [_named("---", "a/", delta.old or delta.path), _named("+++", "b/", delta.path)]
    if delta.what == "added":
        names[0] = "--- /dev/null\n"
    if delta.what == "removed":
        names[1] = "+++ /dev/null\n"
    shows_names = body or delta.what in ("added", "removed")
    return "".join([*_head(delta), *(names if shows_names else []), body])


def _head(delta: Delta) -> list[str]:
    old = delta.old or delta.path
    head = [f"diff --git {shown(b'a/' + old)} {shown(b'b/' + delta.path)}\n"]
    if delta.what == "added":
        return [*head, f"new file mode {_mode(delta.modes[1])}\n"]
    if delta.what == "removed":
        return [*head, f"deleted file mode {_mode(delta.modes[0])}\n"]
    if _mode(delta.modes[0]) != _mode(delta.modes[1]):
        head += [f"old mode {_mode(delta.modes[0])}\n", f"new mode {_mode(delta.modes[1])}\n"]
    if delta.what == "renamed":
        head += [f"rename from {shown(old)}\n", f"rename to {shown(delta.path)}\n"]
    return head if len(head) > 1 or not delta.same_content else []


def _mode(mode: int | None) -> str:
    """Git knows two."""
    return "100755" if (mode or 0) & 0o100 else "100644"


def _named(sign: str, prefix: str, path: bytes) -> str:
    """A name with a space has a tab behind it, as patch(1) and git want it."""
    name = shown(prefix.encode() + path)
    return f"{sign} {name}\t\n" if " " in name and not name.startswith('"') else f"{sign} {name}\n"


def _lines(side: Side, path: bytes) -> list[str] | None:
    with side.file(path) as file:
        return None if file is None else lines_of(file)
