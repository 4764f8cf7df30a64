"""The author's kit: what a plugin's tests need.

`assert_plugin_conforms` judges a plugin's module; `open_test_runtime` is a runtime in memory, which knows only the
modules it is given. The pytest fixture `massgen_runtime` (`massgen_core.testing.pytest_plugin`) is the same with the
installed plugins out of reach. `SandboxConformance` is the contract of a sandbox backend as tests. Only this last one
needs pytest; all of it is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from massgen_core.testing.conformance import PluginDoesNotConform as PluginDoesNotConform
    from massgen_core.testing.conformance import Problem as Problem
    from massgen_core.testing.conformance import assert_plugin_conforms as assert_plugin_conforms
    from massgen_core.testing.runtime import open_test_runtime as open_test_runtime
    from massgen_core.testing.sandbox import SandboxConformance as SandboxConformance

_HOME_OF = {
    "PluginDoesNotConform": "conformance",
    "Problem": "conformance",
    "SandboxConformance": "sandbox",
    "assert_plugin_conforms": "conformance",
    "open_test_runtime": "runtime",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME_OF])
