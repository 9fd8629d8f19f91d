"""The bots that are killed: Lore's delivery with a trivial answerer, and the naive way beside it."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot import outbox, workers
from bot.connection import Connection
from bot.delivery import Apologies, Delivery, bolt_app, ignore_the_rest, slack_client
from bot.gate import SigningSecrets
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.inbox import from_event
from bot.journal import outgoing, work
from bot.journal.migrate import migrate
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.pacing import Pace
from bot.socket_mode import Patience, SocketMode
from bot.streaming import Streams
from knowledge.adapters.database import open_database
from knowledge.adapters.locks import held
from tests.torture.streaming import QUICK, nothing_to_check, streamed

STEPS = (
    "received",
    "inserted",
    "acked",
    "claimed",
    "answered",
    "before post",
    "after post",
    "before mark-done",
)


@dataclass(frozen=True)
class Orders:
    """What a bot needs, and the step at which it is to kill itself (the `nth` time it comes there).

    With a `port` it is told things there, over HTTP. With a `database` it shares the work with others, and
    `paced` is as slow to a channel as in earnest.
    """

    folder: Path
    api_url: str
    bot_token: str
    app_token: str
    step: str = ""
    nth: int = 1
    port: int = 0
    signing_secret: str = ""
    database: str = ""
    paced: bool = False


def die_at(step: str, nth: int) -> Callable[[str], None]:
    """A checkpoint that ends the process with SIGKILL."""
    left = nth
    lock = threading.Lock()

    def checkpoint(reached: str) -> None:
        nonlocal left
        if reached != step:
            return
        with lock:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return checkpoint


def answer(item: Item) -> Done:
    """The trivial answerer."""
    words = item.text.split()[-1]
    return Done(say=(Message(item.channel, f"answer to {words}", thread_ts=item.thread_ts),))


def now() -> datetime:
    return datetime.now(UTC)


def give_up(item: Item, _error_id: str) -> Message:
    words = item.text.split()[-1]
    return Message(item.channel, f"gave up on {words}", thread_ts=item.thread_ts)


APOLOGIES = Apologies(give_up, give_up, lambda _: None, lambda *_: None)


def start_lore(
    orders: Orders,
    handler: Callable[[Item], Done] = answer,
    deadline_s: float = 20.0,
    streaming: bool = False,
) -> Callable[[], None]:
    """Start the real delivery and return what stops it; with `streaming`, answers are shown meanwhile."""
    database = open_database(orders.database or orders.folder / "lore.db")
    migrate(database)
    checkpoint = die_at(orders.step, orders.nth)
    client = slack_client(orders.bot_token, orders.api_url)
    writer = JournalWriter(database)
    if streaming:
        streams = Streams(client, writer, nothing_to_check, now, QUICK, checkpoint=checkpoint)
        handler = streamed(streams, handler)
    delivery = Delivery(
        database,
        client,
        handler,
        {"question"},
        APOLOGIES,
        nothing_to_check,
        now,
        deadline_s=deadline_s,
        settle_s=0.2,
        opening_s=QUICK.opening_s,
        writer=writer,
        pace=Pace() if orders.paced else Pace(per_second=1000, burst=1000),
        checkpoint=checkpoint,
    )
    app = bolt_app(client)

    def take_in(body: Mapping[str, Any]) -> None:
        if "<@" in str(body["event"].get("text")) and not body["event"].get("bot_id"):
            delivery.inbox.receive(from_event(body, "question"))

    app.event("app_mention")(lambda body: take_in(body))
    app.event("message")(lambda body: take_in(body))
    ignore_the_rest(app)
    delivery.start()
    connection: Connection = SocketMode(app, orders.app_token, client, Patience(first_wait_s=0.2), checkpoint)
    if orders.port:
        listener = listen("127.0.0.1", orders.port)
        secrets = SigningSecrets(orders.signing_secret)
        http = HttpMode(listener, secrets, lambda: datetime.now(UTC), checkpoint=checkpoint)
        connection = http.join(app, delivery)
    connection.start()

    def stop() -> None:
        connection.stop()
        delivery.stop()
        database.close()

    return stop


def run_lore(orders: Orders) -> None:
    """Be a bot until killed, as the one owner of the folder."""
    logging.basicConfig(filename=orders.folder / "bot.log", level=logging.WARNING)
    with held(orders.folder / "bot.lock", "run the bot"):
        stop = start_lore(orders)
        wait_for_the_end()
        stop()


def run_shared(orders: Orders) -> None:
    """Be one of several bots at one database; what one leaves behind is taken over soon."""
    logging.basicConfig(filename=orders.folder / f"bot-{os.getpid()}.log", level=logging.WARNING)
    work.LEASE_S, workers.RENEW_EVERY_S = 2.0, 0.4
    outgoing.LEASE_S, outbox.RENEW_EVERY_S, outbox.LONGEST_CALL_S = 3.0, 0.5, 1.5
    stop = start_lore(orders)
    wait_for_the_end()
    stop()


def run_streaming(orders: Orders) -> None:
    """Be a bot that shows its answers while it writes them, until killed."""
    logging.basicConfig(filename=orders.folder / "bot.log", level=logging.WARNING)
    with held(orders.folder / "bot.lock", "run the bot"):
        stop = start_lore(orders, streaming=True)
        wait_for_the_end()
        stop()


def run_hung(orders: Orders) -> None:
    """Be a bot whose answerer never answers."""
    never = threading.Event()

    def hang(item: Item) -> Done:
        never.wait()
        return answer(item)

    logging.basicConfig(filename=orders.folder / "bot.log", level=logging.WARNING)
    stop = start_lore(orders, hang)
    wait_for_the_end()
    stop()


def run_slow(orders: Orders) -> None:
    """Be a bot whose answerer takes its time."""

    def slowly(item: Item) -> Done:
        time.sleep(0.5)
        return answer(item)

    logging.basicConfig(filename=orders.folder / "bot.log", level=logging.WARNING)
    stop = start_lore(orders, slowly, deadline_s=60.0)
    wait_for_the_end()
    stop()


def run_naive(orders: Orders) -> None:
    """The usual way: acknowledge, work in memory, post with the SDK's defaults."""
    app = App(client=WebClient(orders.bot_token, base_url=orders.api_url))

    @app.event("app_mention")
    def on_mention(event: dict[str, Any], client: WebClient) -> None:
        time.sleep(0.1)
        words = event["text"].split()[-1]
        client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text=f"answer to {words}")

    @app.event("message")
    def on_message() -> None:
        """Mentions come as app_mention too."""

    SocketModeHandler(app, orders.app_token).connect()
    wait_for_the_end()


def wait_for_the_end() -> None:
    """Until SIGTERM."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ended.wait()
