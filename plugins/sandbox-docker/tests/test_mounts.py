"""Paths of the host in containers of a real engine: what is seen there, what may be changed, whose it is outside."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest
from docker_support import MakeSpec
from fake_daemon import FakeDaemon, answer_json
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.mounts import Mounting, mount_options, settle, verify_mounts
from massgen_sandbox_docker.container.run import DockerSandbox, run_container
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.engine.kind import EngineKind
from massgen_sandbox_docker.gates import gates
from massgen_sandbox_docker.late.awaited import late_mounts
from massgen_sandbox_docker.owners.labels import Owner

from massgen_core.errors import SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxSpec

ROOT = os.geteuid() == 0
REFUSED = re.compile("ead-only|denied|not permitted|superuser|not found")
OWNER = 4321

Start = Callable[..., AbstractAsyncContextManager[DockerSandbox]]
Happens = Callable[[], None]

on_engine = [pytest.mark.anyio, pytest.mark.docker, pytest.mark.skipif(not ROOT, reason="makes folders of others")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of an ordinary person, with a file and a folder in it."""
    folder = tmp_path / "site"
    (folder / "inner").mkdir(parents=True)
    (folder / "page").write_text("hello")
    for path in (folder, folder / "inner", folder / "page"):
        os.chown(path, OWNER, OWNER)
    return folder


