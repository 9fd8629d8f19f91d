"""A chat model's sentences are shown as its provider streams them: the real client, a local provider."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot.streaming import Rhythm
from bot.wiring import Knowledge, now
from bot.workspace import Workspace
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.answering import Answerer
from knowledge.writing import INCOMPLETE
from prompts.words import template
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.streamed import cards, ended, growing
from tests.providers.server import Reply, Says, provider, reply_of, says

DRILL = "how long did the restore drill take for the 7B run?"
FIRST = "The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run."
SECOND = "The restore drill for the 13B run took 93 minutes."
INVENTED = "The restore drill for the 70B run took 500 minutes."
WRITTEN = reply_of([(FIRST, [1]), (INVENTED, [1]), (SECOND, [1])])


@contextmanager
def written_by(reply: Reply, slack: Workspace, knowledge: Knowledge) -> Iterator[Lore]:
    with provider(reply) as served:
        model = open_chat_model(
            "openai:some-model",
            Prompts(template("answer"), template("translate_question")),
            api_key="not-a-key",
            base_url=served.url,
            deadline_s=15.0,
        )
        answerer = Answerer(knowledge.generations.current, knowledge.store, knowledge.embedder, now, model)
        with at_work(slack, knowledge, stream=Rhythm(every_s=0.0, opening_s=1.0)) as lore:
            lore.answers.telling = lambda hear: answerer.answer(DRILL, frozenset({"everyone"}), hear=hear)
            yield lore


@pytest.fixture
def shown(slack: Workspace) -> list[str]:
    """What each state of a streamed message said, as people saw them."""
    seen: list[str] = []

    def look(change: object) -> None:
        if getattr(change, "kind", "") == "stream_changed":
            seen.append(words(change.data["message"]))  # type: ignore[attr-defined]

    slack.team.subscribers.append(look)
    return seen


def test_a_slow_models_sentences_are_shown_one_by_one_and_only_the_checked_ones(
    slack: Workspace, knowledge: Knowledge, shown: list[str]
) -> None:
    slow = says(WRITTEN, size=8, pause_s=0.03)
    with written_by(slow, slack, knowledge) as lore:
        ts = lore.mention("ana", "#general", DRILL)
        early = growing(lore, ts, FIRST)
        assert SECOND not in words(early)
        assert [card["status"] for card in cards(early)] == ["complete", "complete", "in_progress"]
        [final] = ended(lore, ts)
    assert FIRST in words(final)
    assert SECOND in words(final)
    assert "1. Checkpoints › Restore drill" in words(final)
    assert not any("500 minutes" in text for text in [*shown, words(final)])
    halves = [text for text in shown if "The last restore" in text and FIRST not in text]
    assert halves == [], "sentences are shown whole"


def test_sp22_a_model_that_is_cut_off_leaves_whole_sentences_and_says_that_there_may_be_more(
    slack: Workspace, knowledge: Knowledge, shown: list[str]
) -> None:
    whole = says(WRITTEN, size=8, pause_s=0.01)
    cut = Says(whole.pieces, cut_after=len(whole.pieces) * 3 // 4, pause_s=0.01)
    with written_by(cut, slack, knowledge) as lore:
        ts = lore.mention("ana", "#general", DRILL)
        [final] = ended(lore, ts)
    assert FIRST in words(final)
    assert INCOMPLETE in words(final)
    assert "The restore drill for the 13B" not in words(final).partition("1. Checkpoints")[0]
    assert cards(final) == []
