"""What several agents have made, shown to one another: snapshots as folders that can be read, under other names."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massgen_core.jail.roots import Grant
from massgen_workspace.spaces import mounts
from massgen_workspace.spaces.copying import copy_tree
from massgen_workspace.spaces.layers import Layered, delete_tree
from massgen_workspace.spaces.shelf import Snapshot, SpaceError, read_json, write_json
from massgen_workspace.spaces.tracked import Plain, opened_layer

if TYPE_CHECKING:
    from massgen_workspace.spaces.store import Store

PLACE = "/peers"
"""Where a session sees the snapshots of others, each under its name."""

SHOWN = ".shown-"
_FILE = "peers.json"


@contextmanager
def peers(store: Store, shown: Mapping[str, tuple[str, int | str]]) -> Generator[Sequence[Grant]]:
    """Grants for snapshots, by the names that others have for them.

    Raises:
        SpaceError: A name cannot be a folder's, or there is no such workspace or snapshot.
    """
    with ExitStack() as stack:
        grants: list[Grant] = []
        for name, (space, snapshot) in shown.items():
            if not name or "/" in name or name.startswith("."):
                raise SpaceError(f"{name!r} cannot be the name of a peer: it is to be the name of a folder")
            found = store.space(space)
            folder = stack.enter_context(_seen(store, found, found.shelf.find(snapshot)))
            grants.append(Grant(target=f"{PLACE}/{name}", source=folder))
        yield grants


@contextmanager
def _seen(store: Store, space: Plain | Layered, snapshot: Snapshot) -> Generator[Path]:
    """A snapshot as a folder: mounted read-only where it has layers, unpacked where it is a pack."""
    with store.layers.in_use():
        folder = store.folder / f"{SHOWN}{secrets.token_hex(8)}"
        folder.mkdir(mode=0o700)
        tree = folder / "tree"
        tree.mkdir()
        try:
            if isinstance(space, Layered):
                _mount(store, snapshot, tree, folder)
            else:
                with space.view(snapshot) as view, opened_layer(tree) as target:
                    copy_tree(view, target.folder)
            yield tree
        finally:
            take_away(folder)


def _mount(store: Store, snapshot: Snapshot, tree: Path, folder: Path) -> None:
    lowers = [store.layers.path(id) for id in snapshot.layers]
    if len(lowers) == 1:  # the kernel wants two, where nothing is written
        empty = folder / "empty"
        empty.mkdir()
        lowers.insert(0, empty)
        empty.chmod(lowers[1].stat().st_mode & 0o3777)
    try:
        mounts.mount(tree, f"massgen-{folder.name}", lowers)
    except OSError as error:
        raise SpaceError(f"a snapshot cannot be mounted: {error}; root may, others not") from error


def take_away(folder: Path) -> None:
    """End showing a snapshot."""
    mounts.unmount(folder / "tree")
    delete_tree(folder)


@contextmanager
def told(folder: Path, grants: Sequence[Grant]) -> Generator[None]:
    """Write down what the sessions of a workspace may read of others, for as long as that holds."""
    if not grants:
        yield
        return
    file = folder / _FILE
    write_json(file, [{"target": each.target, "source": str(each.source)} for each in grants])
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            file.unlink()


def granted(folder: Path) -> list[Grant]:
    """What the sessions of a workspace may read of others now."""
    found: list[dict[str, Any]] = read_json(folder / _FILE) or []
    grants = [Grant(target=each["target"], source=Path(each["source"])) for each in found]
    return [each for each in grants if each.source.is_dir()]
