"""Planning a sync: pure, so that every mixture of what is known and listed can be tried."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plan import Listing, Making, SyncPlan, plan
from ingest.sources import Incomplete, Item, Skipped, Source, Withheld
from knowledge.adapters.store_writing import Known
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from tests.records import RESEARCH

MAKING = Making("recipe", "embedder")


def source(name: str = "wiki", audience: Audience = EVERYONE) -> Source:
    return Source(name, "folder", Path(f"/{name}"), audience, "wiki")


def never() -> Document:
    raise AssertionError("planning reads nothing")


def listing(pages: dict[str, str], skipped: tuple[str, ...] = (), of: Source | None = None) -> Listing:
    items = [Item(path, digest, never) for path, digest in pages.items()]
    return Listing(of or source(), items, [Skipped(path, "reason") for path in skipped])


def known(pages: dict[str, str], of: str = "wiki", embedder: str = "embedder") -> list[Known]:
    return [
        Known(number, of, path, digest, "recipe", embedder, "everyone", "everyone")
        for number, (path, digest) in enumerate(pages.items())
    ]


def summary(planned: SyncPlan) -> dict[str, list[object]]:
    shown: dict[str, list[object]] = {
        "add": [step.item.path for step in planned.add],
        "change": [step.item.path for step in planned.change],
        "move": [(step.known.path, step.item.path) for step in planned.move],
        "revise": [step.known.path for step in planned.revise],
        "remove": [one.path for one in planned.remove],
        "keep": [one.path for one in planned.keep],
        "failed": [one.path for one in planned.failed],
    }
    return {name: steps for name, steps in shown.items() if steps}


def test_by_path_then_by_digest() -> None:
    before = {"same.md": "1", "changed.md": "2", "from.md": "3", "gone.md": "4"}
    now = {"same.md": "1", "changed.md": "5", "to.md": "3", "new.md": "6"}
    assert summary(plan(known(before), [listing(now)], MAKING)) == {
        "keep": ["same.md"],
        "change": ["changed.md"],
        "move": [("from.md", "to.md")],
        "remove": ["gone.md"],
        "add": ["new.md"],
    }


def test_a_copy_is_not_a_move() -> None:
    planned = plan(known({"a.md": "1"}), [listing({"a.md": "1", "b.md": "1"})], MAKING)
    assert summary(planned) == {"keep": ["a.md"], "add": ["b.md"]}


def test_one_of_two_twins_moves_and_the_other_goes() -> None:
    planned = plan(known({"a.md": "1", "b.md": "1"}), [listing({"c.md": "1"})], MAKING)
    assert summary(planned) == {"move": [("a.md", "c.md")], "remove": ["b.md"]}


def test_a_document_does_not_move_between_sources() -> None:
    here, there = listing({"b.md": "2"}), listing({"a.md": "1"}, of=source("lab"))
    planned = plan(known({"a.md": "1", "b.md": "2"}), [here, there], MAKING)
    assert summary(planned) == {"keep": ["b.md"], "remove": ["a.md"], "add": ["a.md"]}


def test_a_skipped_folder_keeps_all_below_it_and_nothing_else() -> None:
    before = {"team/a.md": "1", "team/sub/b.md": "2", "teams.md": "3"}
    planned = plan(known(before), [listing({}, ("team/",))], MAKING)
    assert summary(planned) == {
        "keep": ["team/a.md", "team/sub/b.md"],
        "remove": ["teams.md"],
        "failed": ["team/"],
    }


def test_two_files_of_one_name_are_reported() -> None:
    twice = Listing(source(), [Item("a.md", "1", never), Item("a.md", "2", never)])
    assert summary(plan([], [twice], MAKING)) == {"add": ["a.md"], "failed": ["a.md"]}


@pytest.mark.parametrize(
    ("documents", "most"),
    [(2, 1), (3, 2), (4, 2), (10, 2), (14, 2), (15, 3), (19, 3), (20, 4), (100, 20)],
)
def test_in_25_more_than_a_fifth_and_more_than_two_documents_never_go_unasked(
    documents: int, most: int
) -> None:
    before = {f"{n:03}.md": str(n) for n in range(documents)}
    for gone in range(1, documents):
        left = dict(list(before.items())[gone:])
        planned = plan(known(before), [listing(left)], MAKING)
        if gone <= most:
            assert (len(planned.remove), planned.refused) == (gone, ())
            continue
        assert (planned.remove, len(planned.keep)) == ((), documents)
        assert [(one.removals, one.documents) for one in planned.refused] == [(gone, documents)]
        assert len(plan(known(before), [listing(left)], MAKING, allow_removals=True).remove) == gone


@pytest.mark.parametrize("documents", [1, 2, 19, 100])
def test_in_25_a_source_that_suddenly_holds_nothing_loses_nothing_until_that_is_allowed(
    documents: int,
) -> None:
    before = known({f"{n:03}.md": str(n) for n in range(documents)})
    empty = plan(before, [listing({})], MAKING)
    assert (empty.remove, len(empty.keep)) == ((), documents)
    assert (empty.refused[0].removals, empty.refused[0].paths[0]) == (documents, "000.md")
    allowed = plan(before, [listing({})], MAKING, allow_removals=frozenset({"wiki"}))
    assert len(allowed.remove) == documents


def test_removals_are_allowed_source_by_source() -> None:
    before = [*known({"a.md": "1", "b.md": "2"}), *known({"c.md": "3"}, of="lab")]
    both = [listing({}), listing({}, of=source("lab"))]
    planned = plan(before, both, MAKING, allow_removals=frozenset({"lab"}))
    assert [one.path for one in planned.remove] == ["c.md"]
    assert [one.source for one in planned.refused] == ["wiki"]


def test_in_24_a_listing_that_was_cut_removes_nothing_and_moves_nothing() -> None:
    """What is not listed may still be there: a page at another path is new, and its old place stays."""
    before = {"a.md": "1", "b.md": "2", "c.md": "3"}
    cut = replace(listing({"a.md": "1", "moved/b.md": "2"}), incomplete=[Incomplete("page 3 of 10 is empty")])
    planned = plan(known(before), [cut], MAKING)
    assert summary(planned) == {"keep": ["a.md", "b.md", "c.md"], "add": ["moved/b.md"]}
    assert [one.reason for one in planned.incomplete] == ["page 3 of 10 is empty"]
    whole = plan(known(before), [listing({"a.md": "1", "moved/b.md": "2"})], MAKING)
    assert summary(whole) == {"keep": ["a.md"], "move": [("b.md", "moved/b.md")], "remove": ["c.md"]}


def test_what_nobody_may_be_shown_is_removed_however_much_and_however_little_was_listed() -> None:
    before = known({f"{n}.md": str(n) for n in range(40)})
    hidden = [Withheld(f"{n}.md", "nobody may be shown it") for n in range(30)]
    cut = Listing(source(), withheld=hidden, incomplete=[Incomplete("cut")])
    planned = plan(before, [cut], MAKING)
    assert {one.path for one in planned.remove} == {one.path for one in hidden}
    assert planned.withheld == planned.remove
    assert len(planned.keep) == 10


def test_a_plan_for_many_documents_takes_no_time_for_each_pair_of_them() -> None:
    """A quarter of a billion comparisons would take minutes."""
    before = known({f"{n // 100}/{n}.md": str(n) for n in range(20_000)})
    skipped = tuple(f"{n // 100}/{n}.md" for n in range(0, 20_000, 2))
    planned = plan(before, [listing({"0/1.md": "1"}, skipped)], MAKING, allow_removals=True)
    assert (len(planned.keep), len(planned.remove)) == (10_001, 9_999)


paths = st.sampled_from(["a.md", "b.md", "c/d.md", "c/e.md", "f.md"])
digests = st.sampled_from(["1", "2", "3"])
page_sets = st.dictionaries(paths, digests)


@given(
    before=page_sets,
    now=page_sets,
    skipped=st.sets(st.sampled_from(["a.md", "c/", "f.md"])),
    fails=st.booleans(),
    cut=st.booleans(),
    withheld=st.sets(paths),
    other=st.booleans(),
    audience=st.sampled_from([EVERYONE, RESEARCH]),
)
def test_every_document_has_exactly_one_fate(
    before: dict[str, str],
    now: dict[str, str],
    skipped: set[str],
    fails: bool,
    cut: bool,
    withheld: set[str],
    other: bool,
    audience: Audience,
) -> None:
    now = {path: digest for path, digest in now.items() if path not in skipped | withheld}
    of = source(audience=audience)
    hidden = [Withheld(path, "hidden") for path in sorted(withheld)]
    lacks = [Incomplete("cut")] * cut
    whole = replace(listing(now, tuple(sorted(skipped)), of), withheld=hidden, incomplete=lacks)
    listed = Listing(of, failure="gone") if fails else whole
    documents = known(before, embedder="old" if other else "embedder")
    planned = plan(documents, [listed], MAKING)
    steps = (*planned.change, *planned.move, *planned.revise)
    fates = [*(step.known.path for step in steps), *(one.path for one in (*planned.remove, *planned.keep))]
    assert sorted(fates) == sorted(before)
    listed_fates = [step.item.path for step in (*planned.add, *planned.change, *planned.move)]
    unread = {one.path for one in planned.keep} | {step.known.path for step in planned.revise}
    assert fails or set(now) - set(listed_fates) <= unread
    assert len(set(listed_fates)) == len(listed_fates)
    lost = {one.path for one in planned.remove}
    protected = {path for path in before if path in skipped or ("c/" in skipped and path.startswith("c/"))}
    assert not lost & ((protected - withheld) | set(now))
    assert not (fails and lost)
    assert fails or withheld & set(before) <= lost
    assert not cut or lost <= withheld
    assert not planned.refused or lost <= withheld
    assert all(step.known.digest == step.item.digest for step in planned.move)
    if audience == RESEARCH or other:
        assert planned.keep == ()
