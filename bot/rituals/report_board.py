"""Brings the messages of a report to what they are to show: said, changed in place, taken away."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.journal import outgoing, report_messages
from bot.journal.report_messages import HEAD, NOT_THERE, Shown, Spot
from bot.messages import Check, Kind, Message

AT_MOST_EVERY_S = 10.0
"""A message is changed no more often, however often what it shows changes."""
THREAD_GONE = "thread_not_found"
_ANEW = " anew"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a message is to show, and where: a page, or (None) what it shows already. `revision` is that of
    its entry. What stands in the `thread` of the head waits until that was said."""

    spot: Spot
    channel: str
    page: Page | None
    check: Check | None = None
    revision: int = 0
    thread: bool = False
    background: bool = True


@dataclass(frozen=True, slots=True)
class Board:
    """The messages of one report, as they stand; `serial` makes the keys of what is said now its own."""

    connection: Connection
    occurrence_id: int
    serial: int
    now: float

    def bring(self, wanted: Sequence[Wanted], *, again: bool = False) -> bool:
        """Queue what brings every message to what is wanted; True when nothing is left to do after that, and
        nothing was learnt that what is wanted may depend on.

        What a person has taken away in Slack stays away; only a head is said once more, for the thread. With
        `again`, what could not be said is said now.
        """
        stored = report_messages.of_occurrence(self.connection, self.occurrence_id)
        known = self._as_they_are(stored, again)
        shown = {one.spot: one for one in known}
        head = shown.get(Spot(HEAD))
        done = known == stored
        for one in wanted:
            there = shown.pop(one.spot, None)
            if there is None:
                done &= self._say(one, head)
            elif not there.gone:
                done &= self._change(there, one)
        for left in shown.values():
            done &= self._take_away(left)
        return done

    def _as_they_are(self, stored: Sequence[Shown], again: bool) -> list[Shown]:
        kept: list[Shown] = []
        lost_thread = False
        for before in stored:
            one = report_messages.seen(self.connection, before)
            lost_thread |= one.gone == THREAD_GONE
            if one.gone == THREAD_GONE or (one.gone and again and one.gone not in NOT_THERE):
                report_messages.forget(self.connection, one)
                continue
            if one != before:
                report_messages.keep(self.connection, self.occurrence_id, one)
            kept.append(one)
        return [one for one in kept if not self._head_is_lost(one, lost_thread)]

    def _head_is_lost(self, one: Shown, lost_thread: bool) -> bool:
        """Whether the head was taken away, so that it is to be said again; once, and never a second time."""
        lost = one.spot.part == HEAD and (one.gone in NOT_THERE or lost_thread)
        if not lost or one.key.endswith(_ANEW):
            return False
        report_messages.forget(self.connection, one)
        return True

    def _say(self, one: Wanted, head: Shown | None) -> bool:
        if one.page is None:
            return True
        thread_ts = ""
        if one.thread:
            if head is None or (not head.ts and not head.gone):
                return False
            thread_ts = head.ts
            if not thread_ts:
                return True
        key = self._key(one.spot)
        if one.spot.part == HEAD and self._was_said(one.spot):
            key += _ANEW
        message = Message(
            one.channel,
            one.page.text,
            blocks=one.page.blocks,
            thread_ts=thread_ts,
            check=one.check,
            background=one.background,
            key=key,
        )
        outgoing.put(self.connection, [message], None, self.now)
        made = Shown(one.spot, key, one.channel, "", one.revision, digest(one.page), "", self.now)
        report_messages.keep(self.connection, self.occurrence_id, made)
        return False

    def _change(self, there: Shown, one: Wanted) -> bool:
        if one.page is None or digest(one.page) == there.shown:
            if one.revision != there.revision:
                self._keep(replace(there, revision=one.revision))
            return bool(there.ts) and not there.change_key
        if not there.ts or there.change_key or self.now - there.changed_at < AT_MOST_EVERY_S:
            return False
        key = f"{self._key(one.spot)} change"
        update = Message(
            there.channel,
            one.page.text,
            kind=Kind.UPDATE,
            blocks=one.page.blocks,
            target=there.ts,
            check=one.check,
            background=one.background,
            key=key,
        )
        outgoing.put(self.connection, [update], None, self.now)
        changed = replace(there, revision=one.revision, shown=digest(one.page), change_key=key)
        self._keep(replace(changed, changed_at=self.now))
        return False

    def _take_away(self, left: Shown) -> bool:
        """What is still on its way is taken back or, too late for that, taken away once it is there."""
        if left.gone or report_messages.take_back(self.connection, left.key, self.now):
            report_messages.forget(self.connection, left)
            return True
        if not left.ts:
            return False
        removal = Message(
            left.channel, "", kind=Kind.DELETE, target=left.ts, key=f"{self._key(left.spot)} removal"
        )
        outgoing.put(self.connection, [removal], None, self.now)
        report_messages.forget(self.connection, left)
        return True

    def _keep(self, one: Shown) -> None:
        report_messages.keep(self.connection, self.occurrence_id, one)

    def _was_said(self, spot: Spot) -> bool:
        """Whether an earlier message of this spot is known to the outbox."""
        return report_messages.was_put(self.connection, self._begins(spot))

    def _begins(self, spot: Spot) -> str:
        return f"report {self.occurrence_id} {spot.part} {spot.entry_id} {spot.person} {spot.number} "

    def _key(self, spot: Spot) -> str:
        return f"{self._begins(spot)}{self.serial}"


def digest(page: Page) -> str:
    """Equal for pages that look the same."""
    return hashlib.sha256(json.dumps([page.text, page.blocks], sort_keys=True).encode()).hexdigest()[:40]
