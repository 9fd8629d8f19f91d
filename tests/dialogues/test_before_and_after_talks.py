"""Before and after a talk: a brief with its sources, notes, a recap that is found, and those who asked."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.blocks import recaps as blocks
from bot.inbox import Received
from bot.journal import counting, recaps
from bot.journal.tables import questions
from bot.journal.talks import HELD
from bot.kinds import RECAP_STEP
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.allowance import Allowance
from knowledge.ports import Noted
from prompts.series import READING
from tests.dialogues.held_talks import about, announcement, change, count_in_dm, in_dm, move
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.talks import announced
from tests.fakes import FakeClock

NOON = datetime(2026, 3, 20, 11, 30, tzinfo=UTC)
WEEK, DAY = timedelta(days=7), timedelta(days=1)
EVICTED = "how are entries of the attention cache evicted?"
PRIVATELY = "what was said of stale shards and the cache of a step?"
NOTES = """Entries of the attention cache are evicted when 90 percent of the cache is full.
- The oldest entries of the attention cache are evicted first.
- Stale shards live 40 minutes, and a step takes < 5 ms and > 2 ms.
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


def given(lore: Lore, person: str, notes: str) -> dict[str, Any]:
    """The draft that comes of somebody's notes."""
    dm = lore.slack.dm(person)
    asking = in_dm(lore, person, "the recording and the slides keep it")
    assert lore.slack.click(person, dm, asking["ts"], blocks.ADD).ok
    assert lore.slack.submit_view(person, top(lore, person)["id"], {blocks.NOTES: notes}).ok
    lore.settle()
    return in_dm(lore, person, "The draft of the recap")


def asked_alone(lore: Lore, person: str, question: str) -> str:
    """What somebody is answered in a direct message."""
    dm = lore.slack.dm(person)
    said = lore.reply(dm, lore.slack.say(person, dm, question))
    lore.settle()
    return said


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

    # The speaker has the brief a week before; the channel would two days before, but the talk is moved.
    lore.at(clock, NOON - 8 * DAY)
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
    assert "stale shards" not in said, "what was asked privately is not shown"
    assert "640000" not in said
    assert count_in_dm(lore, "ben", "You speak about it") == 1

    # It is held; people talk in its thread; the speaker is asked for notes.
    lore.slack.say("chloe", "#general", "We saw entries of the attention cache evicted twice in run 7.", ts)
    lore.slack.say("chloe", "#general", "thanks!", ts)
    assert lore.slack.slash("ana", "#general", "/lore", "threads off").ok
    lore.slack.say("ana", "#general", "In run 9 the attention cache was evicted by Zed.", ts)
    lore.at(clock, NOON + WEEK + timedelta(minutes=50))
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
    assert "Zed" not in words(draft), "she does not want her words kept"
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
    for person, question, answer in (
        ("chloe", EVICTED, "evicted first"),
        ("ben", PRIVATELY, "< 5 ms and > 2 ms"),
    ):
        told = in_dm(lore, person, "before “Checkpoints: retention and the cache” was held")
        assert question in words(told)
        assert answer in words(told)
        assert links(told)[0].endswith(f"/archives/{general}/p{recap['ts'].replace('.', '')}")
    lore.at(clock, NOON + WEEK + timedelta(hours=2))
    assert count_in_dm(lore, "chloe", "was held. This is what you get now") == 1
    with lore.knowledge.database.reading() as connection:
        assert counting.closed_by_talks(connection, 0.0, clock().timestamp()).keys() == {*ids}
    again = lore.mention("chloe", "#general", EVICTED)
    assert "The oldest entries of the attention cache are evicted first" in lore.reply("#general", again)

    # Two edit it at once: the later one sees what the other has written, and loses nothing.
    forms = {}
    for person in ("ben", "ana"):
        before = len(lore.slack.ephemerals(person, "#general"))
        assert lore.slack.slash(person, "#general", "/learn", "recap").ok
        listed = lore.private_reply(person, "#general", before + 1)
        assert lore.slack.click(person, "#general", listed["ts"], blocks.EDIT).ok
        forms[person] = top(lore, person)["id"]
    text += "\n- We try it in April."
    assert lore.slack.submit_view("ana", forms["ana"], {blocks.TEXT: f"{text}\n- Ana sees to it."}).ok
    lore.settle()
    mine = f"{text}\n- Ben sees to it."
    assert lore.slack.submit_view("ben", forms["ben"], {blocks.TEXT: mine}).ok
    lore.settle()
    shown = top(lore, "ben")
    assert "ana has changed the recap" in str(shown)
    assert "Ana sees to it." in str(shown)
    assert "Ben sees to it." in str(shown["blocks"][-1])

    def stands() -> str:
        return words(next(one for one in lore.slack.said_by_app("#general") if one["ts"] == recap["ts"]))

    assert "Ana sees to it." in stands()
    both = f"{text}\n- Ana and Ben see to it."
    assert lore.slack.submit_view("ben", shown["id"], {blocks.TEXT: both}).ok
    lore.at(clock, NOON + WEEK + timedelta(hours=2, minutes=1))
    assert "Ana and Ben see to it." in stands()

    # Its channel becomes private: what was for everyone is for its members.
    lore.slack.make_private("#general")
    lore.slack.wait_for(lambda: all(one.acked for one in lore.slack.ledger.events()))
    assert "oldest entries" not in lore.reply("#small", lore.mention("ben", "#small", EVICTED))
    lore.slack.make_private("#general", private=False)

    # Withdrawn: gone from the channel and from what is answered.
    before = len(lore.slack.ephemerals("ben", "#general"))
    assert lore.slack.slash("ben", "#general", "/learn", "recap").ok
    listed = lore.private_reply("ben", "#general", before + 1)
    assert "recap posted" in words(listed)
    assert lore.slack.click("ben", "#general", listed["ts"], blocks.WITHDRAW).ok
    lore.settle()
    assert not any("Recap: Checkpoints" in words(one) for one in lore.slack.said_by_app("#general"))
    after = lore.mention("chloe", "#general", EVICTED)
    assert "oldest entries" not in lore.reply("#general", after)


