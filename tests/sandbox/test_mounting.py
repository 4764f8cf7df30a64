"""Tests of the mounts of a whole sandbox: places inside, what the sandbox may change, the check at its start."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from massgen_core.errors import ConfigError, SandboxUnavailable
from massgen_core.sandbox import Mount, MountSetting, MountSettings
from massgen_core.sandbox.denied import Place
from massgen_core.sandbox.mounting import Wanted, check_again, checked_mounts
from massgen_core.sandbox.paths import links_on
from massgen_core.sandbox.targets import CLOSED, check_layout, check_target, lies_in

SETTING: TypeAdapter[MountSettings] = TypeAdapter(MountSetting)


def mounts(folder: Path, workspace: Any = None, **more: Any) -> tuple[Mount, ...]:
    tmpfs = more.pop("tmpfs", ["/tmp"])
    keep = more.pop("keep", [])
    paths: Mapping[str, Any] = more.pop("mounts", {})
    return checked_mounts(
        Wanted.of(
            None if workspace is None else SETTING.validate_python(workspace),
            {target: SETTING.validate_python(value) for target, value in paths.items()},
            folder=folder,
            key="servers.x",
            tmpfs=tmpfs,
            keep=keep,
            **more,
        )
    )


def test_read_only_unless_written_out(home: Path) -> None:
    """The workspace is seen at a neutral place, other paths where they are asked for, all read-only by default."""
    project = home / "project"
    found = mounts(project, "site", mounts={"/notes": "notes.txt", "/out": {"source": "~/out", "write": True}})
    assert found == (
        Mount(source=project / "site", target="/workspace"),
        Mount(source=project / "notes.txt", target="/notes"),
        Mount(source=home / "out", target="/out", write=True),
    )
    assert mounts(project) == ()


@pytest.fixture(autouse=True)
def out(home: Path) -> Path:
    (home / "out").mkdir()
    return home / "out"


def test_keys(home: Path) -> None:
    """An error names the key in the config, the real path and the cure."""
    with pytest.raises(ConfigError, match=r"^servers\.x\.workspace: '\.\./\.ssh' \(.*/ada/\.ssh\) holds credentials\n"):
        mounts(home / "project", "../.ssh")
    with pytest.raises(ConfigError, match=r"^servers\.x\.mounts\./keys: .*\n  Choose a folder that holds only"):
        mounts(home / "project", mounts={"/keys": "~/.aws"})
    with pytest.raises(ConfigError, match=r"^servers\.x\.mounts\./workspace: `workspace` is at /workspace already"):
        mounts(home / "project", "site", mounts={"/workspace": "~/out"})


def test_own_settings(home: Path) -> None:
    """What a sandbox may change never holds the config file or the lock; it may be read."""
    project = home / "project"
    lock = project / "site/massgen.lock"
    lock.touch()
    assert mounts(project, ".")
    with pytest.raises(ConfigError, match=r"servers\.x\.workspace: .* holds the settings of this program"):
        mounts(project, {"source": ".", "write": True})
    (home / "nested").symlink_to(project)
    with pytest.raises(ConfigError, match=r"\.workspace: .* contains .*/project/site, which holds the settings"):
        mounts(project / "site", {"source": "~/nested", "write": True})
    assert mounts(project, {"source": "site", "write": True})
    with pytest.raises(ConfigError, match="contains .*massgen.lock, which holds the settings of this program"):
        mounts(project, {"source": "site", "write": True}, keep=[lock])
    with pytest.raises(ConfigError, match="must not be changed"):
        mounts(project, {"source": "site/massgen.lock", "write": True}, keep=[lock])


def test_relabelling_is_a_change(home: Path) -> None:
    """A label for SELinux changes the host's files, so it is no more allowed than writing."""
    with pytest.raises(
        ConfigError, match="holds the host's programs; it must not be changed\n  Mount it read-only, or choose"
    ):
        mounts(home, {"source": "/usr/share", "selinux": "shared"})


def test_inside_what_may_be_changed(home: Path) -> None:
    """A path inside a folder that the sandbox may change is refused: it could lead anywhere at the next start."""
    project = home / "project"
    (home / "out/data").mkdir()
    asked: Any = {"/out": {"source": "~/out", "write": True}, "/data": "~/out/data"}
    with pytest.raises(ConfigError, match=r"mounts\./data: '~/out/data' leads to .* in .*/out \(`/out`\): there a"):
        mounts(project, mounts=asked)
    asked["/out"] = "~/out"
    assert len(mounts(project, mounts=asked)) == 2


