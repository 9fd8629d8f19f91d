"""HTTP mode over real sockets: the gate, replays, slow clients, health, and an orderly end."""

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from sqlalchemy import func, select

from bot.delivery import Apologies, Delivery, bolt_app, ignore_the_rest, slack_client
from bot.gate import SigningSecrets
from bot.http_mode import HttpMode
from bot.http_server import Limits, listen
from bot.inbox import from_event
from bot.journal.migrate import migrate
from bot.journal.replays import replays
from bot.journal.tables import inbox as inbox_table
from bot.journal.work import Done, Item
from bot.manifest import EVENTS_PATH
from bot.messages import Message
from bot.pacing import Pace
from bot.readiness import Readiness
from bot.workspace import Workspace
from knowledge.adapters.database import open_database
from tests.bot.signing import FORM, JSON, signed

LIMITS = Limits(head_within_s=0.5, most_connections=64)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Served:
    """A bot behind HTTP mode, and what its handlers heard."""

    slack: Workspace
    mode: HttpMode
    delivery: Delivery
    app: App
    client: WebClient
    ran: list[dict[str, Any]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.mode.port}{EVENTS_PATH}"

    def post(
        self, body: bytes, headers: list[tuple[bytes, bytes]], path: str = EVENTS_PATH
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.mode.port, timeout=10)
        given = {name.decode(): value.decode("latin-1") for name, value in headers}
        connection.request("POST", path, body, given)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        finally:
            connection.close()

    def repeated(self, body: bytes) -> int:
        """The status of a genuine event that is sent again, as Slack does, while its connection is lost."""
        for _ in range(3):
            with suppress(ConnectionError):
                return self.post(body, self.signed(body))[0]
        return self.post(body, self.signed(body))[0]

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.mode.port, timeout=10)
        connection.request("GET", path)
        response = connection.getresponse()
        try:
            return response.status, response.read()
        finally:
            connection.close()

    def signed(self, body: bytes, content_type: bytes = JSON) -> list[tuple[bytes, bytes]]:
        return signed(int(time.time()), body, content_type, self.slack.signing_secret)[1:]

    def items(self) -> int:
        def count(connection: Any) -> int:
            return int(connection.execute(select(func.count()).select_from(inbox_table)).scalar_one())

        return self.delivery.writer.read(count)


@contextmanager
def served(folder: Path, slack: Workspace, **given: Any) -> Iterator[Served]:
    database = open_database(folder / "lore.db")
    migrate(database)
    client = slack_client(slack.bot_token, slack.api_url)

    def answer(item: Item) -> Done:
        return Done(say=(Message(item.channel, f"answer to {item.text}", thread_ts=item.thread_ts),))

    apologies = Apologies(lambda *_: None, lambda *_: None, lambda _: None, lambda *_: None)
    delivery = Delivery(
        database, client, answer, {"question"}, apologies, lambda message: message, now,
        settle_s=0.2, pace=Pace(per_second=1000, burst=1000),
    )  # fmt: skip
    app = bolt_app(client)
    secrets, readiness = SigningSecrets(slack.signing_secret), Readiness(now)
    listener = listen("127.0.0.1", 0)
    mode = HttpMode(listener, secrets, now, limits=LIMITS, readiness=readiness, **given)
    bot = Served(slack, mode, delivery, app, client)

    @app.event("app_mention")
    def mentioned(body: dict[str, Any]) -> None:
        bot.before()
        bot.ran.append(body)
        delivery.inbox.receive(from_event(body, "question"))

    @app.command("/ask")
    def ask(body: dict[str, Any], ack: Any) -> None:
        bot.ran.append(body)
        ack(text="one moment")

    @app.action("press")
    def pressed(body: dict[str, Any], ack: Any) -> None:
        bot.ran.append(body)
        ack()

    ignore_the_rest(app)
    delivery.open()
    mode.join(app, delivery).start()
    readiness.join(delivery, mode)
    delivery.work()
    try:
        yield bot
    finally:
        mode.stop()
        delivery.stop()
        database.close()


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(ack_seconds=3.0, redelivery=(0.0, 0.2, 0.4)) as workspace:
        yield workspace


@pytest.fixture
def bot(tmp_path: Path, slack: Workspace) -> Iterator[Served]:
    with served(tmp_path, slack) as bot:
        assert slack.set_request_url(bot.url) is None
        yield bot


