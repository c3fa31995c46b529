"""What pages say of a rule or a source is in its file: no key is shown, nothing is negated twice."""

from __future__ import annotations

import re


def test_every_check_of_the_gate_and_the_door_says_what_is_so_when_it_is_passed(knowledge):
    silent = [
        rule.key
        for rule in knowledge.rules.values()
        if rule.kind in {"day-of-treatment", "discharge"} and not rule.text.clear
    ]
    assert silent == []


def test_no_passed_check_repeats_the_words_of_the_failed_one(knowledge):
    for rule in knowledge.rules.values():
        assert rule.text.clear != rule.text.title, rule.key


def test_every_source_has_a_short_name_that_is_no_key(knowledge):
    for source in knowledge.evidence.values():
        assert source.short, source.key
        assert not re.fullmatch(r"[a-z0-9-]+", source.short), source.key
