"""The authority of a sandbox: what its certificates say, and who accepts them."""

from __future__ import annotations

import os
import ssl
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from massgen_core.egress import authority as module
from massgen_core.egress.authority import TRUST_VARIABLES, Authority

EVERYONE = ("api.example.org", "*.cdn.example.org", "127.0.0.1")


def greet(server: ssl.SSLContext, client: ssl.SSLContext, host: str) -> tuple[x509.Certificate, str | None]:
    """Shake hands in memory: the certificate that the client accepted, and the protocol agreed on."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    accepting = client.wrap_bio(to_client, to_server, server_hostname=host)
    ends = [accepting, server.wrap_bio(to_server, to_client, server_side=True)]
    while ends:
        for end in tuple(ends):
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
                ends.remove(end)
    certificate = accepting.getpeercert(binary_form=True)
    assert certificate is not None
    return x509.load_der_x509_certificate(certificate), accepting.selected_alpn_protocol()


def client_of(authority: Authority, *protocols: str, strict: bool = True) -> ssl.SSLContext:
    """A client that trusts one authority, as strictly as Python 3.13 does by itself."""
    context = ssl.create_default_context(cadata=authority.certificate_pem.decode())
    context.verify_flags |= ssl.VERIFY_X509_STRICT if strict else ssl.VerifyFlags(0)
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


@pytest.mark.parametrize("hosts", [(), EVERYONE], ids=["unlimited", "limited"])
@pytest.mark.parametrize(
    "host", ["api.example.org", "x.cdn.example.org", "a_b.cdn.example.org", "127.0.0.1", f"{'x' * 63}.cdn.example.org"]
)
def test_accepted(hosts: tuple[str, ...], host: str) -> None:
    """A strict client that trusts the authority accepts it for a name or an address that it vouches for."""
    authority = Authority(hosts)
    greet(authority.server_context(host), client_of(authority), host)


def test_addresses_of_ipv6() -> None:
    """An IPv6 address is vouched for however it is written."""
    for hosts in ((), ("2001:db8::1",)):
        authority = Authority(hosts)
        greet(authority.server_context("[2001:DB8:0::1]"), client_of(authority), "2001:db8::1")


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        (EVERYONE, "example.org"),
        (EVERYONE, "evil.test"),
        (EVERYONE, "127.0.0.2"),
        (("api.example.org",), "127.0.0.1"),
        (("api.example.org",), "::1"),
        (("127.0.0.1",), "evil.test"),
        (("127.0.0.1",), "::1"),
    ],
)
def test_limited(hosts: tuple[str, ...], host: str) -> None:
    """Whoever had the key could not use it for a host that the sandbox may not reach."""
    authority = Authority(hosts)
    with pytest.raises(ssl.SSLCertVerificationError, match="subtree violation"):
        greet(authority.server_context(host), client_of(authority), host)


def test_another_host_or_authority() -> None:
    """A certificate is for one host, and every authority is another one."""
    authority = Authority()
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        greet(authority.server_context("a.test"), client_of(authority), "b.test")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer|self-signed"):
        greet(authority.server_context("a.test"), client_of(Authority()), "a.test")


def test_what_the_certificates_say() -> None:
    """The root signs certificates and nothing else, a leaf serves one host and nothing else, both for a short time."""
    authority = Authority(EVERYONE)
    root = x509.load_pem_x509_certificate(authority.certificate_pem)
    leaf, _ = greet(authority.server_context("api.example.org"), client_of(authority), "api.example.org")
    basic = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (basic.critical, basic.value.ca, basic.value.path_length) == (True, True, 0)
    assert root.extensions.get_extension_for_class(x509.NameConstraints).critical
    assert root.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature is False
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
        ExtendedKeyUsageOID.SERVER_AUTH
    ]
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["api.example.org"]
    leaf.verify_directly_issued_by(root)
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc == timedelta(days=2, hours=1)
    assert root.not_valid_after_utc - root.not_valid_before_utc < timedelta(days=367)
    assert leaf.public_key() != root.public_key()


def test_http_1_alone() -> None:
    """Of a client that would rather have HTTP/2 no HTTP/2 comes; one that knows nothing else gets no agreement."""
    authority = Authority()
    server = authority.server_context("a.test")
    assert greet(server, client_of(authority, "h2", "http/1.1"), "a.test")[1] == "http/1.1"
    assert greet(server, client_of(authority, "h2"), "a.test")[1] is None


def test_one_certificate_a_day() -> None:
    """A host's certificate is made once and used again, and anew before it ends."""
    today = datetime(2026, 11, 24, 12, tzinfo=UTC)
    clock: Callable[[], datetime] = lambda: today  # noqa: E731
    authority = Authority(now=lambda: clock())
    first = authority.server_context("a.test")
    assert authority.server_context("A.test.") is first
    assert authority.server_context("b.test") is not first
    assert not authority.is_ready("a.test")
    authority.upstream_context()
    assert authority.is_ready("A.test")
    assert not authority.is_ready("c.test")
    clock = lambda: today + timedelta(days=1)  # noqa: E731
    assert authority.server_context("a.test") is not first


