"""Sentences of a model about people stand only where those people's own entries say them."""

import re

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from knowledge.ports import Noted
from knowledge.terms import number_values
from prompts.ritual import Role
from prompts.summary import By, Given, Said
from prompts.summary_check import CHANGED, LONGEST_SENTENCE, Checker, checked_summary
from prompts.themes import BY_WORDS
from tests.prompts.injections import INJECTIONS

ANA = Given(
    11,
    "Ana Costa",
    (
        Said(
            "What did you do?",
            "Finished the tokenizer ablation: 32k needs 4 % fewer tokens than 16k.",
            Role.DONE,
        ),
        Said("What is next?", "Write up the ablation for the wiki", Role.PLAN),
    ),
)
BEN = Given(
    22,
    "Ben Okafor",
    (
        Said("What did you do?", "Fixed the data loader for empty shards", Role.DONE),
        Said("What is next?", "Run the evaluation on checkpoint 12000 with Dee", Role.PLAN),
        Said("What stops you?", "Waiting for the cluster quota", Role.BLOCKERS),
    ),
)
PEOPLE = ("Ana Costa", "Ben Okafor", "Chloe Martin", "Dee Ito", "Will Young")


def line(text: str, *entries: int) -> tuple[int, ...] | None:
    """The ids of the entries that a sentence is left with; None when it is dropped."""
    found = Checker([ANA, BEN], PEOPLE).line(Noted(text, entries))
    return None if found is None else found.entries


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Ana finished the tokenizer ablation.", (1,)),
        ("32k needs 4 % fewer tokens than 16k.", (1,)),
        ("Ana Costa's tokenizer ablation is finished.", (1,)),
        ("Ben fixed the data loader for empty shards.", (2,)),
        ("Ben is waiting for the cluster quota.", (2,)),
        ("Ben will run the evaluation on checkpoint 12000 with Dee.", (2,)),
        ("Ben plans to run the evaluation on checkpoint 12000.", (2,)),
    ],
)
def test_what_an_entry_says_stands(text: str, entries: tuple[int, ...]) -> None:
    assert line(text, *entries) == tuple({1: 11, 2: 22}[one] for one in entries)


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("Ana finished the tokenizer ablation in 3 days.", (1,)),
        ("32k needs 40 % fewer tokens than 16k.", (1,)),
        ("16k needs 4 % fewer tokens than 32k.", (1,)),
        ("32k needs 4 % more tokens than 16k.", (1,)),
        ("Chloe finished the tokenizer ablation.", (1,)),
        ("Ana fixed the data loader for empty shards.", (1, 2)),
        ("Ana fixed the data loader for empty shards.", (2,)),
        ("ana fixed the data loader for empty shards.", (2,)),
        ("Ben finished the tokenizer ablation.", (1, 2)),
        ("Ben finished the evaluation on checkpoint 12000.", (2,)),
        ("Ben is blocked by the empty shards of the data loader.", (2,)),
        ("Ben did not fix the data loader for empty shards.", (2,)),
        ("Ben fixed the data loader with Mallory.", (2,)),
        ("Ana finished the tokenizer ablation.", (2,)),
        ("Ana finished the tokenizer ablation.", ()),
        ("Ana finished the tokenizer ablation.", (0, 3, -1, 10**12)),
        ("Ana finished run r-117.", (1,)),
        ("", (1,)),
        ("x" * (LONGEST_SENTENCE + 1), (1,)),
    ],
)
def test_t60_names_and_numbers_that_are_not_in_the_entries_are_rejected(
    text: str, entries: tuple[int, ...]
) -> None:
    assert line(text, *entries) is None


def test_a_sentence_rests_only_on_entries_that_say_it() -> None:
    assert line("Ana finished the tokenizer ablation.", 2, 1, 1) == (11,)
    assert line("Will run the evaluation on checkpoint 12000.", 2) is None
    assert line("Next is the evaluation on checkpoint 12000: it will run.", 2) == (22,)


