"""response_url: five messages within half an hour, to the place where someone interacted.

https://docs.slack.dev/interactivity/handling-user-interaction#message_responses: `response_type` ephemeral
(the default) or in_channel, `replace_original`, `delete_original`. *Assumed*: errors as `used_url` and
`expired_url` with status 404, and that an ephemeral reply to a slash command cannot be replaced later.
"""

from bot.workspace import checks, messages
from bot.workspace.description import Channel, Json
from bot.workspace.site import Refused, ResponseUrl, Site
from bot.workspace.team import Team
from bot.workspace.web_api import Answer

MOST_USES = 5
SECONDS = 30 * 60


def answer(site: Site, key: str, body: Json) -> Answer:
    """Take one use of a response_url."""
    with site.team.lock:
        target = site.response_urls.get(key)
        if target is None:
            return _no("no_active_hooks")
        if site.team.clock() - target.issued > SECONDS:
            return _no("expired_url")
        if target.uses >= MOST_USES:
            return _no("used_url")
        try:
            show(site.team, target, body)
        except Refused as refused:
            return Answer(200, {"ok": False, "error": refused.error} | refused.more, {})
        target.uses += 1
        return Answer(200, {"ok": True}, {}, stored=True)


def _no(error: str) -> Answer:
    return Answer(404, {"ok": False, "error": error}, {})


def show(team: Team, target: ResponseUrl, body: Json) -> Json | None:
    """Say, replace or delete what the reply asks for; the message as it now is, None when it was deleted."""
    place = team.channels[target.channel]
    if body.get("delete_original"):
        _delete(team, target, place)
        return None
    blocks = checks.message_blocks(body.get("blocks"))
    text = str(body.get("text") or "")
    attachments = body.get("attachments") or None
    if not text.strip() and not blocks and not attachments:
        raise Refused("no_text")
    said = messages.by_app(team, text, blocks, attachments=attachments)
    if body.get("replace_original") and target.message_ts is not None:
        return _replace(team, target, place, said)
    thread_ts = body.get("thread_ts") or target.thread_ts
    if body.get("response_type") == "in_channel":
        return messages.post(team, place, said, thread_ts)
    return messages.whisper(team, place, target.user, said, thread_ts)


def _replace(team: Team, target: ResponseUrl, place: Channel, said: Json) -> Json:
    ts = target.message_ts or ""
    if not target.ephemeral:
        fields = {"text": said["text"], "blocks": said.get("blocks"), "attachments": said.get("attachments")}
        if ts not in team.messages[place.id]:
            raise Refused("message_not_found")
        return messages.change(team, place, ts, fields, by=team.app.user_id)
    for each in team.ephemerals:
        if each.message["ts"] == ts:
            kept = {
                name: each.message[name]
                for name in ("ts", "thread_ts", "is_ephemeral")
                if name in each.message
            }
            each.message = said | kept
            team.announce("ephemeral", place.id, user=target.user, message=each.message)
            return each.message
    return messages.whisper(team, place, target.user, said, target.thread_ts)


def _delete(team: Team, target: ResponseUrl, place: Channel) -> None:
    ts = target.message_ts or ""
    if not target.ephemeral:
        if ts in team.messages[place.id]:
            messages.delete(team, place, ts)
        return
    team.ephemerals = [each for each in team.ephemerals if each.message["ts"] != ts]
    team.announce("ephemeral_deleted", place.id, user=target.user, ts=ts)
