"""Shows that Lore is at work in a thread: a kindness, never a condition of the answer."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.journal.work import Item
from bot.replies import thread_for

LONGEST_WAIT_S = 2.0
AT_MOST_AT_ONCE = 8

log = logging.getLogger(__name__)


class Status:
    """Sets the assistant status of a thread beside the work; Slack clears it when the reply is posted."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._slots = threading.BoundedSemaphore(AT_MOST_AT_ONCE)

    @contextmanager
    def shown(self, item: Item, text: str) -> Iterator[None]:
        """While the block runs, in the thread of the reply; what only one person reads shows nothing.

        The call has ended before the block's end, so that it never outlives the reply; when Slack is slow,
        it is waited for no longer than LONGEST_WAIT_S.
        """
        thread_ts = thread_for(item)
        if not thread_ts or not self._slots.acquire(blocking=False):
            yield
            return

        def work() -> None:
            try:
                self._set(item.channel, thread_ts, text)
            finally:
                self._slots.release()

        call = threading.Thread(target=work, name="status", daemon=True)
        call.start()
        try:
            yield
        finally:
            call.join(LONGEST_WAIT_S)

    def _set(self, channel: str, thread_ts: str, text: str) -> None:
        try:
            self._client.assistant_threads_setStatus(channel_id=channel, thread_ts=thread_ts, status=text)
        except SlackApiError as error:
            log.info("no status is shown: %s", error.response.get("error"))
        except (SlackClientError, HTTPException, OSError) as error:
            log.info("no status is shown: %s", type(error).__name__)
