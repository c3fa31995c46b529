"""A real site: HTTPS only, settings from its one file."""

import os

from serein_web.settings import file
from serein_web.settings.base import *
from serein_web.settings.base import _database

SITE = file.read(DATA)
DATABASES = {"default": _database(os.environ.get("DATABASE_URL") or SITE.database)}
ALLOWED_HOSTS = [*SITE.hosts, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"https://{host}:{SITE.port}" for host in SITE.hosts]

SEREIN_SECOND_FACTOR = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
# The certificate may be the clinic's own: nothing is preloaded, and what else runs on the machine stays as it is.
SECURE_HSTS_SECONDS = 30 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
