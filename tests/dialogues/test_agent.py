"""The agent's own surfaces: suggested questions, what a person looks at, the App Home, greetings."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.blocks import home, source_list
from bot.home import PRIVATE_ANSWERS, QUIET_HELP
from bot.journal.personal import viewing
from bot.journal.tables import audit
from bot.workspace import Channel
from tests.bot.block_rules import texts
from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET
from tests.dialogues.test_commands import DRILL


def opened(lore: Lore, person: str, tab: str = "home") -> dict[str, Any]:
    """The Home that this person sees, or what the newest opening of the DM brought."""
    lore.slack.open_home(person, tab)
    return lore.slack.wait_for(lambda: lore.slack.home(person)) or {}


def home_where(lore: Lore, person: str, holds: Callable[[str], bool]) -> dict[str, Any]:
    """The Home once its words are as wanted."""

    def seen() -> dict[str, Any] | None:
        view = lore.slack.home(person)
        return view if view is not None and holds(words(view)) else None

    return lore.slack.wait_for(seen) or {}


def dm_says(lore: Lore, person: str, text: str) -> str:
    """What Lore said in the DM with this person, once it holds a text."""
    dm = lore.slack.dm(person)

    def seen() -> str | None:
        said = [words(each) for each in lore.slack.said_by_app(dm)]
        roots = [each["ts"] for each in lore.slack.messages(dm)]
        said += [words(each) for root in roots for each in lore.slack.said_by_app(dm, root)]
        return next((each for each in said if text in each), None)

    return lore.slack.wait_for(seen) or ""


def prompts(lore: Lore, person: str) -> list[str]:
    lore.slack.open_home(person, "messages")
    found = lore.slack.wait_for(lambda: lore.slack.prompts(person)) or []
    return [each["message"] for each in found]


# suggested questions


def test_the_messages_tab_suggests_what_was_answered_and_what_is_new(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    found = prompts(lore, "chloe")
    assert found[0] == DRILL
    assert 1 < len(found) <= 4
    assert all("Hiring" not in each for each in found)
    lore.slack.say("chloe", lore.slack.dm("chloe"), found[0])
    assert "41 minutes" in dm_says(lore, "chloe", "41 minutes")


def test_a_private_title_or_question_is_never_suggested_to_others(lore: Lore) -> None:
    lore.reply("#leads", lore.mention("ben", "#leads", BUDGET))
    lore.slack.say("ben", lore.slack.dm("ben"), "what does the hiring plan say?")
    assert "640000" in dm_says(lore, "ben", "640000")
    assert all("hiring" not in each.lower() for each in prompts(lore, "chloe"))
    assert any("hiring" in each.lower() for each in prompts(lore, "ben"))


def test_guests_are_suggested_nothing_and_shown_nothing(lore: Lore) -> None:
    lore.slack.open_home("gus", "messages")
    view = opened(lore, "gus")
    assert "full members" in words(view)
    assert lore.slack.prompts("gus") == []
    assert lore.slack.said_by_app(lore.slack.dm("gus")) == []


def test_the_guide_is_given_once(lore: Lore) -> None:
    prompts(lore, "chloe")
    assert "Summarise this" in dm_says(lore, "chloe", "Ask me anything")
    lore.slack.open_home("chloe", "messages")
    lore.slack.open_home("chloe")
    home_where(lore, "chloe", bool)
    assert len(lore.slack.said_by_app(lore.slack.dm("chloe"))) == 1


# what a person looks at


def test_this_is_what_the_asker_looks_at(lore: Lore) -> None:
    prompts(lore, "ben")
    lore.slack.say("chloe", "#pair", "how long did the restore drill of the 7B run take?")
    lore.slack.look_at("ben", "#pair")
    lore.slack.say("ben", lore.slack.dm("ben"), "is there a page about this?")
    assert "41 minutes" in dm_says(lore, "ben", "41 minutes")
    _, _, turns = lore.answers.asked[-1]
    assert any("restore drill" in turn.text for turn in turns)


def test_after_an_answer_this_is_what_was_answered(lore: Lore) -> None:
    prompts(lore, "ben")
    lore.slack.say("chloe", "#pair", "the secret word is heliotrope")
    lore.slack.look_at("ben", "#pair")
    dm = lore.slack.dm("ben")
    lore.slack.say("ben", dm, DRILL)
    dm_says(lore, "ben", "41 minutes")
    lore.slack.say("ben", dm, "can you explain this")
    lore.slack.wait_for(lambda: len(lore.answers.asked) == 2)
    assert all("heliotrope" not in turn.text for _, _, turns in lore.answers.asked for turn in turns)


def test_a_thread_that_is_open_is_read_and_not_the_channel(lore: Lore) -> None:
    prompts(lore, "ben")
    root = lore.slack.say("chloe", "#pair", "the warm up of the learning rate looks wrong")
    lore.slack.say("chloe", "#pair", "lunch?")
    lore.slack.say("ana", "#pair", "how many steps was it?", root)
    lore.slack.look_at("ben", "#pair", root)
    lore.slack.say("ben", lore.slack.dm("ben"), "summarise this")
    lore.slack.wait_for(lambda: lore.answers.asked)
    _, _, turns = lore.answers.asked[-1]
    assert [turn.text for turn in turns] == [
        "the warm up of the learning rate looks wrong",
        "how many steps was it?",
    ]


@pytest.mark.parametrize("channel", ["#pair", "#elsewhere"])
def test_what_lore_or_the_asker_is_not_in_is_not_read(lore: Lore, channel: str) -> None:
    """Ben has left #pair; Lore was never in #elsewhere."""
    lore.slack.add_channel(Channel(name="elsewhere", private=True, members=["ben", "chloe"]))
    prompts(lore, "ben")
    lore.slack.say("chloe", channel, "the secret word is heliotrope")
    lore.slack.look_at("ben", channel)
    if channel == "#pair":
        lore.slack.kick("ben", "#pair")
    lore.slack.say("ben", lore.slack.dm("ben"), "what is this about?")
    assert "Invite me" in dm_says(lore, "ben", "can’t read what you have open")
    assert all("heliotrope" not in turn.text for _, _, turns in lore.answers.asked for turn in turns)


