"""`views.*`: modals and App Homes."""

from bot.workspace import checks, modals
from bot.workspace.description import Json
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method


def _view(call: Call, kind: str) -> Json:
    return checks.view(call.structure("view", "invalid_arguments"), kind)


def _trigger(call: Call) -> str:
    return call.text("trigger_id") or call.must("interactivity_pointer")


def open_(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/views.open"""
    view = _view(call, "modal")
    user = call.site.triggers.exchange(_trigger(call))
    return {"view": modals.open_view(call.team, user, view)}


def push(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/views.push"""
    view = _view(call, "modal")
    user = call.site.triggers.exchange(_trigger(call))
    return {"view": modals.push(call.team, user, view)}


def update(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/views.update"""
    view = _view(call, "modal")
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if view_id is None and external_id is None:
        raise Refused.with_messages("invalid_arguments", ["missing required field: view_id"])
    found = modals.find(call.team, view_id, external_id)
    return {"view": modals.update(call.team, found, view, call.text("hash"))}


def publish(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/views.publish"""
    view = _view(call, "home")
    user = call.must("user_id")
    if user not in call.team.people:
        raise Refused("user_not_found")
    return {"view": modals.publish(call.team, user, view, call.text("hash"))}


METHODS = {
    "views.open": Method(open_, tier=4, takes_effect=True),
    "views.push": Method(push, tier=4, takes_effect=True),
    "views.update": Method(update, tier=4, takes_effect=True),
    "views.publish": Method(publish, tier=4, takes_effect=True),
}
