"""An authority of our own, which a sandbox trusts and nobody else, so that its TLS can end at the proxy."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from massgen_core.sandbox.network import normal_host

TRUST_VARIABLES = (
    "SSL_CERT_FILE",  # OpenSSL, SSL_CTX_set_default_verify_paths(3): Python, Ruby, PHP; Go's crypto/x509; uv; rustls
    "REQUESTS_CA_BUNDLE",  # requests, "SSL Cert Verification"
    "CURL_CA_BUNDLE",  # curl(1), "Environment"; requests too
    "NODE_EXTRA_CA_CERTS",  # Node.js, "Command-line API"; added to its own roots; Deno 2.8 too
    "DENO_CERT",  # Deno, "Environment variables"; added to its own roots
    "GIT_SSL_CAINFO",  # git-config(1), http.sslCAInfo
    "PIP_CERT",  # pip, "Configuration": --cert as a variable
    "NPM_CONFIG_CAFILE",  # npm, "Config": cafile as a variable
    "CARGO_HTTP_CAINFO",  # Cargo, "Configuration": http.cainfo as a variable
    "AWS_CA_BUNDLE",  # AWS CLI and SDKs, "Environment variables"
    "HTTPLIB2_CA_CERTS",  # httplib2, certs.py: Google's older clients
)
"""The variables by which programs are told where the file with the roots is that they trust.

Java keeps its roots in a store of its own format and programs that pin certificates keep them to themselves: they
refuse ours.
"""

ALPN = ["http/1.1"]
"""What is offered to clients and asked of servers: of HTTP/2 no requests are read."""

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_ROOT_LIFE = timedelta(days=366)  # no sandbox outlives its key, which is gone when this program ends
_DAY = timedelta(days=1)
_MOST_HOSTS = 256


def _now() -> datetime:
    return datetime.now(UTC)


class Authority:
    """Certificates for the hosts of one sandbox, signed by a key that never leaves this program's memory.

    With ``hosts`` (names, ``*.`` and a name, addresses) the authority says of itself that it vouches for these alone,
    so that even its key would be worth nothing for another host. ``extra`` are roots (PEM) that are trusted beside
    those of this computer, by the sandbox and in its place.
    """

    def __init__(self, hosts: Collection[str] = (), *, extra: bytes = b"", now: Callable[[], datetime] = _now) -> None:
        """Make a key.

        Raises:
            ValueError: One of ``hosts`` is none, or ``extra`` holds something else than certificates.
        """
        from massgen_core.egress import certificates  # a third of a second of CPU

        self._now = now
        self._extra = _certificates(extra) if extra else b""
        self._new_leaf = certificates.new_leaf
        self._root = certificates.new_root([normal_host(host) for host in hosts], now(), _ROOT_LIFE)
        self._contexts: dict[tuple[str, int], ssl.SSLContext] = {}
        self._upstream: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @property
    def certificate_pem(self) -> bytes:
        """What the sandbox must trust."""
        return self._root.certificate_pem

    def server_context(self, host: str) -> ssl.SSLContext:
        """What a TLS server needs to be taken for a host; it may write a file, so call it in a thread.

        Raises:
            ValueError: It is no host.
        """
        key = self._key(host)
        context = self._contexts.get(key)
        if context is None:
            context = self._new_context(key[0])
            if len(self._contexts) >= _MOST_HOSTS:
                self._contexts.clear()
            self._contexts[key] = context
        return context

    def upstream_context(self) -> ssl.SSLContext:
        """How the real hosts are verified; it reads files, so call it in a thread."""
        self._upstream = self._upstream or self._new_upstream_context()
        return self._upstream

    def is_ready(self, host: str) -> bool:
        """Whether both contexts for a host are there already, so that no thread is needed."""
        return self._upstream is not None and self._key(host) in self._contexts

    def bundle(self) -> bytes:
        """All that the sandbox is to trust, as PEM: this computer's roots, extra ones, ours; it reads files as well."""
        return b"\n".join((*system_roots(), self._extra, self.certificate_pem))

    def _key(self, host: str) -> tuple[str, int]:
        """What a context is kept by; that the day is part of it renews the certificate before it ends."""
        return normal_host(host), int(self._now().timestamp() // _DAY.total_seconds())

    def _new_context(self, host: str) -> ssl.SSLContext:
        leaf = self._new_leaf(self._root, host, self._now(), 2 * _DAY)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(ALPN)
        with _readable(leaf.pem()) as path:
            context.load_cert_chain(path)
        return context

    def _new_upstream_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        context.set_alpn_protocols(ALPN)
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)  # an answer cut short must not look whole
        if self._extra:
            context.load_verify_locations(cadata=self._extra.decode("ascii"))
        return context


def system_roots() -> Iterator[bytes]:
    """The roots that this host trusts, in pieces of PEM."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        yield Path(paths.cafile).read_bytes()
    elif loaded := ssl.create_default_context().get_ca_certs(binary_form=True):  # Windows' own store
        yield from (ssl.DER_cert_to_PEM_cert(each).encode() for each in loaded)
    elif paths.capath:
        yield from _folder(Path(paths.capath))


def _certificates(pem: bytes) -> bytes:
    """Certificates alone, without what else a file may say about them."""
    found = b"\n".join(_CERTIFICATE.findall(pem))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=found.decode("ascii"))
    except (ssl.SSLError, ValueError):
        raise ValueError("the extra roots are no certificates in PEM form") from None
    return found


def _folder(folder: Path) -> Iterator[bytes]:
    """The certificates in a folder as OpenSSL keeps it: each in a file that is named by a hash of its subject."""
    for path in sorted(folder.glob("????????.[0-9]")):
        with suppress(OSError):
            yield path.read_bytes()


@contextmanager
def _readable(secret: bytes) -> Generator[str]:
    """A path under which OpenSSL can read bytes that must not stay on a disk."""
    try:
        descriptor = os.memfd_create("massgen-certificate")
    except (AttributeError, OSError):  # not Linux, or not allowed
        descriptor, path = tempfile.mkstemp()  # mode 0600
    else:
        path = f"/proc/self/fd/{descriptor}"
    try:
        with open(descriptor, "wb", closefd=False) as file:
            file.write(secret)
        yield path
    finally:
        os.close(descriptor)
        if not path.startswith("/proc/"):
            os.unlink(path)
