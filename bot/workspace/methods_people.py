"""`users.*` and `usergroups.*`: who there is."""

from bot.workspace import objects
from bot.workspace.description import Json, Person
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method


def _shown(call: Call, person: Person) -> Json:
    """E-mail addresses only with their own scope: https://docs.slack.dev/reference/scopes/users.read.email"""
    return objects.user(call.team, person, with_email="users:read.email" in call.team.app.scopes)


def _person(call: Call) -> Person:
    person = call.team.people.get(call.must("user"))
    if person is None:
        raise Refused("user_not_found")
    return person


def info(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/users.info"""
    return {"user": _shown(call, _person(call))}


def list_(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/users.list; all at once without a limit (*assumed*: 1,000)."""
    people = [each for each in call.team.people.values() if not each.is_stranger]
    page, cursor = call.page(people, default=1000, most=1000)
    return {
        "members": [_shown(call, person) for person in page],
        "cache_ts": int(call.team.clock()),
        "response_metadata": {"next_cursor": cursor},
    }


def by_email(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/users.lookupByEmail"""
    wanted = call.must("email").lower()
    for person in call.team.people.values():
        reachable = not person.is_bot and not person.deleted and not person.is_stranger
        if reachable and person.email.lower() == wanted:
            return {"user": _shown(call, person)}
    raise Refused("users_not_found")


def profile(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/users.profile.get"""
    return {"profile": _shown(call, _person(call))["profile"]}


def groups(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/usergroups.list"""
    with_users, disabled_too = call.flag("include_users"), call.flag("include_disabled")
    found = [each for each in call.team.groups.values() if disabled_too or not each.disabled]
    return {"usergroups": [objects.group(call.team, each, with_users) for each in found]}


def group_members(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/usergroups.users.list"""
    group = call.team.groups.get(call.must("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}


METHODS = {
    "users.info": Method(info, ("users:read",), tier=4),
    "users.list": Method(list_, ("users:read",), tier=2),
    "users.lookupByEmail": Method(by_email, ("users:read.email",)),
    "users.profile.get": Method(profile, ("users.profile:read", "users:read"), tier=4),
    "usergroups.list": Method(groups, ("usergroups:read",), tier=2),
    "usergroups.users.list": Method(group_members, ("usergroups:read",), tier=2),
}
