"""Lists one channel's answered threads: what is new, what changed, and what is as it was known."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from bot.journal import threads
from bot.threads.announcing import announce
from bot.threads.asking import Asking, Closed, Cut, Enough, Message
from bot.threads.judging import (
    Answered,
    Crowd,
    NoDocument,
    Rules,
    Unsure,
    judge,
    might_become_one,
    reactions_of,
)
from bot.threads.kind import path_of
from bot.threads.page import date_of, page_of
from bot.threads.places import ReadPlace
from ingest.redaction import redact
from ingest.sources import Incomplete, Item, Listed, Reading, Skipped, Source, Withheld
from knowledge.adapters.database import Database
from knowledge.documents import Document
from knowledge.errors import Unreadable

VERSION = 1
DAY_S = 24 * 3600.0
WINDOW_S = 14 * DAY_S
"""Threads that began within it are looked at in every sync."""

FULL_S = DAY_S
"""All threads are looked at as often; the replies in each of them every DEEP_DAYS."""

DEEP_DAYS = 7
MOST_CALLS = 600
"""In one sync; the next one goes on where this one stopped."""

_SHAPE, _ROOT, _CONTENT = 12, 16, 36


@dataclass(frozen=True, slots=True)
class Sitting:
    """What all channels of one sync have in common. `address` is the workspace's."""

    source: Source
    reading: Reading
    asking: Asking
    crowd: Crowd
    name_of: Callable[[str], str]
    database: Database
    now: datetime
    address: str


