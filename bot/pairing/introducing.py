"""Introductions: those who are paired hear of each other in one conversation, or each in their own."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slack_sdk import WebClient
from sqlalchemy import Connection

from bot.blocks.pairing import Introduction, introduction_page, said_page
from bot.journal import pairing, pairing_rounds
from bot.journal.notices import Notice
from bot.journal.pairing import ENDED, Pairing
from bot.journal.pairing_rounds import ALONE, MATCHED, Round, Together
from bot.messages import Check, Message, Place
from bot.notices import Made, Notices
from bot.pairing.hours import Hours
from bot.pairing.matching import can_tell, may_take_part
from bot.pairing.mending import dissolve
from bot.pairing.planning import INTRODUCTION, NOBODY_LEFT, ask_later
from bot.pairing.works import Works
from bot.pressing import alone, to_person
from bot.rituals.due import Later, NotSaid
from bot.sending import Refused, Sent, fate_of
from knowledge.adapters.database import Database
from prompts.meeting import beginning, proposed
from prompts.starters import Starter
from prompts.words import words

AGAIN_S = 60.0
PATIENCE_S = 3600.0
"""Of whom Slack does not tell for so long is gone."""
OVER = "There is nobody to be introduced any more."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Introducing:
    """Makes introductions, and the word for those for whom nobody is left.

    What is proposed to talk about are titles that all of a pair may read; it is looked at again just before
    it is said, and left out then where that does not hold any more.
    """

    client: WebClient
    database: Database
    works: Works
    hours: Hours

    def join(self, notices: Notices) -> None:
        notices.makers[INTRODUCTION] = self.introduce
        notices.makers[NOBODY_LEFT] = self.nobody_left

    def introduce(self, notice: Notice, now: datetime) -> Made | NotSaid | Later:
        """A pair's introduction; where one of them cannot after all, the other gets another partner."""
        found = self._found(notice.about, MATCHED)
        if found is None:
            return NotSaid(OVER)
        one, round_, pair = found
        patient = now.timestamp() < notice.planned_at + PATIENCE_S
        if not can_tell(self.hours, one, pair.people, patient=patient):
            return Later(now.timestamp() + AGAIN_S, "Slack does not tell who they are.")
        since = beginning(now)
        times = {person: self.hours.of(person, since, self._busy(person, now)) for person in pair.people}
        gone = {
            person
            for person in pair.people
            if not times[person].at_work or not self._takes_part(one, round_, person)
        }
        if gone:
            return Made((), then=lambda connection: dissolve(connection, pair, gone, now.timestamp()))
        awake = self.hours.awake(pair.people, now)
        if awake > now:
            return Later(awake.timestamp(), "It is within the quiet hours of one of them.")
        meets = proposed([times[person] for person in pair.people], since)
        meets_at = None if meets is None else meets.timestamp()
        begun = self.works.starter(one.kind, pair.people, round_.number)
        channel = fate_of(lambda: _opened(self.client.conversations_open(users=[*pair.people])))
        match channel:
            case Sent():
                messages = [self._to_all(one, pair, meets_at, begun, channel.channel)]
            case Refused(error):
                log.warning("a conversation of a pair could not be opened: %s", error)
                messages = [self._to_one(one, pair, meets_at, begun, person) for person in pair.people]
            case _:
                return Later(now.timestamp() + AGAIN_S, "Slack could not open a conversation for them.")

        def then(connection: Connection) -> None:
            if pairing_rounds.introduced(connection, pair.id, meets_at, now.timestamp()):
                ask_later(connection, round_, pair, now.timestamp())
                for person in pair.people:
                    self.hours.availability.ping(connection, person, now, INTRODUCTION)

        return Made(messages, then=then)

    def nobody_left(self, notice: Notice, _now: datetime) -> Made | NotSaid:
        """A kind word; why nobody is left is nobody's business."""
        if self._found(notice.about, ALONE) is None:
            return NotSaid(OVER)
        return Made(to_person(notice.person, [said_page(words("pair_nobody_left"))]))

    # within

    def _found(self, pair_id: str, state: str) -> tuple[Pairing, Round, Together] | None:
        with self.database.reading() as connection:
            pair = pairing_rounds.pair_of(connection, pair_id)
            round_ = None if pair is None else pairing_rounds.round_of(connection, pair.round_id)
            one = None if round_ is None else pairing.by_id(connection, round_.pairing_id)
        if pair is None or round_ is None or one is None or pair.state != state or one.state == ENDED:
            return None
        return one, round_, pair

    def _takes_part(self, one: Pairing, round_: Round, person: str) -> bool:
        with self.database.reading() as connection:
            parts = [each for each in pairing.memberships(connection, person) if each.pairing_id == one.id]
        return any(each.takes_part(round_.slot) for each in parts) and may_take_part(
            self.hours.availability.people, one, person
        )

    def _busy(self, person: str, now: datetime) -> Sequence[float]:
        with self.database.reading() as connection:
            return pairing_rounds.proposed_to(connection, person, now.timestamp())

    def _to_all(
        self, one: Pairing, pair: Together, meets_at: float | None, begun: Starter, channel: str
    ) -> Message:
        introduction = self._introduction(one, pair, meets_at, begun)
        return self._message(introduction, begun, channel, Place(channel))

    def _to_one(
        self, one: Pairing, pair: Together, meets_at: float | None, begun: Starter, person: str
    ) -> Message:
        others = tuple(each for each in pair.people if each != person)
        introduction = replace(
            self._introduction(one, pair, meets_at, begun),
            names=self._names(others),
            zone=self.hours.availability.profile(person).zone.key,
            partner_ids=others,
        )
        return self._message(introduction, begun, person, alone(person))

    def _introduction(
        self, one: Pairing, pair: Together, meets_at: float | None, begun: Starter
    ) -> Introduction:
        return Introduction(one.kind, self._names(pair.people), meets_at, one.zone, begun.text)

    def _message(self, introduction: Introduction, begun: Starter, channel: str, place: Place) -> Message:
        said = introduction_page(introduction)
        if not begun.document_ids:
            return Message(channel, said.text, blocks=said.blocks)
        without = introduction_page(replace(introduction, starter=words("pair_no_starter")))
        check = Check(place, document_ids=begun.document_ids)
        return Message(channel, said.text, blocks=said.blocks, check=check, instead=without.text)

    def _names(self, people: Sequence[str]) -> tuple[str, ...]:
        return tuple(sorted(self.hours.availability.people.name_of(one) for one in people))


def _opened(reply: Any) -> dict[str, str]:
    return {"channel": str(reply["channel"]["id"])}
