"""The heads of HTTP messages: what a request must look like, and what of it is passed on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import h11

from massgen_core.egress.refusals import Refusal
from massgen_core.egress.swap import Swaps

Scheme = Literal["http", "https"]

_USUAL_PORT: dict[Scheme, int] = {"http": 80, "https": 443}
_ABSOLUTE = re.compile(rb"(https?)://([^/?#]*)(/[^#]*|\?[^#]*|)", re.IGNORECASE)
_REFLECTING = frozenset({b"TRACE", b"TRACK"})
_OWN = frozenset(  # they concern one connection, not the message (RFC 9110 section 7.6.1)
    {b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"te", b"upgrade", b"http2-settings"}
)
_FRAMING = frozenset({b"host", b"content-length", b"transfer-encoding", b"expect"})
_NO_TRAILER = _OWN | _FRAMING | {b"authorization", b"cookie", b"trailer"}
_WEBSOCKET = [(b"Connection", b"Upgrade"), (b"Upgrade", b"websocket")]
_CLOSE = [(b"Connection", b"close")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where all requests of one connection must go; ``host`` is in its normal form."""

    host: str
    port: int
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self._name}:{self.port}"

    @property
    def _name(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host

    def is_meant_by(self, authority: bytes) -> bool:
        """Whether a ``Host`` header names it: the host, and the port unless it is the scheme's usual one."""
        text = authority.lower().decode("latin-1")
        return text == str(self) or (text == self._name and self.port == _USUAL_PORT[self.scheme])

    def path_of(self, target: bytes) -> bytes:
        """The target of a request in origin form.

        Raises:
            Refusal: It is in another form, or names another destination.
        """
        if target.startswith(b"/"):
            return target
        found = _ABSOLUTE.fullmatch(target)
        if found is None:
            raise Refusal(400, "the target of the request is no path")
        if found[1].lower().decode() != self.scheme or not self.is_meant_by(found[2]):
            raise Refusal(403, f"the request asks for {_shown(found[1] + b'://' + found[2])} on a connection to {self}")
        return found[3] if found[3].startswith(b"/") else b"/" + found[3]


def passed_on(request: h11.Request, place: Destination, swaps: Swaps) -> h11.Request:
    """A request as the destination gets it: in origin form, with its secrets, without what concerns the connection.

    Raises:
        Refusal: It is for somebody else, or could be read in two ways.
    """
    _check(request, place)
    dropped = _dropped(request)
    headers = [pair for pair in request.headers.raw_items() if pair[0].lower() not in dropped]
    headers += _WEBSOCKET if wants_websocket(request) else _CLOSE if _ends(request) else []
    if place.scheme == "https":  # anybody on the way reads plain HTTP
        headers = swaps.apply(place.host, headers)
    return h11.Request(method=request.method, target=place.path_of(request.target), headers=headers)


def _check(request: h11.Request, place: Destination) -> None:
    if request.http_version not in (b"1.0", b"1.1"):
        raise Refusal(505, "only HTTP/1.1 is spoken here")
    if request.method == b"CONNECT":
        raise Refusal(403, "a tunnel inside a connection is not allowed")
    if request.method.upper() in _REFLECTING:
        raise Refusal(403, "a method that sends the request back would show its secrets")
    hosts = _values(request.headers, b"host")
    if len(hosts) != 1:
        raise Refusal(400, "a request must have exactly one Host header")
    if not place.is_meant_by(hosts[0]):
        raise Refusal(403, f"the request's Host header is {_shown(hosts[0])} on a connection to {place}")
    if _values(request.headers, b"transfer-encoding") and (
        _values(request.headers, b"content-length") or request.http_version == b"1.0"
    ):
        raise Refusal(400, "the length of the request is given in two ways")


def wants_websocket(request: h11.Request) -> bool:
    """Whether a request asks to go on as a WebSocket.

    No other upgrade is passed on: what follows one is not read any more, and HTTP/2 would bring requests for any host.
    """
    asked = b"upgrade" in _tokens(request.headers, b"connection")
    return asked and _tokens(request.headers, b"upgrade") == {b"websocket"}


def agrees_to_websocket(response: h11.InformationalResponse) -> bool:
    """Whether an answer with the status 101 goes on as a WebSocket."""
    return _tokens(response.headers, b"upgrade") == {b"websocket"}


def handed_back(response: h11.Response, request: h11.Request, *, last: bool) -> h11.Response:
    """An answer as the client gets it; ``last`` where no other request can follow on its connection."""
    headers = [pair for pair in response.headers.raw_items() if pair[0].lower() not in (_OWN - {b"upgrade"})]
    if last or _ends(response) or not _framed(response, request):
        headers += _CLOSE
    return h11.Response(status_code=response.status_code, headers=headers, reason=response.reason)


def hinted(response: h11.InformationalResponse) -> h11.InformationalResponse:
    """An interim answer as the client gets it."""
    return h11.InformationalResponse(
        status_code=response.status_code, headers=response.headers.raw_items(), reason=response.reason
    )


def trailing(end: h11.EndOfMessage) -> h11.EndOfMessage:
    """The end of a message, with those trailers that cannot be taken for what stands in a head."""
    return h11.EndOfMessage(headers=[pair for pair in end.headers.raw_items() if pair[0].lower() not in _NO_TRAILER])


def _dropped(request: h11.Request) -> frozenset[bytes]:
    """Headers that end here; those that frame the message stay, whatever ``Connection`` says of them."""
    return _OWN | (_tokens(request.headers, b"connection") - _FRAMING)


def _ends(message: h11.Request | h11.Response) -> bool:
    """Whether the sender closes its connection after a message."""
    return message.http_version < b"1.1" or b"close" in _tokens(message.headers, b"connection")


def _framed(response: h11.Response, request: h11.Request) -> bool:
    """Whether an answer ends before its connection does."""
    without_body = request.method == b"HEAD" or response.status_code in (204, 304)
    return without_body or bool(
        _values(response.headers, b"transfer-encoding") or _values(response.headers, b"content-length")
    )


def _values(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> list[bytes]:
    return [value for each, value in headers if each == name]


def _tokens(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> set[bytes]:
    """The members of a header that is a list, in lower case."""
    return {token.strip().lower() for value in _values(headers, name) for token in value.split(b",") if token.strip()}


def _shown(text: bytes) -> str:
    """What somebody sent, as it may stand in a line of a log."""
    return repr(text[:100].decode("latin-1"))
