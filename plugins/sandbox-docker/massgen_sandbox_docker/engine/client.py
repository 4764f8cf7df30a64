"""The open connection to one engine: version negotiation, time-boxed control calls, hijacked streams."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Literal, cast

import aiodocker
import aiohttp
import anyio

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine import failures
from massgen_sandbox_docker.engine.dial import ssl_context
from massgen_sandbox_docker.engine.endpoint import Endpoint, find_endpoint
from massgen_sandbox_docker.engine.hijack import HijackedStream, HijackRefused, hijack

ApiVersion = tuple[int, int]

_NO_ANSWER = 900
"""aiodocker's own status for a connection that could not be made, or gave no answer."""

FLOOR: ApiVersion = (1, 41)
"""Engine 20.10 and Podman 4: private cgroup namespaces, and one-shot exec with its own environment."""

CEILING: ApiVersion = (1, 51)
"""Engine 28.3: the newest version whose list of changes was checked against the calls made here."""

Feature = Literal["image_platform", "recursive_read_only"]

_SINCE: Mapping[Feature, ApiVersion] = {"image_platform": (1, 49), "recursive_read_only": (1, 44)}


class Engine:
    """An engine that answers; made by `connect`."""

    def __init__(
        self, docker: aiodocker.Docker, endpoint: Endpoint, version: Mapping[str, Any], *, timeout: float
    ) -> None:
        self.docker = docker
        self.endpoint = endpoint
        self.version = version
        self.api_version = negotiate(version)
        self._timeout = timeout

    def supports(self, feature: Feature) -> bool:
        """Whether the negotiated API version has a feature."""
        return self.api_version >= _SINCE[feature]

    @asynccontextmanager
    async def control(self, what: str, *, timeout: float | None = None) -> AsyncGenerator[aiodocker.Docker]:
        """Time-box a control call and translate its failure; ``what`` completes "could not …".

        Raises:
            SandboxError: The call failed or took longer than ``timeout`` seconds.
        """
        async with _translated(self.endpoint, what, timeout or self._timeout):
            yield self.docker

    async def hijack(self, what: str, path: str, body: Mapping[str, Any] | None = None) -> HijackedStream:
        """Open a raw stream; ``path`` starts behind the version."""
        async with _translated(self.endpoint, what, self._timeout):
            return await hijack(self.endpoint, f"/v{version_text(self.api_version)}{path}", body)

    async def post_json(self, what: str, path: str, body: Mapping[str, Any]) -> Any:
        """POST a call that aiodocker has no method for; ``path`` starts behind the version."""
        url = f"{_base_url(self.endpoint)}/v{version_text(self.api_version)}{path}"
        async with _translated(self.endpoint, what, self._timeout), self.docker.session.post(url, json=body) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise failures.from_status(answer.status, text, what=what)
            return json.loads(text or "null")

    async def get_json(self, what: str, path: str) -> dict[str, Any]:
        """GET a call that aiodocker has no method for; ``path`` starts behind the version."""
        url = f"{_base_url(self.endpoint)}/v{version_text(self.api_version)}{path}"
        async with _translated(self.endpoint, what, self._timeout), self.docker.session.get(url) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise failures.from_status(answer.status, text, what=what)
            return dict(json.loads(text))

    async def info(self) -> dict[str, Any]:
        """The engine's description of itself (``GET /info``)."""
        async with self.control("ask the engine about itself") as docker:
            return dict(cast("Mapping[str, Any]", await docker.system.info()))  # pyright: ignore[reportUnknownMemberType]


@asynccontextmanager
async def connect(config: DockerConfig) -> AsyncGenerator[Engine]:
    """Find the engine, agree on a version, and hold the connections.

    Raises:
        SandboxUnavailable: No engine, no permission, not running, too old or too new; the message says what to do.
    """
    endpoint = find_endpoint(config.host)
    connector = _connector(endpoint)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10.0)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        version = await _version(session, endpoint, min(config.control_timeout, 20.0))
        api = f"v{version_text(negotiate(version))}"
        docker = aiodocker.Docker(_base_url(endpoint), connector=connector, session=session, api_version=api)
        try:
            yield Engine(docker, endpoint, version, timeout=config.control_timeout)
        finally:
            with anyio.CancelScope(shield=True):
                await docker.close()


