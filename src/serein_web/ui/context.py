"""What every page's frame needs: the demo mark, the country's crisis lines, the navigation."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string


def shell(request: HttpRequest) -> dict:
    """Context processor.

    `serein_demo`: true where every person is invented. `crisis_lines`: dicts of name, number, tel, note; those of the site's
    country where the request knows it.
    `navigation`: dicts of url, label, current and, where wanted, count; made by the callable that
    `settings.SEREIN_NAVIGATION` names by its dotted path (it takes the request), else empty.
    """
    path = getattr(settings, "SEREIN_NAVIGATION", None)
    return {
        "serein_demo": getattr(settings, "SEREIN_DEMO", False),
        "crisis_lines": getattr(request, "crisis_lines", None)
        or getattr(settings, "SEREIN_CRISIS_LINES", []),
        "navigation": import_string(path)(request) if path else [],
    }