def test_what_somebody_looks_at_is_context_in_their_dm_only(lore: Lore) -> None:
    prompts(lore, "ben")
    lore.slack.say("chloe", "#pair", "the secret word is heliotrope")
    lore.slack.look_at("ben", "#pair")
    lore.reply("#general", lore.mention("ben", "#general", "what is this about?"))
    assert all("heliotrope" not in turn.text for _, _, turns in lore.answers.asked for turn in turns)


def test_looking_at_nothing_forgets_what_was_looked_at(lore: Lore) -> None:
    prompts(lore, "ben")
    lore.slack.look_at("ben", "#pair")
    lore.slack.wait_for(lambda: _viewing(lore))
    lore.slack.look_at("ben", None)
    lore.slack.wait_for(lambda: not _viewing(lore))


@pytest.mark.parametrize("context", [None, [], {"entities": "x"}, {"entities": [{"type": {}, "value": []}]}])
def test_a_context_that_is_not_as_described_harms_nothing(lore: Lore, context: Any) -> None:
    person = lore.slack.person("ben").id
    event = {
        "type": "app_context_changed",
        "user": person,
        "channel": lore.slack.dm("ben"),
        "context": context,
    }
    lore.slack.tell_app(event)
    lore.slack.say("ben", lore.slack.dm("ben"), DRILL)
    assert "41 minutes" in dm_says(lore, "ben", "41 minutes")


def _viewing(lore: Lore) -> list[Any]:
    with lore.knowledge.database.reading() as connection:
        return list(connection.execute(select(viewing)))


# the Home


def test_a_question_asked_on_the_home_is_answered_in_the_dm(lore: Lore) -> None:
    view = opened(lore, "ben")
    lore.slack.click_in_view("ben", view["id"], home.ASK)
    [modal] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    refused = lore.slack.submit_view("ben", modal["id"], {home.QUESTION: "   "})
    assert refused.errors == {home.QUESTION: "Write a question first."}
    lore.slack.submit_view("ben", modal["id"], {home.QUESTION: DRILL})
    assert "41 minutes" in dm_says(lore, "ben", "41 minutes")
    asked, answered = [words(each) for each in lore.slack.said_by_app(lore.slack.dm("ben"))][-2:]
    assert "You asked on my Home" in asked
    assert DRILL in asked
    assert "41 minutes" in answered


