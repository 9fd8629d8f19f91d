"""What a digest's readers may know of other places and of what answers cite."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.digests.sections import Reader
from bot.messages import Place
from bot.people import People
from bot.saving import audience_of
from knowledge.audience import Audience
from knowledge.documents import Citation
from knowledge.ports import Store


@dataclass(frozen=True, slots=True)
class Sight:
    """Asks Slack who reads what, so not within a transaction."""

    people: People
    store: Store

    def asked_in(self, reader: Reader, channel: str, ts: str) -> Audience | None:
        """Who could read what was asked there, if that is all who read the digest; None for what was asked in
        private, and where it is not known."""
        return self.place(reader, channel) if ts and not channel.startswith("D") else None

    def place(self, reader: Reader, channel: str) -> Audience | None:
        """Who reads a channel, if that is all who read the digest; None where it is not known."""
        audience = audience_of(self.people, Place(channel))
        return audience if audience is not None and reader.may_read(audience) else None

    def document(self, reader: Reader, document_id: str, *audience_keys: str) -> bool:
        """Whether they may all read a document now, and might by these audience keys of then."""
        now = self.store.current_audience(document_id)
        return now is not None and all(
            reader.may_read(Audience.from_key(key)) for key in (now, *audience_keys)
        )

    def citations(self, reader: Reader, cited: Iterable[Citation]) -> bool:
        """Whether they may read all of these."""
        return all(self.document(reader, one.document_id, one.audience_key) for one in cited)
