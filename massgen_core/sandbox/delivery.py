"""What the settings of a secret mean on a network: how the sandbox gets it, and which hosts may."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from massgen_core.sandbox.network import AllowList, NetworkWord, Rule
from massgen_core.sandbox.secrets import VARIABLE, SandboxSecret, SecretSettings, SecretUse

Network = NetworkWord | AllowList


def sandbox_secret(name: str, value: str, settings: SecretSettings, network: Network) -> SandboxSecret:
    """A secret as a backend takes it, by settings in which `secret_problems` finds nothing."""
    use = use_of(settings, network)
    if use != "placeholder":
        return SandboxSecret(name=name, value=value, use=use)
    return SandboxSecret(
        name=name, value=value, use=use, hosts=settings.hosts or exact_hosts(network), headers=settings.headers
    )


def use_of(settings: SecretSettings, network: Network) -> SecretUse:
    """How a sandbox gets a secret: as is written, else as a placeholder where a rule speaks TLS, else as a file."""
    if settings.use is not None:
        return settings.use
    return "placeholder" if any(rule.kind == "tls" for rule in _rules(network)) else "file"


def exact_hosts(network: Network) -> tuple[str, ...]:
    """The hosts that get a secret where none are named: those that a rule names in full and speaks TLS with."""
    named = (rule.host for rule in _rules(network) if rule.kind == "tls" and not rule.wildcard)
    return tuple(dict.fromkeys(named))


def secret_problems(
    secrets: Mapping[str, SecretSettings], network: Network, env: Collection[str] = ()
) -> Iterator[str]:
    """What is wrong with the secrets of one sandbox, each with its cure."""
    yield from _name_problems(secrets, network, env)
    for name, settings in secrets.items():
        placeholder = use_of(settings, network) == "placeholder"
        for problem in _placeholder_problems(settings, network) if placeholder else _plain_problems(settings, network):
            yield f"`secrets.{name}`: {problem}"


def _name_problems(secrets: Mapping[str, SecretSettings], network: Network, env: Collection[str]) -> Iterator[str]:
    """Names that are no variable's, and variables that are set twice."""
    owners = {variable: "`env`" for variable in env}
    for name, settings in secrets.items():
        if not VARIABLE.fullmatch(name):
            yield "`secrets`: a name must be that of a variable: letters, digits and `_`, no digit first"
            continue
        is_file = use_of(settings, network) == "file"
        for variable in (name, f"{name}_FILE") if is_file else (name,):
            if (owner := owners.setdefault(variable, f"`secrets.{name}`")) != f"`secrets.{name}`":
                yield f"`secrets.{name}`: {owner} sets the variable {variable} already; rename one of them"


def _plain_problems(settings: SecretSettings, network: Network) -> Iterator[str]:
    """Keys that only mean something for a placeholder."""
    for key in ("hosts", "headers"):
        if key in settings.model_fields_set and getattr(settings, key) is not None:
            cure = "remove `as`" if settings.use and exact_hosts(network) else "set `network` to a list of TLS hosts"
            yield f"`{key}` only goes with a placeholder; {cure}, or remove `{key}`"


def _placeholder_problems(settings: SecretSettings, network: Network) -> Iterator[str]:
    if not isinstance(network, AllowList):
        yield (
            "a placeholder is replaced by the proxy of an allow-list; "
            'set `network` to a list of hosts, or write `as = "file"`'
        )
        return
    if settings.hosts is None and not exact_hosts(network):
        yield 'say in `hosts` who gets it: `network` names no single host that speaks TLS; or write `as = "file"`'
    for host in settings.hosts or ():
        kinds = {rule.kind for rule in network.rules if _covers(rule, host)}
        if "http" in kinds and "tls" not in kinds:
            yield (
                f"`hosts`: `network` reaches {host} by plain HTTP, where anybody on the way would read the secret; "
                f'use TLS (name {host!r} without `http://`), or write `as = "file"`'
            )
        elif "tls" not in kinds:
            yield f"`hosts`: no rule of `network` lets {host} through by TLS; add {host!r} to it"


def _covers(rule: Rule, host: str) -> bool:
    """Whether all that a host stands for is allowed by a rule."""
    if host.startswith("*."):
        return rule.wildcard and host.endswith(rule.host[1:])
    return rule.matches(host, rule.port)


def _rules(network: Network) -> Sequence[Rule]:
    return network.rules if isinstance(network, AllowList) else ()
