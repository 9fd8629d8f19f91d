"""Topics: proposed, voted for, merged and withdrawn; found in what nobody could answer."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.blocks import topics as blocks
from bot.journal import proposals, series, topic_experts, volunteers
from bot.journal.proposals import CHOSEN, MERGED, OPEN, Proposal
from bot.journal.series import Series
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.series import LEARNING, SeriesSettings
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import FakeClock

MONDAY = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)


HOSTILE = "<!channel> <@U1> <https://evil.example|our wiki> *x* <!here>"


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    clock.move(MONDAY)
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


def lunch(lore: Lore, channel: str = "#general", name: str = "Lunch and learn") -> Series:
    """A series that Ana looks after, whose first date is far off."""
    settings = SeriesSettings(rule="weekdays", since=date(2027, 1, 4), zone="Europe/London")
    owner = lore.slack.person("ana").id
    one = Series(LEARNING, name, lore.slack.channel(channel).id, settings, owner=owner)
    with lore.knowledge.database.writing() as connection:
        series.put(connection, one, lore.slack.team.clock())
    return one


def top(lore: Lore, person: str, having: str) -> dict[str, Any]:
    """The modal on top, once these words stand in it."""

    def look() -> dict[str, Any] | None:
        views = lore.slack.views_open(person)
        return views[-1] if views and having in str(views[-1]) else None

    return lore.slack.wait_for(look) or {}


def propose(lore: Lore, person: str, title: str, channel: str = "#general", **values: Any) -> None:
    assert lore.slack.slash(person, channel, "/learn", f"propose {title}").ok
    view = top(lore, person, "What you would like to know")
    assert title in str(view)
    assert lore.slack.submit_view(person, view["id"], values).ok
    lore.settle()


def card(lore: Lore, title: str, channel: str = "#general") -> dict[str, Any]:
    """The newest message in a channel that shows a topic."""
    return [one for one in lore.slack.said_by_app(channel) if title in words(one)][-1]


def press(lore: Lore, person: str, title: str, action_id: str) -> str:
    """Press something on a card; what is said to the presser alone."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.click(person, "#general", card(lore, title)["ts"], action_id).ok
    lore.settle()  # the card, too
    return words(lore.private_reply(person, "#general", before + 1))


def listed(lore: Lore, person: str, channel: str = "#general") -> dict[str, Any]:
    before = len(lore.slack.ephemerals(person, channel))
    assert lore.slack.slash(person, channel, "/learn", "topics").ok
    return lore.private_reply(person, channel, before + 1)


def press_in(lore: Lore, person: str, message: dict[str, Any], action_id: str, value: str = "") -> None:
    assert lore.slack.click(person, "#general", message["ts"], action_id, value or None).ok
    lore.settle()


def known(lore: Lore, one: Series, *states: str) -> list[Proposal]:
    with lore.knowledge.database.reading() as connection:
        return list(proposals.of_series(connection, one.id, *states))


def votes(lore: Lore, proposal: Proposal) -> int:
    with lore.knowledge.database.reading() as connection:
        return len(proposals.voters(connection, proposal.id))


def test_a_topic_is_proposed_voted_for_merged_and_withdrawn(lore: Lore) -> None:
    one = lunch(lore)
    propose(lore, "ben", "Checkpoint surgery", topic_why="How do I change one tensor?", topic_speaks=["yes"])
    shown = words(card(lore, "Checkpoint surgery"))
    assert "ben proposes a topic" in shown
    assert "How do I change one tensor?" in shown
    assert "1 vote" in shown
    assert "ben would speak about it" in shown

    # a vote is given, a double click gives no second one, and it is taken back
    assert "You have voted" in press(lore, "chloe", "Checkpoint surgery", blocks.VOTE)
    assert "2 votes" in words(card(lore, "Checkpoint surgery"))
    assert "taken back" in press(lore, "chloe", "Checkpoint surgery", blocks.VOTE)
    assert "1 vote ·" in words(card(lore, "Checkpoint surgery"))

    # the very same is a vote, what is near is offered
    propose(lore, "chloe", "checkpoint SURGERY!")
    [first] = known(lore, one)
    assert votes(lore, first) == 2
    assert "I have counted your vote" in words(lore.private_reply("chloe", "#general"))
    propose(lore, "chloe", "Checkpoint surgery tools")
    first, second = known(lore, one)
    offered = lore.private_reply("chloe", "#general")
    assert "may be about the same" in words(offered)
    press_in(lore, "chloe", offered, blocks.MERGE)
    assert [each.id for each in known(lore, one, MERGED)] == [second.id]
    assert votes(lore, first) == 2
    assert "now a part of another topic" in words(card(lore, "surgery tools"))
    undo = lore.private_reply("chloe", "#general")
    assert "counts once" in words(undo)
    press_in(lore, "chloe", undo, blocks.UNMERGE)
    assert [each.id for each in known(lore, one, OPEN)] == [first.id, second.id]

    # the list: one's own may be withdrawn, owners see what is near
    mine = listed(lore, "chloe")
    assert "2 votes, yours too" in words(mine)
    assert str(mine).count(blocks.WITHDRAW) == 1
    owners = listed(lore, "ana")
    assert str(owners).count(blocks.WITHDRAW) == 2
    assert "Make it one with “Checkpoint surgery”" in str(owners)
    press_in(lore, "chloe", mine, blocks.WITHDRAW, second.id)
    assert [each.id for each in known(lore, one, OPEN)] == [first.id]
    assert "it was withdrawn" in words(lore.slack.said_by_app("#general")[-1])


