"""The audit trail as sentences: who saw, and who changed what, on a course and of a person."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from serein_web.audit.actions import SEEN
from serein_web.audit.models import Event, Payload
from serein_web.courses.models import Course, Standing
from serein_web.people.models import Patient
from serein_web.sessionlog.models import Session
from serein_web.sessionlog.words import KIND_WORDS

DID = {
    "patient.register": _("registered the patient"),
    "patient.identify": _("added an identifier"),
    "patient.open-in-emergency": _("opened the record in an emergency"),
    "patient.account": _("opened the patient's log-in"),
    "log-in.came-in": _("logged in"),
    "log-in.add-passkey": _("added a passkey"),
    "log-in.remove-passkey": _("removed a passkey"),
    "log-in.add-authenticator": _("set up an authenticator app"),
    "log-in.remove-authenticator": _("removed the authenticator app"),
    "log-in.make-recovery-codes": _("made recovery codes"),
    "log-in.use-recovery-code": _("used a recovery code"),
    "log-in.set-pin": _("set a PIN"),
    "log-in.lock-pin": _("typed a PIN wrongly five times: it rests"),
    "log-in.switch-by-pin": _("took over a shared tablet by PIN"),
    "log-in.change-password": _("changed the password"),
    "log-in.log-out-everywhere": _("logged out on every device"),
    "log-in.give-up-unsent": _("gave up what somebody had sent at a locked tablet"),
    "enquiry.match": _("matched a request to this patient"),
    "appointment.book": _("booked an appointment"),
    "appointment.status": _("changed an appointment"),
    "record.adverse-event": _("recorded an unwanted effect"),
    "record.dispute": _("disputed a fact"),
    "record.reconcile": _("went through the medicines"),
    "record.document": _("filed a document"),
    "record.score": _("kept a score"),
    "record.state": _("stated facts"),
    "record.keep-medicine": _("kept a medicine"),
    "record.keep-allergy": _("kept an allergy"),
    "record.keep-problem": _("kept a problem"),
    "screening.note": _("wrote in the consultation note"),
    "screening.sign-note": _("signed the consultation note"),
    "screening.addendum": _("added to the consultation note"),
    "screening.import": _("imported a record"),
    "screening.decide": _("kept a decision"),
    "screening.override": _("overrode a finding"),
    "screening.withdraw-override": _("withdrew an override"),
    "screening.dispute": _("disputed a fact"),
    "consent.sign": _("signed the consent"),
    "consent.withdraw": _("withdrew the consent"),
    "plan.draft": _("saved the plan"),
    "plan.sign": _("signed the order"),
    "plan.revoke": _("revoked the order"),
    "session.open": _("opened a session"),
    "followup.request": _("made a link to questionnaires"),
    "followup.answer": _("answered questionnaires"),
    "followup.cancel": _("cancelled a link"),
    "followup.adverse-event": _("recorded an unwanted effect"),
    "followup.enter-score": _("entered a score"),
    "outcomes.review": _("reviewed the outcomes"),
    "task.raise": _("raised a task"),
    "task.take": _("took a task"),
    "task.escalate": _("handed an overdue task on"),
    "task.finish": _("finished a task"),
    "message.queue": _("wrote a message"),
    "message.sent": _("sent a message"),
    "message.delivered": _("a message arrived"),
    "message.failed": _("a message did not arrive"),
    "careteam.keep": _("kept somebody of the care team"),
    "careteam.end": _("ended sharing with somebody"),
    "careteam.letter": _("signed a letter"),
    "careteam.link": _("made a link to a letter"),
    "careteam.opened": _("an addressee opened a letter"),
    "course.open": _("opened the course"),
}
PAGES = {
    "chart": _("the chart"),
    "record": _("the record"),
    "screening": _("screening"),
    "consent": _("consent"),
    "plan": _("the plan"),
    "session": _("a session"),
    "recovery": _("recovery"),
    "followup": _("follow-up"),
    "outcomes": _("outcomes"),
    "people": _("identity"),
    "schedule": _("appointments"),
}


@dataclass(frozen=True)
class Line:
    """One event: when, who, what they did, and its place and seal in the trail."""

    at: dt.datetime
    by: str
    did: str
    chain: str
    seq: int
    digest: str


def chains_of(course: Course) -> list[str]:
    """A course's own chain, those of its sessions, and that of its patient."""
    sessions = Session.objects.filter(course=course).values_list("id", flat=True)
    return [f"course:{course.id}", f"patient:{course.patient_id}", *(f"session:{s}" for s in sessions)]


def chains_of_patient(patient: Patient) -> list[str]:
    """Everything about a person: their own chain, and those of all their courses and sessions."""
    found = {f"patient:{patient.id}"}
    for course in Course.objects.filter(patient=patient):
        found |= set(chains_of(course))
    return sorted(found)


def lines(chains: Iterable[str], *, limit: int | None = None) -> list[Line]:
    """The events of these chains, the newest first."""
    rows = Event.objects.filter(chain__in=list(chains)).order_by("-at", "-id")
    events = list(rows[:limit] if limit else rows)
    looks = [e.payload_digest for e in events if e.action == SEEN]
    pages = {p.digest: (p.content or {}).get("page", "") for p in Payload.objects.filter(digest__in=looks)}
    return [
        Line(e.at, e.by_name, did(e.action, pages.get(e.payload_digest, "")), e.chain, e.seq, e.digest)
        for e in events
    ]


def did(action: str, page: str = "") -> str:
    """What somebody did, to follow their name."""
    if action == SEEN:
        return _("looked at %(page)s") % {"page": PAGES.get(page, page)}
    if action in DID:
        return str(DID[action])
    group, _dot, rest = action.partition(".")
    if group == "session" and rest in KIND_WORDS:
        return _("charted in a session: %(kind)s") % {"kind": KIND_WORDS[rest]}
    if group == "course":
        return _course(rest)
    return action


def _course(rest: str) -> str:
    verb, _dash, kind = rest.partition("-")
    named = dict(Standing.Kind.choices).get(kind, kind)
    if verb == "publish":
        return _("put into force: %(what)s") % {"what": named}
    if verb == "revoke":
        return _("ended what was in force: %(what)s") % {"what": named}
    return _("moved the course on: %(step)s") % {"step": rest.replace("-", " ")}


def as_csv(found: Iterable[Line]) -> Iterator[str]:
    """The same lines as a table that a spreadsheet opens, with the seals by which each can be verified."""
    for row in (("time_utc", "who", "did", "chain", "event", "sha256"), *map(_row, found)):
        out = io.StringIO()
        csv.writer(out).writerow(row)
        yield out.getvalue()


def _row(line: Line) -> tuple[str, ...]:
    """A name that begins like a formula is not one."""
    cells = (line.at.isoformat(), line.by, str(line.did), line.chain, str(line.seq), line.digest)
    return tuple(f"'{c}" if c[:1] in "=+-@\t" else c for c in cells)
