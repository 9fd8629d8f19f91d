"""Section: the next talks and meetings of reading groups, and topics and papers to vote on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.digests.sections import Entry, Part, Reader, Window
from bot.digests.sight import Sight
from bot.journal import proposals, series, talks
from bot.journal.proposals import Proposal
from bot.journal.series import ACTIVE, Series
from bot.journal.talks import ANNOUNCED, CANCELLED, PLANNED, SPEAKS, Talk
from ingest.redaction import hide
from knowledge.adapters.database import Database
from prompts.digest import cut, listed
from prompts.series import LEARNING, READING

AHEAD = timedelta(days=21)
MOST_TOPICS = 4


@dataclass(frozen=True, slots=True)
class ComingTalks:
    """Builds the section, of series whose channel all the readers may read."""

    database: Database
    sight: Sight

    def build(self, reader: Reader, window: Window) -> Part | None:
        now = window.until
        with self.database.reading() as connection:
            known = [
                one for kind in (LEARNING, READING) for one in series.all_series(connection, kind, ACTIVE)
            ]
            until = (now + AHEAD).timestamp()
            coming = talks.between(connection, now.timestamp(), until, PLANNED, ANNOUNCED, CANCELLED)
            speakers = {
                one.id: [each.person for each in talks.speakers_of(connection, one.id, SPEAKS)]
                for one in coming
            }
            open_ones = {one.id: proposals.of_series(connection, one.id, proposals.OPEN) for one in known}
            votes = proposals.counts(connection, [each.id for some in open_ones.values() for each in some])
        entries: list[Entry] = []
        news = False
        for one in known:
            place = self.sight.place(reader, one.channel)
            if place is None:
                continue
            told = [
                (talk, self._talk(talk, one, speakers[talk.id], reader.zone))
                for talk in coming
                if talk.series_id == one.id and (talk.state != CANCELLED or window.holds(talk.changed_at))
            ]
            new = [each for each in open_ones[one.id] if window.holds(each.proposed_at)]
            news = news or bool(new) or any(_is_news(talk, window) for talk, _ in told)
            found = [entry for _, entry in told] + ([_topics(one, new, votes)] if new else [])
            for entry in found:
                entries.append(_for(entry, place.key))
        return Part(entries, news) if entries else None

    def _talk(self, talk: Talk, one: Series, speakers: Sequence[str], zone: ZoneInfo) -> Entry:
        when = _when(talk.starts_at, zone)
        if talk.state == CANCELLED:
            return Entry(f"{one.name}, {when}: cancelled", title=hide(talk.title))
        people = listed([self.sight.people.name_of(person) for person in speakers])
        with_whom = f" with {people}" if people else ""
        if not talk.title:
            return Entry(f"{one.name}, {when}: a topic is sought")
        sought = "; a speaker is sought" if talk.floor == talks.WANTED and not people else ""
        return Entry(f"{one.name}, {when}{with_whom}{sought}", title=hide(talk.title))


def _is_news(talk: Talk, window: Window) -> bool:
    return talk.state != PLANNED and window.holds(talk.changed_at)


def _topics(one: Series, new: Sequence[Proposal], votes: Mapping[str, int]) -> Entry:
    ranked = sorted(new, key=lambda each: (-votes.get(each.id, 0), each.proposed_at))
    named = [f"“{cut(hide(each.title), 100)}”" for each in ranked[:MOST_TOPICS]]
    rest = [f"{len(ranked) - MOST_TOPICS} more"] if len(ranked) > MOST_TOPICS else []
    what = "papers" if one.kind == READING else "topics"
    return Entry(f"{one.name}: new {what} to vote on: {listed([*named, *rest])}")


def _for(entry: Entry, key: str) -> Entry:
    return Entry(entry.words, title=entry.title, audience_keys=(key,))


def _when(at: float, zone: ZoneInfo) -> str:
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return f"{local:%A}, {local.day} {local:%B} at {local:%H:%M} ({zone.key})"