def test_a_suggestion_on_the_home_is_asked_by_a_click(lore: Lore) -> None:
    lore.reply("#general", lore.mention("chloe", "#general", DRILL))
    view = opened(lore, "ben")
    lore.slack.click_in_view("ben", view["id"], f"{home.ASK_PROMPT}_0")
    assert "41 minutes" in dm_says(lore, "ben", "41 minutes")


def test_recent_answers_are_shown_again_as_long_as_they_may_be_read(own_lore: Lore) -> None:
    lore = own_lore
    lore.reply("#leads", lore.mention("ben", "#leads", BUDGET))
    view = home_where_opened(lore, "ben", "640000")
    option, *_ = recent_options(view)
    lore.slack.click_in_view("ben", view["id"], home.RECENT, option)
    [modal] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    assert "640000" in words(modal)
    lore.slack.close_view("ben", modal["id"])
    plan = lore.knowledge.settings.sources[1].path / "salaries.md"
    plan.unlink()
    lore.knowledge.syncer.sync(lore.knowledge.settings.sources, allow_removals=True, wait_s=60)
    lore.slack.click_in_view("ben", view["id"], home.RECENT, option)
    [modal] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    assert "cannot be shown" in words(modal)
    assert "640000" not in words(modal)
    gone = home_where_opened(lore, "ben", "no answer that I can show")
    assert "640000" not in words(gone)


