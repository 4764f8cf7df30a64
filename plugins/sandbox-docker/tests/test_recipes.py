"""The parts of image builds that need no engine: layers, stages, names, commands, errors."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images.labels import package_labels, proof_labels, read_labels
from massgen_sandbox_docker.images.naming import base_reference, image_reference, slug
from massgen_sandbox_docker.images.npx import choose_bin
from massgen_sandbox_docker.images.problems import npm_problem, uv_problem
from massgen_sandbox_docker.images.rootfs import LARGEST, has_tool, recipe, write_layer
from massgen_sandbox_docker.images.stages import Stages
from massgen_sandbox_docker.images.uvx import read_lock
from massgen_sandbox_docker.images.workshop import printable

from massgen_core.errors import ImageError
from massgen_core.sandbox import ExecResult, ImageInfo, PackageRef

NPM = PackageRef(kind="npx", name="@corp/server", version="1.2.3")
UV = PackageRef(kind="uvx", name="server", version="1.0")


def rootfs() -> io.BytesIO:
    """A small root file system as mmdebstrap writes one."""
    files = {
        "./etc/passwd": b"root:x:0:0:root:/root:/bin/bash\n",
        "./etc/group": b"root:x:0:\n",
        "./usr/bin/tool": b"tool",
        "./usr/share/doc/tool/copyright": b"licence",
        "./usr/share/doc/tool/README": b"words",
        "./usr/share/man/man1/tool.1": b"words",
        "./usr/lib/x86_64-linux-gnu/libtool.a": b"static",
        "./usr/share/nodejs/lodash.map/index.js": b"code",
    }
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("./usr/bin/other")
        link.type, link.linkname = tarfile.LNKTYPE, "./usr/bin/tool"
        tar.addfile(link)
    buffer.seek(0)
    return buffer


def test_layer(tmp_path: Path) -> None:
    """A layer keeps what runs and the licences, gains the account, the folder and uv, and is named by its hash."""
    uv = tmp_path / "uv"
    uv.write_bytes(b"program")
    target = io.BytesIO()
    digest = write_layer(rootfs(), target, uv=uv)
    assert digest == hashlib.sha256(target.getvalue()).hexdigest()
    target.seek(0)
    with tarfile.open(fileobj=target) as tar:
        members = {member.name: member for member in tar}
        passwd = tar.extractfile("etc/passwd")
        assert passwd is not None
        assert passwd.read().decode().splitlines()[-1].startswith("mcp:x:65532:65532:")
    kept = {"etc/passwd", "etc/group", "usr/bin/tool", "usr/bin/other", "usr/share/doc/tool/copyright"}
    assert set(members) == {*kept, "usr/share/nodejs/lodash.map/index.js", "opt/mcp", "usr/local/bin/uv"}
    assert (members["opt/mcp"].uid, members["usr/local/bin/uv"].mode) == (65532, 0o755)
    assert members["usr/bin/other"].linkname == "usr/bin/tool"


@pytest.mark.parametrize(
    ("name", "kind", "size", "problem"),
    [
        ("./../etc/passwd", tarfile.REGTYPE, 0, "leads out of the root file system"),
        ("usr/../../x", tarfile.REGTYPE, 0, "leads out of the root file system"),
        ("usr/disk", tarfile.BLKTYPE, 0, "is a device"),
        ("usr/pipe", tarfile.FIFOTYPE, 0, "is a device"),
        ("usr/large", tarfile.REGTYPE, LARGEST, "larger than 8 GiB"),
    ],
)
def test_no_root_file_system(tmp_path: Path, name: str, kind: bytes, size: int, problem: str) -> None:
    """What could fill the host's disk, or surprise an engine, ends the build before any of it is written."""
    member = tarfile.TarInfo(name)
    member.type, member.size = kind, size
    target = io.BytesIO()
    with pytest.raises(tarfile.TarError, match=problem):
        write_layer(io.BytesIO(member.tobuf() + bytes(1024)), target, uv=tmp_path / "uv")
    assert target.getvalue().strip(b"\0") == b""


