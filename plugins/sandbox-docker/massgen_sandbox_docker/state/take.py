"""The files of a running sandbox as an image, from which others can begin.

The sandbox's container itself is never committed: that would keep its environment, in which secrets stand, and would
lose what is in memory. A container that never starts takes what is to be kept, upon the image that the sandbox came
from; where the root can be written, upon a copy of that root.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from massgen_core.errors import SandboxError, SandboxUnavailable
from massgen_core.sandbox import Sandbox, SandboxSpec, Snapshot
from massgen_core.sandbox.background import background
from massgen_core.sandbox.secrets import FOLDER as SECRETS
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.container.run import remove
from massgen_sandbox_docker.container.runtimes import family
from massgen_sandbox_docker.engine import failures
from massgen_sandbox_docker.engine.api import container, table
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.labels import image_labels
from massgen_sandbox_docker.owners.labels import Owner
from massgen_sandbox_docker.state.labels import NOBODYS, REPOSITORY, ROOT, Kept, kept, snapshot
from massgen_sandbox_docker.state.packing import Writer, check_size

_CONFIG = ("Env", "Cmd", "Entrypoint", "WorkingDir", "User", "Volumes", "Labels", "ExposedPorts", "StopSignal")
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What snapshots are held to: whose they are, how large one may be (bytes), how long it may take (seconds)."""

    engine: Engine
    owner: Owner
    size: int
    seconds: float
    lifetime: float

    @classmethod
    def of(cls, engine: Engine, owner: Owner, config: DockerConfig) -> Terms:
        """Those of a backend."""
        return cls(
            engine=engine,
            owner=owner,
            size=int(config.snapshot_size),
            seconds=config.build_timeout,
            lifetime=config.remote_lifetime,
        )


async def take(terms: Terms, sandbox: Sandbox, spec: SandboxSpec) -> Snapshot:
    """Keep a sandbox's files; nothing is left where that fails.

    Raises:
        SandboxError: Something cannot be read, or is more than may be kept.
        SandboxUnavailable: What its root holds cannot be seen from outside.
    """
    shown = await _shown(terms.engine, sandbox)
    origin = await _image(terms.engine, str(shown["Image"]))
    before = kept(image_labels(origin))
    made = Kept(
        key=uuid.uuid4().hex,
        name=spec.name,
        created=time.time(),
        owner=terms.owner.id,
        base=before.base if before else str(origin["Id"]),
        size=0,
        folders=(),
    )
    async with _root(terms, sandbox, spec, shown, made) as made, _blank(terms, origin, made) as blank:
        made = await _fill(terms, sandbox, spec, made, blank)
        return snapshot(await _commit(terms, made, blank), made)


@asynccontextmanager
async def _root(
    terms: Terms, sandbox: Sandbox, spec: SandboxSpec, shown: Mapping[str, Any], made: Kept
) -> AsyncGenerator[Kept]:
    """The image to build on: the sandbox's own, or a copy of its root, which goes again where the rest fails."""
    if spec.limits.read_only_root:
        yield made
        return
    runtime = str(table(shown, "HostConfig").get("Runtime") or "runc")
    if family(runtime) != "runc":
        raise SandboxUnavailable(
            f"{spec.name}: what is written to the root under {runtime!r} cannot be seen from outside\n  "
            "Keep the root read-only (`read_only_root`), or use the engine's own runtime."
        )
    async with _standing_still(sandbox):
        image_id = await _copied(terms, sandbox.id, made.key)
    try:
        grown = await _size(terms.engine, image_id) - await _size(terms.engine, str(shown["Image"]))
        check_size(grown, terms.size)
        yield replace(made, base=image_id, size=max(0, grown))
    except BaseException:
        await daemon.untag(terms.engine, image_id)
        raise


@asynccontextmanager
async def _standing_still(sandbox: Sandbox) -> AsyncGenerator[None]:
    """So that its files are of one moment, where the engine can freeze it."""
    with suppress(SandboxUnavailable):
        await sandbox.pause()
    try:
        yield
    finally:
        with anyio.CancelScope(shield=True):
            await sandbox.resume()


@asynccontextmanager
async def _blank(terms: Terms, origin: Mapping[str, Any], made: Kept) -> AsyncGenerator[str]:
    """A container that is never started; with the settings of the image that the sandbox came from."""
    settings: dict[str, Any] = {name: each for name, each in table(origin, "Config").items() if name in _CONFIG}
    if not settings.get("Cmd") and not settings.get("Entrypoint"):
        settings["Cmd"] = ["sh"]
    own = {**image_labels(origin), **terms.owner.labels(lifetime=terms.lifetime, sandbox=made.name)}
    body: dict[str, Any] = {**settings, "Image": made.base, "Labels": own, "HostConfig": {"NetworkMode": "none"}}
    name = f"massgen-snapshot-{made.key[:12]}"
    try:
        with anyio.CancelScope(shield=True):
            async with terms.engine.control("make a container for the snapshot") as docker:
                await docker.containers.create(body, name=name)
        yield name
    finally:
        with anyio.CancelScope(shield=True):
            await remove(terms.engine, name)


