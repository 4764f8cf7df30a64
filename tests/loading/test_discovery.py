"""Discovery reads metadata only, never raises for a broken distribution, and says why a plugin is not used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from massgen_core import ConfigError, PluginInfo, find_plugins
from massgen_core.loading.discovery import ENVIRONMENT, REFUSED

Install = Callable[..., None]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.delenv(REFUSED, raising=False)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a distribution's metadata, and nothing else, on the import path."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name: str, entry_points: str, *, metadata: bool = True) -> None:
        folder = tmp_path / f"{name.replace('-', '_')}-1.2.dist-info"
        folder.mkdir()
        (folder / "entry_points.txt").write_text(entry_points)
        if metadata:
            (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")

    return install


def _group(line: str, version: str = "") -> str:
    return f"[massgen_core.plugins{version}]\n{line}\n"


def _find(name: str, sections: dict[str, dict[str, object]] | None = None, **settings: object) -> list[PluginInfo]:
    return [info for info in find_plugins(sections, **settings) if info.name == name]  # type: ignore[arg-type]


def test_nothing_is_imported(install: Install) -> None:
    """A plugin is listed from its metadata alone: its module need not even exist."""
    install("massgen-ghost", _group("ghost = ghost_module"))
    assert _find("ghost") == [
        PluginInfo(name="ghost", module="ghost_module", distribution="massgen-ghost", version="1.2")
    ]
    assert "ghost_module" not in sys.modules


def test_an_old_contract_is_reported(install: Install) -> None:
    """A plugin of another contract version is named, with both versions, and not loaded."""
    install("old", _group("old = old_module", ".v0"))
    (old,) = _find("old")
    assert (old.state, old.stage) == ("failed", "load")
    assert old.reason == (
        "targets the plugin contract 'massgen_core.plugins.v0'; this is 'massgen_core.plugins': upgrade one"
    )


def test_another_group_that_begins_alike_is_not_ours(install: Install) -> None:
    """Only a version may follow the group's name."""
    install("other", _group("other = m", ".video"))
    assert _find("other") == []


@pytest.mark.parametrize("name", ["Upper", "under_score", "1st", "x" * 33])
def test_an_illegal_name_is_reported(install: Install, name: str) -> None:
    """A plugin's name is a config section and a prefix, so its characters are limited."""
    install("odd", _group(f"{name} = m"))
    (info,) = _find(name)
    assert info.reason == "its name must be lower-case letters, digits and dashes, at most 32"


@pytest.mark.parametrize("value", ["module:object", "not a module!!", "a..b"])
def test_an_entry_point_must_name_a_module(install: Install, value: str) -> None:
    """A value that is an object, or no module at all, is reported and does not stop discovery."""
    install("odd", _group(f"odd = {value}"))
    (info,) = _find("odd")
    assert info.reason == f"its entry point must name a module, not {value!r}"


def test_broken_entry_points_hide_nobody(install: Install) -> None:
    """A distribution whose entry_points.txt is garbage is named; all the others are still found."""
    install("broken", _group("this is not a pair"))
    install("good", _group("good = good_module"))
    (broken,) = _find("broken")
    (good,) = _find("good")
    assert (broken.state, broken.stage, broken.version) == ("failed", "load", "1.2")
    assert broken.reason is not None
    assert broken.reason.startswith("its entry_points.txt cannot be read (")
    assert good.state == "enabled"


def test_garbage_that_is_not_ours_is_ignored(install: Install) -> None:
    """A broken distribution that brings no plugin is none of our business."""
    install("stranger", "[console_scripts]\nthis is not a pair\n")
    assert _find("stranger") == []


def test_a_distribution_without_metadata_is_reported(install: Install) -> None:
    """The remains of an interrupted installation are named, not loaded as if somebody had asked for them."""
    install("remains", _group("remains = m"), metadata=False)
    (info,) = _find("remains")
    assert (info.state, info.reason) == ("failed", "its distribution has no readable metadata; reinstall it")


def test_two_distributions_with_one_name(install: Install) -> None:
    """Neither is loaded, and each says who the other is and which setting chooses."""
    install("one", _group("same = one_module"))
    install("two", _group("same = two_module"))
    reason = "one, two all bring a plugin named 'same'; choose with plugins.same.distribution"
    assert [(info.state, info.stage, info.reason) for info in _find("same")] == [("conflict", "load", reason)] * 2


def test_the_config_chooses_a_distribution(install: Install) -> None:
    """`distribution` settles a conflict, however its name is spelt."""
    install("one", _group("same = one_module"))
    install("my-two", _group("same = two_module"))
    two, one = _find("same", {"same": {"distribution": "My_Two"}})
    assert (two.distribution, two.state) == ("my-two", "enabled")
    assert (one.distribution, one.state, one.reason) == ("one", "disabled", "My_Two was chosen")


