"""`massgen-core docker ps`, `top` and `kill`, and how containers are named on the command line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import click
import pytest
from click.shell_completion import ShellComplete
from docker_support import TEST, MakeSpec, containers
from fake_daemon import FakeDaemon, answer_json
from massgen_sandbox_docker.backend import DockerBackend
from massgen_sandbox_docker.cli import docker
from massgen_sandbox_docker.commands import kill as killing
from massgen_sandbox_docker.commands.containers import described, matching, program
from massgen_sandbox_docker.commands.ps import Use, use_of
from massgen_sandbox_docker.commands.top import rows_of
from massgen_sandbox_docker.commands.units import age_text, rough_size
from massgen_sandbox_docker.container.run import remove
from massgen_sandbox_docker.owners.labels import HOST, SANDBOX, Owner
from massgen_sandbox_docker.owners.listing import Listed
from running_support import created, data, shell

from massgen_core.config import load_settings
from massgen_core.errors import SandboxError

pytestmark = [pytest.mark.anyio, pytest.mark.alone]

ONE, TWO = "ab" + "1" * 62, "ab" + "2" * 62


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a config."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def listed(name: str, container_id: str = ONE, **labels: str) -> Listed:
    return Listed(id=container_id, name=name, image="i", state="running", status="Up", created=0.0, labels=labels)


async def row(container_id: str, *args: str) -> dict[str, Any]:
    found = (await data("ps", *args))["containers"]
    return next(each for each in found if each["id"] == container_id)


@pytest.mark.docker
async def test_ps(backend: DockerBackend, spec: MakeSpec, base_image: str) -> None:
    """A running sandbox is listed with what it is, whose, and what it uses; its image by name if started by id."""
    by_id = await backend.image(base_image, progress=lambda line: None)
    async with backend.start(replace(spec("cat"), image=by_id.id)) as sandbox:
        found = await row(sandbox.id)
        shown = await shell("ps")
    assert {"sandbox": "test", "kind": "server", "owner": "alive", "state": "running"}.items() <= found.items()
    assert found["owner_pid"] == os.getpid()
    assert found["owner_program"] == program(os.getpid())
    assert found["image"] == base_image
    assert 0 < found["memory_bytes"] < 512 * 1024 * 1024
    assert found["pids"] >= 1
    assert sandbox.id[:12] in shown.stdout
    assert f"alive (pid {os.getpid()}" in shown.stdout


@pytest.mark.docker
async def test_a_gate_stands_beside_its_server(backend: DockerBackend, spec: MakeSpec) -> None:
    """The gate of a server is told from the server, and its name alone means the server."""
    async with backend.start(spec("cat", network=["example.org:443"])) as sandbox:
        found = [each for each in (await data("ps"))["containers"] if each["owner_pid"] == os.getpid()]
        assert sorted((each["kind"], each["sandbox"]) for each in found) == [("gate", "test"), ("server", "test")]
        [gate] = [each for each in found if each["kind"] == "gate"]
        assert (await data("logs", gate["name"]))["id"] == gate["id"]
        assert (await data("logs", sandbox.id[:20]))["id"] == sandbox.id


@pytest.mark.docker
async def test_ended_ones_are_listed_when_asked_for(backend: DockerBackend, spec: MakeSpec) -> None:
    """An ended container is there with `--all` only, and uses nothing."""
    async with backend.start(spec("true")) as sandbox:
        await sandbox.main.wait()
        assert sandbox.id not in [each["id"] for each in (await data("ps"))["containers"]]
        found = await row(sandbox.id, "--all")
    assert (found["state"], found["memory_bytes"], found["pids"]) == ("exited", None, None)


@pytest.mark.docker
async def test_top(backend: DockerBackend, spec: MakeSpec, runtime: str) -> None:
    """The container's own processes are listed, also where it has a kernel of its own, and nobody else's."""
    async with backend.start(spec("sh", "-c", "sleep 1000 & echo; wait")) as sandbox:
        await sandbox.main.receive()
        found = await data("top", sandbox.id)
        shown = await shell("top", sandbox.id[:12])
    commands = [each["command"] for each in found["processes"]]
    assert any(command.startswith("sleep 1000") for command in commands)
    assert {each["uid"] for each in found["processes"]} == {"65532"}
    assert found["told_from"] == ("outside" if runtime == "runc" else "inside")
    assert "sleep 1000" in shown.stdout


@pytest.mark.docker
async def test_top_of_an_ended_one(backend: DockerBackend, spec: MakeSpec) -> None:
    """A container that does not run has no processes, and that is said."""
    async with backend.start(spec("true")) as sandbox:
        await sandbox.main.wait()
        with pytest.raises(SandboxError, match=r"does not run: Exited \(0\)"):
            await shell("top", sandbox.id)


@pytest.mark.docker
async def test_kill(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """A killed container is gone; its owner sees how it ended; another sandbox of the same name is not touched."""
    async with backend.start(spec("cat")) as doomed, backend.start(spec("cat")) as other:
        found = await data("kill", doomed.id[:16])
        assert [each["id"] for each in found["killed"]] == [doomed.id]
        assert await containers(backend.engine, mark) == [other.id]
        assert "SIGKILL" in (await doomed.main.wait()).reason


@pytest.mark.docker
async def test_a_name_that_several_have(backend: DockerBackend, spec: MakeSpec, mark: str) -> None:
    """A name of two containers is an error that lists both, and neither is killed."""
    async with backend.start(spec("cat")) as one, backend.start(spec("cat")) as two:
        result = await shell("kill", "test")
        assert result.exit_code == 2
        assert "'test' may be any of" in result.output
        assert one.id[:12] in result.output
        assert two.id[:12] in result.output
        assert len(await containers(backend.engine, mark)) == 2


@pytest.mark.docker
async def test_containers_of_others_are_refused(backend: DockerBackend, base_image: str, mark: str) -> None:
    """A container without an owner of ours is named as such and stays, and so does what was named with it."""
    foreign = await created(backend.engine, base_image, {TEST: mark})
    ours = await created(backend.engine, base_image, {**Owner.current().labels(lifetime=1000), TEST: mark})
    try:
        result = await shell("kill", ours, foreign[:12])
        assert result.exit_code == 2
        assert "is none of massgen's: it has no label of an owner" in result.output
        assert sorted(await containers(backend.engine, mark)) == sorted([ours, foreign])
        assert foreign not in [each["id"] for each in (await data("ps", "--all"))["containers"]]
    finally:
        for each in (ours, foreign):
            await remove(backend.engine, each)


@pytest.mark.docker
@pytest.mark.parametrize("command", ["kill", "top", "logs"])
async def test_a_name_that_nothing_has(command: str) -> None:
    """An unknown name is an error of the command line, and the known ones are listed."""
    result = await shell(command, "nobody-has-this-name")
    assert result.exit_code == 2
    assert "there is no container 'nobody-has-this-name'" in result.output
    assert "There are: " in result.output


def a_daemon_with_two(socket_path: Path, folder: Path) -> FakeDaemon:
    labels = Owner(host="elsewhere/1", pid=5).labels(lifetime=1000, sandbox="files")
    rows = [
        {"Id": each, "Names": [f"/massgen-files-{each[-12:]}"], "State": "exited", "Status": "Exited", "Labels": labels}
        for each in (ONE, TWO)
    ]
    daemon = FakeDaemon()
    daemon.on("GET /v[^/]*/containers/json", answer_json(200, rows))
    (folder / "massgen.toml").write_text(f'[plugins.sandbox-docker]\nhost = "unix://{socket_path}"\n')
    return daemon


async def test_kill_all(socket_path: Path, folder: Path) -> None:
    """All are killed when it is said twice, and none where nobody can be asked."""
    daemon = a_daemon_with_two(socket_path, folder)
    async with daemon.serve(socket_path):
        refused = await shell("kill", "--all")
        assert refused.exit_code == 2
        assert "nobody can be asked here: say --yes" in refused.output
        assert not any(line.startswith("DELETE") for line in daemon.requests)
        found = await data("kill", "--all", "--yes")
    assert {each["id"] for each in found["killed"]} == {ONE, TWO}
    assert {each["owner"] for each in found["killed"]} <= {"another machine", "unknown"}
    assert sum(line.startswith("DELETE") for line in daemon.requests) == 2


async def test_kill_all_asks_first(socket_path: Path, folder: Path) -> None:
    """The question names each container; a no leaves them."""
    daemon = a_daemon_with_two(socket_path, folder)
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    async with daemon.serve(socket_path):
        outcome = await killing.kill(load_settings(), (), no)
    assert outcome.text == "Nothing was done."
    assert ONE[:12] in asked[0]
    assert TWO[:12] in asked[0]
    assert not any(line.startswith("DELETE") for line in daemon.requests)


async def test_one_that_cannot_be_removed(socket_path: Path, folder: Path) -> None:
    """A container that stays is named with the reason, the others go, and the exit code is 1."""
    daemon = a_daemon_with_two(socket_path, folder)
    daemon.on(f"DELETE /v[^/]*/containers/{ONE}", answer_json(403, {"message": "not today"}))
    async with daemon.serve(socket_path):
        found = await data("kill", "--all", "--yes", code=1)
    assert [each["id"] for each in found["killed"]] == [TWO]
    assert "not today" in found["failed"][0]["error"]


@pytest.mark.parametrize("args", [["kill"], ["kill", "--all", "x"], ["logs", "x", "--seconds", "1"]])
async def test_wrong_command_lines(args: Sequence[str]) -> None:
    """What contradicts itself is refused before any engine is asked."""
    assert (await shell(*args)).exit_code == 2


async def test_nothing_runs(socket_path: Path, folder: Path) -> None:
    """An engine without containers of ours is told of in a sentence."""
    daemon = a_daemon_with_two(socket_path, folder)
    daemon.on("GET /v[^/]*/containers/json", answer_json(200, []))
    async with daemon.serve(socket_path):
        assert "No container of massgen's is here" in (await shell("ps")).stdout
        assert (await data("kill", "--all", "--yes")) == {"killed": [], "failed": []}


async def test_completion(socket_path: Path, folder: Path) -> None:
    """A shell is offered the sandboxes' names and the ids that begin so, and nothing where no engine is."""

    def complete(word: str) -> set[str]:
        items = ShellComplete(docker, {}, "docker", "_DOCKER").get_completions(["top"], word)
        return {item.value for item in items}

    async with a_daemon_with_two(socket_path, folder).serve(socket_path):
        assert await anyio.to_thread.run_sync(complete, "") == {"files", ONE[:12], TWO[:12]}
        assert await anyio.to_thread.run_sync(complete, "ab1") == {ONE[:12]}
    assert await anyio.to_thread.run_sync(complete, "") == set()


