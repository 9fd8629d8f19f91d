"""Admins hear of a source that nobody was looking at: once when it goes wrong, once when it is well again."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from sqlalchemy import Connection

from bot.blocks.pages import Page
from bot.blocks.plain import one_line, shorten
from bot.blocks.sync_message import sync_page
from bot.blocks.sync_words import named
from bot.journal import outgoing, sync_messages, sync_runs
from bot.journal.sync_messages import Alert, Following
from bot.journal.sync_runs import Run, Side, State
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.people import USER_ID, People
from bot.replies import in_markdown
from bot.source_health import TELLING, Health, lacking
from knowledge.ports import Clock
from prompts.words import words

PROBLEMS = (State.FAILED, State.REFUSED, State.HELD)
LASTS = 3
"""Of a source that is not listed whole admins hear after so many syncs in a row: one may be a hiccup."""
LOOKED_BACK = 12
LOOK_AGAIN_S = 60.0
"""When Slack does not say who the admins are, it is asked again after so long."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is new about the sources of a run: those that went wrong, those that were not listed whole for so
    many syncs in a row, and those that are well again."""

    worse: tuple[Alert, ...]
    lasting: Mapping[str, int]
    well: tuple[str, ...]
    tell_well: bool

    @property
    def told(self) -> bool:
        """Whether admins are to hear of anything."""
        return bool(self.worse or self.lasting or (self.well and self.tell_well))


def verdict(run: Run, known: Mapping[str, Alert], in_a_row: Mapping[str, int]) -> Verdict:
    """Whoever asked in Slack sees it there; of a problem that admins know of they are not told twice.

    `in_a_row` counts the syncs, this one the last, that did not list a source whole; absent: this one did.
    """
    if run.wanted.dry_run:
        return Verdict((), {}, (), tell_well=False)
    outcomes = {name: one.outcome for name, one in run.of_sources.items()}
    worse = tuple(
        Alert(name, str(outcome), run.id)
        for name, outcome in outcomes.items()
        if outcome in PROBLEMS and (name not in known or known[name].problem != outcome)
    )
    done = [name for name, outcome in outcomes.items() if outcome == State.DONE]
    lasting = {
        name: in_a_row[name]
        for name in done
        if in_a_row.get(name, 0) >= LASTS and (name not in known or known[name].problem != Health.INCOMPLETE)
    }
    well = tuple(name for name in done if name in known and name not in in_a_row)
    if run.wanted.side is Side.SLACK:
        return Verdict((), {}, well, tell_well=False)
    return Verdict(worse, lasting, well, tell_well=True)


def syncs_in_a_row(source: str, runs: Sequence[Run]) -> int:
    """How many of the newest syncs of a source did not list it whole; `runs` are the newest first. Those that
    failed, or did not come to their end, neither count nor break the row."""
    listed = (
        run.of_sources[source]
        for run in runs
        if not run.wanted.dry_run and run.of_sources[source].outcome in TELLING
    )
    whole = (not lacking(one.report) for one in listed if one.outcome != State.FAILED)
    return sum(1 for _ in takewhile(lambda is_whole: not is_whole, whole))


@dataclass(slots=True)
class SyncAlerts:
    """Judges every sync that ended, once, and tells the admins' channel or, without one, each admin."""

    writer: JournalWriter
    people: People
    clock: Clock
    channel: str = ""
    _rests_until: float = 0.0

    def judge(self) -> bool:
        """Whether anything is to be said."""
        if time.monotonic() < self._rests_until:
            return False
        said = False
        for run_id in self.writer.read(sync_messages.unjudged):
            run = self.writer.read(lambda connection, at=run_id: sync_runs.get(connection, at))  # type: ignore[misc]
            known = self.writer.read(sync_messages.alerts)
            if run is None:
                continue
            found = verdict(run, known, self._in_a_row(run))
            places = self._places() if found.told else ()
            if found.told and not places:
                log.error("there is no admin to be told of the sync of %s", named(run.wanted.sources))
                self._rests_until = time.monotonic() + LOOK_AGAIN_S
                return said
            said |= self._tell(run, found, places)
        return said

    def _in_a_row(self, run: Run) -> dict[str, int]:
        """For each source that the run did not list whole, how many syncs in a row did not."""
        found = {}
        for name, part in run.of_sources.items():
            if lacking(part.report):
                runs = self.writer.read(
                    lambda connection, of=name: sync_runs.of_source(connection, of, LOOKED_BACK)  # type: ignore[misc]
                )
                found[name] = syncs_in_a_row(name, [one for one in runs if one.asked_at <= run.asked_at])
        return found

    def _tell(self, run: Run, found: Verdict, places: tuple[tuple[str, str], ...]) -> bool:
        page, now = sync_page(run, names_in(run, self.people)), self.clock().timestamp()

        def change(connection: Connection) -> bool:
            if not sync_messages.judge(connection, run.id):
                return False
            lasting = (Alert(name, Health.INCOMPLETE.value, run.id) for name in found.lasting)
            for one in (*found.worse, *lasting):
                sync_messages.alert(connection, one, now)
            sync_messages.end_alerts(connection, found.well)
            for channel, person in places:
                for message in _said(run, found, page, channel, person):
                    outgoing.put(connection, [message], None, now)
                if found.worse:
                    key = _key(run, channel)
                    sync_messages.follow(connection, Following(key, run.id, channel, person))
            return bool(places)

        return self.writer.write(change)

    def _places(self) -> tuple[tuple[str, str], ...]:
        """The channel, or each admin: where to say it, and whom to tell when that fails."""
        if self.channel:
            found = self.people.channel_id(self.channel)
            if found is not None:
                return ((found, ""),)
            log.error("the channel %s for admins cannot be found; each of them is told", self.channel)
        return tuple((one, one) for one in sorted(self.people.admins()))


def names_in(run: Run, people: People) -> Mapping[str, str]:
    """What the people who had to do with a run are called, by their ids."""
    ids = {run.wanted.asked_by, run.cancelled_by, run.decided_by}
    return {one: people.name_of(one) for one in ids if USER_ID.fullmatch(one)}


def _key(run: Run, channel: str) -> str:
    return f"sync {run.id} alert {channel}"


def _said(run: Run, found: Verdict, page: Page, channel: str, person: str) -> list[Message]:
    messages = []
    if found.worse:
        messages.append(
            Message(channel, page.text, blocks=page.blocks, person=person, key=_key(run, channel))
        )
    for number, (source, count) in enumerate(found.lasting.items()):
        [said] = in_markdown(_lasts(run, source, count))
        key = f"sync {run.id} lacks {number} {channel}"
        messages.append(Message(channel, said.text, blocks=said.blocks, person=person, key=key))
    if found.well and found.tell_well:
        [well] = in_markdown(words("sync_recovered", sources=named(found.well)))
        key = f"sync {run.id} well {channel}"
        messages.append(Message(channel, well.text, blocks=well.blocks, person=person, key=key))
    return messages


def _lasts(run: Run, source: str, count: int) -> str:
    """Others may read it too: reasons, but never what lies in a source."""
    lacks = lacking(run.of_sources[source].report)
    reason = shorten(one_line(lacks[0].reason), 300).rstrip(".")
    if len(lacks) > 1:
        reason += f" (and {len(lacks) - 1:,} more)"
    return words("sync_incomplete", source=one_line(source), count=count, reason=reason)
