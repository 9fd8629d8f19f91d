"""Older versions published anew: the same words, for nobody who may not read them now."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.parsing.frontmatter import narrowed
from ingest.rolling_back import narrowing, roll_back
from ingest.sync import Syncer
from knowledge.adapters.generations import KEEP
from knowledge.adapters.store_writing import Known
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import MetricPoint, Run
from knowledge.errors import ModelError, SettingsError
from tests.fakes import HashEmbedder
from tests.records import LEADS, RESEARCH, document
from tests.sources import Team, source

NOBODY = Audience()


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
    report = team.syncer().roll_back(2, team.sources(), only=frozenset({"lab"}))
    assert "lab/l.md" not in team.seen()
    assert "Other words." in repr(team.seen())


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
    made = roll_back(old, new, [source(audience=is_now)])
    at, present = {one.revision_id: one for one in old}, {one.path: one for one in new}
    assert {one.revision_id for one in made.copies} == set(at)
    assert {one.path for one in made.end} == present.keys() - then.keys()
    for copy in made.copies:
        audience, one = Audience.from_key(copy.audience_key), at[copy.revision_id]
        limits = [Audience.from_key(one.audience_key), is_now]
        if one.path in present:
            limits.append(Audience.from_key(present[one.path].audience_key))
            assert copy.replaces == present[one.path].revision_id
        for limit in limits:
            assert narrowed(limit, audience) == audience
    again = roll_back(new, new, [source(audience=is_now)])
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
