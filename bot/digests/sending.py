"""Digests on time: their dates are planned, each is built when it is due, and what became of it is noted."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from bot.blocks.digests import digest_page
from bot.digests.building import Building, Built, SectionFailed, window
from bot.digests.mailing import Mailing
from bot.digests.managing import trouble
from bot.digests.windows import begins, settle
from bot.journal import digests, notices, outgoing
from bot.journal.digests import LOST, Digest, Telling
from bot.journal.notices import CLAIMED, PLANNED, Notice
from bot.journal.personal import tell_once, was_told
from bot.letters import Mail
from bot.messages import Check, Message
from bot.notices import Fate, Made, Notices
from bot.pressing import alone, to_person
from bot.replies import in_markdown
from bot.rituals.due import Later, NotSaid
from bot.rooms import Room
from prompts.digest_times import slots
from prompts.recurrence import RuleError
from prompts.words import words

KIND = "digest"
AHEAD = timedelta(days=1)
LOOK_AGAIN_S = 3 * 3600.0
MOST_AT_ONCE = 200
MOST_ATTEMPTS = 3
GIVE_UP_S = 15 * 60.0
"""A section that fails for so long is left out, and that is said; a place whose readers are not known for so
long gets nothing."""
ON_ITS_WAY_S = 60.0


class Sending:
    """Two duties of the heartbeat and the maker of a digest; any number of processes may do them at once."""

    def __init__(self, notices_: Notices, mail: Mail, building: Building) -> None:
        self.notices = notices_
        self.building = building
        self.database = notices_.database
        self.mailing = Mailing(mail, building, self.database)

    def join(self, room: Room) -> None:
        room.duties += [self.settle, self.plan]
        self.notices.makers[KIND] = self.make
        self.mailing.mail.wanted[KIND] = self.mailing.wanted

    def settle(self, now: datetime) -> None:
        """Note what has arrived; what has not is built anew, for those who read the place then."""
        with self.database.reading() as connection:
            waiting = digests.on_their_way(connection)
        for telling in waiting:
            with self.database.writing() as connection:
                if settle(connection, telling) == LOST:
                    _try_again(connection, telling, now.timestamp())

    def plan(self, now: datetime) -> None:
        """Plan what is due within a day; looked at every few hours, since zones change."""
        with self.database.reading() as connection:
            found = digests.to_look_at(connection, now.timestamp(), MOST_AT_ONCE)
        if not found:
            return
        self.building.people.many({one.person for one in found} - {""})
        for one in found:
            planned = self._planned(one, now)
            with self.database.writing() as connection:
                if digests.looked_at(connection, one, now.timestamp() + LOOK_AGAIN_S):
                    for notice in planned:
                        notices.plan(connection, notice)

    def make(self, notice: Notice, now: datetime) -> Fate:
        """What a digest says, from what its readers may read now."""
        with self.database.reading() as connection:
            digest = digests.digest_of(connection, _of(notice))
            before = digests.on_their_way(connection, _of(notice))
            since = 0.0 if digest is None else begins(connection, digest)
        if digest is None or not digest.is_on or not notice.about.startswith(_prefix(digest)):
            return NotSaid("It was turned off or changed.")
        if before:
            return Later(now.timestamp() + ON_ITS_WAY_S, "The one before it is still on its way.")
        people = self.building.people
        why = "" if digest.person else trouble(people, digest.recipient)
        reader = None if why else self.building.reader(digest)
        late = now.timestamp() - notice.planned_at > GIVE_UP_S
        if reader is None:
            why = why or "It is not known who reads it."
            if not late:  # Slack may be away for a moment
                return Later(now.timestamp() + ON_ITS_WAY_S, why)
            return self._not_there(digest, why)
        if digest.topic and not self.building.offered(digest, reader):
            return NotSaid("Who gets it is no lead any more.")
        try:
            built = self.building.build(digest, reader, window(since, now), without_failed=late)
        except SectionFailed as error:
            return Later(now.timestamp() + ON_ITS_WAY_S, f"I could not look at {', '.join(error.args)}.")
        if not built.news:
            return NotSaid("There was nothing new.")
        return self._made(digest, built, notice, since, now)

    # within

    def _planned(self, digest: Digest, now: datetime) -> list[Notice]:
        """Its dates since it was changed, where they are not too late, and until tomorrow."""
        zone = self.building.zone(digest)
        after = max(now - AHEAD, datetime.fromtimestamp(digest.changed_at, now.tzinfo))
        try:
            due = list(slots(digest.settings.rhythm, zone, after, now + AHEAD))
        except RuleError:
            return []
        return [
            Notice(
                KIND, f"{_prefix(digest)}{one.day} 1", digest.recipient,
                one.at.timestamp(), one.not_after.timestamp(),
            )
            for one in due
        ]  # fmt: skip

    def _made(self, digest: Digest, built: Built, notice: Notice, since: float, now: datetime) -> Made:
        letters = [*self.mailing.letters(digest, built, notice, now)]
        in_slack = digest.settings.slack or not digest.person or not letters
        telling = Telling(
            digest=digest.id,
            about=notice.about,
            since=since,
            until=now.timestamp(),
            not_after=notice.not_after,
            letter=letters[0].key if letters and digest.person else "",
            audience_keys=built.check.audience_keys,
            document_ids=built.check.document_ids,
            sections=built.sections,
        )

        def then(connection: Connection) -> None:
            said = notices.about(connection, notice.about, KIND)
            key = next((one.key for one in said if one.id == notice.id), None)
            digests.note(connection, replace(telling, key=(key or "") if in_slack else ""))

        messages = [self._message(digest, built, now)] if in_slack else []
        return Made(messages, letters, then)

    def _message(self, digest: Digest, built: Built, now: datetime) -> Message:
        by_mail = self.mailing.mail.works and not digest.person
        shown = digest_page(built.told, self.building.look(now), digest.id, by_mail=by_mail)
        return Message(
            digest.recipient, shown.text, blocks=shown.blocks, person=digest.person, check=built.check
        )

    def _not_there(self, digest: Digest, why: str) -> Fate:
        """A place to which nothing can be sent; its owner is told once, and why where they are in it."""
        subject = _untold(digest)
        with self.database.reading() as connection:
            if digest.person or was_told(connection, subject):
                return NotSaid(why)
        known = self.building.people.channel(digest.recipient) or {}
        public = known.get("is_private") is False and not known.get("is_mpim")
        knows = public or self.building.people.shares(digest.recipient, digest.owner)

        def then(connection: Connection) -> None:
            tell_once(connection, subject, self.notices.availability.clock().timestamp())

        return Made(_to_owner(digest, why if knows else ""), then=then)


def forget_planned(connection: Connection, digest: Digest, reason: str, now: float) -> None:
    """What waits to be said as this digest is not said."""
    for one in notices.of_recipient(connection, digest.recipient, most=100):
        if one.kind == KIND and _of(one) == digest.id and one.state in (PLANNED, CLAIMED):
            notices.cancel(connection, one.about, reason, now, KIND)


def _prefix(digest: Digest) -> str:
    return f"{digest.id} {digest.revision} "


def _of(notice: Notice) -> str:
    """The id of the digest that a notice is about."""
    return notice.about.partition(" ")[0]


def _untold(digest: Digest) -> str:
    """What is told once of a digest as it is set up now."""
    return f"digest not sent {digest.id} {digest.revision}"


def _to_owner(digest: Digest, why: str) -> tuple[Message, ...]:
    said = in_markdown(words("digest_not_sent", why=f" {why}" if why else ""))
    return to_person(digest.owner, said, Check(alone(digest.owner)))


def _try_again(connection: Connection, telling: Telling, now: float) -> None:
    """Plan what has not arrived anew; where Slack took none of a few, the channel's owner is told once."""
    digest = digests.digest_of(connection, telling.digest)
    if digest is None or not digest.is_on or not telling.about.startswith(_prefix(digest)):
        return
    about, _, attempt = telling.about.rpartition(" ")
    number = int(attempt) + 1
    if number <= MOST_ATTEMPTS and now < telling.not_after:
        again = Notice(KIND, f"{about} {number}", digest.recipient, now, telling.not_after)
        notices.plan(connection, again)
    elif not digest.person and tell_once(connection, _untold(digest), now):
        outgoing.put(connection, _to_owner(digest, ""), None, now)