@pytest.fixture
def crowded(folder: Path) -> Iterator[Path]:
    """The folder with another file system mounted in it, which holds a file."""
    if subprocess.run(["mount", "-t", "tmpfs", "x", folder / "inner"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    (folder / "inner/secret").write_text("x")
    yield folder
    subprocess.run(["umount", folder / "inner"], check=True)


def swap(folder: Path, goal: str) -> None:
    """Put a link in the place of a folder."""
    folder.rename(folder.with_name("old"))
    folder.symlink_to(goal)


def swap_back(folder: Path) -> None:
    """Undo that."""
    folder.unlink()
    folder.with_name("old").rename(folder)


def nothing() -> None:
    """What happens usually."""


@pytest.fixture
def start(backend: DockerBackend, spec: MakeSpec) -> Start:
    """Start a container with mounts as the backend does, but for what happens ``between`` the checks and around it."""

    @asynccontextmanager
    async def started(
        *mounts: Mount, between: Happens = nothing, before: Happens = nothing, after: Happens = nothing, **more: Any
    ) -> AsyncGenerator[DockerSandbox]:
        asked: SandboxSpec = replace(spec("sleep", "60", **more), mounts=mounts)
        settled, mounting = await settle(backend.engine, asked)

        class Watched(Mounting):
            async def again(self) -> None:
                between()
                await super().again()
                before()

            async def verify(self, shown: Mapping[str, Any]) -> None:
                after()
                await super().verify(shown)

        watched = Watched(mounts=mounting.mounts, kind=mounting.kind, known=mounting.known)
        labels = backend.owner.labels(lifetime=60)
        async with run_container(backend.engine, settled, labels, mounting=watched) as sandbox:
            yield sandbox

    return started


async def sh(sandbox: DockerSandbox, script: str) -> tuple[int | None, str]:
    result = await sandbox.exec(["sh", "-c", script])
    return result.exit_code, (result.stdout + result.stderr).decode()


class TestOnEngine:
    pytestmark = on_engine

    async def test_read_only(self, start: Start, folder: Path) -> None:
        """A path is seen at its neutral place and cannot be changed there by any means."""
        async with start(Mount(source=folder, target="/workspace")) as sandbox:
            assert await sh(sandbox, "cat /workspace/page; id -u") == (0, "hello65532\n")
            tries = ("echo x > /workspace/page", "touch /workspace/new", "rm /workspace/page", "mkdir /workspace/d")
            for attempt in (*tries, "mount -o remount,rw /workspace", "chmod 777 /workspace"):
                code, said = await sh(sandbox, attempt)
                assert code
                assert REFUSED.search(said), said
        assert sorted(os.listdir(folder)) == ["inner", "page"]

    async def test_read_only_even_for_the_owner(self, start: Start, folder: Path) -> None:
        """It is the mount that is read-only, not merely the mode of the files."""
        async with start(Mount(source=folder, target="/workspace"), user=f"{OWNER}:{OWNER}") as sandbox:
            code, said = await sh(sandbox, "echo x > /workspace/page")
            assert (code, "Read-only file system" in said) == (2, True)

    async def test_what_is_written_belongs_to_the_owner(self, start: Start, folder: Path) -> None:
        """A sandbox that may write runs as the folder's owner, and so do its commands: both sides can use the files."""
        async with start(Mount(source=folder, target="/workspace", write=True)) as sandbox:
            script = "cd /workspace && echo more >> page && mkdir -p inner/deep && echo new > inner/deep/file && id -u"
            assert await sh(sandbox, script) == (0, f"{OWNER}\n")
        made = folder / "inner/deep/file"
        assert (made.read_text(), made.stat().st_uid, made.stat().st_gid) == ("new\n", OWNER, OWNER)
        assert (folder / "page").read_text() == "hellomore\n"

    async def test_the_backend_does_it_all(self, backend: DockerBackend, spec: MakeSpec, folder: Path) -> None:
        """Starting a spec is all that it takes: the main process and its commands are the owner, and see the folder."""
        (beside := folder.parent / "beside").write_text("hello")
        asked = replace(
            spec("sh", "-c", "id -u > /workspace/main; cat"),
            mounts=[Mount(source=folder, target="/workspace", write=True), Mount(source=beside, target="/p")],
        )
        async with backend.start(asked) as sandbox:
            await sandbox.main.send(b"x")
            assert await sandbox.main.receive() == b"x"
            assert await sh(sandbox, "cat /workspace/main /p; id -g") == (0, f"{OWNER}\nhello{OWNER}\n")
            isolation = await sandbox.inspect()
        assert isolation.limits["user"] == f"{OWNER}:{OWNER}"
        assert (folder / "main").stat().st_uid == OWNER
        shown = next(each for each in isolation.findings if each.name == "host folders")
        assert "/workspace" in shown.detail

    async def test_an_explicit_user_wins(self, start: Start, folder: Path) -> None:
        """Who names a user gets that one, and the files stay whose they are."""
        async with start(Mount(source=folder, target="/workspace", write=True), user="999:999") as sandbox:
            assert (await sh(sandbox, "id -u; touch /workspace/x"))[1].startswith("999\n")
        assert not (folder / "x").exists()

    async def test_a_single_file(self, start: Start, folder: Path) -> None:
        """A file alone is mounted as well, and nothing beside it."""
        async with start(Mount(source=folder / "page", target="/srv/page")) as sandbox:
            assert await sh(sandbox, "cat /srv/page; ls /srv") == (0, "hellopage\n")

    async def test_the_folder_of_root(self, start: Start, tmp_path: Path) -> None:
        """No sandbox runs as root, so a folder that only root may write is refused with what to do."""
        (tmp_path / "mine").mkdir(mode=0o755)
        with pytest.raises(
            SandboxUnavailable, match=r"belongs to 0:0 \(mode 755\).*could not write it\n  No sandbox runs"
        ):
            async with start(Mount(source=tmp_path / "mine", target="/workspace", write=True)):
                pass
        (tmp_path / "mine").chmod(0o777)
        async with start(Mount(source=tmp_path / "mine", target="/workspace", write=True)) as sandbox:
            assert await sh(sandbox, "touch /workspace/x; stat -c %u /workspace/x") == (0, "65532\n")

    async def test_an_access_control_list(self, start: Start, tmp_path: Path) -> None:
        """A folder of root whose access control list lets the sandbox's user write is as good."""
        mine = tmp_path / "mine"
        mine.mkdir(mode=0o700)
        entries = [(1, 7, -1), (2, 7, 65532), (4, 0, -1), (16, 7, -1), (32, 0, -1)]
        raw = b"\2\0\0\0" + b"".join(
            tag.to_bytes(2, "little") + bits.to_bytes(2, "little") + (number & 0xFFFFFFFF).to_bytes(4, "little")
            for tag, bits, number in entries
        )
        try:
            os.setxattr(mine, "system.posix_acl_access", raw)
        except OSError as error:
            pytest.skip(f"no access control lists here: {error}")
        async with start(Mount(source=mine, target="/workspace", write=True)) as sandbox:
            assert await sh(sandbox, "touch /workspace/x; id -u") == (0, "65532\n")

    async def test_what_is_mounted_below_does_not_show(self, start: Start, crowded: Path) -> None:
        """A bind takes one tree: what else is mounted in it on the host stays outside, and is not writable either."""
        async with start(Mount(source=crowded, target="/workspace")) as sandbox:
            script = "ls -A /workspace/inner; grep -c ' /workspace' /proc/self/mountinfo"
            assert await sh(sandbox, script) == (0, "1\n")

    async def test_host_paths(self, start: Start, folder: Path) -> None:
        """Where the mounts come from shows in one table of the kernel alone, and nowhere in environment or files."""
        async with start(Mount(source=folder, target="/workspace")) as sandbox:
            _, seen = await sh(sandbox, "cat /proc/self/mountinfo")
            lines = [line for line in seen.splitlines() if str(folder) in line]
            assert [line.split()[4] for line in lines] == ["/workspace"]  # the kernel names the root of every bind
            _, seen = await sh(sandbox, "env; cat /proc/self/mounts /proc/1/cmdline /etc/hosts; pwd; ls -la /workspace")
            assert str(folder) not in seen
            assert str(folder.parent) not in seen

    async def test_a_link_put_in_the_way_before_the_check(self, start: Start, folder: Path) -> None:
        """A path that has become a link since it was checked is refused before a container is made."""
        swap(folder, "old")
        with pytest.raises(SandboxUnavailable, match=r"it leads to .*/old now"):
            async with start(Mount(source=folder, target="/workspace")):
                pass

    async def test_a_link_put_in_the_way_between_the_checks(self, start: Start, folder: Path) -> None:
        """Whatever takes its time before the container is made: the paths are looked at again."""
        with pytest.raises(SandboxUnavailable, match=r"it leads to .*/old now"):
            async with start(Mount(source=folder, target="/workspace"), between=partial(swap, folder, "old")):
                pass

    async def test_a_link_put_in_the_way_after_the_check(self, start: Start, folder: Path) -> None:
        """A path that is swapped for a link between check and start is found by looking; nothing is left running."""
        with pytest.raises(
            SandboxUnavailable, match=r"site was replaced while it was being mounted\n  The sandbox was"
        ):
            async with start(Mount(source=folder, target="/workspace"), before=partial(swap, folder, "/etc")):
                pass

    async def test_a_link_that_is_gone_again(self, start: Start, folder: Path) -> None:
        """Even where the path is itself again by then: what the container has is looked at, not what it is called."""
        swaps: dict[str, Any] = {"before": partial(swap, folder, "/etc"), "after": partial(swap_back, folder)}
        with pytest.raises(SandboxUnavailable, match=r"/workspace shows something else than .*/site"):
            async with start(Mount(source=folder, target="/workspace"), **swaps):
                pass

    @pytest.mark.parametrize("path", ["/var/run/docker.sock", "/var/lib/docker", "/root/.ssh", "/proc/1/root", "/"])
    async def test_closed_places(self, start: Start, path: str) -> None:
        """Whoever makes a spec: what no sandbox may see is refused by the backend too."""
        with pytest.raises(SandboxUnavailable, match="cannot mount /x: "):
            async with start(Mount(source=Path(path), target="/x")):
                pass

    async def test_a_path_that_goes_away(self, start: Start, folder: Path) -> None:
        """A source that is gone by the time of the start is an error, and the engine makes no folder in its place."""
        with pytest.raises(Exception, match="bind source path does not exist|no such file"):
            async with start(Mount(source=folder, target="/workspace"), before=lambda: shutil.rmtree(folder)):
                pass
        assert folder.name not in os.listdir(folder.parent)

    async def test_odd_names(self, start: Start, folder: Path) -> None:
        """Commas, colons, quotes and blanks in a source are letters like others."""
        odd = folder / "a,readonly=false:rw \"b\" 'c'"
        odd.mkdir()
        os.chown(odd, OWNER, OWNER)
        async with start(Mount(source=odd, target="/work space")) as sandbox:
            assert (await sh(sandbox, "touch '/work space/x'"))[0] == 1


MOUNT = Mount(source=Path("/srv/site"), target="/workspace")


def shown(*binds: dict[str, Any]) -> dict[str, Any]:
    usual = {"Type": "bind", "Source": "/srv/site", "Destination": "/workspace", "RW": False, "Propagation": "rprivate"}
    return {"Mounts": [{**usual, **each} for each in binds]}


def test_the_request() -> None:
    """A mount is an object of its own in the request: private, not recursive, read-only unless it is to be written."""
    entry = {
        "Type": "bind",
        "Source": "/srv/site",
        "Target": "/workspace",
        "ReadOnly": True,
        "BindOptions": {"Propagation": "rprivate", "NonRecursive": True},
    }
    written = replace(MOUNT, write=True)
    assert mount_options([MOUNT], EngineKind()) == {"Mounts": [entry]}
    assert mount_options([written], EngineKind()) == {"Mounts": [{**entry, "ReadOnly": False}]}
    assert mount_options([], EngineKind()) == {}


def test_labels() -> None:
    """A label for SELinux takes the older form, and only where the engine has SELinux; a colon cannot be said there."""
    mount = replace(MOUNT, selinux="private")
    assert "Binds" not in mount_options([mount], EngineKind())
    options = mount_options(
        [mount, replace(mount, target="/b", write=True, selinux="shared")], EngineKind(selinux=True)
    )
    assert options == {
        "Mounts": [],
        "Binds": ["/srv/site:/workspace:ro,Z,rprivate", "/srv/site:/b:rw,z,rprivate"],
    }
    with pytest.raises(SandboxUnavailable, match="must not have a colon"):
        mount_options([replace(mount, source=Path("/srv/a:b"))], EngineKind(selinux=True))
    with pytest.raises(SandboxUnavailable, match="nothing may be mounted in it, and /.* is"):
        mount_options([replace(mount, source=Path("/"))], EngineKind(selinux=True))


@pytest.mark.parametrize("name", ["a,ro=false", 'a"b'])
def test_podman(name: str) -> None:
    """Podman takes a mount apart at commas and quotes, so a path with those is refused there."""
    with pytest.raises(SandboxUnavailable, match="Podman reads commas and quotes"):
        mount_options([replace(MOUNT, source=Path("/srv") / name)], EngineKind(product="Podman"))


def test_what_the_engine_shows() -> None:
    """An inspected container with exactly the binds that were asked for passes; volumes are another matter."""
    verify_mounts(shown({}), [MOUNT])
    verify_mounts({"Mounts": [*shown({})["Mounts"], {"Type": "volume", "Destination": "/run/secrets"}]}, [MOUNT])
    desktop = EngineKind(product="Docker Desktop", files="shared")
    verify_mounts(shown({"Source": "/host_mnt/srv/site"}), [MOUNT], desktop)
    verify_mounts({}, [])


@pytest.mark.parametrize(
    ("binds", "problem"),
    [
        ([], "did not mount /srv/site at /workspace"),
        ([{"RW": True}], "mounted /workspace writable"),
        ([{"Source": "/srv/other"}], "mounted /srv/other at /workspace, not /srv/site"),
        ([{"Source": "/host_mnt/srv/site"}], "not /srv/site"),
        ([{"Propagation": "rshared"}], "shares what is mounted in /workspace"),
        ([{}, {"Destination": "/extra", "Source": "/etc"}], "mounted /etc at /extra, unasked"),
    ],
)
def test_what_the_engine_shows_differs(binds: Sequence[dict[str, Any]], problem: str) -> None:
    """A bind that is missing, elsewhere, writable, shared or unasked ends the start."""
    with pytest.raises(SandboxUnavailable, match=f"(?s){problem}.*The sandbox was stopped"):
        verify_mounts(shown(*binds), [MOUNT])


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder that everybody may read."""
    (tmp_path / "published").mkdir(mode=0o755)
    return tmp_path / "published"


@asynccontextmanager
async def on_fake_engine(
    daemon: FakeDaemon, path: Path, folder: Path, binds: Sequence[dict[str, Any]] = (), **info: Any
) -> AsyncGenerator[AbstractAsyncContextManager[DockerSandbox]]:
    """A sandbox with a mount, to be started on an engine that answers as told."""
    here = {"Name": socket.gethostname(), "KernelVersion": os.uname().release}
    inspected = {
        "State": {"Running": True, "Pid": 0},
        "HostConfig": {"NetworkMode": "none"},
        "Config": {},
        "Mounts": [
            {"Type": "bind", "Source": str(folder), "Destination": "/workspace", "RW": False, **each} for each in binds
        ],
    }
    daemon.on("GET /v[^/]*/info", answer_json(200, {**here, **info}))
    daemon.on("GET /v[^/]*/containers/c+/json", answer_json(200, inspected))
    spec = SandboxSpec(name="test", image="x", mounts=[Mount(source=folder, target="/workspace")])
    async with (
        daemon.serve(path) as address,
        connect(DockerConfig(host=address)) as engine,
        late_mounts(engine) as late,
    ):
        config = DockerConfig()
        backend = DockerBackend(
            engine, config, Owner.current(), late, await gates(engine, config), log=lambda line: None
        )
        with anyio.fail_after(30):
            yield backend.start(spec)


async def refusal(daemon: FakeDaemon, path: Path, folder: Path, **more: Any) -> str:
    async with on_fake_engine(daemon, path, folder, **more) as starting:
        with pytest.raises(SandboxUnavailable) as caught:
            async with starting:
                pytest.fail("it started")
    return str(caught.value)


@pytest.mark.anyio
async def test_an_engine_elsewhere(socket_path: Path, published: Path) -> None:
    """An engine that does not see this machine's files gets no request at all: a path means something else there."""
    daemon = FakeDaemon()
    said = await refusal(daemon, socket_path, published, Name="far-away")
    assert "the engine does not see this machine's files, since it calls its machine 'far-away'" in said
    assert "Use an engine on this machine" in said
    assert not any("create" in request for request in daemon.requests)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("binds", "problem"),
    [
        ([], "the engine did not mount"),
        ([{"RW": True}], "the engine mounted /workspace writable"),
        ([{"Source": "/etc"}], "the engine mounted /etc at /workspace"),
        ([{}, {"Destination": "/more"}], "unasked"),
    ],
)
async def test_an_engine_that_does_something_else(
    socket_path: Path, published: Path, binds: Sequence[dict[str, Any]], problem: str
) -> None:
    """Where the engine shows something else than was asked for, the container is removed, and the error says so."""
    daemon = FakeDaemon()
    assert problem in await refusal(daemon, socket_path, published, binds=binds)
    assert any(request.startswith("DELETE ") for request in daemon.requests)


@pytest.mark.anyio
async def test_an_engine_that_does_as_told(socket_path: Path, published: Path) -> None:
    """The same engine with the one bind that was asked for is used."""
    async with on_fake_engine(FakeDaemon(), socket_path, published, binds=[{}]) as starting, starting as sandbox:
        assert sandbox.name == "test"
