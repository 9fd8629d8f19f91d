"""Whole conversations about setting stand-ups up, changing them, and looking after them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.calm_settings import CalmSettings
from bot.journal import deliveries, entries, occurrences, rituals
from bot.journal.rituals import ACTIVE, ARCHIVED, PAUSED, Ritual
from bot.journal.tables import audit
from bot.ritual_settings import RitualSettings
from bot.wiring import Knowledge
from bot.workspace import Workspace
from bot.workspace.interactions import Shown
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import MONDAY, FakeClock

ZONES = {"ana": "Europe/Lisbon", "ben": "Asia/Tokyo", "chloe": "America/New_York"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MONDAY, flowing=True)


@pytest.fixture
def team(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    for name, zone in ZONES.items():
        slack.change_person(name, tz=zone)
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


# what is seen and done


def said_in(shown: dict[str, Any]) -> str:
    labels = [str((block.get("label") or {}).get("text")) for block in shown["blocks"]]
    return "\n".join([words(shown), *labels])


def view(lore: Lore, person: str, having: str) -> dict[str, Any]:
    """The modal on top, once these words stand in it."""

    def look() -> dict[str, Any] | None:
        views = lore.slack.views_open(person)
        return views[-1] if views and having in said_in(views[-1]) else None

    return lore.slack.wait_for(look) or {}


def ids(lore: Lore, *names: str) -> list[str]:
    return [lore.slack.person(name).id for name in names]


def channel(lore: Lore, name: str) -> str:
    return lore.slack.channel(name).id


def begin(lore: Lore, person: str = "ana", template: str = "daily") -> dict[str, Any]:
    """The first form, begun from a template."""
    assert lore.slack.slash(person, "#general", "/standup", "new").ok
    chooser = view(lore, person, "What shall it be like?")
    assert lore.slack.click_in_view(person, chooser["id"], "standup_begin", f"template:{template}").ok
    return view(lore, person, "What is asked")


def fill(lore: Lore, shown: dict[str, Any], person: str = "ana", **values: Any) -> Shown:
    filled = {
        "standup_name": "Platform daily",
        "standup_people": ids(lore, "ana", "ben", "chloe"),
        **{f"standup_{key}": value for key, value in values.items()},
    }
    return lore.slack.submit_view(person, shown["id"], filled)


def previewed(lore: Lore, person: str = "ana", template: str = "daily", **values: Any) -> dict[str, Any]:
    assert fill(lore, begin(lore, person, template), person, **values).ok
    return view(lore, person, "may read it")


def save(lore: Lore, shown: dict[str, Any], person: str = "ana") -> str:
    """Save what the preview shows; what is said then."""
    assert lore.slack.submit_view(person, shown["id"]).ok
    return said_in(view(lore, person, "Platform daily is"))


def set_up(lore: Lore, person: str = "ana", **values: Any) -> Ritual:
    save(lore, previewed(lore, person, **values), person)
    [found] = kept(lore)
    return found


def more(lore: Lore, shown: dict[str, Any], person: str = "ana", **values: Any) -> Shown:
    assert lore.slack.click_in_view(person, shown["id"], "standup_set_more").ok
    form = view(lore, person, "Time zone")
    filled = {f"standup_{key}": value for key, value in values.items()}
    return lore.slack.submit_view(person, form["id"], filled)


def edit(lore: Lore, person: str = "ana", name: str = "Platform daily") -> dict[str, Any]:
    assert lore.slack.slash(person, "#general", "/standup", f"edit {name}").ok
    return view(lore, person, "What is asked")


def kept(lore: Lore, *states: str) -> Sequence[Ritual]:
    with lore.knowledge.database.reading() as connection:
        return rituals.all_rituals(connection, *states)


def audited(lore: Lore) -> list[tuple[str, bool]]:
    with lore.knowledge.database.reading() as connection:
        rows = connection.execute(select(audit).order_by(audit.c.id)).all()
    return [(row.action, bool(row.allowed)) for row in rows]


def told(lore: Lore, person: str, having: str) -> dict[str, Any]:
    """A direct message of Lore's with these words."""
    direct = lore.slack.dm(person, "lore")

    def look() -> dict[str, Any] | None:
        return next((one for one in lore.slack.said_by_app(direct) if having in words(one)), None)

    return lore.slack.wait_for(look) or {}