def test_t66_votes_after_closing_change_nothing_and_a_proposal_outlives_who_made_it(lore: Lore) -> None:
    one = lunch(lore)
    propose(lore, "ben", "Sharded checkpoints", topic_why=HOSTILE)
    assert "'link'" not in str(card(lore, "Sharded checkpoints")["blocks"])
    assert "<" not in card(lore, "Sharded checkpoints")["text"]
    said_before = lore.slack.say("chloe", "#pair", "Learning rate warm-up\nIs it needed at all?")
    assert lore.slack.shortcut("chloe", "#pair", said_before, "propose_topic").ok
    view = top(lore, "chloe", "What you would like to know")
    assert "Is it needed at all?" in str(view)
    assert "Everybody who can read #general will read this" in words(view)
    assert lore.slack.submit_view("chloe", view["id"], {}).ok
    lore.settle()
    lore.slack.deactivate("ben")
    lore.settle()
    with lore.knowledge.database.reading() as connection:
        ranked = proposals.ranked(connection, one.id, OPEN)
    assert [(each.title, count) for each, count in ranked] == [
        ("Sharded checkpoints", 1),
        ("Learning rate warm-up", 1),
    ]  # as many votes: the older one
    first = ranked[0][0]
    with lore.knowledge.database.writing() as connection:
        chosen = Proposal(one.id, first.title, first.why, first.proposer, CHOSEN, id=first.id)
        proposals.put(connection, chosen, lore.slack.team.clock())
    said = press(lore, "chloe", "Sharded checkpoints", blocks.VOTE)
    assert "There is nothing to vote on any more" in said
    assert votes(lore, first) == 1
    assert "chosen" in words(card(lore, "Sharded checkpoints"))
    assert blocks.VOTE not in str(card(lore, "Sharded checkpoints"))
    assert "Sharded checkpoints" in words(listed(lore, "chloe"))


EVICTION = (
    "how does KV cache eviction work in our server?",
    "when are entries evicted from the KV cache?",
    "can I change the eviction policy of the KV cache?",
)
BONUS = "who decides on the griffin budget for offices?"
SALARIES = "why is the secret phoenix bonus so small?"


def ask(lore: Lore, person: str, channel: str, text: str) -> None:
    ts = lore.mention(person, channel, text)
    lore.replies(channel, ts)
    lore.settle()


def in_dm(lore: Lore, person: str) -> dict[str, Any]:
    """The newest message in the direct message with somebody that asks whether they would speak."""
    said = lore.slack.said_by_app(lore.slack.dm(person))
    return next((one for one in reversed(said) if "Would you speak" in words(one)), {})


def press_in_dm(lore: Lore, person: str, action_id: str) -> None:
    assert lore.slack.click(person, lore.slack.dm(person), in_dm(lore, person)["ts"], action_id).ok
    lore.settle()


