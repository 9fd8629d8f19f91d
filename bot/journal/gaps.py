"""Questions that were not answered well: no answer was found, or somebody found that it did not help."""

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from bot.journal.feedback import feedback
from bot.journal.proposals import questions_taken
from bot.journal.records import Question, question
from bot.journal.requests import requests
from bot.journal.tables import questions


def unanswered(connection: Connection, since: float, most: int) -> Sequence[Question]:
    """The newest asked since then that nothing has answered: without those that a person has answered, whose
    words were deleted, or that have led to a proposal already."""
    by_people = select(requests.c.question_id).where(requests.c.state == "answered")
    did_not_help = select(feedback.c.question_id).where(feedback.c.helped == 0)
    nothing_found = questions.c.outcome["outcome"].as_string() == "no_answer"
    asked = connection.execute(
        select(questions.c.id)
        .where(questions.c.asked_at >= since, questions.c.text != "", questions.c.id.not_in(by_people))
        .where(or_(nothing_found, questions.c.id.in_(did_not_help)))
        .order_by(questions.c.asked_at.desc(), questions.c.id)
    ).scalars()
    taken = questions_taken(connection)
    ids = [one for one in asked if one not in taken]
    found = (question(connection, one) for one in ids[:most])
    return [one for one in found if one is not None]
