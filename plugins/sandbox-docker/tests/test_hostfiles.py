"""What builds are given of the host's settings."""

from __future__ import annotations

import io
import tarfile
import tomllib
from pathlib import Path

import pytest
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images.hostfiles import FOLDER, host_files
from massgen_sandbox_docker.images.indexes import npm_settings, python_indexes

from massgen_core.errors import ConfigError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def environ(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), **more}


def indexes(home: Path, **more: str) -> list[tuple[str, bool]]:
    found = tomllib.loads(python_indexes(environ(home, **more))).get("index", [])
    return [(entry["url"], entry.get("default", False)) for entry in found]


def test_no_settings(home: Path) -> None:
    """A host that uses the public indexes as they are hands over nothing."""
    assert indexes(home) == []
    assert npm_settings(environ(home)) == ""


def test_pip_settings(home: Path) -> None:
    """pip's file is read: its index becomes the default; folders and files of the host are left out."""
    text = "[global]\nindex-url = https://a.example/simple\nextra-index-url =\n  file:///srv/simple\n  https://b.example/s\n"
    write(home / ".config/pip/pip.conf", text)
    assert indexes(home) == [("https://b.example/s", False), ("https://a.example/simple", True)]


def test_environment_wins(home: Path) -> None:
    """uv's variables come before pip's, and both before files."""
    write(home / ".pip/pip.conf", "[global]\nindex-url = https://file.example/simple\n")
    assert indexes(home, PIP_INDEX_URL="https://pip.example/s")[-1] == ("https://pip.example/s", True)
    both = {"PIP_INDEX_URL": "https://pip.example/s", "UV_DEFAULT_INDEX": "corp=https://u:p@uv.example/s"}
    assert indexes(home, **both)[-1] == ("https://u:p@uv.example/s", True)


def test_uv_settings(home: Path) -> None:
    """uv's own file is read, but for indexes that only named packages use."""
    text = (
        '[[index]]\nurl = "https://d.example/s"\ndefault = true\n'
        '[[index]]\nurl = "https://e.example/s"\n[[index]]\nurl = "https://x.example/s"\nexplicit = true\n'
    )
    write(home / ".config/uv/uv.toml", text)
    assert indexes(home) == [("https://e.example/s", False), ("https://d.example/s", True)]


@pytest.mark.parametrize("broken", ["[global", "\x00", "index-url"])
def test_broken_files(home: Path, broken: str) -> None:
    """Files that pip, uv and npm would complain about are no reason not to build."""
    for name in (".config/pip/pip.conf", ".config/uv/uv.toml", ".npmrc"):
        write(home / name, broken)
    assert indexes(home) == []
    assert npm_settings(environ(home)) == ""


def test_npm_settings(home: Path) -> None:
    """Registries and credentials are taken from the user's file, references to variables resolved; nothing else is."""
    text = (
        "registry=https://r.example/\n@corp:registry = https://c.example/\n//c.example/:_authToken=${TOKEN}\n"
        "cafile=/etc/ca.pem\nscript-shell=/bin/evil\n; //x.example/:_auth=no\n"
    )
    write(home / ".npmrc", text)
    found = npm_settings(environ(home, TOKEN="t0ken"))
    assert found == "registry=https://r.example/\n@corp:registry=https://c.example/\n//c.example/:_authToken=t0ken\n"
    override = npm_settings(environ(home, NPM_CONFIG_REGISTRY="https://o.example/"))
    assert "registry=https://o.example/\n" in override


def test_ca_files(home: Path) -> None:
    """The host's bundle goes to builds, and `ca_file` behind it."""
    bundle = write(home / "bundle.pem", "BUNDLE")
    own = write(home / "own.pem", "OWN")
    found = host_files(DockerConfig(), environ(home, SSL_CERT_FILE=str(bundle)))
    assert found.files["ca.pem"] == b"BUNDLE"
    assert found.env["SSL_CERT_FILE"] == found.env["NODE_EXTRA_CA_CERTS"] == f"{FOLDER}/ca.pem"
    both = host_files(DockerConfig(ca_file=own), environ(home, SSL_CERT_FILE=str(bundle)))
    assert both.files["ca.pem"] == b"BUNDLE\nOWN"


def test_missing_ca_file(home: Path) -> None:
    """A `ca_file` that cannot be read is named with its key."""
    with pytest.raises(ConfigError, match=r"plugins\.sandbox-docker\.ca_file: cannot be read"):
        host_files(DockerConfig(ca_file=home / "missing.pem"), environ(home))


def test_proxies(home: Path) -> None:
    """Proxies that containers can reach are passed on, those on the host's loopback interface are not."""
    found = host_files(
        DockerConfig(),
        environ(
            home, HTTPS_PROXY="http://proxy.example:3128", http_proxy="http://127.0.0.1:3128", NO_PROXY="x.example"
        ),
    ).env
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://proxy.example:3128"
    assert "HTTP_PROXY" not in found
    assert found["NO_PROXY"] == "x.example"


def test_index_settings_off(home: Path) -> None:
    """`index_settings = false` keeps the host's indexes and credentials at home."""
    write(home / ".npmrc", "//c.example/:_authToken=t0ken\n")
    found = host_files(DockerConfig(index_settings=False), environ(home, PIP_INDEX_URL="https://u:p@pip.example/s"))
    assert found.files["npmrc"] == found.files["uv.toml"] == b""


def test_archive(home: Path) -> None:
    """The files travel as one tar, readable by nobody else; what holds secrets does not print them."""
    write(home / ".npmrc", "//c.example/:_authToken=t0ken\n")
    found = host_files(DockerConfig(), environ(home))
    with tarfile.open(fileobj=io.BytesIO(found.archive())) as tar:
        assert {member.name: member.mode for member in tar}["npmrc"] == 0o600
    assert "t0ken" not in repr(found)
