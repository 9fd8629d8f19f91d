"""Numbers for leads: what they mean, over plain data and for a whole team, with small groups hidden; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from statistics import median

FEWEST_PEOPLE = 5
"""What fewer different people did is told by no share and no split: it would be told of them. How long people
took is told from as many of their answers on."""

PERIODS: Mapping[str, int] = {"week": 7, "month": 28, "quarter": 91}
USUAL = "month"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, which belongs to it, to `end`, which does not; both have a zone."""

    start: datetime
    end: datetime

    @classmethod
    def before(cls, end: datetime, days: int) -> "Period":
        return cls(end - timedelta(days=days), end)

    @property
    def earlier(self) -> "Period":
        """The one of the same length right before it."""
        return Period(self.start - (self.end - self.start), self.start)

    @property
    def weeks(self) -> Sequence["Period"]:
        """Its whole weeks, the oldest first; the newest ends when it does."""
        count = (self.end - self.start) // timedelta(weeks=1)
        ends = (self.end - timedelta(weeks=back) for back in reversed(range(count)))
        return [Period.before(end, 7) for end in ends]

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was put to Lore. `waited_s` is how long Lore's answer took, None where it had none;
    `documents` are the ids of what an answer cites. `by_person_s` is how long it took until a person answered
    what Lore could not."""

    person: str
    at: datetime
    waited_s: float | None
    documents: tuple[str, ...] = ()
    by_person_s: float | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody thought of the answer to a question that was asked at that time."""

    person: str
    at: datetime
    helped: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """All that is counted, of any time. `closed` is when questions without an answer got one, `held` when
    lunch-and-learns began that were held, `read` meetings of reading groups, `used` when somebody
    first said of a paper that the team has used it."""

    asked: Sequence[Asked] = ()
    judged: Sequence[Judged] = ()
    closed: Sequence[datetime] = ()
    held: Sequence[datetime] = ()
    read: Sequence[datetime] = ()
    used: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one period; None where there is nothing to tell, or too few people to tell it of.

    Shares are from 0 to 1. `lore_s` is the median of how long Lore's answers took, `slowest_s` what nine in
    ten were faster than. `by_people` questions were answered by people, and `people_s` is the median of how
    long that took. `gaps` are questions without an answer, `closed` those that got one in the period,
    whenever they were asked.
    """

    period: Period
    questions: int = 0
    answered: float | None = None
    liked: float | None = None
    judgements: int | None = None
    lore_s: float | None = None
    slowest_s: float | None = None
    people_s: float | None = None
    by_people: int = 0
    gaps: int = 0
    closed: int = 0
    held: int = 0
    read: int = 0
    used: int = 0


@dataclass(frozen=True, slots=True)
class Cited:
    """In how many answers of a period something was cited; None where too few people asked."""

    name: str
    answers: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is now, and why it should be looked at."""

    document_id: str
    title: str
    why: str
    answers: int | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a lead is told. `sources` and `stale` are of what they may read."""

    now: Figures
    earlier: Figures
    weeks: Sequence[Figures] = ()
    sources: Sequence[Cited] = ()
    stale: Sequence[Page] = field(default_factory=tuple)


def figures(happened: Happened, period: Period) -> Figures:
    """The numbers of a period."""
    asked = [one for one in happened.asked if period.holds(one.at)]
    judged = [one for one in happened.judged if period.holds(one.at)]
    lore = sorted(one.waited_s for one in asked if one.waited_s is not None)
    people = [one.by_person_s for one in asked if one.waited_s is None and one.by_person_s is not None]
    enough = len({one.person for one in judged}) >= FEWEST_PEOPLE
    return Figures(
        period=period,
        questions=len(asked),
        answered=len(lore) / len(asked) if asked else None,
        liked=sum(one.helped for one in judged) / len(judged) if enough else None,
        judgements=len(judged) if enough else None,
        lore_s=median(lore) if lore else None,
        slowest_s=lore[ceil(0.9 * len(lore)) - 1] if lore else None,
        people_s=median(people) if len(people) >= FEWEST_PEOPLE else None,
        by_people=len(people),
        gaps=len(asked) - len(lore),
        closed=sum(map(period.holds, happened.closed)),
        held=sum(map(period.holds, happened.held)),
        read=sum(map(period.holds, happened.read)),
        used=sum(map(period.holds, happened.used)),
    )


def cited_sources(asked: Iterable[Asked], source_of: Mapping[str, str], most: int) -> list[Cited]:
    """The sources that most answers cite, without those of which fewer than FEWEST_PEOPLE people were told.

    `source_of` is by document, of those documents that may be told of.
    """
    askers: dict[str, set[str]] = {}
    answers: dict[str, int] = {}
    for one in asked:
        for source in {source_of[document] for document in one.documents if document in source_of}:
            askers.setdefault(source, set()).add(one.person)
            answers[source] = answers.get(source, 0) + 1
    found = [Cited(name, count) for name, count in answers.items() if len(askers[name]) >= FEWEST_PEOPLE]
    return sorted(found, key=lambda one: (-(one.answers or 0), one.name))[:most]


def cited_pages(asked: Iterable[Asked], pages: Iterable[Page], most: int) -> list[Page]:
    """Those of the pages that answers cite, the most cited first; how often is left out where fewer than
    FEWEST_PEOPLE people were told."""
    asked = list(asked)
    found = []
    for page in pages:
        citing = [one for one in asked if page.document_id in one.documents]
        if citing:
            told = len(citing) if len({one.person for one in citing}) >= FEWEST_PEOPLE else None
            found.append((len(citing), Page(page.document_id, page.title, page.why, told)))
    found.sort(key=lambda pair: (-pair[0], pair[1].title))
    return [page for _, page in found[:most]]
