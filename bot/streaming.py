"""An answer shown while it is written: cards of what is being done, then each verified sentence, whole."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from slack_sdk import WebClient
from sqlalchemy.exc import SQLAlchemyError

from bot.blocks import streamed
from bot.blocks.rich_text import Block, size
from bot.inbox import Checkpoint, pass_by
from bot.journal import streams
from bot.journal.streams import Stream
from bot.journal.work import Item
from bot.journal.writer import JournalWriter
from bot.messages import Check, Message
from bot.outbox import LateCheck
from bot.replies import place_of, thread_for
from bot.sending import TOKEN_ERRORS, RateLimited, Refused, Sent, Unsure, fate_of
from bot.stream_ends import CLOSED, OPENING_S
from bot.unshown import Unshown
from knowledge.errors import LoreError
from knowledge.ports import Clock
from knowledge.steps import Step

MOST_BYTES = 7_000
MOST_BLOCKS = 40
MOST_A_MINUTE = 15
CALL_TIMEOUT_S = 4
NOT_HERE_FOR_S = 600.0
NOT_HERE = frozenset(
    {
        "unknown_method",
        "method_deprecated",
        "deprecated_endpoint",
        "missing_scope",
        "not_allowed",
        "not_allowed_token_type",
        "not_authorized",
        "no_permission",
        "access_denied",
    }
)
"""Refusals that hold for every stream of this app, and not for what was in one."""
TOO_LONG = frozenset({"msg_blocks_too_long", "msg_too_long"})
BAD_BLOCKS = frozenset({"invalid_chunks", "invalid_blocks", "invalid_blocks_format", "invalid_arguments"})

log = logging.getLogger(__name__)


class Over(Exception):
    """The work on an answer is to end now."""


class NoLongerWanted(Over):
    """The asker has stopped it, or the question was withdrawn or settled otherwise: say nothing."""


class NoLongerReadable(Over):
    """Not everyone who reads the place may still read what the answer rests on."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Appends are at least `every_s` apart: what comes meanwhile goes out with the next. A stream that Slack
    closes before it is `expires_from_s` old was not closed for its age. One whose message is not known
    `opening_s` after it was begun is looked for in its thread."""

    every_s: float = 0.7
    expires_from_s: float = 60.0
    opening_s: float = OPENING_S


class Streams:
    """Opens live views of answers, where Slack lets this app stream."""

    def __init__(
        self,
        client: WebClient,
        writer: JournalWriter,
        late_check: LateCheck,
        clock: Clock,
        rhythm: Rhythm,
        elapsed: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = pass_by,
    ) -> None:
        self._lore = client
        self._client = WebClient(
            base_url=client.base_url, timeout=CALL_TIMEOUT_S, ssl=client.ssl, retry_handlers=[]
        )
        self.writer = writer
        self.late_check = late_check
        self.clock = clock
        self.rhythm = rhythm
        self.elapsed = elapsed
        self.checkpoint = checkpoint
        self.takes_blocks = True
        self._not_before = float("-inf")
        self._begun: deque[float] = deque()

    @property
    def client(self) -> WebClient:
        """Of less patience than Lore's own, with the token that it has now."""
        self._client.token = self._lore.token
        return self._client

    def live(self, item: Item, readable: frozenset[str]) -> "Live | None":
        """A view of the answer to come, where it will stand in a thread and Slack takes streams.

        `readable` are the audience keys that were searched for it.
        """
        now = self.elapsed()
        if not thread_for(item) or now < self._not_before or not self._has_room(now):
            return None
        return Live(self, item, readable)

    def _has_room(self, now: float) -> bool:
        """Slack lets an app stop some twenty streams a minute: no answer is to wait for being stopped."""
        while self._begun and self._begun[0] <= now - 60.0:
            self._begun.popleft()
        if len(self._begun) >= MOST_A_MINUTE:
            return False
        self._begun.append(now)
        return True

    def refused(self, error: str) -> None:
        """Slack would not open one: leave it alone for a while if it would not open any."""
        log.warning("Slack opens no stream (%s); the answer is posted whole", error)
        if error in NOT_HERE:
            self._not_before = self.elapsed() + NOT_HERE_FOR_S


