"""Titles that are about the same, and what many have asked: nobody's private words are told."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from knowledge.analysis import analysed
from prompts.themes import BY_WORDS
from prompts.topics import LEAST_ASKERS, Asked, Gap, are_the_same, gaps, nearest

EVICTED = (
    "how does KV-cache eviction work in our server?",
    "when are entries evicted from the KV-cache?",
    "can I change the eviction policy of the KV-cache?",
    "is there a page on KV-cache eviction?",
)


def asked(*texts: str, shown: bool = True, by: Sequence[str] = ()) -> list[Asked]:
    people = by or [f"U{number}" for number in range(len(texts))]
    mark = "shown" if shown else "hidden"
    return [
        Asked(f"{mark} {number}", person, text, shown)
        for number, (person, text) in enumerate(zip(people, texts, strict=True))
    ]


def everything(_word: str) -> bool:
    return True


def nothing(_word: str) -> bool:
    return False


def test_what_several_people_asked_is_a_gap_named_by_one_of_their_questions() -> None:
    [gap] = gaps(asked(*EVICTED, "where is the coffee machine?"), nothing)
    assert gap.people == 4
    assert gap.title in EVICTED
    assert len(gap.questions) == 4


def test_one_person_who_asks_often_makes_no_gap() -> None:
    assert gaps(asked(*EVICTED, by=("U1", "U1", "U2", "U2")), everything) == []


def test_what_was_asked_in_private_is_named_by_shared_words_that_all_may_know() -> None:
    private = asked(*EVICTED, shown=False)
    [gap] = gaps(private, everything)
    assert {"kv-cache", "eviction"} >= set(gap.title.lower().split(", "))
    assert gap.title not in EVICTED
    assert gaps(private, nothing) == []


def test_too_few_private_askers_are_not_even_counted() -> None:
    shown = asked(*EVICTED[:3])
    private = [Asked(f"p{number}", person, EVICTED[3], False) for number, person in enumerate(("U8", "U9"))]
    assert [gap.people for gap in gaps(shown + private, everything)] == [3]
    one_more = [*private, Asked("p2", "U7", "KV-cache eviction in private?", False)]
    assert [gap.people for gap in gaps(shown + one_more, everything)] == [6]


def test_titles_that_say_the_same_words_are_the_same_and_others_may_be_near() -> None:
    assert are_the_same("KV-cache eviction", "Eviction of the KV-cache!")
    assert not are_the_same("KV-cache eviction", "KV-cache quantisation")
    known = ("Learning rates", "Eviction in KV-caches", "Slurm")
    assert nearest("KV-cache eviction", known) == 1
    assert nearest("Coffee", known) is None
    assert nearest("Coffee", ()) is None
    assert nearest("Coffee", known, lambda _title, others: [0.1, 0.71, 0.7][: len(others)]) == 1


WORDS = st.sampled_from(["cache", "eviction", "salaries", "phoenix", "budget", "warmup", "layoff"])
ASKED = st.builds(
    Asked,
    id=st.uuids().map(str),
    person=st.sampled_from(["U1", "U2", "U3", "U4", "U5"]),
    text=st.lists(WORDS, min_size=1, max_size=4).map(lambda words: " ".join(["what about", *words])),
    shown=st.booleans(),
)


@given(st.lists(ASKED, max_size=14, unique_by=lambda one: one.id), st.sets(WORDS))
def test_no_word_is_told_that_was_asked_in_private_by_too_few_or_is_not_known(
    all_asked: list[Asked], known_words: set[str]
) -> None:
    def known(word: str) -> bool:
        return word.lower() in known_words

    def askers(term: str, shown: bool) -> set[str]:
        return {one.person for one in all_asked if one.shown is shown and term in analysed(one.text)}

    for gap in gaps(all_asked, known, BY_WORDS):
        together = [one for one in all_asked if one.id in gap.questions]
        assert gap.people >= LEAST_ASKERS
        _is_counted_right(gap, together)
        for term in analysed(gap.title):
            by_all = any(one.shown and term in analysed(one.text) for one in together)
            hidden_well = len(askers(term, shown=False)) >= LEAST_ASKERS
            assert by_all or (hidden_well and any(term in analysed(word) for word in known_words))


def _is_counted_right(gap: Gap, together: Sequence[Asked]) -> None:
    shown = {one.person for one in together if one.shown}
    hidden = {one.person for one in together if not one.shown}
    assert gap.people == len(shown | (hidden if len(hidden) >= LEAST_ASKERS else set()))
