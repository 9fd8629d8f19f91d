"""Quiet help: in channels that want it, Lore answers what nobody asked it, if it is sure and people were not
quicker; to the asker alone, unless the settings say otherwise."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from http.client import HTTPException
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.pages import plain_text
from bot.blocks.rich_text import Block
from bot.conversation import Conversation
from bot.hearing import Myself
from bot.inbox import Inbox, Received
from bot.journal import quiet
from bot.journal.quiet import Overheard, QuietChannel, QuietEnding, QuietRefusal
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import QUIET_HELP, QUIET_HELP_ALOUD, QUIET_REFUSAL
from bot.listeners import quiet as doors
from bot.messages import Place
from bot.overhearing import asks_the_room, is_question
from bot.people import People
from bot.quiet_settings import QuietSettings
from bot.replies import say
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS
from knowledge.ports import Clock
from prompts.words import words

DON_T = "quiet_help_no_more"
DAY = timedelta(days=1)
KEEP = timedelta(days=30)
LATEST = timedelta(hours=1)
"""A question that waited longer (Lore was not running) is left to people."""

LOOKED_AT = 30

log = logging.getLogger(__name__)


class QuietHelp:
    """Overhears, waits, and helps or leaves it. `due` is a duty of the heartbeat."""

    def __init__(
        self,
        settings: QuietSettings,
        me: Myself,
        client: WebClient,
        people: People,
        conversation: Conversation,
        database: Database,
        writer: JournalWriter,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._me = me
        self._client = client
        self._people = people
        self._conversation = conversation
        self._database = database
        self._writer = writer
        self._clock = clock
        self._inbox: Inbox | None = None
        self.handlers: dict[str, Handler] = {
            QUIET_HELP: self.help,
            QUIET_HELP_ALOUD: self.help,
            QUIET_REFUSAL: self.refuse,
        }
        self.commands: dict[str, Handler] = {"quiet": self.command}

    def register(self, app: App, inbox: Inbox) -> None:
        self._inbox = inbox
        doors.register(app, inbox, DON_T)

    def overhear(self, body: Mapping[str, Any]) -> None:
        """Take note of a message that is not for Lore, if it is a question in a channel that wants help.

        Nothing is kept of any other. Raises NotCommitted.
        """
        event = body.get("event") or {}
        channel, person = str(event.get("channel") or ""), str(event.get("user") or "")
        if event.get("type") != "message" or not asks_the_room(event, self._me):
            return
        if not self._wanted_by(person) or not self.helps_in(channel):
            return
        due = self._clock() + self._settings.wait
        heard = Overheard(
            team=str(body.get("team_id") or ""),
            channel=channel,
            ts=str(event.get("ts") or ""),
            person=person,
            text=str(event.get("text") or ""),
            due_at=due.timestamp(),
        )
        self._writer.write(lambda connection: quiet.overhear(connection, heard))

    def due(self, now: datetime) -> None:
        """Hand over the questions for which people have had their time. Raises NotCommitted."""
        with self._database.reading() as connection:
            waiting = quiet.due(connection, now.timestamp())
        for heard in waiting:
            if self._inbox is not None:
                self._inbox.receive(self._received(heard))
            self._writer.write(lambda connection, one=heard: quiet.handed_over(connection, one))  # type: ignore[misc]
        before = (now - KEEP).timestamp()
        if waiting:
            self._writer.write(lambda connection: quiet.sweep(connection, before))

    def help(self, item: Item) -> Done:
        """An answer where Lore is sure and nobody was quicker; else nothing at all."""
        channel, ts = item.channel, str(item.payload["ts"])
        left = Done(record=(QuietEnding(channel, ts, helped=False),))
        late = self._clock().timestamp() - float(item.payload["due_at"]) > LATEST.total_seconds()
        if late or not self._wanted_by(item.person) or not self.helps_in(channel) or self._enough(channel):
            return left
        if not self._people.is_full_member(item.person) or not self._still_open(item, ts):
            return left
        note = words("quiet_help" if item.kind == QUIET_HELP else "quiet_help_aloud").strip()
        least = self._settings.threshold
        done = None if least is None else self._conversation.unasked(item, least, note, [_no_more()])
        if done is None:
            return left
        return replace(done, record=(*done.record, QuietEnding(channel, ts, helped=True)))

    def command(self, item: Item) -> Done:
        """`/lore quiet on`, `off`, `on for me`, or what holds here now."""
        asked = item.text.lower().split()[1:]
        match asked:
            case ["on" | "off" as turned]:
                return self._turn(item, turned == "on")
            case [("on" | "off") as turned, "for", "me"]:
                refusal = QuietRefusal(item.person, wanted=turned == "on")
                return Done(say=say(item, f"quiet_{turned}_for_me"), record=(refusal,))
            case _ if self._settings.threshold is None:
                return Done(say=say(item, "quiet_not_measured"))
            case _:
                on = self.helps_in(item.channel)
                return Done(say=say(item, "quiet_is_on" if on else "quiet_is_off", **self._figures()))

    def refuse(self, item: Item) -> Done:
        """One click: never help this person unasked again, until they say so."""
        return Done(say=say(item, "quiet_off_for_me"), record=(QuietRefusal(item.person),))

    def helps_in(self, channel: str) -> bool:
        """Whether a channel wants quiet help: what its people last said, else the settings."""
        if not channel or channel.startswith("D") or self._settings.threshold is None:
            return False
        with self._database.reading() as connection:
            turned = quiet.turned(connection, channel)
        if turned is not None or not self._settings.channels:
            return bool(turned)
        named = {channel, self._people.name_of_place(channel)}
        return bool(named & self._settings.channels)

    def _turn(self, item: Item, on: bool) -> Done:
        if self._settings.threshold is None and on:
            return Done(say=say(item, "quiet_not_measured"))
        action = f"quiet help {'on' if on else 'off'}"
        readers = self._people.readers(Place(item.channel))
        member = self._people.shares(item.channel, item.person)
        if item.channel.startswith("D") or readers == UNKNOWN_READERS or not member:
            refused = Audit(item.person, action, item.channel, allowed=False)
            return Done(say=say(item, "quiet_not_here"), record=(refused,))
        turned = QuietChannel(item.channel, on, item.person)
        told = say(item, "quiet_is_on" if on else "quiet_is_off", **self._figures())
        return Done(say=told, record=(turned, Audit(item.person, action, item.channel)))

    def _figures(self) -> dict[str, object]:
        minutes = self._settings.wait.total_seconds() / 60
        return {"minutes": f"{minutes:g}", "most": self._settings.most_a_day}

    def _wanted_by(self, person: str) -> bool:
        with self._database.reading() as connection:
            return not quiet.is_refused_by(connection, person)

    def _enough(self, channel: str) -> bool:
        since = (self._clock() - DAY).timestamp()
        with self._database.reading() as connection:
            return quiet.helped_since(connection, channel, since) >= self._settings.most_a_day

    def _still_open(self, item: Item, ts: str) -> bool:
        """Whether the question stands as it was asked and nobody has said anything to it; no when unsure."""
        try:
            page = self._client.conversations_history(
                channel=item.channel, oldest=ts, inclusive=True, limit=LOOKED_AT
            )
            since: Sequence[Mapping[str, Any]] = list(page["messages"])
        except (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError) as error:
            log.info("a question is left to people: Slack does not tell (%s)", type(error).__name__)
            return False
        asked = [message for message in since if message.get("ts") == ts]
        if len(asked) != 1 or page.get("has_more"):
            return False
        if asked[0].get("text") != item.text or asked[0].get("reply_count") or asked[0].get("edited"):
            return False
        return not any(
            self._may_be_an_answer(message, item.person) for message in since if message not in asked
        )

    def _may_be_an_answer(self, message: Mapping[str, Any], asker: str) -> bool:
        """Whatever a person or a bot has said since; but another question of somebody else is none."""
        if message.get("subtype") in ("channel_join", "channel_leave", "channel_topic", "channel_purpose"):
            return False
        person = str(message.get("user") or "")
        another = person != asker and not message.get("bot_id")
        return not (another and is_question(str(message.get("text") or ""), self._me))

    def _received(self, heard: Overheard) -> Received:
        aloud = self._settings.aloud
        return Received(
            kind=QUIET_HELP_ALOUD if aloud else QUIET_HELP,
            keys=frozenset({f"quiet:{heard.team}:{heard.channel}:{heard.ts}"}),
            team=heard.team,
            channel=heard.channel,
            person=heard.person,
            text=heard.text,
            ts=heard.ts if aloud else "",
            thread_ts=heard.ts if aloud else "",
            conversation=f"quiet:{heard.channel}",
            payload={"ts": heard.ts, "due_at": heard.due_at},
        )


def _no_more() -> Block:
    button = {
        "type": "button",
        "action_id": DON_T,
        "text": plain_text("Don't help me like this", 70),
        "value": "no more",
    }
    return {"type": "actions", "elements": [button]}
