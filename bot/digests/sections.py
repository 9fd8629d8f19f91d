"""Sections of a digest: each gives, as plain data, what is new within a window for whoever reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.messages import Place
from knowledge.audience import Audience, Members, Readers, may_all_read


@dataclass(frozen=True, slots=True)
class Window:
    """What a digest is about: everything later than `since` and not later than `until`, which is now."""

    since: datetime
    until: datetime

    def holds(self, moment: datetime | float) -> bool:
        """Whether a moment (or Unix seconds) lies within."""
        at = moment if isinstance(moment, float | int) else moment.timestamp()
        return self.since.timestamp() < at <= self.until.timestamp()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a digest, as of now: everybody who can read its place.

    `recipient` is a channel's or a user's id; `keys` are the audiences of published documents that all of its
    readers may read. Days are told in `zone`. `admin` is for persons alone; never for a place.
    """

    recipient: str
    readers: Readers
    keys: frozenset[str]
    members: Members
    zone: ZoneInfo
    admin: bool = False

    @property
    def person(self) -> str:
        """The user who reads it alone; empty for a place."""
        return self.recipient if self.recipient[:1] in ("U", "W") else ""

    @property
    def place(self) -> Place:
        return Place(self.recipient, only=self.person)

    def may_read(self, audience: Audience) -> bool:
        """Whether every one of them may; nobody may where it is not known who they are."""
        return may_all_read(audience, self.readers, self.members)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a digest: `words` in one line, after a bold `title` where there is one; small `details`
    stand below, and then `lines` of a fixed width, such as a chart.

    All is shown as it is written; `url` makes a link of the title (of the words without one) where it leads
    to a place that may be linked. Just before the digest is sent, everybody who reads it must still be
    allowed to read the documents of `document_ids`, as they are then, and what `audience_keys` stand for.
    """

    words: str
    title: str = ""
    details: Sequence[str] = ()
    lines: str = ""
    url: str | None = None
    document_ids: Sequence[str] = ()
    audience_keys: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What a section has to say, the most important first: as many as fit are shown, the others counted.

    `news` is False for what comes along but is no reason to send anything, such as what is still open.
    """

    entries: Sequence[Entry]
    news: bool = True


Build = Callable[[Reader, Window], Part | None]
"""What there is to say, of that alone which all the readers may read; None for nothing. Asked outside of
transactions, whenever a digest is made or previewed."""


def anybody(_reader: Reader) -> bool:
    """A section for every place and person."""
    return True


@dataclass(frozen=True, slots=True)
class Section:
    """`name` is kept in people's settings, `title` is what they read. `offered` says to whom it is offered at
    all, asked again at sending; one that is not `usual` is in a digest only where somebody has chosen it."""

    name: str
    title: str
    build: Build
    offered: Callable[[Reader], bool] = anybody
    usual: bool = True