def mention(n: int = 0) -> bytes:
    event = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": f"1.{n:06}", "text": f"question {n}"}
    return json.dumps(
        {"type": "event_callback", "team_id": "T1", "event_id": f"Ev{n}", "event": event}
    ).encode()


def test_events_commands_and_clicks_reach_the_app_signed(bot: Served) -> None:
    ts = bot.slack.say("ana", "#general", "@lore hello")
    said = bot.slack.wait_for(lambda: bot.slack.said_by_app("#general", ts))
    assert said[0]["text"].startswith("answer to")
    shown = bot.slack.slash("ana", "#general", "/ask", "why?")
    assert shown.message is not None
    assert shown.message["text"] == "one moment"
    bot.client.chat_postMessage(
        channel=bot.slack.channel("#general").id,
        text="a button",
        blocks=[
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "action_id": "press", "text": {"type": "plain_text", "text": "Press"}}
                ],
            }
        ],
    )
    posted = bot.slack.said_by_app("#general")[-1]
    assert bot.slack.click("ana", "#general", posted["ts"], "press").ok
    assert [each.get("type") or each.get("command") for each in bot.ran] == [
        *("event_callback", "/ask", "block_actions")
    ]


def test_sp01_an_event_that_is_repeated_over_http_is_one_item(bot: Served) -> None:
    bot.slack.say("ana", "#general", "@lore hello")
    [sent] = bot.slack.wait_for(
        lambda: [each for each in bot.slack.ledger.events("app_mention") if each.acked]
    )
    bot.slack.repeat(sent, times=3)
    bot.slack.wait_for(lambda: [a.status for a in sent.attempts] == [200] * 4)
    assert bot.items() == 1


def test_what_fails_is_sent_again_at_once_and_taken_then(bot: Served) -> None:
    failures = [True, True]

    def fail() -> None:
        if failures:
            failures.pop()
            raise RuntimeError("broken for the moment")

    bot.before = fail
    bot.slack.say("ana", "#general", "@lore hello")
    [sent] = bot.slack.wait_for(
        lambda: [each for each in bot.slack.ledger.events("app_mention") if each.acked]
    )
    assert [attempt.status for attempt in sent.attempts] == [500, 500, 200]
    assert bot.items() == 1


def test_sp13_a_new_signing_secret_alone_is_refused(bot: Served) -> None:
    bot.slack.rotate_signing_secret()
    bot.slack.say("ana", "#general", "@lore hello")
    sent = bot.slack.wait_for(
        lambda: [each for each in bot.slack.ledger.events("app_mention") if each.given_up]
    )
    assert {attempt.status for attempt in sent[0].attempts} == {401}
    assert bot.ran == []


def test_sp15_a_replayed_request_is_answered_and_has_no_effect(bot: Served) -> None:
    body = mention()
    headers = bot.signed(body)
    assert bot.post(body, headers)[0] == 200
    bot.slack.wait_for(lambda: bot.post(body, headers[::-1])[0] == 200)  # in progress it would be 503
    assert len(bot.ran) == 1
    other = body.replace(b'"T1"', b'"T2"')
    assert bot.post(other, [*headers[:1], (b"content-length", b"%d" % len(other)), *headers[2:]])[0] == 401
    assert len(bot.ran) == 1


def test_sp15_a_click_replayed_with_a_new_signature_runs_once(bot: Served) -> None:
    click = {"type": "block_actions", "user": {"id": "U1"}, "trigger_id": "1.2.x", "team": {"id": "T1"}}
    click |= {"actions": [{"type": "button", "action_id": "press", "block_id": "b", "value": "v"}]}
    body = urlencode({"payload": json.dumps(click)}).encode()
    assert bot.post(body, bot.signed(body, FORM))[0] == 200
    slightly_other = body + b"+"  # JSON allows a space at its end
    bot.slack.wait_for(lambda: bot.post(slightly_other, bot.signed(slightly_other, FORM))[0] == 200)
    assert len(bot.ran) == 1


