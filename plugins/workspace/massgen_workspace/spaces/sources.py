"""What a new workspace begins with: nothing, a folder, a git repository, an archive."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from massgen_core.jail.place import Spot
from massgen_workspace.archives.extract import Extractor
from massgen_workspace.archives.model import ArchiveRefused, Budget
from massgen_workspace.archives.reading import open_archive
from massgen_workspace.files.meter import Meter
from massgen_workspace.spaces.copying import copy_tree
from massgen_workspace.spaces.shelf import SpaceError
from massgen_workspace.spaces.stack import Stack
from massgen_workspace.spaces.tracked import Tick, opened_layer

LARGEST_ARCHIVE = 16 * 1024**3
"""Bytes that an archive may unpack to."""

_CLONE_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of this machine, with all that is in it: what its project ignores, and its repository."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """A git repository of this machine, bare or not, or an ``https://`` address; ``ref`` is what is wanted of it.

    ``depth`` is how many commits of its history are taken, all when None. Only what is committed comes along.
    """

    repository: str
    ref: str | None = None
    depth: int | None = None

    def __str__(self) -> str:
        return f"{self.repository}@{self.ref}" if self.ref else self.repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A tar or zip file, unpacked as the tool `extract_archive` does: nothing of it gets out of the folder."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


Source = Folder | Git | Archive


def fill(target: Path, source: Source | None, tick: Tick) -> None:
    """Put a source into an empty folder.

    Raises:
        SpaceError: The source is not there, or no good; the message says why.
    """
    match source:
        case None:
            return
        case Folder():
            _copy_folder(target, source.path.expanduser(), tick)
        case Git():
            _clone(target, source)
        case Archive():
            _unpack(target, source.path.expanduser(), tick)


def _copy_folder(target: Path, path: Path, tick: Tick) -> None:
    if not path.is_dir():
        raise SpaceError(f"{path} is no folder that is there; name a folder, or use --git or --archive")
    if target.resolve().is_relative_to(path.resolve()):
        raise SpaceError(f"{path} holds the folder of workspaces itself; name a folder inside it, or set `spaces`")
    with opened_layer(path) as source, opened_layer(target) as new:
        copy_tree(Stack([source]), new.folder, tick=tick)


def _unpack(target: Path, path: Path, tick: Tick) -> None:
    """By the reader of the tools: an archive may be made to fill the disk, or to write elsewhere."""
    target.rmdir()  # the reader makes it anew
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise SpaceError(f"{path} cannot be read: {error.strerror}; name a tar or zip file") from None
        around = stack.enter_context(opened_layer(target.parent)).folder
        meter = Meter(tell=lambda entries, size: tick(entries))
        budget = Budget(meter, size=os.fstat(file.fileno()).st_size, most=LARGEST_ARCHIVE)
        try:
            _, reader = open_archive(file.fileno(), budget)
            extractor = Extractor(Spot(around, os.fsencode(target.name)), (os.geteuid(), os.getegid()))
            stack.callback(extractor.close)
            extractor.take_all(reader)
        except ArchiveRefused as error:
            raise SpaceError(f"{path} cannot be unpacked: {error}") from error


_RULES = """
[safe]
    directory = *
[core]
    hooksPath = {nothing}
    fsmonitor = false
    untrackedCache = false
    protectNTFS = true
    protectHFS = true
[protocol]
    allow = never
[protocol "{protocol}"]
    allow = always
[submodule]
    recurse = false
[fetch]
    recurseSubmodules = false
    fsckObjects = true
[transfer]
    fsckObjects = true
[credential]
    helper =
[init]
    templateDir = {nothing}
[advice]
    detachedHead = false
"""
"""Settings of git for one clone: no hooks, no filters (none is defined), no helpers, one way to fetch, no submodules.

They stand in place of the user's own, and of the system's: see git-config(1).
"""


def _clone(target: Path, source: Git) -> None:
    """By the program `git`; the repository that is read may be hostile."""
    git = shutil.which("git")
    if git is None:
        raise SpaceError("git is not installed, which a workspace from a repository needs; install it")
    origin, protocol = _origin(source.repository)
    with tempfile.TemporaryDirectory(prefix="massgen-git-") as folder:
        nothing = Path(folder, "nothing")
        nothing.mkdir()
        rules = Path(folder, "config")
        rules.write_text(_RULES.format(nothing=nothing, protocol=protocol))
        depth = ["--depth", str(source.depth)] if source.depth else []
        branch = ["--branch", source.ref] if source.depth and source.ref else []
        options = ["--quiet", "--no-checkout", "--no-local", "--no-recurse-submodules", "--template", str(nothing)]
        _git([git, "clone", *options, *depth, *branch, "--", origin, str(target)], rules, source)
        _checkout(git, target, source, rules)


def _checkout(git: str, target: Path, source: Git, rules: Path) -> None:
    here = [git, "-C", str(target)]
    if source.ref is None:
        if _answer([*here, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"], rules):
            _git([*here, "checkout", "--quiet", "HEAD", "--"], rules, source)
        return
    if source.ref.startswith("-"):
        raise SpaceError(f"{source.ref!r} is no name of a branch, tag or commit")
    remote = f"refs/remotes/origin/{source.ref}"
    if _answer([*here, "rev-parse", "--verify", "--quiet", f"{remote}^{{commit}}"], rules):
        _git([*here, "checkout", "--quiet", "-B", source.ref, remote, "--"], rules, source)
        return
    found = _answer([*here, "rev-parse", "--verify", "--quiet", f"{source.ref}^{{commit}}"], rules)
    if not found:
        names = _answer([*here, "for-each-ref", "--count=20", "--format=%(refname:strip=3)", "refs/remotes"], rules)
        raise SpaceError(f"{source.repository} has no {source.ref!r}; it has {', '.join(names.split())}")
    _git([*here, "checkout", "--quiet", "--detach", found.strip(), "--"], rules, source)


def _origin(repository: str) -> tuple[str, str]:
    """Where to clone from, and by which of git's ways."""
    if repository.startswith("https://"):
        return repository, "https"
    if "://" in repository or "::" in repository:
        raise SpaceError(f"{repository}: only repositories of this machine, and https:// addresses, are taken")
    path = Path(repository).expanduser()
    if not path.exists():
        raise SpaceError(f"{path} is not there; name a repository's folder, or its https:// address")
    return str(path.resolve()), "file"


def _git(command: Sequence[str], rules: Path, source: Git) -> None:
    done = _run(command, rules)
    if done.returncode:
        words = done.stderr.strip().splitlines()[-3:]
        raise SpaceError(f"git cannot take {source}: {'; '.join(words) or done.returncode}")


def _answer(command: Sequence[str], rules: Path) -> str:
    done = _run(command, rules)
    return done.stdout if done.returncode == 0 else ""


def _run(command: Sequence[str], rules: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "https_proxy")}
    environment = {
        **kept,
        "LC_ALL": "C",
        "GIT_CONFIG_GLOBAL": str(rules),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
    try:
        return subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_CLONE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SpaceError(f"git took more than {_CLONE_SECONDS} s") from None
