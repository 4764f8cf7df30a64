"""Package names and command lines of package runners."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massgen_core.errors import ConfigError
from massgen_core.mcp.packages import check_package, parse_package, recognise
from massgen_core.sandbox import PackageRef

EVERYTHING = "@modelcontextprotocol/server-everything"


def uvx(
    name: str, version: str | None = None, *, command: str | None = None, extras: tuple[str, ...] = ()
) -> PackageRef:
    return PackageRef(kind="uvx", name=name, version=version, command=command, extras=extras)


def npx(
    name: str, version: str | None = None, *, command: str | None = None, extras: tuple[str, ...] = ()
) -> PackageRef:
    return PackageRef(kind="npx", name=name, version=version, command=command, extras=extras)


@pytest.mark.parametrize(
    ("text", "package"),
    [
        ("uvx:mcp-server-time", uvx("mcp-server-time")),
        ("uvx:mcp-server-time==2026.10.19", uvx("mcp-server-time", "2026.10.19")),
        ("uvx:mcp-server-time@2026.10.19", uvx("mcp-server-time", "2026.10.19")),
        (" uvx:mcp[cli] == 1.2.0rc1 ", uvx("mcp[cli]", "1.2.0rc1")),
        ("npx:server", npx("server")),
        ("npx:server@1.2.3", npx("server", "1.2.3")),
        (f"npx:{EVERYTHING}", npx(EVERYTHING)),
        (f"npx:{EVERYTHING}@2026.8.31", npx(EVERYTHING, "2026.8.31")),
        (f"npx:{EVERYTHING}@1.0.0-beta.1+x", npx(EVERYTHING, "1.0.0-beta.1+x")),
        (f"npx:{EVERYTHING}@latest", npx(EVERYTHING)),
    ],
)
def test_packages_by_name(text: str, package: PackageRef) -> None:
    """A config names a package by its kind, its name, and an exact version or none."""
    assert parse_package(text) == package


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("mcp-server-time", "does not say what kind of package"),
        ("pip:mcp-server-time", "does not say what kind of package"),
        ("uvx:", "is empty"),
        ("npx:", "is empty"),
        ("uvx:mcp>=1", "does not name one exact version"),
        ("uvx:mcp==1.*", "does not name one exact version"),
        ("uvx:mcp==", "does not name one exact version"),
        ("npx:server@^1.2.3", "does not name one exact version"),
        ("npx:server@1", "does not name one exact version"),
        ("npx:server@next", "does not name one exact version"),
        ("uvx:git+https://example.org/x", "is not the name of a package"),
        ("npx:github:user/repo", "is not the name of a package"),
        ("npx:./folder", "is not the name of a package"),
        ("uvx:--index-url", "is not the name of a package"),
        ("npx:" + "a" * 215, "is not the name of a package"),
    ],
)
def test_names_that_are_refused(text: str, problem: str) -> None:
    """What is no name of a registry's package, or no exact version, is refused with the form to write."""
    with pytest.raises(ConfigError, match=problem) as caught:
        parse_package(text)
    assert caught.value.cure is not None


@pytest.mark.parametrize(
    ("line", "package", "rest"),
    [
        ("npx server", npx("server"), []),
        (f"npx -y {EVERYTHING}@2026.8.31 stdio", npx(EVERYTHING, "2026.8.31"), ["stdio"]),
        (f"npx --yes -- {EVERYTHING} -y", npx(EVERYTHING), ["-y"]),
        ("npx -p server@1.2.3 serve --port 1", npx("server", "1.2.3", command="serve"), ["--port", "1"]),
        ("npx --package=@a/server server", npx("@a/server"), []),
        ("npx -p server -p left-pad@^1.0.0 serve", npx("server", command="serve", extras=("left-pad@^1.0.0",)), []),
        ("npm exec --yes server -- x", npx("server"), ["--", "x"]),
        ("pnpm dlx server x", npx("server"), ["x"]),
        ("/usr/local/bin/npx server", npx("server"), []),
        (r"C:\nodejs\npx.CMD -y server", npx("server"), []),
        ("cmd /c npx -y server x", npx("server"), ["x"]),
        ("uvx mcp-server-git --repository /repo", uvx("mcp-server-git"), ["--repository", "/repo"]),
        ("uvx mcp-server-git@latest", uvx("mcp-server-git"), []),
        ("uvx mcp-server-git@2026.10.19", uvx("mcp-server-git", "2026.10.19"), []),
        ("uvx --from mcp-server-git==1.0 serve -x", uvx("mcp-server-git", "1.0", command="serve"), ["-x"]),
        ("uvx --from mcp[cli] mcp run", uvx("mcp[cli]"), ["run"]),
        ("uvx --with pandas,numpy>=2 --with=rich server", uvx("server", extras=("pandas", "numpy>=2", "rich")), []),
        ("uv tool run --quiet server", uvx("server"), []),
        ("pipx run --spec server==1.0 serve x", uvx("server", "1.0", command="serve"), ["x"]),
    ],
)
def test_command_lines(line: str, package: PackageRef, rest: list[str]) -> None:
    """The usual command lines are understood, and the server's own arguments are left as they are."""
    command, *args = line.split()
    found = recognise(command, args)
    assert found is not None
    assert (found[0], list(found[1])) == (package, rest)


