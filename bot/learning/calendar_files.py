"""Calendar files of talks: under the announcement, anew after each change, and for whoever asks for one."""

import logging
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException
from typing import Any
from zoneinfo import ZoneInfo

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.invitations import in_zone, told_page
from bot.inbox import Received
from bot.invitations_ics import CANCEL, PUBLISH, Contact, invitation
from bot.journal import series, talks
from bot.journal.invitations import Invitation
from bot.journal.series import Series
from bot.journal.talks import CANCELLED, Talk
from bot.journal.work import Done, Item
from bot.kinds import OWN_TALK_FILE, TALK_FILE
from bot.learning.announcing import known_of
from bot.learning.cards import card_of, may_come
from bot.messages import Check, Message, Place
from bot.people import People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS
from knowledge.ports import Clock
from prompts.calendar import zone_named
from prompts.words import words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CalendarFiles:
    """Works off TALK_FILE (one for everybody, sent at most once) and OWN_TALK_FILE (for the one who asks).

    A file for a place names no address of anybody.
    """

    people: People
    database: Database
    client: WebClient
    clock: Clock

    def join(self, room: Room) -> None:
        room.handlers[TALK_FILE] = self.put
        room.handlers[OWN_TALK_FILE] = self.own

    def put(self, item: Item) -> Done:
        """Put the file under the announcement; where Slack does not take it, a change is told in words."""
        with self.database.reading() as connection:
            known = known_of(connection, subject_of(item))
        there = None if known is None else known.invitation
        if known is None or there is None or not there.ts or item.attempts > 1:
            return Done()  # of one that was begun before, a file may stand there already
        talk, one = known.talk, known.series
        if talk.sequence != item.payload.get("sequence"):
            return Done()  # a newer one is asked for
        place = Place(there.channel)
        if self.people.readers(place) == UNKNOWN_READERS:
            return Done()  # strangers may read along there by now
        first, cancelled = bool(item.payload.get("first")), talk.state == CANCELLED
        name = "invited_file" if first else "invited_file_changed"
        comment = words("invited_file_cancelled" if cancelled else name)
        target = {"channel": there.channel, "thread_ts": there.ts, "initial_comment": comment}
        if self._upload(talk, one, target) or first:
            return Done()
        lead = words("invited_note_cancelled" if cancelled else "invited_note_changed")
        page = told_page(lead, card_of(self.people, talk, one, known.speaking))
        note = Message(there.channel, page.text, blocks=page.blocks, thread_ts=there.ts, check=Check(place))
        return Done(say=(note,))

    def own(self, item: Item) -> Done:
        """Send the file to somebody in their direct message."""
        with self.database.reading() as connection:
            talk = talks.by_id(connection, subject_of(item))
            one = None if talk is None else series.by_id(connection, talk.series_id)
        if talk is None or one is None or not may_come(self.people, one, item.person):
            return Done(say=quietly(item, in_markdown(words("invited_unknown"))))
        if item.attempts > 1:
            return Done(say=quietly(item, in_markdown(words("invited_file_interrupted"))))
        if self._upload(talk, one, {"channels": [item.person]}):
            in_dm = item.channel.startswith("D")
            return Done(say=() if in_dm else quietly(item, in_markdown(words("invited_file_sent"))))
        known = self.people.person(item.person)
        when = in_zone(talk.starts_at, talk.zone if known is None else known.zone.key)
        return Done(say=quietly(item, in_markdown(words("invited_no_file", when=when))))

    def _upload(self, talk: Talk, one: Series, target: dict[str, Any]) -> bool:
        """Whether the file was sent; False where that is not allowed, or did not work."""
        method = CANCEL if talk.state == CANCELLED else PUBLISH
        organiser = Contact(self.people.name_of(one.owner))
        text = invitation(talk, one, organiser, (), talk.sequence, method, self.clock())
        name = file_name(one, talk)
        try:
            self.client.files_upload_v2(content=text.encode(), filename=name, title=name, **target)
        except SlackApiError as error:
            log.warning("no calendar file was sent: %s", error.response.get("error"))
        except (SlackClientError, HTTPException, OSError) as error:
            log.warning("no calendar file was sent: %s", error)
        else:
            return True
        return False


def asking(talk: Talk, there: Invitation) -> Received:
    """What has the file of a talk as it is now put under its announcement, once; `there` is the invitation
    before that."""
    return Received(
        kind=TALK_FILE,
        keys=frozenset({f"talk file {talk.id} {talk.sequence}"}),
        team="",
        channel=there.channel,
        person="",
        text="",
        conversation=f"talk file {talk.id}",
        payload={"subject": talk.id, "sequence": talk.sequence, "first": there.filed < 0},
    )


def file_name(one: Series, talk: Talk) -> str:
    """`lunch-and-learn-2026-03-03.ics`."""
    plain = "".join(each if each.isalnum() else "-" for each in one.name.lower()).strip("-")[:60]
    starts = datetime.fromtimestamp(talk.starts_at, zone_named(talk.zone, ZoneInfo("UTC")).zone)
    return f"{plain or 'talk'}-{starts:%Y-%m-%d}.ics"