class Model:
    """A model that writes what it is told to, and remembers what it was shown."""

    name = "a model"

    def __init__(self, *noted: Noted) -> None:
        self.drafted = noted
        self.shown: list[str] = []

    def noted(self, entries: Sequence[str], _allowance: Allowance) -> tuple[Noted, ...]:
        self.shown += entries
        return self.drafted


def test_notes_of_a_reading_group_are_for_those_who_read_its_channel(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    model = Model(
        Noted("The gate costs 12 percent of a step.", (1,)),
        Noted("The gate costs 3 percent of a step.", (1,)),
        Noted("Everybody will use the gate.", (1, 2)),
        Noted("See https://evil.example for the gate.", (2,)),
    )
    with at_work(slack, knowledge, clock=clock, recapper=model) as lore:
        paper = {
            "link": "https://arxiv.org/abs/2401.00001",
            "authors": ["Y. <!here> Wu"],
            "abstract": "We gate.",
        }
        title = "The hiring budget of the platform team <!channel>\r\nX: y"
        made = announced(lore, title, NOON, channel="#leads", speaker="chloe", kind=READING)
        answered_since = "how many checkpoints does the trainer keep of every run?"
        lore.mention("chloe", "#general", answered_since)
        talk = about(lore, made, [asked(lore, answered_since)], paper)
        with lore.knowledge.database.writing() as connection:
            connection.execute(update(questions).values(outcome={"outcome": "no_answer"}))

        # Who speaks and is not in the channel has what both may read; the channel has what its readers may.
        lore.at(clock, NOON - WEEK)
        assert "640000" not in words(in_dm(lore, "chloe", "You speak about it"))
        lore.at(clock, NOON - 2 * DAY)
        ts = announcement(lore, talk)
        [brief] = [one for one in lore.slack.said_by_app("#leads", ts) if "to discuss" in words(one)]
        assert "640000 euros" in words(brief)
        assert "What does it claim" in words(brief)
        assert links(brief)[0] == "https://arxiv.org/abs/2401.00001"
        assert "<!" not in brief["text"]

        # Of what a model wrote only what the notes say stays; the thread is for those who read it.
        lore.slack.say("ana", "#leads", "The gate of the leads is a secret gate.", ts)
        change(lore, talk, state=HELD)
        lore.at(clock, NOON + timedelta(hours=1, minutes=1))
        notes = "The gate costs 12 percent of a step.\nWe want to know what it costs at 7B."
        draft = given(lore, "chloe", notes)
        assert "A language model wrote it" in words(draft)
        assert "The gate costs 12 percent of a step." in words(draft)
        assert "3 percent of" not in words(draft).replace("12 percent of", "")
        assert "Everybody" not in words(draft)
        assert "evil" not in words(draft)
        assert "secret gate" not in "".join(model.shown)
        assert slack.click("chloe", slack.dm("chloe"), draft["ts"], blocks.POST).ok
        lore.settle()
        [recap] = [one for one in slack.said_by_app("#leads") if "Recap: The hiring" in words(one)]
        assert links(recap) == ["https://arxiv.org/abs/2401.00001"]
        assert "<!" not in recap["text"]
        lore.at(clock, NOON + timedelta(hours=1, minutes=3))
        lore.at(clock, NOON + timedelta(hours=1, minutes=4))
        assert count_in_dm(lore, "chloe", "You asked before") == 0, "of a talk that she may not know of"

        # It is found in the channel and by its members, by nobody else, whoever spoke.
        cost = "what does the gate cost of a step?"
        for person in ("ana", "ben"):
            assert "12 percent" in asked_alone(lore, person, cost)
        assert "12 percent" not in asked_alone(lore, "chloe", cost)
        assert "12 percent" not in lore.reply("#general", lore.mention("ana", "#general", cost))

        # Others may neither write nor withdraw it; who looks after the series finds it in the list.
        forged = {"subject": talk.id, "step": "withdraw"}
        ben, leads = slack.person("ben").id, slack.channel("#leads").id
        lore.bot.delivery.inbox.receive(
            Received(
                RECAP_STEP, frozenset({"forged"}), "", leads, ben, "", conversation="forged", payload=forged
            )
        )
        assert "write the recap" in words(lore.private_reply("ben", "#leads"))
        assert slack.slash("ana", "#leads", "/reading", "recap").ok
        listed = lore.private_reply("ana", "#leads")
        assert slack.click("ana", "#leads", listed["ts"], blocks.EDIT).ok
        assert slack.submit_view(
            "ana", top(lore, "ana")["id"], {blocks.TEXT: "- The gate costs 13 percent of a step."}
        ).ok
        lore.at(clock, NOON + timedelta(hours=1, minutes=5))
        assert "13 percent" in words(
            next(one for one in slack.said_by_app("#leads") if one["ts"] == recap["ts"])
        )
        # Notes that others have had a hand in are shown to nobody who does not read the channel.
        asking, dm = in_dm(lore, "chloe", "the recording and the slides keep it"), slack.dm("chloe")
        assert slack.click("chloe", dm, asking["ts"], blocks.ADD).ok
        form = top(lore, "chloe")
        assert "12 percent" not in str(form)
        assert slack.submit_view("chloe", form["id"], {blocks.SLIDES: "https://slides.example/1"}).ok
        lore.settle()
        with lore.knowledge.database.reading() as connection:
            kept = recaps.of_talk(connection, talk.id)
        assert kept is not None
        assert (kept.notes, kept.slides) == (notes, "https://slides.example/1"), "what she leaves empty stays"
        said = asked_alone(lore, "ben", cost)
        assert "13 percent" in said
        assert "12 percent" not in said
        with lore.knowledge.database.writing() as connection:
            connection.execute(update(recaps.recaps).values(state=recaps.WITHDRAWN))
        assert "13 percent" not in asked_alone(lore, "ben", cost), "hidden at once, whatever the index holds"
        with lore.knowledge.database.writing() as connection:
            recaps.index_next(connection, clock().timestamp())
        lore.settle()
