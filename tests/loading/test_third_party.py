"""Plugins that others wrote and pip installed: whatever one does, it is named, and the others work."""

from __future__ import annotations

import json
from typing import Any

import pytest

BACKENDS = ["asyncio", "trio"]
STAGES: dict[str, tuple[str, str]] = {
    "async-hook": (
        "load",
        "TypeError: massgen_providers must not be async: a hook returns descriptions, what awaits belongs into what "
        "they open",
    ),
    "bad-model": ("configure", "TypeError: massgen_config must return a pydantic model class, not dict"),
    "bad-schema": (
        "start",
        "the input schema of tool 'bad' of bad-schema (acme-bad-schema) is wrong: $.required: 1 is not of type 'array'",
    ),
    "broken-import": ("load", "ModuleNotFoundError: No module named 'a_package_that_is_not_installed'"),
    "dies-later": ("run", "OSError: lost the connection"),
    "exits-at-import": ("load", "SystemExit: no gpu"),
    "fails-at-close": ("run", "OSError: cannot flush"),
    "hangs-at-import": ("load", "its import and hooks did not finish within 3 s"),
    "hangs-at-open": ("start", "TimeoutError: did not open within 0.2 s"),
    "hook-with-default": (
        "load",
        "TypeError: massgen_providers must take plain arguments, none with a default or by keyword only",
    ),
    "misspelt-hook": (
        "load",
        "TypeError: implements unknown hooks: massgen_provider; there are massgen_config, massgen_media_engines, "
        "massgen_middlewares, massgen_providers, massgen_sandboxes, massgen_services",
    ),
    "needs-setting": ("configure", "plugins.needs-setting.api_key: Field required"),
    "old-contract": (
        "load",
        "targets the plugin contract 'massgen_core.plugins.v0'; this is 'massgen_core.plugins': upgrade one",
    ),
    "raises-at-open": ("start", "ConnectionError: nobody there"),
    "raises-in-hook": ("declare", "SystemExit: 7"),
    "same-tool-two/same": (
        "start",
        "tool name 'same_twin' of same-tool-two/same (acme-same-tool-two) is already taken by same-tool-one/same "
        "(acme-same-tool-one); set plugins.same-tool-two.prefix to another prefix, or disable one of them",
    ),
    "slow-close": ("run", "TimeoutError: did not close within 0.2 s and was cancelled"),
    "twin": (
        "load",
        "acme-twin-one, acme-twin-two all bring a plugin named 'twin'; choose with plugins.twin.distribution",
    ),
    "unknown-argument": ("load", "PluginValidationError: Plugin 'unknown-argument' for hook 'massgen_providers'"),
    "wrong-return": ("declare", "TypeError: massgen_providers must return ToolProvider objects, not Tool"),
}
TIMES = {"load_timeout": 3, "stop_timeout": 0.2}
ALL_BUT_MIDDLEWARE = {**TIMES, "plugins": {"bad-middleware": {"enabled": False}}}


@pytest.fixture(scope="module", params=BACKENDS)
def seen(third_party: Any, request: pytest.FixtureRequest) -> dict[str, Any]:
    """One run with every bad plugin at once (but the one that spoils all calls on purpose)."""
    return third_party.run(ALL_BUT_MIDDLEWARE, "good_ping", "dies_later_die", backend=request.param)


@pytest.mark.parametrize("subject", STAGES)
def test_a_failing_plugin_is_named_with_stage_and_cause(seen: dict[str, Any], subject: str) -> None:
    """Each failure says which plugin, at which of the stages, and why."""
    found = [(stage, reason) for name, stage, reason in seen["failures"] if name == subject]
    assert found, seen["failures"]
    stage, reason = STAGES[subject]
    assert all(each[0] == stage and each[1].startswith(reason) for each in found), found


def test_nothing_else_fails(seen: dict[str, Any]) -> None:
    """No failure is made up, and none counts twice (but for the two distributions that share a name)."""
    assert sorted(name for name, _, _ in seen["failures"]) == sorted([*STAGES, "twin"])


def test_the_good_ones_work(seen: dict[str, Any]) -> None:
    """In the middle of all that, a plugin that keeps the contract answers its calls."""
    assert seen["error"] is None
    assert seen["results"] == {"good_ping": "pong", "dies_later_die": ""}
    assert seen["tools"] == ["good_ping", "same_twin"]
    assert seen["plugins"]["good"] == ["enabled", None, None]
    assert seen["plugins"]["prints-at-import"] == ["enabled", None, None]
    assert seen["plugins"]["bad-middleware"] == ["disabled", None, "plugins.bad-middleware.enabled = false"]
    assert seen["plugins"]["twin"][:2] == ["conflict", "load"]


