"""The course of a talk, each step in its caller's transaction: topic, speaker, announced, held or not."""

import math
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from bot.journal import notices, proposals, talk_polls, talks, volunteers
from bot.journal.notices import Notice
from bot.journal.proposals import Proposal
from bot.journal.series import Series
from bot.journal.talks import (
    ANNOUNCED,
    ASKED,
    CANCELLED,
    FOUND,
    HELD,
    OPEN_FLOOR,
    PLANNED,
    SILENT,
    SPEAKS,
    STEPPED_BACK,
    WANTED,
    Speaker,
    Talk,
)
from prompts.reading import described
from prompts.words import words

SPEAKER_ASK = "speaker ask"
FLOOR_OPEN, FLOOR_OPEN_HERE = "floor open", "floor open here"
SPEAKER_TOLD, SPEAKER_TOLD_SOON = "speaker told", "speaker told soon"
"""Kinds of notices: somebody is asked to speak; the owner and, of an announced talk, its channel are told
that nobody does; a speaker is told that their talk was moved or cancelled, at any hour if it is soon."""
SOON_S = 12 * 3600.0
"""A change of what begins, or was to begin, within so long is said at any hour."""
_A_WEEK = 7 * 86_400.0


def asking(one: Speaker) -> str:
    """What the notice is about by which somebody was asked: the talk, and when."""
    return f"{one.talk_id} {int(one.asked_at)}"


def talk_of(about: str) -> str:
    """The id of the talk that a notice is about."""
    return about.partition(" ")[0]


def begins_next(starts: Iterable[float], now: float) -> float:
    """The first of some times that is still to come; infinity where none is."""
    return min((one for one in starts if one > now), default=math.inf)


def told_before(about: str) -> float:
    """When a talk was to begin before the change that a notice to its speakers is about."""
    return float(about.split(" ")[2])


def settled(talk: Talk) -> bool:
    """Whether nothing is to be sought any more."""
    return bool(talk.title) and talk.floor != WANTED


def is_bare(talk: Talk) -> bool:
    """Whether it is nothing but a date yet, without a topic and a speaker."""
    return talk.state == PLANNED and not talk.title and talk.floor == WANTED


def keep(connection: Connection, talk: Talk, now: float) -> Talk:
    """Store a talk; one that has all it needs is announced with it."""
    if talk.state == PLANNED and settled(talk):
        talk = replace(talk, state=ANNOUNCED)
    talks.put(connection, talk, now)
    return talk


def choose(connection: Connection, talk: Talk, proposal: Proposal, now: float) -> Talk:
    """It is about this; votes for it count no more."""
    proposals.put(connection, replace(proposal, state=proposals.CHOSEN), now)
    why = described(proposal.why, proposal.paper) if proposal.paper else proposal.why
    about = replace(talk, proposal_id=proposal.id, title=proposal.title, description=why)
    return keep(connection, about, now)


def ask(connection: Connection, talk: Talk, person: str, volunteer: bool, until: float, now: float) -> None:
    """Somebody is asked to speak, as soon as they may be asked anything."""
    one = Speaker(talk.id, person, ASKED, volunteer, now)
    talks.put_speaker(connection, one)
    notices.plan(connection, Notice(SPEAKER_ASK, asking(one), person, now, until))


def pass_over(connection: Connection, one: Speaker, now: float) -> None:
    """Somebody who was asked is not waited for any longer; they may still say yes while nobody else has."""
    talks.put_speaker(connection, replace(one, state=SILENT))
    notices.cancel(connection, asking(one), "Somebody else was asked.", now, SPEAKER_ASK)


def speaks(connection: Connection, talk: Talk, person: str, now: float) -> Talk:
    """Somebody speaks: who was asked before and has not replied is not waited for."""
    known = next((one for one in talks.speakers_of(connection, talk.id) if one.person == person), None)
    one = known or Speaker(talk.id, person, volunteer=True, asked_at=now)
    talks.put_speaker(connection, replace(one, state=SPEAKS, answered_at=now))
    notices.cancel(connection, asking(one), "It is settled.", now, SPEAKER_ASK)
    for other in talks.speakers_of(connection, talk.id, ASKED):
        pass_over(connection, other, now)
    return keep(connection, replace(talk, floor=FOUND), now)


def steps_back(connection: Connection, talk: Talk, one: Speaker, now: float) -> Talk:
    """A speaker cannot, after all; without another one, the next is sought."""
    talks.put_speaker(connection, replace(one, state=STEPPED_BACK, answered_at=now))
    left = talks.speakers_of(connection, talk.id, SPEAKS)
    if left or talk.floor != FOUND:
        return talk
    changed = replace(talk, floor=WANTED)
    talks.put(connection, changed, now)
    return changed


