"""A runtime for tests: only the modules it is given, and every failure raised."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Any

from massgen_core.config import Settings
from massgen_core.runtime import Report, Runtime, open_runtime


def open_test_runtime(
    *modules: ModuleType | tuple[str, ModuleType],
    config: Settings | Mapping[str, Any] | str | os.PathLike[str] | None = None,
    strict: bool = True,
    report: Report | None = None,
) -> AbstractAsyncContextManager[Runtime]:
    """Open a runtime of these plugin modules alone; what else is installed does not matter.

    A module is named as `massgen_core.open_runtime` names it, or by the name in a ``(name, module)`` pair. ``config``
    is a whole config (a mapping, a file, `Settings`); without one no file is looked for. ``strict`` false lets a
    failing plugin be left out, to be found in ``runtime.failures``. ``report`` is told one line of progress at a time.

    Raises:
        ConfigError: The config is wrong.
        PluginError: A plugin failed, when strict.
    """
    return open_runtime(
        {} if config is None else config, plugins=modules, strict=strict, installed=False, report=report
    )
