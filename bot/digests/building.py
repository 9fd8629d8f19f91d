"""What a digest says: its sections, asked for whoever can read its place at this moment."""

import logging
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.blocks.citations import Look
from bot.blocks.digests import Shown, Told
from bot.digests.sections import Reader, Section, Window
from bot.journal.digests import Digest
from bot.messages import Check, Place
from bot.people import People
from bot.rituals.availability import Availability
from knowledge.audience import UNKNOWN_READERS, readable_keys
from knowledge.ports import Store
from prompts.calendar import zone_named
from prompts.words import words

log = logging.getLogger(__name__)


class SectionFailed(Exception):
    """A section could not be asked; the names of those that could not are its arguments."""


@dataclass(frozen=True, slots=True)
class Built:
    """A digest ready to be told, and what must still hold when it is; not `news` where nothing is new.
    `sections` are the names of those that are in it."""

    told: Told
    check: Check
    news: bool
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Building:
    """Asks Slack who reads what, so never within a transaction."""

    people: People
    availability: Availability
    store: Store
    origins: Container[str]
    sections: Sequence[Section]

    def zone(self, digest: Digest) -> ZoneInfo:
        """By whose clock it is due: the person's own, or the one that the channel's is kept in."""
        if digest.person:
            return self.availability.profile(digest.person).zone
        return zone_named(digest.zone, self.availability.settings.zone).zone

    def reader(self, digest: Digest) -> Reader | None:
        """Who reads it now; None where that is not known."""
        place = Place(digest.recipient, only=digest.person)
        readers = self.people.readers(place)
        if readers == UNKNOWN_READERS:
            return None
        known = self.store.audience_keys(self.store.published())
        keys = readable_keys(known, readers, self.people.members)
        admin = bool(digest.person) and self.people.is_admin(digest.person)
        return Reader(digest.recipient, readers, keys, self.people.members, self.zone(digest), admin)

    def offered(self, digest: Digest, reader: Reader) -> list[Section]:
        """The sections that there are for these readers, of the digest's topic where it has one."""
        named = [one for one in self.sections if digest.topic in ("", one.name)]
        return [one for one in named if one.offered(reader)]

    def chosen(self, digest: Digest, reader: Reader) -> list[Section]:
        """Those of them that are in the digest."""
        wanted = digest.settings.sections
        offered = self.offered(digest, reader)
        if digest.topic:
            return offered
        return [one for one in offered if (one.usual if wanted is None else one.name in wanted)]

    def build(self, digest: Digest, reader: Reader, window: Window, *, without_failed: bool = False) -> Built:
        """The digest of a window. A section that fails raises SectionFailed or, `without_failed`, is left
        out, which is said."""
        shown: list[Shown] = []
        names: list[str] = []
        failed: list[Section] = []
        news = False
        for section in self.chosen(digest, reader):
            try:
                part = section.build(reader, window)
            except Exception:
                log.exception("the section %s of a digest failed", section.name)
                failed.append(section)
                continue
            if part is not None and part.entries:
                shown.append(Shown(section.title, part.entries))
                names.append(section.name)
                news = news or part.news
        if failed and not without_failed:
            raise SectionFailed(*(one.name for one in failed))
        notes = [self._foot(digest)]
        if failed:
            named = ", ".join(one.title for one in failed)
            notes.insert(0, words("digest_section_failed", sections=named))
        name = "digest_gaps_title" if digest.topic else "digest_title"
        title = words(name, since=_day(window.since, reader.zone))
        entries = [entry for one in shown for entry in one.entries]
        check = Check(
            reader.place,
            tuple(sorted({key for entry in entries for key in entry.audience_keys})),
            tuple(sorted({one for entry in entries for one in entry.document_ids})),
        )
        return Built(Told(title, shown, notes), check, news, tuple(names))

    def look(self, now: datetime) -> Look:
        """What may be linked."""
        return Look(now, self.origins)

    def _foot(self, digest: Digest) -> str:
        when = digest.settings.rhythm.words
        if digest.person:
            return words("digest_foot_own", when=when)
        return words("digest_foot", when=when, owner=self.people.name_of(digest.owner))


def window(since: float, now: datetime) -> Window:
    """From `since` (Unix seconds) until now."""
    return Window(datetime.fromtimestamp(since, UTC), now)


def _day(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local:%A}, {local.day} {local:%B}"
