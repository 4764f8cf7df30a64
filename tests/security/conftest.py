"""What the security tests share: one run of the audit for each profile, made when a test first asks for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Literal

import anyio
import pytest
from massgen_sandbox_docker.audit.model import Result
from massgen_sandbox_docker.audit.stage import Stage
from massgen_sandbox_docker.audit.suite import choose, run
from massgen_sandbox_docker.backend import docker_backend
from massgen_sandbox_docker.config import DockerConfig
from massgen_sandbox_docker.engine.client import connect
from massgen_sandbox_docker.images import ensure_base

from massgen_core.sandbox import RuntimeSettings, SandboxLimits

Profile = Literal["runc", "runsc", "weak"]
Results = Mapping[str, Result]


@pytest.fixture(scope="session")
def results(request: pytest.FixtureRequest) -> Callable[[Profile], Results]:
    """Make the attempts that the chosen tests ask for, once for each profile; returns what they came to, by id."""
    wanted: set[str] = set()
    for item in request.session.items:
        parameters = getattr(item, "callspec", None)
        wanted.add(str(parameters.params.get("attempt", "")) if parameters else "")

    known: dict[Profile, Results | Exception] = {}

    def of(profile: Profile) -> Results:
        if profile == "runsc":
            _need_runsc()
        if profile not in known:
            known[profile] = _outcome(profile, tuple(sorted(wanted)))
        found = known[profile]
        if isinstance(found, Exception):
            raise found
        return found

    return of


def _outcome(profile: Profile, wanted: tuple[str, ...]) -> Results | Exception:
    """The results; or what went wrong, which is not tried again for every test."""
    try:
        return {each.attempt.id: each for each in anyio.run(_audit, profile, wanted)}
    except Exception as error:
        return error


async def _audit(profile: Profile, wanted: tuple[str, ...]) -> list[Result]:
    runtime = RuntimeSettings(name="runsc") if profile == "runsc" else None
    async with docker_backend(DockerConfig(), log=lambda line: None) as backend:
        image = await ensure_base(backend.engine, DockerConfig(), progress=lambda line: None)
        limits = SandboxLimits(runtime=runtime)
        stage = Stage(backend=backend, image=image, limits=limits, weak=profile == "weak")
        return list(await run(stage, choose(wanted), lambda line: None))


def _need_runsc() -> None:
    """Skip where the engine has no gVisor; fail where an engine with everything was promised."""

    async def runtimes() -> list[str]:
        async with connect(DockerConfig()) as engine:
            return list((await engine.info()).get("Runtimes") or ())

    if "runsc" not in anyio.run(runtimes):
        if os.environ.get("MASSGEN_REQUIRE_DOCKER") == "1":
            pytest.fail("MASSGEN_REQUIRE_DOCKER=1, but the engine lists no runtime runsc (gVisor)", pytrace=False)
        pytest.skip("the engine lists no runtime runsc (gVisor)")
