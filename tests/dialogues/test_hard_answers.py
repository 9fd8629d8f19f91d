"""Answers that no reasonable document gives still reach people, in portions that Slack takes."""

from dataclasses import replace

from knowledge.documents import Answer, Citation, NoAnswer, Outcome, Searched, Sentence
from tests.dialogues.lore import Lore, words

LINE = "The 👩‍👩‍👧‍👦 family של words & <!channel> <@U00000000> https://evil.example go on. "
FENCE = "```python\n" + "print('x' * 80)  # more\n" * 100 + "```"


def citation(n: int, url: str | None) -> Citation:
    return Citation(
        n=n,
        document_id="wiki/checkpoints.md",
        source="wiki",
        path="checkpoints.md",
        title=f"<!channel> Checkpoints {n}",
        section="Retention",
        quote=LINE,
        start=0,
        end=10,
        audience_key="everyone",
        url=url,
        owner="<!here>",
    )


def hostile(question: str) -> Outcome:
    cited = tuple(
        citation(n, "https://evil.example/" + "x" * 10_000 if n % 2 else None) for n in range(1, 301)
    )
    sentences = (Sentence(LINE * 300, (1, 2)), Sentence(FENCE, (3,)), Sentence(LINE * 200, (300,)))
    return Answer(question, sentences, cited, (), Searched(1, 1, ("wiki",)), 1, "extractive", (LINE,))


def test_sp24_a_huge_hostile_answer_is_taken_by_slack_and_pings_nobody(lore: Lore) -> None:
    lore.answers.instead = hostile
    ts = lore.mention("ben", "#general", "how many checkpoints are kept?")
    said = lore.replies("#general", ts, count=12)
    assert all(call.ok for call in lore.slack.ledger.calls_of("chat.postMessage"))
    everything = "\n".join(words(message) for message in said)
    assert everything.count("family של words & <!channel> <@U00000000>") >= 490  # the rest is cut in two
    assert everything.count("print('x' * 80)") == 100
    assert "left out" in words(said[-1])
    for message in said:
        assert "<!" not in str(message["text"])
        assert not any(
            kind in str(message["blocks"]) for kind in ("broadcast", "'user'", "usergroup", "'link'")
        )


def test_a_huge_private_answer_fits_what_a_response_url_allows(lore: Lore) -> None:
    lore.answers.instead = hostile
    lore.slack.slash("ben", "#general", "/ask", "how many checkpoints are kept?")
    lore.private_reply("ben", "#general", count=5)
    first = lore.slack.ephemerals("ben", "#general")[0]
    assert words(first).startswith("The 👩‍👩‍👧‍👦 family")


def test_po02_markup_in_a_question_comes_back_literally(lore: Lore) -> None:
    def nothing(question: str) -> Outcome:
        return NoAnswer(question, f"Nothing mentions “{question}”.", (), (), Searched(1, 1, ("wiki",)), 1)

    lore.answers.instead = nothing
    ts = lore.mention("ben", "#general", "who is *bold* & 1 < 2, @channel or <@U0000NOONE>?")
    [message] = lore.replies("#general", ts)
    assert "who is *bold* & 1 < 2, @channel or @U0000NOONE?" in words(message)
    assert "*bold* &amp; 1 &lt; 2, @channel" in message["text"]


def test_a_message_that_slack_refuses_is_replaced_by_word_of_it(lore: Lore) -> None:
    lore.slack.faults.error("chat.postMessage", "msg_blocks_too_long", times=1)
    ts = lore.mention("ben", "#general", "how long did the restore drill take for the 7B run?")
    assert "Slack did not take it" in lore.reply("#general", ts)


def test_an_answer_to_ask_that_cannot_be_delivered_is_told_of_in_a_direct_message(lore: Lore) -> None:
    lore.slack.faults.status("response_url", 404)
    lore.slack.slash("ben", "#general", "/ask", "how long did the restore drill take for the 7B run?")
    said = lore.reply(lore.slack.dm("ben"), None)
    assert "Slack did not take it" in said
    assert "41 minutes" not in said


def test_the_late_check_alone_catches_a_broken_filter(lore: Lore) -> None:
    def leak(question: str) -> Outcome:
        secret = replace(citation(1, None), document_id="secrets/salaries.md", quote="640000 euros")
        sentences = (Sentence("The budget is 640000 euros.", (1,)),)
        return Answer(question, sentences, (secret,), (), Searched(1, 1, ("wiki",)), 1, "extractive")

    lore.answers.instead = leak
    ts = lore.mention("ben", "#general", "how much is the budget?")
    said = lore.reply("#general", ts)
    assert "640000" not in said
    assert "direct message" in said
    assert len(lore.slack.said_by_app("#general", ts)) == 1
