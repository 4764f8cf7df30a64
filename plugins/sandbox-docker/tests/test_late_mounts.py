"""Folders that come to a container that runs already: what is seen then, what a hostile one can do, what is left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from docker_support import MakeSpec, containers, removed
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.container.run import DockerSandbox
from massgen_sandbox_docker.engine.api import container
from massgen_sandbox_docker.engine.kind import EngineKind
from massgen_sandbox_docker.late import awaited, helper
from massgen_sandbox_docker.late.possible import Rights, why_not, why_not_runtime

from massgen_core.errors import ConfigError, SandboxExited, SandboxUnavailable
from massgen_core.sandbox import Mount, SandboxSpec

OWNER = 65532
REFUSED = re.compile("ead-only|denied|not permitted|superuser|busy|Invalid|not found")

on_engine = [
    pytest.mark.anyio,
    pytest.mark.docker,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts folders into containers that run"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that a sandbox's usual user may change."""
    return a_folder(tmp_path / "site")


def a_folder(path: Path) -> Path:
    path.mkdir()
    (path / "page").write_text(path.name)
    for each in (path, path / "page"):
        os.chown(each, OWNER, OWNER)
    return path


@pytest.fixture
def crowded(folder: Path) -> Iterator[Path]:
    """The folder with another file system mounted in it, which holds a secret."""
    (folder / "inner").mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "x", folder / "inner"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    (folder / "inner/secret").write_text("x")
    yield folder
    subprocess.run(["umount", folder / "inner"], check=True)


@pytest.fixture
def awaiting(spec: MakeSpec) -> Callable[..., SandboxSpec]:
    """Makes specs that await ``/workspace`` and ``/data``."""

    def make(*command: str, **more: Any) -> SandboxSpec:
        asked: SandboxSpec = spec(*(command or ("sleep", "60")), **more)
        return replace(asked, awaits=("/workspace", "/data"))

    return make


Awaiting = Callable[..., SandboxSpec]


async def sh(sandbox: DockerSandbox, script: str) -> tuple[int | None, str]:
    result = await sandbox.exec(["sh", "-c", script])
    return result.exit_code, (result.stdout + result.stderr).decode()


def mounted_here() -> str:
    return Path("/proc/self/mountinfo").read_text()


