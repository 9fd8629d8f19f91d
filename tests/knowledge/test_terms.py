"""What a text claims: numbers, units, identifiers, names and negation, read by rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.terms import (
    content_terms,
    identifiers,
    mentions,
    names,
    negated,
    numbers,
    opposites,
    without_unsafe_characters,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,000 lines", [("1000", "")]),
        ("3e-4 and 0.00030", [("0.0003", ""), ("0.0003", "")]),
        ("5.842E-05", [("0.00005842", "")]),
        ("40 secs, 40s, 40 seconds", [("40", "s")] * 3),
        ("2% or 2 percent", [("2", "%"), ("2", "%")]),
        ("1.6TB", [("1.6", "tb")]),
        ("4-16 weeks", [("4", ""), ("16", "week")]),
        ("two obstacles", [("2", "")]),
        ("fp16, v5e and 8bit", []),
        ("~30 iterations", [("30", "")]),
    ],
)
def test_numbers_are_read_with_their_units(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(number.value, number.unit) for number in numbers(text)] == expected


def test_identifiers_are_what_must_stand_letter_by_letter() -> None:
    text = "Set NCCL_DEBUG and --override-lr-scheduler for OPT-175B in fp16 on the GPU; see read_csv. It is."
    assert identifiers(text) == {
        "NCCL_DEBUG",
        "--override-lr-scheduler",
        "OPT-175B",
        "fp16",
        "GPU",
        "read_csv",
    }


@pytest.mark.parametrize(
    ("text", "identifier", "there"),
    [
        ("the OPT 175B run", "OPT-175B", True),
        ("the OPT-1750B run", "OPT-175B", False),
        ("eight GPUs", "GPU", True),
        ("one GPU", "GPUs", True),
        ("read_csv_file", "read_csv", False),
        ("`read_csv`", "read_csv", True),
    ],
)
def test_an_identifier_is_found_whole(text: str, identifier: str, there: bool) -> None:
    assert mentions(text, identifier) is there


def test_names_begin_no_sentence() -> None:
    assert names("The BLOOM run was watched by Stas in Paris. Everyone slept.") == {"Stas", "Paris"}


@pytest.mark.parametrize(
    "text", ["It is not so.", "It isn't so.", "Never do it.", "without warm-up", "cannot"]
)
def test_negation_is_seen(text: str) -> None:
    assert negated(text)


@pytest.mark.parametrize("text", ["It is so.", "a notable note", "nothings aside, cannon"])
def test_what_only_looks_like_negation_is_not(text: str) -> None:
    assert not negated(text)


def test_opposites_are_seen_unless_both_stand_there() -> None:
    assert opposites("The loss increased.", "The loss decreased.") == [("increased", "decreased")]
    assert opposites("The loss increased.", "The loss increased, then decreased.") == []


def test_content_terms_leave_out_empty_words_and_read_spelled_numbers() -> None:
    assert content_terms("What are the two main obstacles?") == ["2", "main", "obstacl"]


@given(st.text())
def test_no_unsafe_character_stays(text: str) -> None:
    cleaned = without_unsafe_characters(text + "\u202e\x00\u2066\U000e0041")
    assert not set(cleaned) & {"\u202e", "\x00", "\u2066", "\U000e0041", "\x1b", "\x7f"}


@given(st.text())
def test_a_text_mentions_everything_that_it_names(text: str) -> None:
    assert all(mentions(text, name) for name in identifiers(text))
