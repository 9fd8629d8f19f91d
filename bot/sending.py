"""One message to Slack, and what became of it: pure judgement of Slack's replies around one call."""

import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.webhook import WebhookClient

from bot.messages import Kind, Message

EVENT_TYPE = "lore_delivery"
LONGEST_PAUSE_S = 900.0
USUAL_PAUSE_S = 30.0
LOOK_BACK_S = 600.0
PAGE = 100
PERSON = re.compile(r"[UW][A-Z0-9]{7,}")
MOST_PAGES = 50

TOKEN_ERRORS = frozenset({"invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""A token can be put right; what was said meanwhile waits for it."""
PASSING_ERRORS = TOKEN_ERRORS | {
    "internal_error",  # Slack: "it's possible some aspect of the operation succeeded"
    "fatal_error",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}
CONTENT_ERRORS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "invalid_metadata_format",
        "metadata_too_large",
    }
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """Slack has it; `ts` is empty where Slack gives none, and so is the `channel` in which it stands."""

    ts: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Slack took nothing and wants `seconds` of rest, made sane.

    `looking`: it was no post that was limited, so other posts need not rest.
    """

    seconds: float
    looking: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Slack took nothing and never will; `about_content` when another text might pass."""

    error: str
    about_content: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have arrived or not."""

    error: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """Looked for and not there: sending it again is safe."""


Fate = Sent | RateLimited | Refused | Unsure


def rest(header: str | None) -> float:
    """Seconds to wait for a Retry-After header, whatever it holds: what is no number is 30, at most 900."""
    try:
        seconds = float(header if header is not None else "")
    except ValueError:
        return USUAL_PAUSE_S
    if math.isnan(seconds) or seconds < 0:
        return USUAL_PAUSE_S
    return min(seconds, LONGEST_PAUSE_S)


def judge(status: int, error: str, headers: Mapping[str, Any]) -> RateLimited | Refused | Unsure:
    """What an unsuccessful reply means. `error` is Slack's code, or a sentence where the SDK made one up."""
    if status == 429 or error in ("ratelimited", "rate_limited"):
        return RateLimited(rest(_retry_after(headers)))
    if status >= 500 or error in PASSING_ERRORS or not error or " " in error:
        return Unsure(error or f"HTTP {status}")
    return Refused(error, about_content=error in CONTENT_ERRORS)


def _retry_after(headers: Mapping[str, Any]) -> str | None:
    for name, value in headers.items():
        if name.lower() == "retry-after":
            return str(value[0] if isinstance(value, list) and value else value)
    return None


def fate_of(call: Callable[[], Any]) -> Fate:
    """Make one call to Slack, and judge what came of it. Never raises for Slack."""
    try:
        reply = call()
        return Sent(str(reply.get("ts") or reply.get("message_ts") or ""), str(reply.get("channel") or ""))
    except SlackApiError as error:
        data = error.response.data if isinstance(error.response.data, Mapping) else {}
        return judge(error.response.status_code, str(data.get("error") or ""), error.response.headers)
    except (SlackClientError, HTTPException, OSError) as error:
        return Unsure(f"{type(error).__name__}: {error}")
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a reply of another shape
        log.warning("Slack replied something unexpected: %s", error)
        return Unsure(f"{type(error).__name__}: {error}")


class Sender:
    """Makes the call for a message, and looks for one whose fate is unknown. Never raises for Slack."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def send(self, message: Message, token: str, target_ts: str = "") -> Fate:
        """Send now. `token` is put into the metadata; `target_ts` is what an update or delete is about."""
        match message.kind:
            case Kind.POST:
                return fate_of(
                    lambda: self._client.chat_postMessage(
                        channel=message.channel,
                        thread_ts=message.thread_ts or None,
                        metadata={"event_type": EVENT_TYPE, "event_payload": {"key": token}},
                        **_content(message),
                    )
                )
            case Kind.UPDATE:
                return fate_of(
                    lambda: self._client.chat_update(
                        channel=message.channel,
                        ts=target_ts,
                        text=message.text,
                        blocks=_blocks(message),
                        link_names=False,
                        parse="none",
                    )
                )
            case Kind.DELETE:
                fate = fate_of(lambda: self._client.chat_delete(channel=message.channel, ts=target_ts))
                return Sent() if isinstance(fate, Refused) and fate.error == "message_not_found" else fate
            case Kind.EPHEMERAL:
                return fate_of(
                    lambda: self._client.chat_postEphemeral(
                        channel=message.channel,
                        user=message.person,
                        thread_ts=message.thread_ts or None,
                        text=message.text,
                        blocks=_blocks(message) or None,
                        link_names=False,
                        parse="none",
                    )
                )
            case Kind.RESPOND:
                return self._respond(message)

    def find(
        self, message: Message, token: str, since: float
    ) -> Sent | NotFound | RateLimited | Unsure | Refused:
        """Look for a message of ours in Slack by its token; `since` is when we may first have sent it."""
        found: Sent | NotFound = NotFound()

        def look() -> Mapping[str, Any]:
            nonlocal found
            channel = self._conversation(message.channel)
            if channel is None:
                return {}  # nothing was ever said to this person
            cursor: str | None = None
            for _ in range(MOST_PAGES):
                page = self._page(replace(message, channel=channel), since, cursor)
                for one in page["messages"]:
                    if token_of(one) == token:
                        found = Sent(str(one["ts"]), channel)
                        return {}
                cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
                if cursor is None:
                    return {}
            raise SlackClientError(f"{MOST_PAGES} pages and no end")

        fate = fate_of(look)
        if isinstance(fate, RateLimited):
            return replace(fate, looking=True)
        return found if isinstance(fate, Sent) else fate

    def _conversation(self, channel: str) -> str | None:
        """Only posting takes a person's id for the direct message with them; None where there is none yet."""
        if not PERSON.fullmatch(channel):
            return channel
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = self._client.conversations_list(types="im", limit=PAGE, cursor=cursor)
            for one in page["channels"]:
                if one.get("user") == channel:
                    return str(one["id"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return None
        raise SlackClientError(f"{MOST_PAGES} pages of conversations and no end")

    def _page(self, message: Message, since: float, cursor: str | None) -> Any:
        oldest = f"{max(0.0, since - LOOK_BACK_S):.6f}"
        if message.thread_ts:
            return self._client.conversations_replies(
                channel=message.channel,
                ts=message.thread_ts,
                oldest=oldest,
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
        return self._client.conversations_history(
            channel=message.channel, oldest=oldest, include_all_metadata=True, limit=PAGE, cursor=cursor
        )

    def _respond(self, message: Message) -> Fate:
        webhook = WebhookClient(
            message.response_url, timeout=self._client.timeout, ssl=self._client.ssl, retry_handlers=[]
        )
        try:
            reply = webhook.send(
                text=message.text,
                blocks=_blocks(message) or None,
                response_type="ephemeral",
                replace_original=message.replace_original,
                delete_original=message.delete_original or None,
                unfurl_links=False,
                unfurl_media=False,
            )
        except (SlackClientError, HTTPException, OSError) as error:
            return Unsure(f"{type(error).__name__}: {error}")
        if reply.status_code == 200:
            return Sent()
        return judge(reply.status_code, (reply.body or "").strip()[:80], reply.headers)


def _blocks(message: Message) -> list[dict[str, Any]]:
    return [dict(block) for block in message.blocks]


def _content(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "blocks": _blocks(message) or None,
        "unfurl_links": False,
        "unfurl_media": False,
        "link_names": False,
        "parse": "none",
    }


def token_of(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return str(payload.get("key") or "") if metadata.get("event_type") == EVENT_TYPE else ""
