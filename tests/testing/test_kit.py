"""The author's kit passes what keeps the contract, and names everything else with its cure."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
from pydantic import BaseModel

from massgen_core import (
    STRICT,
    ConfigError,
    Middleware,
    ProviderContext,
    Service,
    ServiceProvider,
    Tool,
    ToolProvider,
    ToolResult,
    find_plugins,
    open_runtime,
    tool,
)
from massgen_core.testing import PluginDoesNotConform, assert_plugin_conforms, open_test_runtime

PLUGINS = Path(__file__).parent.parent / "plugins"


class Clock(Protocol):
    """A service."""


@tool
def ping() -> str:
    """Answer."""
    return "pong"


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def problems(plugin: tuple[str, ModuleType], **settings: Any) -> list[tuple[str, str]]:
    with pytest.raises(PluginDoesNotConform) as caught:
        assert_plugin_conforms(plugin[1], name=plugin[0], **settings)
    assert all(problem.cure for problem in caught.value.problems)
    assert all(problem.problem in str(caught.value) for problem in caught.value.problems)
    return [(problem.check, problem.problem) for problem in caught.value.problems]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("name", ["good", "dies_later"])
def test_what_keeps_the_contract_passes(name: str, backend: str) -> None:
    """A plugin as it should be conforms on both event loops."""
    assert_plugin_conforms(load(PLUGINS / f"{name}.py"), backend=backend)


@pytest.mark.parametrize(
    ("name", "check", "problem"),
    [
        ("hook_with_default", "load", "TypeError: massgen_providers must take plain arguments"),
        ("misspelt_hook", "load", "TypeError: implements unknown hooks: massgen_provider"),
        ("bad_model", "configure", "TypeError: massgen_config must return a pydantic model class, not dict"),
        ("needs_setting", "configure", "plugins.needs-setting.api_key: Field required"),
        ("wrong_return", "declare", "TypeError: massgen_providers must return ToolProvider objects, not Tool"),
        ("raises_at_open", "open", "plugin 'raises-at-open' failed to start: ConnectionError: nobody there"),
        ("hangs_at_open", "open", "plugin 'hangs-at-open' failed to start: TimeoutError"),
        ("bad_schema", "open", "plugin 'bad-schema' failed to start: the input schema of tool 'bad'"),
        ("fails_at_close", "close", "plugin 'fails-at-close' failed to keep running: OSError: cannot flush"),
        ("prints_at_import", "import", "it prints to stdout: 'look at me'"),
    ],
)
def test_what_breaks_the_contract_is_named(name: str, check: str, problem: str) -> None:
    """Each broken plugin fails with the check that found it, the problem, and a cure."""
    (found,) = problems((name.replace("_", "-"), load(PLUGINS / f"{name}.py")))
    assert found[0] == check
    assert found[1].startswith(problem)


def test_a_section_can_be_given() -> None:
    """A plugin that needs settings is judged with those it is given."""
    assert_plugin_conforms(load(PLUGINS / "needs_setting.py"), config={"api_key": "x"})


def test_heavy_imports_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a plugin imports beyond massgen_core's own is found in a fresh process."""
    (tmp_path / "heavy_library.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "massgen_heavy.py"
    path.write_text("import json, heavy_library\n" + (PLUGINS / "good.py").read_text())
    found = problems(("heavy", load(path)))
    assert found == [("import", "it imports more than massgen_core does: heavy_library")]


def test_an_import_that_fails_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that only works where it was first imported is found out."""
    path = tmp_path / "massgen_here.py"
    path.write_text(
        "import sys\nif 'pytest' not in sys.modules: raise OSError('not here')\n" + (PLUGINS / "good.py").read_text()
    )
    assert problems(("here", load(path))) == [("import", "it fails in a fresh process: OSError: not here")]


def test_the_config_model(make_plugin: Any) -> None:
    """A model must refuse unknown keys, in its inner models too, hide values, and leave our own keys alone."""

    class Inner(BaseModel):
        x: int = 0

    class Outer(BaseModel):
        model_config = STRICT

        inner: Inner = Inner()
        prefix: str = ""

    class Loose(BaseModel):
        x: int = 0

    checked = [("config model", "it accepts unknown keys, so a misspelt one goes unnoticed")]
    assert problems(make_plugin("p", ping, massgen_config=lambda: Outer)) == [
        *checked,
        ("config model", "these keys mean something to massgen-core and never reach the plugin: prefix"),
    ]
    assert problems(make_plugin("p", ping, massgen_config=lambda: Loose)) == [
        *checked,
        ("config model", "its errors show values, secrets too"),
    ]


def test_hooks_that_are_slow_or_change(make_plugin: Any) -> None:
    """Hooks must be quick, and say the same whenever they are called."""
    calls: list[int] = []

    def massgen_providers() -> list[ToolProvider]:
        calls.append(1)
        time.sleep(1.05 if len(calls) == 1 else 0)
        return [ToolProvider.of(f"p{len(calls)}", [])]

    found = problems(make_plugin("p", massgen_providers=massgen_providers))
    assert ("hooks", "they return something else when called again") in found
    assert any(check == "hooks" and "they took 1." in problem for check, problem in found)


def test_names_and_middlewares(make_plugin: Any) -> None:
    """Providers have legal names of their own; middlewares are async."""
    plugin = make_plugin(
        "p",
        massgen_providers=lambda: [ToolProvider.of(name, []) for name in ("a", "a", "B")],
        massgen_middlewares=lambda: [Middleware(name="m", around=lambda call, following: following(call))],
    )
    assert problems(plugin)[:3] == [
        ("names", "2 providers are named 'a'"),
        ("names", "a provider is named 'B'"),
        ("middlewares", "'m' is not async"),
    ]
    assert problems(("Upper", plugin[1])) == [("name", "a plugin cannot be named 'Upper'")]


def test_tools_need_descriptions_and_json(make_plugin: Any) -> None:
    """A tool without a description, and one whose annotations are no JSON, are named with the format."""

    async def invoke(arguments: Any, context: Any) -> ToolResult:
        return ToolResult()

    schema = {"type": "object"}
    bare = Tool(name="bare", description=" ", input_schema=schema, invoke=invoke)
    odd = Tool(name="odd", description="Odd.", input_schema=schema, invoke=invoke, meta={"x": float("nan")})
    found = problems(make_plugin("p", bare, odd))
    assert ("tools", "p_bare has no description") in found


def _provider(opening: Any, **settings: Any) -> Any:
    return {"massgen_providers": lambda: [ToolProvider(name="p", open=opening, **settings)]}


def test_opening_twice(make_plugin: Any) -> None:
    """A provider that works only once does not conform."""
    opened: list[int] = []

    @asynccontextmanager
    async def once(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        opened.append(1)
        if len(opened) > 1:
            raise RuntimeError("already open")
        yield [ping]

    assert problems(make_plugin("p", **_provider(once)))[0] == (
        "open",
        "plugin 'p' failed to start: RuntimeError: already open",
    )


def test_cancellation_while_opening(make_plugin: Any) -> None:
    """A provider that keeps something when it is cancelled in its opening cannot open again."""
    taken: list[int] = []

    @asynccontextmanager
    async def forgetful(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        if taken:
            raise RuntimeError("still taken")
        taken.append(1)
        await anyio.lowlevel.checkpoint()
        try:
            yield [ping]
        finally:
            taken.clear()

    found = problems(make_plugin("p", **_provider(forgetful)))
    assert found[0][0] == "cancelled while it opens"
    assert "still taken" in found[0][1]


def test_swallowing(make_plugin: Any) -> None:
    """A provider that swallows cancellation or errors does not conform."""

    @asynccontextmanager
    async def greedy(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        with suppress(BaseException):
            yield [ping]

    found = dict(problems(make_plugin("p", **_provider(greedy))))
    assert "it swallows the cancellation" in found["cancelled while it is open"]
    assert "it swallows the error" in found["ended by an error"]


def test_services_come_from_beside(make_plugin: Any) -> None:
    """A plugin that needs a service is judged with one that brings it; its own services are opened too."""

    @asynccontextmanager
    async def uses(context: ProviderContext) -> AsyncGenerator[Sequence[Tool]]:
        assert context.service(Clock) == "tick"
        yield [ping]

    @asynccontextmanager
    async def tick(context: ProviderContext) -> AsyncGenerator[str]:
        yield "tick"

    @asynccontextmanager
    async def broken(context: ProviderContext) -> AsyncGenerator[str]:
        raise OSError("no time")
        yield ""

    plugin = make_plugin("p", **_provider(uses, requires=[Service(Clock)]))
    clock = make_plugin("clock", massgen_media_engines=lambda: [ServiceProvider(service=Service(Clock), open=tick)])
    assert_plugin_conforms(plugin[1], name="p", beside=[clock])
    ((check, problem),) = problems(plugin)
    assert check == "open"
    assert "needs Clock, which no enabled plugin brings" in problem
    bad = make_plugin("bad", massgen_media_engines=lambda: [ServiceProvider(service=Service(Clock), open=broken)])
    assert any("no time" in problem for _, problem in problems(bad))


@pytest.mark.anyio
async def test_a_runtime_for_tests_knows_what_it_is_given(make_plugin: Any) -> None:
    """Nothing that is installed gets in but what came with massgen-core; failures are raised."""
    async with open_test_runtime(make_plugin("p", ping)) as runtime:
        assert [info.name for info in runtime.plugins] == ["mcp", "media", "p", "shell"]
        assert runtime.settings.strict
    with pytest.raises(Exception, match="failed to start"):
        async with open_test_runtime(load(PLUGINS / "raises_at_open.py")):
            pytest.fail("it must not open")


@pytest.mark.anyio
async def test_the_fixture_refuses_discovery(make_plugin: Any, massgen_runtime: Any) -> None:
    """Where the fixture is used nothing sees what is installed, and the error says what to do instead."""
    async with massgen_runtime(make_plugin("p", ping)) as runtime, runtime.session() as session:
        assert (await session.call("p_ping")).text == "pong"
    with pytest.raises(ConfigError, match="refused by the fixture `massgen_runtime`") as caught:
        await anyio.to_thread.run_sync(find_plugins)
    assert caught.value.cure == "Give the plugins' modules to `massgen_runtime(...)`, or pass `installed=False`."
    with pytest.raises(ConfigError, match="refused by the fixture `massgen_runtime`"):
        async with open_runtime():
            pytest.fail("it must not open")


def test_the_pytest_plugin_costs_nothing() -> None:
    """Every pytest run where massgen-core is installed imports the plugin: it brings no other module along."""
    script = (
        "import sys, pytest; before = set(sys.modules); import massgen_core.testing.pytest_plugin\n"
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == str(["massgen_core", "massgen_core.testing", "massgen_core.testing.pytest_plugin"])