def command(lore: Lore, person: str, text: str, having: str = "") -> str:
    """A command in #general, and what its giver alone is told then, with these words."""
    before = len(lore.slack.ephemerals(person, "#general"))
    assert lore.slack.slash(person, "#general", "/standup", text).ok

    def look() -> str | None:
        seen = [words(one) for one in lore.slack.ephemerals(person, "#general")[before:]]
        return next((one for one in seen if having in one), None)

    return lore.slack.wait_for(look) or ""


def value(shown: dict[str, Any], field: str) -> Any:
    [block] = [block for block in shown["blocks"] if block.get("block_id") == f"standup_{field}"]
    element = block["element"]
    return next((element[key] for key in element if key.startswith("initial_")), None)


# setting up


def test_a_stand_up_is_begun_previewed_and_saved(team: Lore) -> None:
    shown = previewed(team)
    said = said_in(shown)
    assert "Every weekday. At 09:30, by everybody's own clock." in said
    for zone, name in (("Europe/Lisbon", "ana"), ("Asia/Tokyo", "ben"), ("America/New York", "chloe")):
        [line] = [one for one in said.splitlines() if one.startswith(f"{zone} ({name}")]
        assert line.count("09:30") == 5
    assert "Wed 4 Mar 09:30" in said
    assert "2. What will you do next? (required)" in said
    assert kept(team) == []
    assert "Platform daily is set up" in save(team, shown)
    [one] = kept(team)
    assert (one.name, one.owner, one.state, one.revision) == ("Platform daily", *ids(team, "ana"), ACTIVE, 1)
    assert one.settings.team == tuple(ids(team, "ana", "ben", "chloe"))
    assert ("set up stand-up", True) in audited(team)
    assert "Platform daily is set up (next" in words(told(team, "ana", "is set up"))


def test_the_next_dates_of_one_zone_are_shown_by_everybodys_clock(team: Lore) -> None:
    shown = previewed(team)
    assert more(team, shown, zone="Europe/Lisbon").ok
    said = said_in(view(team, "ana", "Europe/Lisbon time"))
    assert "America/New York (chloe): Mon 2 Mar 04:30" in said
    assert "Asia/Tokyo (ben): Mon 2 Mar 18:30" in said


def test_t13_the_31st_is_the_last_day_of_short_months_and_the_preview_says_so(team: Lore) -> None:
    said = said_in(previewed(team, days="31st of every month"))
    assert "in shorter months, on their last day" in said
    assert "Thu 30 Apr 09:30" in said


def test_what_is_wrong_by_itself_is_told_at_the_field(team: Lore) -> None:
    shown = begin(team)
    wrong = {
        "name": "x" * 61,
        "prompts": "What? {plna}",
        "days": "every blue moon",
    }
    for field, typed in wrong.items():
        refused = fill(team, shown, **{field: typed})
        assert list(refused.errors) == [f"standup_{field}"]
    assert "who is asked" in fill(team, shown, people=[]).errors["standup_channels"]
    assert (
        fill(team, shown, name="Ask <@U012345678>").errors["standup_name"].startswith("A name is plain words")
    )
    assert fill(team, shown).ok
    shown = view(team, "ana", "may read it")
    for field, typed in {
        "zone": "Europe/Berln",
        "window": "eight",
        "late": "9d",
        "reminders": "9h",
        "escalate_after": "1h",
        "others": "nobody",
    }.items():
        refused = more(team, shown, **{field: typed})
        assert list(refused.errors) == [f"standup_{field}"]
        team.slack.close_view("ana", team.slack.views_open("ana")[-1]["id"])
        shown = previewed(team)
    assert kept(team) == []


def test_what_slack_tells_is_wrong_stands_above_the_field_and_nothing_typed_is_lost(team: Lore) -> None:
    shown = previewed(team)
    assert more(team, shown, others="@nobody", window="4h").ok
    form = view(team, "ana", "I cannot tell who @nobody is")
    assert value(form, "name") == "Platform daily"
    assert kept(team) == []


def test_t37_a_deactivated_owner_cannot_be_chosen(team: Lore) -> None:
    shown = previewed(team)
    team.slack.deactivate("chloe")
    assert more(team, shown, owner=ids(team, "chloe")[0]).ok
    form = view(team, "ana", "is no full member here, or has left")
    [place] = [
        number for number, block in enumerate(form["blocks"]) if block.get("block_id") == "standup_owner"
    ]
    assert "has left" in words({"blocks": [form["blocks"][place - 1]]})
    assert kept(team) == []


