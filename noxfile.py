# /// script
# dependencies = ["nox[uv]>=2025.10.14"]
# ///
"""Every check and job of the repository, by name: `nox` runs the tests and gates, `nox -l` lists all there is.

Nox reads the block above and gets uv by itself; with `--script-mode none` and no uv, pip does the work. Everything is
installed in the versions of constraints.txt; uv also verifies their hashes.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nox
import nox.command

nox.needs_version = ">=2025.10.14"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"  # a Python that is not there is skipped by name (an error where CI is set)
nox.options.reuse_venv = "yes"

ROOT = Path(__file__).parent
CORE = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(CORE)
PLUGINS = {path.parent.name: path.parent for path in sorted(ROOT.glob("plugins/*/pyproject.toml"))}
EXAMPLES = {path.parent.name: path.parent for path in sorted(ROOT.glob("docs/examples/*/pyproject.toml"))}
CONSTRAINTS = ROOT / "constraints.txt"
DIST = ROOT / "dist"
SEVERAL_AT_ONCE = ("--numprocesses=4", "--dist=worksteal")  # these tests wait more than they work
NEWEST = ("audio",)  # there PyAV is a newer one than on the oldest Python, on which `together` uses it
TWO_FILES_AT_ONCE = ("--numprocesses=2", "--dist=loadfile")
TOGETHER = ("tests/together", "tests/security")
NOT_CORE = (*TOGETHER, "tests/docs", "tests/benchmarks")


def python_for(plugin: str) -> str | None:
    """The Python that a plugin's tests run on; the one that nox runs on, but for a few."""
    return PYTHONS[-1] if plugin in NEWEST else None


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and who may import whom; `nox -s lint -- --fix` repairs what it can."""
    install(session, groups=["lint"])
    fix = "--fix" in session.posargs
    session.run("ruff", "check", *session.posargs, ".")
    session.run("ruff", "format", *([] if fix else ["--check"]), ".")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": os.pathsep.join(map(str, PLUGINS.values()))})


@nox.session
def typecheck(session: nox.Session) -> None:
    """Check types with pyright: strict on the packages and on tests/typing, standard on everything else."""
    install(session, *everything(), groups=["typecheck"])
    session.run("pyright", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the core's tests in an environment without any plugin."""
    install(session, *editables(), groups=["test"])
    elsewhere = [f"--ignore={folder}" for folder in NOT_CORE]
    session.run("pytest", *(session.posargs or [*SEVERAL_AT_ONCE, "tests", *elsewhere]))


@nox.session(reuse_venv=False)
@nox.parametrize("python,name", [nox.param(python_for(name), name, id=name) for name in (*PLUGINS, *EXAMPLES)])
def plugin(session: nox.Session, name: str) -> None:
    """Run one plugin's tests in an environment that holds only what this plugin declares."""
    folder = (PLUGINS | EXAMPLES)[name]
    install(session, *editables({name: folder}), *for_tests(folder), groups=["test"])
    several(session, str(folder.relative_to(ROOT) / "tests"))


@nox.session
def together(session: nox.Session) -> None:
    """Run the tests across plugins, end to end and for security, with every plugin installed."""
    install(session, *everything(), groups=["test", "installer"])
    session.run("pytest", *(session.posargs or [*TWO_FILES_AT_ONCE, *TOGETHER]))


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Build the source archive and the wheel of every distribution into dist/."""
    install(session, groups=["build"])
    shutil.rmtree(DIST, ignore_errors=True)
    for folder in (ROOT, *PLUGINS.values()):
        session.run("python", "-m", "build", "--no-isolation", "--outdir", str(DIST), str(folder), silent=True)
    session.log("built: %s", ", ".join(sorted(path.name for path in DIST.iterdir())))


@nox.session(requires=["build"], reuse_venv=False)
def wheels(session: nox.Session) -> None:
    """Install the built wheels, leave the tree, and check what a user gets: plugins, commands, complete types."""
    install(session, *(str(wheel) for wheel in sorted(DIST.glob("*.whl"))), groups=["typecheck"])
    with session.chdir(session.create_tmp()):
        check_listed(session, session.run("massgen-core", "plugins", "--json", silent=True, stderr=None))
        session.run("pyright", "--ignoreexternal", "--verifytypes", CORE["project"]["name"].replace("-", "_"))


@nox.session
def docs(session: nox.Session) -> None:
    """Run every block of code in the documentation and check that the reference is current."""
    install(session, *everything(), groups=["test", "installer"])
    session.run("pytest", *(session.posargs or ["tests/docs"]))


@nox.session(default=False)
def minimums(session: nox.Session) -> None:
    """Run the core's tests with the oldest dependencies that pyproject.toml admits (needs uv)."""
    if session.venv_backend != "uv":
        session.error("only uv can resolve to the lowest versions: pip install uv")
    session.install("--resolution=lowest-direct", *editables(), "--group=test")
    session.run("pytest", *(session.posargs or ["tests", *(f"--ignore={folder}" for folder in NOT_CORE)]))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure; `nox -s bench -- calls` runs one part, `-- --write` puts the table into the documentation."""
    install(session, *editables(PLUGINS), groups=["test", "bench"])
    session.run("python", "-m", "tests.benchmarks", *session.posargs)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Set everything up and do the main job on real servers: the README's first command."""
    install(session, *editables(PLUGINS))
    session.run("massgen-core", "docker", "setup", "--yes")
    install(session, *editables(EXAMPLES))
    session.run("python", "docs/examples/demo/run.py", *session.posargs)


