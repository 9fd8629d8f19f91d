"""What those who were asked to speak press: yes, no, another date, and that they cannot, after all."""

from dataclasses import dataclass, replace
from enum import Enum

from slack_bolt import App
from sqlalchemy import Connection

from bot.blocks import talks as blocks
from bot.blocks.pages import Page
from bot.blocks.talks import talk_page, titled
from bot.inbox import Inbox
from bot.journal import notices, talks
from bot.journal.notices import Notice
from bot.journal.records import Audit
from bot.journal.series import Series
from bot.journal.talks import ASKED, DECLINED, FOUND, SILENT, SPEAKS, STEPPED_BACK, Speaker, Talk
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import TALK_STEP
from bot.learning import course
from bot.learning.finding import COMING, Finding, talk_and_series
from bot.learning.speakers_away import SETTLED, SPEAKER_AWAY_TOLD, away_about
from bot.listeners import talks as doors
from bot.messages import Kind, Message
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown
from bot.rooms import Room
from knowledge.ports import Clock
from prompts.series import NAMES
from prompts.words import words

SWAP_ASK, WITH_ASK, SPEAKER_NEWS = "swap ask", "with ask", "speaker news"
"""Kinds of notices: a speaker asks somebody to speak in their place, or with them; what became of it."""
ENDED = {SWAP_ASK: "swap_end", WITH_ASK: "with_end"}
"""What became of what was never answered."""
_ASKED_BY = {
    blocks.SWAP_YES: SWAP_ASK,
    blocks.SWAP_NO: SWAP_ASK,
    blocks.WITH_YES: WITH_ASK,
    blocks.WITH_NO: WITH_ASK,
}
_A_WEEK_S = 7 * 86_400.0


class Came(Enum):
    """What became of a press."""

    SPEAKS = "speaks"
    DECLINED = "declined"
    ANOTHER = "another"
    TOO_LATE = "too late"
    STEPPED_BACK = "stepped back"
    LEFT = "left"
    NOT_ASKED = "not asked"
    OVER = "over"


def asked_about(talk: Talk, asker: str) -> str:
    """What a notice is about by which one speaker asks somebody."""
    return f"{talk.id} {asker}"


def is_settled(connection: Connection, talk: Talk, asker: str, asked: Notice) -> bool:
    """Whether what one speaker has asked somebody was answered, or has ended without an answer."""
    acts = [ENDED[asked.kind], *(act for act, kind in _ASKED_BY.items() if kind == asked.kind)]
    return any(_told(connection, talk, asker, asked.recipient, act) for act in acts)


