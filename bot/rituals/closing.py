"""What is over: occurrences that close, prompts that were missed, and all that a stopped ritual still had."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.journal import claims, deliveries, entries, occurrences, outgoing
from bot.journal import rituals as journal
from bot.journal.deliveries import MISSED, SAID, SKIPPED, WAITING, Delivery
from bot.journal.occurrences import CANCELLED, CLOSED, OPEN, PLANNED, Occurrence
from bot.messages import Message
from bot.outbox import TOO_LATE
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.rituals.room import Rituals
from bot.rituals.wanted import PROMPT
from prompts.calm import in_words
from prompts.words import words

CLOSE = "close"
CLOSE_LATE = timedelta(hours=12)
"""What is made when an occurrence closes is made so late at most."""

LOOKED_BACK = timedelta(days=3)
MOST_LINES = 20
IN_TIME = "It was not sent in time: I was not running, or could not reach Slack."
NOBODY = "Nobody was asked: Lore was not running, or could not reach Slack."
STOPPED = "The ritual was paused or ended."
NOT_SHOWN = "It could not be shown to you any more."


@dataclass(frozen=True, slots=True)
class Closing:
    """A duty of the heartbeat. The owner of rituals of which something was missed is told once of all."""

    rituals: Rituals

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.close)

    def close(self, now: datetime) -> None:
        """End whatever is over at this time."""
        with self.rituals.database.writing() as connection:
            at = now.timestamp()
            _stop(connection, at)
            missed = [*deliveries.miss(connection, at, IN_TIME), *_unsaid(connection, at)]
            for one in occurrences.in_state(connection, OPEN):
                missed += _end(connection, one, at)
            outgoing.put(connection, _notices(connection, missed), None, at)


def _stop(connection: Connection, now: float) -> None:
    """Nothing more is said of rituals that are not active; what people entered stays."""
    for one in occurrences.stopped(connection):
        if one.state == PLANNED:
            deliveries.take_away(connection, one.id)
            occurrences.take_away(connection, one.id)
            continue
        deliveries.cancel(connection, one.id, STOPPED, now)
        if one.state == OPEN:
            occurrences.move(connection, one.id, CANCELLED, now, STOPPED)


def _unsaid(connection: Connection, now: float) -> Sequence[Delivery]:
    """What Slack or the clock kept from being said after all; those that it came too late for."""
    late: list[Delivery] = []
    for one in claims.unsaid(connection, now - LOOKED_BACK.total_seconds()):
        too_late = one.error == TOO_LATE
        reason = IN_TIME if too_late else f"Slack refused it: {one.error}." if one.error else NOT_SHOWN
        claims.was_missed(connection, one.delivery.id, reason)
        late += [one.delivery] if too_late else []
    return late


def _end(connection: Connection, one: Occurrence, now: float) -> Sequence[Delivery]:
    """Close an occurrence when its last deadline is over, and have said what is said then; a summary that
    would come too late."""
    prompts = [each for each in deliveries.of_occurrence(connection, one.id) if each.kind == PROMPT]
    if any(each.state in WAITING for each in prompts):
        return ()
    asked = any(each.state in (SAID, SKIPPED) for each in prompts)
    if not asked and not entries.of_slot(connection, one.ritual_id, one.slot):
        deliveries.cancel(connection, one.id, NOBODY, now)
        occurrences.move(connection, one.id, occurrences.MISSED, now, NOBODY)
        return ()
    if one.closes_at > now:
        return ()
    occurrences.move(connection, one.id, CLOSED, now)
    not_after = one.closes_at + CLOSE_LATE.total_seconds()
    summary = Delivery(one.id, "", CLOSE, planned_at=one.closes_at, not_after=not_after)
    if now <= not_after:
        deliveries.plan(connection, summary)
        return ()
    summary = replace(summary, state=MISSED, reason=IN_TIME, settled_at=now)
    return [summary] if deliveries.plan(connection, summary) else ()


def _notices(connection: Connection, missed: Sequence[Delivery]) -> Sequence[Message]:
    """One message to each owner, of all their rituals; reminders that came too late are nobody's news."""
    lines: defaultdict[str, list[str]] = defaultdict(list)
    of_occurrence: defaultdict[int, list[Delivery]] = defaultdict(list)
    for one in missed:
        if one.kind in (PROMPT, CLOSE):
            of_occurrence[one.occurrence_id].append(one)
    for occurrence_id, all_of_it in of_occurrence.items():
        occurrence = occurrences.occurrence(connection, occurrence_id)
        ritual = None if occurrence is None else journal.ritual(connection, occurrence.ritual_id)
        if occurrence is not None and ritual is not None:
            lines[ritual.owner].append(f"- *{ritual.name}*, {in_words(occurrence.slot)}: {_what(all_of_it)}")
    said: list[Message] = []
    for owner, of_them in lines.items():
        more = [f"- and {len(of_them) - MOST_LINES} more"] if len(of_them) > MOST_LINES else []
        what = "\n".join(sorted(of_them)[:MOST_LINES] + more)
        said += to_person(owner, in_markdown(words("ritual_missed", what=what)))
    return said


def _what(missed: Sequence[Delivery]) -> str:
    people = sum(1 for one in missed if one.kind == PROMPT)
    asked = {0: "", 1: "one person was not asked"}.get(people, f"{people} people were not asked")
    summary = "no summary was made" if any(one.kind == CLOSE for one in missed) else ""
    return " and ".join(filter(None, (asked, summary)))
