"""Forms: what people may put into each kind of element, and what the app then gets."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_bolt import Ack, App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.workspace import Channel, NotThere, Workspace

Json = dict[str, Any]
Connect = Callable[[App], SocketModeHandler]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.title()), "value": value} for value in values]


def field(name: str, kind: str, optional: bool = True, **more: Any) -> Json:
    element = {"type": kind, "action_id": name} | more
    return {"type": "input", "block_id": name, "label": plain(name), "optional": optional, "element": element}


FIELDS = (
    field("day", "datepicker", initial_date="2026-11-20"),
    field("at", "timepicker", initial_time="09:30", timezone="Europe/Berlin"),
    field("count", "number_input", is_decimal_allowed=False, min_value="1", max_value="15"),
    field("loss", "number_input", is_decimal_allowed=True),
    field("link", "url_text_input"),
    field("mail", "email_text_input"),
    field("notes", "plain_text_input", multiline=True, min_length=3, max_length=20),
    field("mood", "radio_buttons", options=options("good", "bad")),
    field("days", "checkboxes", options=options("mon", "tue"), initial_options=options("mon")),
    field("form", "static_select", options=options("thread", "compiled")),
    field("tags", "multi_static_select", options=options("a", "b", "c"), max_selected_items=2),
    field("lead", "users_select"),
    field("team", "multi_users_select"),
    field("place", "conversations_select", filter={"include": ["public"], "exclude_bot_users": True}),
    field("channel", "channels_select"),
)


@pytest.fixture
def sent(slack: Workspace, client: WebClient, app: App, connect: Connect) -> list[Json]:
    """What the app was sent; Ana has the form of all FIELDS open."""
    found: list[Json] = []

    @app.view("form")
    def submitted(ack: Ack, view: Json) -> None:
        found.append(view["state"]["values"])
        ack()

    connect(app)
    trigger = slack.site.triggers.issue(slack.person("ana").id)
    view = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send")}
    client.views_open(trigger_id=trigger, view=view | {"blocks": list(FIELDS)})
    return found


def submit(slack: Workspace, **values: Any) -> dict[str, str]:
    """The complaints."""
    [view] = slack.views_open("ana")
    return slack.submit_view("ana", view["id"], values).errors


def test_every_element_reaches_the_app_under_its_own_key(slack: Workspace, sent: list[Json]) -> None:
    ana, ben, general = slack.person("ana").id, slack.person("ben").id, slack.channel("general").id
    typed = {
        "count": "3",
        "loss": "-0.25",
        "link": "https://example.org/run/1",
        "mail": "ana@heron.example",
        "notes": "two\nlines",
        "mood": "good",
        "days": ["mon", "tue"],
        "form": "compiled",
        "tags": ["a", "c"],
        "lead": ana,
        "team": [ana, ben],
        "place": general,
        "channel": general,
    }
    assert submit(slack, **typed) == {}
    [values] = sent
    got = {name: values[name][name] for name in values}
    assert got["day"]["selected_date"] == "2026-11-20"
    assert got["at"]["selected_time"] == "09:30"
    plainly = ("count", "loss", "link", "mail", "notes")
    assert {name: got[name]["value"] for name in plainly} == {name: typed[name] for name in plainly}
    assert got["mood"]["selected_option"]["value"] == "good"
    assert [one["value"] for one in got["days"]["selected_options"]] == ["mon", "tue"]
    assert got["form"]["selected_option"]["text"]["text"] == "Compiled"
    assert [one["value"] for one in got["tags"]["selected_options"]] == ["a", "c"]
    assert got["lead"]["selected_user"] == ana
    assert got["team"]["selected_users"] == [ana, ben]
    assert got["place"]["selected_conversation"] == general
    assert got["channel"]["selected_channel"] == general


def test_what_is_left_empty_is_told_as_nothing(slack: Workspace, sent: list[Json]) -> None:
    assert submit(slack) == {}
    [values] = sent
    assert values["day"]["day"]["selected_date"] == "2026-11-20"
    assert [one["value"] for one in values["days"]["days"]["selected_options"]] == ["mon"]
    assert values["count"]["count"]["value"] is None
    assert values["lead"]["lead"]["selected_user"] is None
    assert values["team"]["team"]["selected_users"] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("count", "three"),
        ("count", "1.5"),
        ("count", "0"),
        ("count", "16"),
        ("loss", "1,5"),
        ("link", "no address"),
        ("mail", "ana at home"),
        ("notes", "ab"),
        ("notes", "x" * 21),
        ("tags", ["a", "b", "c"]),
    ],
)
def test_slack_itself_refuses_what_an_element_does_not_take(
    slack: Workspace, sent: list[Json], name: str, value: Any
) -> None:
    assert list(submit(slack, **{name: value})) == [name]
    assert sent == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("day", "20.11.2026"),
        ("at", "24:00"),
        ("mood", "meh"),
        ("days", ["sun"]),
        ("tags", ["d"]),
        ("lead", "U0NOBODY00"),
        ("team", ["ana"]),
        ("place", "C0NOWHERE0"),
    ],
)
def test_nobody_can_choose_what_is_not_offered(
    slack: Workspace, sent: list[Json], name: str, value: Any
) -> None:
    with pytest.raises(NotThere):
        submit(slack, **{name: value})
    assert sent == []


def test_menus_of_conversations_keep_their_filter(slack: Workspace, sent: list[Json]) -> None:
    leads = slack.channel("leads").id
    old = slack.add_channel(Channel("old-things"))
    slack.archive("old-things")
    for place in (leads, slack.dm("ana"), old.id):
        with pytest.raises(NotThere):
            submit(slack, place=place)


REFUSED = (
    field("day", "datepicker", initial_date="20.11.2026"),
    field("at", "timepicker", initial_time="9:30"),
    field("at", "timepicker", initial_time="25:00"),
    field("count", "number_input"),
    field("count", "number_input", is_decimal_allowed=False, min_value=1),
    field("count", "number_input", is_decimal_allowed=False, initial_value="many"),
    field("place", "conversations_select", filter={}),
    field("place", "conversations_select", filter={"include": []}),
    field("place", "conversations_select", filter={"include": ["shared"]}),
    field("days", "checkboxes", options=options(*(f"d{n}" for n in range(11)))),
    field("mood", "radio_buttons", options=[]),
    field("tags", "multi_static_select"),
)


@pytest.mark.parametrize("block", REFUSED, ids=lambda block: block["element"]["type"])
def test_elements_that_slack_does_not_show_are_refused(
    slack: Workspace, client: WebClient, block: Json
) -> None:
    trigger = slack.site.triggers.issue(slack.person("ana").id)
    view = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Send")}
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        client.views_open(trigger_id=trigger, view=view | {"blocks": [block]})
    assert slack.views_open("ana") == []