@dataclass(frozen=True, slots=True)
class SpeakerPresses:
    """Works off TALK_STEP, whichever room it comes from."""

    finding: Finding
    writer: JournalWriter
    clock: Clock

    def join(self, room: Room) -> None:
        room.handlers[TALK_STEP] = self.step
        room.doors.append(self._register)

    def step(self, item: Item) -> Done:
        act, found = str(item.payload.get("act") or ""), self.finding.talk(subject_of(item))
        if found is None:
            return Done(say=quietly(item, in_markdown(words("speaker_over"))))
        if act in _ASKED_BY:
            return self._between_two(item, act, *found)
        came = self.writer.write(lambda connection: self.reply(connection, found[0].id, item.person, act))
        return self._said(item, came, *found)

    def reply(self, connection: Connection, talk_id: str, person: str, act: str) -> Came:
        """What becomes of what somebody says to a talk that they were asked for."""
        now = self.clock().timestamp()
        talk = talks.by_id(connection, talk_id)
        if talk is None or talk.state not in COMING or talk.starts_at <= now:
            return Came.OVER
        one = next((who for who in talks.speakers_of(connection, talk.id) if who.person == person), None)
        if one is None:
            return Came.NOT_ASKED
        match act:
            case blocks.STEP_BACK if one.state == SPEAKS:
                changed = course.steps_back(connection, talk, one, now)
                return Came.LEFT if changed.floor == FOUND else Came.STEPPED_BACK
            case blocks.KEEP if one.state == SPEAKS:
                notices.cancel(connection, away_about(talk, person), SETTLED, now, SPEAKER_AWAY_TOLD)
                return Came.SPEAKS
            case blocks.STEP_BACK | blocks.KEEP:
                return Came.NOT_ASKED
            case _ if one.state == SPEAKS:
                return Came.SPEAKS
            case blocks.YES if talk.floor == FOUND:
                _decline(connection, one, True, now)
                return Came.TOO_LATE
            case blocks.YES:
                course.speaks(connection, talk, person, now)
                return Came.SPEAKS
            case _:
                another = act == blocks.ANOTHER
                if one.state in (ASKED, SILENT, DECLINED):
                    _decline(connection, one, another, now)
                return Came.ANOTHER if another else Came.DECLINED

    def said(self, came: Came, talk: Talk, one: Series, person: str) -> Page:
        """What somebody is told of it."""
        named, when = NAMES[one.kind], self.finding.when_for(talk, person)
        match came:
            case Came.SPEAKS:
                title = titled(talk.title) or words("talk_own_topic")
                how = words("speaker_yes_how", command=named.command).replace("`", "")
                text = words("speaker_yes", title=title, name=one.name, when=when)
                return talk_page(text, [how], (blocks.CHANGE, blocks.STEP_BACK), talk.id)
            case Came.STEPPED_BACK:
                return talk_page(words("speaker_stepped_back", name=one.name, when=when))
            case Came.LEFT:
                return talk_page(words("speaker_left", name=one.name, when=when))
            case Came.NOT_ASKED:
                return talk_page(words("speaker_not_asked", command=named.command))
            case Came.DECLINED:
                return talk_page(words("speaker_no"))
            case Came.ANOTHER:
                return talk_page(words("speaker_another"))
            case Came.TOO_LATE:
                return talk_page(words("speaker_too_late"))
            case Came.OVER:
                return talk_page(words("speaker_over"))

    def _said(self, item: Item, came: Came, talk: Talk, one: Series) -> Done:
        page = self.said(came, talk, one, item.person)
        return Done(say=_settled(item, page), record=audited(came, item.person, talk))

    # what one speaker has asked another person

    def _between_two(self, item: Item, act: str, talk: Talk, one: Series) -> Done:
        asker = str(item.payload.get("person") or "")
        done = self.writer.write(lambda connection: self._agree(connection, talk.id, asker, item.person, act))
        if done is None:
            return Done(say=_settled(item, talk_page(words("swap_over"))))
        if act in (blocks.SWAP_NO, blocks.WITH_NO):
            return Done(say=_settled(item, talk_page(words("speaker_no"))))
        mine, theirs = done
        when = self.finding.when_for(mine, item.person)
        text = words("swap_taken", name=one.name, when=when)
        if theirs is not None:
            person = self.finding.people.name_of(asker)
            other = self.finding.when_for(theirs, item.person)
            text = words("swap_exchanged", name=one.name, when=when, person=person, other=other)
        return Done(say=_settled(item, talk_page(text, (), (blocks.STEP_BACK,), mine.id)))

    def _agree(
        self, connection: Connection, talk_id: str, asker: str, person: str, act: str
    ) -> tuple[Talk, Talk | None] | None:
        """The talk that `person` speaks at now, and the one that the asker got for it; None where what was
        asked does not hold any more."""
        now = self.clock().timestamp()
        found = talk_and_series(connection, talk_id)
        if found is None:
            return None
        talk, one = found
        asked = notices.about(connection, asked_about(talk, asker), _ASKED_BY[act])
        speaker = next((s for s in talks.speakers_of(connection, talk.id, SPEAKS) if s.person == asker), None)
        if talk.state not in COMING or talk.starts_at <= now or speaker is None:
            return None
        if not any(notice.recipient == person for notice in asked):
            return None
        if _told(connection, talk, asker, person, ENDED[_ASKED_BY[act]]):
            return None
        news = Notice(SPEAKER_NEWS, f"{talk.id} {person} {act}", asker, now, now + _A_WEEK_S)
        notices.plan(connection, news)
        if act in (blocks.SWAP_NO, blocks.WITH_NO):
            return talk, None
        others = talks.of_series(connection, one.id, *COMING)
        theirs = next(
            (s for other in others for s in _spoken(connection, other, person) if other.starts_at > now), None
        )
        course.speaks(connection, talk, person, now)
        if act == blocks.WITH_YES:
            return talk, None
        talks.put_speaker(connection, replace(speaker, state=STEPPED_BACK, answered_at=now))
        if theirs is None or theirs.talk_id == talk.id:
            return talk, None
        other = next(one for one in others if one.id == theirs.talk_id)
        course.speaks(connection, other, asker, now)
        talks.put_speaker(connection, replace(theirs, state=STEPPED_BACK, answered_at=now))
        return talk, other

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox)


def audited(came: Came, person: str, talk: Talk) -> tuple[Audit, ...]:
    """What admins may read of it later: who speaks, and never who could not."""
    if came in (Came.DECLINED, Came.ANOTHER, Came.TOO_LATE, Came.OVER):
        return ()
    return (Audit(person, f"{came.value}: speak", talk.id, allowed=came is not Came.NOT_ASKED),)


def _decline(connection: Connection, one: Speaker, another: bool, now: float) -> None:
    """Somebody does not speak this time; with `another` they would on another date."""
    talks.put_speaker(connection, replace(one, state=DECLINED, volunteer=another, answered_at=now))


def _told(connection: Connection, talk: Talk, asker: str, person: str, act: str) -> bool:
    news = notices.about(connection, f"{talk.id} {person} {act}", SPEAKER_NEWS)
    return any(notice.recipient == asker for notice in news)


def _spoken(connection: Connection, talk: Talk, person: str) -> list[Speaker]:
    return [one for one in talks.speakers_of(connection, talk.id, SPEAKS) if one.person == person]


def _settled(item: Item, page: Page) -> tuple[Message, ...]:
    """What stands in place of the message that was pressed."""
    if not item.ts or not item.channel.startswith("D"):
        return quietly(item, [page])
    return (Message(item.channel, page.text, kind=Kind.UPDATE, blocks=page.blocks, target=item.ts),)
