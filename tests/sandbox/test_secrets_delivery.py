"""What the settings of secrets mean on each network, and which of them contradict each other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from massgen_core.config import config_error
from massgen_core.mcp.settings import McpConfig, ServerSettings
from massgen_core.sandbox import SandboxSecret
from massgen_core.sandbox.delivery import sandbox_secret

LIST = [
    "api.example.com",
    "api.example.com:8443",
    "*.example.org",
    "http://plain.example.com",
    "tcp://db.example.com:5432",
]
TOKEN = {"from": "env:TOKEN"}


def server(**settings: Any) -> ServerSettings:
    return McpConfig.model_validate({"servers": {"toy": {"image": "x", **settings}}}).servers["toy"]


def delivered(secret: Any, network: Any = "none") -> SandboxSecret:
    """How a sandbox would get one secret."""
    toy = server(secrets={"TOKEN": secret}, network=network)
    return sandbox_secret("TOKEN", "s3cret-value", toy.secrets["TOKEN"], toy.network)


def refusal(**settings: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        server(**settings)
    return str(config_error(caught.value))


@pytest.mark.parametrize("network", ["none", "open", ["tcp://db.example.com:5432"], ["http://plain.example.com"]])
def test_a_secret_is_a_file_where_no_proxy_ends_in_tls(network: Any) -> None:
    """The default where nothing could replace a placeholder, or only on a line that anybody reads."""
    assert delivered("env:TOKEN", network) == SandboxSecret(name="TOKEN", value="s3cret-value", use="file")


def test_a_secret_is_a_placeholder_where_hosts_are_listed() -> None:
    """It goes to the hosts that the list names in full with TLS, in the usual headers."""
    assert delivered("env:TOKEN", LIST) == SandboxSecret(
        name="TOKEN",
        value="s3cret-value",
        use="placeholder",
        hosts=("api.example.com",),
        headers=("authorization", "x-api-key"),
    )


def test_hosts_and_headers_narrow_a_placeholder() -> None:
    """They are compared in lower case; a name below a wildcard may stand alone, a wildcard only where it is written."""
    secret = delivered({**TOKEN, "hosts": ["A.Example.ORG.", "*.example.org"], "headers": ["X-Token"]}, LIST)
    assert (secret.hosts, secret.headers) == (("a.example.org", "*.example.org"), ("x-token",))
    both = [*LIST, "plain.example.com"]
    assert delivered({**TOKEN, "hosts": ["plain.example.com"]}, both).hosts == ("plain.example.com",)


@pytest.mark.parametrize("use", ["file", "env"])
@pytest.mark.parametrize("network", ["none", LIST])
def test_what_is_written_counts(use: str, network: Any) -> None:
    """`as` decides on every network."""
    secret = delivered({**TOKEN, "as": use}, network)
    assert (secret.use, secret.hosts, secret.headers) == (use, (), ())


@pytest.mark.parametrize(
    ("secret", "network", "words"),
    [
        (
            {**TOKEN, "as": "placeholder"},
            "none",
            "a placeholder is replaced by the proxy of an allow-list; set `network`",
        ),
        ({**TOKEN, "as": "placeholder"}, "open", 'or write `as = "file"`'),
        ({**TOKEN, "as": "placeholder"}, ["http://a.example.com"], "say in `hosts` who gets it"),
        (TOKEN, ["*.example.org"], "say in `hosts` who gets it: `network` names no single host"),
        ({**TOKEN, "hosts": ["b.example.com"]}, LIST, "no rule of `network` lets b.example.com through by TLS; add"),
        ({**TOKEN, "hosts": ["example.org"]}, LIST, "add 'example.org' to it"),
        ({**TOKEN, "hosts": ["*.example.com"]}, LIST, "no rule of `network` lets *.example.com through"),
        ({**TOKEN, "hosts": ["db.example.com"]}, LIST, "no rule of `network` lets db.example.com through by TLS"),
        (
            {**TOKEN, "hosts": ["plain.example.com"]},
            LIST,
            "`network` reaches plain.example.com by plain HTTP, where anybody on the way would read the secret",
        ),
        ({**TOKEN, "hosts": ["plain.example.com"]}, LIST, 'without `http://`), or write `as = "file"`'),
        ({**TOKEN, "hosts": ["api.example.com"]}, "open", "`hosts` only goes with a placeholder; set `network`"),
        ({**TOKEN, "headers": ["x"], "as": "file"}, LIST, "`headers` only goes with a placeholder; remove `as`"),
        ({**TOKEN, "hosts": ["api.example.com:443"]}, LIST, "write the host alone, without a scheme or port"),
        ({**TOKEN, "hosts": []}, LIST, "servers.toy.secrets.TOKEN.hosts: "),
        ({**TOKEN, "headers": ["x y"]}, LIST, "'x y' is no name of a header"),
        ({**TOKEN, "headers": ["Host"]}, LIST, "the header 'Host' frames a message and cannot hold a secret"),
        ({**TOKEN, "as": "variable"}, LIST, "servers.toy.secrets.TOKEN.as: "),
        ({**TOKEN, "form": 1}, LIST, "servers.toy.secrets.TOKEN.form: there is no such key"),
        ({}, LIST, "servers.toy.secrets.TOKEN.from: Field required"),
        ("s3cret-value", "none", "servers.toy.secrets.TOKEN.from: must say where the secret is kept: `env:NAME`"),
        ("env:", "none", "must say where the secret is kept"),
        ("env:s3cret-value", "none", "`env:` takes the name of a variable; the secret itself does not belong"),
        ("keyring:service", "none", "`keyring:` takes a service and a user: `keyring:SERVICE/USER`"),
        ("keyring:service/", "none", "`keyring:` takes a service and a user"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_with_a_cure(secret: Any, network: Any, words: str) -> None:
    """Before anything starts; what could be the secret itself is not repeated."""
    said = refusal(secrets={"TOKEN": secret}, network=network)
    assert words in said
    assert "s3cret" not in said
    assert "servers.toy" in said
    assert "TOKEN" in said


@pytest.mark.parametrize(
    ("secrets", "env", "network", "words"),
    [
        (["1A"], [], "none", "`secrets`: a name must be that of a variable"),
        (["A-B"], [], "none", "`secrets`: a name must be that of a variable"),
        (["A"], ["A"], LIST, "`secrets.A`: `env` sets the variable A already; rename one of them"),
        (["A"], ["A_FILE"], "none", "`secrets.A`: `env` sets the variable A_FILE already"),
        (["A", "A_FILE"], [], "none", "`secrets.A_FILE`: `secrets.A` sets the variable A_FILE already"),
        (["A_FILE", "A"], [], "none", "`secrets.A`: `secrets.A_FILE` sets the variable A_FILE already"),
    ],
)
def test_no_variable_is_set_twice(secrets: list[str], env: list[str], network: Any, words: str) -> None:
    """The variable that leads to a secret is its name, or its name and `_FILE`."""
    said = refusal(secrets=dict.fromkeys(secrets, "env:X"), env=dict.fromkeys(env, "y"), network=network)
    assert words in said


def test_names_that_only_look_alike_may_stand_together() -> None:
    """A placeholder needs no second variable."""
    assert server(secrets={"A": "env:X", "A_FILE": "env:X"}, network=LIST, env={"B_FILE": "x"}).secrets


def test_without_a_sandbox_the_cure_is_env() -> None:
    """A server on the host has no place that it could not read anyway."""
    said = refusal(image=None, command="python", sandbox="none", secrets={"A": "env:X"})
    assert "`secrets` are kept outside of a sandbox, and there is none; set the variables in `env`" in said
    assert "`secrets` has no effect on a server behind `url`" in refusal(
        image=None, url="http://x", secrets={"A": "env:X"}
    )


LABEL = st.text("abcxyz0-", min_size=1, max_size=6).filter(
    lambda text: not text.startswith("-") and not text.endswith("-")
)
HOST = st.lists(LABEL, min_size=1, max_size=3).map(lambda labels: ".".join([*labels, "example"]))
RULE = st.one_of(HOST, HOST.map("*.{}".format), HOST.map("http://{}".format), HOST.map("tcp://{}:5432".format))


@given(
    allow=st.lists(RULE, min_size=1, max_size=6, unique=True), hosts=st.none() | st.lists(HOST, min_size=1, max_size=3)
)
def test_a_placeholder_only_goes_where_a_rule_leads(allow: list[str], hosts: list[str] | None) -> None:
    """Whatever is listed: settings are refused, or every host that gets the secret is allowed by a rule."""
    try:
        secret = delivered(TOKEN if hosts is None else {**TOKEN, "hosts": hosts}, allow)
    except ValidationError:
        return
    rules = server(network=allow).network.rules  # pyright: ignore[reportAttributeAccessIssue]
    for host in secret.hosts:
        assert any(rule.matches(host, rule.port) and rule.kind == "tls" for rule in rules)
        assert hosts is not None or not host.startswith("*.")
    assert (secret.use == "placeholder") == bool(secret.hosts)


@pytest.mark.parametrize("kind", ["env", "file", "keyring", "command"])
def test_the_value_is_in_no_repr(kind: str) -> None:
    """Neither of the settings, which hold no value, nor of what a backend gets."""
    toy = server(secrets={"TOKEN": f"{kind}:a/b" if kind != "env" else "env:A"})
    secret = sandbox_secret("TOKEN", "s3cret-value", toy.secrets["TOKEN"], toy.network)
    assert "s3cret-value" not in repr(secret)
    assert secret.path == "/run/secrets/TOKEN"
