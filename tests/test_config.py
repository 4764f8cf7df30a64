"""A config is read whole or refused: the error names file, key and cure, and never shows a value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError

from massgen_core import STRICT, ConfigError, Settings, load_settings
from massgen_core.config import config_error


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def error_of(config: Any) -> ConfigError | None:
    try:
        load_settings(config)
    except ConfigError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.toml", "call_timeout = 5\n[plugins.x]\ny = 1\n"),
        ("a.yaml", "call_timeout: 5\nplugins: {x: {y: 1}}\n"),
        ("a.yml", "\ufeffcall_timeout: 5\nplugins: {x: {y: 1}}\n"),
        ("a.json", '{"call_timeout": 5, "plugins": {"x": {"y": 1}}}'),
        ("a.conf", "call_timeout = 5\nplugins.x.y = 1\n"),
    ],
)
def test_every_language_holds_the_same(tmp_path: Path, name: str, text: str) -> None:
    """TOML, YAML and JSON give the same settings; an unknown ending is read as TOML."""
    path = write(tmp_path, name, text)
    found = load_settings(path)
    assert (found.call_timeout, found.plugins) == (5, {"x": {"y": 1}})
    assert (found.source, found.folder) == (path, tmp_path)


def test_without_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a file the settings are empty; a default file in the current folder is found."""
    monkeypatch.chdir(tmp_path)
    empty = load_settings()
    assert (empty, empty.source, empty.folder) == (Settings(), None, tmp_path)
    write(tmp_path, "massgen.yaml", "")
    assert load_settings().source == tmp_path / "massgen.yaml"
    write(tmp_path, "massgen.toml", "")
    assert load_settings().source == tmp_path / "massgen.toml"


def test_the_folder_of_settings_without_a_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that changes its folder later does not move its lock file."""
    monkeypatch.chdir(tmp_path)
    made = Settings()
    monkeypatch.chdir("/")
    assert made.folder == tmp_path


def test_settings_and_mappings_are_taken_as_they_are() -> None:
    """What is already settings stays the same object; a mapping is validated."""
    made = Settings(strict=True)
    assert load_settings(made) is made
    assert load_settings({"strict": True}) == made


def test_mcp_clients_files_are_understood(tmp_path: Path) -> None:
    """The file of an MCP client is read for its servers; what else it keeps there is its own business."""
    servers = {"time": {"command": "uvx", "args": ["mcp-server-time"]}}
    path = write(tmp_path, "mcp.json", json.dumps({"mcpServers": servers, "globalShortcut": "Ctrl+Space"}))
    assert load_settings(path).servers == servers


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"mcpServers": {}, "servers": {}}, "mcpServers: stands beside `servers`\n  Keep one of them."),
        (
            {"mcpServers": {}, "audti": {"path": "x"}, "strict": True},
            "audti: there is no such key\n  Did you mean `audit`?",
        ),
        ({"call_timeout": "soon"}, "call_timeout: Input should be a valid number, unable to parse string as a number"),
        ({"call_timeout": 0}, "call_timeout: Input should be greater than 0"),
        ({"concurrency": 1.5}, "concurrency: Input should be a valid integer, got a number with a fractional part"),
        ({"plugins": {"x": 3}}, "plugins.x: Input should be a valid dictionary"),
        (
            {"agents": {"a": {"allow": ["fly"]}}},
            "agents.a.allow.0: Input should be 'read', 'write', 'delete', 'execute' or 'network'",
        ),
        ({"audit": {}}, "audit.path: Field required"),
        ({"audit": {"path": "x", "pth": "y"}}, "audit.pth: there is no such key\n  Did you mean `path`?"),
        ({"audit": {"path": "x", "zzz": 1}}, "audit.zzz: there is no such key\n  There are: path, required."),
        ({"agents": {"a": {"alow": []}}}, "agents.a.alow: there is no such key\n  Did you mean `allow`?"),
        (
            {"strct": 1, "call_timeout": "x"},
            "call_timeout: Input should be a valid number, unable to parse string as a number\n"
            "  also strct: there is no such key (Did you mean `strict`?)",
        ),
    ],
)
def test_a_wrong_key_is_named(tmp_path: Path, data: dict[str, Any], message: str) -> None:
    """An unknown key, a wrong type, a missing value: the error says which, where, and what to do."""
    with pytest.raises(ConfigError) as caught:
        load_settings(data)
    assert str(caught.value) == message
    path = write(tmp_path, "massgen.json", json.dumps(data))
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value) == f"{path}: {message}"
    assert (caught.value.file, caught.value.__cause__) == (str(path), None)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.toml", "x = \n", "is not valid TOML: Invalid value (at line 1, column 5)"),
        ("a.toml", "[a]\n[a]\n", "is not valid TOML: Cannot declare … twice (at line 2, column 3)"),
        ("a.yaml", "a: [1\nb: 2\n", "is not valid YAML: expected … (at line 2, column 2)"),
        ("a.yaml", "a: *sk-1\n", "is not valid YAML: found undefined alias … (at line 1, column 4)"),
        ("a.yaml", "a: !!int sk-1\n", "is not valid YAML: a value in it is malformed (ValueError)"),
        ("a.yaml", "a: !!bool sk-1\n", "is not valid YAML: a value in it is malformed (KeyError)"),
        ("a.json", '{"a": 1,}', "is not valid JSON: "),
        ("a.json", "[" * 100_000, "is not valid JSON: a value in it is malformed (RecursionError)"),
        ("a.json", "[1]", "must hold a mapping at its top"),
    ],
)  # fmt: skip
def test_a_broken_file(tmp_path: Path, name: str, text: str, message: str) -> None:
    """A file that cannot be parsed: which, what is wrong and where, without quoting it."""
    path = write(tmp_path, name, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert str(caught.value).startswith(f"{path}: {message}"), str(caught.value)
    assert "sk-1" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a folder, and bytes that are no text each have their own words."""
    with pytest.raises(ConfigError, match=r"no\.toml: no such file\n  Write one with `massgen-core init`\."):
        load_settings(tmp_path / "no.toml")
    with pytest.raises(ConfigError, match="cannot be read: "):
        load_settings(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"bytes\.toml: cannot be read: 'utf-8' codec can't decode"):
        load_settings(tmp_path / "bytes.toml")


