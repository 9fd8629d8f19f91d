"""Agent sessions: a thread's status with its title, and the stop button while the app is at work.

https://docs.slack.dev/ai/agent-sessions; `chat.startStream` makes a session and sets it to `processing`, and
`chat.stopStream` sets it to `active` or to what its `session_status` says
(github.com/agentconnect-md/agentconnect/pull/1483, github.com/slackapi/python-slack-sdk/pull/1945).
"""

from bot.workspace import streams
from bot.workspace.description import Json
from bot.workspace.site import Refused
from bot.workspace.team import NotThere, Team
from bot.workspace.web_api import Call, Method

STATUSES = ("active", "processing", "suspended", "closed")
STOPPED = "agent_session_stopped"
MOST_TITLE = 200


def turn(team: Team, channel: str, thread_ts: str, status: str, title: str | None = None) -> Json:
    """Give a thread's session a status, making it when there was none; and tell the page."""
    session = team.sessions.setdefault((channel, thread_ts), {"title": ""})
    session["status"] = status
    if title is not None:
        session["title"] = title
    team.announce("session", channel, thread_ts=thread_ts, stoppable=stoppable(team, session), **session)
    return session


def stoppable(team: Team, session: Json) -> bool:
    """Whether people see a stop button: the app is at work, and has subscribed to being told."""
    return session.get("status") == "processing" and STOPPED in team.app.events


def stop(team: Team, user: str, channel: str, thread_ts: str) -> None:
    """A person clicks stop: open streams end, and the app is told. The status stays as it is.

    https://docs.slack.dev/reference/events/agent_session_stopped; raises NotThere without such a button.
    """
    if not stoppable(team, team.sessions.get((channel, thread_ts), {})):
        raise NotThere("nothing is at work there that could be stopped")
    halted = streams.halt(team, channel, thread_ts)
    team.announce(STOPPED, channel, user=user, thread_ts=thread_ts, streaming_message_ts=halted)


def _thread(call: Call) -> tuple[str, str]:
    """*Assumed*: the errors for a thread that is not there; `not_authorized` without `assistant:write` is
    reported (github.com/kirodotdev/KiroCrew/issues/9822)."""
    if "assistant:write" not in call.team.app.scopes:
        raise Refused("not_authorized")
    place = call.channel("channel_id")
    if call.team.app.user_id not in place.people:
        raise Refused("not_in_channel")
    thread_ts = call.must("thread_ts")
    if thread_ts not in call.team.messages[place.id]:
        raise Refused("invalid_thread_ts")
    return place.id, thread_ts


def set_status(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/agents.sessions.setStatus: a title counts once."""
    channel, thread_ts = _thread(call)
    status, title = call.must("status"), call.text("title")
    if status not in STATUSES or len(title or "") > MOST_TITLE:
        raise Refused.with_messages("invalid_arguments", ["status or title is not allowed"])
    new = (channel, thread_ts) not in call.team.sessions
    session = turn(call.team, channel, thread_ts, status, (title or "") if new else None)
    body: Json = {"status": session["status"], "title": session["title"]}
    if status == "processing" and STOPPED not in call.team.app.events:
        body["warning"] = "missing_agent_session_stopped_event_subscription"
    return body


def rename(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/agents.sessions.rename; *assumed*: `session_not_found`."""
    channel, thread_ts = _thread(call)
    title = call.must("title")
    if len(title) > MOST_TITLE:
        raise Refused.with_messages(
            "invalid_arguments", [f"title must be less than {MOST_TITLE + 1} characters"]
        )
    session = call.team.sessions.get((channel, thread_ts))
    if session is None:
        raise Refused("session_not_found")
    turn(call.team, channel, thread_ts, session["status"], title)
    return {"title": title}


METHODS = {
    "agents.sessions.setStatus": Method(set_status, ("chat:write",)),
    "agents.sessions.rename": Method(rename, ("chat:write",)),
}
