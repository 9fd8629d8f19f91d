"""What is told about the planning of talks: calls for topics, who is asked to speak, and what nobody does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.blocks.pages import Page
from bot.blocks.talks import ASKED as ASKED_ACTS
from bot.blocks.talks import STEP_BACK, talk_page, titled
from bot.journal import notices as journal
from bot.journal import talks
from bot.journal.notices import Notice
from bot.journal.series import ACTIVE, Series
from bot.journal.talks import ANNOUNCED, ASKED, CANCELLED, DECLINED, OPEN_FLOOR, PLANNED, WANTED, Talk
from bot.learning.cards import withheld
from bot.learning.course import (
    FLOOR_OPEN,
    FLOOR_OPEN_HERE,
    SPEAKER_ASK,
    SPEAKER_TOLD,
    SPEAKER_TOLD_SOON,
    begins_next,
    talk_of,
    told_before,
)
from bot.learning.finding import COMING, Finding, in_words, is_speaker
from bot.learning.planning import TALK_MISSED, TOPIC_CALL, TOPIC_WANTED
from bot.learning.speaking import SPEAKERS_WANTED
from bot.messages import Check, Message, Place
from bot.notices import Fate, Made, Notices
from bot.pressing import to_person
from bot.replies import in_markdown
from bot.rituals.due import NotSaid
from knowledge.adapters.database import Database
from prompts.learning import floor_opens, voting_ends
from prompts.series import NAMES, Named
from prompts.words import words

OTHERWISE = "It is settled otherwise by now."


@dataclass(frozen=True, slots=True)
class Telling:
    """Makes notices as things stand when they are said."""

    finding: Finding
    database: Database

    def join(self, notices: Notices) -> None:
        for kind, make in (
            (TOPIC_CALL, self._topic_call),
            (TOPIC_WANTED, self._topic_wanted),
            (TALK_MISSED, self._missed),
            (SPEAKER_ASK, self._speaker_ask),
            (SPEAKERS_WANTED, self._speakers_wanted),
            (FLOOR_OPEN, self._floor_open),
            (FLOOR_OPEN_HERE, self._floor_open),
            (SPEAKER_TOLD, self._speaker_told),
            (SPEAKER_TOLD_SOON, self._speaker_told),
        ):
            notices.makers[kind] = make
        notices.at_once.add(SPEAKER_TOLD_SOON)
        notices.even_away.add(SPEAKER_TOLD_SOON)
        notices.rather_now[SPEAKER_TOLD] = self._told_too_late

    def _topic_call(self, notice: Notice, now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.title or talk.state != PLANNED or one.state != ACTIVE:
            return NotSaid(OTHERWISE)
        named, ends = NAMES[one.kind], voting_ends(_starts(talk), one.settings.lead_days)
        until = words("topic_call_first")
        if ends > now:
            until = words("topic_call_until", when=in_words(ends.timestamp(), self.finding.zone(talk)))
        when = self.finding.when(talk)
        text = words(
            "topic_call",
            talk=named.talk,
            name=one.name,
            when=when,
            command=named.command,
            list=named.list,
            until=until,
        )
        return Made(_to_channel(one.channel, in_markdown(text)))

    def _topic_wanted(self, notice: Notice, now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.title or talk.state != PLANNED or one.state != ACTIVE:
            return NotSaid(OTHERWISE)
        named, opens = NAMES[one.kind], floor_opens(_starts(talk), one.settings.lead_days)
        if opens <= now:
            return NotSaid(OTHERWISE)
        zone = self.finding.availability.profile(notice.recipient).zone
        text = words(
            "topic_wanted",
            talk=named.talk,
            name=one.name,
            when=self.finding.when_for(talk, notice.recipient),
            command=named.command,
            opens=in_words(opens.timestamp(), zone),
        )
        return Made(to_person(notice.recipient, in_markdown(text)))

    def _missed(self, notice: Notice, _now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.state != CANCELLED:
            return NotSaid(OTHERWISE)
        when = self.finding.when_for(talk, notice.recipient)
        text = words("talk_missed", talk=NAMES[one.kind].talk, name=one.name, when=when)
        return Made(to_person(notice.recipient, in_markdown(text)))

    def _speaker_ask(self, notice: Notice, now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.floor != WANTED or talk.state not in COMING:
            return NotSaid(OTHERWISE)
        with self.database.reading() as connection:
            asked = talks.speakers_of(connection, talk.id, ASKED)
        mine = next((who for who in asked if who.person == notice.recipient), None)
        if mine is None or talk.starts_at <= now.timestamp():
            return NotSaid(OTHERWISE)
        if kept := withheld(self.finding.people, one, notice.recipient, now.timestamp()):
            return kept
        values = {
            "name": one.name,
            "when": self.finding.when_for(talk, notice.recipient),
            "minutes": talk.minutes,
        }
        if talk.title:
            text = words("speaker_ask", title=titled(talk.title), **values)
        else:
            text = words("speaker_ask_no_topic", **values)
        why = words("speaker_ask_why_offered" if mine.volunteer else "speaker_ask_why_turn")
        return Made(to_person(notice.recipient, [talk_page(text, [why], ASKED_ACTS, talk.id)]))

    def _speakers_wanted(self, notice: Notice, _now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.floor != WANTED or talk.state not in COMING:
            return NotSaid(OTHERWISE)
        with self.database.reading() as connection:
            count = len(talks.speakers_of(connection, talk.id, DECLINED))
        values = self._values(talk, one, NAMES[one.kind], notice.recipient)
        return Made(to_person(notice.recipient, in_markdown(words("speakers_wanted", count=count, **values))))

    def _floor_open(self, notice: Notice, _now: datetime) -> Fate:
        talk, one = self._about(notice)
        if talk is None or one is None or talk.state != ANNOUNCED or talk.floor != OPEN_FLOOR:
            return NotSaid(OTHERWISE)
        named = NAMES[one.kind]
        if notice.person:
            text = words("floor_open", **self._values(talk, one, named, notice.recipient))
            return Made(to_person(notice.recipient, in_markdown(text)))
        text = words(
            "floor_open_here",
            title=titled(talk.title),
            when=self.finding.when(talk),
            speaker=named.speaker,
            command=named.command,
        )
        return Made(_to_channel(notice.recipient, in_markdown(text)))

    def _speaker_told(self, notice: Notice, now: datetime) -> Fate:
        talk, one = self._about(notice)
        with self.database.reading() as connection:
            later = [
                other
                for other in journal.of_recipient(connection, notice.recipient)
                if other.kind in (SPEAKER_TOLD, SPEAKER_TOLD_SOON)
                and talk_of(other.about) == talk_of(notice.about)
                and other.id > notice.id
            ]
            still = talk is not None and is_speaker(connection, talk, notice.recipient)
        if talk is None or one is None or later or not still:
            return NotSaid(OTHERWISE)
        if kept := withheld(self.finding.people, one, notice.recipient, now.timestamp()):
            return kept
        named = NAMES[one.kind]
        values = {"talk": named.talk, "title": titled(talk.title), "name": one.name}
        match talk.state:
            case talks.CANCELLED:
                text = words("speaker_cancelled_again" if talk.proposal_id else "speaker_cancelled", **values)
                return Made(to_person(notice.recipient, in_markdown(text)))
            case talks.PLANNED | talks.ANNOUNCED if talk.starts_at > now.timestamp():
                when = self.finding.when_for(talk, notice.recipient)
                moved = round(talk.starts_at) != told_before(notice.about)
                text = words("speaker_moved" if moved else "speaker_again", when=when, **values)
                return Made(to_person(notice.recipient, [talk_page(text, (), (STEP_BACK,), talk.id)]))
            case _:
                return NotSaid(OTHERWISE)

    def _told_too_late(self, notice: Notice, now: datetime) -> float:
        """When it begins, or was to begin."""
        talk, _ = self._about(notice)
        starts = [told_before(notice.about), *([] if talk is None else [talk.starts_at])]
        return begins_next(starts, now.timestamp())

    def _values(self, talk: Talk, one: Series, named: Named, person: str) -> dict[str, str]:
        return {
            "title": titled(talk.title),
            "name": one.name,
            "when": self.finding.when_for(talk, person),
            "command": named.command,
        }

    def _about(self, notice: Notice) -> tuple[Talk, Series] | tuple[None, None]:
        return self.finding.talk(talk_of(notice.about)) or (None, None)


def _to_channel(channel: str, said: Sequence[Page]) -> tuple[Message, ...]:
    check = Check(Place(channel))
    return tuple(Message(channel, page.text, blocks=page.blocks, check=check) for page in said)


def _starts(talk: Talk) -> datetime:
    return datetime.fromtimestamp(talk.starts_at, UTC)
