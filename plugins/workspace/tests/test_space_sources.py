"""What a workspace begins with: repositories, hostile ones among them."""

from __future__ import annotations

import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
from massgen_workspace.spaces.shelf import SpaceError
from massgen_workspace.spaces.sources import Archive, Git
from massgen_workspace.spaces.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "spaces", "copy")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "file").write_text("first\n")
    git(folder, "add", "file")
    git(folder, "commit", "--quiet", "-m", "first")
    git(folder, "tag", "v1")
    git(folder, "switch", "--quiet", "-c", "side")
    (folder / "file").write_text("side\n")
    git(folder, "commit", "--quiet", "-am", "side")
    git(folder, "switch", "--quiet", "main")
    (folder / "uncommitted").write_text("x")
    return folder


def git(folder: Path, *arguments: str) -> str:
    me = {f"GIT_{who}_{what}": "me@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, env={**os.environ, **me}, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("bare", [False, True])
def test_a_repository_of_this_machine(store: Store, repository: Path, tmp_path: Path, bare: bool) -> None:
    if bare:
        git(repository, "clone", "--quiet", "--bare", str(repository), str(tmp_path / "bare"))
        repository = tmp_path / "bare"
    tree = store.create("one", Git(repository=str(repository))).folder
    assert ((tree / "file").read_text(), (tree / "uncommitted").exists()) == ("first\n", False)
    assert git(tree, "status", "--porcelain") == ""
    assert git(tree, "branch", "--show-current") == "main"


@pytest.mark.parametrize(("ref", "text"), [("side", "side\n"), ("v1", "first\n"), ("commit", "first\n")])
def test_a_branch_a_tag_or_a_commit(store: Store, repository: Path, ref: str, text: str) -> None:
    ref = git(repository, "rev-parse", "v1") if ref == "commit" else ref
    info = store.create("one", Git(repository=str(repository), ref=ref))
    assert (info.folder / "file").read_text() == text
    assert info.source == f"{repository}@{ref}"


def test_an_empty_repository(store: Store, tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "empty")
    assert os.listdir(store.create("one", Git(repository=str(tmp_path / "empty"))).folder) == [".git"]


def test_some_of_the_history(store: Store, repository: Path) -> None:
    tree = store.create("one", Git(repository=str(repository), ref="side", depth=1)).folder
    assert git(tree, "rev-list", "--count", "HEAD") == "1"
    assert (tree / "file").read_text() == "side\n"


def test_what_is_not_there_is_said_with_what_is(store: Store, repository: Path, tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match=r"has no 'nowhere'; it has .*main, side"):
        store.create("one", Git(repository=str(repository), ref="nowhere"))
    with pytest.raises(SpaceError, match="is no name of a branch"):
        store.create("one", Git(repository=str(repository), ref="--upload-pack=x"))
    with pytest.raises(SpaceError, match="is not there; name a repository's folder"):
        store.create("one", Git(repository=str(tmp_path / "nothing")))
    (tmp_path / "plain").mkdir()
    with pytest.raises(SpaceError, match="git cannot take"):
        store.create("one", Git(repository=str(tmp_path / "plain")))
    assert store.list() == []


@pytest.mark.parametrize(
    "address", ["http://example.org/x", "ssh://example.org/x", "git://example.org/x", "ext::sh -c id", "file:///x"]
)
def test_other_ways_to_fetch_are_refused(store: Store, address: str) -> None:
    with pytest.raises(SpaceError, match="only repositories of this machine, and https:// addresses"):
        store.create("one", Git(repository=address))


def test_a_hostile_repository_runs_nothing(
    store: Store, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hooks, filters, monitors and helpers of the repository, and of this user's own settings, are not run."""
    told = tmp_path / "told"
    spy = tmp_path / "spy"
    spy.write_text(f'#!/bin/sh\necho "$0 $*" >> {told}\ncat\n')
    spy.chmod(0o755)
    for hook in ("post-checkout", "post-index-change", "reference-transaction", "pre-auto-gc"):
        (repository / ".git/hooks").mkdir(exist_ok=True)
        (repository / ".git/hooks" / hook).symlink_to(spy)
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "core.sshCommand", "core.pager"):
        git(repository, "config", key, str(spy))
    git(repository, "config", "uploadpack.packObjectsHook", str(spy))
    (repository / ".gitattributes").write_text("* filter=evil\n")
    git(repository, "-c", "filter.evil.clean=", "-c", "core.fsmonitor=false", "add", ".gitattributes")
    git(repository, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "commit", "--quiet", "-m", "evil")
    home = tmp_path / "home"
    (home / "templates/hooks").mkdir(parents=True)
    (home / "templates/hooks/post-checkout").symlink_to(spy)
    own = f'[init]\n templateDir = {home}/templates\n[filter "evil"]\n smudge = {spy}\n[core]\n fsmonitor = {spy}\n'
    (home / ".gitconfig").write_text(own)
    monkeypatch.setenv("HOME", str(home))
    told.unlink(missing_ok=True)
    tree = store.create("one", Git(repository=str(repository))).folder
    assert (tree / "file").read_text() == "first\n"
    assert not told.exists(), told.read_text()
    assert not list((tree / ".git").glob("hooks/*"))


def test_a_repository_with_a_command_in_its_submodules_is_refused(store: Store, repository: Path) -> None:
    (repository / ".gitmodules").write_text('[submodule "s"]\n\tpath = s\n\turl = x\n\tupdate = !touch /tmp/x\n')
    git(repository, "add", ".gitmodules")
    git(repository, "commit", "--quiet", "-m", "evil")
    with pytest.raises(SpaceError, match="disallowed submodule update setting"):
        store.create("one", Git(repository=str(repository)))


def test_an_archive(store: Store, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("folder/file", "x")
    assert (store.create("one", Archive(path=tmp_path / "good.zip")).folder / "folder/file").read_text() == "x"


def test_an_archive_that_leads_out_is_refused(store: Store, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        archive.addfile(tarfile.TarInfo("../out"))
    (tmp_path / "text").write_text("no archive")
    for name, words in (("bad.tar", "cannot be unpacked"), ("text", "cannot be unpacked"), ("none", "cannot be read")):
        with pytest.raises(SpaceError, match=words):
            store.create("one", Archive(path=tmp_path / name))
    assert store.list() == []
    assert not list(store.folder.glob(".new-*"))
