"""What the messages of a report are to show, from all that is known of an occurrence: pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.blocks.pages import Page
from bot.blocks.standup_reports import (
    Told,
    draft_steps,
    entry_pages,
    head_page,
    short_page,
    summary_page,
)
from bot.journal.entries import Entry
from bot.journal.occurrences import CLOSED, OPEN
from bot.journal.report_messages import DRAFT as DRAFTED
from bot.journal.report_messages import ENTRY, HEAD, SUMMARY, Shown, Spot
from bot.journal.reports import DRAFT, LEAD, MODEL, NONE, POSTED, Report
from bot.messages import Check, Place
from bot.pressing import alone
from bot.rituals.report_board import Wanted
from bot.rituals.report_facts import Facts
from prompts.ritual import ReportForm
from prompts.words import words

LINKS_WAIT_S = 180.0
"""A summary waits so long for the messages that it links to."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the world tells: the `channel` of the report (empty: there is none), why nothing may be posted in
    it (`refusal`), its name (`place`), the `lead` and the `observers` by id, who may read (the key of an
    `audience`), the workspace's `address`, and whether there is a language model."""

    now: float
    channel: str = ""
    refusal: str = ""
    place: str = ""
    lead: str = ""
    lead_zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    observers: tuple[str, ...] = ()
    audience: str = ""
    address: str = ""
    modelled: bool = False


def view(facts: Facts, report: Report, around: Around) -> list[Wanted]:
    """Every message that is to be there, in the order in which they are said."""
    return [*_in_the_channel(facts, around), *_summaries(facts, report, around)]


def told(facts: Facts, around: Around) -> Told:
    """What a summary of these facts is told with."""
    return Told(
        name=facts.occurrence.settings.name,
        slot=facts.occurrence.slot,
        attendance=facts.attendance(),
        authors=facts.authors(),
        links=links(facts.places, around.address),
        lead=facts.name(around.lead) if around.lead in facts.names else "the lead",
    )


def links(places: Mapping[int, tuple[str, str, str]], address: str) -> dict[int, str]:
    """The addresses of messages in Slack, by entry."""
    if not address:
        return {}
    base = address.rstrip("/")
    return {
        entry: f"{base}/archives/{channel}/p{ts.replace('.', '')}"
        + (f"?thread_ts={thread}&cid={channel}" if thread else "")
        for entry, (channel, ts, thread) in places.items()
        if channel and ts
    }


def _in_the_channel(facts: Facts, around: Around) -> Iterator[Wanted]:
    """The head and the entries; where nothing may be posted any more, what stands there stays as it is, but
    for entries that were taken back."""
    standing = {one.spot for one in facts.shown if one.spot.part in (HEAD, ENTRY)}
    given = {one.id for one in facts.given}
    if around.refusal or not around.channel or not _is_shown(facts, bool(standing)):
        for spot in standing:
            if spot.part == HEAD or spot.entry_id in given:
                yield Wanted(spot, around.channel, None)
        return
    check = Check(Place(around.channel), (around.audience,))
    settings = facts.occurrence.settings
    if given or standing:
        page = head_page(settings.name, facts.occurrence.slot, facts.attendance())
        yield Wanted(Spot(HEAD), around.channel, page, check)
    there: dict[int, list[Shown]] = {}
    for one in facts.shown:
        there.setdefault(one.spot.entry_id, []).append(one)
    for entry in facts.given:
        for number, page_ in enumerate(_pages(entry, facts, there.get(entry.id, ()))):
            spot = Spot(ENTRY, entry.id, number=number)
            yield Wanted(spot, around.channel, page_, check, entry.revision, thread=True)


def _pages(entry: Entry, facts: Facts, there: Sequence[Shown]) -> Sequence[Page | None]:
    """What is shown of an entry; None for each page of it that is up to date."""
    if there and all(one.revision == entry.revision for one in there):
        return [None] * (1 + max(one.spot.number for one in there))
    return entry_pages(entry, facts.occurrence.settings, facts.name(entry.person))


def _is_shown(facts: Facts, standing: bool) -> bool:
    match facts.occurrence.settings.form:
        case ReportForm.THREAD:
            return standing or facts.occurrence.state in (OPEN, CLOSED)
        case ReportForm.COMPILED:
            return standing or facts.over
        case ReportForm.NONE:
            return False