class ChannelListing:
    """One channel in one sync; `note` is what to remember of it.

    `remembered` is the note of the sync before. With `again` every thread is looked at anew.
    """

    def __init__(
        self,
        sitting: Sitting,
        place: ReadPlace,
        rules: Rules,
        remembered: Mapping[str, Any],
        *,
        again: bool = False,
    ) -> None:
        self._sitting = sitting
        self._place = place
        self._rules = rules
        self._again = again
        self._now = sitting.now.timestamp()
        self._since = self._now - float(sitting.source.options["since"]) * DAY_S
        lead = f"{place.id}/"
        self._known = {
            path.removeprefix(lead): digest
            for path, digest in sitting.reading.known.items()
            if path.startswith(lead)
        }
        self._shape = _hash(_SHAPE, *_shaping(sitting.source, place, rules))
        self._full = False
        self._held: dict[str, list[str]] = {}
        self._decided: set[str] = set()
        with sitting.database.reading() as connection:
            self._marks = threads.marks(connection, place.id)
            self._blocked = threads.blocked(connection, place.id)
        self._marked = {one.thread_ts or one.ts for one in self._marks}
        self._newest_mark = max((one.id for one in self._marks), default=0)
        same = remembered.get("shape") == self._shape and not again
        self._before: Mapping[str, Any] = remembered if same else {}
        self.note: dict[str, Any] = {"shape": self._shape, "no": {}, "full_at": None, "reached": None}

    def listed(self) -> Iterator[Listed]:
        """Every document of the channel, and what could not be told. Raises Closed and Unreadable."""
        spans = self._spans()
        try:
            for low, high in spans:
                yield from self._span(low, high)
            yield from self._missed(spans)
            yield from self._marked_ones()
        except Cut as cut:
            yield Incomplete(f"#{self._place.name}: {cut}", goes_on=isinstance(cut, Enough))
        yield from self._as_they_were()
        unread = {ts: no for ts, no in (self._before.get("no") or {}).items() if ts not in self._decided}
        self.note["no"] |= {ts: no for ts, no in unread.items() if float(ts) >= self._since}

    # what is looked at

    def _spans(self) -> list[tuple[float, str | None]]:
        """The stretches of time whose threads are looked at: since when, until (None: now)."""
        full_at, reached = self._before.get("full_at"), self._before.get("reached")
        self.note["full_at"], self.note["reached"] = full_at, reached
        recent = (max(self._now - WINDOW_S, self._since), None)
        if reached is not None and float(reached) > self._since:
            return [recent, (self._since, str(reached))]
        self._full = full_at is None or self._now - float(full_at) >= FULL_S
        return [(self._since, None)] if self._full else [recent]

    def _span(self, low: float, high: str | None) -> Iterator[Listed]:
        whole = low == self._since
        for page in self._sitting.asking.history(self._place.id, low, high):
            for root in page:
                yield from self._root(root)
                if whole:
                    self.note["reached"] = str(root.get("ts") or "") or self.note["reached"]
        if whole:
            self.note |= {"reached": None, "full_at": self._now}

    def _root(self, root: Message) -> Iterator[Listed]:
        ts = str(root.get("ts") or "")
        if date_of(ts) is None or ts in self._decided or root.get("thread_ts", ts) != ts:
            return
        known = self._known.get(ts)
        if not might_become_one(root, self._sitting.crowd.me):
            if known is not None:
                yield from self._looked_at(ts)
            return
        looks = self._looks(root)
        if not self._is_to_be_read(ts, known):
            if known is not None and known.startswith(self._shape + looks):
                self._decided.add(ts)
                yield self._item(ts, known)
                return
            if known is None and (self._before.get("no") or {}).get(ts) == looks:
                return
        yield from self._looked_at(ts)

    def _missed(self, spans: list[tuple[float, str | None]]) -> Iterator[Listed]:
        """Known threads that the listing should have held: each is looked for by itself."""
        for ts in sorted(self._known.keys() - self._decided):
            at = float(ts)
            if any(low <= at and (high is None or at < float(high)) for low, high in spans):
                yield from self._looked_at(ts)

    def _marked_ones(self) -> Iterator[Listed]:
        """Threads in which something has happened, and those whose known text is not to be shown."""
        for mark in self._marks:
            if any(one in held for held in self._held.values() for one in (mark.thread_ts, mark.ts)):
                continue
            thread: list[Message] | None = None
            root = mark.thread_ts
            if not root:
                thread = self._sitting.asking.thread(self._place.id, mark.ts)
                root = str(thread[0]["ts"]) if thread else ""
            if date_of(root) is None or float(root) < self._since:
                self._change(lambda connection, one=mark: threads.settle_message(connection, one.id))  # type: ignore[misc]
            else:
                yield from self._looked_at(root, thread)
        for ts, digest in sorted(self._blocked):
            if self._known.get(ts) == digest and ts not in self._held:
                yield from self._looked_at(ts)

    def _as_they_were(self) -> Iterator[Listed]:
        """What nobody has looked at stays as it is known; what began too long ago goes."""
        for ts, digest in sorted(self._known.items()):
            if ts not in self._decided and float(ts) >= self._since:
                yield self._item(ts, self._shape + digest[_SHAPE:])

    def _is_to_be_read(self, ts: str, known: str | None) -> bool:
        if self._again or ts in self._marked or (known is not None and (ts, known) in self._blocked):
            return True
        turn = int(float(ts)) % DEEP_DAYS == int(self._now // DAY_S) % DEEP_DAYS
        return self._full and turn

    # what comes of it

    def _looked_at(self, ts: str, thread: list[Message] | None = None) -> Iterator[Listed]:
        """Read a thread whole, and say what is to become of its document."""
        if thread is None:
            if self._sitting.asking.calls >= MOST_CALLS:
                raise Enough("there is more than is read at once; the next sync goes on from here")
            thread = self._sitting.asking.thread(self._place.id, ts)
        self._decided.add(ts)
        self._held[ts] = [ts, *(str(one.get("ts") or "") for one in thread[1:])]
        path, known = path_of(self._place.id, ts), self._known.get(ts)
        if not thread:
            self._settle(ts, None)
            if known is not None:
                yield Withheld(path, "it was deleted in Slack")
            return
        match judge(thread, self._rules, self._sitting.crowd):
            case Answered() as answered:
                document = self._document(answered, self._looks(thread[0]))
                if document.digest == known:
                    self._settle(ts, known)
                yield self._item(ts, document.digest, document, answered)
            case NoDocument(reason):
                self._settle(ts, None)
                self.note["no"][ts] = self._looks(thread[0])
                if known is not None:
                    yield Withheld(path, reason)
            case Unsure(reason):
                if known is not None:
                    yield Skipped(path, reason)

    def _item(
        self, ts: str, digest: str, document: Document | None = None, answered: Answered | None = None
    ) -> Item:
        def load() -> Document:
            if document is None or answered is None:
                return self._loaded(ts)
            return self._taken_in(ts, document, answered)

        return Item(path_of(self._place.id, ts), digest, load, self._place.audience)

    def _loaded(self, ts: str) -> Document:
        """A thread that was listed as it is known, read after all."""
        try:
            thread = self._sitting.asking.thread(self._place.id, ts)
        except (Cut, Closed) as error:
            raise Unreadable(str(error)) from None
        verdict = judge(thread, self._rules, self._sitting.crowd)
        if not isinstance(verdict, Answered):
            raise Unreadable(verdict.reason)
        self._held[ts] = [str(one.get("ts") or "") for one in thread]
        document = self._document(verdict, self._looks(thread[0]))
        return self._taken_in(ts, document, verdict)

    def _taken_in(self, ts: str, document: Document, answered: Answered) -> Document:
        """The document goes into the record: whose words it holds is kept, and the channel knows of it."""
        people = {one.ts: one.person for one in answered.messages}

        def change(connection: Connection) -> None:
            threads.keep_words(connection, self._place.id, ts, people)
            threads.settle(
                connection, self._place.id, self._held[ts], self._newest_mark, document.digest, self._now
            )
            announce(connection, self._place.id, self._rules, self._now)

        self._change(change)
        return document

    def _document(self, answered: Answered, looks: str) -> Document:
        sitting, place = self._sitting, self._place
        title, text = page_of(answered, sitting.crowd.me, sitting.name_of)
        clean_title, clean_text = redact(title), redact(text)
        ts = answered.root.ts
        url = f"{sitting.address}/archives/{place.id}/p{ts.replace('.', '')}"
        latest = max((one.ts for one in answered.messages), key=float)
        owner = answered.accepted.person
        content = _hash(_CONTENT, clean_title.text, clean_text.text, url, latest, owner)
        return Document(
            source=sitting.source.name,
            path=path_of(place.id, ts),
            title=clean_title.text,
            text=clean_text.text,
            audience=place.audience,
            digest=self._shape + looks + content,
            kind=sitting.source.document_kind,
            lines_are_the_files=False,
            url=url,
            updated_at=date_of(latest),
            owner=owner,
            redactions=clean_title.count + clean_text.count,
        )

    def _looks(self, root: Message) -> str:
        """What of a thread the channel's history tells: another one, and it is read anew."""
        edited = root.get("edited") or {}
        reactions = sorted((name, sorted(users)) for name, (users, _) in reactions_of(root).items())
        told = (root.get("text"), edited.get("ts"), root.get("reply_count"), root.get("latest_reply"))
        return _hash(_ROOT, *told, reactions)

    def _settle(self, ts: str, digest: str | None) -> None:
        marked = any(one in self._marked for one in self._held[ts])
        if marked or digest is not None or self._known.get(ts) is not None:
            self._change(
                lambda connection: threads.settle(
                    connection, self._place.id, self._held[ts], self._newest_mark, digest, self._now
                )
            )

    def _change(self, change: Callable[[Connection], None]) -> None:
        if is_trial(self._sitting.reading):
            return
        with self._sitting.database.writing() as connection:
            change(connection)


def is_trial(reading: Reading) -> bool:
    """Whether nothing is kept of what is read: the channel is not told, and the journal stays as it is."""
    return reading.keep is None


def _shaping(source: Source, place: ReadPlace, rules: Rules) -> tuple[object, ...]:
    """What shapes every document of a channel beside what is said in it."""
    experts = None if rules.experts is None else sorted(rules.experts)
    counting = (sorted(rules.accepting), sorted(rules.taking_out), rules.signs, experts)
    return (VERSION, source.audience.key, place.audience.key, source.document_kind, counting)


def _hash(length: int, *parts: object) -> str:
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:length]
