"""When a talk is may be asked of the channel: the time that suits most is taken when the poll ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from slack_bolt import App
from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.talk_polls import Option, asked_page, poll_page
from bot.inbox import Inbox
from bot.journal import outgoing, talk_polls
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.talk_polls import CLOSED, OPEN, Poll
from bot.journal.talks import CANCELLED, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import POLL_STEP
from bot.learning import course
from bot.learning.changing import FURTHEST, about
from bot.learning.finding import COMING, KIND_OF, Finding, after_verb, in_words, talk_and_series
from bot.listeners import talk_polls as doors
from bot.messages import Check, Kind, Message, Place
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.calendar import as_shown
from prompts.series import NAMES
from prompts.words import words

LONGEST = timedelta(days=2)
LEAST_TIMES, MOST_TIMES = 2, 6
_TIME = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)[ T]+(?P<at>(?:[01]\d|2[0-3]):[0-5]\d)")


@dataclass(frozen=True, slots=True)
class Polling:
    """The same for every kind of series; each room has the command about its own."""

    finding: Finding
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.commands["poll"] = self.ask

    def attend(self, room: Room) -> None:
        """Bring what is pressed and the duty, once for all kinds."""
        room.handlers[POLL_STEP] = self.step
        room.doors.append(self._register)
        room.duties.append(self.decide_due)

    def ask(self, item: Item) -> Done:
        """`/learn poll [NAME] DATE TIME, DATE TIME…`: ask the channel when the next one shall be.

        It is kept under the item's own id: worked off twice, it is there once.
        """
        named = NAMES[KIND_OF[item.kind]]
        name, given = _name_and_times(after_verb(item))
        among = self._meant(item, name)
        if name and not among:
            refused = Audit(item.person, "ask when a talk is", name[:200], allowed=False)
            text = words("series_unknown", series=named.series, command=named.command)
            return Done(say=reply(item, in_markdown(text)), record=(refused,))
        coming = self.finding.coming(among, self.clock())
        if not coming:
            refused = Audit(item.person, "ask when a talk is", "", allowed=False)
            text = words("talk_none", talk=named.talk, command=named.command)
            return Done(say=reply(item, in_markdown(text)), record=(refused,))
        if len({one.series_id for one in coming}) > 1:
            names = ", ".join(dict.fromkeys(one.name for one in among))
            text = words("poll_which", names=names, command=named.command)
            return Done(say=reply(item, in_markdown(text)))
        talk, now = coming[0], self.clock()
        times = self._times(talk, given)
        soonest = min(times, default=0.0)
        fits = LEAST_TIMES <= len(times) <= MOST_TIMES and soonest > now.timestamp()
        if not fits or max(times) > (now + FURTHEST).timestamp():
            return Done(say=reply(item, in_markdown(words("poll_how", command=named.command))))
        begins = min(soonest, talk.starts_at)
        ends = now.timestamp() + min(LONGEST.total_seconds(), (begins - now.timestamp()) / 2)
        channel = next(one.channel for one in among if one.id == talk.series_id)
        made = Poll(talk.id, channel, times, ends, id=f"poll-{item.id}-{item.received_at:.0f}")
        poll = self.writer.write(lambda connection: self._begin(connection, made, now.timestamp()))
        until = in_words(poll.ends_at, self.finding.availability.profile(item.person).zone)
        record = Audit(item.person, "ask when a talk is", talk.id)
        return Done(say=reply(item, [asked_page(words("poll_asked", when=until), poll.id)]), record=(record,))

    def step(self, item: Item) -> Done:
        """A time suits somebody, or whoever looks after the series decides now."""
        with self.finding.database.reading() as connection:
            poll = talk_polls.by_id(connection, subject_of(item))
        found = None if poll is None else self.finding.talk(poll.talk_id)
        if poll is None or found is None or poll.state != OPEN:
            return Done(say=quietly(item, in_markdown(words("poll_over"))))
        number, now = str(item.payload.get("number") or ""), self.clock().timestamp()
        decides = not number
        may = self.finding.may_manage if decides else self.finding.may_see
        if not may(found[1], item.person):
            refused = Audit(item.person, "answer a poll", poll.id, allowed=False)
            return Done(say=quietly(item, in_markdown(words("talk_not_yours"))), record=(refused,))
        if decides:
            self.writer.write(lambda connection: self._decide(connection, poll.id, now))
            return Done(say=quietly(item, in_markdown(words("poll_decided"))))
        starts_at, give = _chosen(poll, number), bool(item.payload.get("give"))
        if starts_at is None or not self.writer.write(
            lambda connection: self._vote(connection, poll.id, item.person, starts_at, give, now)
        ):
            return Done(say=quietly(item, in_markdown(words("poll_over"))))
        when = in_words(starts_at, self.finding.availability.profile(item.person).zone)
        text = words("poll_suits" if give else "poll_suits_not", when=when)
        return Done(say=quietly(item, in_markdown(text)))

    def wanted(self, poll_id: str, number: str, person: str) -> bool:
        """Whether a press of this person says that a time suits, rather than that it does not any more."""
        with self.finding.database.reading() as connection:
            poll = talk_polls.by_id(connection, poll_id)
            starts_at = None if poll is None else _chosen(poll, number)
            if poll is None or starts_at is None:
                return True
            return person not in talk_polls.voters(connection, poll)[starts_at]

    def decide_due(self, now: datetime) -> None:
        """Take what suits most, where a poll has ended; a duty of the heartbeat."""
        with self.finding.database.reading() as connection:
            over = talk_polls.over(connection, now.timestamp())
        for poll in over:
            with self.finding.database.writing() as connection:
                self._decide(connection, poll.id, now.timestamp())

    # within

    def _meant(self, item: Item, name: str) -> Sequence[Series]:
        """The series that may be meant, of those that somebody may change."""
        kind, person = KIND_OF[item.kind], item.person
        if not name:
            return self.finding.managed(kind, person, item.channel)
        seen = self.finding.of_kind(kind, person)
        return self.finding.named([one for one in seen if self.finding.may_manage(one, person)], name)

    def _begin(self, connection: Connection, poll: Poll, now: float) -> Poll:
        """Put it out; one about the same talk that is still open ends without a decision. One that is there
        already stays as it is."""
        if (known := talk_polls.by_id(connection, poll.id)) is not None:
            return known
        for before in talk_polls.open_of(connection, poll.talk_id):
            ended = replace(before, state=CLOSED)
            talk_polls.put(connection, ended)
            self._show(connection, ended, now)
        talk_polls.put(connection, poll)
        found = talk_and_series(connection, poll.talk_id)
        if found is not None:
            page = self._page(connection, poll, found[0])
            check = Check(Place(poll.channel))
            message = Message(poll.channel, page.text, blocks=page.blocks, key=poll.key, check=check)
            outgoing.put(connection, [message], None, now)
        return poll

    def _decide(self, connection: Connection, poll_id: str, now: float) -> None:
        """End it; the talk is when it suits most, of two times that suit as many the earlier one."""
        poll = talk_polls.by_id(connection, poll_id)
        if poll is None or poll.state != OPEN:
            return
        found = talk_and_series(connection, poll.talk_id)
        if found is not None:
            self._take_best(connection, poll, found[0], now)
        ended = replace(poll, state=CLOSED)
        talk_polls.put(connection, ended)
        self._show(connection, ended, now)

    def _take_best(self, connection: Connection, poll: Poll, talk: Talk, now: float) -> None:
        suits = {one: len(who) for one, who in talk_polls.voters(connection, poll).items() if one > now}
        best = min(suits, key=lambda one: (-suits[one], one), default=talk.starts_at)
        coming = talk.state in COMING and talk.starts_at > now
        if coming and suits.get(best) and best != talk.starts_at:
            course.move(connection, talk, best, now)

    def _vote(
        self, connection: Connection, poll_id: str, person: str, starts_at: float, give: bool, now: float
    ) -> bool:
        """Whether it could still be said."""
        known = talk_polls.by_id(connection, poll_id)
        if known is None or known.state != OPEN:
            return False
        before = talk_polls.voters(connection, known)
        talk_polls.vote(connection, known.id, person, starts_at, give)
        if talk_polls.voters(connection, known) != before:
            self._show(connection, known, now)
        return True

    def _show(self, connection: Connection, poll: Poll, now: float) -> None:
        """Change its message to how it stands."""
        found = talk_and_series(connection, poll.talk_id)
        changed = replace(poll, changes=poll.changes + 1)
        talk_polls.put(connection, changed)
        page = poll_page(words("poll_gone"), (), "UTC", poll.id, is_open=False)
        if found is not None:
            page = self._page(connection, changed, found[0])
        key = f"{poll.key}:{changed.changes}"
        message = Message(
            poll.channel,
            page.text,
            Kind.UPDATE,
            page.blocks,
            target=poll.key,
            key=key,
            check=Check(Place(poll.channel)),
            instead="" if poll.state == OPEN else words("poll_over"),
        )
        outgoing.put(connection, [message], None, now)

    def _page(self, connection: Connection, poll: Poll, talk: Talk) -> Page:
        found = talk_and_series(connection, talk.id)
        named = "" if found is None else about(*found)
        zone = self.finding.zone(talk)
        if poll.state == OPEN:
            text = words("poll_open", about=named, when=in_words(poll.ends_at, zone))
        elif talk.state == CANCELLED:
            text = words("poll_cancelled", about=named)
        else:
            text = words("poll_closed", about=named, when=in_words(talk.starts_at, zone))
        suits = talk_polls.voters(connection, poll)
        options = [Option(one, len(suits[one])) for one in poll.times]
        return poll_page(text, options, talk.zone, poll.id, is_open=poll.state == OPEN)

    def _times(self, talk: Talk, text: str) -> tuple[float, ...]:
        """The times that a command names, by the clock of the series, the earliest first."""
        zone = self.finding.zone(talk)
        found: set[float] = set()
        for one in _TIME.finditer(text):
            try:
                day = date.fromisoformat(one["day"])
            except ValueError:
                return ()
            found.add(as_shown(day, time.fromisoformat(one["at"]), zone).timestamp())
        rest = _TIME.sub(" ", text).replace(",", " ").split()
        return () if rest else tuple(sorted(found))

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.wanted)


def _name_and_times(text: str) -> tuple[str, str]:
    """What stands before the first time, and the rest."""
    found = _TIME.search(text)
    if found is None:
        return "", text
    return text[: found.start()].strip(" ,:"), text[found.start() :]


def _chosen(poll: Poll, number: str) -> float | None:
    """The time of a button; None where there is none such."""
    known = number.isascii() and number.isdecimal() and len(number) < 3 and int(number) < len(poll.times)
    return poll.times[int(number)] if known else None
