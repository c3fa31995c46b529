"""A clinic's own certificate authority, and the certificate of its server.

Passkeys and pages that work offline need HTTPS, and a clinic's network has no public name. The authority is made once;
it may vouch for the site's own names only (name constraints), so that a device that trusts it gives nothing else away.
Its key stays in the data folder, readable by its owner only, and is in every backup.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS = 10
SERVER_DAYS = 397  # browsers refuse a longer one
RENEW_DAYS = 30
Key = ec.EllipticCurvePrivateKey


def folder(data: Path) -> Path:
    return data / "certificates"


def authority_file(data: Path) -> Path:
    """The certificate that every device of the clinic installs."""
    return folder(data) / "authority.crt"


def server_files(data: Path) -> tuple[Path, Path]:
    """Certificate chain and key of the server."""
    return folder(data) / "server.crt", folder(data) / "server.key"


def ensure(data: Path, hosts: tuple[str, ...], now: dt.datetime) -> tuple[Path, Path]:
    """The server's certificate and key, made or renewed if there is none for these hosts that lasts.

    `now` must carry a time zone. The authority is made with the first certificate; other names need a new authority,
    since it may vouch for its own names only.
    """
    folder(data).mkdir(parents=True, exist_ok=True, mode=0o700)
    authority, key = _authority(data, hosts, now)
    chain, server_key = server_files(data)
    if not _lasts(chain, server_key, hosts, authority, now):
        _issue(data, hosts, authority, key, now)
    return chain, server_key


def describe(chain: Path) -> tuple[dt.datetime, frozenset[str]]:
    """When a certificate ends, and the hosts that it is for."""
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    return certificate.not_valid_after_utc, _hosts_of(certificate)


def _authority(data: Path, hosts: tuple[str, ...], now: dt.datetime) -> tuple[x509.Certificate, Key]:
    file, key_file = authority_file(data), folder(data) / "authority.key"
    if file.exists() and key_file.exists():
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        if set(hosts) <= _permitted(certificate) and certificate.not_valid_after_utc > now:
            return certificate, key
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Serein at {hosts[0]}, own authority")])
    certificate = (
        _builder(name, name, key, now, dt.timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints([_general(h) for h in hosts], None), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(key_file, _pem(key))
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _issue(
    data: Path, hosts: tuple[str, ...], authority: x509.Certificate, authority_key: Key, now: dt.datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])])
    days = dt.timedelta(days=SERVER_DAYS)
    ends = min(days, authority.not_valid_after_utc - now)
    certificate = (
        _builder(name, authority.subject, key, now, ends)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([_subject(h) for h in hosts]), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    chain, key_file = server_files(data)
    _write(key_file, _pem(key))
    pem = serialization.Encoding.PEM
    chain.write_bytes(certificate.public_bytes(pem) + authority.public_bytes(pem))


def _lasts(
    chain: Path, key: Path, hosts: Iterable[str], authority: x509.Certificate, now: dt.datetime
) -> bool:
    if not (chain.exists() and key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(chain.read_bytes())
    return (
        certificate.not_valid_after_utc > now + dt.timedelta(days=RENEW_DAYS)
        and set(hosts) <= _hosts_of(certificate)
        and certificate.issuer == authority.subject
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: Key, now: dt.datetime, lasts: dt.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))  # devices' clocks differ
        .not_valid_after(now + lasts)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _subject(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.IPAddress(address) if address else x509.DNSName(host)


def _general(host: str) -> x509.GeneralName:
    """A host as a name constraint: an address is a network of one."""
    address = _address(host)
    return x509.IPAddress(ipaddress.ip_network(address)) if address else x509.DNSName(host)


def _hosts_of(certificate: x509.Certificate) -> frozenset[str]:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return frozenset(str(n.value) for n in names)


def _permitted(certificate: x509.Certificate) -> set[str]:
    limits = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return {str(n.value).partition("/")[0] for n in limits.permitted_subtrees or ()}


def _pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(file: Path, content: bytes) -> None:
    """Write what only the owner may read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
