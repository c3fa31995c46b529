"""How long the server takes for the pages that staff open most, on the demo site (run `serein-site demo` first).

In process, without a network: the bar is on the server's own time (chart under 50 ms).
"""

from __future__ import annotations

import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "serein_web.settings.demo")

import django

django.setup()

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse

from serein_web.courses.models import Course
from serein_web.people.models import StaffRole

RUNS = 41


def main() -> None:
    user = StaffRole.objects.filter(role="prescriber").first().user
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    pages = {"a page that does not exist": "/no-such-page/", "today": reverse("schedule:today")}
    for course in Course.objects.order_by("opened_at")[:20]:
        pages[f"chart of a course in {course.state}"] = reverse("chart:course", args=[course.id])
    taken: dict[str, list[float]] = {name: [] for name in pages}
    for run in range(RUNS + 2):
        for name, url in pages.items():
            start = time.perf_counter()
            client.get(url)
            if run >= 2:  # the first two warm caches
                taken[name].append(1000 * (time.perf_counter() - start))
    for name, runs in taken.items():
        runs.sort()
        sys.stdout.write(
            f"{name:<36} median {statistics.median(runs):6.1f} ms   10th {runs[RUNS // 10]:6.1f}   90th {runs[-RUNS // 10]:6.1f}\n"
        )


if __name__ == "__main__":
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        main()