class Live:
    """One answer while it is written. Used from one thread.

    Nothing here is needed for the answer: what Slack does not take is left to the final message. Only `Over`
    is ever raised.
    """

    def __init__(self, streams_: Streams, item: Item, readable: frozenset[str]) -> None:
        self._streams = streams_
        self._item = item
        self._readable = readable
        self._stream: Stream | None = None
        self._shown: list[Block] = []
        self._told = Unshown()
        self._may_open = True
        self._quiet = False
        self._opened_at = 0.0
        self._next_at = 0.0
        self.ended: Over | None = None

    def __enter__(self) -> "Live":
        return self

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        """What ended the work is told, whatever the answerer made of it."""
        if self.ended is not None and problem is not self.ended:
            raise self.ended

    def hear(self, step: Step) -> None:
        """Show a step. Raises Over when the work on the answer is to end."""
        if self.ended is not None:
            raise self.ended
        self._told.take(step)
        try:
            self._flush()
        except Over as over:
            self.ended = over
            raise
        except (LoreError, SQLAlchemyError) as error:
            log.warning("an answer is not shown while it is written: %s", error)
            self._quiet = True

    def _flush(self) -> None:
        self._still_wanted()
        if self._quiet or self._streams.elapsed() < self._next_at:
            return
        told = self._told
        if told.document_ids and not self._may_be_read(told.audience_keys, told.document_ids):
            raise NoLongerReadable
        if told.has_cards and not self._may_be_read(self._readable, ()):
            told.without_cards()  # they tell of all that was searched
        if not told:
            return
        if self._stream is None:
            self._open()
        else:
            self._append(self._stream)
        self._next_at = max(self._next_at, self._streams.elapsed() + self._streams.rhythm.every_s)

    def _still_wanted(self) -> None:
        item = self._item
        if not self._streams.writer.read(lambda c: streams.is_at_work(c, item.id, item.claim)):
            raise NoLongerWanted

    def _may_be_read(self, audience_keys: Iterable[str], documents: Iterable[str]) -> bool:
        check = Check(place_of(self._item), tuple(sorted(audience_keys)), tuple(sorted(documents)))
        message = Message(self._item.channel, "", check=check)
        return self._streams.late_check(message) is message

    # in Slack

    def _open(self, after: str = "") -> None:
        if not self._may_open:
            return
        self._may_open = False
        item, now = self._item, self._streams.clock().timestamp()
        place = (item.channel, thread_for(item))
        stream = self._streams.writer.write(
            lambda connection: streams.begin(connection, item.id, item.claim, place, now, after)
        )
        if stream is None or not self._write_down(stream, self._told.blocks()):
            self._quiet = True
            return
        self._streams.checkpoint("before start")
        recipient = {"recipient_user_id": item.person, "recipient_team_id": item.team}
        fate = fate_of(
            lambda: self._streams.client.chat_startStream(
                channel=item.channel,
                thread_ts=stream.thread_ts,
                chunks=self._told.chunks(self._streams.takes_blocks),
                **({} if item.channel.startswith("D") else recipient),
            )
        )
        self._streams.checkpoint("after start")
        match fate:
            case Sent(ts) if ts:
                self._opened(stream, ts)
            case Refused(error) | Unsure(error) if isinstance(fate, Refused) or error in TOKEN_ERRORS:
                self._streams.writer.write(lambda connection: streams.forget(connection, stream.key))
                self._streams.refused(error)
                self._quiet = True
            case RateLimited():
                self._streams.writer.write(lambda connection: streams.forget(connection, stream.key))
                self._quiet = True
            case _:
                self._quiet = True  # it may be open: whoever ends it looks for it in the thread

    def _opened(self, stream: Stream, ts: str) -> None:
        self._streams.writer.write(lambda connection: streams.opened(connection, stream.key, ts))
        self._stream = stream
        self._ts = ts
        self._opened_at = self._streams.elapsed()
        self._shown = self._told.blocks()
        self._told.shown()

    def _append(self, stream: Stream) -> None:
        blocks = [*self._shown, *self._told.blocks()]
        if self._shown and (size(blocks) > MOST_BYTES or len(blocks) > MOST_BLOCKS):
            self._go_on_below(stream)
            return
        if not self._write_down(stream, blocks):
            raise NoLongerWanted
        self._streams.checkpoint("before append")
        fate = fate_of(
            lambda: self._streams.client.chat_appendStream(
                channel=stream.channel, ts=self._ts, chunks=self._told.chunks(self._streams.takes_blocks)
            )
        )
        match fate:
            case Sent():
                self._shown = blocks
                self._told.shown()
            case RateLimited(seconds):
                self._next_at = self._streams.elapsed() + seconds
            case Refused(error) if error in BAD_BLOCKS and self._streams.takes_blocks:
                self._streams.takes_blocks = False
                self._append(stream)
            case Refused(error) if error in TOO_LONG and self._shown:
                self._go_on_below(stream)
            case Refused(error) if error in CLOSED and self._is_old():
                self._go_on_below(stream)
            case Refused(error) | Unsure(error):
                log.info("an answer is shown no further while it is written: %s", error)
                self._quiet = True

    def _is_old(self) -> bool:
        return self._streams.elapsed() - self._opened_at >= self._streams.rhythm.expires_from_s

    def _go_on_below(self, stream: Stream) -> None:
        """This message is full, or Slack has closed it: what follows is shown in another one."""
        client, ts = self._streams.client, self._ts
        closed = fate_of(lambda: client.chat_stopStream(channel=stream.channel, ts=ts))
        if isinstance(closed, Refused) and closed.error in CLOSED and self._shown:
            fate_of(
                lambda: client.chat_update(
                    channel=stream.channel,
                    ts=ts,
                    text=streamed.words(self._shown),
                    blocks=[dict(block) for block in self._shown],
                )
            )
        self._stream, self._may_open = None, True
        self._told.in_another_message()
        self._open(after=stream.key)

    def _write_down(self, stream: Stream, blocks: Sequence[Block]) -> bool:
        """What is about to be shown is in the journal first; False when the work is over."""
        claim = self._item.claim
        return self._streams.writer.write(
            lambda connection: streams.show(connection, stream.key, claim, blocks, self._told.rests_on())
        )
