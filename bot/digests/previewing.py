"""`/digest preview`: what would be sent now, shown to the one who asks alone."""

from dataclasses import replace

from bot.blocks.digests import preview_page
from bot.digests.building import Building, window
from bot.digests.managing import NOT_SEEN, asked, may_read, refusal
from bot.digests.windows import begins
from bot.journal import digests
from bot.journal.digests import Digest, recipient_of
from bot.journal.work import Done, Item
from bot.messages import Place
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.digest_times import begins as would_begin
from prompts.words import words


class Previewing:
    """Builds a digest for the readers of its place, and shows it to one of them."""

    def __init__(self, building: Building, database: Database, clock: Clock) -> None:
        self.building = building
        self.database = database
        self.clock = clock

    def join(self, room: Room) -> None:
        room.commands["preview"] = self.preview

    def preview(self, item: Item) -> Done:
        """Nothing is sent, and no window ends."""
        people = self.building.people
        text = item.text.strip().partition(" ")[2]
        meant = asked(people, item.person, item.channel, text).digest
        if meant is None or not may_read(people, recipient_of(meant), item.person):
            return Done(say=reply(item, in_markdown(NOT_SEEN)))
        now = self.clock()
        digest, since = self._digest(meant, item.person)
        reader = self.building.reader(digest)
        if reader is None:
            return Done(say=reply(item, in_markdown(refusal(people, digest.recipient, item.person))))
        if digest.topic and not self.building.offered(digest, reader):
            return Done(say=reply(item, in_markdown(words("digest_gaps_leads_only"))))
        built = self.building.build(digest, reader, window(since, now), without_failed=True)
        if not built.told.sections:
            return Done(say=reply(item, in_markdown(words("digest_nothing_new"))))
        sentence = words("digest_preview" if built.news else "digest_preview_no_news")
        page = preview_page(built.told, self.building.look(now), sentence)
        check = replace(built.check, place=Place(item.channel, only=item.person))
        return Done(say=reply(item, [page], check))

    def _digest(self, digest_id: str, person: str) -> tuple[Digest, float]:
        """The digest as it is, or as it would be, and where its window begins."""
        with self.database.reading() as connection:
            known = digests.digest_of(connection, digest_id)
            since = 0.0 if known is None else begins(connection, known)
        if known is not None and known.is_on:
            return known, since
        zone = self.building.availability.profile(person).zone
        digest = known or Digest(digest_id, person, zone.key, state=digests.OFF)
        now = self.clock()
        return digest, max(since, would_begin(digest.settings.rhythm, zone, now).timestamp())
