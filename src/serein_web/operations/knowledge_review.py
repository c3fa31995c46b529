"""Review as work: what is due to be read again, and which stored decisions another pack would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from serein.knowledge import Knowledge
from serein.knowledge.diff import Change, changes
from serein.safety import Decision
from serein.safety.decision import from_json
from serein.safety.evaluate import replay
from serein.safety.overlay import Overlay, lay_over
from serein_web.guide.queries import of_digest
from serein_web.screening.models import DecisionRecord
from serein_web.sessionlog.models import Judgement

STAGES = {"session": "gate of the day", "recovery": "discharge"}


@dataclass(frozen=True, slots=True)
class Stored:
    """A decision that the site has kept: what of, and where to find it. No name, no birth date."""

    what: str
    id: str
    course: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Changed:
    """A stored decision that comes out otherwise, and why, a line each."""

    stored: Stored
    conclusion: tuple[str, str]
    why: tuple[str, ...]


def stored_decisions() -> Iterator[Stored]:
    """Every decision of the site, the oldest first: screenings, then the gates and doors of sessions."""
    for row in DecisionRecord.objects.order_by("at").iterator(chunk_size=200):
        yield Stored("screening", str(row.id), str(row.course_id), from_json(row.canonical.encode()))
    rows = Judgement.objects.select_related("session").order_by("at")
    for judged in rows.iterator(chunk_size=200):
        what = STAGES.get(judged.stage, judged.stage)
        decision = from_json(judged.decision.encode())
        yield Stored(what, str(judged.id), str(judged.session.course_id), decision)


def compare(old: Knowledge, new: Knowledge) -> Iterator[Changed]:
    """What each stored decision comes to on `old` and on `new`, the site's overlay laid over both; only what differs."""
    differs: dict[str, Change] = {c.key: c for c in changes(old, new)}
    packs: dict[str | None, tuple[Knowledge, Knowledge]] = {None: (old, new)}
    for stored in stored_decisions():
        hash_ = stored.decision.overlay
        if hash_ not in packs:
            packs[hash_] = _under(hash_, old, new)
        before, after = (replay(stored.decision, pack) for pack in packs[hash_])
        why = tuple(_why(before, after, old, new, differs))
        if why or before.conclusion != after.conclusion:
            yield Changed(stored, (before.conclusion, after.conclusion), why)


def _under(hash_: str | None, old: Knowledge, new: Knowledge) -> tuple[Knowledge, Knowledge]:
    overlay: Overlay | None = of_digest(hash_) if hash_ else None
    return (old, new) if overlay is None else (lay_over(old, overlay)[0], lay_over(new, overlay)[0])


def _why(
    before: Decision, after: Decision, old: Knowledge, new: Knowledge, differs: Mapping[str, Change]
) -> Iterator[str]:
    """Rule by rule: what it said, what it would say, and what of it or of its facts has changed."""
    was = {f.rule: f for f in before.findings}
    is_ = {f.rule: f for f in after.findings}
    for rule in sorted(was.keys() | is_.keys()):
        then, now = was.get(rule), is_.get(rule)
        said = tuple((f.state, f.action, f.strength, f.if_unknown) if f else ("silent",) for f in (then, now))
        if said[0] == said[1]:
            continue
        known = new.rules.get(rule) or old.rules[rule]
        yield f"{known.text.title} [{rule}]: {_words(said[0])} -> {_words(said[1])}"
        facts = dict.fromkeys(k for f in (then, now) if f for k in (*f.facts, *f.missing))
        for key in (rule, *facts):
            if key in differs:
                change = differs[key]
                yield from (
                    f"  {line}" for line in dict.fromkeys(change.lines or (f"{change.file}: {change.how}",))
                )


def _words(said: tuple[str, ...]) -> str:
    return said[0] if said[0] == "silent" else f"{said[0]} ({said[1]}, {said[2]})"