def test_a_failing_middleware_is_named(third_party: Any) -> None:
    """A middleware that raises lets nothing through, and every call says so."""
    seen = third_party.run({}, "good_ping", plugins="good,bad-middleware")
    assert seen["results"]["good_ping"] == "middleware 'bad-middleware' failed: ZeroDivisionError: around"


def test_the_environment_selects(third_party: Any) -> None:
    """MASSGEN_PLUGINS leaves everything else alone: nothing else is imported, nothing fails."""
    seen = third_party.run({}, "good_ping", plugins="good")
    assert seen["results"] == {"good_ping": "pong"}
    assert seen["failures"] == []
    assert seen["plugins"]["hangs-at-import"] == ["disabled", None, "not in MASSGEN_PLUGINS"]


def test_a_misspelt_selection(third_party: Any) -> None:
    """A name in MASSGEN_PLUGINS that is not installed is an error."""
    seen = third_party.run({}, plugins="goood")
    assert seen["error"].startswith("ConfigError: MASSGEN_PLUGINS: names plugins that are not installed: goood")


def test_without_discovery(third_party: Any) -> None:
    """With `discover = false` only what the config names is used."""
    seen = third_party.run({"discover": False, "plugins": {"good": {}}}, "good_ping")
    assert seen["results"] == {"good_ping": "pong"}
    assert seen["failures"] == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("exits-at-import", "PluginError: plugin 'exits-at-import' failed to load: SystemExit: no gpu"),
        ("old-contract", "PluginError: plugin 'old-contract' failed to load: targets the plugin contract"),
        ("needs-setting", "ConfigError: plugins.needs-setting.api_key: Field required"),
        ("raises-in-hook", "PluginError: plugin 'raises-in-hook' failed to declare what it brings: SystemExit: 7"),
        ("raises-at-open", "PluginError: plugin 'raises-at-open' failed to start: ConnectionError: nobody there"),
        ("twin", "PluginError: plugin 'twin' failed to load: acme-twin-one, acme-twin-two all bring"),
    ],
)
def test_what_the_config_names_must_work(third_party: Any, name: str, error: str) -> None:
    """A section in the config makes the plugin required: its failure is raised."""
    seen = third_party.run({"discover": False, "plugins": {name: {}}})
    assert seen["error"].startswith(error)


def test_strict(third_party: Any) -> None:
    """Strict makes a failure an error that nobody asked for by name."""
    seen = third_party.run({"strict": True}, plugins="good,broken-import")
    assert seen["error"].startswith("PluginError: plugin 'broken-import' failed to load: ModuleNotFoundError")


@pytest.mark.parametrize("name", ["one", "two"])
def test_choosing_a_distribution(third_party: Any, name: str) -> None:
    """The config settles which of two distributions brings a plugin."""
    config = {"plugins": {"twin": {"distribution": f"acme-twin-{name}"}}}
    assert third_party.run(config, "twin_which", plugins="twin")["results"] == {"twin_which": name}


def test_resolving_a_tool_conflict(third_party: Any) -> None:
    """The setting that a conflict's message names resolves it."""
    config = {"plugins": {"same-tool-two": {"prefix": "other"}}}
    seen = third_party.run(config, "same_twin", "other_twin", plugins="same-tool-one,same-tool-two")
    assert seen["results"] == {"same_twin": "one", "other_twin": "two"}


def test_the_command_line_names_them_too(third_party: Any) -> None:
    """`plugins --check --json` lists every plugin with stage and cause, on a stdout that no plugin spoils."""
    command = ("-m", "massgen_core", "plugins", "--check", "--json")
    done = third_party.process(*command, config={"load_timeout": 3})
    assert done.returncode == 1, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    for name, (stage, reason) in STAGES.items():
        if stage in ("load", "configure", "declare"):
            assert rows[name]["state"] in ("failed", "conflict")
            assert rows[name]["stage"] == stage
            assert reason in rows[name]["reason"]
    assert rows["good"]["state"] == "enabled"
    assert (rows["good"]["distribution"], rows["good"]["version"]) == ("acme-good", "1.0")


def test_listing_imports_nothing(third_party: Any) -> None:
    """Without `--check` the listing is quick, whatever is installed: nothing is imported."""
    done = third_party.process("-m", "massgen_core", "plugins", "--json")
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row["state"] for row in json.loads(done.stdout)}
    assert (rows["hangs-at-import"], rows["old-contract"], rows["twin"]) == ("enabled", "failed", "conflict")
