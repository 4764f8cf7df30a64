"""The certificates of an authority that lives as long as one sandbox (X.509, RFC 5280)."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from massgen_core.sandbox.network import is_address

_BACK = timedelta(hours=1)  # for clocks that are not quite right
_EVERY_ADDRESS = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_NOTHING = {
    "digital_signature": False,
    "content_commitment": False,
    "key_encipherment": False,
    "data_encipherment": False,
    "key_agreement": False,
    "key_cert_sign": False,
    "crl_sign": False,
    "encipher_only": False,
    "decipher_only": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A certificate and its key; the key is in memory only."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate, which anyone may see."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def pem(self) -> bytes:
        """Key and certificate, as a server loads them."""
        form = serialization.PrivateFormat.PKCS8
        bare = serialization.NoEncryption()
        return self.key.private_bytes(serialization.Encoding.PEM, form, bare) + self.certificate_pem

    def __repr__(self) -> str:
        return f"<certificate of {self.certificate.subject.rfc4514_string()}>"


def new_root(hosts: Collection[str], now: datetime, life: timedelta) -> Signed:
    """An authority that signs itself; with ``hosts`` it is one for these (``*.`` and a name: all below it) alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("massgen egress, for one sandbox only")
    usage = x509.KeyUsage(**(_NOTHING | {"key_cert_sign": True, "crl_sign": True}))
    builder = (
        _builder(name, name, key, now, life)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    if hosts:
        builder = builder.add_extension(_constraints(hosts), critical=True)  # critical: RFC 5280 section 4.2.1.10
    return Signed(certificate=builder.sign(key, hashes.SHA256()), key=key)


def new_leaf(root: Signed, host: str, now: datetime, life: timedelta) -> Signed:
    """A server's certificate for one host, a name or an address in its normal form."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key())
    builder = (
        _builder(_name("massgen egress, in place of the host"), root.certificate.subject, key, now, life)
        .add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**(_NOTHING | {"digital_signature": True})), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
    )
    return Signed(certificate=builder.sign(root.key, hashes.SHA256()), key=key)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACK)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    """A subject without a common name: hosts stand in the alternative names, where they may be longer than 64."""
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text)])


def _general(host: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(host)) if is_address(host) else x509.DNSName(host)


def _constraints(hosts: Collection[str]) -> x509.NameConstraints:
    """The names that an authority may vouch for; a kind of name of which none is allowed is excluded as a whole."""
    names = sorted({host.removeprefix("*.") for host in hosts if not is_address(host)})
    addresses = sorted({host for host in hosts if is_address(host)})
    permitted: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    permitted += [x509.IPAddress(ipaddress.ip_network(address)) for address in addresses]
    excluded: list[x509.GeneralName] = [] if addresses else [x509.IPAddress(every) for every in _EVERY_ADDRESS]
    excluded += [] if names else [x509.DNSName("")]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=excluded or None)