@pytest.mark.parametrize(
    ("target", "problem"),
    [
        ("workspace", "no absolute path"),
        ("//data", "no absolute path"),
        ("-v", "no absolute path"),
        ("--privileged", "no absolute path"),
        ("", "no absolute path"),
        ("/", "would cover /proc"),
        ("/data/", "not plain"),
        ("/data/../etc", "not plain"),
        ("/./data", "not plain"),
        ("/a//b", "not plain"),
        ("/data:rw", "holds a colon"),
        ("/data,readonly=false", "holds a colon, a comma"),
        ('/da"ta', "a quote"),
        ("/da\nta", "cannot be printed"),
        ("/da\0ta", "cannot be printed"),
        ("/da\u202eta", "cannot be printed"),
        ("/da\udcffta", "cannot be printed"),
        ("/" + "a" * 5000, "too long"),
        ("/proc/1", "lies in /proc"),
        ("/etc/ld.so.preload", "lies in /etc"),
        ("/run/secrets", "lies in /run"),
        ("/var/run/x", "lies in /var/run"),
        ("/var", "would cover /var/run"),
        ("/usr", "would cover /usr/bin"),
        ("/sbin/docker-init", "lies in /sbin"),
    ],
)
def test_places_inside(home: Path, target: str, problem: str) -> None:
    """A place in the sandbox is absolute and plain, and covers nothing that holds the sandbox together."""
    with pytest.raises(ConfigError, match=problem) as caught:
        mounts(home, mounts={target: "project"})
    assert caught.value.key == f"servers.x.mounts.{target}"


def test_overlaps(home: Path) -> None:
    """Two things at one place, or one inside another, are refused with both names."""
    with pytest.raises(ConfigError, match=r"the in-memory folder `tmpfs\./tmp` is at /tmp already"):
        mounts(home, mounts={"/tmp": "project"})
    with pytest.raises(ConfigError, match=r"/tmp/x and /tmp \(the in-memory folder .*\) overlap"):
        mounts(home, mounts={"/tmp/x": "project"})
    with pytest.raises(ConfigError, match=r"/workspace/out and /workspace \(`servers\.x\.workspace`\) overlap"):
        mounts(home, "project", mounts={"/workspace/out": "out"})
    assert len(mounts(home, mounts={"/data": "project", "/database": "out"})) == 2


TARGETS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["etc", "proc", "run", "var", "usr", "bin", "a", "..", ".", "", " ", "-v"])).map(
        lambda parts: "/" + "/".join(parts)
    ),
)


@settings(max_examples=500)
@given(TARGETS)
@example("/usr/share")
def test_what_passes_is_plain(target: str) -> None:
    """Whatever is asked for: a place that passes is one path however a mount is written, and covers nothing closed."""
    try:
        check_target(target, "k")
    except ConfigError:
        return
    assert target.startswith("/")
    assert not set(target.split("/")[1:]) & {"", ".", ".."}
    assert not set(target) & set(":,\\\"'\n\0")
    assert not any(lies_in(target, closed) or lies_in(closed, target) for closed in CLOSED)


@given(st.lists(st.sampled_from(["/a", "/a/b", "/ab", "/b", "/b/c", "/c"]), max_size=5))
def test_what_passes_is_apart(targets: list[str]) -> None:
    """However many places are asked for: where they pass, none is or contains another."""
    try:
        check_layout([(target, target) for target in targets], ["/c"])
    except ConfigError:
        return
    every = [*targets, "/c"]
    assert not any(i != j and lies_in(a, b) for i, a in enumerate(every) for j, b in enumerate(every))


def test_again_at_the_start(home: Path) -> None:
    """Just before a start the paths are looked at again: a link put in the way since is found."""
    project = home / "project"
    found = mounts(project, "site")
    check_again(found)
    (project / "site").rename(project / "old")
    (project / "site").symlink_to(home / "out")
    with pytest.raises(SandboxUnavailable, match=r"cannot mount .*/site at /workspace: it leads to .*/out now\n"):
        check_again(found)
    (project / "site").unlink()
    with pytest.raises(SandboxUnavailable, match=r"cannot mount /workspace: .*/site does not exist"):
        check_again(found)
    (project / "site").symlink_to(home / ".ssh")
    with pytest.raises(SandboxUnavailable, match=r"cannot mount /workspace: .*\.ssh\) holds credentials"):
        check_again(found)
    check_again(())


