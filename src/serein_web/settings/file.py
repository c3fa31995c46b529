"""The one settings file of a site: what may stand in it, what each value means, and reading it.

`serein.toml` lies in the site's data folder, or where `SEREIN_SETTINGS` says. An unknown key, a value of the wrong kind
or a file that is no TOML is refused with the key and the reason: a site never starts on half of its settings.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

NAME = "serein.toml"
Text = Annotated[str, Meta(max_length=500)]
Port = Annotated[int, Meta(ge=1, le=65535)]


def _about(words: str) -> Meta:
    return Meta(description=words)


class SiteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Every value of the settings file. What is left out has the value given here."""

    hosts: Annotated[
        tuple[str, ...],
        _about("Names and addresses by which browsers reach this machine, the first one as people type it."),
    ] = ("localhost",)
    listen: Annotated[
        Text,
        _about("Address to listen on. 0.0.0.0 is every network of this machine; 127.0.0.1 is itself only."),
    ] = "127.0.0.1"
    port: Annotated[Port, _about("Port of the pages (HTTPS).")] = 8443
    install_port: Annotated[
        int,
        _about(
            "Port of the page from which a device installs the clinic's own certificate authority (plain HTTP, no"
            " patient data). 0: no such page."
        ),
    ] = 8080
    certificate: Annotated[
        Text,
        _about(
            "File of a certificate chain (PEM) that somebody gave you. Empty: Serein makes one with an authority of"
            " its own, which every device installs once."
        ),
    ] = ""
    certificate_key: Annotated[Text, _about("File of that certificate's private key (PEM).")] = ""
    database: Annotated[
        Text,
        _about(
            "sqlite:/// is a file in the data folder: right for one clinic. Or postgresql://user:password@host/name."
        ),
    ] = "sqlite:///"
    backup_folder: Annotated[
        Text,
        _about(
            "Where backups are written: another disk or a mounted share, so that one broken disk takes not both."
            " Empty: backups/ in the data folder, which a broken disk would take too."
        ),
    ] = ""
    backup_hours: Annotated[
        float, _about("A backup older than so many hours is shown to administrators as a fault.")
    ] = 26.0
    backups_kept: Annotated[int, _about("How many backups are kept; the oldest beyond go.")] = 30
    smtp_host: Annotated[Text, _about("Mail server that sends e-mail. Empty: no e-mail.")] = ""
    smtp_port: Annotated[Port, _about("Its port: 587 with starttls, 465 with tls.")] = 587
    smtp_security: Annotated[
        Literal["starttls", "tls", "none"], _about('"none" only for a server on this very machine.')
    ] = "starttls"
    smtp_user: Annotated[Text, _about("Its user name. Empty: it asks for none.")] = ""
    smtp_password_file: Annotated[Text, _about("File that holds its password, readable by Serein only.")] = ""
    smtp_from: Annotated[Text, _about("The address that e-mail comes from.")] = ""
    text_gateway_url: Annotated[
        Text,
        _about(
            'Address of a gateway for text messages: it takes {"to", "text"}, gives {"id"}, and tells {"state"} under'
            " address/id. Empty: no texts."
        ),
    ] = ""
    text_gateway_token_file: Annotated[
        Text, _about("File that holds the gateway's token, readable by Serein only.")
    ] = ""


def path(data: Path) -> Path:
    """Where the settings file is, or would be."""
    return Path(os.environ.get("SEREIN_SETTINGS") or data / NAME)


class BadSettings(Exception):
    """The settings file cannot be used; the text says what is wrong and what to do."""


def read(data: Path) -> SiteSettings:
    """The settings of the site in a data folder; the values above where there is no file.

    Raises `BadSettings` for a file that cannot be read whole.
    """
    file = path(data)
    if not file.exists():
        return SiteSettings()
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
        return msgspec.convert(raw, SiteSettings)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError, msgspec.ValidationError) as wrong:
        raise BadSettings(f"{file}: {wrong}. Correct it, or compare with `serein-site settings`.") from None


def text(values: SiteSettings) -> str:
    """The file for these values, every one explained."""
    lines = ["# Settings of this Serein site. Restart Serein after a change; `serein-site check` reads it."]
    hints = get_type_hints(SiteSettings, include_extras=True)
    for field in msgspec.structs.fields(SiteSettings):
        lines += ["", *_commented(_description(hints[field.name]))]
        lines.append(f"{field.name} = {_toml(getattr(values, field.name))}")
    return "\n".join(lines) + "\n"


def _description(hint: Any) -> str:
    return next(m.description for m in get_args(hint) if isinstance(m, Meta) and m.description)


def _commented(words: str, width: int = 100) -> list[str]:
    lines, line = [], "#"
    for word in words.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line)
            line = "#"
        line += f" {word}"
    return [*lines, line]


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    # JSON's strings and numbers are TOML's too.
    return msgspec.json.encode(value).decode()
