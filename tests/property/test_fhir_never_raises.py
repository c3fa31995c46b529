"""Whatever is in a file, reading it ends in a record or a refusal."""

from __future__ import annotations

import copy
import datetime as dt
import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from serein.errors import Refusal
from serein.fhir import Imported, read_bundle
from serein.logic import Facts
from tests import bundles as b
from tests.knowledge_pack import small_pack

AT = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)
SMALL = small_pack()
RECORD = b.bundle(
    b.condition("38341003", "Hypertension"),
    b.condition("230690007", "Stroke", status="resolved"),
    b.medication_request("7804", "Oxycodone"),
    b.observation("29463-7", "Body Weight", 70.5, "kg"),
    b.blood_pressure(128, 82),
    b.observation("72166-2", "Smoking", None, valueString="never"),
    b.allergy("1", "Allergy to ketamine"),
    b.procedure("313039003", "Solid organ transplant"),
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.sampled_from(
        ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "0000", "2020-02-30", "active"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def judged(data: bytes, at: dt.datetime | None = AT) -> Imported | Refusal:
    """Read it, and use what was read: every fact resolves, every refusal can be said."""
    result = read_bundle(data, SMALL, at=at)
    if isinstance(result, Refusal):
        assert result.why
        assert result.next_step
        return result
    facts = Facts(result.statements, SMALL, at or AT)
    for key in SMALL.facts:
        assert facts[key] is not None
    assert len({s.id for s in result.statements}) == len(result.statements)
    assert all(line.isprintable() for line in result.not_understood)
    return result


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value, as the keys that lead to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


PLACES = [p for p in places(RECORD) if p]


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    assert isinstance(judged(data), Refusal)


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    judged(json.dumps(value).encode())
    judged(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": value}).encode())


@given(st.sampled_from(PLACES), JSON, st.sampled_from([AT, None]))
@example(("entry", 2, "resource", "onsetDateTime"), "9999-12-31T23:59:59-14:00", None)
@example(("entry", 0, "resource", "birthDate"), "0001-01-01", AT)
@example(("entry", 5, "resource", "valueQuantity", "value"), 10**400, AT)
@example(("entry", 5, "resource", "valueQuantity", "value"), 1e308, AT)
def test_a_bundle_with_anything_anywhere_is_read_or_refused(
    place: tuple[Any, ...], value: Any, at: dt.datetime | None
) -> None:
    changed = copy.deepcopy(RECORD)
    inside: Any = changed
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    judged(json.dumps(changed).encode(), at)


@given(st.sampled_from(PLACES))
def test_a_bundle_with_anything_left_out_is_read_or_refused(place: tuple[Any, ...]) -> None:
    changed = copy.deepcopy(RECORD)
    inside: Any = changed
    for key in place[:-1]:
        inside = inside[key]
    del inside[place[-1]]
    judged(json.dumps(changed).encode())


@given(st.integers(min_value=1, max_value=len(b.as_bytes(RECORD)) - 1))
def test_a_bundle_cut_anywhere_is_refused(length: int) -> None:
    assert isinstance(judged(b.as_bytes(RECORD)[:length]), Refusal)


@given(st.permutations(range(len(RECORD["entry"]))))
def test_the_order_of_entries_changes_nothing_that_is_known(order: list[int]) -> None:
    shuffled = RECORD | {"entry": [RECORD["entry"][i] for i in order]}
    plain, other = judged(b.as_bytes(RECORD)), judged(b.as_bytes(shuffled))
    assert isinstance(plain, Imported)
    assert isinstance(other, Imported)
    assert sorted(other.statements, key=lambda s: s.id) == sorted(plain.statements, key=lambda s: s.id)
    assert other.not_understood == plain.not_understood
