"""Before and after a talk: a brief with its sources, notes, a recap that is found, and those who asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks import recaps as blocks
from bot.journal import recaps
from bot.journal.tables import questions
from bot.journal.talks import HELD
from bot.wiring import Knowledge
from bot.workspace import Workspace
from tests.dialogues.conftest import Lore, at_work, words
from tests.dialogues.held_talks import about, announcement, change, count_in_dm, in_dm, move
from tests.dialogues.talks import announced
from tests.fakes import FakeClock

NOON = datetime(2026, 3, 20, 11, 30, tzinfo=UTC)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
EVICTED = "how are entries of the attention cache evicted?"
PRIVATELY = "which entries of the attention cache are evicted first, secretly?"
NOTES = """Entries of the attention cache are evicted when 90 percent of the cache is full.
- The oldest entries of the attention cache are evicted first.
<!channel> look at <https://evil.example|our wiki>"""


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def asked(lore: Lore, text: str) -> str:
    """The id of a question as it was asked."""

    def look() -> str | None:
        with lore.knowledge.database.reading() as connection:
            return connection.execute(select(questions.c.id).where(questions.c.text == text)).scalar()

    return lore.slack.wait_for(look) or ""


def top(lore: Lore, person: str) -> dict[str, Any]:
    return lore.slack.wait_for(lambda: views[-1] if (views := lore.slack.views_open(person)) else None) or {}


def links(message: dict[str, Any]) -> list[str]:
    """The addresses that are linked in a message."""

    def found(thing: Any) -> Iterator[str]:
        if isinstance(thing, dict):
            yield from [thing["url"]] if thing.get("type") == "link" else []
            thing = list(thing.values())
        if isinstance(thing, list):
            for one in thing:
                yield from found(one)

    return list(found(message["blocks"]))


def under(lore: Lore, ts: str) -> str:
    """What Lore has said in a thread of #general."""
    return "\n\n".join(words(one) for one in lore.slack.said_by_app("#general", ts) if one["ts"] != ts)


def test_t63_from_what_nobody_could_answer_to_a_recap_that_does(lore: Lore, clock: FakeClock) -> None:
    public = lore.mention("chloe", "#general", EVICTED)
    lore.reply("#general", public)
    lore.slack.say("ben", lore.slack.dm("ben"), PRIVATELY)
    ids = [asked(lore, EVICTED), asked(lore, PRIVATELY)]
    talk = about(lore, announced(lore, "Checkpoints: retention and the cache", NOON), ids)
    start = clock()

    # The speaker has the brief a week before; the channel would two days before, but the talk is moved.
    lore.at(clock, NOON - WEEK)
    ts = announcement(lore, talk)
    brief = in_dm(lore, "ben", "You speak about it on Friday, 20 March")
    assert "keeps the last three checkpoints" in words(brief)
    talk = move(lore, talk, WEEK)
    lore.at(clock, NOON - 2 * DAY)
    assert "questions to discuss" not in under(lore, ts)
    lore.at(clock, NOON + WEEK - 2 * DAY)
    said = under(lore, ts)
    assert "On Friday, 27 March" in said
    assert "keeps the last three checkpoints" in said
    assert "wiki/checkpoints.md" in said
    assert EVICTED in said, "the team's own question is the first to discuss"
    assert "secretly" not in said, "what was asked privately is not shown"
    assert "640000" not in said
    assert count_in_dm(lore, "ben", "You speak about it") == 1

    # It is held; people talk in its thread; the speaker is asked for notes.
    lore.slack.say("chloe", "#general", "We saw entries of the attention cache evicted twice in run 7.", ts)
    lore.slack.say("ana", "#general", "thanks!", ts)
    change(lore, talk, state=HELD)
    lore.at(clock, NOON + WEEK + timedelta(hours=1, minutes=1))
    dm = lore.slack.dm("ben")
    asking = in_dm(lore, "ben", "Your notes, the recording and the slides keep it")
    assert lore.slack.click("ben", dm, asking["ts"], blocks.ADD).ok
    form = {blocks.NOTES: NOTES, blocks.RECORDING: "javascript:alert(1)"}
    refused = lore.slack.submit_view("ben", top(lore, "ben")["id"], form)
    assert "begins with https" in str(refused)
    form |= {blocks.RECORDING: "http://10.0.0.5/talk.mp4?a=<b>"}
    assert lore.slack.submit_view("ben", top(lore, "ben")["id"], form).ok
    lore.settle()
    draft = in_dm(lore, "ben", "The draft of the recap")
    assert "The oldest entries of the attention cache are evicted first." in words(draft)
    assert "chloe: We saw entries of the attention cache evicted twice in run 7." in words(draft)
    assert "thanks" not in words(draft)
    assert "Recap:" not in "".join(words(one) for one in lore.slack.said_by_app("#general"))

    # Edited and posted: nothing that was written is a ping or a link, but the address is one.
    assert lore.slack.click("ben", dm, draft["ts"], blocks.EDIT).ok
    view = top(lore, "ben")
    text = next(
        block["element"]["initial_value"] for block in view["blocks"] if block.get("block_id") == blocks.TEXT
    )
    assert lore.slack.submit_view("ben", view["id"], {blocks.TEXT: text + "\n- We try it in April."}).ok
    lore.settle()
    general = lore.slack.channel("#general").id
    [recap] = [one for one in lore.slack.said_by_app("#general") if "Recap: Checkpoints" in words(one)]
    assert "We try it in April." in words(recap)
    assert links(recap) == ["http://10.0.0.5/talk.mp4?a=%3Cb%3E"]
    assert "<!channel>" not in recap["text"]
    lore.at(clock, NOON + WEEK + timedelta(hours=1, minutes=2))

    # Who asked is told once, each in private, what they get now.
    lore.at(clock, NOON + WEEK + timedelta(hours=1, minutes=3))
    for person, question in (("chloe", EVICTED), ("ben", PRIVATELY)):
        told = in_dm(lore, person, "before “Checkpoints: retention and the cache” was held")
        assert question in words(told)
        assert "evicted" in words(told)
        assert links(told)[0].endswith(f"/archives/{general}/p{recap['ts'].replace('.', '')}")
    lore.at(clock, NOON + WEEK + timedelta(hours=2))
    assert count_in_dm(lore, "chloe", "was held. This is what you get now") == 1
    with lore.knowledge.database.reading() as connection:
        assert recaps.gaps_closed(connection, start.timestamp(), clock().timestamp()) == (2, 1)
    again = lore.mention("chloe", "#general", EVICTED)
    assert "The oldest entries of the attention cache are evicted first" in lore.reply("#general", again)

    # Withdrawn: gone from the channel and from what is answered.
    assert lore.slack.slash("ben", "#general", "/learn", "recap").ok
    listed = lore.private_reply("ben", "#general")
    assert "recap posted" in words(listed)
    assert lore.slack.click("ben", "#general", listed["ts"], blocks.WITHDRAW).ok
    lore.settle()
    assert not any("Recap: Checkpoints" in words(one) for one in lore.slack.said_by_app("#general"))
    after = lore.mention("chloe", "#general", EVICTED)
    assert "oldest entries" not in lore.reply("#general", after)
