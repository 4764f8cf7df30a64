"""Whether a plugin keeps the contract: `assert_plugin_conforms` names everything that is wrong, and its cure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import anyio

from massgen_core.loading.composition import plugin_name
from massgen_core.testing.declarations import check_declarations
from massgen_core.testing.imports import check_import
from massgen_core.testing.lifecycle import check_lifecycle
from massgen_core.testing.problem import PluginDoesNotConform as PluginDoesNotConform
from massgen_core.testing.problem import Problem as Problem


def assert_plugin_conforms(
    module: ModuleType,
    *,
    config: Mapping[str, Any] | None = None,
    name: str | None = None,
    beside: Sequence[ModuleType | tuple[str, ModuleType]] = (),
    backend: str = "asyncio",
) -> None:
    """Judge a plugin by its module; call it from an ordinary test function.

    Its import must be light (shown in a fresh process) and silent; its hooks must be those that are documented, quick,
    and return the same when they are called again; its config model must refuse unknown keys and hide values; its
    names and schemas must be usable in every format; and its providers must open and close twice, and survive being
    cancelled and failing.

    ``config`` is the plugin's own section, where it needs one; ``name`` its entry point's name, where that does not
    follow from the module's; ``beside`` are plugins that bring services which this one requires. ``backend`` is the
    event loop to run on.

    Raises:
        PluginDoesNotConform: Something is wrong; it lists every problem with its cure.
    """
    name = name or plugin_name(module)
    problems = check_import(module)
    declared, found = check_declarations(name, module, config or {})
    problems += found
    if declared is not None:
        problems += anyio.run(check_lifecycle, module, declared, config or {}, beside, backend=backend)
    if problems:
        raise PluginDoesNotConform(name, problems)
