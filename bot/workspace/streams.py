"""Messages that grow while the app writes them, and how they end.

Methods: https://docs.slack.dev/reference/methods/chat.startStream (appendStream, stopStream); chunks as
slack_sdk/models/messages/chunk.py (3.47) has them. Not documented there, but seen in Slack by others:
a stream has one mode, Markdown or chunks, by what it is first given (`streaming_mode_mismatch`); it ends by
itself some five minutes after its start (github.com/slackapi/python-slack-sdk/issues/1859); while it is open
it has `streaming_state: in_progress` and refuses `chat.update` (`streaming_state_conflict`) and
`chat.delete` (`cant_delete_message`). *Assumed*: the state `errored` of one that Slack has ended; that
everyone sees it grow, where Slack may show that to its recipient alone; that no event tells of an append.
"""

from collections.abc import Iterator
from typing import Any

from bot.workspace import checks, messages
from bot.workspace.description import Channel, Json
from bot.workspace.shapes import Check, anything, by_type, list_of, one_of, shape, string, url
from bot.workspace.site import Refused
from bot.workspace.team import Team

MOST_MARKDOWN = 12_000
MOST_TITLE = 256

CHUNKS: Check = list_of(
    by_type(
        {
            "markdown_text": shape({"text": string(MOST_MARKDOWN, 1)}),
            "task_update": shape(
                {
                    "id": string(255, 1),
                    "title": string(MOST_TITLE, 1),
                    "status": one_of("pending", "in_progress", "complete", "error"),
                },
                {
                    "details": string(),
                    "output": string(),
                    "sources": list_of(by_type({"url": shape({"url": url(), "text": string(least=1)})})),
                },
            ),
            "plan_update": shape({"title": string(MOST_TITLE, 1)}),
            "blocks": shape({"blocks": list_of(anything, 50, 1)}),
        }
    ),
    least=1,
)


def content(markdown: str | None, chunks: Any) -> list[Json]:
    """What is to be said as chunks. Raises Refused; the names of errors as others have seen them."""
    if markdown is not None and chunks is not None:
        raise Refused("cannot_provide_both_markdown_text_and_chunks")
    if markdown is not None:
        if len(markdown) > MOST_MARKDOWN:
            raise Refused("msg_too_long")
        return [{"type": "markdown_text", "text": markdown}]
    if chunks is None:
        return []
    problems: list[str] = []
    CHUNKS(chunks, "/chunks", problems)
    if problems:
        raise Refused.with_messages("invalid_chunks", problems)
    for chunk in chunks:
        if chunk["type"] == "blocks":
            checks.message_blocks(chunk["blocks"])
    return list(chunks)


def mode(markdown: str | None, chunks: Any) -> str:
    """`markdown`, `chunks`, or "" while neither was given."""
    return "markdown" if markdown is not None else "chunks" if chunks is not None else ""


def start(team: Team, place: Channel, thread_ts: str, said: list[Json], with_mode: str) -> Json:
    """Post the message that will grow. Raises Refused."""
    body = messages.by_app(team, "", [])
    _grow(body, said)
    message = messages.post(team, place, body | {"streaming_state": "in_progress"}, thread_ts)
    team.streams[(place.id, message["ts"])] = {"began": team.clock(), "mode": with_mode}
    return message


def append(team: Team, place: Channel, ts: str, said: list[Json], with_mode: str) -> Json:
    """Make an open stream's message longer. Raises Refused."""
    message = _open(team, place, ts, with_mode)
    grown = message | {"blocks": list(message.get("blocks", []))}
    _grow(grown, said)
    message.update(grown)
    team.announce("stream_changed", place.id, message=message)
    return message


def stop(
    team: Team,
    place: Channel,
    ts: str,
    said: list[Json],
    with_mode: str,
    blocks: list[Json],
    metadata: Json | None,
) -> Json:
    """End a stream, with `blocks` below what it said. Raises Refused."""
    message = _open(team, place, ts, with_mode)
    grown = message | {"blocks": list(message.get("blocks", []))}
    _grow(grown, said, blocks)
    message.update(grown)
    if metadata is not None:
        message["metadata"] = metadata
    _end(team, place.id, ts, "completed")
    return message


def expire(team: Team, after: float) -> None:
    """End every stream that is older than `after` seconds, as Slack does by itself."""
    for (channel, ts), stream in list(team.streams.items()):
        if team.clock() - stream["began"] >= after:
            _end(team, channel, ts, "errored")


def halt(team: Team, channel: str, thread_ts: str) -> list[str]:
    """End the streams of one thread, as Slack does when a person clicks stop; their timestamps."""
    found = []
    for place, ts in list(team.streams):
        message = team.messages[place].get(ts, {})
        if place == channel and message.get("thread_ts") == thread_ts:
            found.append(ts)
            _end(team, place, ts, "completed")
    return found


def _end(team: Team, channel: str, ts: str, state: str) -> None:
    del team.streams[(channel, ts)]
    message = team.messages[channel].get(ts)
    if message is not None:
        message["streaming_state"] = state
        team.announce("stream_changed", channel, message=message)


def _open(team: Team, place: Channel, ts: str, with_mode: str) -> Json:
    expire(team, team.stream_seconds)
    message = team.messages[place.id].get(ts)
    if message is None or message.get("bot_id") != team.app.bot_id:
        raise Refused("message_not_found")
    stream = team.streams.get((place.id, ts))
    if stream is None:
        raise Refused("message_not_in_streaming_state")
    if with_mode and stream["mode"] and with_mode != stream["mode"]:
        raise Refused("streaming_mode_mismatch")
    stream["mode"] = stream["mode"] or with_mode
    return message


def _grow(message: Json, said: list[Json], below: list[Json] | None = None) -> None:
    """Add chunks to a message's text and blocks, if all of it is not too long. Raises Refused.

    *Assumed*: Markdown that follows Markdown joins its block. Seen by others: a task's later chunk gives its
    card another title and status, and adds to its details and output.
    """
    blocks: list[Json] = message.setdefault("blocks", [])
    for chunk in said:
        match chunk["type"]:
            case "markdown_text":
                message["text"] += chunk["text"]
                if blocks and blocks[-1]["type"] == "markdown":
                    blocks[-1] = blocks[-1] | {"text": blocks[-1]["text"] + chunk["text"]}
                else:
                    blocks += messages.settled([{"type": "markdown", "text": chunk["text"]}])
            case "task_update":
                _task(blocks, chunk)
            case "plan_update":
                blocks[:] = [block for block in blocks if block["type"] != "plan"]
                blocks += messages.settled([{"type": "plan", "title": chunk["title"], "tasks": []}])
            case _:
                blocks += messages.settled(chunk["blocks"])
    blocks += messages.settled(below or [])
    checks.message_blocks(blocks)


def _task(blocks: list[Json], chunk: Json) -> None:
    found = next((block for block in blocks if block.get("task_id") == chunk["id"]), None)
    card = found or messages.settled([{"type": "task_card", "task_id": chunk["id"]}])[0]
    later = card | {"title": chunk["title"], "status": chunk["status"]}
    for part in ("details", "output"):
        if chunk.get(part):
            later[part] = _rich("".join((*_words(card.get(part)), chunk[part])))
    if chunk.get("sources"):
        later["sources"] = [*card.get("sources", []), *chunk["sources"]]
    if found is None:
        blocks.append(later)
    else:
        blocks[blocks.index(found)] = later


def _rich(text: str) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _words(rich: Json | None) -> Iterator[str]:
    for section in (rich or {}).get("elements", []):
        for element in section["elements"]:
            yield element["text"]
