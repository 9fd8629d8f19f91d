"""Blockers in words: what a reply names, what continues, who is named, and whom to ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.blockers import (
    LONGEST,
    MOST_NAMED,
    Candidate,
    likeness,
    matched,
    named,
    people_in,
    whom_to_ask,
)

TEAM = {
    "UBEN000000": "Ben Okafor",
    "UBEA000001": "Bea Lin",
    "UBEA000002": "Bea Ott",
    "UWILL00000": "Will Shaw",
    "UANA000000": "Ana",
}
TEXTS = st.lists(st.sampled_from(["CI is red", "GPU quota on zebra", "the CI", "review of PR 812", "x"]))


@pytest.mark.parametrize(
    "reply",
    [
        "",
        " ",
        "-",
        "none",
        "None.",
        "no blockers",
        "No blockers today!",
        "nothing",
        "n/a",
        "I have no blockers.",
    ],
)
def test_nothing_is_no_blocker(reply: str) -> None:
    assert named(reply) == ()


@pytest.mark.parametrize(
    "reply", ["No GPU quota on zebra", "Not able to log in", "nothing works since the upgrade"]
)
def test_words_that_begin_like_nothing_may_be_one(reply: str) -> None:
    assert named(reply) == (reply,)


def test_one_per_line_and_in_a_single_line_one_per_sentence() -> None:
    assert named("- [ ] CI is red\n* GPU quota\n\n2. the data. Of June.") == (
        "CI is red",
        "GPU quota",
        "the data. Of June.",
    )
    assert named("Waiting for <@UBEN000000>. The tests fail on 3.5 GB files.") == (
        "Waiting for <@UBEN000000>.",
        "The tests fail on 3.5 GB files.",
    )


@given(st.text(max_size=400))
def test_whatever_is_replied_there_are_few_and_they_are_short_and_different(reply: str) -> None:
    found = named(reply)
    assert len(found) <= MOST_NAMED
    assert len(set(found)) == len(found)
    assert all(0 < len(one) <= LONGEST and "\n" not in one for one in found)


def test_ten_thousand_characters_are_one_blocker_cut() -> None:
    [found] = named("a" * 10_000)
    assert len(found) == LONGEST


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Waiting for GPU quota", "Still waiting for GPU quota from Ben", True),
        ("CI is red", "the CI is still red", True),
        ("Waiting 2 days for the cluster", "Waiting 3 days for the cluster", True),
        ("Review of PR 812", "Review of PR 813", False),
        ("Waiting for review", "Waiting for data", False),
        ("GPU quota", "The tokenizer is slow", False),
    ],
)
def test_what_goes_on_is_told_by_its_words(one: str, other: str, same: bool) -> None:
    assert (matched({"known": one}, [other]).continues == {"known": other}) is same
    assert likeness(one, other) == likeness(other, one)


@given(TEXTS, TEXTS)
def test_everything_is_in_one_place_each_once(before: list[str], now: list[str]) -> None:
    known = dict(enumerate(before))
    found = matched(known, now)
    assert sorted([*found.continues, *found.gone]) == sorted(known)
    assert sorted([*found.continues.values(), *found.new]) == sorted(now)


@given(TEXTS)
def test_what_is_said_again_in_any_order_goes_on(said: list[str]) -> None:
    found = matched(dict(enumerate(said)), said[::-1])
    assert (found.new, found.gone) == ((), ())


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Waiting for Ben", ("UBEN000000",)),
        ("@ben has the key, <@UXENIA0000> too", ("UBEN000000", "UXENIA0000")),
        ("Bea knows", ()),
        ("Bea Ott knows, @Bea Lin does not", ("UBEA000002", "UBEA000001")),
        ("Will it run?", ()),
        ("ask @will", ("UWILL00000",)),
        ("Benjamin, ben, or mail x@ben.org", ()),
    ],
)
def test_who_is_named(text: str, people: tuple[str, ...]) -> None:
    assert people_in(text, TEAM) == people


def test_who_solved_it_comes_first_but_not_the_same_one_again_and_again() -> None:
    candidates = [
        Candidate("UBEN000000", 0, "solved it"),
        Candidate("UANA000000", 0, "solved it"),
        Candidate("UANA000000", 2, "owns the page"),
        Candidate("UBEA000001", 2, "owns the page"),
        Candidate("UWILL00000", 0, "is the one who asks"),
    ]

    def order(**asked: int) -> list[str]:
        return [one.person for one in whom_to_ask(candidates, asked, but="UWILL00000")]

    assert order() == ["UBEN000000", "UANA000000", "UBEA000001"]
    assert order(UBEN000000=1) == ["UANA000000", "UBEN000000", "UBEA000001"]
    assert order(UBEN000000=3, UANA000000=3) == ["UBEA000001", "UBEN000000", "UANA000000"]
    assert [one.why for one in whom_to_ask(candidates, {}, but="")][:2] == ["solved it", "solved it"]