@pytest.mark.parametrize(
    ("name", "sandbox", "kind"),
    [
        ("massgen-files-0123456789ab", "files", "server"),
        ("massgen-files-gate-0123456789ab", "files", "gate"),
        ("massgen-my-gate-0123456789ab", "my-gate", "server"),
        ("massgen-build-uvx-x-0123456789ab", "build-uvx-x", "build"),
        ("massgen-audit-0123456789ab", "audit", "audit"),
        ("massgen-massgen-audit-victim-0123456789ab", "massgen-audit-victim", "audit"),
        ("else", "files", "server"),
    ],
)
def test_what_a_container_is(name: str, sandbox: str, kind: str) -> None:
    """Its labels and its name tell what it is."""
    found = described(listed(name, **{SANDBOX: sandbox}), Owner.current())
    assert (found.sandbox, found.kind) == (sandbox, kind)


def test_another_machine_is_told_from_the_unknown() -> None:
    """An owner under another boot is another machine's; one that says nothing is unknown."""
    here = Owner(host="boot/1", pid=1, start="1")
    owners = [described(listed("x", **{HOST: host}), here).owner for host in ("other/1", "boot/2", "")]
    assert owners == ["another machine", "unknown", "unknown"]


def test_what_a_word_means() -> None:
    """An exact id or name wins over a server's name, which counts beside the beginning of an id."""
    here = Owner.current()
    one = described(listed("massgen-ab-0123456789ab", ONE, **{SANDBOX: "ab"}), here)
    gate = described(listed("massgen-ab-gate-0123456789ab", TWO, **{SANDBOX: "ab"}), here)
    assert matching([one, gate], "ab") == [one, gate]  # the server's name, and the beginning of the gate's id
    assert matching([one, gate], ONE) == [one]
    assert matching([one, gate], "massgen-ab-gate-0123456789ab") == [gate]
    assert matching([one, gate], "ab2") == [gate]
    assert matching([one, gate], "") == []


