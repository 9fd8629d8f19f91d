"""`api.test`, `auth.test`, `apps.connections.open`, `team.info`, `bots.info` and `assistant.threads.*`."""

from bot.workspace import messages
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused
from bot.workspace.web_api import Call, Method


def api_test(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/api.test: says back what it was told, fails on request."""
    args = {key: value for key, value in call.args.items() if key != "token"}
    if "error" in args:
        raise Refused(str(args["error"]), args=args)
    return {"args": args} if args else {}


def auth_test(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/auth.test"""
    team = call.team
    return {
        "url": f"{call.site.url}/",
        "team": team.name,
        "user": team.app.bot_name,
        "team_id": team.id,
        "user_id": team.app.user_id,
        "bot_id": team.app.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/apps.connections.open; here a `ws:` address, on loopback."""
    return {"url": call.site.new_socket_url()}


def team_info(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/team.info"""
    team = call.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain, "url": f"{call.site.url}/"}}


def bots_info(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/bots.info"""
    bot = call.text("bot")
    if bot not in (None, call.team.app.bot_id):
        raise Refused("bot_not_found")
    return {"bot": messages.bot_profile(call.team)}


def _thread(call: Call, optional: bool = False) -> tuple[Channel, str]:
    place = call.channel("channel_id")
    if call.team.app.user_id not in place.people:
        raise Refused("not_in_channel")
    thread_ts = call.text("thread_ts") if optional else call.must("thread_ts")
    if thread_ts is not None and thread_ts not in call.team.messages[place.id]:
        raise Refused("invalid_thread_ts")
    return place, thread_ts or ""


def set_status(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setStatus

    An empty status clears; a post of the app in the thread clears too; it fades after two minutes.
    """
    place, thread_ts = _thread(call)
    status = str(call.args.get("status", ""))
    loading = call.structure("loading_messages", "invalid_arguments") or []
    if len(loading) > 10:
        raise Refused.with_messages("invalid_arguments", ["no more than 10 items allowed"])
    shown = {"status": status, "loading_messages": loading, "at": call.team.clock()}
    call.team.statuses[(place.id, thread_ts)] = shown
    call.team.announce("status", place.id, thread_ts=thread_ts, **shown)
    return {}


def set_prompts(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts: one to four.

    Without `thread_ts` they stand in the conversation itself, in an app with the agent view (SDK 3.43).
    """
    place, thread_ts = _thread(call, optional=True)
    prompts = call.structure("prompts", "invalid_arguments")
    wellformed = isinstance(prompts, list) and all(
        isinstance(each, dict) and each.get("title") and each.get("message") for each in prompts
    )
    if not wellformed or not 1 <= len(prompts) <= 4:
        raise Refused.with_messages("invalid_arguments", ["prompts must be one to four titles and messages"])
    shown = {"prompts": prompts, "title": call.text("title")}
    call.team.prompts[(place.id, thread_ts)] = shown
    call.team.announce("prompts", place.id, thread_ts=thread_ts, **shown)
    return {}


def set_title(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/assistant.threads.setTitle"""
    place, thread_ts = _thread(call)
    call.team.announce("title", place.id, thread_ts=thread_ts, title=call.must("title"))
    return {}


ASSISTANT = ("assistant:write", "chat:write")

METHODS = {
    "api.test": Method(api_test, takes="none", tier=4),
    "auth.test": Method(auth_test, takes="any", tier=4),
    "apps.connections.open": Method(connections_open, takes="app", tier=1),
    "team.info": Method(team_info, ("team:read",)),
    "bots.info": Method(bots_info, ("users:read",)),
    "assistant.threads.setStatus": Method(set_status, ASSISTANT),
    "assistant.threads.setSuggestedPrompts": Method(set_prompts, ASSISTANT),
    "assistant.threads.setTitle": Method(set_title, ASSISTANT),
}