def test_what_nobody_could_answer_becomes_a_topic_and_experts_are_asked_alone(
    lore: Lore, clock: FakeClock
) -> None:
    one = lunch(lore)
    for name in ("dora", "eli", "finn"):
        lore.slack.add_person(name)
    for person, text in zip(("dora", "eli", "finn"), EVICTION, strict=True):
        lore.slack.invite(person, "#general")
        ask(lore, person, "#general", text)
    for person in ("ana", "ben", "chloe"):
        ask(lore, person, "#pair", BONUS)  # not all who read #general read this
        dm = lore.slack.dm(person)
        lore.replies(dm, lore.slack.say(person, dm, SALARIES))  # alone, in words that not all may know
    lore.settle()

    lore.at(clock, MONDAY + timedelta(minutes=15))
    [made] = known(lore, one)
    assert made.title in EVICTION
    assert (made.proposer, len(made.questions)) == ("", 3)
    said = card(lore, "KV cache")
    assert "3 people have asked me about this" in words(said)
    told = str(lore.slack.said_by_app("#general")) + str(lore.slack.ephemerals("dora", "#general"))
    assert "phoenix" not in told
    assert "griffin" not in told
    for person in ("dora", "eli", "finn"):
        assert lore.slack.person(person).id not in str(said["blocks"])
        assert person not in words(said)

    # the owner of what is nearest is asked, alone, and names somebody else
    lore.at(clock, MONDAY + timedelta(minutes=30))
    assert "I ask you first, and you alone" in words(in_dm(lore, "ana"))
    press_in_dm(lore, "ana", blocks.EXPERT_OTHER)
    view = top(lore, "ana", "Who may know?")
    assert lore.slack.submit_view("ana", view["id"], {blocks.PERSON: lore.slack.person("ben").id}).ok
    lore.settle()
    assert in_dm(lore, "ana") == {}
    lore.at(clock, MONDAY + timedelta(minutes=45))
    assert "ana thought of you" in words(in_dm(lore, "ben"))
    assert "would speak" not in words(card(lore, "KV cache"))
    press_in_dm(lore, "ben", blocks.EXPERT_YES)
    assert "ben would speak about it" in words(card(lore, "KV cache"))
    with lore.knowledge.database.reading() as connection:
        assert volunteers.of_proposal(connection, made.id) == [lore.slack.person("ben").id]

    # a week later nothing is new, so nothing is said
    count = len(lore.slack.said_by_app("#general"))
    lore.at(clock, MONDAY + 7 * DAY)
    assert known(lore, one) == [made]
    assert len(lore.slack.said_by_app("#general")) == count

    # it is chosen for a coming talk: what is asked then is counted to it, and not proposed again
    with lore.knowledge.database.writing() as connection:
        proposals.put(connection, replace(made, state=CHOSEN), lore.slack.team.clock())
    for person, text in zip(("dora", "eli", "finn"), EVICTION, strict=True):
        ask(lore, person, "#general", f"{text} (I ask again)")
    count = len(lore.slack.said_by_app("#general"))
    lore.at(clock, MONDAY + 14 * DAY)
    [chosen] = known(lore, one)
    assert (chosen.state, len(chosen.questions)) == (CHOSEN, 6)
    assert len(lore.slack.said_by_app("#general")) == count


def test_who_says_nothing_for_two_working_days_is_passed_over(lore: Lore, clock: FakeClock) -> None:
    one = lunch(lore)
    propose(lore, "chloe", "Restore drills for checkpoints of every run")
    press(lore, "ben", "Restore drills", blocks.VOTE)
    lore.at(clock, MONDAY + timedelta(minutes=5))
    assert "chloe proposes a topic" in words(in_dm(lore, "ana"))
    [made] = known(lore, one)

    def asked() -> list[str]:
        with lore.knowledge.database.reading() as connection:
            return [each.state for each in topic_experts.of_proposal(connection, made.id)]

    lore.at(clock, MONDAY + 1 * DAY)
    assert asked() == ["asked"]
    lore.at(clock, MONDAY + 2 * DAY + timedelta(hours=1))
    assert asked() == ["silent"]
    press_in_dm(lore, "ana", blocks.EXPERT_NO)
    assert "That is all right" in words(lore.slack.said_by_app(lore.slack.dm("ana"))[-1])


def test_who_cannot_read_the_channel_any_more_is_not_asked_about_its_topics(
    lore: Lore, clock: FakeClock
) -> None:
    one, slack = lunch(lore), lore.slack
    propose(lore, "chloe", "Restore drills for checkpoints of every run")
    press(lore, "ben", "Restore drills", blocks.VOTE)
    with lore.knowledge.database.reading() as connection:
        [made] = known(lore, one)
        [asked] = topic_experts.of_proposal(connection, made.id)
    assert asked.person == slack.person("ana").id
    slack.make_private("#general")
    slack.kick("ana", "#general")
    lore.at(clock, MONDAY + timedelta(minutes=5))
    assert "Restore drills" not in str(slack.said_by_app(slack.dm("ana")))