def test_again_whoever_asks(home: Path) -> None:
    """What no config has checked is checked there as well, with the places that only a backend knows."""
    with pytest.raises(SandboxUnavailable, match="holds credentials"):
        check_again([Mount(source=home / ".aws", target="/x")])
    inside = [Mount(source=home / "out", target="/o", write=True), Mount(source=home / "out/in", target="/i")]
    (home / "out/in").mkdir()
    with pytest.raises(SandboxUnavailable, match=r"cannot mount /i: .* leads to .*/out/in in .*/out \(`/o`\)"):
        check_again(inside)
    with pytest.raises(SandboxUnavailable, match=r"/x: .* contains .*/out, which is the engine's"):
        check_again([Mount(source=home / "project", target="/x")], [Place(home / "project/out", "is the engine's")])


OTHERS = [("~/out", "servers.y.workspace")]


def test_inside_what_others_may_change(home: Path) -> None:
    """Nothing is mounted from inside a folder that another sandbox may change; the folder itself may be."""
    (home / "out/data").mkdir()
    with pytest.raises(ConfigError, match=r"'~/out/data' leads to .* in .*/out \(servers\.y\.workspace\): there a"):
        mounts(home / "project", "~/out/data", written=OTHERS)
    assert mounts(home / "project", "~/out", written=OTHERS)
    assert mounts(home / "project", {"source": "~/out", "write": True}, written=OTHERS)
    assert mounts(home / "project", "site", written=[("~/absent", "servers.y.workspace")])


def test_by_way_of_what_others_may_change(home: Path) -> None:
    """Nor does a path lead through such a folder: the link may have been put there by a sandbox, in an earlier run."""
    (home / "out/site").symlink_to(home / "project/site")
    with pytest.raises(ConfigError, match=r"\.workspace: '~/out/site' leads to .*/out/site in .*/out \(servers\.y"):
        mounts(home / "project", "~/out/site", written=OTHERS)
    (home / "project/short").symlink_to("../out/site")
    with pytest.raises(ConfigError, match=r"'short' leads to .*/out/site in .*/out"):
        mounts(home / "project", "short", written=OTHERS)
    assert mounts(home / "project", "short")[0].source == home / "project/site"


def test_files_with_secrets(home: Path) -> None:
    """A file that a secret is read from is in no mount of any server, under its name or where its link leads."""
    (home / "project/token").symlink_to("site/real")
    (home / "project/site/real").write_text("x")
    secrets = [("token", "servers.y.secrets.TOKEN"), ("~who-is-this/x", "k"), ("absent", "k")]
    with pytest.raises(
        ConfigError, match=r"contains .*/project/\w+, which holds a secret \(`servers\.y\.secrets\.TOKEN`"
    ):
        mounts(home / "project", ".", secrets=secrets[:1])
    with pytest.raises(ConfigError, match=r"contains .*/site/real, which holds a secret"):
        mounts(home / "project", "site", secrets=secrets)
    assert mounts(home / "project", "notes.txt", secrets=secrets)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "l", "m", "n", "..", "."]), min_size=1, max_size=7))
def test_every_link_on_the_way(maze: Path, parts: list[str]) -> None:
    """Without the links that are told to stand on its way, a path leads nowhere or needs none of them."""
    path = maze.joinpath(*parts)
    try:
        real = Path(os.path.realpath(path, strict=True))
    except OSError:
        return
    links = list(links_on(path))
    assert all(link.is_symlink() and link.parent == Path(os.path.realpath(link.parent)) for link in links)
    assert bool(links) or real == Path(os.path.normpath(path))


@pytest.fixture(scope="module")
def maze(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("maze").resolve()
    for folder in ("a/b/a", "b/a/b"):
        (root / folder).mkdir(parents=True)
    for place, goal in (("l", "a/m"), ("a/m", root / "b"), ("b/n", "../a/./b"), ("a/b/l", "../../l/a")):
        (root / place).symlink_to(goal)
    return root
