"""The test suite: fast password hashing, plain static files, and the database that DATABASE_URL names."""

import os
import tempfile

os.environ.setdefault("SEREIN_SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("SEREIN_DATA", tempfile.mkdtemp(prefix="serein-test-"))

from serein_web.settings.base import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
AXES_ENABLED = False
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SEREIN_DEMO = True
os.makedirs(STATIC_ROOT, exist_ok=True)  # the static file server looks for it
