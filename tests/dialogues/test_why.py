"""`/lore why` and replay: how an answer came about, for those who may see it, and what today would say."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.blocks.actions import MENU
from bot.blocks.why import REPLAY
from bot.journal.tables import audit, questions
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET

DRILL = "how long did the restore drill take for the 7B run?"
NOTHING = "I found no question"


def why(lore: Lore, person: str, channel: str, text: str = "", count: int = 1) -> str:
    lore.slack.slash(person, channel, "/lore", f"why {text}".strip())
    return plain(lore.private_reply(person, channel, count))


def plain(message: dict[str, Any]) -> str:
    return " ".join(words(message).split())


def permalink(lore: Lore, channel: str, ts: str) -> str:
    place = lore.slack.channel(channel).id
    return f"https://heron.slack.com/archives/{place}/p{ts.replace('.', '')}?thread_ts={ts}&cid={place}"


def option(message: dict[str, Any], name: str) -> str:
    """The value of an entry of the menu under an answer."""
    [menu] = [
        element
        for block in message["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "overflow"
    ]
    [value] = [one["value"] for one in menu["options"] if one["value"].startswith(f"{name}:")]
    return str(value)


def test_why_tells_how_the_newest_answer_came_about(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} in:wiki"))
    told = why(lore, "ben", "#general")
    for part in (
        "Question: how long did the restore drill take",
        "Searched: 2 documents",
        "in wiki",
        "Filters: in wiki",
        "an answer of",
        "an answer needs 0.59",
        "similarity",
        "coverage",
        "Checkpoints › Restore drill",
        "wiki/checkpoints.md",
        "meaning",
        "words",
        "Index version",
        "written by extractive",
        "finding",
        "all",
    ):
        assert part in told
    assert "secrets" not in told


def test_why_tells_what_a_follow_up_became(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    lore.reply("#general", ts)
    lore.slack.say("ben", "#general", "and for the 13B run?", ts)
    lore.reply("#general", ts, count=2)
    told = why(lore, "ben", "#general")
    assert "Question: and for the 13B run?" in told
    assert "Searched for: " in told
    assert "restore drill" in told.partition("Searched for: ")[2].partition("Outcome")[0]


def test_why_of_a_link_and_from_the_menu(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    [message] = lore.replies("#general", ts)
    lore.mention("chloe", "#general", "how is the learning rate decayed?")
    for count, link in enumerate((permalink(lore, "#general", message["ts"]), message["ts"], ts), 1):
        assert "Question: how long did the restore drill" in why(lore, "chloe", "#general", link, count)
    lore.slack.click("chloe", "#general", message["ts"], MENU, option(message, "why_this_answer"))
    assert "Question: how long did the restore drill" in plain(lore.private_reply("chloe", "#general", 4))


def test_why_of_no_answer(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", "who won the chess tournament in Reykjavik?"))
    told = why(lore, "ben", "#general")
    assert "Outcome: no answer" in told
    assert "Reykjavik" in told


def test_why_before_any_question_and_of_nonsense(lore: Lore) -> None:
    for count, text in enumerate(
        ("", "nonsense", "https://heron.slack.com/archives/C0000000/p1700000000000000"), 1
    ):
        assert NOTHING in why(lore, "ben", "#general", text, count)


def test_a_private_question_is_its_askers_and_an_admins(lore: Lore) -> None:
    lore.slack.slash("ben", "#general", "/ask", BUDGET)
    lore.private_reply("ben", "#general")
    assert "secrets/salaries.md" in why(lore, "ben", "#general", count=2)
    dm = lore.slack.dm("ben")
    [message] = lore.replies(dm, lore.slack.say("ben", dm, BUDGET))
    assert NOTHING in why(lore, "chloe", "#general", permalink(lore, dm, message["ts"]))
    told = why(lore, "ana", "#general", permalink(lore, dm, message["ts"]))
    assert "secrets/salaries.md" in told
    with lore.knowledge.database.reading() as connection:
        [row] = connection.execute(select(audit)).all()
    assert (row.person, row.action) == (lore.slack.person("ana").id, "why")


def test_an_admin_who_may_not_read_the_sources_is_shown_none_of_them(lore: Lore) -> None:
    lore.slack.change_person("chloe", is_admin=True)
    dm = lore.slack.dm("ben")
    [message] = lore.replies(dm, lore.slack.say("ben", dm, BUDGET))
    told = why(lore, "chloe", "#general", permalink(lore, dm, message["ts"]))
    assert "Question: how much is the hiring budget" in told
    for hidden in ("640000", "Hiring plan", "salaries", "secrets"):
        assert hidden not in told


def test_rights_lost_since_hide_the_passages_from_their_asker(lore: Lore) -> None:
    ts = lore.mention("ben", "#leads", BUDGET)
    assert "640000" in lore.reply("#leads", ts)
    [message] = lore.replies("#leads", ts)
    lore.slack.invite("chloe", "#leads")
    lore.slack.wait_for(lambda: lore.slack.ledger.events("member_joined_channel")[-1].acked)
    told = why(lore, "chloe", "#leads", message["ts"])
    assert "Question: how much" in told
    for hidden in ("640000", "Hiring plan", "salaries"):
        assert hidden not in told


@pytest.mark.parametrize("person", ["gus", "mallory"])
def test_guests_and_strangers_are_told_nothing(lore: Lore, person: str) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    [message] = lore.replies("#general", ts)
    lore.slack.invite(person, "#general")
    lore.slack.click(person, "#general", message["ts"], MENU, option(message, "why_this_answer"))
    assert NOTHING in words(lore.private_reply(person, "#general"))


def test_a_channel_that_one_is_not_in_is_told_of_by_nothing(lore: Lore) -> None:
    ts = lore.mention("ben", "#leads", BUDGET)
    [message] = lore.replies("#leads", ts)
    assert NOTHING in why(lore, "chloe", "#general", permalink(lore, "#leads", message["ts"]))


def replayed(lore: Lore, person: str, channel: str, count: int) -> str:
    shown = lore.private_reply(person, channel, count - 1)
    lore.slack.click(person, channel, shown["ts"], REPLAY)
    return plain(lore.private_reply(person, channel, count))


def test_replay_says_that_nothing_changed(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", f"{DRILL} in:wiki"))
    why(lore, "ben", "#general")
    told = replayed(lore, "ben", "#general", 2)
    assert "The answer would be the same now." in told
    assert "Found now" not in told
    assert "41 minutes" in told


def test_replay_shows_what_a_sync_changed(own_lore: Lore) -> None:
    lore = own_lore
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    why(lore, "ben", "#general")
    page = lore.wiki / "checkpoints.md"
    page.write_text(page.read_text().replace("took 41 minutes", "took 17 minutes"))
    (lore.wiki / "drills.md").write_text("# Drills\n\nA restore drill for the 7B run is due each May.\n")
    (lore.wiki / "learning-rate.md").unlink()
    lore.knowledge.syncer.sync(lore.knowledge.settings.sources, allow_removals=True, wait_s=60)
    told = replayed(lore, "ben", "#general", 2)
    assert "The answer would be another now." in told
    assert "17 minutes" in told
    assert "Found now, not then: Drills" in told
    assert "41 minutes" not in told


def test_replay_is_for_the_same_place_and_the_viewers_rights_of_today(lore: Lore) -> None:
    lore.slack.change_person("chloe", is_admin=True)
    dm = lore.slack.dm("ben")
    [message] = lore.replies(dm, lore.slack.say("ben", dm, BUDGET))
    why(lore, "chloe", "#general", permalink(lore, dm, message["ts"]))
    told = replayed(lore, "chloe", "#general", 2)
    assert "another" in told
    for hidden in ("640000", "Hiring plan", "salaries", "secrets"):
        assert hidden not in told
    ana = why(lore, "ana", "#general", permalink(lore, dm, message["ts"]))
    assert "Hiring plan" in ana
    assert "640000" in replayed(lore, "ana", "#general", 2)


def test_records_of_an_older_lore_are_told_as_far_as_they_go(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    with lore.knowledge.database.writing() as connection:
        outcome = connection.execute(select(questions.c.outcome)).scalar_one()
        kept = {name: outcome[name] for name in ("outcome", "sentences", "citations", "writer", "notices")}
        connection.execute(update(questions).values(outcome=kept, index_version=None))
    told = why(lore, "ben", "#general")
    assert "Question: how long did the restore drill" in told
    assert "Index version unknown" in told
    assert "was not kept" in told
