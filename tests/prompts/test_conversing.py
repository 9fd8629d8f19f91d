"""A stand-up prompt by prompt: what follows on each reply."""

from datetime import time

from hypothesis import given
from hypothesis import strategies as st

from prompts.conversing import Ends, Goes, Next, Sends, Talk, begin, go_on, in_replies, question
from prompts.replying import judged
from prompts.ritual import Condition, Consent, Prompt, ReplyKind, Role, Standup

PROMPTS = (
    Prompt("done", "What did you do?", role=Role.DONE, required=True),
    Prompt("stuck", "Stuck?", ReplyKind.YES_NO, required=True),
    Prompt("what", "By what?", role=Role.BLOCKERS, required=True, when=Condition("stuck", "yes")),
    Prompt("loss", "The loss?", ReplyKind.NUMBER),
)
DAILY = Standup("Daily", ("#team",), PROMPTS, "weekdays", time(9))


def said(*texts: str, replies: dict[str, str] | None = None) -> Next:
    """What comes of these messages, one after another."""
    next_: Next = Goes(begin(DAILY, replies or {}, Consent.TEAM))
    for text in texts:
        assert isinstance(next_, Goes), f"{text!r} after the end"
        next_ = go_on(next_.talk, text)
    return next_


def key(found: Next) -> str:
    assert isinstance(found, Goes)
    return found.talk.prompt.key if found.talk.prompt else "end"


def test_prompts_come_in_their_order_and_conditions_count() -> None:
    assert key(said()) == "done"
    assert key(said("a")) == "stuck"
    assert key(said("a", "no")) == "loss"
    assert key(said("a", "yes")) == "what"
    assert key(said("a", "no", "0.5")) == "end"


def test_it_is_sent_at_the_end_alone_with_all_replies() -> None:
    found = said("slept", "no", "0.5", "send")
    assert isinstance(found, Sends)
    assert found.talk.replies == {"done": "slept", "stuck": "no", "loss": "0.5"}
    early = said("slept", "no", "send")
    assert isinstance(early, Goes)
    assert "number" in early.remark


def test_back_skip_keep_and_stop() -> None:
    assert key(said("a", "no", "back")) == "stuck"
    assert key(said("back")) == "done"
    assert key(said("a", "no", "`skip`")) == "end"
    needed = said("skip")
    assert key(needed) == "done"
    assert isinstance(needed, Goes)
    assert needed.remark
    kept = said("keep", replies={"done": "as planned"})
    assert isinstance(kept, Goes)
    assert kept.talk.replies["done"] == "as planned"
    assert key(said("keep")) == "stuck", "a reply where there is nothing to keep"
    assert isinstance(said("a", "Stop."), Ends)
    assert key(said("a", "no", "skip", "back")) == "loss"


def test_a_reply_that_is_none_is_asked_for_again() -> None:
    found = said("a", "perhaps")
    assert key(found) == "stuck"
    assert isinstance(found, Goes)
    assert "yes or no" in found.remark


def test_who_may_find_it_is_changed_at_the_end() -> None:
    found = said("a", "no", "skip", "everyone")
    assert key(found) == "end"
    assert isinstance(found, Goes)
    assert found.talk.consent is Consent.EVERYONE


def test_going_back_and_saying_otherwise_asks_what_was_not_asked() -> None:
    found = said("a", "no", "skip", "back", "back", "yes")
    assert key(found) == "what"
    missing = said("a", "yes", "gpus", "back", "back", "no", "skip", "send")
    assert isinstance(missing, Sends)
    assert judged(DAILY, missing.talk.replies).replies.keys() == {"done", "stuck"}


def test_what_was_kept_and_fits_no_more_is_asked_for_before_anything_is_sent() -> None:
    found = said("keep", "keep", "skip", "send", replies={"done": "a", "stuck": "perhaps"})
    assert key(found) == "stuck"
    assert isinstance(found, Goes)
    assert "yes or no" in found.remark


def test_what_was_there_is_shown_with_how_to_keep_it() -> None:
    assert "as planned" in question(begin(DAILY, {"done": "as planned"}, Consent.TEAM))
    assert "1. Yes" in question(Talk(DAILY, {}, Consent.TEAM, 1))


def test_links_are_kept_as_their_address() -> None:
    assert in_replies("see <https://a.example/?x=1&amp;y=2|a.example>") == "see https://a.example/?x=1&y=2"


_TEXTS = st.sampled_from(["a", "yes", "no", "0.5", "skip", "back", "keep", "send", "team", "", "x" * 4000])


@given(st.lists(_TEXTS, max_size=25))
def test_whatever_is_said_only_whole_entries_are_sent(texts: list[str]) -> None:
    next_: Next = Goes(begin(DAILY, {}, Consent.TEAM))
    for text in texts:
        if not isinstance(next_, Goes):
            break
        next_ = go_on(next_.talk, text)
    if isinstance(next_, Sends):
        assert judged(DAILY, next_.talk.replies).problems == {}
    elif isinstance(next_, Goes) and next_.talk.prompt is not None:
        assert question(next_.talk)
