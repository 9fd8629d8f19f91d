"""What people said under the announcement of a talk, as far as Lore may read it and they may be quoted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.hearing import PEOPLE_WRITE, Myself, in_words, is_pleasantry
from bot.journal import invitations, threads
from bot.people import People
from bot.threads.judging import Standing
from bot.threads.reading import standing
from ingest.redaction import redact
from knowledge.adapters.database import Database
from prompts.recap import Heard

MOST_MESSAGES = 200
LONGEST_MESSAGE = 2_000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TalkThread:
    """Reads it anew each time: what was edited or deleted is known to Slack alone."""

    client: WebClient
    people: People
    database: Database
    me: Myself

    def of(self, talk_id: str, channel: str) -> list[Heard] | None:
        """What full members said there, the first first, without pleasantries, secrets and whoever does not
        want their words kept; None where there is no thread in this channel that Lore may read."""
        with self.database.reading() as connection:
            announced = invitations.of_talk(connection, talk_id)
            refusals = threads.refusals(connection)
        if announced is None or not announced.ts or announced.channel != channel:
            return None
        if (self.people.channel(channel) or {}).get("is_member") is not True:
            return None
        messages = self._messages(channel, announced.ts)
        if messages is None:
            return None
        return [
            heard
            for message in messages
            if message.get("ts") != announced.ts and (heard := self._heard(message, refusals)) is not None
        ]

    def _messages(self, channel: str, ts: str) -> list[Mapping[str, Any]] | None:
        try:
            page = self.client.conversations_replies(channel=channel, ts=ts, limit=MOST_MESSAGES)
            return list(page["messages"])
        except SlackApiError as error:
            log.warning("the thread of a talk cannot be read: %s", error.response.get("error"))
        except (SlackClientError, HTTPException, OSError, KeyError, TypeError) as error:
            log.warning("the thread of a talk cannot be read: %s", type(error).__name__)
        return None

    def _heard(self, message: Mapping[str, Any], refusals: frozenset[str]) -> Heard | None:
        person = str(message.get("user") or "")
        if message.get("bot_id") or str(message.get("subtype") or "") not in PEOPLE_WRITE:
            return None
        if not person or standing(self.people, refusals, person) is not Standing.MEMBER:
            return None
        text = in_words(str(message.get("text") or "")[:LONGEST_MESSAGE], self.me, self.people.name_of)
        text = redact(text.strip()).text
        return None if not text or is_pleasantry(text) else Heard(self.people.name_of(person), text)
