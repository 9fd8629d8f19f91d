"""Just before a message goes out: may everyone at that place still read what it rests on?"""

from collections.abc import Callable
from dataclasses import replace

from bot.messages import Message
from bot.outbox import LateCheck
from bot.people import People
from knowledge.audience import UNKNOWN_READERS, Audience, may_all_read


def late_check(people: People, current_audience: Callable[[str], str | None]) -> LateCheck:
    """The check for the outbox; `current_audience` gives a document's audience key as it stands now.

    A message without a `check` passes. Otherwise the readers of the place must be known, all its documents
    must still be there, and all its audiences, then and now, must contain every one of the readers.
    """

    def check(message: Message) -> Message | None:
        if message.check is None:
            return message
        readers = people.readers(message.check.place)
        now = [current_audience(document) for document in message.check.document_ids]
        if readers != UNKNOWN_READERS and all(
            key is not None and may_all_read(Audience.from_key(key), readers, people.members)
            for key in {*message.check.audience_keys, *now}
        ):
            return message
        if not message.instead:
            return None
        if message.aside:
            return Message(channel=message.person, text=message.instead, person=message.person)
        return replace(message, text=message.instead, blocks=(), check=None)

    return check