@pytest.mark.parametrize(
    ("programs", "root", "user"),
    [
        ((), False, False),
        (("debootstrap",), True, False),
        (("mmdebstrap",), True, False),
        (("mmdebstrap", "newuidmap"), True, True),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else "",
)
def test_who_can_build(
    programs: tuple[str, ...], root: bool, user: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root builds with either tool; anybody else with mmdebstrap and uidmap's newuidmap."""
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in programs:
        (tmp_path / name).touch(mode=0o755)
    assert (has_tool(root=True), has_tool(root=False)) == (root, user)


@pytest.mark.parametrize("tool", ["mmdebstrap", "debootstrap"])
def test_tools(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either tool will do; suite and mirror reach it."""
    program = tmp_path / tool
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = recipe("trixie", "http://mirror.example/debian", tmp_path, ["chromium"])
    assert found.tool == tool
    assert str(program) in found.command
    assert "--include=ca-certificates,nodejs,npm,python3,chromium" in found.command
    assert found.command[-1] == "http://mirror.example/debian"


def test_no_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any tool the error says what to install, or what to set instead."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageError, match="neither mmdebstrap nor debootstrap") as caught:
        recipe("trixie", None, tmp_path)
    assert "massgen-core docker setup" in str(caught.value)
    assert "`base` under [plugins.sandbox-docker]" in str(caught.value)


def test_stages() -> None:
    """A tool's output becomes one line per stage; the last lines are kept for an error."""
    lines: list[str] = []
    stages = Stages(lines.append)
    for text in (
        "I: using /tmp/x as tempdir",
        "I: running apt-get update...",
        "I: Retrieving a",
        "I: Retrieving b",
        "E: no",
    ):
        stages.line(text)
    assert lines == ["base image: running apt-get update", "base image: retrieving packages"]
    assert stages.tail.splitlines()[-1] == "    E: no"


def test_names() -> None:
    """An image's name follows from everything that changes what is in it, and from nothing else."""
    config = DockerConfig()
    same = DockerConfig(control_timeout=1, host="unix:///x")
    assert base_reference(config) == base_reference(same)
    assert image_reference(config, UV) == image_reference(same, UV)
    others = [DockerConfig(suite="sid"), DockerConfig(base="a"), DockerConfig(build_scripts=True)]
    names = {image_reference(each, UV) for each in (config, *others)}
    variants = [PackageRef(kind="uvx", name="server", version="1.0", extras=("x",)), NPM]
    names |= {image_reference(config, each) for each in variants}
    names |= {image_reference(config, replace(UV, system=each)) for each in (("git",), ("git", "jq"))}
    assert len(names) == 8
    assert base_reference(config, ("jq", "git")) == base_reference(config, ("git", "jq", "git"))
    assert base_reference(config, ("python3",)) == base_reference(config)
    assert slug("@corp/Server_x") == "corp-server-x"


def test_labels() -> None:
    """An image is read back from its labels; without a proof, or with broken ones, it does not count."""
    info = ImageInfo(reference="r", id="sha256:1", command=("a", "b"), version="1", packages={"x": "2"}, note="n")
    labels = package_labels(info, "uvx:a")
    inspected = {"Id": "sha256:1", "Config": {"Labels": labels | proof_labels({"protocol": "p"})}}
    assert read_labels(inspected, "r") == replace(info, proof={"protocol": "p"})
    assert read_labels({"Id": "sha256:1", "Config": {"Labels": labels}}, "r") is None
    broken = {"massgen.image": "package", "massgen.proof": "{}", "massgen.command": "no JSON"}
    assert read_labels({"Id": "sha256:1", "Config": {"Labels": broken}}, "r") is None
    assert read_labels({"Id": "sha256:1", "Config": None}, "r") is None


@pytest.mark.parametrize(
    ("declared", "command", "chosen"),
    [
        ("dist/index.js", None, "dist/index.js"),
        ({"server": "a.js", "other": "b.js"}, None, "a.js"),
        ({"one": "a.js"}, None, "a.js"),
        ({"one": "a.js", "uno": "a.js"}, None, "a.js"),
        ({"one": "a.js", "two": "b.js"}, "two", "b.js"),
    ],
)
def test_commands_of_npm_packages(declared: object, command: str | None, chosen: str) -> None:
    """The command is the one asked for, the package's own, or the only one."""
    assert choose_bin(PackageRef(kind="npx", name="@corp/server", command=command), declared) == chosen


@pytest.mark.parametrize(
    ("declared", "command", "problem"),
    [
        ({"one": "a.js", "two": "b.js"}, None, "its commands are one, two"),
        ({"one": "a.js"}, "two", "has no command 'two'; its commands are one"),
        (None, None, "is it an MCP server"),
        (["x"], None, "is it an MCP server"),
    ],
)
def test_commands_that_cannot_be_told(declared: object, command: str | None, problem: str) -> None:
    """Several commands, none of them meant, are listed."""
    with pytest.raises(ImageError, match=problem):
        choose_bin(PackageRef(kind="npx", name="@corp/server", command=command), declared)


def failed(stderr: str, code: int = 1) -> ExecResult:
    data = stderr.encode()
    return ExecResult(exit_code=code, stdout=b"", stderr=data, stdout_bytes=0, stderr_bytes=len(data), duration=0.1)


@pytest.mark.parametrize(
    ("stderr", "problem"),
    [
        ("Because server was not found in the package registry and you require", "there is no such package"),
        ("Because there is no version of server==1.0 and you require", "there is no version 1.0"),
        ("Because dependency was not found in the package registry", "cannot be installed:\n"),
        ("invalid peer certificate: UnknownIssuer", "certificate is not trusted\n  .*`ca_file`"),
        ("dns error: failed to lookup address", "cannot be reached"),
        ("HTTP status client error (401 Unauthorized)", "refuses access"),
        ("hint: building from source is disabled", "has no wheel\n  .*`build_scripts = true`"),
        ("write failed: No space left on device", "disk of the engine is full"),
        ("the requested Python version (>=3.99) … Python>=3.99", "does not fit the base image's Python"),
    ],
)
def test_failures_of_uv(stderr: str, problem: str) -> None:
    """What uv says becomes one problem and its cure."""
    assert_matches(uv_problem(UV, failed(stderr)), f"uvx:server==1.0.*{problem}")


@pytest.mark.parametrize(
    ("stderr", "problem"),
    [
        ("npm ERR! code E404\nnpm ERR! 404  '@corp/server@1.2.3' is not in this registry.", "there is no such package"),
        ("npm ERR! code E404\nnpm ERR! 404  'dependency@*' is not in this registry.", "cannot be installed:\n"),
        ("npm ERR! notarget No matching version found for @corp/server@1.2.3.", "there is no version 1.2.3"),
        ("npm ERR! code EAI_AGAIN", "cannot be reached"),
        ("npm ERR! code E401", "refuses access"),
        ("npm ERR! code EBADENGINE", "does not fit the base image's Node.js"),
        ("npm ERR! code UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate is not trusted"),
    ],
)
def test_failures_of_npm(stderr: str, problem: str) -> None:
    """What npm says becomes one problem and its cure."""
    assert_matches(npm_problem(NPM, failed(stderr)), f"npx:@corp/server@1.2.3.*{problem}")


def test_killed_installer() -> None:
    """An installer that was killed ran out of memory, most likely."""
    assert_matches(uv_problem(UV, failed("", 137)), "the installer was killed\n  The build ran out of memory")


def assert_matches(error: ImageError, pattern: str) -> None:
    with pytest.raises(ImageError, match=f"(?s){pattern}"):
        raise error


def test_printable() -> None:
    """An installer's output is shown without terminal controls."""
    assert printable(b"\x1b[31mred\x1b[0m\x07 \xff\n") == "red �\n"


LOCK = b"""
lock-version = "1.0"
[[packages]]
name = "server"
version = "1.0"
sdist = { upload-time = 2025-04-25T08:27:29Z, hashes = { sha256 = "aa" } }
wheels = [{ upload-time = 2025-04-25T08:27:27Z, hashes = { sha256 = "bb" } }]
"""


def test_release_date() -> None:
    """A lock tells when a version was complete: when its last file was uploaded."""
    found = read_lock(LOCK, UV)
    assert found.released == datetime(2025, 4, 25, 8, 27, 29, tzinfo=UTC)
    assert found.hashes == {"server": ["sha256:aa", "sha256:bb"]}
    with pytest.raises(ImageError, match="a lock that cannot be read"):
        read_lock(b"packages = 1", UV)
