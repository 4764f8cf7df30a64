"""Where the engine is: the same places that the docker command looks at, and a few more.

In order: the explicit setting, ``DOCKER_HOST``, the current docker context, then the sockets of Docker, rootless
Docker, Docker Desktop and Podman.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from massgen_core.errors import SandboxUnavailable

NO_ENGINE_CURE = (
    "Run `massgen-core docker setup`, start the engine, or name one with DOCKER_HOST or `host`.\n"
    '  Without one, massgen-sandbox-local runs what needs no image, and holds less: `sandbox = "local"` for one\n'
    '  section, or `fallback = "local"` under [plugins.sandbox-docker].'
)

USUAL_PLACE = "its usual place"
"""The source of an endpoint that no setting names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsFiles:
    """The files of a TLS client (PEM); ``verify`` false accepts any server."""

    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    verify: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One engine's address: a socket's path, or host and port; ``source`` says where it was found."""

    source: str
    socket: str | None = None
    host: str = ""
    port: int = 0
    tls: TlsFiles | None = None

    @property
    def local(self) -> bool:
        """The engine runs on this machine (it is reached over a Unix socket)."""
        return self.socket is not None

    def __str__(self) -> str:
        if self.socket is not None:
            return f"unix://{self.socket}"
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"


def find_endpoint(
    host: str | None = None, *, env: Mapping[str, str] | None = None, home: Path | None = None
) -> Endpoint:
    """The engine's address.

    Raises:
        SandboxUnavailable: There is none, or its address is of a kind that is not supported.
    """
    env = os.environ if env is None else env
    home = home or Path.home()
    if host:
        return parse_endpoint(host, source="the setting `host`", tls=_env_tls(env, home))
    if url := env.get("DOCKER_HOST"):
        return parse_endpoint(url, source="DOCKER_HOST", tls=_env_tls(env, home))
    return _from_context(env, home) or _from_sockets(socket_paths(env, home))


def parse_endpoint(url: str, *, source: str, tls: TlsFiles | None = None) -> Endpoint:
    """The endpoint that a URL stands for (``unix``, ``tcp``, ``http`` and ``https``)."""
    parts = urlsplit(url)
    if parts.scheme == "unix" and (parts.netloc + parts.path).startswith("/"):
        return Endpoint(source=source, socket=parts.netloc + parts.path)
    if parts.scheme in ("ssh", "npipe", "fd"):
        raise SandboxUnavailable(
            f"{source} names {parts.scheme}://…, which is not supported\n  "
            "Use unix:///path or tcp://host:port; `ssh -L ./docker.sock:/var/run/docker.sock HOST` makes the first."
        )
    try:
        address, port = parts.hostname, parts.port
    except ValueError:
        address, port = None, None
    if parts.scheme not in ("tcp", "http", "https") or not address:
        raise SandboxUnavailable(
            f"{source} is not an engine's address: {url!r}\n  Write unix:///path or tcp://host:port."
        )
    tls = tls or (TlsFiles() if parts.scheme == "https" else None)
    return Endpoint(source=source, host=address, port=port or (2376 if tls else 2375), tls=tls)


def socket_paths(env: Mapping[str, str], home: Path) -> Sequence[str]:
    """Where sockets are looked for, the most usual first."""
    paths = ["/var/run/docker.sock"]
    if runtime := env.get("XDG_RUNTIME_DIR"):
        paths.append(f"{runtime}/docker.sock")
    paths.append(str(home / ".docker/run/docker.sock"))
    if runtime:
        paths.append(f"{runtime}/podman/podman.sock")
    return [*paths, "/run/podman/podman.sock"]


def _from_sockets(paths: Sequence[str]) -> Endpoint:
    present = [path for path in paths if _is_socket(path)]
    usable = next((path for path in present if os.access(path, os.R_OK | os.W_OK)), None)
    chosen = usable or next(iter(present), None)
    if chosen is None:
        looked = ", ".join(paths)
        raise SandboxUnavailable(f"no Docker Engine was found (looked at {looked})\n  {NO_ENGINE_CURE}")
    return Endpoint(source=USUAL_PLACE, socket=chosen)


def _is_socket(path: str) -> bool:
    try:
        return Path(path).is_socket()
    except OSError:
        return False


def _env_tls(env: Mapping[str, str], home: Path) -> TlsFiles | None:
    if not env.get("DOCKER_TLS_VERIFY"):
        return None
    return _tls_files(Path(env.get("DOCKER_CERT_PATH") or home / ".docker"))


def _tls_files(folder: Path, *, verify: bool = True) -> TlsFiles | None:
    found = {name: path for name in ("ca", "cert", "key") if (path := folder / f"{name}.pem").is_file()}
    return TlsFiles(**found, verify=verify) if found else None


def _from_context(env: Mapping[str, str], home: Path) -> Endpoint | None:
    folder = Path(env.get("DOCKER_CONFIG") or home / ".docker")
    name = env.get("DOCKER_CONTEXT") or _read_json(folder / "config.json").get("currentContext")
    if not name or name == "default":
        return None
    digest = hashlib.sha256(str(name).encode()).hexdigest()
    meta = folder / "contexts" / "meta" / digest / "meta.json"
    docker = _read_json(meta).get("Endpoints", {}).get("docker", {})
    if not docker.get("Host"):
        raise SandboxUnavailable(
            f"the docker context {name!r} names no engine ({meta})\n  Choose another with `docker context use default`."
        )
    tls = _tls_files(folder / "contexts" / "tls" / digest / "docker", verify=not docker.get("SkipTLSVerify"))
    return parse_endpoint(docker["Host"], source=f"the docker context {name!r}", tls=tls)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SandboxUnavailable(f"{path} cannot be read: {error}\n  Mend it, or set DOCKER_HOST.") from None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}
