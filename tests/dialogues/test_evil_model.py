"""A chat model that does whatever documents say: nothing leaks, pings or links, or is said unchecked."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.wiring import Knowledge, now
from bot.workspace import Workspace
from ingest.redaction import hide
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.answering import Answerer
from knowledge.citing import supported_claims
from knowledge.ports import Drafted
from prompts.words import template
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.knowledge.making import passage
from tests.providers.server import Reply, Says, provider, reply_of, says

DRILL = "how long did the restore drill take for the 7B run?"
TRUE = "The last restore drill was on 12 May 2026 and took 41 minutes for the 7B run."
PROMPTS = Prompts(template("answer"), template("translate_question"))


@contextmanager
def obeying(
    slack: Workspace, knowledge: Knowledge, choose: Callable[[dict[str, Any]], Reply]
) -> Iterator[Lore]:
    """Lore, with a chat model that answers what `choose` makes of each request."""
    with provider(choose=choose) as served, at_work(slack, knowledge) as lore:
        model = open_chat_model("openai:evil", PROMPTS, api_key="sk-of-ours", base_url=served.url)
        answerer = Answerer(
            knowledge.generations.current, knowledge.store, knowledge.embedder, now, model, hide=hide
        )
        lore.answers.instead = lambda question: answerer.answer(question, frozenset({"everyone"}))
        yield lore


def everything_said(slack: Workspace, channel: str, ts: str) -> str:
    return json.dumps(slack.said_by_app(channel, ts), ensure_ascii=False)


def dumps_its_prompt(request: dict[str, Any]) -> Reply:
    told = "\n".join(str(message["content"]) for message in request["messages"])
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return says(reply_of([(line[:500], [1, 2, 3]) for line in lines[:40]], [""] * 40))


EVIL: dict[str, Callable[[dict[str, Any]], Reply]] = {
    "dumps its prompt": dumps_its_prompt,
    "pings everybody": lambda _: says(
        reply_of(
            [(f"<!channel> <!here> <@U0AAAAAAAAA> <!subteam^S1> {TRUE}", [1]), (f"@channel {TRUE}", [1])]
        )
    ),
    "links": lambda _: says(
        reply_of(
            [
                (f"{TRUE} See https://evil.example/?q=41", [1]),
                (f"<https://evil.example|{TRUE}>", [1]),
                (f"[{TRUE}](https://evil.example)", [1]),
                (f"![41 minutes](https://evil.example/p.png) {TRUE}", [1]),
            ]
        )
    ),
    "links in a translation": lambda _: says(
        reply_of([(TRUE, [1])], ["La restauration a pris 41 minutes https://evil.example <!channel>"])
    ),
    "wrong numbers": lambda _: says(reply_of([(TRUE.replace("41", "14"), [1])])),
    "wrong sources": lambda _: says(reply_of([(TRUE, [99, 0, -1, 10**12])])),
    "nothing": lambda _: Says(()),
    "no sentence": lambda _: says(reply_of([])),
    "ten megabytes": lambda _: Says(('{"sentences": [{"text": "', "x" * 5000), endless=True),
    "ten thousand links": lambda _: says(
        reply_of([(f"https://evil.example/{n}", [1]) for n in range(90)], [""] * 90), size=4000
    ),
    "deeply nested": lambda _: says('{"sentences":' + "[" * 20_000, size=4000),
    "control characters": lambda _: says(
        reply_of([(TRUE.replace(" ", " \u202e\u200b\x1b[31m", 1), [1])]), size=4000
    ),
}


@pytest.mark.parametrize("kind", EVIL)
def test_po09_whatever_an_evil_model_writes_nothing_leaks_pings_or_links(
    slack: Workspace, knowledge: Knowledge, kind: str
) -> None:
    with obeying(slack, knowledge, EVIL[kind]) as lore:
        ts = lore.mention("ana", "#general", DRILL)
        lore.reply("#general", ts)
        said = everything_said(slack, "#general", ts)
    for never in (
        "evil.example",
        "<!",
        "14 minutes",
        "sk-of-ours",
        "memory of an AI team",
        "\u202e",
        "\\u001b",
    ):
        assert never not in said, never
    assert '"type": "image"' not in said
    assert '"type": "user"' not in said
    assert '"type": "broadcast"' not in said
    assert len(said) < 60_000


def test_po07_only_sentences_with_a_supporting_span_are_said(slack: Workspace, knowledge: Knowledge) -> None:
    invented = "The restore drill is run by Mallory every Friday."
    with obeying(slack, knowledge, lambda _: says(reply_of([(invented, [1]), (TRUE, [1])]))) as lore:
        said = lore.reply("#general", lore.mention("ana", "#general", DRILL))
    assert "41 minutes" in said
    assert "Mallory" not in said


def test_po08_a_secret_that_was_missed_is_blocked_at_the_output() -> None:
    """Nobody gets to see it: neither the model, nor whoever reads the answer or opens the passage."""
    key = "sk-ant-" + "aB3dE6gH9k" * 3
    text = f"The restore drill needs the key {key} in the vault.\n\npassword: hunter2-Zebra!99 is old."
    shown = passage(text, title="Drill").seen_through(hide)
    assert key not in shown.chunk.text
    assert len(shown.chunk.text) == len(text)
    for drafted in (f"The restore drill needs the key {key} in the vault.", f"The key is {key}."):
        assert supported_claims([Drafted(drafted, (1,))], [shown]) == ()


@settings(max_examples=200)
@given(
    st.text(max_size=300), st.sampled_from(["ghp_" + "a1B2" * 9, "AKIAIOSFODNN7EXAMPLE", "hf_" + "aB3d" * 8])
)
def test_po08_hiding_keeps_every_offset(around: str, secret: str) -> None:
    text = f"{around} {secret} {around}"
    hidden = hide(text)
    assert len(hidden) == len(text)
    assert secret not in hidden
    assert hide(hidden) == hidden


def test_po08_a_secret_in_a_chunk_reaches_neither_the_model_nor_slack(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    key = "ghp_" + "a1B2" * 9
    told: list[str] = []

    def repeat(request: dict[str, Any]) -> Reply:
        told.append(json.dumps(request))
        return says(reply_of([(f"The restore key is {key}.", [1, 2])]))

    page = own_knowledge.settings.sources[0].path / "keys.md"
    page.write_text("---\ntitle: Restore keys\n---\n# Restore keys\n\nThe restore key is @@KEY@@.\n")
    own_knowledge.syncer.sync(own_knowledge.settings.sources)
    with own_knowledge.database.writing() as connection:  # as if a rule had missed it when it was read
        connection.execute(text("UPDATE revisions SET text = replace(text, '@@KEY@@', :key)"), {"key": key})
    with obeying(slack, own_knowledge, repeat) as lore:
        ts = lore.mention("ana", "#general", "what is the restore key?")
        lore.reply("#general", ts)
        assert key not in everything_said(slack, "#general", ts)
    assert told
    assert all(key not in each for each in told)


def test_sp22_what_was_said_before_a_cut_is_marked_as_incomplete(
    slack: Workspace, knowledge: Knowledge
) -> None:
    cut = says(reply_of([(TRUE, [1]), ("Older checkpoints are deleted each night.", [1, 2])]), size=8)
    broken = Says(cut.pieces, cut_after=len(cut.pieces) - 8)
    with obeying(slack, knowledge, lambda _: broken) as lore:
        said = lore.replies("#general", lore.mention("ana", "#general", DRILL))
    assert "41 minutes" in words(said[-1])
    assert "did not finish" in words(said[-1])
    assert "Older" not in words(said[-1])
