"""Every door that only admins may go through, with whoever is no admin: refused, audited, nothing changed."""

from typing import Any

import pytest

from bot.blocks import source_list, sync_message, sync_views
from bot.blocks.source_forms import REMOVE
from bot.listeners import source_admin as doors
from bot.source_admin import STEPS
from bot.workspace.description import Json
from tests.dialogues.lore import Lore, words
from tests.dialogues.syncing import acts, dm_message, has_button, press

CHANGES = {
    source_list.SYNC: "sync",
    source_list.SYNC_ALL: "sync",
    source_list.DRY_RUN: "dry run",
    source_list.PAUSE: "pause",
    source_list.RESUME: "resume",
    source_list.PREVIOUS: "turn",
    source_list.NEXT: "turn",
    sync_message.CANCEL: "cancel",
    sync_message.KEEP: "leave",
    sync_message.LEAVE: "leave",
    sync_message.PUBLISH: "publish",
    sync_message.AGAIN: "again",
}
LOOKS = (
    sync_message.FAILURES,
    sync_message.PLAN,
    sync_message.REMOVE,
    source_list.HISTORY,
    source_list.ROLL_BACK,
)
TURNS = (sync_views.DETAILS_PREVIOUS, sync_views.DETAILS_NEXT)
FORMS = {sync_views.REMOVALS_FORM: "remove", sync_views.ROLL_BACK_FORM: "roll back"}


def forged(lore: Lore, person: str, action_id: str, value: str) -> None:
    """A press of a button that this person was never shown: a client can send any."""
    dm = lore.slack.dm(person)
    lore.slack.open_home(person, "messages")
    [message, *_] = lore.replies(dm, None)
    element: Json = {"type": "button", "action_id": action_id, "value": value}
    element["text"] = {"type": "plain_text", "text": "x"}
    with lore.slack.team.lock:
        place, who = lore.slack.channel(dm), lore.slack.person(person).id
        soon = lore.slack.interactions.click(who, place, message, element, {"block_id": "b:page 0"}, None)
    assert soon.result().ok


def test_az_25_every_listener_and_kind_of_admins_is_held_below() -> None:
    registered: list[Any] = []

    class App:
        def action(self, what: Any) -> Any:
            registered.append(what)
            return lambda listener: listener

        def view(self, what: Any) -> Any:
            registered.append(what)
            return lambda listener: listener

    doors.register(App(), None, type("Looking", (), dict.fromkeys(LOOKING))())  # type: ignore[arg-type]
    known = {*CHANGES, *LOOKS, *TURNS, *FORMS}
    for what in registered:
        if isinstance(what, str):
            assert what in known, f"{what} has no rule here"
            known.discard(what)
        else:
            held = {one for one in known if what.match(one)}
            assert held, f"{what.pattern} has no rule here"
            known -= held
    assert known == set(), "all of them are registered"
    assert set(STEPS) <= {*CHANGES, *LOOKS}


LOOKING = ("details", "removals", "history", "versions")


@pytest.mark.parametrize("action_id", sorted(CHANGES))
def test_az_25_a_press_of_somebody_else_changes_nothing(own_lore: Lore, action_id: str) -> None:
    before = own_lore.knowledge.store.published()
    forged(own_lore, "ben", action_id, "wiki")
    dm_message(own_lore, "ben", "Only admins")
    own_lore.slack.wait_for(lambda: acts(own_lore))
    assert acts(own_lore) == [("ben", CHANGES[action_id], "wiki", 0)]
    assert own_lore.knowledge.store.published() == before


@pytest.mark.parametrize("action_id", LOOKS)
def test_az_25_nothing_is_shown_to_somebody_else(own_lore: Lore, action_id: str) -> None:
    forged(own_lore, "ben", action_id, "wiki")
    [view] = own_lore.slack.wait_for(lambda: own_lore.slack.views_open("ben")) or []
    assert "Only admins" in words(view)
    assert "wiki" not in words(view)


@pytest.mark.parametrize("command", ["sync", "sync wiki --dry-run", "audit"])
def test_az_25_commands_of_somebody_else_are_refused(own_lore: Lore, command: str) -> None:
    own_lore.slack.slash("ben", "#general", "/lore", command)
    assert "Only admins" in words(own_lore.private_reply("ben", "#general"))
    assert [act[3] for act in acts(own_lore)] == [0]


def test_az_25_guests_and_strangers_are_never_admins(own_lore: Lore) -> None:
    own_lore.slack.change_person("gus", is_admin=True)
    own_lore.slack.slash("gus", "#visitors", "/lore", "sync")
    own_lore.private_reply("gus", "#visitors")
    assert own_lore.slack.said_by_app(own_lore.slack.dm("gus")) == []
    assert all(act[3] == 0 for act in acts(own_lore))


@pytest.mark.parametrize("value", ["", "nothing", "../wiki", "wiki\x00", "x" * 2_000, "item 1 1.000"])
def test_az_26_forged_ids_of_an_admin_do_nothing(own_lore: Lore, value: str) -> None:
    before = own_lore.knowledge.store.published()
    for action_id in (source_list.SYNC, sync_message.CANCEL, sync_message.AGAIN, sync_message.PUBLISH):
        forged(own_lore, "ana", action_id, value)
    dm = own_lore.slack.dm("ana")
    ts = own_lore.slack.say("ana", dm, "how long did the restore drill take for the 7B run?")
    assert "41" in own_lore.reply(dm, ts)
    assert own_lore.knowledge.store.published() == before
    assert acts(own_lore) == []


def test_az_27_a_right_that_was_taken_away_holds_no_more(own_lore: Lore) -> None:
    own_lore.slack.slash("ana", "#general", "/lore", "sync wiki --dry-run")
    report = dm_message(own_lore, "ana", "Dry run:")
    assert has_button(report, sync_message.PLAN)
    own_lore.slack.change_person("ana", is_admin=False)
    own_lore.slack.wait_for(lambda: all(one.acked for one in own_lore.slack.ledger.events("user_change")))
    press(own_lore, "ana", report, sync_message.PLAN)
    [view] = own_lore.slack.views_open("ana")
    assert "Only admins" in words(view)


def test_az_30_pressed_twice_is_done_once(own_lore: Lore) -> None:
    own_lore.slack.slash("ana", "#general", "/lore", "sources")
    listed = own_lore.private_reply("ana", "#general")
    presses = [
        own_lore.slack.click_soon("ana", "#general", listed["ts"], source_list.PAUSE, "wiki")
        for _ in range(2)
    ]
    assert all(one.result().ok for one in presses)
    own_lore.slack.wait_for(
        lambda: "paused by ana" in words(own_lore.slack.ephemerals("ana", "#general")[-1])
    )
    assert acts(own_lore) == [("ana", "pause source", "wiki", 1)]
    assert REMOVE not in str(listed), "what stands in lore.toml is removed there"
