"""What was said before in the same conversation, and nowhere else."""

import logging
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import select

from bot.hearing import Myself
from bot.journal.records import questions_of_thread
from bot.journal.tables import questions
from bot.journal.work import Item
from bot.viewing import Viewing, turn_of
from knowledge.adapters.database import Database
from knowledge.documents import Turn

MOST_TURNS = 12
MOST_MESSAGES = 200
RECENT_S = 30 * 60

log = logging.getLogger(__name__)


class History:
    """Reads the earlier turns of one conversation: a thread, a direct message, one person's `/ask`.

    Only messages of that very conversation are read. Slack is asked first, since it knows what was edited
    or deleted; when it does not tell, the journal's own questions of the thread serve.
    """

    def __init__(self, client: WebClient, database: Database, viewing: Viewing | None = None) -> None:
        self._client = client
        self._database = database
        self._viewing = viewing

    def before(self, item: Item, me: Myself) -> tuple[Turn, ...]:
        """The turns before this item, oldest first, at most MOST_TURNS.

        A question that points at what its asker looks at ("what is this about?") is preceded by what was
        said there, at most as much again.
        """
        seen = () if self._viewing is None else self._viewing.turns(item, me)
        return (*self._before(item, me), *seen)

    def _before(self, item: Item, me: Myself) -> tuple[Turn, ...]:
        if item.kind == "ask" or not item.ts:
            return self._asked_privately(item)
        in_thread = item.thread_ts != item.ts
        if not in_thread and not item.channel.startswith("D"):
            return ()
        try:
            messages = self._thread(item) if in_thread else self._direct(item)
        except (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError) as error:
            log.warning("Slack does not tell what was said before: %s", type(error).__name__)
            return self._from_journal(item)
        turns = [turn for message in messages if (turn := turn_of(message, me, item.ts)) is not None]
        return tuple(turns[-MOST_TURNS:])

    def _thread(self, item: Item) -> list[Mapping[str, Any]]:
        page = self._client.conversations_replies(
            channel=item.channel, ts=item.thread_ts, latest=item.ts, limit=MOST_MESSAGES
        )
        return list(page["messages"])

    def _direct(self, item: Item) -> list[Mapping[str, Any]]:
        oldest = f"{float(item.ts) - RECENT_S:.6f}"
        page = self._client.conversations_history(
            channel=item.channel, oldest=oldest, latest=item.ts, limit=MOST_TURNS
        )
        return list(reversed(page["messages"]))

    def _from_journal(self, item: Item) -> tuple[Turn, ...]:
        with self._database.reading() as connection:
            asked = questions_of_thread(connection, item.channel, item.thread_ts)
        return tuple(Turn(question.text) for question in asked if question.ts < item.ts)[-MOST_TURNS:]

    def _asked_privately(self, item: Item) -> tuple[Turn, ...]:
        recent = (
            select(questions.c.text)
            .where(
                questions.c.team == item.team,
                questions.c.channel == item.channel,
                questions.c.person == item.person,
                questions.c.ts == "",
                questions.c.asked_at > item.received_at - RECENT_S,
            )
            .order_by(questions.c.asked_at.desc())
            .limit(MOST_TURNS)
        )
        with self._database.reading() as connection:
            texts = list(connection.execute(recent).scalars())
        return tuple(Turn(text) for text in reversed(texts))