def test_settings_do_not_show_what_may_be_secret() -> None:
    """The settings of plugins and servers, where secrets are, are not part of the settings' text."""
    made = load_settings({"plugins": {"x": {"key": "sk-1"}}, "servers": {"y": {"env": {"TOKEN": "sk-2"}}}})
    assert "sk-" not in repr(made)
    assert "sk-" not in str(made)


class _Token(BaseModel):
    kind: Literal["token"]
    token: str = Field(pattern="^tok_")


class _Login(BaseModel):
    kind: Literal["login"]
    port: int


class _Section(BaseModel):
    model_config = STRICT

    api_key: str = Field(min_length=1000)
    number: int = 0
    way: _Token | _Login | None = Field(default=None, discriminator="kind")
    ways: dict[str, list[_Token]] = {}


SECRET = "sk-ant-9f8e7d"
SHAPES = st.recursive(
    st.just(SECRET) | st.integers() | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["api_key", "number", "way", "kind", "token", "port", "ways", "x"]), inner)
    ),
    max_leaves=8,
)


@given(data=st.dictionaries(st.sampled_from(["api_key", "api_kye", "number", "way", "ways"]), SHAPES))
@example(data={"way": {"kind": SECRET}})
def test_an_error_of_a_section_never_shows_a_value(data: dict[str, Any]) -> None:
    """Whatever stands where in a plugin's section, no error says the value."""
    with pytest.raises(ValidationError) as caught:
        _Section.model_validate(data)
    error = config_error(caught.value, file="f", prefix="plugins.x")
    assert SECRET not in str(error)
    assert SECRET not in repr(vars(error))


@given(data=st.dictionaries(st.sampled_from(list(Settings.model_fields)), SHAPES))
def test_an_error_of_the_settings_never_shows_a_value(data: dict[str, Any]) -> None:
    """Whatever stands where in the config, no error says the value."""
    error = error_of(data)
    assert error is None or SECRET not in str(error)


@pytest.mark.parametrize("name", ["a.toml", "a.yaml", "a.json"])
@given(before=st.text(st.sampled_from("ab:=[]{}\"'!&*%@`|>-#,\n \t"), max_size=12), after=st.text(max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(before="api_key: '", after="\n  b: *")
def test_a_broken_file_is_never_quoted(tmp_path: Path, name: str, before: str, after: str) -> None:
    """However a file is broken, the error does not repeat a value from it."""
    assume("\0" not in after)
    path = tmp_path / name
    path.write_text(before + SECRET + after, encoding="utf-8", errors="replace")
    error = error_of(path)
    assert error is None or SECRET not in str(error).replace(error.key or "", "")
