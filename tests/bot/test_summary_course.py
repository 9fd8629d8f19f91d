"""What becomes of a summary, step by step, over plain rows."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from bot.journal.entries import GIVEN, SKIPPED, WITHDRAWN, Entry
from bot.journal.occurrences import CLOSED, OPEN, Occurrence
from bot.journal.reports import DRAFT, LEAD, MODEL, NONE, NOT_YET, PLAIN, POSTED, Report
from bot.journal.rituals import Ritual
from bot.rituals.report_facts import Facts
from bot.rituals.summary_course import (
    AGAIN_S,
    DRAFT_WAITS_S,
    LOST_S,
    MODEL_WAITS_S,
    MOST_TRIES,
    QUIET_S,
    course,
    is_settled,
    with_the_models,
)
from prompts.ritual import Prompt, Standup, SummaryMode
from prompts.summary import Line, Section, Summary

DAY = date(2026, 3, 2)
END = 1_000_000.0
OWN = Summary((Section("Also", (Line("own words", (1,)),)),))
MODELS = Summary((Section("What changed", (Line("a sentence", (1,)), Line("another", (2,)))),))


def standup(mode: SummaryMode) -> Standup:
    return Standup("Daily", ("#team",), (Prompt("done", "Done?"),), "every day", time(9), summary=mode)


def entry(number: int, state: str = GIVEN) -> Entry:
    return Entry("r", DAY, f"U{number}", state, {"done": "x"}, id=number, revision=1)


def facts(
    report: Report | None = None,
    mode: SummaryMode = SummaryMode.AUTO,
    entries: int = 2,
    state: str = CLOSED,
    changed_at: float = END - 1000,
    revisions: int = 2,
    withdrawn: frozenset[int] = frozenset(),
    of: str = GIVEN,
) -> Facts:
    settings = standup(mode)
    return Facts(
        occurrence=Occurrence(1, "r", DAY, state, settings, ("U1", "U2"), END - 3600, END, END),
        ritual=Ritual(settings, owner="U1", id="r"),
        report=report or Report(1, "r", DAY),
        entries=[entry(number, of) for number in range(1, entries + 1)],
        before={},
        asked={},
        shown=(),
        places={},
        tracked={},
        revisions=revisions,
        changed_at=changed_at,
        withdrawn=withdrawn,
    )


def go(known: Facts, after_s: float, modelled: bool = True, lead: bool = True) -> Report:
    return course(known, END + after_s, lambda: OWN, modelled=modelled, lead=lead)


def test_nothing_is_summed_up_before_the_end() -> None:
    assert go(facts(state=OPEN), 0) == Report(1, "r", DAY)


@pytest.mark.parametrize("mode", [SummaryMode.AUTO, SummaryMode.PLAIN])
def test_without_a_model_it_is_posted_at_once(mode: SummaryMode) -> None:
    report = go(facts(mode=mode), 0, modelled=False)
    assert (report.state, report.shown, report.summary, report.asked) == (POSTED, PLAIN, OWN, 0)
    assert is_settled(facts(), report)


def test_no_summary_where_none_is_wanted() -> None:
    report = go(facts(mode=SummaryMode.NONE), 0)
    assert report.state == NONE
    assert is_settled(facts(), report)


@pytest.mark.parametrize(("entries", "of"), [(0, GIVEN), (2, SKIPPED), (2, WITHDRAWN)])
def test_t58_where_nobody_answered_no_model_is_asked_and_nobody_has_to_look(entries: int, of: str) -> None:
    report = go(facts(mode=SummaryMode.DRAFT, entries=entries, of=of), 0)
    assert (report.state, report.summary, report.asked) == (POSTED, None, 0)


def test_t58_of_one_answer_no_model_is_asked() -> None:
    report = go(facts(entries=1), 0)
    assert (report.state, report.summary, report.asked) == (POSTED, OWN, 0)


def test_t59_a_model_is_waited_for_a_minute_and_then_the_plain_one_is_posted() -> None:
    asked = go(facts(), 0)
    assert (asked.state, asked.asked, asked.summary) == (NOT_YET, 1, OWN)
    assert go(facts(asked), MODEL_WAITS_S - 1) == asked
    plain = go(facts(asked), MODEL_WAITS_S)
    assert (plain.state, plain.shown) == (POSTED, PLAIN)
    late = with_the_models(plain, 1, MODELS, SummaryMode.AUTO)
    assert (late.state, late.shown, late.summary) == (POSTED, MODEL, MODELS)
    in_time = go(facts(with_the_models(asked, 1, MODELS, SummaryMode.AUTO)), 3)
    assert (in_time.state, in_time.summary) == (POSTED, MODELS)


def test_t59_a_model_that_fails_is_asked_again_later_and_then_left_alone() -> None:
    report = with_the_models(go(facts(), 0), 1, None, SummaryMode.AUTO)
    at = 3.0
    report = go(facts(report), at)
    assert (report.state, report.shown) == (POSTED, PLAIN)
    for tries in range(1, MOST_TRIES):
        assert not is_settled(facts(), report)
        at += AGAIN_S * tries
        report = go(facts(report), at)
        assert report.asked == tries + 1
        at += LOST_S + 1  # nothing is heard of it
        report = go(facts(report), at)
        assert report.tries == tries + 1
    assert is_settled(facts(), report)
    assert go(facts(report), at + 10 * AGAIN_S) == report


def test_a_draft_is_posted_as_plain_when_the_lead_does_nothing() -> None:
    known = facts(mode=SummaryMode.DRAFT)
    draft = go(facts(with_the_models(go(known, 0), 1, MODELS, SummaryMode.DRAFT), mode=SummaryMode.DRAFT), 3)
    assert (draft.state, draft.summary) == (DRAFT, MODELS)
    known = facts(draft, mode=SummaryMode.DRAFT)
    assert go(known, DRAFT_WAITS_S - 1) == draft
    posted = go(known, DRAFT_WAITS_S)
    assert (posted.state, posted.summary, posted.posted_by) == (POSTED, OWN, "")
    assert with_the_models(replace(posted, asked=2), 2, MODELS, SummaryMode.DRAFT).summary == OWN


def test_without_anybody_to_look_a_draft_is_posted() -> None:
    assert go(facts(mode=SummaryMode.DRAFT), MODEL_WAITS_S, modelled=False, lead=False).state == POSTED


def test_t49_a_changed_entry_refreshes_it_once_after_a_quiet_period() -> None:
    posted = go(facts(), 0, modelled=False)
    changed = facts(posted, revisions=3, changed_at=END + 600)
    assert go(changed, 600 + QUIET_S - 1, modelled=False) == posted
    fresh = go(changed, 600 + QUIET_S, modelled=False)
    assert (fresh.made_of, fresh.updates, fresh.state) == (3, 1, POSTED)
    assert go(replace(changed, report=fresh), 600 + 3 * QUIET_S, modelled=False) == fresh


def test_t49_the_models_part_follows_and_gives_way_when_it_fails() -> None:
    posted = go(facts(with_the_models(go(facts(), 0), 1, MODELS, SummaryMode.AUTO)), 3)
    fresh = go(facts(posted, revisions=3, changed_at=END + 600), 600 + QUIET_S)
    assert (fresh.asked, fresh.shown, fresh.updates) == (2, MODEL, 1)
    assert with_the_models(fresh, 1, OWN, SummaryMode.AUTO) == fresh  # what was asked before comes too late
    assert with_the_models(fresh, 2, None, SummaryMode.AUTO).shown == PLAIN


def test_t50_what_rests_on_a_withdrawn_entry_is_gone_at_once() -> None:
    posted = go(facts(with_the_models(go(facts(), 0), 1, MODELS, SummaryMode.AUTO)), 3)
    stripped = go(facts(posted, revisions=3, changed_at=END + 600, withdrawn=frozenset({2})), 601)
    assert stripped.summary is not None
    assert [line.text for line in stripped.summary.lines] == ["a sentence"]


def test_a_leads_own_words_are_never_replaced() -> None:
    own = replace(
        go(facts(), 0, modelled=False), shown=LEAD, summaries={PLAIN: OWN, LEAD: MODELS}, posted_by="U1"
    )
    fresh = go(facts(own, revisions=3, changed_at=END + 600), 600 + QUIET_S)
    assert (fresh.summary, fresh.asked) == (MODELS, 0)


def test_late_entries_after_nobody_answered_are_summed_up() -> None:
    silent = go(facts(entries=0, revisions=0), 0)
    fresh = go(facts(silent, entries=1, revisions=1, changed_at=END + 60), 60 + QUIET_S)
    assert (fresh.summary, fresh.state) == (OWN, POSTED)
    gone = go(facts(fresh, entries=1, revisions=2, changed_at=END + 999, of=WITHDRAWN), 999 + QUIET_S)
    assert gone.summary is None


def test_the_waits_are_as_documented() -> None:
    assert (timedelta(seconds=QUIET_S), timedelta(seconds=DRAFT_WAITS_S)) == (
        timedelta(minutes=5),
        timedelta(hours=2),
    )
