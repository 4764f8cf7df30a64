"""Which user a sandbox with mounts runs as, by real folders; and which kind of engine answers, by its answers."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.mounts import mount_options
from massgen_sandbox_docker.container.users import Caller, may_use, outside, user_for
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.engine.endpoint import Endpoint
from massgen_sandbox_docker.engine.kind import EngineKind, Here, findings, judge, kind_of

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxLimits

ADA = Caller(user=1000, groups=frozenset({1000, 27}))
ROOT = Caller(user=0, groups=frozenset({0}))
ROOTLESS = EngineKind(users="rootless", owner=1000, first=(100000, 200000))
REMAPPED = EngineKind(users="remapped", first=(300000, 300000))
PODMAN = EngineKind(product="Podman", users="rootless", owner=1000, first=(100000, 100000))

Make = Callable[..., Mount]

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="makes folders of others")


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a folder of somebody's, and a mount of it."""

    def mount(name: str, user: int, group: int, mode: int, *, write: bool = True, acl: Any = ()) -> Mount:
        path = tmp_path / name
        path.mkdir()
        os.chown(path, user, group)
        path.chmod(mode)
        if acl:
            raw = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in acl)
            try:
                os.setxattr(path, "system.posix_acl_access", raw)
            except OSError as error:
                pytest.skip(f"no access control lists here: {error}")
        return Mount(source=path, target=f"/{name}", write=write)

    return mount


def chosen(*mounts: Mount, kind: EngineKind | None = None, caller: Caller = ADA, **limits: Any) -> str:
    return user_for(SandboxLimits.model_validate(limits), mounts, kind or EngineKind(), caller)


def refused(*mounts: Mount, **more: Any) -> str:
    with pytest.raises(SandboxUnavailable) as caught:
        chosen(*mounts, **more)
    return str(caught.value)


def test_without_mounts() -> None:
    """A sandbox without mounts is nobody of this machine."""
    assert chosen() == "65532:65532"
    assert chosen(user="7:7") == "7:7"