def test_memory_is_counted_without_what_the_kernel_can_drop() -> None:
    """Both kinds of cgroups are read, and a container without figures has none."""
    old = {"memory_stats": {"usage": 100, "stats": {"total_inactive_file": 30, "inactive_file": 1}}}
    new = {"memory_stats": {"usage": 100, "stats": {"inactive_file": 40}}, "pids_stats": {"current": 3}}
    assert use_of(old) == Use(memory=70)
    assert use_of(new) == Use(memory=60, pids=3)
    assert use_of({"memory_stats": {}, "pids_stats": None}) == Use()


def test_a_list_from_inside_that_is_none() -> None:
    """A container without a shell, or that says something else, is told of."""
    with pytest.raises(SandboxError, match="does not tell its processes: it needs /bin/sh and cat"):
        rows_of(b"OCI runtime exec failed")
    with pytest.raises(SandboxError, match="does not tell its processes"):
        rows_of(b"1.0\x1e7\x1egarbage\x1e")


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (1e6, "11 d")])
def test_ages(seconds: float, text: str) -> None:
    """An age is told in its largest unit."""
    assert age_text(seconds) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (1023, "1023 bytes"), (1536, "1.5 KiB"), (3 << 20, "3.0 MiB"), (1 << 31, "2.0 GiB")],
)
def test_sizes(size: int, text: str) -> None:
    """A size is told to a tenth of its largest unit."""
    assert rough_size(size) == text


@pytest.mark.parametrize("command", ["ps", "logs", "top", "kill", "prune"])
def test_help(command: str) -> None:
    """Every command explains itself without an engine."""
    found = docker.commands[command]
    text = found.get_help(click.Context(found, info_name=command))
    assert "Usage:" in text
    assert "--json" in text