async def _fill(terms: Terms, sandbox: Sandbox, spec: SandboxSpec, made: Kept, blank: str) -> Kept:
    """Put what is in memory into the container."""
    send, receive = anyio.create_memory_object_stream[bytes](1)
    upload = _Upload(terms, blank, receive)
    targets = [SECRETS, *(mount.target for mount in spec.mounts), *spec.awaits]
    writer, folders = Writer(send.send, made.key, terms.size), list[str]()
    async with background() as tasks, send:
        tasks.start_soon(upload.run)
        try:
            await writer.begin()
            for path in spec.limits.tmpfs:
                if await writer.add(sandbox, path, len(folders), targets):
                    folders.append(path)
            await writer.finish()
        except anyio.BrokenResourceError:
            pass  # the engine takes no more: it says why
        send.close()
        await upload.over.wait()
    if upload.failure is not None:
        raise upload.failure
    return replace(made, size=made.size + writer.written, folders=folders)


class _Upload:
    """The request that carries the archive, on a task of its own."""

    def __init__(self, terms: Terms, blank: str, pieces: MemoryObjectReceiveStream[bytes]) -> None:
        self._terms = terms
        self._blank = blank
        self._pieces = pieces
        self.over = anyio.Event()
        self.failure: SandboxError | None = None

    async def run(self) -> None:
        path = f"/containers/{self._blank}/archive?path=/"
        with self._pieces:
            try:
                await _stream(self._terms, "put", path, self._pieces, "write the snapshot")
            except SandboxError as error:
                self.failure = error
        self.over.set()


async def _copied(terms: Terms, container_id: str, key: str) -> str:
    """An image of a container's root as it is, with no settings but a label; what is mounted in it is not there."""
    what = "copy the sandbox's root"
    async with terms.engine.control(what, timeout=terms.seconds) as docker:
        url = f"{docker.docker_host}/{docker.api_version}/containers/{container_id}/export"
        async with docker.session.get(url, timeout=aiohttp.ClientTimeout()) as answer:
            if answer.status != 200:
                raise failures.from_status(answer.status, await answer.text(), what=what)
            path = f"/images/create?fromSrc=-&changes=LABEL%20{ROOT}={key}"
            said = await _stream(terms, "post", path, answer.content.iter_chunked(_CHUNK), what)
    return _imported(said)


def _imported(said: str) -> str:
    """The image that an import has made, by the last line of its answer."""
    with suppress(ValueError, KeyError, IndexError, TypeError):
        last = json.loads(said.strip().splitlines()[-1])
        if str(last["status"]).startswith("sha256:"):
            return str(last["status"])
    raise SandboxError(f"could not copy the sandbox's root: {said.strip()[-500:] or 'the engine does not say why'}")


async def _stream(terms: Terms, method: str, path: str, body: AsyncIterator[bytes], what: str) -> str:
    async with terms.engine.control(what, timeout=terms.seconds) as docker:
        url = f"{docker.docker_host}/{docker.api_version}{path}"
        headers = {"Content-Type": "application/x-tar"}
        async with docker.session.request(
            method, url, data=body, headers=headers, timeout=aiohttp.ClientTimeout()
        ) as answer:
            text = await answer.text()
            if answer.status >= 400:
                raise failures.from_status(answer.status, text, what=what)
            return text


async def _commit(terms: Terms, made: Kept, blank: str) -> str:
    """Make the image, not to be interrupted: the engine would go on and leave one that nobody knows."""
    config = {"Labels": {**NOBODYS, **made.labels()}}
    with anyio.CancelScope(shield=True):
        try:
            async with terms.engine.control("keep the snapshot", timeout=terms.seconds) as docker:
                handle = docker.containers.container(blank)  # pyright: ignore[reportUnknownMemberType]
                done = await handle.commit(repository=REPOSITORY, tag=made.key, config=config, pause=False)
                return str(done["Id"])
        except SandboxError:
            await daemon.untag(terms.engine, f"{REPOSITORY}:{made.key}")  # it may be there all the same
            raise
    raise AssertionError  # a shielded scope is not left early


async def _shown(engine: Engine, sandbox: Sandbox) -> Mapping[str, Any]:
    async with engine.control("look at the container") as docker:
        return await container(docker, sandbox.id).show()


async def _size(engine: Engine, image_id: str) -> int:
    return int((await _image(engine, image_id)).get("Size") or 0)


async def _image(engine: Engine, image_id: str) -> Mapping[str, Any]:
    found = await daemon.inspect(engine, image_id)
    if found is None:
        raise SandboxError("the sandbox's image was removed meanwhile: its files cannot be kept without it")
    return found