def children(pid: int, name: str) -> list[int]:
    """The processes below one whose command line holds a name."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if name in Path(f"/proc/{child}/cmdline").read_text()]


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


async def gone(pid: int) -> None:
    """Wait for the end of a process."""
    with anyio.fail_after(30):
        while os.path.exists(f"/proc/{pid}/exe"):  # noqa: ASYNC110, ASYNC240  (nothing tells of it)
            await anyio.sleep(0.05)


class TestOnEngine:
    pytestmark = on_engine

    async def test_empty_until_then(self, backend: DockerBackend, awaiting: Awaiting) -> None:
        """An awaited path is an empty folder that nobody can put anything into."""
        assert "mount" in backend.abilities
        async with backend.start(awaiting()) as sandbox:
            assert await sh(sandbox, "ls -A /workspace /data") == (0, "/data:\n\n/workspace:\n")
            for attempt in ("touch /workspace/x", "mkdir /workspace/d", "chmod 777 /workspace"):
                code, said = await sh(sandbox, attempt)
                assert code
                assert REFUSED.search(said), said

    async def test_what_the_image_has_there_is_hidden(self, backend: DockerBackend, spec: MakeSpec) -> None:
        """The folder is empty also where the image has files at that path."""
        async with backend.start(replace(spec("sleep", "60"), awaits=("/usr/share",))) as sandbox:
            assert await sh(sandbox, "ls -A /usr/share") == (0, "")

    async def test_readable_and_writable(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """What is mounted is seen at once; what may be written is written, and belongs to whom it should outside."""
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            assert await sh(sandbox, "cat /workspace/page; echo new > /workspace/file") == (0, "site")
            (folder / "later").write_text("from outside")
            assert await sh(sandbox, "cat /workspace/later; ls -A /data") == (0, "from outside")
        assert ((folder / "file").read_text(), (folder / "file").stat().st_uid) == ("new\n", OWNER)
        assert str(folder) not in mounted_here()

    async def test_read_only(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """It is the mount that is read-only, for the owner of the folder as well, and it stays so."""
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            tries = ("echo x > /workspace/page", "touch /workspace/new", "rm /workspace/page", "chmod 777 /workspace")
            for attempt in (*tries, "mount -o remount,rw /workspace"):
                code, said = await sh(sandbox, attempt)
                assert code
                assert REFUSED.search(said), said
        assert names(folder) == ["page"]

    async def test_neither_setuid_nor_devices(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """What lies in the folder gives nobody more rights."""
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            _, table = await sh(sandbox, "grep ' /workspace ' /proc/self/mountinfo | tail -n 1")
        assert {"rw", "nosuid", "nodev"} <= set(table.split()[5].split(","))
        assert " shared:" not in table
        assert " master:" not in table

    async def test_commands_of_an_idle_sandbox_see_it(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path
    ) -> None:
        """An idle sandbox that works in an awaited folder runs its commands in what was mounted there."""
        asked = replace(awaiting(), command=(), idle=True, workdir="/workspace")
        async with backend.start(asked) as sandbox:
            assert await sh(sandbox, "ls") == (0, "")
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            assert await sh(sandbox, "pwd; ls; touch x") == (0, "/workspace\npage\n")

    async def test_a_process_in_the_old_folder_stays_there(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path
    ) -> None:
        """Whoever worked there before goes on to see the empty folder, until it enters the path again."""
        loop = "while read -r line; do ls; ls /workspace; cd /workspace; ls; echo end; done"
        asked = replace(awaiting("sh", "-c", loop), workdir="/workspace")
        async with backend.start(asked) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            await sandbox.main.send(b"\n")
            said = b""
            with anyio.fail_after(30):
                while not said.endswith(b"end\n"):
                    said += await sandbox.main.receive()
        assert said == b"page\npage\nend\n"

    async def test_nothing_else_shows(self, backend: DockerBackend, awaiting: Awaiting, crowded: Path) -> None:
        """What is mounted inside of the folder does not come along, and neither does what lies beside it."""
        a_folder(crowded.parent / "beside")
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=crowded, target="/workspace", write=True))
            assert await sh(sandbox, "ls /workspace; ls /workspace/inner") == (0, "inner\npage\n")
            code, said = await sh(sandbox, "ls /workspace/../beside")
            assert (code, "No such file" in said) == (2, True)

    async def test_two_folders_once_each(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """Each path takes one folder; a refused one does not take its place."""
        other = a_folder(folder.parent / "other")
        async with backend.start(awaiting()) as sandbox:
            with pytest.raises(SandboxUnavailable, match="cannot mount .*/none does not exist"):
                await sandbox.mount(Mount(source=folder.parent / "none", target="/workspace"))
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            await sandbox.mount(Mount(source=other, target="/data"))
            with pytest.raises(SandboxUnavailable, match="at /workspace: .*/site is mounted there already"):
                await sandbox.mount(Mount(source=other, target="/workspace"))
            assert await sh(sandbox, "cat /workspace/page /data/page") == (0, "siteother")

    async def test_at_once(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """Of two that mount at the same path at the same time, one is refused."""
        other = a_folder(folder.parent / "other")
        said: list[str] = []

        async with backend.start(awaiting()) as sandbox:

            async def mount(source: Path) -> None:
                try:
                    await sandbox.mount(Mount(source=source, target="/workspace"))
                except SandboxUnavailable as error:
                    said.append(str(error))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(mount, folder)
                tasks.start_soon(mount, other)
            assert len(said) == 1
            assert "is mounted there already" in said[0]
            assert (await sh(sandbox, "grep -c ' /workspace ' /proc/self/mountinfo"))[1] == "2\n"

    async def test_only_what_is_awaited(
        self, backend: DockerBackend, awaiting: Awaiting, spec: MakeSpec, folder: Path
    ) -> None:
        """A path that the spec did not name takes no folder."""
        for asked in (awaiting(), spec("sleep", "60")):
            async with backend.start(asked) as sandbox:
                with pytest.raises(SandboxUnavailable, match="does not name that path in `awaits`"):
                    await sandbox.mount(Mount(source=folder, target="/elsewhere"))

    async def test_sources_are_checked(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """The same folders are refused as for a mount from the start: links, closed places, the engine's own."""
        (link := folder.parent / "link").symlink_to(folder)
        engines_own = Path((await backend.engine.info())["DockerRootDir"]) / "containers"
        async with backend.start(awaiting()) as sandbox:
            for source, words in (
                (link, "leads to .*/site now"),
                (Path("/etc"), "settings, keys and passwords"),
                (engines_own, "engine"),
                (folder / "page", "only a folder can be mounted later"),
            ):
                with pytest.raises(SandboxUnavailable, match=f"cannot mount .*{words}"):
                    await sandbox.mount(Mount(source=source, target="/workspace"))
            assert await sh(sandbox, "ls /workspace") == (0, "")

    async def test_the_way_through_a_folder_that_it_may_change(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path
    ) -> None:
        """A folder inside of one that the sandbox may change could be replaced by it, so that is refused."""
        below = a_folder(folder / "below")
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            with pytest.raises(SandboxUnavailable, match="there a sandbox could put a link"):
                await sandbox.mount(Mount(source=below, target="/data"))

    async def test_the_settled_user_must_be_able_to_use_it(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path
    ) -> None:
        """The user does not change any more, so a folder of somebody else is refused in the usual words."""
        os.chown(folder, 4321, 4321)
        async with backend.start(awaiting()) as sandbox:
            with pytest.raises(SandboxUnavailable, match=r"belongs to 4321:4321 \(mode 755\).*could not write it\n"):
                await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            await sandbox.mount(Mount(source=folder, target="/workspace"))

    async def test_replaced_meanwhile(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A folder that is another one, or a link, by the time it is mounted is refused; the sandbox goes on."""
        put = helper.Mounter.put
        way: list[Callable[[], None]] = []

        async def replaced(self: helper.Mounter, request: helper.Request) -> None:
            os.rename(folder, folder.with_name("old"))
            way[-1]()
            await put(self, request)

        def back() -> None:
            os.unlink(folder) if os.path.islink(folder) else os.rmdir(folder)
            os.rename(folder.with_name("old"), folder)

        monkeypatch.setattr(helper.Mounter, "put", replaced)
        async with backend.start(awaiting()) as sandbox:
            for change, words in (
                (folder.mkdir, "was replaced while it was being mounted"),
                (lambda: folder.symlink_to("/etc"), "cannot be opened"),
            ):
                way.append(change)
                with pytest.raises(SandboxUnavailable, match=words):
                    await sandbox.mount(Mount(source=folder, target="/workspace"))
                back()
            assert await sh(sandbox, "ls -A /workspace") == (0, "")

    async def test_what_came_of_it_is_looked_at(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Where something else was mounted than was asked for, the sandbox is ended."""
        line = helper.Request.line
        monkeypatch.setattr(helper.Request, "line", lambda self: line(replace(self, write=True)))
        async with backend.start(awaiting()) as sandbox:
            with pytest.raises(SandboxUnavailable, match="/workspace is not mounted in the container as it was asked"):
                await sandbox.mount(Mount(source=folder, target="/workspace"))
            with anyio.fail_after(30):
                ended = await sandbox.main.wait()
        assert "it cannot be said what it sees at /workspace" in ended.reason

    async def test_a_hostile_container(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """Neither before nor after can one move, hide, replace or see below what is mounted."""
        attacks = (
            *(
                "umount /workspace",
                "umount -l /workspace",
                "mount -t tmpfs x /workspace",
                "mount --bind /tmp /workspace",
            ),
            *("mv /workspace /w", "rmdir /workspace", "ln -s /tmp /workspace/x", "mount --move /workspace /tmp"),
            *("unshare -Ur true", "unshare -m true", "pivot_root /workspace /workspace"),
        )
        async with backend.start(awaiting(read_only_root=False)) as sandbox:
            for attempt in attacks:
                assert (await sh(sandbox, attempt))[0], attempt
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            for attempt in attacks:
                assert (await sh(sandbox, attempt))[0], attempt
            assert await sh(sandbox, "ls -A /workspace") == (0, "page\n")
        assert names(folder) == ["page"]

    @pytest.mark.parametrize(
        ("target", "words"),
        [
            ("/usr/share", "is not .any more. the empty folder"),
            ("/bin/folder", "symbolic links"),
            ("/none", "No such file"),
            ("/etc/passwd", "Not a directory"),
            ("/workspace", "is not .any more. the empty folder"),
        ],
    )
    async def test_the_target_is_looked_at(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path, target: str, words: str
    ) -> None:
        """What mounts puts a folder over nothing but the empty one, and follows no link to it."""
        async with backend.start(awaiting()) as sandbox, helper.mounter() as mounting:
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            async with backend.engine.control("look") as docker:
                shown = await container(docker, sandbox.id).show()
            seen = os.stat(folder)
            request = helper.Request(
                container=sandbox.id,
                pid=shown["State"]["Pid"],
                source=str(folder),
                known=(seen.st_dev, seen.st_ino),
                target=target,
                write=False,
            )
            with pytest.raises(SandboxUnavailable, match=f"at {target}: .*{words}"):
                await mounting.put(request)
            assert await sh(sandbox, "grep -c site /proc/self/mountinfo") == (0, "1\n")

    async def test_frozen(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """A frozen sandbox takes a folder too, and sees it when it goes on."""
        async with backend.start(awaiting()) as sandbox:
            async with backend.engine.control("freeze") as docker:
                await docker.containers.container(sandbox.id).pause()
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            async with backend.engine.control("go on") as docker:
                await docker.containers.container(sandbox.id).unpause()
            assert await sh(sandbox, "cat /workspace/page") == (0, "site")

    async def test_ended(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """A sandbox that has ended takes none, and nobody who got its number does."""
        async with backend.start(awaiting()) as sandbox:
            async with backend.engine.control("kill") as docker:
                await container(docker, sandbox.id).kill(signal="KILL")
            with anyio.fail_after(30):
                await sandbox.main.wait()
            with pytest.raises(SandboxExited, match="the sandbox has ended"):
                await sandbox.mount(Mount(source=folder, target="/workspace"))

    async def test_a_number_that_was_used_again(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process of another container, of none, or of this one but not its first, is not mistaken for it."""
        async with backend.start(awaiting()) as sandbox, backend.start(awaiting()) as other:
            async with backend.engine.control("look") as docker:
                shown = await container(docker, other.id).show()
                async with other.spawn(["sleep", "60"]):
                    listed = await container(docker, sandbox.id).show()
                    for pid in (shown["State"]["Pid"], os.getpid(), 2**22 + 1):
                        monkeypatch.setitem(listed["State"], "Pid", pid)
                        sandbox_awaits(sandbox).started(listed)
                        with pytest.raises(SandboxExited, match="the sandbox has ended"):
                            await sandbox.mount(Mount(source=folder, target="/workspace"))
            async with sandbox.spawn(["sleep", "60"]):
                async with backend.engine.control("look") as docker:
                    top = await container(docker, sandbox.id).top(ps_args="-o pid")
                second = max(int(row[0]) for row in top["Processes"])
                monkeypatch.setitem(listed["State"], "Pid", second)
                sandbox_awaits(sandbox).started(listed)
                with pytest.raises(SandboxUnavailable, match="no processes and mounts of its own"):
                    await sandbox.mount(Mount(source=folder, target="/workspace"))

    async def test_what_grows_there_is_watched(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """The limit on the disk holds for a folder that came later, too."""
        async with backend.start(awaiting(disk="1MiB")) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            with suppress(SandboxExited):
                await sandbox.exec(["sh", "-c", "for i in 1 2 3; do head -c 1000000 /dev/zero > /workspace/$i; done"])
            with anyio.fail_after(60):
                ended = await sandbox.main.wait()
        assert "used more than 1 MiB of disk (`disk`): /workspace" in ended.reason

    async def test_inspect_tells(self, backend: DockerBackend, awaiting: Awaiting, folder: Path) -> None:
        """What came later is among what the sandbox is held to."""
        async with backend.start(awaiting()) as sandbox:
            await sandbox.mount(Mount(source=folder, target="/workspace", write=True))
            await sandbox.mount(Mount(source=folder, target="/data"))
            isolation = await sandbox.inspect()
        shown = next(each for each in isolation.findings if each.name == "host folders")
        assert (shown.ok, shown.detail) == (False, "/workspace (writable, mounted later), /data (mounted later)")

    async def test_the_helper_dies_and_comes_back(
        self, backend: DockerBackend, awaiting: Awaiting, folder: Path
    ) -> None:
        """One that was killed is started again for the next folder."""
        async with backend.start(awaiting()) as sandbox:
            (pid,) = children(os.getpid(), "late/mounter.py")
            os.kill(pid, 9)
            await gone(pid)
            await sandbox.mount(Mount(source=folder, target="/workspace"))
            assert await sh(sandbox, "ls /workspace") == (0, "page\n")

    async def test_gvisor(self, backend: DockerBackend, awaiting: Awaiting, folder: Path, runtime: str) -> None:
        """A runtime with file systems of its own takes none, and says what to do; the paths are empty there too."""
        async with backend.start(awaiting()) as sandbox:
            assert await sh(sandbox, "echo /workspace/*") == (0, "/workspace/*\n")
            if runtime == "runc":
                await sandbox.mount(Mount(source=folder, target="/workspace"))
                return
            with pytest.raises(SandboxUnavailable, match=r"'runsc' has file systems of its own\n  Name the folder in"):
                await sandbox.mount(Mount(source=folder, target="/workspace"))

    async def test_bad_places(self, backend: DockerBackend, spec: MakeSpec) -> None:
        """A path that covers what the sandbox is made of, or another one of its paths, is refused at the start."""
        for paths, words in ((("/etc/x",), "lies in /etc"), (("/tmp/x",), "overlap"), (("/a", "/a/b"), "overlap")):
            with pytest.raises(ConfigError, match=words):
                async with backend.start(replace(spec("sleep", "60"), awaits=paths)):
                    pytest.fail("it started")


def sandbox_awaits(sandbox: DockerSandbox) -> awaited.Awaited:
    found = vars(sandbox)["_awaited"]
    assert isinstance(found, awaited.Awaited)
    return found


KILLED = """
import sys, anyio
from dataclasses import replace
from pathlib import Path
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_core.sandbox import Mount, SandboxSpec

async def main(image, mark, folder):
    async with docker_backend(DockerConfig(), log=lambda line: None) as backend:
        spec = SandboxSpec(name="test", image=image, command=("sleep", "600"), labels={"massgen.test": mark},
                           awaits=("/workspace",))
        async with backend.start(spec) as sandbox:
            await sandbox.mount(Mount(source=Path(folder), target="/workspace", write=True))
            print(sandbox.id, flush=True)
            await anyio.sleep_forever()

anyio.run(main, *sys.argv[1:])
"""


@pytest.mark.anyio
@pytest.mark.docker
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts folders into containers that run")
async def test_killed(backend: DockerBackend, base_image: str, mark: str, folder: Path) -> None:
    """A program that is killed leaves neither a mount nor a process nor a container behind."""
    command = [sys.executable, "-c", KILLED, base_image, mark, str(folder)]
    async with await anyio.open_process(command, stderr=None) as program:
        assert program.stdout is not None
        try:
            with anyio.fail_after(60):
                container_id = (await program.stdout.receive()).decode().strip()
            (mounting,) = children(program.pid, "late/mounter.py")
            assert str(folder) not in mounted_here()
        finally:
            program.kill()
        with anyio.fail_after(60):
            await removed(backend.engine, container_id)
        await gone(mounting)
    assert await containers(backend.engine, mark) == []
    assert str(folder) not in mounted_here()
    assert names(folder) == ["page"]


@pytest.mark.parametrize(
    ("kind", "rights", "words"),
    [
        ({}, {}, None),
        ({"product": "Podman"}, {}, "the engine is Podman, rootful, on this machine"),
        ({"product": "Docker Desktop", "files": "shared"}, {}, "the engine is Docker Desktop"),
        ({"users": "rootless"}, {}, "the engine is Docker, rootless"),
        ({"users": "remapped"}, {}, "remapped users"),
        ({"files": "elsewhere"}, {}, "on another machine"),
        ({"selinux": True}, {}, "SELinux is on"),
        ({}, {"platform": "darwin"}, "needs Linux$"),
        ({}, {"kernel": "5.10.0-28-amd64"}, "the kernel is 5.10.0-28-amd64"),
        ({}, {"kernel": ""}, "needs Linux 5.12"),
        ({}, {"capabilities": 0x00000000A80425FB}, "root with CAP_SYS_ADMIN"),
    ],
)
def test_where_it_is_possible(kind: dict[str, Any], rights: dict[str, Any], words: str | None) -> None:
    """One function says whether folders can be mounted later, and what to do instead."""
    usual = {"platform": "linux", "kernel": "6.1.0-13-amd64", "capabilities": 0x1FFFFFFFFFF}
    said = why_not(EngineKind(**kind), Rights(**{**usual, **rights}))
    if words is None:
        assert said is None
    else:
        assert said is not None
        assert re.search(words, said, re.MULTILINE)
        assert said.endswith("\n  Name the folder in `mounts` of the spec: it is mounted when the sandbox starts.")


def test_runtimes() -> None:
    """Only runtimes whose containers are folders of this kernel can have one moved over them."""
    assert why_not_runtime("runc") is None
    assert why_not_runtime("crun") is None
    assert "'kata'" in str(why_not_runtime("kata"))
