"""A demo: invented people on an embedded database, marked as a demo on every page."""

from serein_web.settings.base import *

SEREIN_DEMO = True