def _summaries(facts: Facts, report: Report, around: Around) -> Iterator[Wanted]:
    drafts = [one.spot for one in facts.shown if one.spot.part == DRAFTED]
    if report.state == DRAFT and around.lead:
        check = Check(alone(around.lead), (around.audience,))
        page = _draft(facts, report, around)
        yield Wanted(Spot(DRAFTED, person=around.lead), around.lead, page, check, background=False)
    elif report.state == POSTED:
        for spot in drafts:
            yield Wanted(spot, spot.person, _posted(facts, report, around), background=False)
        yield from _posted_summaries(facts, report, around)
    elif report.state == NONE:
        return


def _posted_summaries(facts: Facts, report: Report, around: Around) -> Iterator[Wanted]:
    page = _summary(facts, report, around)
    standing = {one.spot for one in facts.shown if one.spot.part == SUMMARY}
    if not standing and _links_are_coming(facts, around):
        return
    places = [(around.channel, "")] if around.channel and not around.refusal else []
    places += [] if places or not around.lead else [(around.lead, around.lead)]
    if report.summary is not None:
        places += [(one, one) for one in around.observers if (one, one) not in places]
    for channel, person in places:
        place = alone(person) if person else Place(channel)
        yield Wanted(
            Spot(SUMMARY, person=person),
            channel,
            page,
            Check(place, (around.audience,)),
            background=False,
        )
    for spot in standing - {Spot(SUMMARY, person=person) for _, person in places}:
        if around.refusal and not spot.person and not facts.withdrawn:
            yield Wanted(spot, around.channel, None)


def _links_are_coming(facts: Facts, around: Around) -> bool:
    """Whether entries are still on their way to the thread, so that there will soon be more to link to."""
    if around.refusal or not around.channel or facts.occurrence.settings.form is ReportForm.NONE:
        return False
    if around.now - (facts.occurrence.closed_at or around.now) >= LINKS_WAIT_S:
        return False
    gone = {one.spot.entry_id for one in facts.shown if one.gone}
    return any(one.id not in facts.places and one.id not in gone for one in facts.given)


def _summary(facts: Facts, report: Report, around: Around) -> Page:
    if report.summary is None:
        return short_page(_short(facts), told(facts, around))
    return summary_page(report.summary, told(facts, around), _notes(facts, report, around))


def _short(facts: Facts) -> str:
    attendance = facts.attendance()
    if attendance.skipped and not attendance.waiting:
        return words("standup_all_skipped")
    return words("standup_nobody_answered")


def _notes(facts: Facts, report: Report, around: Around) -> list[str]:
    notes = [words("standup_summary_updated")] if report.updates and report.state == POSTED else []
    if report.shown == MODEL:
        notes.append(words("standup_summary_by_model"))
    elif report.shown == LEAD:
        notes.append(words("standup_summary_by_lead", name=told(facts, around).lead))
    elif report.tries and around.modelled:
        notes.append(words("standup_summary_no_model"))
    return notes


def _draft(facts: Facts, report: Report, around: Around) -> Page:
    """The summary as the lead sees it before anybody else does."""
    assert report.summary is not None
    at = datetime.fromtimestamp(report.post_at or around.now, UTC).astimezone(around.lead_zone)
    where = f"in {around.place}" if around.place and not around.refusal else "to those who observe it"
    note = words("standup_summary_draft", where=where, time=f"{at:%H:%M}")
    notes = [note, *_notes(facts, report, around)]
    if around.refusal:
        notes.insert(1, around.refusal)
    steps = draft_steps(report.occurrence_id, modelled=around.modelled or report.shown != "plain")
    return summary_page(report.summary, told(facts, around), notes, steps)


def _posted(facts: Facts, report: Report, around: Around) -> Page:
    """What stands in place of a draft that is posted."""
    by = facts.name(report.posted_by) if report.posted_by in facts.names else "me"
    where = around.place if around.place and not around.refusal else "those who observe it"
    return short_page(words("standup_summary_posted", where=where, by=by), told(facts, around))
