"""Which rule allows a destination; where none does, what is said about it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from massgen_core.sandbox.network import AllowList, Rule, RuleKind, is_address

_WORDS: dict[RuleKind, str] = {"tls": "TLS", "http": "plain HTTP", "tcp": "plain TCP"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A connection that was refused, and what would allow it.

    ``rule`` is what `network.allow` would have to name, ``private`` the range that `network.private` would; neither
    where no setting can help. The address in ``private`` is for the host's log, never for the sandbox. The port is 0
    where ``host`` is no host in its normal form, only what was said.
    """

    host: str
    port: int
    reason: str
    rule: str | None = None
    private: str | None = None

    def __str__(self) -> str:
        return self._sentence(f'`network.private` with "{self.private}"' if self.private else None)

    @property
    def answer(self) -> str:
        """The sentence as the sandbox may read it."""
        return self._sentence("`network.private`" if self.private else None)

    def _sentence(self, setting: str | None) -> str:
        place = f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
        place = place if self.port else self.host
        setting = f'`network.allow` with "{self.rule}"' if self.rule else setting
        return f"egress denied: {place} {self.reason}" + (f"; {setting} would allow it" if setting else "")


class Policy:
    """The rules of one allow-list; a rule that names a host goes before one that stands for many."""

    def __init__(self, allow: AllowList) -> None:
        self._rules = sorted(allow.rules, key=lambda rule: rule.wildcard)

    @property
    def targets(self) -> Sequence[Rule]:
        """The rules for one host that has a name: each can have a listener of its own."""
        return tuple(rule for rule in self._rules if not rule.wildcard and not is_address(rule.host))

    def decide(self, host: str, port: int, kinds: Collection[RuleKind]) -> Rule | Denial:
        """The rule that allows a host (in its normal form) and port to one of these kinds of traffic."""
        rule = next((rule for rule in self._rules if rule.matches(host, port)), None)
        if rule is None:
            wanted = Rule(kind="http" if "http" in kinds else "tls", host=host, port=port)
            return Denial(host=host, port=port, reason="is not on the list", rule=str(wanted))
        if rule.kind not in kinds:
            asked = " or ".join(_WORDS[kind] for kind in sorted(kinds, reverse=True))
            return Denial(host=host, port=port, reason=f"is allowed for {_WORDS[rule.kind]}, not for {asked}")
        return rule


def not_tls(host: str, port: int) -> Denial:
    """What is said about a client that speaks something else where TLS is allowed, or waits for a greeting."""
    plain = None if is_address(host) else str(Rule(kind="tcp", host=host, port=port))
    return Denial(host=host, port=port, reason="is allowed for TLS, and no TLS hello came", rule=plain)


def misnamed(host: str, port: int, name: str | None) -> Denial:
    """What is said about a client that asked for one server and greets another, or none."""
    greeted = f"{name[:255]!r}" if name else "no server"
    return Denial(host=host, port=port, reason=f"is what was asked for, but the TLS hello names {greeted}")
