"""From a build container to an image: only the installed files are kept, and a proof makes the image a finished one."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from massgen_core.errors import ImageError
from massgen_core.sandbox import ImageInfo, PackageRef
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import Engine
from massgen_sandbox_docker.images import daemon
from massgen_sandbox_docker.images.labels import package_labels, proof_labels
from massgen_sandbox_docker.images.naming import UNFINISHED, base_reference
from massgen_sandbox_docker.images.rootfs import INSTALL_ROOT
from massgen_sandbox_docker.images.workshop import Workshop


@asynccontextmanager
async def candidate_image(
    engine: Engine, shop: Workshop, made: ImageInfo, package: PackageRef
) -> AsyncGenerator[ImageInfo]:
    """An image of what was installed, and of nothing else that the container holds; its name ends with the context."""
    token = uuid.uuid4().hex[:12]
    raw, candidate = f"{UNFINISHED}:{token}-raw", f"{UNFINISHED}:{token}"
    timeout = shop.config.build_timeout
    try:
        await daemon.commit(engine, shop.sandbox.id, UNFINISHED, f"{token}-raw", timeout=timeout)
        dockerfile = _dockerfile(base_reference(shop.config, package.system), raw, made.command)
        await daemon.build(engine, dockerfile, candidate, labels=package_labels(made, str(package)), timeout=timeout)
        yield replace(made, reference=candidate, id=await _id(engine, candidate))
    finally:
        for name in (raw, candidate):
            await daemon.untag(engine, name)


async def finished_image(
    engine: Engine, config: DockerConfig, candidate: ImageInfo, reference: str, proof: Mapping[str, str]
) -> ImageInfo:
    """The candidate under its own name, with the proof that lets it be used from now on."""
    dockerfile = f"FROM {candidate.reference}\n"
    await daemon.build(engine, dockerfile, reference, labels=proof_labels(proof), timeout=config.build_timeout)
    return replace(candidate, reference=reference, id=await _id(engine, reference), proof=dict(proof))


def _dockerfile(base: str, raw: str, command: Sequence[str]) -> str:
    """Only the folder that was installed into is copied, and it becomes root's: a server cannot change itself."""
    copied = f"COPY --from={raw} --chown=0:0 /{INSTALL_ROOT} /{INSTALL_ROOT}"
    return f"FROM {base}\n{copied}\nENTRYPOINT {json.dumps(list(command))}\n"


async def _id(engine: Engine, reference: str) -> str:
    found = await daemon.inspect(engine, reference)
    if found is None:
        raise ImageError(f"the image {reference} was removed while it was built\n  Try again.")
    return str(found["Id"])