def test_guests_set_nothing_up(team: Lore) -> None:
    assert team.slack.slash("gus", "#visitors", "/standup", "new").ok
    view(team, "gus", "full members")
    assert kept(team) == []
    assert team.slack.wait_for(lambda: ("set up stand-up", False) in audited(team))


def test_where_only_admins_set_up_others_are_refused(slack: Workspace, knowledge: Knowledge) -> None:
    settings = replace(knowledge.settings, rituals=RitualSettings(set_up_by="admins"))
    with at_work(slack, replace(knowledge, settings=settings)) as lore:
        assert lore.slack.slash("ben", "#general", "/standup", "new").ok
        view(lore, "ben", "Only Lore's admins")
        assert begin(lore, "ana")


def test_an_expired_trigger_is_answered_with_a_button_that_opens_the_form(team: Lore) -> None:
    team.slack.faults.error("views.open", "expired_trigger_id", times=1)
    assert team.slack.slash("ana", "#general", "/standup", "new").ok
    said = team.private_reply("ana", "#general")
    assert "could not open in time" in words(said)
    assert team.slack.click("ana", "#general", said["ts"], "standup_act_new").ok
    view(team, "ana", "What shall it be like?")


def test_a_test_shows_the_prompt_and_keeps_nothing(team: Lore, clock: FakeClock) -> None:
    shown = previewed(team)
    assert team.slack.click_in_view("ana", shown["id"], "standup_test").ok
    sent = told(team, "ana", "This is a test")
    assert "What will you do next?" in words(sent)
    direct = team.slack.dm("ana", "lore")
    buttons = [one for block in sent["blocks"] if block["type"] == "actions" for one in block["elements"]]
    assert [one["text"]["text"] for one in buttons if one["type"] == "button"][:2] == ["Answer", "Skip today"]
    assert team.slack.click("ana", direct, sent["ts"], buttons[0]["action_id"]).ok
    view(team, "ana", "This is only a test")
    with team.knowledge.database.reading() as connection:
        assert rituals.all_rituals(connection) == []
        assert deliveries.of_person(connection, ids(team, "ana")[0]) == []


