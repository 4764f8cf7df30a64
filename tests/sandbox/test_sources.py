"""Tests of paths of the host on their way into a sandbox, on real trees with links, sockets, pipes and mounts."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from massgen_core.errors import ConfigError
from massgen_core.sandbox.denied import Place, closed_places
from massgen_core.sandbox.paths import Closed, Source, check_source
from massgen_core.sandbox.tables import listened_at

Check = Callable[..., Path]

ROOT = os.geteuid() == 0 if hasattr(os, "geteuid") else False


@pytest.fixture
def check(home: Path) -> Check:
    """Check one path, relative to the project's folder."""

    def run(text: str, *, changed: bool = False) -> Path:
        source = Source(key="servers.x.mounts./data", text=text, folder=home / "project", changed=changed)
        return check_source(source, Closed.here())

    return run


def refused(check: Check, text: str, *, changed: bool = False) -> str:
    with pytest.raises(ConfigError) as caught:
        check(text, changed=changed)
    assert caught.value.key == "servers.x.mounts./data"
    assert caught.value.cure
    return caught.value.problem


def test_what_was_closed_is_known_no_longer_than_from_when_it_was_asked(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look that takes long is old by its end: what has been closed meanwhile is not passed by."""
    clock, looks = [1000.0], [0]

    def slowly() -> list[Place]:
        clock[0] += 5
        looks[0] += 1
        return closed_places()

    monkeypatch.setattr("massgen_core.sandbox.paths.closed_places", slowly)
    monkeypatch.setattr("massgen_core.sandbox.paths.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("massgen_core.sandbox.paths._looked", {})
    check("site")
    check("site")
    assert looks == [2]


def test_relative_absolute_and_home(check: Check, home: Path) -> None:
    """A relative path belongs to its folder, `~` is the home, and a link counts as where it leads."""
    assert check("site") == check("~/project/site") == check(str(home / "project/site")) == home / "project" / "site"
    assert check("notes.txt", changed=True) == home / "project/notes.txt"
    (home / "elsewhere").symlink_to(home / "project")
    assert check("~/elsewhere/../elsewhere/./site") == home / "project/site"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/", "contains"),
        ("/proc", "every process"),
        ("/proc/self/root", "contains"),
        ("/proc/self/root/etc", "the host's settings"),
        ("/sys/fs/cgroup", "lies in /sys"),
        ("/dev", "devices"),
        ("/dev/shm", "lies in /dev"),
        ("/etc/hostname", "lies in /etc"),
        ("/boot", "starts with"),
        ("/run", "sockets of engines"),
        ("/var/run", "sockets of engines"),
        ("/var", "contains"),
        ("/var/lib", "contains"),
        ("//usr//..///etc/./", "the host's settings"),
        ("~", "is a home"),
        ("~/..", "contains"),
        ("~/project/../.ssh", "holds credentials"),
        ("~/.ssh/id_rsa", "holds credentials"),
        ("~/.netrc", "holds credentials"),
        ("~/.config", "contains"),
        ("~/.config/gcloud", "holds credentials"),
        ("~/.mozilla", "private data"),
        ("~/.bash_history", "typed"),
    ],
)
def test_closed_places(check: Check, path: str, problem: str) -> None:
    """System places, homes and what they keep secret are refused by their real path: in them, at them, above them."""
    assert problem in refused(check, path)


def test_another_process(check: Check) -> None:
    """The way through another process leads where it says, or is closed by the kernel."""
    assert refused(check, "/proc/1/root").endswith(("Permission denied", "shows every process of the host"))


def test_what_is_below_is_named(check: Check, home: Path) -> None:
    """A folder that contains a closed place is refused with the place that is inside."""
    assert f"contains {home}, which is a home" in refused(check, str(home.parent))


def test_places_that_do_not_exist_yet(check: Check, home: Path) -> None:
    """A folder is refused for what may come to be in it: a credential directory need not be there."""
    (home / ".local/share").mkdir(parents=True)
    assert f"contains {home}/.local/share/" in refused(check, "~/.local/share")


def test_links_are_followed(check: Check, home: Path) -> None:
    """A link to a closed place is refused, however long the chain, with both names in the message."""
    (home / "project/a").symlink_to("b")
    (home / "project/b").symlink_to("../.ssh")
    assert refused(check, "a").startswith(f"'a' ({home}/.ssh) holds credentials")
    assert "holds credentials" in refused(check, "a/id_rsa")


def test_links_to_nowhere(check: Check, home: Path) -> None:
    """A dangling link, a circle of links and a missing folder are told apart."""
    (home / "project/dangling").symlink_to("nothing")
    (home / "project/loop").symlink_to("pool")
    (home / "project/pool").symlink_to("loop")
    assert "is a link to nothing" in refused(check, "dangling")
    assert "cannot be followed: Too many levels of symbolic links" in refused(check, "loop")
    assert "cannot be followed: Not a directory" in refused(check, "notes.txt/x")
    with pytest.raises(ConfigError, match=r"absent does not exist\n  Make it \(`mkdir -p .*/project/absent`\)"):
        check("absent", changed=True)
    assert not (home / "project/absent").exists()


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\x7f", "\udcff", "~nobody-at-all/x"])
def test_text_that_is_no_path(home: Path, text: str) -> None:
    """Control characters, half letters and unknown homes are refused before anything is looked at."""
    with pytest.raises(ConfigError, match=r"characters that no path should|home that is not known"):
        check_source(Source(key="k", text=text, folder=home), Closed(places=[]))


def test_spelling(check: Check, home: Path) -> None:
    """Another spelling of a closed name is refused, since some disks take it for the same."""
    (home / ".SSH").mkdir()
    assert "holds credentials" in refused(check, "~/.SSH")
    assert "holds credentials" in refused(check, "~/.SSH/../.SSH")


def test_homes_elsewhere(check: Check, tmp_path: Path) -> None:
    """A copy of a home, wherever it stands, is known by the credentials in it."""
    (tmp_path / "backup/grace/.gnupg/private").mkdir(parents=True)
    assert "looks like a home" in refused(check, str(tmp_path / "backup/grace"))
    assert "lies in a folder '.gnupg'" in refused(check, str(tmp_path / "backup/grace/.gnupg/private"))
    assert check(str(tmp_path / "backup"))  # nothing tells what is deeper


def test_sockets_and_pipes(check: Check, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket, a pipe and a device are no sources, nor is a folder in which a program listens."""
    monkeypatch.chdir(home / "project")
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("engine.sock")
        assert "is a Unix socket" in refused(check, "engine.sock")
        assert check("~/project")  # nobody listens yet
    os.unlink("engine.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "project/site/app.sock"))
        listener.listen()
        assert str(home / "project/site/app.sock") in set(listened_at())
        assert "contains" in (problem := refused(check, "~/project"))
        assert "app.sock, a socket by which a program of the host can be spoken to" in problem
    monkeypatch.chdir("site")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("../site/here.sock")  # by a relative path, as some servers do
        listener.listen()
        assert "project/site/here.sock, a socket by which a program" in refused(check, "~/project")
    monkeypatch.chdir("..")
    assert "is a named pipe" in refused(check, "pipe")
    assert "is a device" in refused(check, "/dev/zero")


def test_changes(check: Check, home: Path) -> None:
    """What the host runs or trusts may be read at most: its programs, start-up files, and this program itself."""
    assert check("/usr/share") == Path(os.path.realpath("/usr/share"))
    assert "must not be changed" in refused(check, "/usr/share", changed=True)
    assert check("~/.bashrc")
    assert "read or run by programs of the host" in refused(check, "~/.bashrc", changed=True)
    assert check("~/.config/app")
    assert "lies in" in refused(check, "~/.config/app", changed=True)
    package = Path(__file__).parents[2] / "massgen_core"
    if package.is_dir():
        assert check(str(package))
        assert "must not be changed" in refused(check, str(package / "sandbox"), changed=True)


def test_the_home_that_the_user_database_names(home: Path) -> None:
    """HOME may point anywhere: what the user database calls our home is one as well."""
    real = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    assert [place.why for place in closed_places() if place.path == real / ".ssh"] == ["holds credentials"]
    assert home / ".ssh" in {place.path for place in closed_places()}


def test_variables(home: Path, tmp_path: Path) -> None:
    """Credentials that a variable has moved elsewhere are closed there."""
    (tmp_path / "keys").mkdir()
    closed = {place.path for place in closed_places(env={"KUBECONFIG": f"{tmp_path}/keys/one:{tmp_path}/keys/two"})}
    assert {tmp_path / "keys/one", tmp_path / "keys/two"} <= closed


@pytest.mark.parametrize("name", ["tab\v", "next\x85line", "a  b ", "\u2028"])
def test_odd_names_of_sockets(check: Check, home: Path, name: str) -> None:
    """The kernel writes names as they are: blanks and letters that end lines elsewhere hide no socket."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "project/site" / name))
        listener.listen()
        assert "a socket by which a program" in refused(check, "~/project")


def test_a_line_end_in_the_name_of_a_socket(check: Check, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that breaks the kernel's table does not break the check of other paths."""
    monkeypatch.chdir(home / "project/site")  # the whole path may be longer than the kernel takes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("a\nb c d e f g h")
        listener.listen()
        assert check("~/.config/app")


@pytest.mark.skipif(ROOT, reason="root may read everything")
def test_access(check: Check, home: Path) -> None:
    """Nobody mounts what they may not read themselves."""
    (home / "project/closed").mkdir(mode=0)
    assert "nothing that you may read yourself" in refused(check, "closed")


@pytest.fixture
def bind(tmp_path: Path) -> Iterator[Callable[[Path, Path], None]]:
    """Mounts a folder at another place too; undone afterwards."""
    with ExitStack() as mounts:

        def mount(source: Path, target: Path) -> None:
            target.mkdir(parents=True, exist_ok=True)
            made = subprocess.run(["mount", "--bind", source, target], capture_output=True, check=False)
            if made.returncode:
                pytest.skip(f"no bind mounts here: {made.stderr.decode()}")
            mounts.callback(subprocess.run, ["umount", target], check=True)

        yield mount


@pytest.mark.skipif(not ROOT, reason="mounting needs root")
def test_bind_mounts(check: Check, home: Path, tmp_path: Path, bind: Callable[[Path, Path], None]) -> None:
    """A closed place under another name is known by its identity: at it, in it, above it, and mounted inside."""
    (home / ".ssh/keys").mkdir()
    bind(home / ".ssh", tmp_path / "other")
    assert f"is {home}/.ssh under another name" in refused(check, str(tmp_path / "other"))
    assert "under another name" in refused(check, str(tmp_path / "other/keys"))
    bind(home.parent, tmp_path / "people")
    assert "a folder under another name that contains closed places" in refused(check, str(tmp_path / "people"))
    assert "under another name" in refused(check, str(tmp_path / "people/ada"))
    bind(home / ".aws", home / "project/deep down/here")
    assert f"contains {home}/project/deep down/here, where {home}/.aws is mounted" in refused(check, "deep down")


@pytest.mark.skipif(not ROOT, reason="mounting needs root")
def test_a_bind_mount_of_something_open(check: Check, tmp_path: Path, bind: Callable[[Path, Path], None]) -> None:
    """What is mounted twice and closed nowhere may be seen."""
    (tmp_path / "data").mkdir()
    bind(tmp_path / "data", tmp_path / "again")
    assert check(str(tmp_path / "again")) == tmp_path / "again"


NAMES = ["a", "b", "link", "up", "home", "ada", ".ssh", "key", "..", ".", "", "//", "loop"]


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(parts=st.lists(st.sampled_from(NAMES), min_size=1, max_size=9), rooted=st.booleans())
def test_no_way_in(jungle: Path, parts: list[str], rooted: bool) -> None:
    """Whatever mixture of links, dots and slashes: what passes is real, and neither above nor in a closed place."""
    secret = jungle / "home/ada/.ssh"
    closed = Closed(places=(place := [Place(secret, "is secret")]), spelling=[(place[0], secret.parts)])
    text = "/".join(parts)
    source = Source(key="k", text=f"{jungle}/{text}" if rooted else text, folder=jungle / "a")
    try:
        real = check_source(source, closed)
    except ConfigError:
        return
    assert real == Path(os.path.realpath(real, strict=True))
    assert not real.is_relative_to(secret)
    assert not secret.is_relative_to(real)
    assert ".ssh" not in real.parts


@pytest.fixture(scope="module")
def jungle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in which links lead everywhere, and one folder is closed."""
    root = tmp_path_factory.mktemp("jungle").resolve()
    for folder in ("a/b", "b/a/b", "home/ada/.ssh/key", "home/ada/a"):
        (root / folder).mkdir(parents=True)
    for place, goal in (
        ("a/link", root / "home/ada/.ssh"),
        ("a/b/link", "../../home/ada"),
        ("b/link", "../a/b/link/.ssh"),
        ("b/a/link", root),
        ("home/ada/link", "a"),
        ("home/ada/a/link", "../.ssh/key"),
        ("home/ada/.ssh/up", "../a"),
        ("a/up", ".."),
        ("b/up", root / "a"),
        ("a/loop", "loop"),
        ("a/home", "../home"),
    ):
        (root / place).symlink_to(goal)
    return root
