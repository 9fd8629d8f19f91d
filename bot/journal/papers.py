"""Papers of reading groups: how near they are to what a team works on, and whether it has used them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    insert,
    select,
    update,
)

from bot.journal.proposals import HELD, OPEN, Proposal, of_series
from bot.journal.records import Question, question
from bot.journal.series import ACTIVE, Series, all_series
from bot.journal.tables import metadata, questions
from bot.journal.talk_tables import talks
from prompts.reading import YES, Fit, Near
from prompts.series import READING

fits = Table(
    "paper_fits",
    metadata,
    Column("proposal_id", String(40), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("questions", Integer, nullable=False),
    Column("weighed_at", Float, nullable=False),
)

uses = Table(
    "paper_uses",
    metadata,
    Column("talk_id", String(40), primary_key=True),
    Column("person", String(40), primary_key=True),
    Column("answer", String(20), nullable=False),
    Column("word", Text, nullable=False),
    Column("said_at", Float, nullable=False),
    CheckConstraint("answer IN ('yes', 'not yet', 'no')", name="answer"),
    Index(None, "said_at"),
)


@dataclass(frozen=True, slots=True)
class Weighed:
    """How near a paper was when it was weighed, against which published version and when (Unix seconds)."""

    fit: Fit
    version: int
    weighed_at: float


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody who came says of what became of a paper; `word` is in their own words, or empty."""

    talk_id: str
    person: str
    answer: str
    word: str = ""
    said_at: float = 0.0


def put_fit(connection: Connection, proposal_id: str, one: Weighed) -> None:
    """Store how near a paper is, in place of what was stored before."""
    documents = [
        [near.document_id, near.title, near.audience_key, near.likeness] for near in one.fit.documents
    ]
    row = {
        "version": one.version,
        "score": one.fit.score,
        "documents": documents,
        "questions": one.fit.questions,
        "weighed_at": one.weighed_at,
    }
    if not connection.execute(update(fits).where(fits.c.proposal_id == proposal_id).values(**row)).rowcount:
        connection.execute(insert(fits), {**row, "proposal_id": proposal_id})


def fit_of(connection: Connection, proposal_id: str) -> Weighed | None:
    row = connection.execute(select(fits).where(fits.c.proposal_id == proposal_id)).first()
    if row is None:
        return None
    near = tuple(Near(*one) for one in row.documents)
    return Weighed(Fit(row.score, near, row.questions), row.version, row.weighed_at)


def to_weigh(connection: Connection, version: int, before: float) -> Sequence[Proposal]:
    """Open papers of active reading groups that were never weighed, or last before then and against another
    version."""
    found = []
    for one in all_series(connection, READING, ACTIVE):
        for paper in of_series(connection, one.id, OPEN):
            known = fit_of(connection, paper.id)
            if known is None or (known.version != version and known.weighed_at < before):
                found.append(paper)
    return found


def recent_questions(connection: Connection, since: float, most: int) -> Sequence[Question]:
    """The newest that were asked since then and have words."""
    wanted = (
        select(questions.c.id)
        .where(questions.c.asked_at >= since, questions.c.text != "")
        .order_by(questions.c.asked_at.desc(), questions.c.id)
        .limit(most)
    )
    found = (question(connection, one) for one in connection.execute(wanted).scalars())
    return [one for one in found if one is not None]


def put_use(connection: Connection, one: Use) -> None:
    """Store what somebody says, in place of what they have said before."""
    row = {"answer": one.answer, "word": one.word, "said_at": one.said_at}
    same = (uses.c.talk_id == one.talk_id) & (uses.c.person == one.person)
    if not connection.execute(update(uses).where(same).values(**row)).rowcount:
        connection.execute(insert(uses), {**row, "talk_id": one.talk_id, "person": one.person})


def uses_of(connection: Connection, talk_ids: Collection[str]) -> Mapping[str, Sequence[Use]]:
    """What people have said of what they read at these talks, the first one first, by the id of the talk."""
    wanted = select(uses).where(uses.c.talk_id.in_(talk_ids)).order_by(uses.c.said_at, uses.c.person)
    found: dict[str, list[Use]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.talk_id, []).append(
            Use(row.talk_id, row.person, row.answer, row.word, row.said_at)
        )
    return found


def read_before(connection: Connection, one: Series, most: int) -> Sequence[Proposal]:
    """What a reading group has read, the last paper first."""
    wanted = (
        select(talks.c.proposal_id)
        .where(talks.c.series_id == one.id, talks.c.state == "held", talks.c.proposal_id != "")
        .order_by(talks.c.starts_at.desc(), talks.c.id)
    )
    known = {paper.id: paper for paper in of_series(connection, one.id, HELD)}
    order = dict.fromkeys(connection.execute(wanted).scalars())
    return [known[paper] for paper in order if paper in known][:most]


def used(connection: Connection, since: float, until: float) -> dict[str, float]:
    """Papers (by the id of their talk) of which somebody said within [since, until), for the first time, that
    the team has used them, with when."""
    wanted = (
        select(uses.c.talk_id, uses.c.said_at).where(uses.c.answer == YES).order_by(uses.c.said_at.desc())
    )
    first = {row.talk_id: row.said_at for row in connection.execute(wanted)}
    return {talk: at for talk, at in first.items() if since <= at < until}
