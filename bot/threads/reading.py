"""Reads a source of kind `slack`: channel by channel, who may read it, and its answered threads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_sdk import WebClient

from bot.journal import threads
from bot.journal.threads import ThreadChannel
from bot.people import People
from bot.threads.asking import Asking, Closed, Cut, Pacing
from bot.threads.judging import Crowd, Rules, Standing
from bot.threads.kind import ANY
from bot.threads.listing import ChannelListing, Sitting, is_trial
from bot.threads.places import place_named, read_place
from ingest.sources import Incomplete, Listed, Reading, Remember, Skipped, Source, Withheld
from knowledge.adapters.database import Database
from knowledge.errors import Unreadable
from knowledge.ports import Clock

REMEMBER_PEOPLE_S = 3600.0

ExpertsOf = Callable[[People, str], frozenset[str]]
"""The experts of a channel (its id), as user ids."""


def read(source: Source, _: Reading) -> Iterator[Listed]:
    """What stands for the reader where there is no token: it cannot list anything."""
    raise Unreadable(f"source {source.name} is Slack itself: set SLACK_BOT_TOKEN to read it")


@dataclass(frozen=True, slots=True)
class ThreadReader:
    """Reads threads with the bot's own token. `experts_of` says who a channel's experts are."""

    client: WebClient
    database: Database
    clock: Clock
    experts_of: ExpertsOf
    admins: frozenset[str] = frozenset()
    pacing: Pacing = field(default_factory=Pacing)

    def read(self, source: Source, reading: Reading) -> Iterator[Listed]:
        """List the threads of all channels of a source.

        Raises Unreadable when Slack does not even say who Lore is, or the sync was cancelled.
        """
        asking = Asking(self.client, self.pacing, reading.stopped)
        try:
            me, address = asking.myself()
        except (Cut, Closed) as error:
            raise Unreadable(f"source {source.name}: {error}") from None
        people = People(self.client, self.clock, self.admins, REMEMBER_PEOPLE_S)
        named = [one.strip() for one in source.options["channels"]]
        now = self.clock()
        if not is_trial(reading):
            with self.database.writing() as connection:
                threads.keep_only(connection, source.name, named)
                threads.sweep(connection, now.timestamp())
        with self.database.reading() as connection:
            channels = threads.channels(connection, source.name)
            refusals = threads.refusals(connection)
        crowd = Crowd(me, lambda user: standing(people, refusals, user), people.is_admin)
        sitting = Sitting(source, reading, asking, crowd, people.name_of, self.database, now, address)
        note: dict[str, Any] = {}
        for name in dict.fromkeys(named):
            known = channels.get(name) or ThreadChannel(source.name, name, "")
            yield from self._channel(sitting, known, people, note)
        yield Remember(note)

    def _channel(
        self, sitting: Sitting, known: ThreadChannel, people: People, note: dict[str, Any]
    ) -> Iterator[Listed]:
        source, reading = sitting.source, sitting.reading
        shown, channel_id = f"#{known.named.removeprefix('#')}", known.channel
        try:
            channel_id = place_named(sitting.asking, known.named, known.channel)
            place = read_place(sitting.asking, source, channel_id, sitting.crowd.me.team)
            rules = rules_of(source, self.experts_of(people, channel_id))
            self._keep(sitting, known.named, channel_id, rules)
            remembered: Mapping[str, Any] = reading.remembered.get(channel_id) or {}
            listing = ChannelListing(sitting, place, rules, remembered, again=known.again)
            yield from listing.listed()
            note[channel_id] = listing.note
        except Closed as closed:
            if channel_id:
                self._keep(sitting, known.named, channel_id, rules_of(source, frozenset()), str(closed))
                for path in reading.known:
                    if path.startswith(f"{channel_id}/"):
                        yield Withheld(path, str(closed))
            yield Skipped(f"{shown}/", str(closed))
        except Cut as cut:
            yield Incomplete(f"{shown}: {cut}")

    def _keep(self, sitting: Sitting, named: str, channel: str, rules: Rules, closed: str = "") -> None:
        if is_trial(sitting.reading):
            return
        source, shared = sitting.source, bool(sitting.source.options.get("shared_channels"))
        one = ThreadChannel(source.name, named, channel, closed, shared, rules.signals, rules.taking_out)
        with self.database.writing() as connection:
            threads.put_channel(connection, one)


def rules_of(source: Source, experts: frozenset[str]) -> Rules:
    """What counts in a source, by its settings."""
    options = source.options
    return Rules(
        accepting=_names(options.get("accepted_by")),
        taking_out=_names(options.get("taken_out_by")),
        signs=options.get("answered") == ANY,
        experts=experts if options.get("experts_only") else None,
    )


def standing(people: People, refusals: frozenset[str], user_id: str) -> Standing:
    """What a user is to threads: as Slack tells now, and as they have said themselves."""
    if user_id in refusals:
        return Standing.LEFT_OUT
    person = people.person(user_id)
    if person is None:
        return Standing.UNKNOWN
    if person.bot:
        return Standing.MACHINE
    if person.foreign:
        return Standing.STRANGER
    if person.deleted:
        return Standing.LEFT_OUT
    return Standing.MEMBER if person.full_member else Standing.GUEST


def _names(reactions: Any) -> frozenset[str]:
    return frozenset(name.strip().strip(":") for name in reactions or ())
