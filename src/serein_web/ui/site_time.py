"""Times that the core wrote into its sentences, shown by the site's clock.

The core knows no time zone: it writes "14:05 UTC", "2026-11-20 14:05 UTC" and "2026-11-20", and what it wrote is kept as
it is. Here alone such an instant is put on the clock of the page.
"""

from __future__ import annotations

import datetime as dt
import re

from serein_web.ui.templatetags.serein import clock, date_short

MOMENT = re.compile(r"\b(?:(?P<day>\d{4}-\d\d-\d\d)[ T])?(?P<time>\d\d:\d\d) UTC\b")
DAY = re.compile(r"\b\d{4}-\d\d-\d\d\b")


def at_site(said: str, at: dt.datetime | None = None) -> str:
    """The sentence with its times by the site's clock. `at`: when it was said; a time without a day is before it."""
    try:
        said = MOMENT.sub(lambda found: _moment(found, at), said)
        return DAY.sub(lambda found: date_short(dt.date.fromisoformat(found[0])), said)
    except ValueError:  # not a day or time after all: somebody's own words are left as they are
        return said


def _moment(found: re.Match[str], at: dt.datetime | None) -> str:
    time = dt.time.fromisoformat(found["time"])
    if found["day"]:
        moment = dt.datetime.combine(dt.date.fromisoformat(found["day"]), time, dt.UTC)
        return f"{date_short(moment)} {clock(moment)}"
    if at is None:
        return found[0]
    moment = dt.datetime.combine(at.astimezone(dt.UTC).date(), time, dt.UTC)
    return clock(moment if moment <= at else moment - dt.timedelta(days=1))
