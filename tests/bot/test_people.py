"""Who can read a place, as Slack tells it; what it does not tell means no."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.delivery import slack_client
from bot.late_check import late_check
from bot.messages import Check, Message, Place
from bot.people import People
from bot.person import person_from
from bot.threads.hiding import LiveStore
from bot.workspace import Workspace
from bot.workspace.description import Description
from knowledge.audience import (
    EVERYONE,
    UNKNOWN_READERS,
    WHOLE_WORKSPACE,
    Audience,
    Readers,
    may_all_read,
)
from tests.bot.conftest import HandClock

TEAM = {
    "people": [
        {"name": "ana", "is_admin": True, "tz": "Europe/Lisbon"},
        {"name": "ben"},
        {"name": "chloe"},
        {"name": "gus", "is_restricted": True},
        {"name": "gia", "is_restricted": True, "is_ultra_restricted": True},
        {"name": "sam", "is_stranger": True},
        {"name": "robot", "is_bot": True},
        {"name": "alien", "is_bot": True, "is_stranger": True},
        {"name": "gone", "deleted": True},
    ],
    "channels": [
        {"name": "general"},
        {"name": "three", "members": ["ana", "ben", "chloe", "lore"]},
        {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]},
        {"name": "bots", "private": True, "members": ["ana", "robot", "lore"]},
        {"name": "guests", "private": True, "members": ["ana", "gus", "lore"]},
        {"name": "partners", "members": ["ana", "sam", "lore"], "is_ext_shared": True},
        {"name": "sharing", "private": True, "members": ["ana", "sam", "lore"]},
        {"name": "invaded", "private": True, "members": ["ana", "alien", "lore"]},
        {"name": "old", "members": ["ana", "ben"], "archived": True},
    ],
    "groups": [
        {"handle": "ml-leads", "members": ["ana", "ben"]},
        {"handle": "closed", "members": ["ana"], "disabled": True},
        {"handle": "second", "members": ["ben"]},
    ],
}


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(Description.from_dict(TEAM)) as workspace:
        yield workspace


@pytest.fixture
def people(slack: Workspace, clock: HandClock) -> People:
    return People(slack_client(slack.bot_token, slack.api_url), clock, admins={"BEN@heron.example"})


def ids(slack: Workspace, *names: str) -> frozenset[str]:
    return frozenset(slack.person(name).id for name in names)


def at(slack: Workspace, channel: str) -> Place:
    return Place(slack.channel(channel).id)


def test_az04_a_public_channel_is_the_whole_workspace(slack: Workspace, people: People) -> None:
    assert people.readers(at(slack, "#three")) == WHOLE_WORKSPACE
    audience = Audience(principals=frozenset(["#three"]))
    assert not may_all_read(audience, people.readers(at(slack, "#three")), people.members)


def test_az01_a_private_channel_is_its_members(slack: Workspace, people: People) -> None:
    assert people.readers(at(slack, "#leads")) == Readers(people=ids(slack, "ana", "ben"))
    audience = Audience(principals=frozenset(["#leads"]))
    assert may_all_read(audience, people.readers(at(slack, "#leads")), people.members)


def test_bots_of_our_own_read_nothing(slack: Workspace, people: People) -> None:
    assert people.readers(at(slack, "#bots")) == Readers(people=ids(slack, "ana"))


def test_a_dm_is_its_person(slack: Workspace, people: People) -> None:
    assert people.readers(Place(slack.dm("ana"))) == Readers(people=ids(slack, "ana"))
    assert people.readers(Place(slack.dm("ana", "ben"))) == Readers(people=ids(slack, "ana", "ben"))


def test_an_ephemeral_is_its_person_even_where_lore_is_not(slack: Workspace, people: People) -> None:
    ana = slack.person("ana").id
    assert people.readers(Place("C0000000", only=ana)) == Readers(people=frozenset({ana}))


@pytest.mark.parametrize("channel", ["#guests", "#partners", "#sharing", "#invaded"])
def test_az13_az15_places_with_guests_or_strangers_get_nothing(
    slack: Workspace, people: People, channel: str
) -> None:
    assert people.readers(at(slack, channel)) == UNKNOWN_READERS


@pytest.mark.parametrize("name", ["gus", "gia", "sam", "robot", "gone", "lore"])
def test_az15_guests_strangers_bots_and_the_deactivated_get_nothing(
    slack: Workspace, people: People, name: str
) -> None:
    user_id = slack.person(name).id
    assert people.readers(Place("D1", only=user_id)) == UNKNOWN_READERS
    assert people.members(user_id) is None
    assert not people.is_full_member(user_id)
    assert not people.is_admin(user_id)


def test_az13_a_dm_with_a_guest_gets_nothing(slack: Workspace, people: People) -> None:
    assert people.readers(Place(slack.dm("gus"))) == UNKNOWN_READERS
    assert people.readers(Place(slack.dm("ana", "gus"))) == UNKNOWN_READERS


@pytest.mark.parametrize("method", ["conversations.info", "conversations.members", "users.info"])
@pytest.mark.parametrize("fault", ["error", "429", "500", "html", "cut"])
def test_az06_what_cannot_be_asked_is_no_and_is_asked_again(
    slack: Workspace, people: People, method: str, fault: str
) -> None:
    match fault:
        case "error":
            slack.faults.error(method, "channel_not_found")
        case "429":
            slack.faults.rate_limited(method)
        case "500":
            slack.faults.status(method)
        case "html":
            slack.faults.html(method)
        case _:
            slack.faults.cut(method)
    assert people.readers(at(slack, "#leads")) == UNKNOWN_READERS
    assert people.readers(at(slack, "#leads")) == Readers(people=ids(slack, "ana", "ben"))


def test_az06_half_of_the_members_is_not_all_of_them(clock: HandClock) -> None:
    many = [{"name": f"p{n}"} for n in range(250)]
    private = {"name": "many", "private": True, "members": [*(f"p{n}" for n in range(250)), "lore"]}
    with Workspace(Description.from_dict({"people": many, "channels": [private]})) as slack:
        people = People(slack_client(slack.bot_token, slack.api_url), clock)
        slack.faults.error("conversations.members", where=lambda args: bool(args.get("cursor")))
        assert people.readers(at(slack, "#many")) == UNKNOWN_READERS
        readers = people.readers(at(slack, "#many"))
        assert len(readers.people) == 250
        assert len(slack.ledger.calls_of("users.info")) == 0, "so many are asked for at once"


def test_az21_a_change_is_seen_within_the_time_to_live(
    slack: Workspace, people: People, clock: HandClock
) -> None:
    assert people.readers(at(slack, "#leads")).people == ids(slack, "ana", "ben")
    slack.kick("ben", "#leads")
    slack.change_person("ana", is_restricted=True)
    assert people.readers(at(slack, "#leads")).people == ids(slack, "ana", "ben")
    clock.forward(61)
    assert people.readers(at(slack, "#leads")) == UNKNOWN_READERS
    slack.change_person("ana", is_restricted=False)
    clock.forward(61)
    assert people.readers(at(slack, "#leads")).people == ids(slack, "ana")


def test_az14_az21_an_event_is_believed_at_once(slack: Workspace, people: People) -> None:
    leads = slack.channel("#leads").id
    assert people.readers(Place(leads)).people == ids(slack, "ana", "ben")
    slack.kick("ben", "#leads")
    people.heard({"type": "member_left_channel", "channel": leads, "user": slack.person("ben").id})
    assert people.readers(Place(leads)).people == ids(slack, "ana")
    slack.share_channel("#leads")
    people.heard({"type": "channel_shared", "channel": leads, "connected_team_id": "T9"})
    assert people.readers(Place(leads)) == UNKNOWN_READERS
    assert people.members("@ml-leads") == ids(slack, "ana", "ben")
    slack.set_group("ml-leads", ["ana"])
    people.heard({"type": "subteam_members_changed", "subteam_id": "S1"})
    assert people.members("@ml-leads") == ids(slack, "ana")
    ana = slack.person("ana").id
    assert people.is_full_member(ana)
    slack.change_person("ana", deleted=True)
    people.heard({"type": "user_change", "user": {"id": ana}})
    assert not people.is_full_member(ana)


def test_az22_an_address_that_somebody_else_has_now_names_them_at_once(
    slack: Workspace, people: People
) -> None:
    assert people.members("ana@heron.example") == ids(slack, "ana")
    slack.change_person("ana", email="ana.costa@heron.example")
    slack.change_person("ben", email="ana@heron.example")
    people.heard({"type": "user_change", "user": {"id": slack.person("ben").id}})
    assert people.members("ana@heron.example") == ids(slack, "ben")


def test_az22_an_address_that_nobody_has_confirmed_names_nobody(slack: Workspace, people: People) -> None:
    ben = slack.person("ben").id
    assert (people.members("ben@heron.example"), people.is_admin(ben)) == (ids(slack, "ben"), True)
    slack.change_person("ben", is_email_confirmed=False)
    people.heard({"type": "user_change", "user": {"id": ben}})
    assert people.members("ben@heron.example") is None
    assert not people.is_admin(ben)
    assert not people.is_named(ben, {"ben@heron.example"})
    assert people.members(ben) == ids(slack, "ben"), "by their id they are who they are"


@pytest.mark.parametrize(("said", "email"), [({}, "ana@x.example"), ({"is_email_confirmed": False}, "")])
def test_an_address_counts_unless_slack_says_that_it_is_not_confirmed(
    said: Mapping[str, bool], email: str
) -> None:
    user = {"id": "U0000ANA1", "team_id": "T1", "profile": {"email": "ana@x.example"}}
    assert person_from({**user, **said}, "T1").email == email


def test_az24_what_was_asked_before_a_change_was_heard_is_not_remembered(
    slack: Workspace, people: People
) -> None:
    leads = slack.channel("#leads").id

    def hear_meanwhile(_: object) -> bool:
        people.heard({"type": "member_left_channel", "channel": leads, "user": "U1"})
        return False  # no fault: the reply is the proper one

    slack.faults.error("conversations.members", where=hear_meanwhile)
    assert people.readers(Place(leads)).people == ids(slack, "ana", "ben")
    slack.kick("ben", "#leads")
    assert people.readers(Place(leads)).people == ids(slack, "ana")


def test_principals_name_people(slack: Workspace, people: People) -> None:
    ana = slack.person("ana").id
    assert people.members("#leads") == ids(slack, "ana", "ben")
    assert people.members(f"#{slack.channel('#leads').id}") == ids(slack, "ana", "ben")
    assert people.members("#old") == ids(slack, "ana", "ben")
    assert people.members("@ml-leads") == ids(slack, "ana", "ben")
    assert people.members("ana@heron.example") == {ana}
    assert people.members("ANA@Heron.example") == {ana}
    assert people.members(ana) == {ana}


@pytest.mark.parametrize(
    "principal",
    [
        "#nowhere",
        "@nobody",
        "@closed",
        "who@heron.example",
        "gus@heron.example",
        "U00000000",
        "",
        "ana",
    ],
)
def test_az08_unknown_and_ambiguous_principals_name_nobody(people: People, principal: str) -> None:
    assert people.members(principal) is None


def test_az08_names_that_two_things_bear_name_nobody(slack: Workspace, people: People) -> None:
    slack.channel("#three").name = "leads"  # Slack Connect can do this
    for group in slack.site.team.groups.values():
        group.handle = "ml-leads"
    assert people.members("#leads") is None
    assert people.members("@ml-leads") is None


def test_admins_are_named_in_the_settings_or_by_slack(slack: Workspace, people: People) -> None:
    assert people.is_admin(slack.person("ana").id)
    assert people.is_admin(slack.person("ben").id)
    assert not people.is_admin(slack.person("chloe").id)
    assert not people.is_admin("U00000000")


def admins_of_the_group(slack: Workspace, clock: HandClock) -> People:
    named = {"@second", "chloe@heron.example"}
    return People(slack_client(slack.bot_token, slack.api_url), clock, admins=named)


def test_a_user_group_holds_admins_for_as_long_as_they_are_in_it(slack: Workspace, clock: HandClock) -> None:
    people = admins_of_the_group(slack, clock)
    ben, chloe = slack.person("ben").id, slack.person("chloe").id
    assert people.is_admin(ben)
    assert people.admins() == ids(slack, "ben", "chloe")
    slack.set_group("second", ["ana"])
    clock.forward(61)
    assert not people.is_admin(ben)
    assert people.is_admin(chloe)


def test_while_slack_does_not_tell_of_a_group_only_those_named_are_admins(
    slack: Workspace, clock: HandClock
) -> None:
    people = admins_of_the_group(slack, clock)
    slack.faults.error("usergroups.users.list", "internal_error", times=1)
    assert not people.is_admin(slack.person("ben").id)
    slack.faults.error("usergroups.list", "internal_error", times=100)
    people.heard({"type": "subteam_updated"})
    assert not people.is_admin(slack.person("ben").id)
    assert people.is_admin(slack.person("chloe").id)


def test_az29_a_look_alike_of_an_admin_is_none(slack: Workspace, people: People) -> None:
    for email in ("ben@heron.example.org", "bеn@heron.example"):  # the second with a Cyrillic e
        twin = slack.add_person("Ben", real_name="Ben", email=email)
        assert not people.is_admin(twin.id)


def test_az29_letters_that_fold_into_others_stay_themselves(slack: Workspace, clock: HandClock) -> None:
    people = People(slack_client(slack.bot_token, slack.api_url), clock, admins={"skov@strasse.example"})
    for email in ("\u017fkov@strasse.example", "s\u212aov@strasse.example", "skov@stra\u00dfe.example"):
        assert not people.is_admin(slack.add_person("twin", email=email).id)
    assert people.members("skov@stra\u00dfe.example") is not None
    assert people.is_admin(slack.add_person("skov", email="SKOV@strasse.example").id)
    assert people.members("s\u212aov@strasse.example") != people.members("skov@strasse.example")


def test_people_have_names_and_zones(slack: Workspace, people: People) -> None:
    person = people.person(slack.person("ana").id)
    assert person is not None
    assert (person.name, person.zone.key) == ("ana", "Europe/Lisbon")
    assert people.person("U00000000") is None


def test_az14_the_late_check_denies_a_place_that_became_shared(slack: Workspace, people: People) -> None:
    leads = slack.channel("#leads").id
    audience = Audience(principals=frozenset(["#leads"])).key
    check = late_check(people, {"wiki/a.md": audience}.get)
    message = Message(
        leads, "private", check=Check(Place(leads), (audience,), ("wiki/a.md",)), instead="not here"
    )
    assert check(message) is message
    slack.share_channel("#leads")
    people.heard({"type": "channel_shared", "channel": leads})
    denied = check(message)
    assert denied is not None
    assert (denied.text, denied.blocks, denied.check) == ("not here", (), None)
    assert check(replace(message, instead="")) is None


class Telling(WebClient):
    """Tells more of channels than the local workspace does."""

    more: Mapping[str, Any] = {}

    def conversations_info(self, **asked: Any) -> SlackResponse:  # type: ignore[override]
        answer = super().conversations_info(**asked)
        assert isinstance(answer.data, dict)
        answer.data["channel"] |= self.more
        return answer


@pytest.mark.parametrize(
    ("more", "is_ours"),
    [
        ({"shared_team_ids": ["OURS"], "connected_team_ids": []}, True),
        ({"is_ext_shared": None}, False),
        ({"is_pending_ext_shared": True}, False),
        ({"is_org_shared": True}, False),
        ({"pending_shared": ["T9"]}, False),
        ({"pending_connected_team_ids": ["T9"]}, False),
        ({"connected_team_ids": ["T9"]}, False),
        ({"shared_team_ids": ["OURS", "T9"]}, False),
    ],
)
def test_az13_a_channel_that_may_be_shared_is_shared(
    slack: Workspace, clock: HandClock, more: dict[str, Any], is_ours: bool
) -> None:
    client = Telling(slack.bot_token, base_url=slack.api_url)
    ours = str(client.auth_test()["team_id"])
    client.more = {
        key: [ours if one == "OURS" else one for one in value] if isinstance(value, list) else value
        for key, value in more.items()
    }
    channel = slack.channel("#three").id
    people = People(client, clock)
    assert people.readers(Place(channel)) == (WHOLE_WORKSPACE if is_ours else UNKNOWN_READERS)
    store = LiveStore(Everyones(), None, people, ours)  # type: ignore[arg-type]
    assert store.current_audience(f"talks/{channel}/t1") == (EVERYONE.key if is_ours else None)


class Everyones:
    """A store that knows every document, for everyone."""

    def current_audience(self, _document_id: str) -> str:
        return EVERYONE.key


def test_az23_the_late_check_sees_documents_as_they_are_now(slack: Workspace, people: People) -> None:
    general = slack.channel("#general").id
    message = Message(general, "public", check=Check(Place(general), ("everyone",), ("wiki/a.md",)))
    leads = Audience(principals=frozenset(["#leads"])).key
    assert late_check(people, {"wiki/a.md": "everyone"}.get)(message) is message
    assert late_check(people, {"wiki/a.md": leads}.get)(message) is None
    assert late_check(people, dict[str, str]().get)(message) is None
    assert late_check(people, dict[str, str]().get)(Message(general, "hello")) is not None


def test_az14_what_quotes_nothing_is_not_said_where_nobody_knows_who_reads(
    slack: Workspace, people: People
) -> None:
    leads = slack.channel("#leads").id
    check = late_check(people, dict[str, str]().get)
    message = Message(leads, "I searched 3 documents in secrets", check=Check(Place(leads)))
    assert check(message) is message
    slack.share_channel("#leads")
    people.heard({"type": "channel_shared", "channel": leads})
    assert check(message) is None
