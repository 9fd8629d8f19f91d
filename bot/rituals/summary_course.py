"""What becomes of a summary after its stand-up: when it is made, shown, posted and made anew."""

from collections.abc import Callable
from dataclasses import replace

from bot.journal.reports import DRAFT, LEAD, MODEL, NONE, NOT_YET, PLAIN, POSTED, Report
from bot.rituals.report_facts import Facts
from prompts.ritual import SummaryMode
from prompts.summary import Summary

QUIET_S = 300.0
"""After entries have changed, a summary is made anew once nothing more has changed for so long."""
MODEL_WAITS_S = 60.0
"""A summary waits so long for a model, then the plain one is shown and the model's takes its place later."""
DRAFT_WAITS_S = 2 * 3600.0
"""A draft that nobody posts is posted so long after the end, as plain."""
LOST_S = 120.0
"""A model that was asked so long ago, and of which nothing was heard, has failed."""
AGAIN_S = 300.0
MOST_TRIES = 3
FEWEST_FOR_A_MODEL = 2

Plain = Callable[[], Summary]


def course(facts: Facts, now: float, plain: Plain, *, modelled: bool, lead: bool) -> Report:
    """The report as it is to be now; `plain` makes a summary of the entries' own words.

    `modelled`: there is a language model to be asked. `lead`: there is somebody to look at a draft.
    """
    report = facts.report
    if not facts.over:
        return report
    if facts.withdrawn:
        kept = {whose: one.without(facts.withdrawn) for whose, one in report.summaries.items()}
        report = replace(report, summaries=kept)
    mode = facts.occurrence.settings.summary
    if report.state == NONE or (mode is SummaryMode.NONE and report.state == NOT_YET):
        return replace(report, state=NONE)
    asks = (
        modelled and mode in (SummaryMode.AUTO, SummaryMode.DRAFT) and len(facts.given) >= FEWEST_FOR_A_MODEL
    )
    report = _lost(report, now)
    if report.state == NOT_YET:
        return _shown(_begun(facts, report, now, plain, asks), facts, now, mode, asks, lead)
    report = _refreshed(facts, report, now, plain, asks)
    if asks and not report.is_being_written and _wants_another_try(report, now):
        report = replace(report, asked=report.asked + 1, asked_at=now)
    if report.state == DRAFT and report.post_at is not None and now >= report.post_at:
        return replace(report, state=POSTED, shown=PLAIN)
    return report


def with_the_models(report: Report, asked: int, written: Summary | None, mode: SummaryMode) -> Report:
    """The report with what a model wrote when it was asked for the `asked`th time (None: it failed). What a
    person decided on is not changed by it."""
    if asked != report.asked or not report.is_being_written:
        return report
    report = replace(report, answered=asked)
    if written is None:
        return _failed(report)
    report = replace(report, tries=0, summaries={**report.summaries, MODEL: written})
    if report.shown == LEAD:
        return report
    by_itself = report.state == POSTED and mode is SummaryMode.AUTO and not report.posted_by
    if report.state in (NOT_YET, DRAFT) or by_itself or report.shown == MODEL:
        return replace(report, shown=MODEL)
    return report


def is_settled(facts: Facts, report: Report) -> bool:
    """Whether nothing is to be done about it until an entry changes or somebody presses something."""
    if not facts.over:
        return True
    if report.state == NONE:
        return True
    trying = 0 < report.tries < MOST_TRIES
    return (
        report.state == POSTED
        and report.made_of == facts.revisions
        and not (report.is_being_written or trying)
    )


def _begun(facts: Facts, report: Report, now: float, plain: Plain, asks: bool) -> Report:
    if report.made_at is not None:
        return report
    made = replace(report, made_at=now, made_of=facts.revisions)
    if not facts.given:
        return made
    made = replace(made, summaries={**report.summaries, PLAIN: plain()})
    return replace(made, asked=report.asked + 1, asked_at=now) if asks else made


def _shown(report: Report, facts: Facts, now: float, mode: SummaryMode, asks: bool, lead: bool) -> Report:
    if not facts.given:
        return replace(report, state=POSTED)
    waited = now - (report.made_at or now) >= MODEL_WAITS_S
    if asks and report.is_being_written and not waited:
        return report
    if mode is SummaryMode.DRAFT and lead:
        return replace(report, state=DRAFT, post_at=(facts.occurrence.closed_at or now) + DRAFT_WAITS_S)
    return replace(report, state=POSTED)


def _refreshed(facts: Facts, report: Report, now: float, plain: Plain, asks: bool) -> Report:
    """Made anew, once, when entries have changed and then been left alone for a while."""
    if report.made_of == facts.revisions or now - facts.changed_at < QUIET_S:
        return report
    made = replace(report, made_of=facts.revisions, made_at=now, updates=report.updates + 1)
    if not facts.given:
        return replace(made, summaries={}, shown=PLAIN)
    made = replace(made, summaries={**report.summaries, PLAIN: plain()})
    if report.shown == LEAD:
        return made
    by_itself = facts.occurrence.settings.summary is SummaryMode.AUTO and not report.posted_by
    if asks and (report.shown == MODEL or report.state == DRAFT or by_itself):
        return replace(made, asked=report.asked + 1, asked_at=now, tries=0)
    return replace(made, shown=PLAIN)


def _lost(report: Report, now: float) -> Report:
    lost = report.is_being_written and now - (report.asked_at or now) > LOST_S
    return _failed(replace(report, answered=report.asked)) if lost else report


def _failed(report: Report) -> Report:
    """What a model wrote before was of other entries."""
    shown = PLAIN if report.shown == MODEL else report.shown
    return replace(report, tries=report.tries + 1, shown=shown)


def _wants_another_try(report: Report, now: float) -> bool:
    return 0 < report.tries < MOST_TRIES and now - (report.asked_at or 0.0) >= AGAIN_S * report.tries
