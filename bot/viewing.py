"""What a person looks at in Slack, as context of what they ask Lore in a direct message, and only there."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import select

from bot.hearing import PEOPLE_WRITE, Myself, in_words
from bot.journal.personal import VIEWED_S, Viewed, viewed_by
from bot.journal.tables import questions
from bot.journal.work import Item
from bot.looking import Pointing, pointing, viewed
from bot.people import People
from knowledge.adapters.database import Database
from knowledge.documents import Turn
from knowledge.ports import Clock

MOST_SEEN = 12
LONGEST_TURN = 1_000
RECENT_S = 10 * 60

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Viewing:
    """Reads what was said lately where a person looks, when their question points there.

    It is read only where Lore is a member and the person is one too, at that moment, and becomes turns of
    the conversation with that one person. What they look at counts for VIEWED_S.
    """

    client: WebClient
    people: People
    database: Database
    clock: Clock

    def is_asked_for(self, item: Item, me: Myself) -> bool:
        """Whether the item is said in a direct message and points at what its person looks at.

        Where a question was asked just before in the same conversation, “this” is what that was about.
        """
        if not item.channel.startswith("D"):
            return False
        match pointing(in_words(item.text[:LONGEST_TURN], me, lambda user_id: user_id)):
            case Pointing.SURELY:
                return True
            case Pointing.PERHAPS:
                return not self._goes_on(item)
            case Pointing.NOT:
                return False

    def _goes_on(self, item: Item) -> bool:
        lately = select(questions.c.id).where(
            questions.c.channel == item.channel,
            questions.c.asked_at > item.received_at - RECENT_S,
            questions.c.asked_at < item.received_at,
        )
        with self.database.reading() as connection:
            return connection.execute(lately.limit(1)).first() is not None

    def of(self, item: Item) -> Viewed | None:
        """What the item's person looks at, where Lore may read it; else None."""
        seen = viewed(item.payload.get("app_context"))
        if seen is None:
            since = self.clock().timestamp() - VIEWED_S
            with self.database.reading() as connection:
                seen = viewed_by(connection, item.person, since)
        if seen is None or seen.channel == item.channel:
            return None
        return seen if self.people.shares(seen.channel, item.person) else None

    def turns(self, item: Item, me: Myself) -> tuple[Turn, ...]:
        """What was said there lately, oldest first; empty when it is not asked for or cannot be read."""
        if not self.is_asked_for(item, me) or (seen := self.of(item)) is None:
            return ()
        try:
            messages = self._read(seen)
        except (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError) as error:
            log.warning("what %s looks at cannot be read: %s", item.person, type(error).__name__)
            return ()
        turns = [turn for message in messages if (turn := turn_of(message, me)) is not None]
        return tuple(turns[-MOST_SEEN:])

    def _read(self, seen: Viewed) -> Sequence[Mapping[str, Any]]:
        if not seen.ts:
            page = self.client.conversations_history(channel=seen.channel, limit=MOST_SEEN)
            return list(reversed(page["messages"]))
        thread = self.client.conversations_replies(channel=seen.channel, ts=seen.ts, limit=200)["messages"]
        return [*thread[:1], *thread[1:][-(MOST_SEEN - 1) :]]


def turn_of(message: Mapping[str, Any], me: Myself, before: str = "") -> Turn | None:
    """What a person or Lore said; None for other bots, for notices, and from the ts `before` on."""
    ts, person = str(message.get("ts") or ""), str(message.get("user") or "")
    if not ts or (before and ts >= before):
        return None
    by_lore = person == me.user_id
    if not by_lore and (message.get("bot_id") or str(message.get("subtype") or "") not in PEOPLE_WRITE):
        return None
    text = in_words(str(message.get("text") or "")[:LONGEST_TURN], me, lambda user_id: user_id).strip()
    return Turn(text, by_lore) if text else None
