"""Beside Socket Mode a port tells whether Lore is ready: red while the socket or the journal is dead."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.delivery import Apologies, Delivery, bolt_app, ignore_the_rest, slack_client
from bot.hook_mode import Hooks, HookServer
from bot.http_server import listen
from bot.inbox import from_event
from bot.journal.migrate import migrate
from bot.journal.work import Done, Item
from bot.messages import Message
from bot.readiness import Readiness
from bot.socket_mode import Patience, SocketMode
from bot.workspace import Workspace
from knowledge.adapters.database import open_database
from knowledge.errors import StoreError
from tests.bot.test_http_mode import now

PATIENCE = Patience(
    hello_within_s=0.7, deaf_after_s=1.5, first_wait_s=0.05, longest_wait_s=0.2, look_every_s=0.05
)


class Index:
    """What answers come from, as long as it is there."""

    there = True

    def __call__(self) -> str:
        if not self.there:
            raise StoreError("no index and no record")
        return "version 7"


@dataclass
class Beside:
    """A bot in Socket Mode, and the port beside it."""

    slack: Workspace
    socket: SocketMode
    delivery: Delivery
    server: HookServer
    readiness: Readiness
    index: Index

    def get(self, path: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        try:
            return response.status, response.read().decode()
        finally:
            connection.close()

    def becomes(self, status: int, within_s: float = 30.0) -> dict[str, object]:
        """What `/readyz` tells once its status is this one."""
        end = time.monotonic() + within_s
        while (got := self.get("/readyz"))[0] != status:
            assert time.monotonic() < end, f"still {got}"
            time.sleep(0.02)
        told: dict[str, object] = json.loads(got[1])
        assert told["ready"] is (status == 200)
        return told


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(ping_seconds=0.3, redelivery=[0.2] * 30) as workspace:
        yield workspace


@pytest.fixture
def bot(tmp_path: Path, slack: Workspace) -> Iterator[Beside]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    client = slack_client(slack.bot_token, slack.api_url)

    def answer(item: Item) -> Done:
        return Done(say=(Message(item.channel, "answered", thread_ts=item.thread_ts),))

    apologies = Apologies(lambda *_: None, lambda *_: None, lambda _: None, lambda *_: None)
    delivery = Delivery(database, client, answer, {"question"}, apologies, lambda message: message, now)
    app = bolt_app(client)
    app.event("app_mention")(lambda body: delivery.inbox.receive(from_event(body, "question")))
    ignore_the_rest(app)
    socket, index = SocketMode(app, slack.app_token, client, PATIENCE), Index()
    readiness = Readiness(now, index, look_every_s=0.0)
    server = HookServer(listen("127.0.0.1", 0), Hooks(now), readiness)
    server.start()
    bot = Beside(slack, socket, delivery, server, readiness, index)
    assert bot.get("/readyz")[0] == 503, "nothing is joined yet"
    assert bot.get("/healthz") == (200, "alive\n")
    delivery.open()
    socket.start()
    readiness.join(delivery, socket)
    yield bot
    server.stop()
    socket.stop()
    delivery.stop()
    database.close()


def until(true: Callable[[], object], within_s: float = 30.0) -> None:
    end = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_lore_is_ready_when_it_works_off_what_it_takes_in(bot: Beside) -> None:
    assert "not loaded yet" in str(bot.becomes(503)["trouble"])
    bot.delivery.work()
    told = bot.becomes(200)
    assert told == {
        "ready": True,
        "journal": "can be written",
        "knowledge": "version 7",
        "slack": "connected",
    }


@pytest.mark.parametrize("fault", ["dropped", "deaf"])
def test_sp26_health_is_red_while_the_socket_is_dead_and_green_when_it_is_back(
    bot: Beside, fault: str
) -> None:
    bot.delivery.work()
    bot.becomes(200)
    bot.slack.faults.status("apps.connections.open", 503, times=None)
    if fault == "deaf":
        bot.slack.deafen_sockets("silent")
    else:
        bot.slack.drop_sockets()
    told = bot.becomes(503)
    assert "not connected" in str(told["slack"])
    assert told["journal"] == "can be written", "the rest is told all the same"
    assert bot.get("/healthz")[0] == 200, "a restart would mend nothing"
    until(lambda: len(bot.slack.ledger.calls_of("apps.connections.open")) > 3)
    assert bot.get("/readyz")[0] == 503, "it stays red"
    bot.slack.faults.clear()
    bot.becomes(200)
    ts = bot.slack.say("ana", "#general", "@lore hello")
    bot.slack.wait_for(lambda: bot.slack.said_by_app("#general", ts))


def test_health_is_red_while_the_journal_cannot_be_written_or_nothing_can_be_read(bot: Beside) -> None:
    bot.delivery.work()
    bot.becomes(200)
    bot.index.there = False
    assert "neither the index nor the record" in str(bot.becomes(503)["trouble"])
    bot.index.there = True
    bot.becomes(200)
    bot.delivery.writer.close()
    told = bot.becomes(503)
    assert told["trouble"] == "the journal cannot be written"
    assert told["slack"] == "connected"
