"""`/digest mail`: a channel's digest by e-mail as well, for each of its readers who asks for it."""

from dataclasses import dataclass

from bot.digests.building import Building
from bot.digests.managing import NOT_SEEN, asked, may_read
from bot.journal import digests
from bot.journal.digests import recipient_of
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import DIGEST_STEP
from bot.letters import Mail
from bot.messages import Message
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply
from bot.rooms import Room
from knowledge.adapters.database import Database
from knowledge.ports import Clock
from prompts.words import words

OFF = "off"


@dataclass(frozen=True, slots=True)
class ByMail:
    """Works off the command and the buttons; each is about the one alone who gives it."""

    building: Building
    mail: Mail
    writer: JournalWriter
    database: Database
    clock: Clock

    def join(self, room: Room) -> None:
        room.commands["mail"] = self.command

    def command(self, item: Item) -> Done:
        """`/digest mail #channel` and `/digest mail off #channel`."""
        text = item.text.strip().partition(" ")[2]
        meant = asked(self.building.people, item.person, item.channel, text)
        if meant.digest is not None and recipient_of(meant.digest) == item.person:
            return self._said(item, "digest_mail_own")
        return self._change(item, meant.digest, wanted=OFF not in meant.rest.lower().split())

    def press(self, item: Item, *, wanted: bool) -> Done:
        """What the buttons below a channel's digest ask for."""
        return self._change(item, subject_of(item), wanted=wanted)

    def _change(self, item: Item, digest_id: str | None, *, wanted: bool) -> Done:
        people, now = self.building.people, self.clock().timestamp()
        if not wanted and digest_id is not None:  # whoever reads it no more may still say that
            had = self.writer.write(lambda at: digests.end_letters(at, digest_id, item.person))
            if had:
                return self._said(item, "digest_mail_off")
        if digest_id is None or not may_read(people, recipient_of(digest_id), item.person):
            return Done(say=self._pages(item, NOT_SEEN))
        channel = people.name_of_place(recipient_of(digest_id))
        with self.database.reading() as connection:
            digest = digests.digest_of(connection, digest_id)
        if not wanted:
            return self._said(item, "digest_mail_none", channel=channel)
        if digest is None or not digest.is_on or digest.person:
            return self._said(item, "digest_mail_not_there", channel=channel)
        if not self.mail.works:
            return self._said(item, "digest_mail_no_server")
        self.writer.write(lambda at: digests.ask_for_letters(at, digest_id, item.person, now))
        return self._said(item, "digest_mail_on", channel=channel, when=digest.settings.rhythm.words)

    def _said(self, item: Item, name: str, **values: str) -> Done:
        return Done(say=self._pages(item, words(name, **values)))

    def _pages(self, item: Item, text: str) -> tuple[Message, ...]:
        said = in_markdown(text)
        return quietly(item, said) if item.kind == DIGEST_STEP else reply(item, said)
