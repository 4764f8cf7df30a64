"""How a connection that goes nowhere is turned down: in the words of what is spoken on it."""

from __future__ import annotations

from http import HTTPStatus

import anyio
from anyio import BrokenResourceError, ClosedResourceError, EndOfStream
from anyio.abc import ByteStream

from massgen_core.egress.policy import Denial

GONE = (BrokenResourceError, ClosedResourceError, EndOfStream)
"""What a stream raises when nobody is at its other end any more."""

FAREWELL_SECONDS = 2.0

_ALERT_ACCESS_DENIED = bytes((21, 3, 3, 0, 2, 2, 49))
_ALERT_INTERNAL_ERROR = bytes((21, 3, 3, 0, 2, 2, 80))


class Refusal(Exception):
    """A connection that is turned down; the status is one of HTTP, the sentence may be read by the sandbox.

    ``denial`` is there where a rule decided, not an accident.
    """

    def __init__(self, status: int, sentence: str, denial: Denial | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.denial = denial


def denied(denial: Denial) -> Refusal:
    """The refusal of what no rule allows."""
    return Refusal(HTTPStatus.FORBIDDEN, denial.answer, denial)


def http_answer(refusal: Refusal) -> bytes:
    """A refusal as a response of HTTP.

    The sentence stands in the status line too: of a CONNECT that failed, most clients show nothing else.
    """
    body = f"{refusal.sentence}\n".encode("ascii", "backslashreplace")
    head = (
        f"HTTP/1.1 {refusal.status} {refusal.sentence}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii", "backslashreplace") + body


def tls_answer(refusal: Refusal) -> bytes:
    """A refusal as an alert of TLS, which has room for nothing but a number."""
    return _ALERT_ACCESS_DENIED if refusal.status == HTTPStatus.FORBIDDEN else _ALERT_INTERNAL_ERROR


async def farewell(client: ByteStream, words: bytes) -> None:
    """Say something last and end; what the client still sends is taken, or its system would drop what was said."""
    with anyio.move_on_after(FAREWELL_SECONDS):
        try:
            await client.send(words)
            await client.send_eof()
            while True:
                await client.receive()
        except GONE:
            return
