"""The gallery: every component on one page, for looking at it in light, dark, on a phone and on paper.

Everything here is invented and nothing is read or saved. Routed in debug and demo only.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from serein.units import Quantity

from .forms import MomentField, QuantityField, ReasonField, SereinForm

ROOMS = {
    "clinic": "ui/gallery.html",
    "session": "ui/gallery_session.html",
    "portal": "ui/gallery_portal.html",
}


class GalleryForm(SereinForm):
    weight = QuantityField(
        unit="kg",
        unit_on_page=True,
        positive=True,
        low=Decimal(30),
        high=Decimal(300),
        label="Weight",
        help_text="Measured today.",
    )
    dose = QuantityField(
        unit="mg/kg", positive=True, label="Dose", help_text="With its unit, such as 0.5 mg/kg."
    )
    measured_at = MomentField(label="Measured at")
    route = forms.ChoiceField(
        label="Route",
        widget=forms.RadioSelect,
        choices=[("iv", "Intravenous infusion"), ("in", "Nasal spray")],
    )
    ward = forms.ChoiceField(
        label="Room", choices=[("", "Choose one"), ("1", "Room 1"), ("2", "Room 2")], required=False
    )
    fasted = forms.BooleanField(label="No food for six hours", required=False)
    reason = ReasonField()


def gallery(request: HttpRequest) -> HttpResponse:
    """Every component. `?room=session|portal` shows the other two rooms; `?refused` a form sent with errors."""
    form = GalleryForm(initial={"weight": Quantity(Decimal("70.50"), "kg"), "measured_at": timezone.now()})
    if "refused" in request.GET:
        form = GalleryForm(
            {"weight": "7000", "dose": "0,5 mg/kg", "measured_at": "", "route": "", "reason": "no"}
        )
        form.is_valid()
    if "notices" in request.GET:
        messages.success(request, "Weight 70.5 kg was saved.")
        messages.warning(request, "The order ends in two days.")
    return render(
        request, ROOMS.get(request.GET.get("room", ""), ROOMS["clinic"]), _invented() | {"form": form}
    )


def _invented() -> dict:
    now = timezone.now()
    return {
        "now": now,
        "dose": Quantity(Decimal("0.50"), "mg/kg"),
        "patient": {
            "name": "Ada Example",
            "born": date(1984, 3, 2),
            "age": "42 years",
            "sex": "female",
            "identifiers": ["MRN 100-204"],
            "allergies": ["penicillin"],
            "url": "#",
        },
        "links": {"enquiry": "#", "screening": "#", "consent": "#"},
        "findings": _findings(now),
        "items": _items(),
        "definitions": [
            {"label": "Product", "value": "Ketamine 50 mg/mL"},
            {"label": "Dose", "value": "35 mg", "note": "0.5 mg/kg of 70 kg"},
            {"label": "Escort", "value": None},
        ],
        "entries": _entries(now),
        "readings": _readings(now),
        "alarms": _alarms(now),
        "phase": {"name": "Infusion", "since": now - timedelta(minutes=22)},
        "due": {"what": "Blood pressure", "at": now + timedelta(minutes=4, seconds=12), "url": "#"},
        "page": Paginator(range(95), 10).page(3),
        "scores": _scores(),
        "concentration": _concentration(),
        "pressure": _pressure(),
    }


def _findings(now) -> list[dict]:
    return [
        {
            "rule": "uncontrolled-hypertension",
            "action": "hold",
            "state": "fires",
            "title": "Blood pressure above the limit for starting",
            "why": "Ketamine raises blood pressure for about forty minutes.",
            "strength": "relative",
            "basis": "label",
            "because": [{"label": "Systolic pressure", "value": "168 mmHg", "at": now}],
            "evidence": [{"key": "example", "title": "Example source", "url": "#"}],
            "resolves": "Two readings below the limit, five minutes apart.",
        },
        {
            "rule": "pregnancy",
            "action": "exclude",
            "state": "unknown",
            "title": "Pregnancy",
            "why": "Not recommended in pregnancy; the last answer is older than its validity.",
            "strength": "absolute",
            "basis": "label",
            "because": ["No test or answer in the last 30 days"],
            "evidence": ["Example source"],
            "resolves": "A test result or the person's own answer.",
        },
        {
            "rule": "benzodiazepine",
            "action": "caution",
            "state": "overridden",
            "title": "Regular benzodiazepine",
            "why": "It may blunt the effect.",
            "strength": "caution",
            "basis": "practice",
            "because": [{"label": "Lorazepam", "value": "1 mg each evening"}],
            "evidence": [],
            "override": {
                "by": "Dr Example",
                "at": now,
                "reason": "Being tapered; last dose was three days ago.",
            },
        },
        {
            "rule": "note",
            "action": "inform",
            "state": "fires",
            "title": "Nobody drives until the next day",
            "strength": "note",
            "basis": "assumption",
        },
    ]


def _items() -> list[dict]:
    return [
        {"label": "Consent, version 3", "met": True},
        {"label": "Pregnancy", "why": "the answer is older than 30 days", "url": "#", "action": "Ask"},
        {"label": "Escort", "why": "nobody named yet", "url": "#"},
    ]


def _entries(now) -> list[dict]:
    return [
        {
            "at": now - timedelta(minutes=52),
            "title": "Infusion started, 35 mg over 40 min",
            "by": "Nurse Example, read by a second person",
            "kind": "major",
        },
        {"at": now - timedelta(minutes=42), "title": "132/84 mmHg, pulse 78 /min", "by": "Nurse Example"},
        {
            "at": now - timedelta(minutes=30),
            "title": "May go on: pressure within limits",
            "kind": "decision",
            "text": "No rule applies.",
        },
        {
            "at": now - timedelta(minutes=20),
            "title": "Nausea, mild",
            "text": "Eyes closed, slower breathing; passed in ten minutes.",
            "kind": "corrected",
        },
    ]


def _readings(now) -> list[dict]:
    return [
        {
            "name": "Blood pressure",
            "value": "132/84",
            "unit": "mmHg",
            "at": now - timedelta(minutes=2),
            "trend": "up",
            "low": "90/50",
            "high": "160/100",
            "baseline": "124/78",
        },
        {
            "name": "Pulse",
            "value": "78",
            "unit": "/min",
            "at": now - timedelta(seconds=8),
            "trend": "steady",
            "low": 50,
            "high": 120,
        },
        {
            "name": "Oxygen saturation",
            "value": "97",
            "unit": "%",
            "at": now - timedelta(minutes=19),
            "low": 92,
            "high": None,
            "stale": True,
        },
    ]


def _alarms(now) -> list[dict]:
    at = now - timedelta(minutes=3)
    return [
        {"priority": "high", "state": "active", "text": "Oxygen saturation 86%, limit 92%", "at": at},
        {
            "priority": "medium",
            "state": "active",
            "text": "Systolic pressure 171 mmHg, limit 160 mmHg",
            "at": at,
        },
        {"priority": "low", "state": "active", "text": "No reading for 11 minutes", "at": at},
        {"priority": "high", "state": "silenced", "text": "Oxygen saturation 88%", "at": at},
        {
            "priority": "medium",
            "state": "acknowledged",
            "text": "Pulse 124 /min",
            "at": at,
            "by": "Nurse Example",
        },
        {"priority": "low", "state": "resolved", "text": "Cuff disconnected", "at": at},
    ]


def _scores() -> SimpleNamespace:
    totals = [
        (0, 17, ""),
        (7, 15, "35 mg"),
        (14, 12, "35 mg"),
        (21, None, "35 mg"),
        (28, 9, "40 mg"),
        (42, 8, ""),
    ]
    start = date(2026, 9, 1)
    rows = []
    for day, total, dose in totals:
        at = start + timedelta(days=day)
        rows.append([{"value": at.isoformat(), "label": at.strftime("%-d %b %Y")}, total, dose])
    return SimpleNamespace(
        caption="GAD-7 fell from 17 to 8 over six weeks.",
        config={
            "x": "dates",
            "min": 0,
            "max": 21,
            "join": True,
            "bands": [
                {"from": 0, "to": 4, "label": "minimal 0–4"},
                {"from": 5, "to": 9, "label": "mild 5–9"},
                {"from": 10, "to": 14, "label": "moderate 10–14"},
                {"from": 15, "to": 21, "label": "severe 15–21"},
            ],
        },
        columns=[
            {"label": "Date", "role": "x"},
            {"label": "GAD-7", "role": "line", "quantity": "score"},
            {"label": "Dose", "role": "mark"},
        ],
        rows=rows,
    )


def _concentration() -> SimpleNamespace:
    rows = []
    for minute in range(0, 185, 5):
        rise = (
            1 - math.exp(-minute / 18)
            if minute <= 40
            else (1 - math.exp(-40 / 18)) * math.exp(-(minute - 40) / 60)
        )
        middle = round(180 * rise, 1)
        rows.append(
            [
                minute,
                middle,
                round(middle * 0.7, 1),
                round(middle * 1.35, 1),
                round(middle * (1 - math.exp(-minute / 12)), 1),
                "35 mg" if minute == 0 else "",
            ]
        )
    return SimpleNamespace(
        caption="The predicted concentration is highest at 40 minutes and halves about every 40 minutes after that.",
        config={"x": "minutes", "min": 0, "unit": "ng/mL", "lines": [{"at": 200, "label": "limit 200"}]},
        columns=[
            {"label": "Minutes", "role": "x"},
            {"label": "Plasma", "role": "line", "quantity": "concentration", "unit": "ng/mL"},
            {"label": "Low", "role": "low", "quantity": "concentration", "unit": "ng/mL"},
            {"label": "High", "role": "high", "quantity": "concentration", "unit": "ng/mL"},
            {"label": "Effect site", "role": "line", "quantity": "effect", "unit": "ng/mL"},
            {"label": "Dose", "role": "mark"},
        ],
        rows=rows,
    )


def _pressure() -> SimpleNamespace:
    readings = [
        (-10, 124, 78, 72),
        (0, 126, 80, 74),
        (5, 138, 86, 80),
        (10, 146, 90, 84),
        (20, 152, 94, 86),
        (30, 149, 92, 84),
        (40, 144, 90, 82),
        (60, 130, 82, 76),
    ]
    return SimpleNamespace(
        caption="Blood pressure rose by 28 mmHg during the infusion and is back near the baseline.",
        config={
            "x": "minutes",
            "unit": "mmHg",
            "min": 40,
            "max": 180,
            "lines": [{"at": 160, "label": "limit 160"}, {"at": 124, "label": "baseline 124"}],
        },
        columns=[
            {"label": "Minutes", "role": "x"},
            {"label": "Systolic", "role": "line", "quantity": "systolic", "unit": "mmHg"},
            {"label": "Diastolic", "role": "line", "quantity": "diastolic", "unit": "mmHg"},
            {"label": "Pulse", "role": "line", "quantity": "pulse", "unit": "/min"},
            {"label": "Event", "role": "mark"},
        ],
        rows=[[m, s, d, p, {0: "start", 40: "end"}.get(m, "")] for m, s, d, p in readings],
    )
