"""What a sync did, source by source and in total: said to the person who asked and kept with the version."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ingest.findings import Findings

MOST_PATHS = 200
"""How many of the documents that are gone are named."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read (or a source that could not be listed, by its name), and why.

    `source` is the source that it belongs to.
    """

    path: str
    reason: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Removals that were not carried out, because they are too many to be meant; `paths` are the first of
    those that are gone, at most MOST_PATHS."""

    source: str
    removals: int
    documents: int
    paths: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return (
            f"{self.removals} of {self.documents} documents are gone: they stay until "
            "`lore sync --allow-removals` says that this is meant"
        )

    def as_json(self) -> dict[str, Any]:
        return {"removals": self.removals, "documents": self.documents, "paths": list(self.paths)}


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a sync did to one source: counts of documents, and what could not be done.

    `kept` counts what stayed as it was, that which could not be read included. `failed` are documents;
    `unlisted` says why the source as a whole could not be listed, `incomplete` why more may be there than
    was listed; `goes_on` that nothing is wrong with that: the next sync lists the rest. `fetched` counts the
    bytes that came over a network, None where nobody counted. `findings` are of the documents that were read.
    """

    name: str
    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    kept: int = 0
    failed: tuple[Failure, ...] = ()
    refused: Refusal | None = None
    unlisted: str | None = None
    incomplete: tuple[str, ...] = ()
    goes_on: bool = False
    seconds: float = 0.0
    fetched: int | None = None
    findings: Findings = field(default_factory=Findings)

    @property
    def touched(self) -> bool:
        """Whether anything of it is another than before."""
        return bool(self.added or self.changed or self.moved or self.removed)

    @property
    def troubled(self) -> bool:
        """Whether anything could not be done."""
        return bool(self.failed or self.refused or self.unlisted or self.incomplete)

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            **{key: getattr(self, key) for key in _COUNTS},
            "failed": _as_json(self.failed),
            "refused": self.refused and self.refused.as_json(),
            "unlisted": self.unlisted,
            "incomplete": list(self.incomplete),
            "goes_on": self.goes_on,
            "seconds": round(self.seconds, 3),
            "fetched": self.fetched,
            "findings": self.findings.as_json(),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SourceReport":
        """Reversed `as_json`, whatever a Lore of another release has left out."""
        name, refused = str(value.get("name", "")), value.get("refused")
        return cls(
            name=name,
            **{key: int(value.get(key, 0)) for key in _COUNTS},
            failed=_failures(value, name),
            refused=_refusal(name, refused) if refused else None,
            unlisted=value.get("unlisted"),
            incomplete=tuple(value.get("incomplete") or ()),
            goes_on=bool(value.get("goes_on")),
            seconds=float(value.get("seconds", 0.0)),
            fetched=value.get("fetched"),
            findings=Findings.from_json(value.get("findings") or {}),
        )


@dataclass(frozen=True, slots=True)
class Dropped:
    """A golden question that the published version answers and the one to come does not.

    `before` and `now` name the documents that were found, best first; `rank_before` is the place (from 1) by
    which the published version holds all that is expected.
    """

    question: str
    expect: tuple[str, ...]
    rank_before: int
    before: tuple[str, ...]
    now: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """Why a version was not published: golden questions that it no longer answers.

    `asked` is how many were asked. `narrowed` says that what must not be read as widely as before was
    published nevertheless.
    """

    asked: int
    questions: tuple[Dropped, ...]
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class SyncReport:
    """Counts of documents, and every failure. `version` is the published one, new if anything changed.

    `kept` counts documents of the synced sources that stayed as they were, those that could not be read
    included. `held` says why what was read was not published; then the counts tell what would have been.
    `why` is what whoever asked for the sync said; `rolled_back_to` is the version whose contents these are.
    """

    added: int
    changed: int
    moved: int
    removed: int
    kept: int
    failed: tuple[Failure, ...]
    chunks_embedded: int
    seconds: float
    version: int
    sources: tuple[SourceReport, ...] = ()
    held: Held | None = None
    why: str = ""
    rolled_back_to: int | None = None

    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Removals that wait for an admin's word."""
        return tuple(one.refused for one in self.sources if one.refused)

    def as_json(self) -> dict[str, Any]:
        return {
            **{key: getattr(self, key) for key in _COUNTS},
            "failed": _as_json(self.failed),
            "chunks_embedded": self.chunks_embedded,
            "seconds": round(self.seconds, 3),
            "version": self.version,
            "sources": [one.as_json() for one in self.sources],
            "held": self.held and _held_as_json(self.held),
            "why": self.why,
            "rolled_back_to": self.rolled_back_to,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "SyncReport":
        """Reversed `as_json`, whatever a Lore of another release has left out."""
        held = value.get("held")
        return cls(
            **{key: int(value.get(key, 0)) for key in _COUNTS},
            failed=_failures(value),
            chunks_embedded=int(value.get("chunks_embedded", 0)),
            seconds=float(value.get("seconds", 0.0)),
            version=int(value.get("version", 0)),
            sources=tuple(SourceReport.from_json(one) for one in value.get("sources") or ()),
            held=_held_from_json(held) if held else None,
            why=str(value.get("why", "")),
            rolled_back_to=value.get("rolled_back_to"),
        )


@dataclass(frozen=True, slots=True)
class Published:
    """A version that readers saw from `at` on. `kept` says that it can still be rolled back to."""

    version: int
    at: datetime
    report: SyncReport
    kept: bool


@dataclass(frozen=True, slots=True)
class LastSync:
    """How a source's last sync went, whether or not anything was published then.

    `succeeded_at` is when it was last listed as a whole, None when it never was.
    """

    at: datetime
    report: SourceReport
    succeeded_at: datetime | None


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """What a sync would do to one source: paths, a move as (from, to). `keep` counts documents."""

    name: str
    add: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    move: tuple[tuple[str, str], ...] = ()
    remove: tuple[str, ...] = ()
    keep: int = 0
    failed: tuple[Failure, ...] = ()
    refused: Refusal | None = None
    unlisted: str | None = None
    incomplete: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a sync would do now, against the published `version`. `sources` that are no longer set up are
    there too, with all of their documents to be removed."""

    version: int
    sources: tuple[SourcePlan, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.version,
            "sources": [
                {
                    "name": one.name,
                    "add": list(one.add),
                    "change": list(one.change),
                    "move": [list(pair) for pair in one.move],
                    "remove": list(one.remove),
                    "keep": one.keep,
                    "failed": _as_json(one.failed),
                    "refused": one.refused and one.refused.as_json(),
                    "unlisted": one.unlisted,
                    "incomplete": list(one.incomplete),
                }
                for one in self.sources
            ],
        }


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sync is: `stage` is "list" (sources; of one `source` documents), "fetch" (documents of the
    remote `source`), "read" (documents, all sources), "publish" or "check" (golden questions); done and all,
    0 where nobody knows how many there are; chunks embedded.

    `source` is the source that this is about, empty where it is about all of them.
    """

    stage: str
    done: int = 0
    total: int = 0
    chunks_embedded: int = 0
    source: str = ""


OnProgress = Callable[[Progress], None]
"""Is told one thing at a time, though from several threads."""

_COUNTS = ("added", "changed", "moved", "removed", "kept")


def _refusal(name: str, value: Mapping[str, Any]) -> Refusal:
    return Refusal(name, int(value["removals"]), int(value["documents"]), tuple(value.get("paths") or ()))


def _as_json(failures: tuple[Failure, ...]) -> list[dict[str, str]]:
    return [{"path": one.path, "reason": one.reason} for one in failures]


def _failures(value: Mapping[str, Any], source: str = "") -> tuple[Failure, ...]:
    return tuple(Failure(one["path"], one["reason"], source) for one in value.get("failed") or ())


def _held_as_json(held: Held) -> dict[str, Any]:
    questions = [
        {
            "question": one.question,
            "expect": list(one.expect),
            "rank_before": one.rank_before,
            "before": list(one.before),
            "now": list(one.now),
        }
        for one in held.questions
    ]
    return {"asked": held.asked, "questions": questions, "narrowed": held.narrowed}


def _held_from_json(value: Mapping[str, Any]) -> Held:
    questions = tuple(
        Dropped(
            one["question"],
            tuple(one["expect"]),
            int(one["rank_before"]),
            tuple(one["before"]),
            tuple(one["now"]),
        )
        for one in value.get("questions") or ()
    )
    return Held(int(value.get("asked", 0)), questions, bool(value.get("narrowed")))
