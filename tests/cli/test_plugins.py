"""`massgen-core plugins`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

CONFIG = """
[plugins.sample-tools]
colour = "red"
[plugins.absent]
[servers.time]
package = "uvx:mcp-server-time"
speed = 3
"""


@pytest.fixture
def broken(empty_folder: Path) -> list[str]:
    """Two plugins that cannot work: one does not import, one declares nonsense."""
    Path("broken.py").write_text("raise RuntimeError('no luck')\n")
    Path("odd.py").write_text(
        "from massgen_core import hookimpl\n@hookimpl\ndef massgen_providers(config):\n    return [3]\n"
    )
    return ["--plugin", "broken.py", "--plugin", "odd.py"]


def by_name(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in rows}


def test_json_shape(cli: Any) -> None:
    """The JSON list has one object per plugin, with the same keys always."""
    rows = cli("plugins", "--json").json
    assert {tuple(sorted(row)) for row in rows} == {
        ("distribution", "module", "name", "reason", "stage", "state", "version")
    }
    assert by_name(rows)["mcp"]["distribution"] == "massgen-core"


def test_without_check_nothing_is_imported(cli: Any, broken: list[str]) -> None:
    """Without --check a broken plugin is listed as enabled: nobody has looked into it."""
    outcome = cli(*broken, "plugins", "--json")
    assert outcome.code == 0
    assert by_name(outcome.json)["broken"]["state"] == "enabled"


def test_check_tells_stage_and_reason(cli: Any, broken: list[str], sample: tuple[str, str]) -> None:
    """With --check every plugin is listed, the broken ones with stage and reason, and the exit code is 1."""
    outcome = cli(*broken, *sample, "plugins", "--check", "--json")
    rows = by_name(outcome.json)
    assert outcome.code == 1
    assert (rows["broken"]["state"], rows["broken"]["stage"]) == ("failed", "load")
    assert rows["broken"]["reason"] == "RuntimeError: no luck"
    assert (rows["odd"]["state"], rows["odd"]["stage"]) == ("failed", "declare")
    assert (rows["sample-tools"]["state"], rows["sample-tools"]["brings"]) == ("enabled", ["tools sample"])


def test_check_lists_all_that_a_config_breaks(cli: Any, sample: tuple[str, str]) -> None:
    """Wrong sections and absent plugins are named in one list, each with its key."""
    Path("massgen.toml").write_text(CONFIG)
    outcome = cli(*sample, "plugins", "--check", "--json")
    rows = by_name(outcome.json)
    assert outcome.code == 1
    assert "plugins.sample-tools.colour" in rows["sample-tools"]["reason"]
    assert rows["sample-tools"]["stage"] == "configure"
    assert "not installed" in rows["absent"]["reason"]
    assert "servers.time.speed" in rows["mcp"]["reason"]


def test_check_of_a_sound_environment(cli: Any, sample: tuple[str, str]) -> None:
    """When everything loads, the exit code is 0."""
    outcome = cli(*sample, "plugins", "--check")
    assert outcome.code == 0, outcome.out
    assert "tools sample" in outcome.out


def test_absent_and_disabled(cli: Any, sample: tuple[str, str]) -> None:
    """The list says which plugins the config switches off, and which it names in vain; this is no error yet."""
    Path("other.json").write_text('{"plugins": {"absent": {}, "sample-tools": {"enabled": false}}}')
    outcome = cli("-c", "other.json", *sample, "plugins")
    lines = {line.split()[0]: line for line in outcome.out.splitlines()}
    assert outcome.code == 0
    assert "disabled" in lines["sample-tools"]
    assert "plugins.sample-tools.enabled = false" in lines["sample-tools"]
    assert "failed" in lines["absent"]


@pytest.mark.parametrize(
    ("text", "key"),
    [("plugins = 3\n", "plugins"), ("discover = [1]\n", "discover"), ("[plugins]\na = 1\n", "plugins.a")],
)
def test_misshapen_config(cli: Any, text: str, key: str) -> None:
    """A config whose shape is wrong is an error that names file and key, without --check too."""
    Path("massgen.toml").write_text(text)
    outcome = cli("plugins")
    assert outcome.code == 3
    assert f"massgen.toml: {key}" in outcome.err


def test_unknown_name_in_the_environment(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """MASSGEN_PLUGINS may only name what is installed."""
    monkeypatch.setenv("MASSGEN_PLUGINS", "nowhere")
    outcome = cli("plugins")
    assert outcome.code == 3
    assert "nowhere" in outcome.err
