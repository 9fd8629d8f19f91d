"""A message that was streamed becomes exactly what it would have been without: stopped, then replaced."""

import logging
from collections.abc import Iterator, Mapping
from typing import Any

from slack_sdk import WebClient

from bot.inbox import Checkpoint, pass_by
from bot.journal import streams
from bot.journal.streams import Stream
from bot.journal.writer import JournalWriter
from bot.messages import Kind, Message
from bot.sending import (
    EVENT_TYPE,
    PAGE,
    Fate,
    RateLimited,
    Refused,
    Sender,
    Sent,
    Unsure,
    fate_of,
    token_of,
)
from knowledge.ports import Clock

CLOSED = frozenset({"message_not_in_streaming_state", "stopped_by_user"})
GONE = "message_not_found"
OPENING_S = 8.0
"""A stream whose message is not known so long after it was begun is looked for in its thread."""

log = logging.getLogger(__name__)


class StreamEnds:
    """Ends streams. Every step may be repeated: a crash between any two of them changes nothing.

    The key by which a message is found again comes with its final content, in one call; so a message with
    its key is finished, and a streamed one without it is not.
    """

    def __init__(
        self,
        client: WebClient,
        writer: JournalWriter,
        sender: Sender,
        clock: Clock,
        opening_s: float = OPENING_S,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._client = client
        self._writer = writer
        self._sender = sender
        self._clock = clock
        self._opening_s = opening_s
        self._checkpoint = checkpoint
        self._me = ""

    def of(self, message: Message) -> Stream | None:
        """The stream that this outbox message is to end, if any."""
        return self._writer.read(lambda connection: streams.of_message(connection, message.key))

    def end(self, stream: Stream, message: Message | None, token: str) -> Fate:
        """Make the stream's message this one, with `token` in its metadata; with None take it away.

        `Unsure` also while the stream is still being opened by somebody.
        """
        ts = stream.ts or self._located(stream)
        if not isinstance(ts, str):
            return ts
        if message is not None and message.kind is Kind.DELETE:
            message = None
        if message is not None and (message.channel, message.kind) != (stream.channel, Kind.POST):
            gone = self.end(stream, None, token)
            return self._sender.send(message, token) if isinstance(gone, Sent) else gone
        if not ts:
            return Sent() if message is None else self._sender.send(message, token)
        self._checkpoint("before stop")
        stopped = self._stop(stream, ts)
        self._checkpoint("after stop")
        if isinstance(stopped, Refused) and stopped.error == GONE:
            return Sent() if message is None else self._sender.send(message, token)
        if not isinstance(stopped, Sent):
            return stopped
        if message is None:
            return self._sender.send(Message(stream.channel, "", Kind.DELETE), token, ts)
        return self._replace(stream, ts, message, token)

    def _stop(self, stream: Stream, ts: str) -> Fate:
        fate = fate_of(lambda: self._client.chat_stopStream(channel=stream.channel, ts=ts))
        if isinstance(fate, Refused) and fate.error in CLOSED:
            self._no_longer_at_work(stream)
            return Sent(ts)
        return _of_this_message(fate)

    def _no_longer_at_work(self, stream: Stream) -> None:
        """Slack shows that Lore works until it is told otherwise; stopping an open stream tells it."""
        fate = fate_of(
            lambda: self._client.agents_sessions_setStatus(
                channel_id=stream.channel, thread_ts=stream.thread_ts, status="active"
            )
        )
        if not isinstance(fate, Sent):
            log.info("the session's status stays as it is: %s", fate)

    def _replace(self, stream: Stream, ts: str, message: Message, token: str) -> Fate:
        fate = fate_of(
            lambda: self._client.chat_update(
                channel=message.channel,
                ts=ts,
                text=message.text,
                blocks=[dict(block) for block in message.blocks],
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": token}},
                link_names=False,
                parse="none",
            )
        )
        if not isinstance(fate, Refused) or fate.about_content:
            return Sent(ts) if isinstance(fate, Sent) else _of_this_message(fate)
        log.warning("a streamed message cannot be replaced (%s): it is taken away and said anew", fate.error)
        gone = self._sender.send(Message(stream.channel, "", Kind.DELETE), token, ts)
        return self._sender.send(message, token) if isinstance(gone, Sent) else _of_this_message(gone)

    # a stream of which nobody wrote down that Slack had opened it

    def _located(self, stream: Stream) -> str | Fate:
        """The message's ts, "" when there is none in Slack, or why that is not known."""
        if self._clock().timestamp() - stream.began_at < self._opening_s:
            return Unsure("its stream is just being opened")
        fate = fate_of(lambda: {"ts": next(self._unfinished(stream), "")})
        if not isinstance(fate, Sent):
            return _of_this_message(fate)
        if fate.ts:
            self._writer.write(lambda connection: streams.opened(connection, stream.key, fate.ts))
        return fate.ts

    def _unfinished(self, stream: Stream) -> Iterator[str]:
        """Our streamed messages in the thread that carry no key and belong to no other stream."""
        known = self._writer.read(lambda connection: streams.known_ts(connection, stream.channel))
        self._me = self._me or str(self._client.auth_test()["user_id"])
        cursor: str | None = None
        while True:
            page = self._client.conversations_replies(
                channel=stream.channel,
                ts=stream.thread_ts,
                oldest=stream.asked_ts,
                include_all_metadata=True,
                limit=PAGE,
                cursor=cursor,
            )
            yield from (str(one["ts"]) for one in page["messages"] if self._is_left(one, stream, known))
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return

    def _is_left(self, message: Mapping[str, Any], stream: Stream, known: set[str]) -> bool:
        ts = str(message.get("ts") or "")
        ours = message.get("user") == self._me and bool(message.get("streaming_state"))
        return ours and ts > stream.asked_ts and ts not in known and not token_of(message)


def _of_this_message(fate: Fate) -> Fate:
    """A limit on stopping or changing is none on posting."""
    return RateLimited(fate.seconds, looking=True) if isinstance(fate, RateLimited) else fate