@pytest.mark.parametrize(
    "line", ["python -m server", "docker run x", "uv run server", "npm start", "cmd /c dir", "node x"]
)
def test_other_commands(line: str) -> None:
    """A command that runs no package is nobody's error here."""
    command, *args = line.split()
    assert recognise(command, args) is None


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("npx", "not told which package"),
        ("npx -y", "not told which package"),
        ("npx -p", "`-p` lacks a value"),
        ("npx --registry=https://example.org server", "flag `--registry`"),
        ("npx -c server", "flag `-c`"),
        ("npx --yes=false server", "flag `--yes`"),
        ("uvx --python 3.12 server", "flag `--python`"),
        ("uvx --with-editable . server", "flag `--with-editable`"),
        ("uvx --from git+https://example.org/x serve", "is not the name of a package"),
        ("uvx --with ./folder server", "is not a requirement"),
        ("uvx --from server ../../bin/sh", "is not the name of a command"),
    ],
)
def test_command_lines_that_are_refused(line: str, problem: str) -> None:
    """A runner's command line that cannot be carried over is refused by the flag or the word that is to blame."""
    command, *args = line.split()
    with pytest.raises(ConfigError, match=problem) as caught:
        recognise(command, args)
    assert caught.value.cure is not None


names = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,20}[a-z0-9])?", fullmatch=True)
versions = st.tuples(*[st.integers(0, 9999)] * 3).map(lambda parts: ".".join(map(str, parts)))
references = st.builds(
    PackageRef, kind=st.sampled_from(["uvx", "npx"]), name=names, version=st.none() | versions
) | st.builds(lambda scope, name, version: npx(f"@{scope}/{name}", version), names, names, st.none() | versions)
arguments = st.lists(st.text(max_size=20), max_size=4)


@given(references)
def test_names_survive(package: PackageRef) -> None:
    """What a reference prints as is parsed as the same reference."""
    assert parse_package(str(package)) == package


@given(references, arguments)
def test_arguments_survive(package: PackageRef, rest: list[str]) -> None:
    """Whatever stands behind the package reaches the server, word by word."""
    flags = ["-y"] if package.kind == "npx" else ["--quiet"]
    word = str(package).partition(":")[2]
    found = recognise(package.kind, [*flags, word, *rest])
    assert found == (package, tuple(rest))


@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    """Any text is either a package that passes the check, or refused with a `ConfigError`."""
    for prefix in ("", "uvx:", "npx:"):
        try:
            package = parse_package(prefix + text)
        except ConfigError:
            continue
        check_package(package)
        assert not package.name.startswith("-")
        assert not set(" \n\r/\\'\"$`") & set(package.name.replace("/", "", 1))


@given(st.sampled_from(["npx", "uvx", "npm", "pipx", "cmd"]), st.lists(st.text(max_size=12), max_size=6))
def test_any_command_line(command: str, args: list[str]) -> None:
    """Any command line is a package, none of ours, or refused with a `ConfigError`."""
    try:
        found = recognise(command, args)
    except ConfigError:
        return
    if found is not None:
        check_package(found[0])


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\n--index-url http://example.org"},
        {"name": "-e"},
        {"version": "1; rm"},
        {"command": "../sh"},
        {"extras": ("-r /etc/passwd",)},
        {"extras": ("a @ file:///etc",)},
        {"extras": ("a\nb",)},
        {"extras": ("a==1 --index-url=http://example.org",)},
        {"system": ("git,evil",)},
        {"system": ("./evil.deb",)},
        {"system": ("?essential",)},
    ],
)
@pytest.mark.parametrize("kind", ["uvx", "npx"])
def test_hostile_parts(kind: str, change: dict[str, object]) -> None:
    """A reference made by hand cannot smuggle options, files or addresses into an installer."""
    package = PackageRef(kind="uvx" if kind == "uvx" else "npx", name="server")
    with pytest.raises(ConfigError):
        check_package(replace(package, **change))
