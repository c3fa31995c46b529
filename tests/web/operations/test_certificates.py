"""A clinic's own authority: it vouches for its own names only, and its certificate is renewed in time."""

from __future__ import annotations

import datetime as dt
import ssl
import stat

import pytest
from cryptography import x509

from serein_web.operations import certificates

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
HOSTS = ("clinic.local", "192.168.1.10")


def test_a_browser_that_trusts_the_authority_trusts_the_server(tmp_path):
    chain, key = certificates.ensure(tmp_path, HOSTS, NOW)
    leaf, authority = x509.load_pem_x509_certificates(chain.read_bytes())
    leaf.verify_directly_issued_by(authority)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(chain, key)
    assert certificates.describe(chain)[1] == frozenset(HOSTS)


def test_keys_are_readable_by_their_owner_only(tmp_path):
    certificates.ensure(tmp_path, HOSTS, NOW)
    for key in certificates.folder(tmp_path).glob("*.key"):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_authority_may_vouch_for_the_sites_names_and_no_other(tmp_path):
    certificates.ensure(tmp_path, HOSTS, NOW)
    authority = x509.load_pem_x509_certificate(certificates.authority_file(tmp_path).read_bytes())
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    assert {str(n.value) for n in limits.value.permitted_subtrees} == {"clinic.local", "192.168.1.10/32"}


@pytest.mark.parametrize(("days", "renewed"), [(300, False), (366, False), (368, True)])
def test_the_certificate_is_renewed_when_less_than_thirty_days_are_left(tmp_path, days, renewed):
    chain, _ = certificates.ensure(tmp_path, HOSTS, NOW)
    before = chain.read_bytes()
    authority = certificates.authority_file(tmp_path).read_bytes()
    certificates.ensure(tmp_path, HOSTS, NOW + dt.timedelta(days=days))
    assert (chain.read_bytes() != before) == renewed
    assert certificates.authority_file(tmp_path).read_bytes() == authority


def test_another_name_needs_another_authority(tmp_path):
    chain, _ = certificates.ensure(tmp_path, HOSTS, NOW)
    authority = certificates.authority_file(tmp_path).read_bytes()
    certificates.ensure(tmp_path, (*HOSTS, "other.local"), NOW)
    assert certificates.authority_file(tmp_path).read_bytes() != authority
    assert "other.local" in certificates.describe(chain)[1]
