"""Older versions published anew: the same words, for nobody who may not read them now."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from ingest.parsing.frontmatter import narrowed
from ingest.publishing import NIGHTS
from ingest.report import SyncReport
from ingest.rolling_back import Limits, narrowing, roll_back
from ingest.sources import Source
from ingest.sync import Syncer
from knowledge.adapters.generations import KEEP
from knowledge.adapters.store_writing import Known
from knowledge.adapters.tables import revisions, versions
from knowledge.adapters.versions import stored_versions
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import MetricPoint, Run
from knowledge.errors import ModelError, SettingsError
from tests.fakes import HashEmbedder
from tests.records import LEADS, RESEARCH, document
from tests.sources import Team, source

NOBODY = Audience()
AS_NOW = Limits("1")
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def team(tmp_path: Path) -> Team:
    made = Team(tmp_path / "data")
    made.wiki.update({"a.md": "A\n\nThe first words.", "b.md": "B\n\nIt stays.", "c.md": "C\n\nIt goes."})
    made.sync()
    made.wiki["a.md"] = "A\n\nOther words."
    del made.wiki["c.md"]
    made.wiki["d.md"] = "D\n\nIt is new."
    made.sync()
    return made


def test_the_contents_of_then_are_a_new_version_without_embedding(team: Team) -> None:
    team = replace(team, indexed=True)
    team.sync()
    then, embedded = team.seen(1), team.embedder.embedded  # type: ignore[attr-defined]
    report = team.syncer().roll_back(1, team.sources(), why="ada, in Slack")
    assert (report.version, report.rolled_back_to, report.why) == (3, 1, "ada, in Slack")
    assert (report.added, report.changed, report.removed, report.kept) == (1, 1, 1, 1)
    assert report.chunks_embedded == 0
    assert team.seen() == then
    assert team.embedder.embedded == embedded  # type: ignore[attr-defined]
    assert team.generations.current().version == 3
    assert team.found("the first words")[0] == "a.md"
    newest, *_ = team.syncer().history()
    assert (newest.version, newest.report.rolled_back_to) == (3, 1)


def test_the_next_sync_reads_the_sources_as_they_are(team: Team) -> None:
    before = team.seen()
    team.syncer().roll_back(1, team.sources())
    team.sync()
    assert team.seen() == before


def test_a_page_is_never_shown_to_more_people_than_now(team: Team) -> None:
    team.audiences["wiki"] = RESEARCH
    team.sync()
    team.syncer().roll_back(1, team.sources())
    assert team.store.audience_keys(team.store.published()) == {RESEARCH.key}
    assert set(team.seen()) == {"wiki/a.md", "wiki/b.md", "wiki/c.md"}


def test_an_audience_that_was_narrowed_since_the_last_sync_counts(team: Team) -> None:
    team.audiences["wiki"] = LEADS
    team.syncer().roll_back(1, team.sources())
    assert team.store.audience_keys(team.store.published()) == {LEADS.key}
    assert not team.syncer().audiences_differ(team.sources())


def test_an_audience_that_was_narrower_then_stays_narrow(tmp_path: Path) -> None:
    team = Team(tmp_path / "data", audiences={"wiki": RESEARCH})
    team.wiki["a.md"] = "A\n\nFor some."
    team.sync()
    team.wiki["a.md"] = "A\n\nFor all."
    team.audiences.clear()
    team.sync()
    team.syncer().roll_back(1, team.sources())
    assert team.store.audience_keys(3) == {RESEARCH.key}
    team.sync()
    assert team.store.audience_keys(4) == {EVERYONE.key}


def test_documents_of_a_source_that_is_gone_stay_gone(team: Team) -> None:
    team.pages["lab"] = {"l.md": "L\n\nOf the lab."}
    team.sync()
    del team.pages["lab"]
    team.sync()
    report = team.syncer().roll_back(3, team.sources())
    assert "lab/l.md" not in team.seen()
    assert report.version == 4, "nothing else was different then: nothing new is published"


def test_only_the_named_sources_are_rolled_back(team: Team) -> None:
    team.pages["lab"] = {"l.md": "L\n\nOf the lab."}
    team.sync()
    report = team.syncer().roll_back(2, team.sources(), only=frozenset({"wiki"}))
    assert report.version == 3
    assert "lab/l.md" in team.seen()
    team.syncer().roll_back(1, team.sources(), only=frozenset({"wiki"}))
    assert "The first words." in repr(team.seen())


def test_a_source_that_was_set_up_since_stays_as_it_is(team: Team) -> None:
    team.pages["lab"] = {"l.md": "L\n\nOf the lab."}
    team.sync()
    with pytest.raises(SettingsError, match="lab was set up after version 2, or anew since"):
        team.syncer().roll_back(2, team.sources(), only=frozenset({"lab"}))
    assert team.syncer().older("lab", team.sources()) == []
    team.syncer().roll_back(1, team.sources())
    assert "lab/l.md" in team.seen()
    assert "The first words." in repr(team.seen())


def test_what_people_took_back_themselves_does_not_come_back(team: Team) -> None:
    saved = source("saved")
    team.pages["saved"] = {"s.md": "S\n\nA page that somebody saved."}

    def syncer() -> Syncer:
        return replace(team.syncer(), built_in=(saved,))

    def sources() -> list[object]:
        return [one for one in team.sources() if one.name != "saved"]

    syncer().sync(sources())  # type: ignore[arg-type]
    team.pages["saved"].clear()
    assert syncer().sync(sources()).removed == 1, "a built-in source is never merely away"  # type: ignore[arg-type]
    syncer().roll_back(3, sources())  # type: ignore[arg-type]
    assert "saved/s.md" not in team.seen()


def test_what_people_deleted_in_slack_does_not_come_back(team: Team) -> None:
    team.pages["threads"] = {"t.md": "T\n\nSomething that its author deletes.", "u.md": "U\n\nIt stays."}
    syncer = replace(team.syncer(), retractable=lambda one: one.name == "threads")
    syncer.sync(team.sources())
    del team.pages["threads"]["t.md"]
    syncer.sync(team.sources(), allow_removals=True)
    syncer.roll_back(3, team.sources())
    assert "threads/t.md" not in team.seen()
    with pytest.raises(SettingsError, match="what people delete in threads stays deleted"):
        syncer.roll_back(3, team.sources(), only=frozenset({"threads"}))


@pytest.mark.parametrize("version", [0, 2, 3, 99, -1])
def test_only_versions_that_are_kept_can_be_rolled_back_to(team: Team, version: int) -> None:
    with pytest.raises(SettingsError, match=rf"version {version} cannot be rolled back to: .* are 1$"):
        team.syncer().roll_back(version, team.sources())


def test_as_many_versions_are_kept_as_generations(team: Team) -> None:
    for n in range(3):
        team.wiki["a.md"] = f"A\n\nTurn {n}."
        team.sync()
    history = team.syncer().history()
    assert [(one.version, one.kept) for one in history] == [(n, 5 - KEEP < n < 5) for n in range(5, 0, -1)], (
        "what was said of a version outlives its documents"
    )
    assert [one.version for one in team.syncer().history(limit=2)] == [5, 4]
    assert team.syncer().history("nowhere") == []


def test_a_version_of_another_model_is_refused(team: Team) -> None:
    other = team.with_embedder(HashEmbedder("other"))
    other.sync()
    with pytest.raises(ModelError, match="version 2 was made with the model hash-64, not other-64"):
        other.syncer().roll_back(2, other.sources())


def test_runs_come_back_whole(team: Team) -> None:
    run = Run("r", {"lr": 0.1}, {"loss": (MetricPoint(1.0, 0.5),)}, tags=("x",), links=("https://a.example",))

    def with_run(of, path, text):  # type: ignore[no-untyped-def]
        return replace(document(path, text, source=of.name), run=run)

    team._load = with_run  # type: ignore[method-assign]
    team.wiki["run.json"] = "Run\n\nA run."
    team.sync()
    del team.wiki["run.json"]
    team.sync()
    team.syncer().roll_back(3, team.sources())
    assert team.store.run("wiki/run.json") == run


class Days:
    """A team whose clock stands where a test puts it."""

    def __init__(self, team: Team, **kept: Any) -> None:
        self.team, self.kept, self.now = team, kept, MONDAY

    def syncer(self) -> Syncer:
        return replace(self.team.syncer(), clock=lambda: self.now, **self.kept)

    def sources(self) -> list[Source]:
        built_in = {one.name for one in self.kept.get("built_in", ())}
        return [one for one in self.team.sources() if one.name not in built_in]

    def at(self, days: int, hours: int = 0) -> "Days":
        self.now = MONDAY + timedelta(days=days, hours=hours)
        return self

    def publish(self, page: str, text: str, source: str = "wiki") -> int:
        self.team.pages[source][page] = text
        return self.sync().version

    def sync(self) -> SyncReport:
        return self.syncer().sync(self.sources(), allow_removals=True)

    def stored(self) -> list[int]:
        return [one.version for one in stored_versions(self.team.store.database, KEEP)]

    def offered(self, source: str = "wiki") -> list[tuple[int, int, int, int]]:
        """Each version that a source can be rolled back to, with what was added, changed, removed since."""
        found = self.syncer().older(source, self.sources())
        return [(one.version, one.since.added, one.since.changed, one.since.removed) for one in found]


@pytest.fixture
def days(tmp_path: Path) -> Days:
    made = Days(Team(tmp_path / "data", pages={"wiki": {}, "runs": {}}))
    made.publish("a.md", "A\n\nThe good words.")
    return made


def test_a_source_can_be_rolled_back_past_versions_of_others(days: Days) -> None:
    for n in range(2):
        days.publish(f"run-{n}.md", f"Run\n\nNumber {n}.", "runs")
    days.team.wiki["b.md"] = "B\n\nIt is new."
    broken = days.publish("a.md", "A\n\nBroken words.")
    assert days.offered() == [(3, 1, 1, 0), (2, 1, 1, 0)]
    assert days.offered("runs") == [(2, 1, 0, 0)], "of version 3 it has all that it has now"
    history = days.syncer().history("wiki")
    assert [(one.version, one.kept) for one in history] == [(broken, False), (3, True), (2, True), (1, False)]
    days.syncer().roll_back(3, days.sources(), only=frozenset({"wiki"}))
    assert set(days.team.seen()) == {"wiki/a.md", "runs/run-0.md", "runs/run-1.md"}
    assert "The good words." in repr(days.team.seen())
    assert days.offered() == [(4, 0, 1, 1)], "version 3 says what is said now"


def test_what_was_seen_at_the_last_midnights_is_stored_too(days: Days) -> None:
    for n in range(8):
        last = days.at(1, hours=n).publish("run.md", f"Run\n\nAt {n}.", "runs")
    assert days.stored() == [last, last - 1, last - 2, 1], "yesterday's last, however many came today"
    ends = []
    for day in range(2, NIGHTS + 4):
        for n in range(KEEP + 1):
            last = days.at(day, hours=n).publish("run.md", f"Run\n\nOn {day} at {n}.", "runs")
        ends.append(last)
    assert days.stored() == [last, last - 1, last - 2, *reversed(ends[-NIGHTS - 1 : -1])]
    days.at(100).publish("run.md", "Run\n\nLong after.", "runs")
    assert days.stored() == [last + 1, last, last - 1], "the last one was seen at each of the last midnights"
    said = {"Long after.", *(f"On {day} at {n}." for n in (2, 3))}
    assert texts(days.team) == {"A\n\nThe good words.", *(f"Run\n\n{one}" for one in said)}


def test_an_import_of_last_night_is_undone_after_hours_of_runs(days: Days) -> None:
    days.team = replace(days.team, indexed=True)
    days.at(1).publish("a.md", "A\n\nBroken words.")
    for n in range(KEEP):
        days.at(1, hours=n).publish("run.md", f"Run\n\nAt {n}.", "runs")
    folders = [path for path in (days.team.data / "generations").iterdir() if path.is_dir()]
    assert len(folders) == KEEP, "an index is kept of the newest few alone"
    days.syncer().roll_back(1, days.sources(), only=frozenset({"wiki"}))
    assert days.team.found("the good words")[0] == "a.md"
    assert "Broken words." not in repr(days.team.seen())


def texts(team: Team) -> set[str]:
    with team.store.database.reading() as connection:
        return set(connection.scalars(select(revisions.c.text)))


@pytest.mark.parametrize("release", ["before", "after"])
def test_versions_of_a_release_that_kept_fewer_are_never_taken_for_whole(days: Days, release: str) -> None:
    for n in range(6):
        days.at(1, hours=n).publish("run.md", f"Run\n\nAt {n}.", "runs")
    database = days.team.store.database
    assert days.stored() == [7, 6, 5, 1]
    newest = 4 if release == "before" else 7
    with database.writing() as connection:
        for number, said in connection.execute(select(versions.c.id, versions.c.report)).all():
            if number <= newest and (release == "before" or number == newest):
                told = {key: said[key] for key in said if key not in ("stored", "lasting")}
                connection.execute(update(versions).where(versions.c.id == number).values(report=told))
    assert days.stored() == [7, 6, 5]
    with pytest.raises(SettingsError, match="those that are kept are 5, 6"):
        days.syncer().roll_back(1, days.sources())


def test_what_people_took_back_is_not_even_stored(tmp_path: Path) -> None:
    team = Team(tmp_path / "data", pages={"wiki": {}, "saved": {}, "threads": {}})
    days = Days(team, built_in=(source("saved"),), retractable=lambda one: one.name == "threads")
    days.publish("a.md", "A\n\nOld words.")
    days.publish("s.md", "S\n\nSomebody saved it.", "saved")
    days.publish("t.md", "T\n\nSomebody said it.", "threads")
    before = team.store.published()
    days.at(1)
    for place in ("saved", "threads"):
        team.pages[place].clear()
    for n in range(KEEP):
        days.publish("a.md", f"A\n\nTurn {n}.")
    assert days.stored()[-1] == before
    assert texts(team) == {"A\n\nOld words.", *(f"A\n\nTurn {n}." for n in range(KEEP))}
    days.syncer().roll_back(before, days.sources())
    assert set(team.seen()) == {"wiki/a.md"}
    for place in ("saved", "threads"):
        with pytest.raises(SettingsError, match=f"what people delete in {place} stays deleted"):
            days.syncer().older(place, [*days.sources(), source("saved")])


def test_a_page_that_may_be_shown_to_nobody_stays_away(days: Days) -> None:
    days.publish("b.md", "B\n\nFor all, at first.")
    days.team.withheld["wiki"] = {"b.md"}
    days.publish("a.md", "A\n\nOther words.")
    assert days.offered()[0] == (2, 0, 1, 0)
    report = days.syncer().roll_back(2, days.sources())
    assert [(one.path, "may be shown to nobody" in one.reason) for one in report.failed] == [("b.md", True)]
    assert set(days.team.seen()) == {"wiki/a.md"}
    days.team.withheld.clear()
    days.sync()
    assert set(days.team.seen()) == {"wiki/a.md", "wiki/b.md"}


def test_a_page_that_was_hidden_when_nothing_else_changed_stays_away(days: Days) -> None:
    days.publish("b.md", "B\n\nFor all, at first.")
    del days.team.wiki["b.md"]
    days.sync()
    days.team.wiki["b.md"] = "B\n\nFor all, at first."
    days.team.withheld["wiki"] = {"b.md"}
    assert days.sync().version == 3, "it was gone before: there is nothing to publish"
    days.syncer().roll_back(2, days.sources())
    assert set(days.team.seen()) == {"wiki/a.md"}


def test_a_page_that_is_elsewhere_now_is_for_those_who_may_read_it_there(days: Days) -> None:
    def narrower(of: Source, path: str, text: str) -> Any:
        return document(path, text, source=of.name, audience=LEADS if path.startswith("leads/") else EVERYONE)

    days.team._load = narrower  # type: ignore[method-assign]
    days.team.wiki["leads/a.md"] = days.team.wiki.pop("a.md")
    days.sync()
    days.syncer().roll_back(1, days.sources())
    assert {path: one["audience"] for path, one in days.team.seen().items()} == {"wiki/a.md": LEADS.key}


def test_what_was_read_by_another_release_stays_as_it_is_read_now(days: Days) -> None:
    days.publish("b.md", "B\n\nThe password is hunter2.")
    days.team.recipe = "2"

    def redacted(of: Source, path: str, text: str) -> Any:
        return document(path, text.replace("hunter2", "[taken out]"), source=of.name)

    days.team._load = redacted  # type: ignore[method-assign]
    days.sync()
    report = days.syncer().roll_back(2, days.sources())
    assert "hunter2" not in repr(days.team.seen())
    assert {one.reason for one in report.failed} == {
        "it was read by another release of Lore: it stays as it is now"
    }
    assert days.offered() == [(1, 1, 0, 0)], "all that it would undo is that b.md was added"


def test_a_source_that_was_set_up_anew_does_not_get_the_documents_of_the_one_before(days: Days) -> None:
    days.publish("l.md", "L\n\nOf the first lab.", "runs")
    first = days.team.pages.pop("runs")
    days.sync()
    days.team.pages["runs"] = {"m.md": "M\n\nOf the second lab."}
    days.sync()
    assert first
    assert days.offered("runs") == []
    with pytest.raises(SettingsError, match="runs was set up after version 2, or anew since"):
        days.syncer().roll_back(2, days.sources(), only=frozenset({"runs"}))
    days.syncer().roll_back(2, days.sources())
    assert set(days.team.seen()) == {"wiki/a.md", "runs/m.md"}


audiences = st.sampled_from([EVERYONE, RESEARCH, LEADS, NOBODY])
pages = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "c.md"]), st.tuples(st.integers(0, 5), audiences), max_size=3
)


def documents(of: dict[str, tuple[int, Audience]], offset: int, source_audience: Audience) -> list[Known]:
    return [
        Known(offset + at, "wiki", path, str(n), "1", "e", audience.key, source_audience.key)
        for at, (path, (n, audience)) in enumerate(of.items())
    ]


@given(then=pages, now=pages, was=audiences, is_now=audiences)
def test_nobody_sees_more_than_then_and_than_now(
    then: dict[str, tuple[int, Audience]],
    now: dict[str, tuple[int, Audience]],
    was: Audience,
    is_now: Audience,
) -> None:
    old, new = documents(then, 0, was), documents(now, 100, is_now)
    made = roll_back(old, new, [source(audience=is_now)], AS_NOW)
    at, present = {one.revision_id: one for one in old}, {one.path: one for one in new}
    stays = {
        one.revision_id
        for one in old
        if one.path in present
        and now[one.path] == then[one.path]
        and was == is_now
        and narrowed(is_now, then[one.path][1]) == then[one.path][1]
    }
    assert {one.revision_id for one in made.copies} == set(at) - stays
    assert {one.path for one in made.end} == present.keys() - then.keys()
    for copy in made.copies:
        audience, one = Audience.from_key(copy.audience_key), at[copy.revision_id]
        limits = [Audience.from_key(one.audience_key), is_now]
        if one.path in present:
            limits.append(Audience.from_key(present[one.path].audience_key))
            assert copy.replaces == present[one.path].revision_id
        else:
            limits += [Audience.from_key(each.audience_key) for each in new if each.digest == one.digest]
        for limit in limits:
            assert narrowed(limit, audience) == audience
    again = roll_back(new, new, [source(audience=is_now)], AS_NOW)
    assert again.end == []
    assert {one.revision_id for one in again.copies} == {
        one.revision_id
        for one in new
        if narrowed(is_now, Audience.from_key(one.audience_key)).key != one.audience_key
    }


@given(published=pages, held=pages, withheld=st.sets(st.sampled_from(["a.md", "b.md"])))
def test_holding_a_version_back_narrows_and_takes_away_but_never_widens(
    published: dict[str, tuple[int, Audience]],
    held: dict[str, tuple[int, Audience]],
    withheld: set[str],
) -> None:
    before, after = documents(published, 0, EVERYONE), documents(held, 100, EVERYONE)
    hidden = frozenset(one.revision_id for one in before if one.path in withheld)
    made = narrowing(before, after, {}, hidden, frozenset({"wiki"}))
    at, later = {one.revision_id: one for one in before}, {one.path: one for one in after}
    assert {one.revision_id for one in made.end} == hidden
    copies = {one.revision_id: one for one in made.copies}
    for one in before:
        if one.revision_id in hidden:
            continue
        now = copies[one.revision_id].audience_key if one.revision_id in copies else one.audience_key
        audience = Audience.from_key(now)
        assert narrowed(Audience.from_key(at[one.revision_id].audience_key), audience) == audience
        if one.path in later:
            assert narrowed(Audience.from_key(later[one.path].audience_key), audience) == audience
