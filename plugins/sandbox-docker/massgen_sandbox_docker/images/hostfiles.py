"""What the host knows and a build needs: CA certificates, package-index settings, proxies.

Everything here reaches a build through an in-memory folder of the build container and is gone with it.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from massgen_core.errors import ConfigError
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.images.indexes import npm_settings, python_indexes

FOLDER = "/run/massgen-build"
"""The in-memory folder of a build container."""

_CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
_CA_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFiles:
    """Files for a build's in-memory folder, and the environment that points at them."""

    files: Mapping[str, bytes] = field(repr=False)
    env: Mapping[str, str] = field(repr=False)

    def archive(self) -> bytes:
        """The files as a tar, to be unpacked in `FOLDER`."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            for name, data in self.files.items():
                member = tarfile.TarInfo(name)
                member.size, member.mode = len(data), 0o600
                tar.addfile(member, io.BytesIO(data))
        return buffer.getvalue()


def host_files(config: DockerConfig, environ: Mapping[str, str] | None = None) -> HostFiles:
    """Collect what builds need from the host; blocking, it reads a few small files.

    Raises:
        ConfigError: ``ca_file`` is set and cannot be read.
    """
    environ = os.environ if environ is None else environ
    files: dict[str, bytes] = {}
    env = dict(_proxies(environ))
    if (ca := _ca_bytes(config.ca_file, environ)) is not None:
        files["ca.pem"] = ca
        env |= dict.fromkeys(("SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE"), f"{FOLDER}/ca.pem")
    files["uv.toml"] = (python_indexes(environ) if config.index_settings else "").encode()
    files["npmrc"] = (npm_settings(environ) if config.index_settings else "").encode()
    env |= {"UV_CONFIG_FILE": f"{FOLDER}/uv.toml", "NPM_CONFIG_USERCONFIG": f"{FOLDER}/npmrc"}
    return HostFiles(files=files, env=env)


def _ca_bytes(ca_file: Path | None, environ: Mapping[str, str]) -> bytes | None:
    """The host's certificates with those of ``ca_file`` behind them; None where the host has none at all."""
    found = next(_readable(_ca_candidates(environ)), None)
    if ca_file is None:
        return found
    try:
        own = ca_file.expanduser().read_bytes()
    except OSError as error:
        key, cure = "plugins.sandbox-docker.ca_file", "Name a PEM file, or drop the key."
        raise ConfigError(f"cannot be read: {error}", key=key, cure=cure) from None
    return b"\n".join((found, own)) if found else own


def _ca_candidates(environ: Mapping[str, str]) -> Iterator[str]:
    yield from (environ[name] for name in _CA_VARIABLES if environ.get(name))
    yield from _CA_BUNDLES


def _readable(paths: Iterable[str]) -> Iterator[bytes]:
    for path in paths:
        try:
            yield Path(path).read_bytes()
        except OSError:
            continue


def _proxies(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The host's proxies that a container can reach too: those on the loopback interface are left out."""
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower())
        if value and (name == "NO_PROXY" or not _LOOPBACK.fullmatch(urlsplit(value).hostname or "localhost")):
            yield from ((name, value), (name.lower(), value))
