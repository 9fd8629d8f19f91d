"""What the numbers for leads count: questions with their outcome, what was thought of them, and talks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from bot.journal import talks
from bot.journal.asked import SHARED
from bot.journal.feedback import feedback
from bot.journal.forgetting import DELETED
from bot.journal.recaps import asked_again
from bot.journal.requests import requests
from bot.journal.tables import questions
from bot.journal.talk_tables import series
from prompts.series import LEARNING
from prompts.statistics import Judged

ANSWERED = "answer"
_OUTCOME = questions.c.outcome["outcome"].as_string()


@dataclass(frozen=True, slots=True)
class Counted:
    """A question as it is counted; `cites` has the id and the audience key of each document that its answer
    cites. `by_person_at` (Unix seconds, as all times) is when a person answered what Lore could not."""

    id: str
    person: str
    team: str
    channel: str
    ts: str
    text: str
    at: float
    milliseconds: int
    answered: bool
    cites: Sequence[tuple[str, str]]
    by_person_at: float | None = None

    @property
    def private(self) -> bool:
        """Whether only the asker was shown what became of it."""
        return not self.ts or self.channel.startswith("D")


def asked(connection: Connection, since: float, until: float) -> Sequence[Counted]:
    """What was asked from `since` until before `until`, the oldest first; without what its asker has deleted
    and without answers that were shared, which nobody asked anew."""
    wanted = (
        select(
            *(questions.c[name] for name in ("id", "person", "team", "channel", "ts", "text", "asked_at")),
            questions.c.milliseconds,
            _OUTCOME.label("said"),
            questions.c.outcome["citations"].label("citations"),
            questions.c.outcome["verified"].as_string().label("verified"),
        )
        .where(questions.c.asked_at >= since, questions.c.asked_at < until)
        .where(questions.c.ts != SHARED, _OUTCOME != DELETED)
        .order_by(questions.c.asked_at, questions.c.id)
    )
    rows = connection.execute(wanted).all()
    by_people = _answered_by_people(connection)
    return [
        Counted(
            id=row.id,
            person=row.person,
            team=row.team,
            channel=row.channel,
            ts=row.ts,
            text=row.text,
            at=row.asked_at,
            milliseconds=row.milliseconds,
            answered=row.said == ANSWERED or row.verified is not None,
            cites=tuple((one["document_id"], one["audience_key"]) for one in row.citations or ())
            if row.said == ANSWERED
            else (),
            by_person_at=by_people.get(row.id),
        )
        for row in rows
    ]


def judged(connection: Connection, since: float, until: float) -> Sequence[Judged]:
    """What people thought of answers to what was asked within that time."""
    wanted = (
        select(feedback.c.person, feedback.c.helped, questions.c.asked_at)
        .join(questions, questions.c.id == feedback.c.question_id)
        .where(questions.c.asked_at >= since, questions.c.asked_at < until, _OUTCOME != DELETED)
    )
    return [
        Judged(row.person, datetime.fromtimestamp(row.asked_at, UTC), bool(row.helped))
        for row in connection.execute(wanted)
    ]


def liked(connection: Connection, since: float, until: float) -> dict[str, int]:
    """Questions whose answer several people found helpful and nobody unhelpful, with how many; the last of
    them later than `since` and not later than `until`."""
    rows = connection.execute(select(feedback.c.question_id, feedback.c.helped, feedback.c.at)).all()
    disliked = {row.question_id for row in rows if not row.helped}
    recent = {row.question_id for row in rows if row.helped and since < row.at <= until} - disliked
    counts = Counter(row.question_id for row in rows)
    return {one: counts[one] for one in recent if counts[one] > 1}


def closed_by_people(connection: Connection, since: float, until: float) -> dict[str, float]:
    """Questions that people answered within that time, with when."""
    found = _answered_by_people(connection)
    return {question: at for question, at in found.items() if since <= at < until}


def closed_by_talks(connection: Connection, since: float, until: float) -> dict[str, float]:
    """Questions that have an answer since a talk, of which their askers were told within that time."""
    within = (asked_again.c.told_at >= since) & (asked_again.c.told_at < until)
    wanted = select(asked_again.c.question_id, asked_again.c.told_at).where(within)
    return {row.question_id: row.told_at for row in connection.execute(wanted)}


def held(connection: Connection, since: float, until: float) -> tuple[list[datetime], list[datetime]]:
    """When the lunch-and-learns and the meetings of reading groups began that were held within that time."""
    kinds = {row.id: row.kind for row in connection.execute(select(series.c.id, series.c.kind))}
    learned: list[datetime] = []
    read: list[datetime] = []
    for talk in talks.between(connection, since, until, talks.HELD):
        of_kind = learned if kinds.get(talk.series_id, LEARNING) == LEARNING else read
        of_kind.append(datetime.fromtimestamp(talk.starts_at, UTC))
    return learned, read


def _answered_by_people(connection: Connection) -> dict[str, float]:
    wanted = select(requests.c.question_id, requests.c.ended_at).where(
        requests.c.state == "answered", requests.c.ended_at.is_not(None)
    )
    found: dict[str, float] = {}
    for row in connection.execute(wanted.order_by(requests.c.ended_at)):
        found.setdefault(row.question_id, row.ended_at)
    return found