@pytest.mark.parametrize(
    "text",
    [
        "All is fine.",
        "Everybody is on track.",
        "The team finished the tokenizer ablation.",
        "There are no blockers.",
        "<!channel> Ana finished the tokenizer ablation.",
        "@channel Ana finished the tokenizer ablation.",
        "Ana finished the [tokenizer ablation](https://evil.example).",
        "Ana finished the tokenizer ablation https://evil.example.",
        "Ana finished the *tokenizer* ablation.",
    ],
)
def test_t62_nothing_is_said_of_everybody_and_nothing_links_or_pings(text: str) -> None:
    assert line(text, 1) is None
    assert line(text, 1, 2) is None


@pytest.mark.parametrize("injected", INJECTIONS)
def test_t61_a_model_that_obeys_an_entry_speaks_for_nobody_else(injected: str) -> None:
    """The worst model says word for word what an entry tells it to, of whomever it likes."""
    mallory = Given(33, "Mallory", (Said("What did you do?", injected, Role.DONE),))
    people = (*PEOPLE, "Mallory")
    obeyed = [piece.strip() for piece in re.split(r"[\n:]|(?<=[.!?]) ", injected) if piece.strip()]
    noted = [
        Noted(f"{who}{text}", entries)
        for text in (injected, *obeyed)
        for who in ("", "Ben Okafor: ", "Ana ")
        for entries in ((1,), (2,), (3,), (1, 2, 3))
    ]
    summary = checked_summary(noted[:24], [ANA, BEN, mallory], people, BY_WORDS)
    said = [] if summary is None else [one for one in summary.lines if one.by is By.MODEL]
    assert all(one.entries == (33,) for one in said), said
    assert not any(re.search(r"evil|<|@|\bAna\b|\ball\b", one.text, re.IGNORECASE) for one in said)
    if summary is not None:
        assert {11, 22, 33} >= summary.entries >= {11, 22}
        assert any("cluster quota" in one.text for one in summary.lines)


def test_who_is_not_in_what_a_model_wrote_speaks_for_themselves() -> None:
    summary = checked_summary(
        [Noted("Ana finished the tokenizer ablation.", (1,)), Noted("Ana won the lottery.", (1,))],
        [ANA, BEN],
        PEOPLE,
        BY_WORDS,
    )
    assert summary is not None
    told = {one.title: [line.text for line in one.lines] for one in summary.sections}
    assert told[CHANGED] == ["Ana finished the tokenizer ablation."]
    assert told["Blockers"] == ["Waiting for the cluster quota"]
    assert "Fixed the data loader for empty shards" in told["Also"]
    assert checked_summary([Noted("Ana won the lottery.", (1,))], [ANA, BEN], PEOPLE, BY_WORDS) is None
    assert checked_summary([], [ANA, BEN], PEOPLE, BY_WORDS) is None


TRIED = """ana ben Ben Ana finished fixed tokenizer ablation loader shards 32k 4 7 % will is not blocked quota
dee all"""
WORDS = st.sampled_from(TRIED.split())


@settings(max_examples=300, deadline=None)
@drawn(st.lists(WORDS, max_size=12), st.lists(st.integers(-1, 4), max_size=3))
def test_t60_whatever_is_written_its_numbers_and_names_are_in_the_entries_it_names(
    said: list[str], entries: list[int]
) -> None:
    found = Checker([ANA, BEN], PEOPLE).line(Noted(" ".join(said), tuple(entries)))
    if found is None:
        return
    resting = [one for one in (ANA, BEN) if one.id in found.entries]
    evidence = [" ".join(reply.text for reply in one.replies) for one in resting]
    assert resting
    for number in number_values(found.text):
        assert all(number in number_values(text) for text in evidence)
    for name, author in (("ana", 11), ("ben", 22)):
        if name in found.text.lower().split():
            assert author in found.entries or all(name in text.lower() for text in evidence)
