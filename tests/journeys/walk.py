"""Looking at many pages: every one on a desk and a phone, in the light and in the dark.

`walk(visitor, urls)` notes what is wrong as the visitor's faults, which fail the test at its end: axe, more or fewer
than one h1, a page wider than the phone, a target too small for a thumb. Console errors the visitor notes itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client

from serein_web.people.models import User
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.repo.test_house import views

TARGET_PX, SESSION_TARGET_PX = 44, 56
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
UNFOLD = """() => document.querySelectorAll("details").forEach((details) => { details.open = true; })"""
THEME = """(theme) => {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("serein:theme"));
}"""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# In another theme only colours are different, so only they are judged again.
JUDGE = """(whole) => axe.run(document, {
  resultTypes: ["violations"],
  ...(whole ? {} : { runOnly: { type: "rule", values: ["color-contrast"] } }),
}).then((found) => found.violations.map((v) => `axe ${v.id} ${v.nodes.slice(0, 3).map((n) => n.target)}`))"""
# A link inside a sentence is as high as its line; everything else that is pressed is as large as a thumb.
SMALL = """([usual, session]) => {
  const wanted = (element) => element.closest(".session main") ? session : usual;
  const told = (element) => element.innerText.trim() || element.name || element.tagName;
  const inSentence = (link) => {
    if (link.tagName !== "A" || getComputedStyle(link).display !== "inline") return false;
    return link.parentElement.innerText.trim() !== link.innerText.trim();
  };
  const pressed = "a[href], button, input:not([type=hidden]), select, textarea, summary";
  return [...document.querySelectorAll(pressed)].flatMap((element) => {
    if (element.matches(".skip") || inSentence(element)) return [];
    const small = element.matches("[type=checkbox], [type=radio]");
    const box = (small ? element.closest("label") || element : element).getBoundingClientRect();
    if (!box.width || !box.height || Math.round(box.height) >= wanted(element)) return [];
    return [`${told(element)}: ${Math.round(box.height)} px`];
  });
}"""


def come_in(visitor: Visitor, username: str) -> Client:
    """Log the visitor in without the form; the answer is a client of the same person, which needs no browser."""
    client = Client()
    client.force_login(
        User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend"
    )
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.address}])
    return client


def filled(prefix: str, choices: Callable[[str, str], Iterable[dict[str, list]]]) -> Iterator[str]:
    """Every URL of the routes that begin so. `choices(route, app)` gives, situation by situation, the values of names.

    A route that no situation can fill is a fault of the test: say how.
    """
    for route, view in views():
        if not route.startswith(prefix):
            continue
        names = PARAMETER.findall(route)
        found = set()
        for values in choices(route, view.__module__.split(".")[1]):
            for chosen in product(*(values.get(name, []) for name in names)):
                url = "/" + route
                for value in chosen:
                    url = PARAMETER.sub(str(value), url, count=1)
                found.add(url)
        assert found, f"say how to fill {route}"
        yield from sorted(found)


def pages(client: Client, urls: Iterable[str]) -> Iterator[str]:
    """Those of the URLs that answer GET with a whole page. What is not there fails: its ids are wrong."""
    for url in urls:
        answer = client.get(url)
        assert answer.status_code in {200, 204, 302, 405}, f"{answer.status_code} {url}"
        if answer.status_code == 200 and not answer.streaming and b"</html>" in answer.content:
            yield url


def walk(visitor: Visitor, urls: Iterable[str]) -> int:
    """Look at every page; how many there were."""
    seen = 0
    for url in urls:
        visitor.go(url)
        assert urlsplit(visitor.page.url).path == urlsplit(url).path, f"{url} led to {visitor.page.url}"
        visitor.page.evaluate(AXE_SCRIPT)
        visitor.page.evaluate(UNFOLD)
        for size, theme in ((DESK, "light"), (DESK, "dark"), (PHONE, "dark"), (PHONE, "light")):
            visitor.page.set_viewport_size({"width": size[0], "height": size[1]})
            visitor.page.evaluate(THEME, theme)
            whole = (size, theme) in {(DESK, "light"), (PHONE, "light")}
            visitor.faults += [
                f"{url} {size[0]} {theme}: {fault}" for fault in visitor.page.evaluate(JUDGE, whole)
            ]
        visitor.faults += [f"{url}: {fault}" for fault in _on_a_phone(visitor)]
        seen += 1
    return seen


def _on_a_phone(visitor: Visitor) -> Iterator[str]:
    headings = visitor.page.locator("h1").count()
    if headings != 1:
        yield f"{headings} h1"
    wider = visitor.page.evaluate(WIDER)
    if wider > 0:
        yield f"{wider} px wider than the phone"
    small = visitor.page.evaluate(SMALL, [TARGET_PX, SESSION_TARGET_PX])
    if small:
        yield f"too small to press: {small[:6]}"