def test_sp15_a_replay_while_the_first_is_worked_on_has_no_effect_and_may_come_again(bot: Served) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def wait() -> None:
        inside.set()
        go_on.wait(10)

    bot.before = wait
    body = mention()
    headers = bot.signed(body)
    first: list[int] = []
    thread = threading.Thread(target=lambda: first.append(bot.post(body, headers)[0]))
    thread.start()
    inside.wait(10)
    assert bot.post(body, headers)[0] == 503
    go_on.set()
    thread.join()
    assert (first, len(bot.ran)) == ([200], 1)


def test_sp15_replays_are_known_to_another_process_and_after_a_restart(
    tmp_path: Path, slack: Workspace
) -> None:
    body = mention()
    with served(tmp_path, slack) as first:
        headers = first.signed(body)
        assert first.post(body, headers)[0] == 200
        with served(tmp_path, slack) as second:
            slack.wait_for(lambda: second.post(body, headers)[0] == 200)
            assert second.ran == []
    with served(tmp_path, slack) as third:
        assert third.post(body, headers)[0] == 200
        assert third.ran == []


def test_sp16_hostile_bodies_over_the_wire_are_refused_and_never_logged(
    bot: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    marker = b"the-body-of-a-stranger"
    for content_type in (JSON, FORM, b"text/plain"):
        for body in (marker, b"[" * 200_000, b'"' + marker * 40_000 + b'"'):
            status, _ = bot.post(body, [(b"content-type", content_type)])
            assert status in (401, 413)
            wrong = [(b"x-slack-signature", b"v0=" + b"0" * 64)]
            assert bot.post(body, bot.signed(body, content_type)[:-1] + wrong)[0] in (401, 413, 415)
    assert bot.ran == []
    assert marker.decode() not in caplog.text


def test_sp16_twenty_megabytes_are_not_read(bot: Served) -> None:
    with socket.create_connection(("127.0.0.1", bot.mode.port)) as stranger:
        body = b"x" * 100
        head = [f"{n.decode()}: {v.decode()}" for n, v in bot.signed(body) if n != b"content-length"]
        announced = ["POST /slack/events HTTP/1.1", "host: x", "content-length: 20000000", *head]
        stranger.sendall("\r\n".join([*announced, "", ""]).encode())
        assert stranger.recv(200).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", bot.mode.port)) as stranger:
        chunked = ["POST /slack/events HTTP/1.1", "host: x", "transfer-encoding: chunked", *head]
        stranger.sendall("\r\n".join([*chunked, "", ""]).encode())
        stranger.settimeout(5)
        with suppress(ConnectionError):  # cut off before all was sent, or told
            for _ in range(30):
                stranger.sendall(b"80000\r\n" + b"x" * 0x80000 + b"\r\n")
            assert stranger.recv(200).startswith(b"HTTP/1.1 413")


def test_sp17_unsigned_checks_and_challenges_run_nothing(bot: Served) -> None:
    assert bot.slack.check_ssl(signed=False) == 200
    assert bot.slack.check_ssl(signed=True) == 200
    command = urlencode({"ssl_check": "1", "command": "/ask", "text": "x", "team_id": "T1"}).encode()
    assert bot.post(command, [(b"content-type", FORM)])[0] == 401
    assert bot.post(command, bot.signed(command, FORM))[0] == 200
    challenge = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    assert bot.post(challenge, [(b"content-type", JSON)]) == (401, b"")
    assert json.loads(bot.post(challenge, bot.signed(challenge))[1]) == {"challenge": "abc"}
    assert bot.ran == []


def test_other_paths_and_methods_are_refused(bot: Served) -> None:
    body = mention()
    for path, status in (
        ("/", 404),
        ("/slack/events/", 404),
        ("/slack/../slack/events", 404),
        ("/healthz", 405),
    ):
        assert bot.post(body, bot.signed(body), path)[0] == status
    assert bot.get(EVENTS_PATH)[0] == 405
    assert bot.ran == []


def test_sp19_slow_and_silent_clients_keep_nobody_waiting(bot: Served) -> None:
    """Idle connections, heads and bodies that stop half way, and heads a byte at a time.

    Where all 64 places are taken, one that has just connected may be shown out too: Slack then repeats.
    """
    slow: list[socket.socket] = []
    stop = threading.Event()

    def attack() -> None:
        head = b"POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        whole = [f"{n.decode()}: {v.decode()}" for n, v in bot.signed(b"x" * 500)]
        half = "\r\n".join(["POST /slack/events HTTP/1.1", "host: x", *whole, "", "x"]).encode()
        for n in range(600):
            if stop.is_set():
                return
            try:
                client = socket.create_connection(("127.0.0.1", bot.mode.port), 5)
                slow.append(client)
                client.sendall((b"", head, half)[n % 3] or b"")
                for each in slow[-30::3]:
                    each.sendall(b"x")
            except OSError:
                continue  # shown out

    attacker = threading.Thread(target=attack)
    attacker.start()
    try:
        for n in range(30):
            body = mention(n)
            assert bot.repeated(body) == 200
    finally:
        stop.set()
        attacker.join()
        for each in slow:
            each.close()
    assert len(bot.ran) == 30


def test_sp19_a_connection_without_a_request_is_ended(bot: Served) -> None:
    for opening in (b"", b"POST /slack/events HTTP/1.1\r\nhost:"):
        with socket.create_connection(("127.0.0.1", bot.mode.port)) as stranger:
            stranger.sendall(opening)
            stranger.settimeout(10)
            with suppress(ConnectionResetError):
                assert stranger.recv(100) == b""


def test_nonsense_instead_of_http_is_refused(bot: Served) -> None:
    for bytes_sent in (
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET\r\n\r\n",
        b"A" * 20_000,
        b"POST / HTTP/9\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", bot.mode.port)) as stranger:
            stranger.sendall(bytes_sent)
            stranger.settimeout(10)
            try:
                told = stranger.recv(100)
            except ConnectionResetError:
                told = b""
            assert told == b"" or b" 400 " in told.partition(b"\r\n")[0] or b" 404 " in told
    assert bot.get("/healthz")[0] == 200