def negotiate(version: Mapping[str, Any]) -> ApiVersion:
    """The API version to speak with a daemon that answers ``version``: its newest, within `FLOOR` and `CEILING`."""
    newest = _parse(version.get("ApiVersion"))
    oldest = _parse(version.get("MinAPIVersion") or "1.0")
    name = f"the engine ({version.get('Version', 'unknown version')})"
    if newest is None or oldest is None:
        raise SandboxUnavailable(f"{name} does not say which API versions it speaks: is this a Docker Engine?")
    if newest < FLOOR:
        raise SandboxUnavailable(
            f"{name} is too old: it speaks API {version_text(newest)}, {version_text(FLOOR)} is needed\n  "
            "Upgrade to Docker Engine 20.10 or newer."
        )
    if oldest > CEILING:
        raise SandboxUnavailable(
            f"{name} is too new: it speaks API {version_text(oldest)} and above, "
            f"this version of massgen-sandbox-docker up to {version_text(CEILING)}\n  "
            "Upgrade massgen-sandbox-docker, or set `min-api-version` of the daemon."
        )
    return min(newest, CEILING)


def version_text(version: ApiVersion) -> str:
    """``1.41`` of ``(1, 41)``."""
    return f"{version[0]}.{version[1]}"


def _parse(text: Any) -> ApiVersion | None:
    try:
        major, minor = str(text).split(".")
        return int(major), int(minor)
    except ValueError:
        return None


def _connector(endpoint: Endpoint) -> aiohttp.BaseConnector:
    """A connector without aiohttp's limit of 100: every attached stream and wait holds a connection."""
    if endpoint.socket is not None:
        return aiohttp.UnixConnector(endpoint.socket, limit=0)
    if endpoint.tls is None:
        return aiohttp.TCPConnector(limit=0)
    try:
        context = ssl_context(endpoint.tls)
    except OSError as error:
        raise failures.from_connection(error, endpoint, what="read the certificates") from error
    return aiohttp.TCPConnector(limit=0, ssl=context)


def _base_url(endpoint: Endpoint) -> str:
    if endpoint.socket is not None:
        return "unix://localhost"
    return str(endpoint).replace("tcp://", "https://" if endpoint.tls else "http://", 1)


async def _version(session: aiohttp.ClientSession, endpoint: Endpoint, timeout: float) -> Mapping[str, Any]:
    url = f"{_base_url(endpoint)}/version"
    async with _translated(endpoint, "ask the engine for its version", timeout), session.get(url) as answer:
        text = await answer.text()
        if answer.status != 200:
            raise failures.from_status(answer.status, text, what="ask the engine for its version")
        data = json.loads(text)
    if not isinstance(data, dict):
        raise SandboxUnavailable(f"what listens at {endpoint} is not a Docker Engine")
    return data  # pyright: ignore[reportUnknownVariableType]


@asynccontextmanager
async def _translated(endpoint: Endpoint, what: str, seconds: float) -> AsyncGenerator[None]:
    """The boundary at which everything that goes wrong with the engine becomes a `SandboxError`."""
    try:
        with anyio.fail_after(seconds):
            yield
    except aiodocker.DockerError as error:
        if error.status == _NO_ANSWER:
            cause = error.__context__
            if isinstance(cause, OSError):
                raise failures.from_connection(cause, endpoint, what=what) from error
            raise failures.CutOff(what, cause) from error
        raise failures.from_status(error.status, error.message, what=what) from error
    except HijackRefused as error:
        raise failures.from_status(error.status, error.message, what=what) from error
    except TimeoutError as error:
        raise failures.timed_out(what, seconds) from error
    except OSError as error:
        raise failures.from_connection(error, endpoint, what=what) from error
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as error:
        raise failures.CutOff(what, error) from error
    except (aiohttp.ClientError, anyio.BrokenResourceError, ValueError, KeyError) as error:
        raise SandboxError(f"could not {what}: the engine's answer is broken ({error!r})") from error
