"""Digests by e-mail: who gets which letter, and whether it is still to be sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.blocks.digests import letter_html, letter_text
from bot.digests.building import Building, Built
from bot.digests.managing import may_read
from bot.journal import digests
from bot.journal.digests import LOST, PUT, Digest, Telling
from bot.journal.letters import Letter
from bot.journal.notices import Notice
from bot.letters import Mail
from bot.pressing import alone
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS, Audience, may_all_read
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Mailing:
    """A person's digest goes by e-mail where they chose that; a channel's to those of its readers who asked
    for it, once it stands in the channel."""

    mail: Mail
    building: Building
    database: Database

    def readers(self, digest: Digest) -> list[str]:
        """Who gets a letter of it now."""
        if not self.mail.works:
            return []
        if digest.person:
            return [digest.person] if digest.settings.mail else []
        with self.database.reading() as connection:
            asked = digests.letter_readers(connection, digest.id)
        return [one for one in asked if may_read(self.building.people, digest.recipient, one)]

    def letters(self, digest: Digest, built: Built, notice: Notice, now: datetime) -> Iterator[Letter]:
        """One for each of them."""
        foot = self._foot(digest)
        look = self.building.look(now)
        for person in self.readers(digest):
            yield Letter(
                key=f"{notice.kind} {notice.id}" if digest.person else f"{notice.kind} {notice.id} {person}",
                kind=notice.kind,
                about=notice.about,
                person=person,
                subject=built.told.title if digest.person else f"{self._place(digest)}: {built.told.title}",
                text=letter_text(built.told, foot),
                html=letter_html(built.told, look, foot),
                not_after=notice.not_after,
            )

    def wanted(self, letter: Letter) -> bool | None:
        """Whether a letter is still to be sent: it was not turned off, its reader may read all of it, and its
        sections are still for them. None while that is not known, and until a channel has its digest."""
        with self.database.reading() as connection:
            telling = digests.telling_about(connection, letter.about)
            digest = None if telling is None else digests.digest_of(connection, telling.digest)
            by_channel = digest is not None and digests.gets_letters(connection, digest.id, letter.person)
        if telling is None or digest is None or not digest.is_on:
            return False
        if not (digest.settings.mail if digest.person else by_channel):
            return False
        if not digest.person and telling.state in (PUT, LOST):
            return None if telling.state == PUT else False
        return self._may_read(letter.person, digest, telling)

    # within

    def _may_read(self, person: str, digest: Digest, telling: Telling) -> bool | None:
        people, store = self.building.people, self.building.store
        known = people.person(person)
        if known is not None and not known.full_member:
            return False
        reader, readers = self.building.reader(digest), people.readers(alone(person))
        if reader is None or readers == UNKNOWN_READERS:
            return None
        if not may_read(people, digest.recipient, person):
            return False
        offered = {one.name for one in self.building.offered(digest, reader)}
        keys = {*telling.audience_keys, *map(store.current_audience, telling.document_ids)}
        return offered.issuperset(telling.sections) and all(
            key is not None and may_all_read(Audience.from_key(key), readers, people.members) for key in keys
        )

    def _place(self, digest: Digest) -> str:
        return self.building.people.name_of_place(digest.recipient)

    def _foot(self, digest: Digest) -> str:
        if not digest.person:
            return words("digest_mail_foot_channel", channel=self._place(digest))
        return words("digest_mail_foot", command=f"/digest {digest.topic}".strip())
