"""The work behind `massgen-core docker …`, without a terminal: each command returns an `Outcome`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from massgen_core.config import Settings, parse_settings
from massgen_core.sandbox import Finding, Progress
from massgen_sandbox_docker.commands.capacity import capacity
from massgen_sandbox_docker.commands.doctor import ENGINE_MUST, SERVER_MUST, examine
from massgen_sandbox_docker.commands.installer import carry_out, look, obstacle, plan
from massgen_sandbox_docker.commands.outcome import Outcome, Sheet
from massgen_sandbox_docker.commands.servers import NAME, ServerReport, choose_servers, docker_config, try_server
from massgen_sandbox_docker.engine.client import connect

Ask = Callable[[str], bool]


async def setup(settings: Settings, dry_run: bool, ask: Ask, progress: Progress, gvisor: bool = False) -> Outcome:
    """Find an engine, or install and start one; on request register gVisor with it.

    Raises:
        SandboxUnavailable: Installing or starting failed.
    """
    config = docker_config(settings)
    machine = await look(config)
    steps = plan(machine, gvisor=gvisor)
    data = {"engine": machine.engine, "steps": [str(step) for step in steps]}
    ok = machine.engine is not None
    if ok and not steps:
        return Outcome(ok=True, data=data, text=f"{machine.engine} works: nothing to do")
    if (problem := obstacle(machine, steps, gvisor=gvisor)) is not None:
        text = f"{machine.engine} works, but {problem}" if ok else problem
        return Outcome(ok=ok, data={**data, "problem": problem}, text=text)
    listed = "\n".join(f"  {step.why}: {step}" for step in steps)
    if dry_run:
        return Outcome(ok=ok, data=data, text=f"This would be done:\n{listed}")
    progress(f"{machine.engine or machine.problem.splitlines()[0]}; this will be done now:")
    if not ask(f"{listed}\nGo ahead?"):
        return Outcome(ok=ok, data=data, text="Nothing was done.")
    engine = await carry_out(steps, config, progress, gvisor=gvisor)
    return Outcome(ok=True, data={**data, "engine": engine}, text=f"{engine} works")


async def build(settings: Settings, packages: Sequence[str] | None, refresh: bool, progress: Progress) -> Outcome:
    """Build the base image, and those of ``packages``, or (where there are none) of the config's servers.

    ``packages`` None builds the base image alone.

    Raises:
        SandboxUnavailable: No engine.
        ImageError: The base image cannot be built.
    """
    base = await _build_base(settings, refresh, progress)
    with tempfile.TemporaryDirectory(prefix="massgen-") as folder:
        chosen = _as_servers(settings, packages, Path(folder)) if packages else settings
        names = () if packages is not None else None
        reports = [await try_server(chosen, *server, progress) for server in choose_servers(chosen, names)]
    if packages:
        reports = [replace(report, name=text) for report, text in zip(reports, packages, strict=True)]
    data = {"base": base, "images": {report.name: _image_data(report) for report in reports}}
    rows = [("base", base, "", "", ""), *(_image_row(report) for report in reports)]
    sheet = Sheet(title="images", headers=("for", "image", "version", "packages", "note"), rows=rows)
    return Outcome(ok=all(report.error is None for report in reports), data=data, sheets=[sheet])


async def doctor(settings: Settings, servers: Sequence[str] | None, progress: Progress) -> Outcome:
    """Examine the engine, and every server of the config that runs in a container (None: no server).

    Raises:
        SandboxUnavailable: No engine.
    """
    config = docker_config(settings)
    chosen = choose_servers(settings, servers)
    async with connect(config) as engine:
        facts, findings = await examine(engine, config)
        room = await capacity(engine, config)
    reports = [await try_server(settings, *server, progress) for server in chosen]
    ok = not _failed(findings, ENGINE_MUST) and all(_healthy(report) for report in reports)
    data = {
        "ok": ok,
        "engine": dict(facts),
        "capacity": room.data(),
        "findings": [asdict(finding) for finding in findings],
        "servers": {report.name: _isolation_data(report) for report in reports},
    }
    rows = list(room.rows())
    size = Sheet(title="capacity", headers=("what", "found"), rows=rows)
    return Outcome(ok=ok, data=data, sheets=[*_engine_sheets(facts, findings), size, *_server_sheets(reports)])


async def _build_base(settings: Settings, refresh: bool, progress: Progress) -> str:
    from massgen_sandbox_docker.images import ensure_base, forget_packages

    config = docker_config(settings)
    async with connect(config) as engine:
        reference = await ensure_base(engine, config, progress=progress, refresh=refresh)
        if refresh:
            progress(f"removed {await forget_packages(engine)} images that were built on the base image before")
    return reference


def _as_servers(settings: Settings, packages: Sequence[str], folder: Path) -> Settings:
    """Packages as if a config named them; their lock file goes with the folder."""
    own = {key: value for key, value in settings.plugins.items() if key == NAME}
    servers = {f"package{number}": {"package": text, "prefix": f"p{number}"} for number, text in enumerate(packages)}
    return parse_settings({"plugins": own, "servers": servers}, source=folder / "massgen.toml")


def _image_data(report: ServerReport) -> dict[str, Any]:
    found = asdict(report.image) if report.image else {}
    return {**found, "error": report.error, "seconds": round(report.seconds, 2)}


def _image_row(report: ServerReport) -> Sequence[str]:
    if report.image is None:
        return report.name, "failed", "", "", report.error or ""
    image = report.image
    return report.name, image.reference, image.version or "", str(len(image.packages) or ""), image.note or ""


def _failed(findings: Sequence[Finding], important: frozenset[str]) -> list[str]:
    return [finding.name for finding in findings if not finding.ok and finding.name in important]


def _healthy(report: ServerReport) -> bool:
    return report.isolation is not None and not _failed(report.isolation.findings, SERVER_MUST)


def _isolation_data(report: ServerReport) -> dict[str, Any]:
    if report.isolation is None:
        return {"ok": False, "error": report.error}
    found = asdict(report.isolation)
    image = report.image.reference if report.image else None
    return {"ok": _healthy(report), "score": report.isolation.score, "image": image, **found}


def _engine_sheets(facts: Mapping[str, str], findings: Sequence[Finding]) -> Sequence[Sheet]:
    rows = [(finding.name, _mark(finding, ENGINE_MUST), finding.detail, finding.cure or "") for finding in findings]
    return (
        Sheet(title="engine", headers=("what", "found"), rows=list(facts.items())),
        Sheet(title="what the engine can enforce", headers=("what", "", "found", "what would mend it"), rows=rows),
    )


def _server_sheets(reports: Sequence[ServerReport]) -> Sequence[Sheet]:
    if not reports:
        return ()
    headers = ("server", "score", "held to, as inspected", "missing, and what would mend it")
    return (Sheet(title="servers", headers=headers, rows=[_server_row(report) for report in reports]),)


def _server_row(report: ServerReport) -> Sequence[str]:
    if report.isolation is None:
        return report.name, "", "did not start", report.error or ""
    limits = "\n".join(f"{name}: {text}" for name, text in report.isolation.limits.items())
    missing = [
        f"{finding.name}: {finding.detail}. {finding.cure or ''}"
        for finding in report.isolation.findings
        if not finding.ok
    ]
    return report.name, f"{report.isolation.score} %", limits, "\n".join(missing)


def _mark(finding: Finding, important: frozenset[str]) -> str:
    if finding.ok:
        return "ok"
    return "FAILS" if finding.name in important else "could be better"