def test_a_chosen_distribution_that_is_absent(install: Install) -> None:
    """A plugin from another distribution than the config wants is not used in its place."""
    install("impostor", _group("same = m"))
    (info,) = _find("same", {"same": {"distribution": "genuine"}})
    assert (info.state, info.reason) == (
        "failed",
        "plugins.same.distribution wants 'genuine'; there is only impostor",
    )


@pytest.mark.parametrize("entry", ["x = m", "x = m:object"], ids=["good", "broken"])
def test_disabled_in_the_config(install: Install, entry: str) -> None:
    """`enabled = false` switches a plugin off; a broken one is then no failure any more."""
    install("x", _group(entry))
    (info,) = _find("x", {"x": {"enabled": False}})
    assert (info.state, info.stage, info.reason) == ("disabled", None, "plugins.x.enabled = false")


def test_the_environment_selects(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """MASSGEN_PLUGINS lists what is loaded; built-in plugins stay."""
    install("two", _group("a = m\nb = m"))
    monkeypatch.setenv(ENVIRONMENT, " b ,")
    assert [(info.state, info.reason) for info in _find("a")] == [("disabled", f"not in {ENVIRONMENT}")]
    assert [info.state for info in _find("b")] == ["enabled"]
    assert [info.state for info in _find("mcp")] == ["enabled"]


def test_an_empty_selection_selects_nothing(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty MASSGEN_PLUGINS means no third-party plugin at all."""
    install("one", _group("a = m"))
    monkeypatch.setenv(ENVIRONMENT, "")
    assert [info.state for info in _find("a")] == ["disabled"]


def test_the_environment_names_what_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelt name in MASSGEN_PLUGINS is an error, unless installed plugins do not matter."""
    monkeypatch.setenv(ENVIRONMENT, "nobody")
    with pytest.raises(ConfigError, match="MASSGEN_PLUGINS: names plugins that are not installed: nobody") as caught:
        find_plugins()
    assert caught.value.cure == "See `massgen-core plugins` for what is installed."
    assert [info.name for info in find_plugins(installed=False)] == ["mcp", "media", "shell"]


def test_without_discovery_only_named_plugins_are_used(install: Install) -> None:
    """`discover = false` leaves out what the config does not name, broken ones included."""
    install("three", _group("named = m\nother = m\nbroken = m:object"))
    states = {info.name: info.state for info in find_plugins({"named": {}}, discover=False)}
    assert (states["named"], states["other"], states["broken"]) == ("enabled", "disabled", "disabled")


def test_a_one_file_plugin(tmp_path: Path) -> None:
    """A file is a plugin named after it; one that does not exist is an error with a cure."""
    file = tmp_path / "my_tools.py"
    file.touch()
    assert _find("my-tools", files=[file]) == [PluginInfo(name="my-tools", module=str(file))]
    with pytest.raises(ConfigError, match="nowhere.py: --plugin: no such file\n  Give the path of a Python file."):
        find_plugins(files=[tmp_path / "nowhere.py"])


def test_a_file_takes_the_place_of_an_installed_plugin(install: Install, tmp_path: Path) -> None:
    """An author tries a new version of an installed plugin by its file."""
    install("massgen-mine", _group("mine = m"))
    file = tmp_path / "mine.py"
    file.touch()
    mine, installed = _find("mine", files=[file])
    assert (mine.module, mine.state) == (str(file), "enabled")
    assert (installed.state, installed.reason) == ("disabled", f"{file} is used instead")


def test_two_files_of_one_name_conflict(tmp_path: Path) -> None:
    """Two files that would be the same plugin are refused, both."""
    files = [tmp_path / folder / "same.py" for folder in "ab"]
    for file in files:
        file.parent.mkdir()
        file.touch()
    assert [info.state for info in _find("same", files=files)] == ["conflict", "conflict"]


def test_a_file_with_an_unusable_name(tmp_path: Path) -> None:
    """A file whose name cannot be a plugin's is reported with the cure."""
    file = tmp_path / "1st.py"
    file.touch()
    (info,) = _find("1st", files=[file])
    assert info.reason == "a plugin cannot be named '1st'; rename the file"


def test_discovery_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that refuses discovery gets an error which says what to do instead; built-in plugins stay."""
    monkeypatch.setenv(REFUSED, "this test")
    with pytest.raises(ConfigError, match="looking for installed plugins is refused by this test") as caught:
        find_plugins()
    assert caught.value.cure == "Give the plugins' modules to `massgen_runtime(...)`, or pass `installed=False`."
    assert [info.name for info in find_plugins(installed=False)] == ["mcp", "media", "shell"]
