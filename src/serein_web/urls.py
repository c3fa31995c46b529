"""Every URL. Each app lists its own; the prefixes are clinic/ for staff and portal/ for patients."""

from django.conf import settings
from django.urls import include, path

APPS = (
    "people",
    "record",
    "tasks",
    "schedule",
    "library",
    "correspondence",
    "enquiry",
    "screening",
    "consent",
    "plan",
    "session",
    "recovery",
    "followup",
    "outcomes",
    "careteam",
    "chart",
    "operations",
)

handler500 = "serein_web.ui.errors.server_error"
urlpatterns = [path("", include(f"serein_web.{app}.urls")) for app in APPS]
if settings.SEREIN_DEMO:
    urlpatterns.append(path("gallery/", include("serein_web.ui.urls")))