def test_many_hosts() -> None:
    """The store of certificates does not grow without end, whatever a sandbox asks for below a `*.`."""
    authority = Authority(["*.example.org"])
    first = authority.server_context("0.example.org.example.org")
    for number in range(256):
        authority.server_context(f"x{number}.example.org")
    assert authority.server_context("0.example.org.example.org") is not first


def test_no_host() -> None:
    """What is no host has no certificate."""
    with pytest.raises(ValueError, match="is no host name"):
        Authority().server_context("no host")
    with pytest.raises(ValueError, match="is no host name"):
        Authority(["no host"])


@pytest.mark.parametrize("memory", [True, False])
def test_no_key_stays_on_disk(memory: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """OpenSSL reads keys from a file in memory; without one, from a file for us alone that is gone afterwards."""
    modes: list[int] = []
    unlink = os.unlink

    def noted(path: str) -> None:
        modes.append(stat.S_IMODE(os.stat(path).st_mode))
        unlink(path)

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "unlink", noted)
    if not memory:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    elif not hasattr(os, "memfd_create"):
        pytest.skip("this system has no files in memory")
    authority = Authority()
    greet(authority.server_context("a.test"), client_of(authority), "a.test")
    assert list(tmp_path.iterdir()) == []
    assert modes == ([] if memory else [0o600])


def test_nothing_shows_a_key() -> None:
    """An authority and what it holds print no key."""
    authority = Authority()
    assert repr(authority) == "<Authority>"
    assert "PRIVATE" not in repr(vars(authority)) + authority.certificate_pem.decode() + authority.bundle().decode()


def test_bundle() -> None:
    """The bundle holds this computer's roots, extra ones and ours, each whole."""
    other = Authority()
    commented = b"Subject: the company's\n" + other.certificate_pem.replace(b"\n", b"\r\n")
    authority = Authority(extra=commented)
    bundle = [b"-----BEGIN" + each for each in authority.bundle().split(b"-----BEGIN")[1:]]
    found = [x509.load_pem_x509_certificate(each) for each in bundle[-2:]]
    assert found == [x509.load_pem_x509_certificate(each.certificate_pem) for each in (other, authority)]
    trusted = ssl.create_default_context(cadata=authority.bundle().decode("ascii", "ignore"))
    assert len(trusted.get_ca_certs()) == len(ssl.create_default_context().get_ca_certs()) + 2


def test_extra_roots_are_certificates() -> None:
    """Something else in their place is refused."""
    for wrong in (b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\xff"):
        with pytest.raises(ValueError, match="the extra roots are no certificates in PEM form"):
            Authority(extra=wrong)


def test_upstream() -> None:
    """Real hosts are verified by this computer's roots and the extra ones, never by our own."""
    other = Authority()
    authority = Authority(extra=other.certificate_pem)
    trust = authority.upstream_context()
    assert trust is authority.upstream_context()
    assert greet(other.server_context("a.test"), trust, "a.test")[1] == "http/1.1"
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(authority.server_context("a.test"), trust, "a.test")


@pytest.mark.parametrize("kind", ["file", "folder", "store"])
def test_roots_of_this_computer(kind: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Roots are found in a file, in a folder of hashed names, or in the system's own store."""
    root = Authority()
    (tmp_path / "file.pem").write_bytes(root.certificate_pem)
    (tmp_path / "0a1b2c3d.0").write_bytes(root.certificate_pem)
    (tmp_path / "0a1b2c3e.0").symlink_to(tmp_path / "nowhere")
    paths = ssl.get_default_verify_paths()._replace(
        cafile=str(tmp_path / "file.pem") if kind == "file" else None, capath=str(tmp_path)
    )
    store = ssl.create_default_context(cadata=root.certificate_pem.decode())
    empty = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    monkeypatch.setattr(ssl, "create_default_context", lambda: store if kind == "store" else empty)
    found = x509.load_pem_x509_certificates(b"".join(module.system_roots()))
    assert found == [x509.load_pem_x509_certificate(root.certificate_pem)]


def test_variables() -> None:
    """Each variable is named once."""
    assert len(set(TRUST_VARIABLES)) == len(TRUST_VARIABLES)
    assert {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"} <= set(TRUST_VARIABLES)
