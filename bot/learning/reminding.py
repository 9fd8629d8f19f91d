"""What those who come to a talk are told: reminders, changes, and that a place is theirs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from bot.blocks.invitations import COMING, FILE, NOT_COMING, told_page
from bot.journal import invitations, notices, series, talks
from bot.journal.invitations import Invitation
from bot.journal.notices import CLAIMED, PLANNED, SAID, Notice
from bot.journal.series import Series
from bot.journal.talks import CANCELLED, NO, Talk
from bot.learning.attending import MOVED_UP, seats_of, speakers_of
from bot.learning.cards import card_of, may_come
from bot.learning.course import SOON_S, begins_next
from bot.messages import Message
from bot.notices import Fate, Made, Notices
from bot.people import People
from bot.rituals.due import Later, NotSaid
from knowledge.adapters.database import Database
from prompts.attending import Facts, Seats, day_before, shortly_before
from prompts.words import words

TOMORROW, SOON = "talk tomorrow", "talk soon"
CHANGED, CHANGED_SOON = "talk changed", "talk changed soon"
SUITS = "talk suits"
REMINDERS, CHANGES = (TOMORROW, SOON), (CHANGED, CHANGED_SOON)
STILL_WORTH_S = 300.0
"""That it begins is said until so long after it has begun."""
THAT_DAY_S = 4 * 3600.0
"""That it is tomorrow is said so late at most, so that it is true and nobody sleeps yet."""
ASK_AGAIN_S = 60.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A talk, and how people stand to it."""

    talk: Talk
    series: Series
    invitation: Invitation | None
    speaking: tuple[str, ...]
    seats: Seats
    refused: Mapping[str, float]
    """Who has said no, and when."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """Makes the notices; each looks anew at what is so when it is said."""

    people: People
    database: Database

    def join(self, told: Notices) -> None:
        told.makers |= dict.fromkeys(REMINDERS, self.remind)
        told.makers |= dict.fromkeys(CHANGES, self.change)
        told.makers[MOVED_UP] = self.move_up
        told.makers[SUITS] = self.ask_again
        told.at_once |= {*REMINDERS, CHANGED_SOON}
        told.even_away.add(CHANGED_SOON)
        told.rather_now[CHANGED] = self._too_late

    def remind(self, notice: Notice, now: datetime) -> Fate:
        """That it is tomorrow, or about to begin, unless it was moved, cancelled or given up meanwhile."""
        known = self._known(notice, now)
        if not isinstance(known, _Known):
            return known
        talk, person = known.talk, notice.person
        if talk.state == CANCELLED or notice.about != about(talk):
            return NotSaid("It was moved or cancelled after this was planned.")
        if person not in (*known.seats.taken, *known.speaking):
            return NotSaid("You do not come.")
        lead = "invited_tomorrow" if notice.kind == TOMORROW else "invited_soon"
        soon = {} if notice.kind == TOMORROW else {"soon": _in_minutes(talk.starts_at - now.timestamp())}
        if person in known.speaking:
            return self._made(notice, known, words(f"{lead}_speaker", **soon), (FILE,))
        return self._made(notice, known, words(lead, **soon), (NOT_COMING,))

    def move_up(self, notice: Notice, now: datetime) -> Fate:
        """That a place has become free, to the one who has it now."""
        known = self._known(notice, now)
        if not isinstance(known, _Known):
            return known
        if known.talk.state == CANCELLED or notice.person not in known.seats.taken:
            return NotSaid("You do not come.")
        return self._made(notice, known, words("invited_moved_up"), (NOT_COMING, FILE))

    def change(self, notice: Notice, now: datetime) -> Fate:
        """What has changed since somebody was last told."""
        known = self._known(notice, now)
        if not isinstance(known, _Known):
            return known
        talk, person = known.talk, notice.person
        _, last, to = notice.about.split(":")
        if known.invitation is None or talk.sequence != int(to):
            return Later(now.timestamp() + ASK_AGAIN_S, "It has changed again; the newest change is told.")
        if person not in (*known.seats.taken, *known.seats.waiting, *known.speaking):
            return NotSaid("You do not come.")
        if talk.state == CANCELLED:
            return self._made(notice, known, words("invited_called_off"))
        was = known.invitation.told.get(int(last))
        steps = (FILE,) if person in known.speaking else (NOT_COMING, FILE)
        if was is not None and was.cancelled:
            return self._made(notice, known, words("invited_again"), steps)
        lead = "invited_changed"
        if person in known.speaking:
            lead = "invited_changed_speaker"
        elif person in known.seats.waiting:
            lead = "invited_changed_waiting"
        return self._made(notice, known, words(lead), steps, was)

    def ask_again(self, notice: Notice, now: datetime) -> Fate:
        """Whether its new time suits somebody who has said no to another one."""
        known = self._known(notice, now)
        if not isinstance(known, _Known):
            return known
        talk, person = known.talk, notice.person
        _, last, to = notice.about.split(":")
        if known.invitation is None or talk.sequence != int(to):
            return Later(now.timestamp() + ASK_AGAIN_S, "It has changed again.")
        if talk.state == CANCELLED or person in known.speaking:
            return NotSaid("It does not take place, or you speak.")
        if known.refused.get(person, notice.planned_at) >= notice.planned_at:
            return NotSaid("You have replied to its new time.")
        was = known.invitation.told.get(int(last))
        return self._made(notice, known, words("invited_suits"), (COMING, NOT_COMING), was)

    def _too_late(self, notice: Notice, now: datetime) -> float:
        """When it begins, or was to begin when they were last told."""
        talk_id, last, _ = notice.about.split(":")
        with self.database.reading() as connection:
            talk = talks.by_id(connection, talk_id)
            invitation = invitations.of_talk(connection, talk_id)
        was = None if invitation is None else invitation.told.get(int(last))
        known = [one.starts_at for one in (talk, was) if one is not None]
        return begins_next(known, now.timestamp())

    def _known(self, notice: Notice, now: datetime) -> _Known | NotSaid | Later:
        with self.database.reading() as connection:
            talk = talks.by_id(connection, notice.about.partition(":")[0])
            one = None if talk is None else series.by_id(connection, talk.series_id)
            if talk is None or one is None:
                return NotSaid("There is no such date any more.")
            speaking, seats = speakers_of(connection, talk.id), seats_of(connection, talk.id)
            invitation = invitations.of_talk(connection, talk.id)
            refused = _refused(connection, talk)
        allowed = may_come(self.people, one, notice.person)
        if allowed is None:
            return Later(now.timestamp() + ASK_AGAIN_S, "Slack did not tell who may read the channel.")
        if not allowed:
            return NotSaid("You do not read its channel any more.")
        return _Known(talk, one, invitation, speaking, seats, refused)

    def _made(
        self, notice: Notice, known: _Known, lead: str, steps: Sequence[str] = (), was: Facts | None = None
    ) -> Made:
        card = card_of(self.people, known.talk, known.series, known.speaking)
        page = told_page(lead, card, steps, was)
        return Made([Message(notice.person, page.text, blocks=page.blocks)])


def about(talk: Talk) -> str:
    """What reminders are about: a talk as it is now, so that none outlives a change of it."""
    return f"{talk.id}:{talk.sequence}"


def plan_reminders(connection: Connection, talk: Talk, zones: Mapping[str, ZoneInfo], now: float) -> None:
    """Plan those of everybody who comes, whose zones these are; what would be late already is left out."""
    starts = datetime.fromtimestamp(talk.starts_at, UTC)
    for person, zone in zones.items():
        soon = shortly_before(starts).timestamp()
        tomorrow = day_before(starts, zone).timestamp()
        planned = (
            Notice(TOMORROW, about(talk), person, tomorrow, tomorrow + THAT_DAY_S),
            Notice(SOON, about(talk), person, soon, talk.starts_at + STILL_WORTH_S),
        )
        for notice in planned:
            if notice.planned_at > now:
                notices.plan(connection, notice)


def cancel_reminders(connection: Connection, talk: Talk, sequences: Iterable[int], now: float) -> None:
    """What waits of a talk as it was is never said."""
    for sequence in sequences:
        notices.cancel(connection, f"{talk.id}:{sequence}", "It was moved or cancelled.", now, *REMINDERS)


def tell_change(connection: Connection, talk: Talk, told: Mapping[int, Facts], now: float) -> None:
    """Plan one message to everybody who comes or waits, of all that has changed since they were last told;
    `told` holds what they were told, by sequence, and the newest, which nobody was told yet.

    Whoever has made the only change since is told nothing: they know it. Who speaks is told here of what
    `bot.learning.course` does not tell them: neither moves nor cancellations.
    """
    *earlier, last, to = sorted(told)
    taken_back = _take_back(connection, talk, [*earlier, last], now, CHANGES)
    waited = {one.recipient: _since(one) for one in taken_back}
    seats = seats_of(connection, talk.id)
    before, after = told[last], told[to]
    soon = min(before.starts_at, after.starts_at) - now < SOON_S
    kind, until = CHANGED_SOON if soon else CHANGED, max(before.starts_at, talk.ends_at)
    same = (before.starts_at, before.cancelled) == (after.starts_at, after.cancelled)
    speaking = speakers_of(connection, talk.id) if same else ()
    knows = talk.changed_by if to == last + 1 else ""
    for person in dict.fromkeys((*seats.taken, *seats.waiting, *speaking)):
        if person == knows and person not in waited:
            continue
        since = waited.get(person, last)
        if told[since] != after:
            notices.plan(connection, Notice(kind, f"{talk.id}:{since}:{to}", person, now, until))


def ask_who_refused(connection: Connection, talk: Talk, told: Mapping[int, Facts], now: float) -> None:
    """Plan to ask those who have said no whether another time suits them, each once for a talk; `told` is as
    for `tell_change`."""
    *earlier, last, to = sorted(told)
    numbers = [*earlier, last]
    asked = {one.recipient for one in _of_changes(connection, talk, numbers, (SUITS,)) if one.state == SAID}
    waited = {one.recipient: one for one in _take_back(connection, talk, numbers, now, (SUITS,))}
    if told[to].cancelled or talk.starts_at <= now:
        return
    speaking = speakers_of(connection, talk.id)
    for person, replied_at in _refused(connection, talk).items():
        before = waited.get(person)
        since, since_at = (last, now) if before is None else (_since(before), before.planned_at)
        settled = person in asked or person in speaking or replied_at > since_at
        if not settled and told[since].starts_at != talk.starts_at:
            about = f"{talk.id}:{since}:{to}"
            notices.plan(connection, Notice(SUITS, about, person, since_at, talk.starts_at))


def _take_back(
    connection: Connection, talk: Talk, told: Sequence[int], now: float, kinds: Sequence[str]
) -> Sequence[Notice]:
    """Nobody is told of an earlier change who has not been yet; what waited, the change that each person was
    told last at the end."""
    waiting = [one for one in _of_changes(connection, talk, told, kinds) if one.state in (PLANNED, CLAIMED)]
    for subject in dict.fromkeys(one.about for one in waiting):
        notices.cancel(connection, subject, "It has changed again.", now, *kinds)
    return sorted(waiting, key=_since, reverse=True)


def _of_changes(
    connection: Connection, talk: Talk, told: Sequence[int], kinds: Sequence[str]
) -> Sequence[Notice]:
    """All that was planned about changes between any two of what was told."""
    pairs = [(since, to) for since in told for to in told if since < to]
    subjects = [f"{talk.id}:{since}:{to}" for since, to in pairs]
    return [one for subject in subjects for one in notices.about(connection, subject, *kinds)]


def _since(notice: Notice) -> int:
    """The sequence that somebody was told last, by what a notice of a change is about."""
    return int(notice.about.split(":")[1])


def _refused(connection: Connection, talk: Talk) -> Mapping[str, float]:
    """Who has said that they do not come, and when."""
    return {one.person: one.replied_at for one in talks.replies_of(connection, talk.id, NO)}


def _in_minutes(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return "now"
    return f"in {minutes} minute{'s' * (minutes > 1)}"