def open_floor(connection: Connection, talk: Talk, series: Series, keeper: str, now: float) -> Talk:
    """Nobody speaks: it takes place as it is, the floor open to everybody; its keeper is told, and where it
    was announced already, its channel."""
    asked = talks.speakers_of(connection, talk.id)
    for one in asked:
        if one.state == ASKED:
            pass_over(connection, one, now)
    times = sum(one.state == STEPPED_BACK for one in asked)
    about = f"{talk.id} {times}"
    notices.plan(connection, Notice(FLOOR_OPEN, about, keeper, now, talk.ends_at))
    if talk.state == ANNOUNCED:
        notices.plan(connection, Notice(FLOOR_OPEN_HERE, about, series.channel, now, talk.ends_at))
    title = talk.title or words("talk_open_floor")
    return keep(connection, replace(talk, floor=OPEN_FLOOR, title=title), now)


def move(connection: Connection, talk: Talk, starts_at: float, now: float, by: str = "") -> Talk:
    """It begins at another time; its speakers are told (but for who moves it), and those who come where it
    was announced."""
    announced = int(talk.state == ANNOUNCED)
    moved = replace(talk, starts_at=starts_at, sequence=talk.sequence + announced, changed_by=by)
    talks.put(connection, moved, now)
    _tell_speakers(connection, moved, now, before=talk.starts_at, by=by)
    return moved


def describe(
    connection: Connection, talk: Talk, now: float, by: str, *, title: str, place: str, minutes: int
) -> Talk:
    """It has another title, place or length. Where it was announced, who comes and who speaks is told, but
    for `by`, who has changed it; where it has all that it needs now, it is announced."""
    if (title, place, minutes) == (talk.title, talk.place, talk.minutes):
        return talk
    sequence = talk.sequence + int(talk.state == ANNOUNCED)
    described = replace(talk, title=title, place=place, minutes=minutes, sequence=sequence, changed_by=by)
    return keep(connection, described, now)


def cancel(connection: Connection, talk: Talk, now: float, by: str = "") -> Talk:
    """It does not take place. Its topic is open to votes again, with who would have spoken about it; its
    speakers are told, but for who cancels it."""
    announced = int(talk.state == ANNOUNCED)
    cancelled = replace(talk, state=CANCELLED, sequence=talk.sequence + announced, changed_by=by)
    talks.put(connection, cancelled, now)
    topic = proposals.by_id(connection, talk.proposal_id) if talk.proposal_id else None
    if topic is not None and topic.state == proposals.CHOSEN:
        proposals.put(connection, replace(topic, state=proposals.OPEN), now)
    for one in talks.speakers_of(connection, talk.id, SPEAKS):
        if topic is not None:
            volunteers.offer(connection, topic.id, one.person, now)
    for one in talks.speakers_of(connection, talk.id, ASKED):
        pass_over(connection, one, now)
    talk_polls.end_of(connection, talk.id, now)
    _tell_speakers(connection, cancelled, now, by=by)
    return cancelled


def reopen(connection: Connection, talk: Talk, now: float) -> None:
    """What was cancelled takes place after all, as it was; its date is planned anew where its topic is not
    to be had any more."""
    topic = proposals.by_id(connection, talk.proposal_id) if talk.proposal_id else None
    if talk.proposal_id and (topic is None or topic.state != proposals.OPEN):
        drop(connection, talk, now)
        return
    if topic is not None:
        proposals.put(connection, replace(topic, state=proposals.CHOSEN), now)
    announced = talk.sequence > 0
    state, sequence = (ANNOUNCED, talk.sequence + 1) if announced else (PLANNED, 0)
    notices.forget_cancelled(connection, talk.id)
    reopened = keep(connection, replace(talk, state=state, sequence=sequence, changed_by=""), now)
    _tell_speakers(connection, reopened, now)


def drop(connection: Connection, talk: Talk, now: float) -> None:
    """Forget a talk, so that its date may be planned anew: what waits to be said about it is not said, and
    nobody is asked any longer when it suits."""
    for about in (talk.id, *(asking(one) for one in talks.speakers_of(connection, talk.id))):
        notices.cancel(connection, about, "The date is planned anew.", now)
    talk_polls.end_of(connection, talk.id, now)
    talks.drop(connection, talk.id)


def end(connection: Connection, talk: Talk, now: float) -> Talk:
    """It is over."""
    held = replace(talk, state=HELD)
    talks.put(connection, held, now)
    topic = proposals.by_id(connection, talk.proposal_id) if talk.proposal_id else None
    if topic is not None and topic.state == proposals.CHOSEN:
        proposals.put(connection, replace(topic, state=proposals.HELD), now)
    for one in talks.speakers_of(connection, talk.id, ASKED):
        pass_over(connection, one, now)
    return held


def _tell_speakers(
    connection: Connection, talk: Talk, now: float, *, before: float | None = None, by: str = ""
) -> None:
    """Once for each change, whatever they replied to the invitation: who speaks has no seat, so that those
    who come are told without them. `before` is when it was to begin; `by` has made the change and knows."""
    before = talk.starts_at if before is None else before
    about = f"{talk.id} {int(now)} {before:.0f}"
    soon = begins_next((before, talk.starts_at), now) - now < SOON_S
    kind, until = SPEAKER_TOLD_SOON if soon else SPEAKER_TOLD, max(now + _A_WEEK, before, talk.starts_at)
    for one in talks.speakers_of(connection, talk.id, SPEAKS):
        if one.person != by:
            notices.plan(connection, Notice(kind, about, one.person, now, until))
