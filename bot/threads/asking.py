"""Asks Slack for what was said, slowly: well below its limits, and waiting when Slack says so."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.hearing import Myself
from knowledge.errors import Unreadable

PER_MINUTE = 25
"""Slack lets an app of a company's own call these methods 50 times a minute; answers need some of that."""

BURST = 20
PAGE = 200
MOST_PAGES = 5_000
MOST_TRIES = 5
LONGEST_WAIT_S = 120.0
SLICE_S = 0.5
GONE = frozenset({"thread_not_found", "message_not_found"})
CLOSED = {
    "not_in_channel": "Lore is not in the channel: invite it",
    "channel_not_found": "there is no such channel, or Lore is not in it",
    "is_inactive": "the channel was deleted",
    "missing_scope": "the app lacks the scope to read it: see `lore manifest`",
    "access_denied": "Slack does not let Lore read it",
    "team_access_not_granted": "Slack does not let Lore read it",
    "channel_is_limited_access": "Slack does not let Lore read it",
}

Message = Mapping[str, Any]


class Cut(Exception):
    """Slack did not go on to tell; the text says why. What it has told is good."""


class Enough(Cut):
    """Slack was asked as often as one sync may; the next one goes on from there."""


class Closed(Exception):
    """Lore may not read the channel; the text says why."""


class Pacing:
    """Lets calls of each method through at PER_MINUTE, after BURST at once; shared by all threads."""

    def __init__(
        self,
        per_minute: float = PER_MINUTE,
        burst: int = BURST,
        monotonic: Callable[[], float] = time.monotonic,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._gap = 60.0 / per_minute
        self._slack = self._gap * (burst - 1)
        self._monotonic = monotonic
        self._wait = wait
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def pass_through(self, method: str, stopped: Callable[[], bool]) -> None:
        """Return when it is this call's turn. Raises Unreadable when somebody has cancelled the sync."""
        with self._lock:
            now = self._monotonic()
            turn = max(self._next.get(method, -math.inf), now - self._slack)
            self._next[method] = turn + self._gap
        self.rest(turn - now, stopped)

    def rest(self, seconds: float, stopped: Callable[[], bool]) -> None:
        """Wait so long, at most LONGEST_WAIT_S. Raises Unreadable as `pass_through` does."""
        end = self._monotonic() + min(seconds, LONGEST_WAIT_S)
        while True:
            if stopped():
                raise Unreadable("the sync was cancelled")
            left = end - self._monotonic()
            if left <= 0:
                return
            self._wait(min(left, SLICE_S))


class Asking:
    """One sync's calls to Slack; `calls` counts them.

    All of these raise Closed where the channel may not be read, Cut when Slack is away or asks for too much
    patience, and Unreadable when `stopped` says so.
    """

    def __init__(self, client: WebClient, pacing: Pacing, stopped: Callable[[], bool]) -> None:
        self._client = client
        self._pacing = pacing
        self._stopped = stopped
        self.calls = 0

    def history(self, channel: str, oldest: float, latest: str | None) -> Iterator[Sequence[Message]]:
        """The channel's own messages, newest first, page by page."""
        span = {"oldest": f"{oldest:.6f}", **({"latest": latest} if latest else {})}
        yield from self._pages("conversations.history", channel=channel, **span)

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The thread that a message is in, its root first; empty when it is gone.

        A message that is a reply leads to its root.
        """
        found = self._replies(channel, ts)
        root = str(found[0].get("thread_ts") or ts) if found else ts
        if root != ts or (found and found[0].get("ts") != root):
            found = self._replies(channel, root)
        if not found or found[0].get("ts") != root or found[0].get("subtype") == "tombstone":
            return []
        return found

    def channel(self, channel: str) -> Message:
        """What Slack says of a channel."""
        found: Message = self._call("conversations.info", channel=channel)["channel"]
        return found

    def channel_named(self, name: str) -> str:
        """The id of the only channel of that name. Raises Closed when there is none, or are several."""
        listed = self._pages("conversations.list", "channels", types="public_channel,private_channel")
        found = [str(one["id"]) for page in listed for one in page if one.get("name") == name]
        if len(found) != 1:
            raise Closed("there is no channel of that name that Lore can see: invite it, or give its id")
        return found[0]

    def myself(self) -> tuple[Myself, str]:
        """Who Lore is here, and the address of the workspace."""
        told = self._call("auth.test")
        me = Myself(*(str(told.get(name) or "") for name in ("user_id", "bot_id", "team_id")))
        return me, str(told.get("url") or "").rstrip("/")

    def _replies(self, channel: str, ts: str) -> list[Message]:
        try:
            pages = self._pages("conversations.replies", channel=channel, ts=ts)
            return [message for page in pages for message in page]
        except _Gone:
            return []

    def _pages(self, method: str, field: str = "messages", **arguments: Any) -> Iterator[Sequence[Message]]:
        cursor, seen = "", set[str]()
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            page = self._call(method, limit=PAGE, **arguments, **more)
            yield _list_of(page, field)
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor and page.get("has_more"):
                raise Cut(f"{method} says that there is more, and not where")
            if not cursor:
                return
            if cursor in seen:
                raise Cut(f"{method} repeats itself")
            seen.add(cursor)
        raise Cut(f"{method} has no end")

    def _call(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        for attempt in range(1, MOST_TRIES + 1):
            self._pacing.pass_through(method, self._stopped)
            self.calls += 1
            try:
                verb = "GET" if method.startswith("conversations.") else "POST"
                told = self._client.api_call(method, http_verb=verb, params=arguments).data
                if isinstance(told, dict):
                    return told
                why, pause = "no JSON", float(attempt)
            except SlackApiError as error:
                why, pause = _judged(error, attempt)
            except (SlackClientError, HTTPException, OSError) as error:
                why, pause = type(error).__name__, float(attempt)
            if attempt < MOST_TRIES:
                self._pacing.rest(pause, self._stopped)
        raise Cut(f"Slack does not tell ({method}: {why})")


class _Gone(Exception):
    """The message is not there any more."""


def _judged(error: SlackApiError, attempt: int) -> tuple[str, float]:
    """Why it failed and how long to wait before another attempt. Raises Closed, Cut or _Gone."""
    data = error.response.data if hasattr(error.response, "data") else None
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if code in GONE:
        raise _Gone from None
    if code in CLOSED:
        raise Closed(CLOSED[code]) from None
    status = int(getattr(error.response, "status_code", 0) or 0)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        seconds = _retry_after(error)
        if seconds > LONGEST_WAIT_S:
            raise Cut(f"Slack asks for {seconds:.0f} s of patience")
        return "too many calls", max(1.0, seconds)
    if status >= 500 or not code or code in ("internal_error", "fatal_error", "service_unavailable"):
        return code or f"status {status}", float(attempt)
    raise Cut(f"Slack says {code[:60]}") from None


def _retry_after(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in (error.response.headers or {}).items()}
    try:
        return max(0.0, float(str(headers.get("retry-after") or 1)))
    except ValueError:
        return 1.0


def _list_of(page: Mapping[str, Any], field: str) -> Sequence[Message]:
    found = page.get(field)
    if not isinstance(found, list):
        raise Cut("Slack's answer makes no sense")
    return [one for one in found if isinstance(one, dict)]
