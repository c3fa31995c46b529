"""A real site."""

from serein_web.settings.base import *