def test_what_is_saved_asks_people_on_its_day_by_their_own_clock(team: Lore, clock: FakeClock) -> None:
    # It is 17:00 in Tokyo, so today is past for Ben, and it begins tomorrow for everybody.
    assert "next Tue 3 Mar 09:30" in save(team, previewed(team))
    team.at(clock, datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    team.at(clock, datetime(2026, 3, 3, 0, 30, tzinfo=UTC))
    told(team, "ben", "What will you do next?")
    assert len(team.slack.said_by_app(team.slack.dm("ana", "lore"))) == 1
    team.at(clock, datetime(2026, 3, 3, 9, 30, tzinfo=UTC))
    told(team, "ana", "What will you do next?")
    assert team.slack.said_by_app(team.slack.dm("chloe", "lore")) == []


# who reads


def test_a_place_with_more_readers_than_may_read_is_refused(team: Lore) -> None:
    assert fill(team, begin(team), report=channel(team, "small")).ok
    view(team, "ana", "Everybody in the workspace can read #small")
    form = team.slack.views_open("ana")[-1]
    assert fill(team, form, report=channel(team, "small"), readers="everyone").ok
    said = said_in(view(team, "ana", "Reported in #small"))
    assert "Everybody in the workspace may read it" in said


def test_a_private_place_with_a_stranger_to_the_team_is_refused(team: Lore) -> None:
    # Chloe is in #pair and not in the team.
    shown = begin(team)
    assert fill(team, shown, people=ids(team, "ana", "ben"), report=channel(team, "pair")).ok
    view(team, "ana", "There are people in #pair who may not read it")
    form = team.slack.views_open("ana")[-1]
    assert fill(team, form, people=ids(team, "ana", "ben"), report=channel(team, "leads")).ok
    assert "Reported in #leads" in said_in(view(team, "ana", "may read it"))


def test_a_place_with_guests_is_refused(team: Lore) -> None:
    assert fill(team, begin(team), report=channel(team, "visitors"), readers="everyone").ok
    view(team, "ana", "readers whom I cannot vouch for")


def test_people_of_a_private_channel_are_not_told_to_who_is_not_in_it(team: Lore) -> None:
    shown = previewed(team, "chloe", people=ids(team, "chloe"))
    assert more(team, shown, "chloe", others="#leads").ok
    seen = said_in(view(team, "chloe", "a channel that I cannot see"))
    assert "ben" not in seen


# changing


def test_an_edit_is_a_new_revision_and_keeps_the_keys_of_prompts(team: Lore) -> None:
    before = set_up(team)
    shown = edit(team)
    assert value(shown, "days") == "every weekday"
    asked = "What did you finish? {done}\nWhat is next? {plan}\nIs anything in your way? {blockers}\n"
    asked += "Mood? {scale: low | high}"
    assert fill(team, shown, prompts=asked, at="10:00").ok
    save(team, view(team, "ana", "At 10:00"))
    [after] = kept(team)
    assert (after.id, after.revision) == (before.id, 2)
    assert [one.key for one in after.settings.prompts] == ["done", "plan", "blockers", "mood"]
    assert ("change stand-up", True) in audited(team)


def test_of_two_editors_the_second_is_told_and_nothing_is_lost_unseen(team: Lore) -> None:
    set_up(team)
    assert fill(team, edit(team), at="10:00").ok
    mine = view(team, "ana", "At 10:00")
    with team.knowledge.database.writing() as connection:
        [known] = rituals.all_rituals(connection)
        settings = replace(known.settings, window=timedelta(hours=2))
        rituals.put(connection, replace(known, settings=settings, revision=2), 1.0)
    assert team.slack.submit_view("ana", mine["id"]).ok
    form = view(team, "ana", "Somebody changed this stand-up")
    assert "at, window" in said_in(form)
    assert kept(team)[0].revision == 2
    assert fill(team, form, at="10:00").ok
    save(team, view(team, "ana", "At 10:00"))
    assert (kept(team)[0].revision, kept(team)[0].settings.at.hour) == (3, 10)


def test_saving_twice_is_one_stand_up(team: Lore) -> None:
    shown = previewed(team)
    first = team.slack.submit_view_soon("ana", shown["id"])
    second = team.slack.submit_view_soon("ana", shown["id"])
    assert first.result().ok
    assert second.result() is not None
    told(team, "ana", "Platform daily is set up")
    team.settle()
    assert [one.revision for one in kept(team)] == [1]


def test_t54_prompts_edited_while_one_is_open_are_the_next_ones(team: Lore) -> None:
    ritual = set_up(team)
    opened = occurrence(team, ritual)
    assert fill(team, edit(team), prompts="Only this? {plan}").ok
    assert "ends as it began" in said_in(view(team, "ana", "What is under way"))
    save(team, team.slack.views_open("ana")[-1])
    with team.knowledge.database.reading() as connection:
        still = occurrences.occurrence(connection, opened)
    assert still is not None
    assert [one.key for one in still.settings.prompts] == ["done", "plan", "blockers"]
    assert [one.text for one in kept(team)[0].settings.prompts] == ["Only this?"]


def test_t55_a_time_that_is_past_today_begins_next_time_and_the_preview_says_so(
    team: Lore, clock: FakeClock
) -> None:
    set_up(team, at="12:00")
    clock.move(datetime(2026, 3, 2, 11, 0, tzinfo=UTC))
    assert fill(team, edit(team), at="10:00").ok
    shown = view(team, "ana", "Today's 10:00 is past for some already")
    [line] = [one for one in said_in(shown).splitlines() if one.startswith("Europe/Lisbon")]
    assert "Mon 2 Mar" not in line
    assert "Tue 3 Mar 10:00" in line


def test_the_preview_names_whose_quiet_hours_it_is_in(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    for name, zone in ZONES.items():
        slack.change_person(name, tz=zone)
    calm = CalmSettings(quiet=(time(19), time(8)))
    with at_work(slack, knowledge, clock=clock, calm=calm) as lore:
        # Seven in New York is noon in Lisbon and nine in the evening in Tokyo, eleven hours before eight.
        assert more(lore, previewed(lore, at="07:00"), zone="America/New_York").ok
        said = said_in(view(lore, "ana", "Within the quiet hours"))
    assert "Within the quiet hours of chloe: they are asked when those end." in said
    assert "Within the quiet hours of ben, for more than 2h yet: they are not asked." in said


def test_t56_days_without_today_leave_what_is_open_to_end(team: Lore) -> None:
    ritual = set_up(team)
    opened = occurrence(team, ritual)
    assert fill(team, edit(team), days="every Thursday").ok
    assert "ends as it began" in said_in(view(team, "ana", "What is under way"))
    save(team, team.slack.views_open("ana")[-1])
    with team.knowledge.database.reading() as connection:
        still = occurrences.occurrence(connection, opened)
    assert still is not None
    assert still.state == occurrences.OPEN
    assert kept(team)[0].settings.rule == "every Thursday"


def test_t57_paused_archived_and_resumed_its_entries_stay(team: Lore) -> None:
    ritual = set_up(team)
    with team.knowledge.database.writing() as connection:
        given = entries.Entry(ritual.id, date(2026, 3, 2), ids(team, "ben")[0], replies={"plan": "evals"})
        entries.put(connection, given, now=1.0)
    assert "paused until Monday 9 March" in command(team, "ana", "pause until Monday", "paused until")
    assert (kept(team)[0].state, kept(team)[0].paused_until) == (PAUSED, date(2026, 3, 9))
    # It is 17:00 in Tokyo: today is past for Ben.
    assert "next Tue 3 Mar 09:30" in command(team, "ana", "resume Platform daily", "on again")
    assert (kept(team)[0].state, kept(team)[0].paused_until) == (ACTIVE, date(2026, 3, 3))
    assert "archived" in command(team, "ana", "archive platform DAILY", "is archived")
    assert kept(team, ARCHIVED)
    assert "is on again" in command(team, "ana", "resume", "on again: next")
    assert kept(team, ACTIVE)
    with team.knowledge.database.reading() as connection:
        found = entries.entry_of(connection, ritual.id, date(2026, 3, 2), ids(team, "ben")[0])
    assert found is not None
    assert found.replies == {"plan": "evals"}
    done = [action for action, allowed in audited(team) if allowed]
    assert done[-4:] == ["pause stand-up", "resume stand-up", "archive stand-up", "resume stand-up"]


# looking after


def test_only_owners_and_admins_change_it_and_others_do_not_learn_that_it_is_there(team: Lore) -> None:
    set_up(team, "ben")
    unknown = command(team, "chloe", "pause Never heard of", "I know no stand-up")
    known = command(team, "chloe", "pause Platform daily", "I know no stand-up")
    assert unknown.replace("Never heard of", "Platform daily") == known
    for text in ("archive Platform daily", "hand over Platform daily to ana@heron.example"):
        command(team, "chloe", text, "I know no stand-up named Platform daily")
    assert team.slack.slash("chloe", "#general", "/standup", "edit Platform daily").ok
    view(team, "chloe", "I know no stand-up named Platform daily")
    assert kept(team)[0].state == ACTIVE
    refused = {"pause stand-up", "archive stand-up", "hand over stand-up", "change stand-up"}
    team.slack.wait_for(lambda: refused <= {action for action, allowed in audited(team) if not allowed})
    # Ana is an admin.
    assert "paused" in command(team, "ana", "pause Platform daily", "is paused")


def test_a_list_shows_what_i_look_after_and_what_asks_me(team: Lore) -> None:
    set_up(team)
    mine = command(team, "ana", "list", "You look after")
    assert "Platform daily: next Tue 3 Mar 09:30" in mine
    theirs = command(team, "ben", "list", "You are asked by")
    assert "Platform daily: next Tue 3 Mar 09:30" in theirs
    assert "You look after" not in theirs


def test_a_menu_pauses_until_a_day_and_a_button_resumes(team: Lore) -> None:
    ritual = set_up(team)
    direct, message = team.slack.dm("ana", "lore"), told(team, "ana", "is set up")
    assert team.slack.click("ana", direct, message["ts"], "standup_act_pause").ok
    form = view(team, "ana", "It begins again on")
    late = team.slack.submit_view("ana", form["id"], {"standup_until": "2026-03-02"})
    assert "still to come" in late.errors["standup_until"]
    assert team.slack.submit_view("ana", form["id"], {"standup_until": "2026-03-16"}).ok
    paused = told(team, "ana", "paused until Monday 16 March")
    assert team.slack.click("ana", direct, paused["ts"], "standup_act_resume").ok
    told(team, "ana", "is on again")
    assert kept(team, ACTIVE)[0].id == ritual.id


def test_a_pause_whose_form_does_not_open_is_offered_again(team: Lore) -> None:
    set_up(team)
    direct, message = team.slack.dm("ana", "lore"), told(team, "ana", "is set up")
    team.slack.faults.error("views.open", "expired_trigger_id", times=1)
    assert team.slack.click("ana", direct, message["ts"], "standup_act_pause").ok
    again = told(team, "ana", "could not open in time")
    assert team.slack.click("ana", direct, again["ts"], "standup_act_pause").ok
    view(team, "ana", "It begins again on")


def test_a_forged_button_of_another_is_refused(team: Lore) -> None:
    ritual = set_up(team, "ben")
    direct, message = team.slack.dm("ben", "lore"), told(team, "ben", "is set up")
    assert ritual.id in str(message["blocks"])
    command(team, "chloe", "list", "asked by")
    said = team.slack.ephemerals("chloe", "#general")[-1]
    for block in said["blocks"]:
        for element in block.get("elements", []):
            if element.get("action_id") == "standup_act_new":
                element["value"] = f"archive:{ritual.id}"
    assert team.slack.click("chloe", "#general", said["ts"], "standup_act_new").ok
    command(team, "chloe", "pause Nothing", "I know no stand-up named Nothing")
    assert kept(team)[0].state == ACTIVE
    assert direct


def test_it_is_handed_over_and_the_heir_is_told(team: Lore) -> None:
    set_up(team)
    assert "hand over NAME to @person" in command(team, "ana", "hand over", "to @person")
    for nobody in ("@somebody", "gus@heron.example", "<@U000000000|x>"):
        said = command(team, "ana", f"hand over Platform daily to {nobody}", "I cannot give it")
        assert "full member" in said
    [ben] = ids(team, "ben")
    assert "ben's now" in command(team, "ana", f"hand over Platform daily to <@{ben}|ben>", "now")
    told(team, "ben", "ana has handed Platform daily over to you")
    assert kept(team)[0].owner == ben
    assert ("hand over stand-up", True) in audited(team)


def test_a_copy_is_begun_with_all_its_settings(team: Lore) -> None:
    set_up(team, days="every Thursday")
    assert team.slack.slash("ana", "#general", "/standup", "duplicate Platform daily").ok
    form = view(team, "ana", "What is asked")
    assert (value(form, "name"), value(form, "days")) == ("Copy of Platform daily", "every Thursday")
    assert team.slack.submit_view("ana", form["id"]).ok
    assert team.slack.submit_view("ana", view(team, "ana", "may read it")["id"]).ok
    view(team, "ana", "Copy of Platform daily is set up")
    assert len({one.id for one in kept(team)}) == 2


def test_two_of_a_name_are_refused_at_the_name(team: Lore) -> None:
    set_up(team)
    assert "already" in fill(team, begin(team), name="platform DAILY").errors["standup_name"]


def test_the_owners_home_shows_their_stand_ups(team: Lore) -> None:
    set_up(team)
    team.slack.open_home("ana")
    home = team.slack.wait_for(
        lambda: shown if (shown := team.slack.home("ana")) and "Platform daily" in words(shown) else None
    )
    assert "Platform daily: next Tue 3 Mar 09:30" in words(home or {})


def test_help_names_every_command(team: Lore) -> None:
    said = command(team, "ana", "help", "Look after")
    for one in ("new", "list", "edit", "pause", "resume", "duplicate", "archive", "hand over", "why", "away"):
        assert one in said


def occurrence(lore: Lore, ritual: Ritual) -> int:
    """One of today that is open, as it began."""
    now = MONDAY.timestamp()
    with lore.knowledge.database.writing() as connection:
        roster = ritual.settings.team
        found = occurrences.plan(
            connection, ritual.id, MONDAY.date(), ritual.settings, roster, now, now + 86_400
        )
        assert found is not None
        table = occurrences.occurrences
        connection.execute(table.update().where(table.c.id == found).values(state=occurrences.OPEN))
    return found
