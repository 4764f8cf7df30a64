"""Whether a plugin's module is imported quickly and silently, as a fresh process shows."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

from massgen_core.testing.problem import Problem

IMPORT_TIMEOUT = 60.0
"""Seconds that the fresh process may take."""

_SCRIPT = """
import importlib, importlib.util, json, sys
name, file, path = json.loads(sys.argv[1])
sys.path[:] = path
import massgen_core.runtime
@massgen_core.tool
def everything_that_a_tool_needs(text: str) -> str:
    "Is imported by now."
before = set(sys.modules)
try:
    importlib.import_module(name)
except ModuleNotFoundError as error:
    if not error.name or not f"{name}.".startswith(f"{error.name}."):
        raise
    spec = importlib.util.spec_from_file_location(name, file)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
print()
top = lambda modules: {module.partition(".")[0] for module in modules}
print(json.dumps(sorted(top(sys.modules) - top(before))))
"""


def check_import(module: ModuleType) -> list[Problem]:
    """Import the module in a fresh process; a module that exists only in memory is taken as it is."""
    if (file := getattr(module, "__file__", None)) is None:
        return []
    argument = json.dumps([module.__name__, file, sys.path])
    try:
        done = subprocess.run(
            [sys.executable, "-c", _SCRIPT, argument],
            capture_output=True,
            text=True,
            timeout=IMPORT_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [_problem(f"it did not finish within {IMPORT_TIMEOUT:g} s", "Do nothing but define things in a module.")]
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        return [_problem(f"it fails in a fresh process: {last}", "Declare what it imports, and import the rest later.")]
    *printed, imported = done.stdout.splitlines()
    return [*_printed("\n".join(printed).strip()), *_heavy(module, json.loads(imported))]


def _printed(text: str) -> list[Problem]:
    if not text:
        return []
    return [_problem(f"it prints to stdout: {text[:100]!r}", "Use logging: stdout may belong to a protocol.")]


def _heavy(module: ModuleType, imported: list[str]) -> list[Problem]:
    own = module.__name__.partition(".")[0]
    heavy = [name for name in imported if name not in sys.stdlib_module_names and name not in (own, "massgen_core")]
    if not heavy:
        return []
    cure = "Import them inside the function that uses them: every start of every program pays for this one."
    return [_problem(f"it imports more than massgen_core does: {', '.join(heavy)}", cure)]


def _problem(problem: str, cure: str) -> Problem:
    return Problem(check="import", problem=problem, cure=cure)
