"""The page from which a device of the clinic installs its certificate authority. Plain HTTP: no patient data is here."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Trust this clinic's Serein</title>
<style>
body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 38rem; margin: 2rem auto; padding: 0 1rem; color: #16202a; background: #fff }}
a.main {{ display: inline-block; padding: .75rem 1.25rem; border-radius: .5rem; background: #1d5b79; color: #fff; text-decoration: none }}
code {{ overflow-wrap: anywhere }} li {{ margin: .5rem 0 }} h1 {{ line-height: 1.2 }}
@media (prefers-color-scheme: dark) {{ body {{ color: #e8edf2; background: #10161c }} a.main {{ background: #7fc1e3; color: #10161c }} }}
@media print {{ a.main {{ border: 1px solid }} }}
</style></head><body>
<h1>Trust this clinic's Serein</h1>
<p>Each phone, tablet and computer of the clinic does this once. Afterwards open <a href="{address}">{address}</a>.</p>
<p><a class="main" href="/authority.crt">Get the certificate</a></p>
<h2>On an iPhone or iPad</h2>
<ol><li>Get the certificate with Safari and allow the profile.</li>
<li>Settings, General, VPN &amp; Device Management: install the profile.</li>
<li>Settings, General, About, Certificate Trust Settings: switch it on.</li></ol>
<h2>On Android</h2>
<ol><li>Get the certificate.</li><li>Settings, Security, Encryption &amp; credentials, Install a certificate, CA certificate.</li></ol>
<h2>On Windows</h2>
<ol><li>Get the certificate and open it.</li><li>Install it for the local machine, in "Trusted Root Certification Authorities".</li></ol>
<h2>On a Mac</h2>
<ol><li>Get the certificate and open it; it goes into the keychain.</li><li>Open it there and set Trust to "Always".</li></ol>
<h2>On Linux</h2>
<ol><li>Copy it to /usr/local/share/ca-certificates/ and run update-ca-certificates.</li><li>Firefox: Settings, Certificates, Import.</li></ol>
<p>Compare before you trust it. The administrator sees the same fingerprint on the machine:</p>
<p><code>{fingerprint}</code></p>
<p>It can vouch for {hosts} and for nothing else.</p>
</body></html>
"""


def fingerprint(authority: Path) -> str:
    """SHA-256 of the certificate, in pairs, as devices show it."""
    certificate = x509.load_pem_x509_certificate(authority.read_bytes())
    digest = hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


def application(authority: Path, address: str):
    """The two resources: the page, and the certificate."""
    certificate = x509.load_pem_x509_certificate(authority.read_bytes())
    limits = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    hosts = ", ".join(str(n.value).removesuffix("/32") for n in limits.permitted_subtrees or ())
    page = PAGE.format(address=address, fingerprint=fingerprint(authority), hosts=hosts).encode()
    der = certificate.public_bytes(serialization.Encoding.DER)

    async def app(scope, receive, send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/authority.crt":
            kind, body = b"application/x-x509-ca-cert", der
        else:
            kind, body = b"text/html; charset=utf-8", page
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app
