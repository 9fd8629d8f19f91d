"""Replies to prompts: which are asked, what was meant, what is missing."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.replying import (
    LONGEST_REPLY,
    NotRead,
    again,
    asked,
    carried_on,
    deciding,
    judged,
    options,
    read,
)
from prompts.ritual import Condition, Prompt, ReplyKind, Role, Standup

PROMPTS = (
    Prompt("done", "What did you do?", role=Role.DONE, required=True),
    Prompt("plan", "What is next?", role=Role.PLAN),
    Prompt("stuck", "Does anything hold you up?", ReplyKind.YES_NO),
    Prompt("what", "What is it?", role=Role.BLOCKERS, required=True, when=Condition("stuck", "yes")),
    Prompt("who", "Who could help?", when=Condition("what", "gpus")),
    Prompt("mood", "How was it?", ReplyKind.SCALE, choices=("hard", "easy")),
    Prompt("where", "Where do you work?", ReplyKind.CHOICE, choices=("Office", "Home")),
)
DAILY = Standup("Daily", ("#team",), PROMPTS, "weekdays", time(9))


def keys(replies: dict[str, str]) -> list[str]:
    return [one.key for one in asked(DAILY, replies)]


def test_a_prompt_with_a_condition_is_asked_only_then_and_so_is_what_depends_on_it() -> None:
    assert keys({}) == ["done", "plan", "stuck", "mood", "where"]
    assert keys({"stuck": "yes"}) == ["done", "plan", "stuck", "what", "mood", "where"]
    assert keys({"stuck": "yes", "what": "GPUs"}) == [
        "done",
        "plan",
        "stuck",
        "what",
        "who",
        "mood",
        "where",
    ]
    assert keys({"stuck": "no", "what": "gpus"}) == ["done", "plan", "stuck", "mood", "where"]
    assert deciding(DAILY) == {"stuck", "what"}


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        (ReplyKind.TEXT, "  two\nlines ", "two\nlines"),
        (ReplyKind.YES_NO, "Yep", "yes"),
        (ReplyKind.YES_NO, "n", "no"),
        (ReplyKind.SCALE, "3", "3"),
        (ReplyKind.CHOICE, "home", "Home"),
        (ReplyKind.CHOICE, "1", "Office"),
        (ReplyKind.NUMBER, " -0.5e3 ", "-0.5e3"),
        (ReplyKind.LINK, "https://wandb.example/run/1?a=b", "https://wandb.example/run/1?a=b"),
        (ReplyKind.RUN, "run-42 ", "run-42"),
        (ReplyKind.TEXT, "   ", ""),
    ],
)
def test_replies_of_every_kind_are_read(kind: ReplyKind, typed: str, kept: str) -> None:
    assert read(Prompt("x", "?", kind, choices=("Office", "Home")), typed) == kept


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (ReplyKind.TEXT, "x" * (LONGEST_REPLY + 1)),
        (ReplyKind.YES_NO, "perhaps"),
        (ReplyKind.SCALE, "6"),
        (ReplyKind.CHOICE, "3"),
        (ReplyKind.CHOICE, "²"),
        (ReplyKind.NUMBER, "1,000"),
        (ReplyKind.NUMBER, "nan"),
        (ReplyKind.NUMBER, "1e999"),
        (ReplyKind.LINK, "javascript:alert(1)"),
        (ReplyKind.LINK, "https://"),
        (ReplyKind.LINK, "https://a b"),
        (ReplyKind.LINK, "https://[::1"),
        (ReplyKind.RUN, "r" * 301),
    ],
)
def test_what_is_no_reply_is_refused_with_what_is_wanted(kind: ReplyKind, typed: str) -> None:
    with pytest.raises(NotRead, match=r"\w"):
        read(Prompt("x", "?", kind, choices=("Office", "Home")), typed)


def test_ten_thousand_characters_are_refused_with_the_limit_said() -> None:
    problem = judged(DAILY, {"done": "x" * 10_000}).problems["done"]
    assert "10,000" in problem
    assert "3,000" in problem


def test_what_is_needed_is_asked_for_only_where_it_was_shown() -> None:
    assert judged(DAILY, {"stuck": "yes"}).problems.keys() == {"done", "what"}
    assert judged(DAILY, {"stuck": "yes", "done": "x"}, shown={"stuck", "done"}).problems == {}
    assert judged(DAILY, {"done": "x", "stuck": "no", "what": "gpus"}).replies == {"done": "x", "stuck": "no"}


def test_an_earlier_entry_is_repeated_as_far_as_it_fits() -> None:
    found = again(DAILY, {"done": "x", "where": "Beach", "old": "gone", "stuck": "no"})
    assert found.replies == {"done": "x", "stuck": "no"}
    assert found.problems == {}
    assert again(DAILY, {"plan": "y"}).problems.keys() == {"done"}


def test_a_form_begins_with_the_last_plan_and_what_still_stands() -> None:
    begun = carried_on(DAILY, {"plan": "train", "done": "slept"}, ["no GPUs", "no data"])
    assert begun == {"done": "train", "what": "no GPUs\nno data"}
    assert carried_on(DAILY, {}, []) == {}


def test_the_ends_of_a_scale_have_words() -> None:
    assert options(PROMPTS[5])[0] == ("1", "1 · hard")
    assert options(PROMPTS[5])[-1] == ("5", "5 · easy")
    assert options(PROMPTS[0]) == ()


@given(st.dictionaries(st.sampled_from([one.key for one in PROMPTS]), st.text(max_size=40)))
def test_whatever_is_typed_only_asked_prompts_have_replies_and_they_read_as_themselves(
    typed: dict[str, str],
) -> None:
    found = judged(DAILY, typed)
    wanted = asked(DAILY, found.replies)
    assert found.replies.keys() <= {one.key for one in wanted}
    assert not found.replies.keys() & found.problems.keys()
    assert judged(DAILY, found.replies).replies == found.replies
