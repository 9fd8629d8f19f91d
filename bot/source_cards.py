"""How every source is, for admins: its health, what it holds, its newest sync and its next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.journal.sync_runs import Run, State
from bot.people import USER_ID, People
from bot.source_health import TELLING, Health, Problem, health_of, is_stale, problem_of
from bot.source_kinds import KINDS
from bot.source_settings import SourceSettings
from bot.sources_now import Now
from bot.sync_runs import SyncRuns
from knowledge.ports import Clock, Store

NextSync = Callable[[SourceSettings], datetime | None]
"""When a source is synced next by itself, in UTC; None when it is not."""

Holdings = Callable[[int], Mapping[str, tuple[int, int]]]
"""How many documents and chunks a version holds of each source."""


_FIRST = (
    Health.FAILING,
    Health.INCOMPLETE,
    Health.STALE,
    Health.NEVER,
    Health.SYNCING,
    Health.PAUSED,
    Health.OK,
)


@dataclass(frozen=True, slots=True)
class Card:
    """One source. `newest` is the sync that ended last, `good_at` when one went well; `active` is under way
    or waits. `paused_by` is a name. `added` tells a source that is not in lore.toml."""

    name: str
    kind: str
    health: Health
    documents: int
    chunks: int
    newest: Run | None = None
    good_at: datetime | None = None
    active: Run | None = None
    next_at: datetime | None = None
    paused_by: str = ""
    added: bool = False
    problem: str = ""

    @property
    def failures(self) -> int:
        """How many documents of it could not be read at the newest sync."""
        part = self.newest.of_sources.get(self.name) if self.newest else None
        return 0 if part is None else len(part.report.get("failed") or ())


@dataclass(frozen=True, slots=True)
class SourceCards:
    """Gathers cards from the settings, the record and the journal."""

    runs: SyncRuns
    store: Store
    holdings: Holdings
    sources: Now
    next_sync: NextSync
    people: People
    clock: Clock

    def all(self) -> list[Card]:
        """All sources, those first that want looking after. Raises LoreError."""
        now_listed = self.sources()
        held = self.holdings(self.store.published())
        newest, good = self.runs.newest(), self.runs.newest((State.DONE, State.REFUSED))
        telling = self.runs.newest(TELLING)
        paused = self.runs.paused()
        active = {name: run for run in self.runs.active() for name in run.wanted.sources}
        cards = []
        for one in now_listed:
            name = one.name
            broken = now_listed.broken.get(name)
            problem = Problem(Health.FAILING, broken) if broken else problem_of(name, telling.get(name))
            documents, chunks = held.get(name, (0, 0))
            next_at = self.next_sync(one)
            good_at = good[name].ended_at if name in good else None
            cards.append(
                Card(
                    name=name,
                    kind=KINDS[one.source.kind].label if one.source.kind in KINDS else one.source.kind,
                    health=health_of(
                        problem,
                        paused=name in paused,
                        active=name in active,
                        ever=name in newest,
                        stale=is_stale(good_at, next_at, self.clock()),
                    ),
                    documents=documents,
                    chunks=chunks,
                    newest=newest.get(name),
                    good_at=good_at,
                    active=active.get(name),
                    next_at=next_at,
                    paused_by=self._called(paused[name].by) if name in paused else "",
                    added=name in now_listed.added,
                    problem=problem.reason if problem else "",
                )
            )
        return sorted(cards, key=lambda card: (_FIRST.index(card.health), card.name))

    def names_in(self, cards: Sequence[Card]) -> Mapping[str, str]:
        """What those are called who asked for the syncs of these cards, by their ids."""
        runs = (run for card in cards for run in (card.newest, card.active) if run is not None)
        asked = {run.wanted.asked_by for run in runs}
        return {one: self._called(one) for one in asked if USER_ID.fullmatch(one)}

    def names(self) -> tuple[str, ...]:
        """The names of all sources. Raises LoreError."""
        return tuple(one.name for one in self.sources())

    def _called(self, by: str) -> str:
        return self.people.name_of(by) if USER_ID.fullmatch(by) else by
