"""What a client asks an HTTP proxy for: a tunnel, or one request of plain HTTP."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import anyio
import h11
from anyio.abc import ByteStream

from massgen_core.egress.policy import Denial
from massgen_core.egress.refusals import Refusal, denied
from massgen_core.egress.streams import PrefixedStream
from massgen_core.sandbox.network import RuleKind, normal_host

MOST_HEAD = 16384
HEAD_SECONDS = 10.0

_PLACE = re.compile(r"(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,254})(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE)
_MOST_SHOWN = 100
_AROUND = re.compile(r"^(?:\w+://)?(?:[^/?#\\]*@)?|[/?#\\].*$")
_ABSOLUTE = re.compile(r"http://(?P<place>[^/?#\\@]*)(?P<path>[/?][^#]*)?", re.IGNORECASE)

_FOR_THE_PROXY = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection"}
    | {b"te", b"trailer", b"upgrade"}
)
_OF_THE_MESSAGE = frozenset({b"host", b"content-length", b"transfer-encoding"})

Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyRequest:
    """A destination and what is to be sent there first: for plain HTTP the request as a server wants to read it.

    ``kinds`` says which rules can allow it; ``data`` holds every byte that came behind the head as well.
    """

    host: str
    port: int
    kinds: Collection[RuleKind]
    data: bytes

    @property
    def tunnel(self) -> bool:
        """It is a CONNECT."""
        return "http" not in self.kinds


async def read_request(client: ByteStream) -> ProxyRequest:
    """Read the head of a request to a proxy.

    Raises:
        Refusal: It is too long or too slow, or nothing that a proxy is asked.
    """
    request, read, behind = await _head(client)
    try:
        return _understood(request, read[len(read) - behind :])
    except Refusal as refusal:
        raise _reported(refusal, request.target.decode("ascii")) from None


async def await_request(client: ByteStream) -> ByteStream:
    """The client, once the head of a request has come, with all that came in front again.

    Raises:
        Refusal: The head is too long, too slow or none.
    """
    _, read, _ = await _head(client)
    return PrefixedStream(client, read)


async def _head(client: ByteStream) -> tuple[h11.Request, bytes, int]:
    """A request's head, every byte that was read, and how many of these stand behind the head."""
    parser = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEAD)
    read = bytearray()
    try:
        with anyio.fail_after(HEAD_SECONDS):
            while not isinstance(event := parser.next_event(), h11.Request):
                if event is not h11.NEED_DATA:
                    raise anyio.EndOfStream
                piece = await _piece(client)
                parser.receive_data(piece)
                read += piece
    except TimeoutError:
        raise Refusal(408, "the head of the request took too long") from None
    except h11.RemoteProtocolError as error:
        raise Refusal(error.error_status_hint, "this is no request of HTTP/1.1") from None
    return event, bytes(read), len(parser.trailing_data[0])


async def _piece(client: ByteStream) -> bytes:
    """What comes next; nothing at the end, as h11 wants to hear of it."""
    try:
        return await client.receive(MOST_HEAD)
    except anyio.EndOfStream:
        return b""


def _reported(refusal: Refusal, target: str) -> Refusal:
    """A refusal of which the log hears too: whoever asks like that may hope to be understood in two ways.

    Of the target it shows the host, as far as one can be made out, and no user's name or password.
    """
    if refusal.denial is None:
        host = _AROUND.sub("", target)[:_MOST_SHOWN] or "a request without a host"
        refusal.denial = Denial(host=host, port=0, reason=f"went no further: {refusal.sentence}")
    return refusal


def _understood(request: h11.Request, rest: bytes) -> ProxyRequest:
    names = [name for name, _ in request.headers]
    if b"content-length" in names and b"transfer-encoding" in names:
        raise Refusal(400, "the length of the request is given twice, by Content-Length and Transfer-Encoding")
    target = request.target.decode("ascii")
    if request.method == b"CONNECT":
        return _tunnel(target, names, rest)
    if absolute := _ABSOLUTE.fullmatch(target):
        return _plain(request, absolute["place"], absolute["path"] or "/", rest)
    if target.lower().startswith("https:"):
        raise Refusal(400, "a proxy is asked for https by CONNECT")
    raise Refusal(400, "this is a proxy: it takes `CONNECT host:port` and `GET http://host/path`")


def _tunnel(target: str, names: Sequence[bytes], rest: bytes) -> ProxyRequest:
    if b"content-length" in names or b"transfer-encoding" in names:
        raise Refusal(400, "a CONNECT has no body")
    host, port = _place(target, None)
    return ProxyRequest(host=host, port=port, kinds=("tls", "tcp"), data=rest)


def _plain(request: h11.Request, place: str, path: str, rest: bytes) -> ProxyRequest:
    if request.http_version != b"1.1":
        raise Refusal(505, "this proxy speaks HTTP/1.1")
    host, port = _place(place, 80)
    said = dict(request.headers)[b"host"].decode("ascii", "replace")
    if _place(said, 80) != (host, port):
        raise denied(Denial(host=host, port=port, reason="is what the request names, and its Host header is another"))
    path = path if path.startswith("/") else f"/{path}"
    forwarded = h11.Request(
        method=request.method, target=path, headers=_headers(request.headers.raw_items(), host, port)
    )
    return ProxyRequest(host=host, port=port, kinds=("http",), data=_written(forwarded) + rest)


def _place(text: str, usual: int | None) -> tuple[str, int]:
    """A host in its normal form and a port; forms that some systems read as addresses and others do not are refused."""
    found = _PLACE.fullmatch(text)
    port = int(found["port"] or usual or 0) if found else 0
    if found is None or not 0 < port < 65536:
        raise Refusal(400, "a destination is `host:port`, with nothing else")
    try:
        return normal_host(found["host"]), port
    except ValueError:
        raise denied(Denial(host=found["host"], port=port, reason="is no host name and no address")) from None


def _headers(headers: Headers, host: str, port: int) -> list[tuple[bytes, bytes]]:
    """The headers as they go on: without what was meant for the proxy, with the host that was checked."""
    named = set[bytes]()
    for name, value in headers:
        if name.lower() == b"connection":
            named |= {part.strip().lower() for part in value.split(b",")}
    if named & _OF_THE_MESSAGE:
        raise Refusal(400, "the Connection header names a header that belongs to the request")
    left_out = _FOR_THE_PROXY | named | {b"host"}
    shown = f"[{host}]" if ":" in host else host
    first = (b"Host", (shown if port == 80 else f"{shown}:{port}").encode("ascii"))
    kept = [(name, value) for name, value in headers if name.lower() not in left_out]
    return [first, *kept, (b"Connection", b"close")]


def _written(request: h11.Request) -> bytes:
    return h11.Connection(h11.CLIENT).send(request)
