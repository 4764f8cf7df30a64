"""The one way out of a sandbox with an allow-list: every connection is decided, dialled and carried here."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio.abc import ByteStream

from massgen_core.egress.addresses import Address, Addresses, Resolve
from massgen_core.egress.dialling import Dial, Unreachable, dial_first, dial_tcp
from massgen_core.egress.exchange import intercept, relay_requests
from massgen_core.egress.hello import NoHello, read_hello
from massgen_core.egress.policy import Denial, Policy, misnamed, not_tls
from massgen_core.egress.refusals import GONE, Refusal, denied, farewell, http_answer, tls_answer
from massgen_core.egress.relay import relay, while_moving
from massgen_core.egress.requests import await_request, read_request
from massgen_core.egress.streams import PrefixedStream
from massgen_core.egress.swap import Swaps
from massgen_core.egress.thrift import MOST_DIALLED
from massgen_core.sandbox.network import AllowList, Rule, RuleKind
from massgen_core.sandbox.secrets import SandboxSecret

if TYPE_CHECKING:
    from massgen_core.egress.authority import Authority

MOST_CONNECTIONS = 256
HELLO_SECONDS = 10.0
CLOSE_SECONDS = 5.0

_Talk = Callable[[ByteStream], Awaitable[None]]
_Answer = Callable[[Refusal], bytes]
_ANSWERS: Mapping[RuleKind, _Answer] = {"tls": tls_answer, "http": http_answer, "tcp": lambda refusal: b""}
"""How a client is told; in plain TCP nobody knows what would be understood."""

_TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
_log = logging.getLogger(__name__)


class Egress:
    """What one sandbox may reach, and the conversations that lead there.

    Each connection is on its own: what goes wrong on one ends that one, and nothing but cancellation leaves here.
    Without ``inspect`` the name in TLS is checked and what is said inside is not: who serves several names behind one
    may answer for another. Encrypted Client Hello (RFC 9849) hides the name that is meant behind the one that is
    checked; where TLS ends here, nobody reads that, and the name that was checked is the one that counts.
    """

    def __init__(
        self,
        allow: AllowList,
        *,
        secrets: Sequence[SandboxSecret] = (),
        authority: Authority | None = None,
        report: Callable[[Denial], None],
        resolve: Resolve | None = None,
        dial: Dial = dial_tcp,
    ) -> None:
        """Take the rules and, for hosts that are inspected, the authority that the sandbox trusts.

        Without one such hosts are refused. ``report`` hears of each denial.

        Raises:
            ConfigError: A secret cannot stand in a header.
        """
        self._policy = Policy(allow)
        self._addresses = Addresses(allow, resolve)
        self._inspect = allow.inspect
        self._swaps = Swaps(secrets)
        self._authority = authority
        self._report = report
        self._dial = dial
        self._dialled = anyio.CapacityLimiter(MOST_DIALLED)
        self._open = 0

    @property
    def targets(self) -> Sequence[Rule]:
        """The rules for one host with a name: each can have a listener of its own, for `serve_target`."""
        return self._policy.targets

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables with placeholders that the sandbox gets in place of secrets."""
        return self._swaps.environment

    async def serve_proxy(self, client: ByteStream) -> None:
        """Serve a client that speaks to an HTTP proxy, to the end of its connection."""
        await self._serve(client, self._proxy, http_answer)

    async def serve_target(self, client: ByteStream, rule: Rule) -> None:
        """Serve a client that believes it speaks to the host of one of `targets`, to the end of its connection."""
        talk = {"tls": self._target_tls, "http": self._target_http, "tcp": self._target_tcp}[rule.kind]
        await self._serve(client, partial(talk, rule=rule), _ANSWERS[rule.kind])

    async def _serve(self, client: ByteStream, talk: _Talk, answer: _Answer) -> None:
        self._open += 1
        try:
            await self._talk(client, talk if self._open <= MOST_CONNECTIONS else _full, answer)
        except GONE:
            return
        except Exception:  # the boundary: a mistake of ours on one connection must not reach another
            _log.exception("a connection out of a sandbox ended by a mistake in massgen-core")
        finally:
            self._open -= 1
            with anyio.move_on_after(CLOSE_SECONDS), suppress(*GONE):
                await client.aclose()

    async def _talk(self, client: ByteStream, talk: _Talk, answer: _Answer) -> None:
        try:
            await talk(client)
        except Refusal as refusal:
            if refusal.denial is not None:
                self._report(refusal.denial)
            await farewell(client, answer(refusal))

    async def _proxy(self, client: ByteStream) -> None:
        request = await read_request(client)
        rule = self._decide(request.host, request.port, request.kinds)
        async with await self._reach(request.host, request.port) as upstream:
            ahead = PrefixedStream(client, request.data)
            if rule.kind == "http":
                await self._carry_requests(ahead, upstream, request.host, request.port)
                return
            await client.send(_TUNNEL)
            await self._talk(ahead, partial(self._tunnel, upstream, rule, request.host), _ANSWERS[rule.kind])

    async def _tunnel(self, upstream: ByteStream, rule: Rule, host: str, client: ByteStream) -> None:
        if rule.kind == "tcp":
            await while_moving(relay, client, upstream)
        else:
            await self._carry_tls(await self._greeted(client, host, rule.port), upstream, host, rule.port)

    async def _target_tls(self, client: ByteStream, rule: Rule) -> None:
        self._decide(rule.host, rule.port, {"tls"})
        async with await self._reach(rule.host, rule.port) as upstream:  # meanwhile the client greets
            await self._carry_tls(await self._greeted(client, rule.host, rule.port), upstream, rule.host, rule.port)

    async def _target_http(self, client: ByteStream, rule: Rule) -> None:
        self._decide(rule.host, rule.port, {"http"})
        client = await await_request(client)
        async with await self._reach(rule.host, rule.port) as upstream:
            await self._carry_requests(client, upstream, rule.host, rule.port)

    async def _target_tcp(self, client: ByteStream, rule: Rule) -> None:
        self._decide(rule.host, rule.port, {"tcp"})
        async with await self._reach(rule.host, rule.port) as upstream:
            await while_moving(relay, client, upstream)

    def _decide(self, host: str, port: int, kinds: Collection[RuleKind]) -> Rule:
        decision = self._policy.decide(host, port, kinds)
        if isinstance(decision, Denial):
            raise denied(decision)
        if decision.kind == "tls" and self._inspects(host) and self._authority is None:
            reason = "is to be inspected, and there is no authority that this sandbox would trust"
            raise denied(Denial(host=host, port=port, reason=reason))
        return decision

    def _inspects(self, host: str) -> bool:
        return self._inspect or self._swaps.needed(host)

    async def _dial_in_turn(self, address: Address, port: int) -> ByteStream:
        async with self._dialled:
            return await self._dial(address, port)

    async def _reach(self, host: str, port: int) -> ByteStream:
        addresses = await self._addresses.of(host, port)
        try:
            return await dial_first(addresses, port, self._dial_in_turn)
        except Unreachable as error:
            raise Refusal(502, f"the host {host} {error} (port {port})") from None

    async def _greeted(self, client: ByteStream, host: str, port: int) -> ByteStream:
        """The client with its hello in front again, once that has named the host."""
        try:
            with anyio.fail_after(HELLO_SECONDS):
                hello = await read_hello(client)
        except (NoHello, TimeoutError):
            raise denied(not_tls(host, port)) from None
        if not hello.names(host):
            raise denied(misnamed(host, port, hello.server_name))
        return PrefixedStream(client, hello.data)

    async def _carry_tls(self, client: ByteStream, upstream: ByteStream, host: str, port: int) -> None:
        authority = self._authority
        if not self._inspects(host):
            await while_moving(relay, client, upstream)
        elif authority is not None:  # else `_decide` has refused
            deny = partial(self._deny, host, port)

            async def carry(client: ByteStream, upstream: ByteStream) -> None:
                ready = partial(_ready, upstream)
                await intercept(client, ready, host=host, port=port, authority=authority, swaps=self._swaps, deny=deny)

            await while_moving(carry, client, upstream)

    async def _carry_requests(self, client: ByteStream, upstream: ByteStream, host: str, port: int) -> None:
        deny = partial(self._deny, host, port)
        carry = partial(relay_requests, host=host, port=port, scheme="http", swaps=self._swaps, deny=deny)
        await while_moving(carry, client, upstream)

    def _deny(self, host: str, port: int, reason: str) -> None:
        self._report(Denial(host=host, port=port, reason=f"went no further: {reason}"))


async def _full(client: ByteStream) -> None:
    raise Refusal(503, f"{MOST_CONNECTIONS} connections are open already")


async def _ready(stream: ByteStream) -> ByteStream:
    return stream
