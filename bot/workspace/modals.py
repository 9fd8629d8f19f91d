"""Views: modals in each person's stack, and App Homes. Follows https://docs.slack.dev/surfaces/modals

A stack holds three views at most; a view that is updated, pushed or closed is announced to the page.
"""

from bot.workspace import messages, objects
from bot.workspace.description import Json
from bot.workspace.site import Refused
from bot.workspace.team import Team, View

MOST_VIEWS = 3


def _store(team: Team, user: str, body: Json) -> View:
    body = dict(body)
    body["blocks"] = messages.settled(body["blocks"])
    full = objects.view(team, body)
    if full["external_id"] and any(
        view.body["external_id"] == full["external_id"] and view.opened for view in team.views.values()
    ):
        raise Refused("duplicate_external_id")
    view = View(user, full)
    team.views[full["id"]] = view
    return view


def open_view(team: Team, user: str, body: Json) -> Json:
    """Show a modal; whatever was open goes."""
    view = _store(team, user, body)
    for each in team.stacks.get(user, []):
        team.views[each].opened = False
    team.stacks[user] = [view.body["id"]]
    view.body["root_view_id"] = view.body["id"]
    team.announce("view", None, user=user, view=view.body)
    return view.body


def push(team: Team, user: str, body: Json) -> Json:
    """Put a modal on top of the stack. Raises Refused when it is full."""
    stack = team.stacks.get(user, [])
    if not stack:
        raise Refused("view_not_found")
    if len(stack) >= MOST_VIEWS:
        raise Refused("push_limit_reached")
    view = _store(team, user, body)
    view.body |= {"previous_view_id": stack[-1], "root_view_id": stack[0]}
    stack.append(view.body["id"])
    team.announce("view", None, user=user, view=view.body)
    return view.body


def find(team: Team, view_id: str | None, external_id: str | None) -> View:
    """An open view by either id. Raises Refused."""
    for view in team.views.values():
        by_id = view_id is not None and view.body["id"] == view_id
        by_external = external_id is not None and view.body["external_id"] == external_id
        if (by_id or by_external) and view.opened:
            return view
    raise Refused("not_found")


def update(team: Team, view: View, body: Json, seen_hash: str | None = None) -> Json:
    """Replace what a view shows; what was typed stays where block and action ids stay."""
    if seen_hash is not None and seen_hash != view.body["hash"]:
        raise Refused("hash_conflict")
    kept = ("id", "root_view_id", "previous_view_id", "state")
    body = body | {"blocks": messages.settled(body["blocks"])}
    view.body = objects.view(team, body) | {name: view.body[name] for name in kept}
    team.announce("view", None, user=view.user, view=view.body)
    return view.body


def close(team: Team, view: View, everything: bool = False) -> list[View]:
    """Take a view, or its whole stack, away; gives back what was closed."""
    stack = team.stacks.get(view.user, [])
    place = 0 if everything or view.body["id"] not in stack else stack.index(view.body["id"])
    closed = [team.views[each] for each in stack[place:]] or [view]
    team.stacks[view.user] = stack[:place]
    for each in closed:
        each.opened = False
    on_top = team.views[stack[place - 1]].body if place else None
    team.announce("view_closed", None, user=view.user, view_id=view.body["id"], view=on_top)
    return closed


def publish(team: Team, user: str, body: Json, seen_hash: str | None) -> Json:
    """Set a person's App Home."""
    before = team.homes.get(user)
    if seen_hash is not None and before is not None and before.body["hash"] != seen_hash:
        raise Refused("hash_conflict")
    full = objects.view(team, body | {"blocks": messages.settled(body["blocks"])})
    if before is not None:
        full["id"] = before.body["id"]
    full["root_view_id"] = full["id"]
    team.homes[user] = View(user, full)
    team.announce("home", None, user=user, view=full)
    return full


def top(team: Team, user: str) -> View | None:
    """The modal that this person sees now."""
    stack = team.stacks.get(user, [])
    return team.views[stack[-1]] if stack else None
