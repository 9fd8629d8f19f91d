"""Slack's objects for people, channels and user groups, as the Web API and events carry them."""

from bot.workspace import ids
from bot.workspace.description import Channel, Group, Json, Person
from bot.workspace.team import Team


def user(team: Team, person: Person, with_email: bool = True) -> Json:
    """https://docs.slack.dev/reference/objects/user-object

    `is_email_confirmed` stands in the responses of users.info that Slack's SDKs are typed after
    (github.com/slackapi/node-slack-sdk, `UsersInfoResponse`). *Assumed*: it is False until the person has
    followed the link in Slack's letter, for a new address too, and for bots.
    """
    profile: Json = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "team": person.team_id,
    } | status(team, person)
    if with_email and not person.is_bot:
        profile["email"] = person.email
    body: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "profile": profile,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": int(team.clock()),
    }
    if person.id == team.app.user_id:
        profile |= {"api_app_id": team.app.id, "bot_id": team.app.bot_id}
    if person.is_stranger:
        return body | {"is_stranger": True}
    if person.deleted:
        return body
    return body | {
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": person.tz,
        "is_admin": person.is_admin or person.is_owner,
        "is_owner": person.is_owner,
        "is_primary_owner": False,
        "is_restricted": person.is_guest,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_email_confirmed": person.is_email_confirmed and not person.is_bot,
    }


def status(team: Team, person: Person) -> Json:
    """A person's status as their profile has it; `status_expiration` is 0 for one that does not expire.

    https://docs.slack.dev/methods/users.profile.set and
    https://docs.slack.dev/reference/objects/user-object#profile. *Assumed*: what has expired is not told any
    more, also before anybody hears that it has.
    """
    expired = 0 < person.status_expiration <= team.clock()
    text, emoji, expiration = (
        ("", "", 0)
        if expired
        else (
            person.status_text,
            person.status_emoji,
            person.status_expiration,
        )
    )
    return {"status_text": text, "status_emoji": emoji, "status_expiration": expiration}


def channel(team: Team, place: Channel) -> Json:
    """https://docs.slack.dev/reference/objects/conversation-object"""
    body: Json = {
        "id": place.id,
        "created": place.created,
        "is_archived": place.archived,
        "is_channel": place.kind == "channel" and not place.private,
        "is_group": place.kind == "channel" and place.private,
        "is_im": place.kind == "im",
        "is_mpim": place.kind == "mpim",
        "is_private": place.private or place.kind != "channel",
        "is_org_shared": place.is_org_shared,
        "is_ext_shared": place.is_ext_shared,
        "is_shared": place.is_ext_shared or place.is_org_shared,
        "context_team_id": team.id,
        "updated": int(team.clock() * 1000),
    }
    if place.kind == "im":
        other = next((each for each in place.people if each != team.app.user_id), team.app.user_id)
        gone = team.people[other].deleted
        return body | {"user": other, "is_user_deleted": gone, "priority": 0, "is_open": True}
    note = {"creator": "", "last_set": 0}
    return body | {
        "name": place.name,
        "name_normalized": place.name,
        "creator": place.people[0] if place.people else "",
        "is_general": place.name == "general",
        "is_member": team.app.user_id in place.people,
        "is_pending_ext_shared": False,
        "shared_team_ids": sorted({team.people[member].team_id for member in place.people} | {team.id}),
        "unlinked": 0,
        "topic": note | {"value": place.topic},
        "purpose": note | {"value": place.purpose},
        "previous_names": [],
    }


def group(team: Team, usergroup: Group, with_users: bool) -> Json:
    """https://docs.slack.dev/reference/objects/usergroup-object"""
    body: Json = {
        "id": usergroup.id,
        "team_id": team.id,
        "is_usergroup": True,
        "is_subteam": True,
        "name": usergroup.name,
        "handle": usergroup.handle,
        "description": "",
        "is_external": False,
        "date_create": 0,
        "date_update": int(team.clock()),
        "date_delete": int(team.clock()) if usergroup.disabled else 0,
        "auto_type": None,
        "prefs": {"channels": [], "groups": []},
        "user_count": len(usergroup.members),
    }
    return body | ({"users": list(usergroup.members)} if with_users else {})


def channel_type(place: Channel) -> str:
    """How events name the kind of place: channel, group, im or mpim."""
    if place.kind != "channel":
        return place.kind
    return "group" if place.private else "channel"


def view(team: Team, stored: Json) -> Json:
    """https://docs.slack.dev/reference/views: what Slack adds to a view that the app sent."""
    return {
        "id": ids.fresh("V"),
        "team_id": team.id,
        "state": {"values": {}},
        "hash": f"{team.next_ts()[:10]}.{ids.block_id()}",
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "title": None,
        "close": None,
        "submit": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "previous_view_id": None,
        "root_view_id": None,
        "app_id": team.app.id,
        "app_installed_team_id": team.id,
        "bot_id": team.app.bot_id,
    } | stored