def test_nobody_opens_another_persons_answer(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    [bens] = recent_options(home_where_opened(lore, "ben", "41 minutes"))
    lore.reply("#general", lore.mention("chloe", "#general", DRILL))
    view = home_where_opened(lore, "chloe", "41 minutes")
    lore.slack.click_in_view("chloe", view["id"], home.RECENT, bens)
    [modal] = lore.slack.wait_for(lambda: lore.slack.views_open("chloe"))
    assert "cannot be shown" in words(modal)


def test_an_answer_is_deleted_from_the_home(lore: Lore) -> None:
    ts = lore.mention("ben", "#general", DRILL)
    lore.reply("#general", ts)
    view = home_where_opened(lore, "ben", "41 minutes")
    option, *_ = recent_options(view, home.DELETE)
    lore.slack.click_in_view("chloe", opened(lore, "chloe")["id"], home.ASK)  # hers is another stack
    lore.slack.click_in_view("ben", view["id"], home.RECENT, option)
    [modal] = lore.slack.wait_for(lambda: lore.slack.views_open("ben"))
    lore.slack.submit_view("ben", modal["id"])
    lore.slack.wait_for(lambda: not lore.slack.said_by_app("#general", ts))
    home_where(lore, "ben", lambda text: "41 minutes" not in text and "not asked anything" in text)


def test_settings_are_kept_and_shown(lore: Lore) -> None:
    view = opened(lore, "ben")
    assert "Europe/London" in words(view)
    assert ticked(view) == [QUIET_HELP]
    lore.slack.click_in_view("ben", view["id"], home.SETTINGS, [PRIVATE_ANSWERS])
    lore.slack.open_home("ben")
    lore.slack.wait_for(lambda: ticked(lore.slack.home("ben") or {}) == [PRIVATE_ANSWERS])


def test_who_wants_private_answers_gets_them_where_others_read(lore: Lore) -> None:
    view = opened(lore, "ben")
    lore.slack.click_in_view("ben", view["id"], home.SETTINGS, [PRIVATE_ANSWERS])
    ts = lore.mention("ben", "#general", DRILL)
    assert "41 minutes" in words(lore.private_reply("ben", "#general"))
    assert lore.slack.said_by_app("#general", ts) == []
    assert "41 minutes" in lore.reply("#general", lore.mention("chloe", "#general", DRILL))


def test_admins_sync_from_their_home_and_others_cannot(own_lore: Lore) -> None:
    lore = own_lore
    (lore.wiki / "new.md").write_text("# Snacks\n\nThe snack shelf is refilled on Thursdays.\n")
    assert "For admins" not in words(opened(lore, "ben"))
    view = opened(lore, "ana")
    assert "For admins" in words(view)
    assert "2 documents" in words(view)
    lore.slack.click_in_view("ana", view["id"], source_list.SYNC, "wiki")
    assert "1 added" in dm_says(lore, "ana", "Sync done.")
    home_where(lore, "ana", lambda text: "3 documents" in text and "last sync just now (ana" in text)
    view = lore.slack.home("ana") or {}
    lore.slack.click_in_view("ana", view["id"], source_list.PAUSE, "wiki")
    home_where(lore, "ana", lambda text: "paused by ana" in text)
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    assert [(row.action, row.place, row.allowed) for row in rows] == [
        ("sync", "home", 1),
        ("pause source", "home", 1),
    ]


def test_a_forged_click_on_sync_is_refused(lore: Lore) -> None:
    """A client could send any action of any view of its own: the right is checked where the work is done."""
    view = opened(lore, "ben")
    before = lore.knowledge.store.published()
    element = {"type": "button", "action_id": source_list.SYNC, "text": {"type": "plain_text", "text": "x"}}
    with lore.slack.team.lock:
        shown = lore.slack.team.homes[lore.slack.person("ben").id]
        click = lore.slack.interactions.click_in_view(shown.user, shown, element, {"block_id": "b"}, None, {})
    click.result()
    assert "Only admins" in dm_says(lore, "ben", "Only admins")
    assert lore.knowledge.store.published() == before
    assert view["type"] == "home"


def test_a_home_that_slack_does_not_take_stops_nothing(lore: Lore) -> None:
    lore.slack.faults.error("views.publish", "internal_error", times=1)
    lore.slack.open_home("ben")
    lore.slack.wait_for(lambda: lore.slack.ledger.calls_of("views.publish"))
    assert "Ask the team" in words(opened(lore, "ben"))


# greetings


def test_a_channel_is_greeted_once_and_told_what_is_used_there(lore: Lore) -> None:
    for name, private, told in (
        ("open", False, "everyone in the workspace"),
        ("shut", True, "all of its members"),
    ):
        lore.slack.add_channel(Channel(name=name, private=private, members=["ana", "ben"]))
        lore.slack.slash("ana", name, "/invite", "@lore")
        [greeting] = lore.replies(name, None)
        assert told in words(greeting)
    lore.slack.kick("lore", "open")
    lore.slack.slash("ana", "open", "/invite", "@lore")
    assert lore.is_quiet("open", None, 1)


def test_a_channel_with_guests_or_others_is_told_that_lore_keeps_quiet(lore: Lore) -> None:
    lore.slack.add_channel(Channel(name="clients", members=["ana", "mallory"], is_ext_shared=True))
    lore.slack.slash("ana", "clients", "/invite", "@lore")
    [greeting] = lore.replies("clients", None)
    assert "I don’t answer in this channel" in words(greeting)


def ticked(view: dict[str, Any]) -> list[str]:
    for block in view.get("blocks", ()):
        for element in block.get("elements", ()):
            if element.get("action_id") == home.SETTINGS:
                return [option["value"] for option in element.get("initial_options", ())]
    return []


def recent_options(view: dict[str, Any], what: str = home.OPEN) -> list[str]:
    accessories = [block.get("accessory") or {} for block in view["blocks"]]
    found = [option for each in accessories for option in each.get("options", ())]
    return [option["value"] for option in found if option["value"].startswith(what)]


def home_where_opened(lore: Lore, person: str, text: str) -> dict[str, Any]:
    """Opened anew until it shows something that is worked off meanwhile."""
    for _ in range(20):
        lore.slack.open_home(person)
        view = lore.slack.home(person)
        if view is not None and text in words(view):
            return view
        time.sleep(0.2)
    raise AssertionError(f"the Home never showed {text!r}: {texts((view or {}).get('blocks', []))}")
