"""`conversations.*`: channels, who is in them, and what was said there."""

from bot.workspace import membership, messages, objects
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method


def info(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.info"""
    place = call.channel()
    call.needs(place, "read")
    body = objects.channel(call.team, place)
    if call.flag("include_num_members"):
        body["num_members"] = len(place.people)
    return {"channel": body}


def _kinds(call: Call) -> set[str]:
    asked = call.text("types") or "public_channel"
    kinds = {kind.strip() for kind in asked.split(",")}
    if kinds - {"public_channel", "private_channel", "im", "mpim"}:
        raise Refused("invalid_types")
    return kinds


def _kind(place: Channel) -> str:
    if place.kind != "channel":
        return place.kind
    return "private_channel" if place.private else "public_channel"


def _listed(call: Call, user: str, only_member: bool) -> list[Channel]:
    kinds = _kinds(call)
    hide_archived = call.flag("exclude_archived")
    found = []
    for place in call.team.channels.values():
        if _kind(place) not in kinds or (place.archived and hide_archived):
            continue
        if user in place.people or (not only_member and call.team.sees(user, place)):
            call.needs(place, "read")
            found.append(place)
    return found


def list_(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.list: 100 a page, at most 1,000."""
    app = call.team.app.user_id
    page, cursor = call.page(_listed(call, app, only_member=False), default=100, most=1000)
    bodies = [objects.channel(call.team, place) | {"num_members": len(place.people)} for place in page]
    return {"channels": bodies, "response_metadata": {"next_cursor": cursor}}


def of_user(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/users.conversations

    For another person than the caller: only what both may see.
    """
    user = call.text("user") or call.team.app.user_id
    if user not in call.team.people:
        raise Refused("user_not_found")
    app = call.team.app.user_id
    shared = [each for each in _listed(call, user, only_member=True) if call.team.sees(app, each)]
    page, cursor = call.page(shared, default=100, most=999)
    bodies = [objects.channel(call.team, place) for place in page]
    return {"channels": bodies, "response_metadata": {"next_cursor": cursor}}


def members(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.members: 100 a page, at most 1,000."""
    place = call.channel()
    call.needs(place, "read")
    page, cursor = call.page(place.people, default=100, most=1000)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}


def _readable(call: Call) -> Channel:
    place = call.channel()
    call.needs(place, "history")
    if call.team.app.user_id not in place.people:
        raise Refused("not_in_channel")
    return place


def _between(call: Call, found: list[Json]) -> list[Json]:
    oldest, latest = call.text("oldest"), call.text("latest")
    for bound in (oldest, latest):
        if bound is not None and not bound.replace(".", "", 1).isdigit():
            raise Refused("invalid_ts_oldest" if bound == oldest else "invalid_ts_latest")
    kept = found
    inclusive = call.flag("inclusive")
    if oldest is not None:
        low = float(oldest)
        kept = [each for each in kept if float(each["ts"]) > low or (inclusive and float(each["ts"]) == low)]
    if latest is not None:
        high = float(latest)
        kept = [
            each for each in kept if float(each["ts"]) < high or (inclusive and float(each["ts"]) == high)
        ]
    return kept


def _shown(call: Call, message: Json) -> Json:
    """Without metadata, unless it was asked for."""
    if call.flag("include_all_metadata"):
        return dict(message)
    return {key: value for key, value in message.items() if key != "metadata"}


def history(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.history: newest first, up to 999 a page."""
    place = _readable(call)
    newest_first = list(reversed(_between(call, messages.top_level(call.team, place.id))))
    page, cursor = call.page(newest_first, default=100, most=999)
    body: Json = {"messages": [_shown(call, each) for each in page], "has_more": bool(cursor), "pin_count": 0}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def replies(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.replies: root first, 1,000 a page.

    The time limits leave the root in. A reply's own ts finds only that reply.
    """
    place = _readable(call)
    ts = call.must("ts")
    found = messages.thread(call.team, place.id, ts)
    if not found:
        raise Refused("thread_not_found")
    root = [each for each in found if each["ts"] == ts]
    rest = _between(call, [each for each in found if each["ts"] != ts])
    page, cursor = call.page(root + rest, default=1000, most=1000)
    body: Json = {"messages": [_shown(call, each) for each in page], "has_more": bool(cursor)}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def open_(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.open"""
    named = call.text("channel")
    if named:
        return {"channel": {"id": call.channel().id}, "no_op": True, "already_open": True}
    users = [user.strip() for user in (call.text("users") or "").split(",") if user.strip()]
    if not users:
        raise Refused("users_list_not_supplied")
    if len(users) > 8:
        raise Refused("too_many_users")
    for user in users:
        if user not in call.team.people:
            raise Refused("user_not_found")
        if call.team.people[user].deleted:
            raise Refused("user_disabled")
    before = set(call.team.channels)
    place = call.team.dm(call.team.app.user_id, *users)
    call.needs(place, "write")
    body = objects.channel(call.team, place) if call.flag("return_im") else {"id": place.id}
    return {"channel": body} | ({"no_op": True, "already_open": True} if place.id in before else {})


def join(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/conversations.join: public channels only."""
    place = call.channel()
    if place.private or place.kind != "channel":
        raise Refused("method_not_supported_for_channel_type")
    if place.archived:
        raise Refused("is_archived")
    app = call.team.app.user_id
    if app in place.people:
        already = {"warning": "already_in_channel", "response_metadata": {"warnings": ["already_in_channel"]}}
        return {"channel": objects.channel(call.team, place)} | already
    membership.join(call.team, place, app)
    return {"channel": objects.channel(call.team, place)}


METHODS = {
    "conversations.info": Method(info),
    "conversations.list": Method(list_, tier=2),
    "conversations.members": Method(members, tier=4),
    "conversations.history": Method(history),
    "conversations.replies": Method(replies),
    "conversations.open": Method(open_, ("im:write", "mpim:write")),
    "conversations.join": Method(join, ("channels:join",), takes_effect=True),
    "users.conversations": Method(of_user),
}
