"""Tests of the section of a server: what is refused, and what the words say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from massgen_core.config import config_error
from massgen_core.mcp.plugin import massgen_providers
from massgen_core.mcp.settings import McpConfig
from massgen_core.sandbox import SandboxBackend
from massgen_core.tools import Service

HOST = {"command": "python", "sandbox": "none"}


def config(**servers: Any) -> McpConfig:
    return McpConfig.model_validate({"servers": servers})


def refusal(**server: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        config(toy=server)
    return str(config_error(caught.value))


@pytest.mark.parametrize(
    ("server", "words"),
    [
        ({}, "servers.toy: names nothing to run; set one of `package`, `image`, `command` or `url`"),
        ({"url": "http://x", "command": "y"}, "`command` and `url` are both set; keep one of them"),
        ({"package": "uvx:x", "image": "y"}, "`package` and `image` are both set; keep one of them"),
        ({"url": "ftp://x"}, "servers.toy.url: "),
        ({"url": "http://x", "type": "sse"}, "the old HTTP+SSE transport is not supported"),
        ({"url": "http://x", "env": {"A": "b"}}, "`env` has no effect on a server behind `url`"),
        ({"url": "http://x", "memory": "1GiB"}, "`memory` has no effect on a server behind `url`"),
        ({**HOST, "headers": {"A": "b"}}, "`headers` has no effect without `url`"),
        ({**HOST, "memory": "1GiB"}, "`memory` is not enforced without a sandbox"),
        ({**HOST, "network": "none"}, "`network` is not enforced without a sandbox"),
        ({"image": "x", "sandbox": "none"}, "`image` needs a sandbox"),
        ({**HOST, "extras": ["x"]}, "`extras` only go with a package"),
        ({"image": "x", "system": ["git"]}, "`system` only goes with a package"),
        ({"package": "uvx:x", "system": ["Git"]}, "'Git' is not the name of a Debian package"),
        ({"url": "http://x", "system": ["git"]}, "`system` has no effect on a server behind `url`"),
        ({**HOST, "disabled": True, "enabled": True}, "`enabled` and `disabled` contradict each other"),
        ({**HOST, "prefix": "a b"}, "servers.toy.prefix: must be 1 to 32 letters"),
        ({**HOST, "comand": "x"}, "servers.toy.comand: there is no such key"),
        ({"image": "x", "user": "root"}, "servers.toy.user: "),
        ({"image": "x", "memory": "1KiB"}, "servers.toy.memory: "),
        ({"url": "http://x", "scope": "session"}, "`scope` has no effect on a server behind `url`"),
        ({"url": "http://x", "warm": 1}, "`warm` has no effect on a server behind `url`"),
        ({"image": "x", "scope": "call"}, "servers.toy.scope: "),
        ({"image": "x", "warm": 2}, '`warm` is for servers that each session has for itself; set `scope = "session"`'),
        ({"image": "x", "warm_age": 2}, "`warm_age` is for servers that each session has for itself"),
        ({"image": "x", "scope": "session", "warm": -1}, "servers.toy.warm: "),
        ({"image": "x", "scope": "session", "warm_age": 0}, "servers.toy.warm_age: "),
        ({"image": "x", "health_interval": 0}, "servers.toy.health_interval: "),
        ({**HOST, "scope": "session", "warm_frozen": True}, "`warm_frozen` is not enforced without a sandbox"),
        ({**HOST, "scope": "session", "workspace": "session"}, "`workspace` is not enforced without a sandbox"),
        ({"image": "x", "workspace": "session"}, "a folder of that name is written `./session`"),
        (
            {"image": "x", "scope": "session", "workspace": "session", "mounts": {"/workspace": "."}},
            "remove `mounts./workspace`, or `workspace`",
        ),
        (
            {"image": "x", "scope": "session", "workspace": "session", "tmpfs": {"/workspace": "1MiB"}},
            "remove `tmpfs./workspace`, or `workspace`",
        ),
    ],
)
def test_a_wrong_section_is_refused_in_words(server: dict[str, Any], words: str) -> None:
    """The error names the server, the key and the cure."""
    assert words in refusal(**server)


def test_values_of_env_and_headers_are_never_shown() -> None:
    """Neither in errors nor when the settings are printed."""
    assert "s3cret" not in refusal(command="python", sandbox="none", env={"A": "s3cret"}, odd="s3cret")
    shown = repr(
        config(a={**HOST, "env": {"A": "s3cret"}}, b={"url": "http://x/?key=s3cret", "headers": {"B": "s3cret"}})
    )
    assert "s3cret" not in shown


def test_names_that_cannot_begin_tool_names_need_a_prefix() -> None:
    """A name is never changed silently."""
    with pytest.raises(ValidationError, match=r"servers\.my server: the name cannot begin tool names; set `prefix`"):
        config(**{"my server": HOST})
    assert config(**{"my server": {**HOST, "prefix": "mine"}}).servers["my server"].prefix == "mine"
    with pytest.raises(ValidationError, match=r"servers\.b: `prefix` 'a' is taken by servers.a"):
        config(a=HOST, b={**HOST, "prefix": "a"})
    with pytest.raises(ValidationError, match=r"servers\.a_b: `prefix` 'a_b' is taken by servers.a-b"):
        config(**{"a-b": HOST, "a_b": HOST})


def test_limits_stand_in_the_section_itself() -> None:
    """`memory = "256MiB"` needs no table of its own."""
    server = config(toy={"image": "x", "memory": "256MiB", "network": "open"}).servers["toy"]
    assert server.limits.memory == 256 * 1024 * 1024
    assert server.limits.network == "open"
    assert type(server.limits).__name__ == "SandboxLimits"


def test_keys_of_other_clients_are_understood_or_ignored() -> None:
    """`type` and `disabled` mean what they say there; approval keys are ignored, by name."""
    servers = config(
        on={**HOST, "type": "stdio", "autoApprove": ["x"], "alwaysAllow": []}, off={**HOST, "disabled": True}
    ).servers
    assert servers["on"].ignored == ("autoApprove", "alwaysAllow")
    assert [provider.name for provider in massgen_providers(McpConfig(servers=servers))] == ["on"]


def test_each_server_is_a_provider_that_asks_for_its_sandbox() -> None:
    """Without a sandbox nothing is required; limits of calls are handed to the runtime."""
    providers = massgen_providers(
        config(
            a={"image": "x", "call_timeout": 5, "concurrency": 2, "required": False},
            b={**HOST, "prefix": "bee", "start_timeout": 3},
            c={"url": "http://x"},
            d={"image": "x", "enabled": False},
        )
    )
    assert [(provider.name, provider.prefix) for provider in providers] == [("a", "a"), ("b", "bee"), ("c", "c")]
    assert [list(provider.requires) for provider in providers] == [[Service(SandboxBackend, "docker")], [], []]
    assert (providers[0].call_timeout, providers[0].concurrency, providers[0].required) == (5, 2, False)
    assert providers[1].start_timeout == 4


def test_the_memory_of_those_that_wait_is_a_size() -> None:
    """The error names the key."""
    with pytest.raises(ValidationError) as caught:
        McpConfig.model_validate({"warm_memory": "much"})
    assert str(config_error(caught.value, prefix="plugins.mcp")).startswith("plugins.mcp.warm_memory: is not a size")


def test_a_folder_called_session_can_be_mounted() -> None:
    """Written as a path it is an ordinary folder, with either scope."""
    for scope in ("runtime", "session"):
        server = config(toy={"image": "x", "scope": scope, "workspace": "./session"}).servers["toy"]
        assert server.session_workspace is None