def test_op05_more_than_can_wait_is_refused_and_comes_again(tmp_path: Path, slack: Workspace) -> None:
    go_on = threading.Event()
    with served(tmp_path, slack, threads=1, most_waiting=2) as bot:
        assert slack.set_request_url(bot.url) is None

        def wait() -> None:
            go_on.wait(10)

        bot.before = wait
        for n in range(6):
            slack.say("ana", "#general", f"@lore question {n}")
        mine = slack.wait_for(
            lambda: (
                events
                if len(events := slack.ledger.events("app_mention")) == 6
                and any(attempt.status == 503 for each in events for attempt in each.attempts)
                else None
            )
        )
        go_on.set()
        slack.wait_for(lambda: all(each.acked or each.given_up for each in mine))
        acked = [each for each in mine if each.acked]
        assert acked
        assert bot.items() == len(acked), "what was acknowledged is there, what was refused is not"


def test_health_and_readiness(bot: Served, slack: Workspace) -> None:
    assert bot.get("/healthz") == (200, b"alive\n")
    status, told = bot.get("/readyz")
    assert status == 200
    assert json.loads(told)["journal"] == "can be written"
    slack.say("ana", "#general", "@lore hello")
    slack.wait_for(lambda: bot.ran)
    assert "sent something" in json.loads(bot.get("/readyz")[1])["slack"]


def test_a_server_that_has_no_app_yet_lives_and_is_not_ready(slack: Workspace) -> None:
    mode = HttpMode(listen("127.0.0.1", 0), SigningSecrets(slack.signing_secret), now)
    mode.open()
    try:
        assert "status 503" in str(slack.set_request_url(f"http://127.0.0.1:{mode.port}{EVENTS_PATH}"))
        connection = http.client.HTTPConnection("127.0.0.1", mode.port)
        for path, status in (("/healthz", 200), ("/readyz", 503)):
            connection.request("GET", path)
            response = connection.getresponse()
            assert (response.status, bool(response.read())) == (status, True)
        connection.close()
    finally:
        mode.stop()


def test_replays_are_forgotten_when_their_time_is_over(bot: Served) -> None:
    from bot.journal.replays import sweep

    body = mention()
    bot.post(body, bot.signed(body))
    writer = bot.delivery.writer
    assert writer.write(lambda connection: sweep(connection, time.time() - 900)) == 0
    assert writer.write(lambda connection: sweep(connection, time.time() + 1)) >= 1
    assert writer.read(lambda c: c.execute(select(func.count()).select_from(replays)).scalar_one()) == 0
