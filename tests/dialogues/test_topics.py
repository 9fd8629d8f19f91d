"""Topics: proposed, voted for, merged and withdrawn; found in what nobody could answer."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.blocks import topics as blocks
from bot.journal import proposals, series
from bot.journal.proposals import CHOSEN, MERGED, OPEN, Proposal
from bot.journal.series import Series
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.series import LEARNING, SeriesSettings
from tests.dialogues.conftest import Lore, at_work, words
from tests.fakes import FakeClock

MONDAY = datetime(2026, 3, 2, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANONYMOUS = ("ana", "ben", "chloe", "Ana", "Ben", "Chloe")


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
    propose(lore, "chloe", "Surgery of checkpoint tensors")
    first, second = known(lore, one)
    offered = lore.private_reply("chloe", "#general")
    assert "may be about the same" in words(offered)
    press_in(lore, "chloe", offered, blocks.MERGE)
    assert [each.id for each in known(lore, one, MERGED)] == [second.id]
    assert votes(lore, first) == 2
    assert "now a part of another topic" in words(card(lore, "Surgery of"))
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
    propose(lore, "ben", "Sharded checkpoints")
    propose(lore, "chloe", "Learning rate warm-up")
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
