"""What becomes of a talk in the tests' workspace, and where Lore says something of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.journal import invitations, proposals, talks
from bot.journal.proposals import CHOSEN, Proposal
from bot.journal.talks import Talk
from tests.dialogues.lore import Lore, words


def about(lore: Lore, talk: Talk, questions: Sequence[str] = (), paper: dict[str, Any] | None = None) -> Talk:
    """The talk, of a topic that these questions (by id) led to, or of a paper."""
    topic = Proposal(talk.series_id, talk.title, "", "", CHOSEN, paper or {}, tuple(questions))
    with lore.knowledge.database.writing() as connection:
        proposals.put(connection, topic, lore.slack.team.clock())
    return change(lore, talk, proposal_id=topic.id)


def change(lore: Lore, talk: Talk, **changes: Any) -> Talk:
    """The talk, changed and nothing told of it."""
    changed = replace(talk, **changes)
    with lore.knowledge.database.writing() as connection:
        talks.put(connection, changed, lore.slack.team.clock())
    return changed


def move(lore: Lore, talk: Talk, by: timedelta) -> Talk:
    return change(lore, talk, starts_at=talk.starts_at + by.total_seconds(), sequence=talk.sequence + 1)


def announcement(lore: Lore, talk: Talk) -> str:
    """The ts of the message that announces it."""
    with lore.knowledge.database.reading() as connection:
        known = invitations.of_talk(connection, talk.id)
    assert known is not None
    assert known.ts
    return known.ts


def in_dm(lore: Lore, person: str, having: str) -> dict[str, Any]:
    """The newest of Lore's direct messages to somebody that has these words; empty when there is none."""
    said = lore.slack.said_by_app(lore.slack.dm(person))
    return next((one for one in reversed(said) if having in words(one)), {})


def count_in_dm(lore: Lore, person: str, having: str) -> int:
    return sum(having in words(one) for one in lore.slack.said_by_app(lore.slack.dm(person)))