@needs_root
class TestSameNumbers:
    def test_the_owner(self, make: Make) -> None:
        """Who may write a folder is its owner: the caller, or anybody where root calls."""
        mine = make("mine", 1000, 27, 0o700)
        assert chosen(mine) == chosen(mine, caller=ROOT) == "1000:27"
        assert chosen(make("rooted", 1000, 0, 0o755)) == "1000:65532"  # never in root's group

    def test_somebody_else(self, make: Make) -> None:
        """Nobody borrows another's number: not what the folder of somebody else lets its owner do."""
        other = make("other", 1001, 1001, 0o755)
        assert "belongs to 1001:1001 (mode 755), and the sandbox's user could not write it" in refused(other)
        assert chosen(other, caller=ROOT) == "1001:1001"
        assert chosen(make("team", 1001, 27, 0o775)) == "1000:27"  # the caller's own group may
        assert chosen(make("public", 1001, 1001, 0o777)) == "65532:65532"

    def test_root(self, make: Make) -> None:
        """What only root may write is refused, whoever calls, with the cure."""
        for caller in (ADA, ROOT):
            said = refused(make(f"by-{caller.user}", 0, 0, 0o755), caller=caller)
            assert "No sandbox runs as root: give it to an ordinary user (`chown -R 1000:1000 " in said
        acl = [(1, 7, -1), (2, 7, 65532), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
        assert chosen(make("listed", 0, 0, 0o755, acl=acl)) == "65532:65532"

    def test_reading(self, make: Make) -> None:
        """To read, nobody is enough where all may; else it is the owner, if that is the caller."""
        assert chosen(make("open", 1000, 1000, 0o755, write=False)) == "65532:65532"
        closed = make("closed", 1000, 1000, 0o700, write=False)
        assert chosen(closed) == "1000:1000"
        assert "could not read it" in refused(make("hers", 1001, 1001, 0o700, write=False))
        assert chosen(closed, user="7:7") == "7:7"

    def test_several(self, make: Make) -> None:
        """One user has to do for all; where none does, the error says which folder keeps out the sandbox."""
        a, b = make("a", 1000, 1000, 0o700), make("b", 1000, 1000, 0o755, write=False)
        assert chosen(a, b) == chosen(b, a) == "1000:1000"
        assert "Mount folders of one owner only" in refused(a, make("c", 1001, 1001, 0o700), caller=ROOT)

    @pytest.mark.parametrize(
        ("acl", "user", "group", "expected"),
        [
            ([(2, 7, 7), (16, 7, -1)], 7, 9, True),
            ([(2, 7, 7), (16, 5, -1)], 7, 9, False),
            ([(2, 7, 7), (16, 7, -1)], 8, 9, False),
            ([(8, 7, 9), (16, 7, -1)], 8, 9, True),
            ([(8, 7, 9), (16, 4, -1)], 8, 9, False),
            ([(2, 0, 7), (8, 7, 9), (16, 7, -1)], 7, 9, False),
        ],
    )
    def test_access_lists(self, make: Make, acl: Any, user: int, group: int, expected: bool) -> None:
        """Named users and groups count within the mask, and a named user before groups, as in acl(5)."""
        base = [(1, 7, -1), (4, 5, -1), (32, 5, -1)]
        mount = make("x", 1000, 1000, 0o755, acl=sorted([*base, *acl]))
        assert may_use(mount, user, group) is expected


@needs_root
class TestShiftedNumbers:
    def test_rootless(self, make: Make) -> None:
        """Under a rootless engine the sandbox's user is a subordinate one; the cure lets that one in, and its owner."""
        assert outside((65532, 65532), ROOTLESS) == (165531, 265531)
        said = refused(mount := make("mine", 1000, 1000, 0o755), kind=ROOTLESS)
        assert (
            f"setfacl -R -m u:165531:rwX -m d:u:165531:rwX,d:u:1000:rwX {mount.source}` "
            "(165531 is the sandbox's user outside)" in said
        )
        acl = [(1, 7, -1), (2, 7, 165531), (4, 5, -1), (16, 7, -1), (32, 5, -1)]
        assert chosen(make("listed", 1000, 1000, 0o755, acl=acl), kind=ROOTLESS) == "65532:65532"

    def test_reading(self, make: Make) -> None:
        """What all may read needs nothing; what not, an entry to read."""
        assert chosen(make("open", 1000, 1000, 0o755, write=False), kind=ROOTLESS) == "65532:65532"
        assert "setfacl -R -m u:365532:rX /" in refused(make("x", 1000, 1000, 0o700, write=False), kind=REMAPPED)

    def test_unknown_numbers(self, make: Make) -> None:
        """Where the numbers are not known, only what is open to all will do."""
        unknown = EngineKind(users="rootless", owner=1000)
        assert chosen(make("public", 1000, 1000, 0o777), kind=unknown) == "65532:65532"
        assert "Open it to all others" in refused(make("mine", 1000, 1000, 0o755), kind=unknown)

    def test_podman(self, make: Make) -> None:
        """Rootless Podman keeps the caller's number inside, where a folder needs it; another's engine does not do."""
        mine, open_one = make("mine", 1000, 27, 0o755), make("open", 1001, 1001, 0o755, write=False)
        assert chosen(mine, kind=PODMAN) == "1000:27"
        assert mount_options([mine], PODMAN)["UsernsMode"] == "keep-id"
        assert chosen(open_one, kind=PODMAN) == "65532:65532"
        assert "UsernsMode" not in mount_options([open_one], PODMAN)
        assert "belongs to user 1001, you are 1000" in refused(mine, kind=replace(PODMAN, owner=1001))

    def test_a_virtual_machine(self, make: Make) -> None:
        """Where a virtual machine shares the files, it sees to the numbers."""
        desktop = EngineKind(product="Docker Desktop", files="shared")
        assert chosen(make("mine", 1000, 1000, 0o700), kind=desktop) == "65532:65532"


HERE = Here(
    platform="linux",
    name="box",
    kernel="6.1",
    user=1000,
    owner_of=lambda path: 1000,
    missing=lambda path: path.startswith("/gone"),
    subordinate=lambda user, file: {"/etc/subuid": 100000, "/etc/subgid": 200000}[file],
)
SOCKET = Endpoint(source="a test", socket="/run/docker.sock")
INFO = {"Name": "box", "KernelVersion": "6.1", "DockerRootDir": "/var/lib/docker", "SecurityOptions": ["name=seccomp"]}


def kind(endpoint: Endpoint = SOCKET, version: Any = None, here: Here = HERE, **info: Any) -> EngineKind:
    return judge(endpoint, version or {}, {**INFO, **info}, here)


def test_rootful() -> None:
    """An engine with this machine's kernel and name, whose folder is here, means this machine's files and users."""
    found = kind()
    assert (found.product, found.users, found.files) == ("Docker", "same", "here")
    assert str(found) == "Docker, rootful, on this machine"
    assert set(map(str, found.own)) == {"/var/lib/docker", "/run/docker.sock"}


@pytest.mark.parametrize(
    ("endpoint", "info", "why"),
    [
        (Endpoint(source="a test", host="10.0.0.7", port=2376), {}, r"over the network \(tcp://10\.0\.0\.7:2376\)"),
        (Endpoint(source="a test", host="localhost", port=2375), {}, "over the network"),
        (SOCKET, {"KernelVersion": "5.4"}, r"kernel is 5\.4, that of this machine 6\.1"),
        (SOCKET, {"KernelVersion": None}, "kernel is unknown"),
        (SOCKET, {"Name": "far"}, "calls its machine 'far', this one is 'box'"),
        (SOCKET, {"DockerRootDir": "/gone/docker"}, "/gone/docker is not to be found here"),
    ],
)
def test_elsewhere(endpoint: Endpoint, info: Any, why: str) -> None:
    """An address, another kernel, another name, a folder that is not here: another machine, also behind a socket."""
    found = kind(endpoint, **info)
    assert found.files == "elsewhere"
    (finding, *_) = findings(found, INFO)
    assert not finding.ok
    assert finding.cure
    assert re.search(why, found.why)


def test_rootless_docker() -> None:
    """A rootless engine belongs to whoever owns its socket, whose subordinate numbers its sandboxes use."""
    found = kind(SecurityOptions=["name=seccomp,profile=builtin", "name=rootless", "name=cgroupns"])
    assert (found.users, found.owner, found.first, found.keeps_ids) == ("rootless", 1000, (100000, 200000), False)
    names = {each.name: each for each in findings(found, {"CgroupVersion": "1"})}
    assert names["users"].ok
    assert "ACL" in names["users"].detail
    assert not names["limits of a rootless engine"].ok
    held = {"CgroupVersion": "2", "CgroupDriver": "systemd"}
    assert all(each.ok for each in findings(found, held))


def test_remapped_users() -> None:
    """An engine with remapped users keeps its things in a folder that is named after the first number."""
    found = kind(SecurityOptions=["name=userns"], DockerRootDir="/var/lib/docker/231072.231072")
    assert (found.users, found.first) == ("remapped", (231072, 231072))
    assert outside((65532, 65532), found) == (296604, 296604)
    assert kind(SecurityOptions=["name=userns"]).first is None


def test_podman_socket() -> None:
    """Podman is known by the name of its engine, rootless or not."""
    version = {"Components": [{"Name": "Podman Engine"}, {"Name": "Conmon"}]}
    rootful, rootless = kind(version=version), kind(version=version, SecurityOptions=["name=rootless"])
    assert (rootful.product, rootful.users, rootful.keeps_ids) == ("Podman", "same", False)
    assert (rootless.users, rootless.keeps_ids) == ("rootless", True)
    assert "keep-id" in next(each.detail for each in findings(rootless, {}) if each.name == "podman")
    assert "the folder's owner" in next(each.detail for each in findings(rootful, {}) if each.name == "podman")


def test_desktop() -> None:
    """Docker Desktop shares files through its virtual machine; on Linux its root is the person outside."""
    mac = replace(HERE, platform="darwin", kernel="23.0")
    found = kind(here=mac, OperatingSystem="Docker Desktop", KernelVersion="6.6-linuxkit")
    assert (found.product, found.users, found.files, found.own) == ("Docker Desktop", "same", "shared", ())
    linux = kind(OperatingSystem="Docker Desktop", KernelVersion="6.6-linuxkit")
    assert (linux.users, linux.files, linux.owner, linux.first) == ("rootless", "shared", 1000, (100000, 200000))
    assert kind(here=mac).files == "shared"


def test_selinux() -> None:
    """An engine with SELinux is known, and what it needs is said."""
    found = kind(SecurityOptions=["name=selinux"])
    assert found.selinux
    assert any("selinux" in each.detail for each in findings(found, INFO))


@pytest.mark.anyio
@pytest.mark.docker
async def test_the_engine_of_this_machine() -> None:
    """The engine that the tests run on is this machine's."""
    async with connect(DockerConfig()) as engine:
        found = await kind_of(engine)
    assert (found.files, found.product) == ("here", "Docker"), found.why
