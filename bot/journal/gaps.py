"""Questions that were not answered well: no answer was found, or somebody found that it did not help."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from bot.journal.feedback import feedback
from bot.journal.proposals import questions_taken
from bot.journal.records import Question, question
from bot.journal.requests import requests
from bot.journal.tables import questions


def unanswered(connection: Connection, since: float, most: int) -> Sequence[Question]:
    """The newest asked since then that nothing has answered: without those that a person has answered, whose
    words were deleted, or that have led to a proposal already."""
    by_people = select(requests.c.question_id).where(requests.c.state == "answered")
    asked = connection.execute(
        select(questions.c.id, questions.c.outcome)
        .where(questions.c.asked_at >= since, questions.c.text != "", questions.c.id.not_in(by_people))
        .order_by(questions.c.asked_at.desc(), questions.c.id)
    ).all()
    wrong = select(feedback.c.question_id).where(feedback.c.helped == 0).distinct()
    not_helped = set(connection.execute(wrong).scalars())
    taken = questions_taken(connection)
    ids = [
        row.id
        for row in asked
        if row.id not in taken and (row.outcome.get("outcome") == "no_answer" or row.id in not_helped)
    ]
    found = (question(connection, one) for one in ids[:most])
    return [one for one in found if one is not None]
