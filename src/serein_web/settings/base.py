"""Settings shared by every way to run Serein. `SEREIN_DATA` is the one folder that a site must keep."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

DATA = Path(os.environ.get("SEREIN_DATA") or Path.cwd() / "var").resolve()


def _secret_key() -> str:
    """The site's own key, made at the first start and readable by its owner only."""
    file = DATA / "secret-key"
    if not file.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(64))
    return file.read_text().strip()


def _database(url: str) -> dict[str, object]:
    """`sqlite:///path` or `postgresql://user:password@host:port/name` as Django wants it."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path[1:] or str(DATA / "serein.sqlite3"),
            "OPTIONS": {
                # FULL: a commit that was acknowledged survives a power cut. IMMEDIATE: a writer waits for its
                # turn at the start, never fails half-way for having read first.
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path[1:],
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
        }
    raise ValueError(f"DATABASE_URL must start with sqlite:// or postgresql://, not {parts.scheme}://")


SECRET_KEY = os.environ.get("SEREIN_SECRET_KEY") or _secret_key()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "sqlite:///"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STAGE_APPS = [
    "serein_web.enquiry",
    "serein_web.screening",
    "serein_web.consent",
    "serein_web.plan",
    "serein_web.session",
    "serein_web.recovery",
    "serein_web.followup",
    "serein_web.outcomes",
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "serein_web.ui",
    "serein_web.audit",
    "serein_web.people",
    "serein_web.guide",
    "serein_web.record",
    "serein_web.tasks",
    "serein_web.ticker",
    "serein_web.correspondence",
    "serein_web.schedule",
    "serein_web.library",
    "serein_web.courses",
    "serein_web.sessionlog",
    *STAGE_APPS,
    "serein_web.careteam",
    "serein_web.chart",
    "serein_web.operations",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "serein_web.people.middleware.ActorMiddleware",
    "serein_web.people.shared.SharedDeviceMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "serein_web.ui.context.shell",
            ],
        },
    }
]

ROOT_URLCONF = "serein_web.urls"
ASGI_APPLICATION = "serein_web.asgi.application"

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "serein_web.people.backends.CodeBackend",
    "serein_web.people.backends.PinBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
CSRF_FAILURE_VIEW = "serein_web.ui.errors.csrf_failure"
LOGIN_URL = "people:log-in"
LOGIN_REDIRECT_URL = "people:home"
LOGOUT_REDIRECT_URL = "enquiry:welcome"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "people/locked.html"
AXES_VERBOSE = False  # no names in the log
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "pin"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # one working day
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "frame-ancestors": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
    }
}

SEREIN_DEMO = False
SEREIN_SECOND_FACTOR = False  # a real site asks it of its staff
SEREIN_LOCK_AFTER_S = 60  # without a touch, on a device that several people share
SEREIN_JOBS = (
    "serein_web.tasks.jobs.hand_on",
    "serein_web.correspondence.jobs.remind",
    "serein_web.correspondence.jobs.carry",
    "serein_web.correspondence.jobs.follow",
)
SEREIN_ENQUIRIES_PER_HOUR = 10  # from one address: a family or an office may share it
SEREIN_NAVIGATION = "serein_web.navigation.navigation"
# Crisis lines by jurisdiction; a site replaces them by its own. Numbers as their operators publish them.
SEREIN_CRISIS_LINES_BY_JURISDICTION = {
    "US": [
        {
            "name": _("Suicide & Crisis Lifeline"),
            "number": "988",
            "tel": "988",
            "note": _("free, day and night, call or text"),
        },
        {"name": _("Emergency"), "number": "911", "tel": "911", "note": ""},
    ],
    "UK": [
        {"name": "Samaritans", "number": "116 123", "tel": "116123", "note": _("free, day and night")},
        {"name": _("Emergency"), "number": "999", "tel": "999", "note": ""},
    ],
    "EU": [{"name": _("Emergency"), "number": "112", "tel": "112", "note": ""}],
    "AU": [
        {"name": "Lifeline", "number": "13 11 14", "tel": "131114", "note": _("day and night")},
        {"name": _("Emergency"), "number": "000", "tel": "000", "note": ""},
    ],
    "NZ": [
        {
            "name": _("Need to talk?"),
            "number": "1737",
            "tel": "1737",
            "note": _("free, day and night, call or text"),
        },
        {"name": _("Emergency"), "number": "111", "tel": "111", "note": ""},
    ],
}
SEREIN_CRISIS_LINES = SEREIN_CRISIS_LINES_BY_JURISDICTION["US"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"keys": {"()": "serein_web.settings.log.WithoutKeys"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["keys"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
