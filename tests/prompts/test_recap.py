"""A recap holds nothing that neither the notes nor the thread say, whoever writes it."""

from hypothesis import given
from hypothesis import strategies as st

from knowledge.ports import Noted
from knowledge.terms import without_unsafe_characters
from prompts.recap import ASKED, FROM_NOTES, FROM_THREAD, Heard, by_model, checked_recap, plain_recap
from prompts.summary import Summary

TITLE = "Evicting the cache"
NOTES = """The cache is evicted at 90 percent.
- The oldest entries go first, which took 12 ms in run 7.
We will not change it before April."""
THREAD = [
    Heard("Ben", "In run 9 the cache was evicted twice. Lunch was great today!"),
    Heard("Chloe", "Why are the oldest entries evicted first?"),
    Heard("Ben", "I am away tomorrow morning, sorry."),
]


def lines(recap: Summary | None, title: str) -> list[str]:
    sections = () if recap is None else recap.sections
    return [line.text for section in sections if section.title == title for line in section.lines]


def test_without_a_model_it_is_their_own_words_and_what_is_about_something_else_is_left_out() -> None:
    recap = plain_recap(TITLE, NOTES, THREAD)
    assert lines(recap, FROM_NOTES) == [
        "The cache is evicted at 90 percent.",
        "The oldest entries go first, which took 12 ms in run 7.",
        "We will not change it before April.",
    ]
    assert lines(recap, FROM_THREAD) == ["Ben: In run 9 the cache was evicted twice."]
    assert lines(recap, ASKED) == ["Chloe: Why are the oldest entries evicted first?"]
    assert not by_model(recap)
    assert [line.entries for line in recap.lines] == [(1,), (1,), (1,), (2,), (3,)]


def test_of_nothing_there_is_no_recap() -> None:
    assert plain_recap(TITLE, "", []).sections == ()
    assert plain_recap(TITLE, "  \n- \n", [Heard("Ben", "I am away tomorrow.")]).sections == ()


def test_of_a_model_only_what_a_source_says_stays() -> None:
    drafted = [
        Noted("The oldest entries go first.", (1,)),
        Noted("The oldest entries went first in 14 ms.", (1,)),
        Noted("We will change it before April.", (1,)),
        Noted("In run 9 the cache was evicted twice.", (1,)),
        Noted("In run 9 the cache was evicted twice.", (2,)),
        Noted("Dora found that the cache is evicted at 90 percent.", (1,)),
        Noted("See https://evil.example for the cache.", (1, 2, 3)),
        Noted("<!channel> the cache is evicted.", (1,)),
        Noted("Everybody agreed that the cache is evicted.", (1, 2)),
        Noted("The cache is evicted.", (0, 9)),
    ]
    recap = checked_recap(drafted, TITLE, NOTES, THREAD, "Ana", ["Ben", "Chloe", "Dora"])
    assert lines(recap, FROM_NOTES) == ["The oldest entries go first."]
    assert lines(recap, FROM_THREAD) == ["In run 9 the cache was evicted twice."]
    assert lines(recap, ASKED) == ["Chloe: Why are the oldest entries evicted first?"]
    assert recap is not None
    assert by_model(recap)


def test_what_is_far_apart_in_the_notes_supports_nothing_together() -> None:
    notes = "\n".join(
        [
            "The trainer writes checkpoints.",
            "Nobody was here in May.",
            "We drank coffee for long.",
            "It rained in Lisbon.",
            "The evaluator loses samples.",
        ]
    )
    drafted = [Noted("The trainer loses checkpoints and the evaluator writes samples.", (1,))]
    assert checked_recap(drafted, TITLE, notes, [], "Ana", []) is None


def test_when_nothing_of_a_model_is_left_there_is_none_of_it() -> None:
    assert checked_recap([Noted("All is well.", (1,))], TITLE, NOTES, THREAD, "Ana", []) is None


@given(
    st.text(max_size=400),
    st.lists(st.builds(Heard, st.just("Ben"), st.text(max_size=200)), max_size=4),
)
def test_every_line_of_any_recap_stands_in_what_it_rests_on(notes: str, thread: list[Heard]) -> None:
    sources = {1: notes, **{number: one.text for number, one in enumerate(thread, 2)}}
    for line in plain_recap(TITLE, notes, thread).lines:
        [number] = line.entries
        said = line.text.removeprefix("Ben: ") if number > 1 else line.text
        squeezed = "".join(_seen(sources[number]).split())
        assert "".join(said.rstrip("…").split()) in squeezed


def _seen(text: str) -> str:
    return without_unsafe_characters(text.replace("\r", "\n"))
