"""Where and how Lore replies to what it received: in the thread, in the direct message, or to one person."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from bot.blocks.markdown import Part, parse
from bot.blocks.pages import Page, pages
from bot.blocks.rich_text import rich_text
from bot.kinds import PRIVATE, SILENT
from bot.messages import Check, Kind, Message, Place, new_key
from bot.pressing import KINDS as PRESSES
from bot.sending import Refused
from prompts.words import words

COMMAND_KINDS = frozenset({"ask", "lore", "sync"}) | PRESSES | PRIVATE
MOST_RESPONSES = 5
_ALL_OF_IT = "The rest is left out: it is too long for Slack."


class Origin(Protocol):
    """What is replied to: an inbox item, or something just received."""

    @property
    def kind(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def ts(self) -> str: ...
    @property
    def thread_ts(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any] | None: ...


def is_private(origin: Origin) -> bool:
    """Whether only the asker reads the reply."""
    return origin.kind in COMMAND_KINDS or origin.channel.startswith("D")


def place_of(origin: Origin) -> Place:
    """Who will read the reply."""
    return Place(origin.channel, only=origin.person if origin.kind in COMMAND_KINDS else "")


def reply(origin: Origin, said: Sequence[Page], check: Check | None = None) -> tuple[Message, ...]:
    """The pages as messages; each is said only if `check` holds then, and that it does not is said once."""
    first = Message(
        channel=origin.channel,
        text="",
        kind=Kind.POST,
        thread_ts=thread_for(origin),
        person=origin.person,
        check=check,
    )
    if origin.kind in COMMAND_KINDS:
        url = str((origin.payload or {}).get("response_url") or "")
        first = replace(first, kind=Kind.RESPOND if url else Kind.EPHEMERAL, response_url=url)
        said = said[:MOST_RESPONSES]
    return tuple(
        replace(
            first,
            key=new_key(),
            text=page.text,
            blocks=page.blocks,
            instead=words("withheld") if check is not None and number == 0 else "",
        )
        for number, page in enumerate(said)
    )


def thread_for(origin: Origin) -> str:
    """The thread to post in: each message is the root of one, in a direct message, too.

    There Slack shows what goes on (a status, an answer that grows, a button that stops it) in threads alone:
    https://docs.slack.dev/ai/migrating-to-agent-messaging/
    """
    return "" if origin.kind in COMMAND_KINDS else origin.thread_ts


def in_markdown(text: str) -> list[Page]:
    """Words of ours as pages."""
    parts: list[Part] = parse(text)
    return pages([[block] for block in rich_text(parts)], _ALL_OF_IT)


def say(origin: Origin, name: str, /, **values: object) -> tuple[Message, ...]:
    """One of the texts in `prompts/words`, as a reply."""
    return reply(origin, in_markdown(words(name, **values)))


def crashed(origin: Origin, error_id: str) -> Message | None:
    """Said when something broke."""
    return None if origin.kind in SILENT else say(origin, "apology", error_id=error_id)[0]


def late(origin: Origin, error_id: str) -> Message | None:
    """Said when it took too long."""
    return None if origin.kind in SILENT else say(origin, "late", error_id=error_id)[0]


def busy(origin: Origin) -> Message | None:
    """Said when too much is waiting already."""
    return None if origin.kind in SILENT else say(origin, "busy")[0]


def too_fast(origin: Origin, most: int) -> Message | None:
    """Said once a minute to who asks more than that many things in it."""
    return None if origin.kind in SILENT else say(origin, "slow_down", most=most)[0]


def undeliverable(message: Message, error_id: str, refused: Refused) -> Message | None:
    """What to tell the asker when Slack refuses a message for good: there if only its form was the
    trouble, else in a direct message; None when there is nobody to tell."""
    if not message.person and not refused.about_content:
        return None
    text = words("undelivered", reason=refused.error[:200], error_id=error_id)
    [page] = in_markdown(text)
    if refused.about_content:
        return replace(message, text=page.text, blocks=page.blocks, check=None, instead="", key=new_key())
    return Message(channel=message.person, text=page.text, blocks=page.blocks)