@nox.session(default=False)
def gallery(session: nox.Session) -> None:
    """Make the pictures of docs/gallery.md anew with the media tools, and the page."""
    install(session, *everything())
    session.run("python", "docs/examples/gallery/make.py", "docs")


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write constraints.txt anew: `-- --upgrade` for the newest versions, `-- -P NAME` for one (needs uv)."""
    projects = [folder / "pyproject.toml" for folder in (ROOT, *PLUGINS.values())]
    groups = [f"--group={name}" for name in CORE["dependency-groups"]]
    names = [nox.project.load_toml(project)["project"]["name"] for project in projects]
    session.install("uv")
    session.run(
        *("uv", "pip", "compile", "--quiet", "--universal", "--all-extras", "--generate-hashes"),
        f"--python-version={PYTHONS[0]}",
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--no-emit-build-options"),
        *(f"--no-emit-package={name}" for name in names),
        *groups,
        *(f"--output-file={CONSTRAINTS}", *session.posargs),
        *(str(project.relative_to(ROOT)) for project in projects),
    )


def several(session: nox.Session, folder: str) -> None:
    """Run tests several at a time, and after them those that are marked `alone`, whichever fail."""
    if session.posargs:
        session.run("pytest", *session.posargs)
        return
    nothing_chosen = 5
    failed = False
    for options in (("-m", "not alone", "--numprocesses=3", "--dist=worksteal"), ("-m", "alone")):
        try:
            session.run("pytest", *options, folder, success_codes=(0, nothing_chosen))
        except nox.command.CommandFailed:
            failed = True
    if failed:
        session.error("tests failed; see above")


def editables(*more: dict[str, Path]) -> list[str]:
    """The arguments that install the core, and more distributions, from the tree."""
    folders = [ROOT, *(folder for some in more for folder in some.values())]
    return [f"--editable={folder}" for folder in folders]


def for_tests(folder: Path) -> Sequence[str]:
    """What a plugin's own tests need beside what it declares; its extras, mostly."""
    own = nox.project.load_toml(folder / "pyproject.toml").get("dependency-groups", {})
    return nox.project.dependency_groups({"dependency-groups": own}, "test") if "test" in own else ()


def everything() -> list[str]:
    """The arguments that install every distribution, with all extras that any plugin's tests need."""
    extras = (each for folder in PLUGINS.values() for each in for_tests(folder))
    return [*editables(PLUGINS, EXAMPLES), *dict.fromkeys(extras)]


def install(session: nox.Session, *requirements: str, groups: Sequence[str] = ()) -> None:
    """Install in locked versions; what wheels are built with is locked too."""
    constraints = str(locked(session))
    session.install(
        *requirements,
        *(f"--group={group}" for group in groups),
        f"--constraint={constraints}",
        env={"UV_BUILD_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints},
    )


def locked(session: nox.Session) -> Path:
    """The constraints; for pip without hashes, which it would then demand of the tree itself."""
    if session.venv_backend == "uv":
        return CONSTRAINTS
    plain = Path(session.create_tmp()) / "constraints.txt"
    plain.write_text(re.sub(r" \\\n +--hash=\S+", "", CONSTRAINTS.read_text(encoding="utf-8")), encoding="utf-8")
    return plain


def check_listed(session: nox.Session, listed: Any) -> None:
    """Compare what `massgen-core plugins --json` lists with the entry points in the tree."""
    projects = [CORE, *(nox.project.load_toml(folder / "pyproject.toml") for folder in PLUGINS.values())]
    declared = {name for each in projects for name in each["project"]["entry-points"].get("massgen_core.plugins", {})}
    found = {entry["name"] for entry in json.loads(listed)}
    if declared != found:
        session.error(f"the wheels declare the plugins {sorted(declared)}, massgen-core lists {sorted(found)}")
