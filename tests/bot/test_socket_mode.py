"""The connection comes back from everything, and what Slack sends is committed before it is acknowledged."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery import bolt_app, ignore_the_rest, slack_client
from bot.inbox import Inbox, from_event
from bot.journal.migrate import migrate
from bot.journal.tables import inbox as inbox_table
from bot.journal.writer import JournalWriter
from bot.socket_mode import Patience, SocketMode
from bot.workspace import Workspace
from knowledge.adapters.database import open_database
from knowledge.adapters.locks import held
from knowledge.errors import Busy, SettingsError

QUICK = Patience(
    hello_within_s=0.7,
    deaf_after_s=1.5,
    first_wait_s=0.05,
    longest_wait_s=0.2,
    link_disabled_wait_s=1.5,
    look_every_s=0.05,
)


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(ack_seconds=1.0, redelivery=[0.2] * 30, ping_seconds=0.3) as workspace:
        yield workspace


class Listening:
    """A bot that takes every message in, and nothing else."""

    def __init__(self, slack: Workspace, writer: JournalWriter, patience: Patience = QUICK) -> None:
        self.writer = writer
        self.inbox = Inbox(writer, lambda: datetime.now(UTC), lambda _: None)
        self.take_in: Callable[[Mapping[str, Any]], Any] = lambda body: self.inbox.receive(
            from_event(body, "question")
        )
        client = slack_client(slack.bot_token, slack.api_url)
        self.app = bolt_app(client)
        self.app.event("app_mention")(lambda body: self.take_in(body))
        self.app.event("message")(lambda body: self.take_in(body))
        ignore_the_rest(self.app)
        self.socket = SocketMode(self.app, slack.app_token, client, patience)

    def texts(self) -> list[str]:
        rows = self.writer.read(lambda c: c.execute(select(inbox_table.c.text)).scalars().all())
        return [text.split()[-1] for text in rows if text.startswith("<@")]


@pytest.fixture
def bot(slack: Workspace, writer: JournalWriter) -> Iterator[Listening]:
    bot = Listening(slack, writer)
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    yield bot
    bot.socket.stop()


def until(true: Callable[[], Any], within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    assert true()


def arrives_once(slack: Workspace, bot: Listening, word: str) -> None:
    slack.say("ana", "#general", f"@lore {word}")
    until(lambda: word in bot.texts())
    until(lambda: not slack.ledger.unacked())
    assert bot.texts().count(word) == 1


def test_sp04_mention_and_message_of_one_post_are_one_item_over_the_wire(
    slack: Workspace, bot: Listening
) -> None:
    arrives_once(slack, bot, "hello")
    assert {each.payload["event"]["type"] for each in slack.ledger.events()} >= {"app_mention", "message"}


def test_sp01_repeats_over_the_wire_are_acknowledged_and_one_item(slack: Workspace, bot: Listening) -> None:
    arrives_once(slack, bot, "hello")
    envelope = slack.ledger.events("app_mention")[0]
    slack.repeat(envelope, times=3)
    until(lambda: len(envelope.attempts) == 4 and all(one.acked_at for one in envelope.attempts))
    assert bot.texts() == ["hello"]


def test_op03_an_event_of_a_megabyte_arrives(slack: Workspace, bot: Listening) -> None:
    files = [(f"note-{n}-{'x' * 200}.md", b"# Note") for n in range(800)]
    slack.attach("ben", "#general", f"<@{slack.team.app.user_id}> large", files)
    until(lambda: bot.texts() == ["large"])
    assert bot.socket.connected


def test_sp08_strange_events_are_acknowledged_and_do_no_harm(slack: Workspace, bot: Listening) -> None:
    slack.tell_app({"type": "unheard_of"})
    slack.tell_app({"type": "message"})
    slack.tell_app({"type": "app_mention", "text": None, "user": None, "channel": None})
    slack.tell_app({"type": "message", "subtype": "channel_topic", "channel": "C1", "text": "x" * 1_000_000})
    until(lambda: not slack.ledger.unacked())
    arrives_once(slack, bot, "hello")


@pytest.mark.parametrize("reason", ["warning", "refresh_requested", "too_many_websockets"])
def test_sp25_an_announced_end_is_followed_by_a_new_socket(
    slack: Workspace, bot: Listening, reason: str
) -> None:
    before = len(slack.ledger.calls_of("apps.connections.open"))
    slack.disconnect_sockets(reason, close_after=0.5)
    until(lambda: len(slack.ledger.calls_of("apps.connections.open")) > before)
    until(lambda: bot.socket.connected)
    arrives_once(slack, bot, "hello")


def test_sp25_a_cut_envelope_is_processed_once(slack: Workspace, bot: Listening) -> None:
    slack.cut_envelopes(1)
    arrives_once(slack, bot, "hello")


def test_sp25_a_dropped_socket_is_replaced(slack: Workspace, bot: Listening) -> None:
    slack.drop_sockets()
    arrives_once(slack, bot, "hello")


def test_sp25_a_hello_that_never_comes_is_not_waited_for(slack: Workspace, bot: Listening) -> None:
    slack.withhold_hello(2)
    slack.drop_sockets()
    until(lambda: bot.socket.connected and len(slack.ledger.calls_of("apps.connections.open")) >= 4)
    arrives_once(slack, bot, "hello")


def test_sp25_a_disabled_link_is_an_alert_and_no_hot_loop(
    slack: Workspace, bot: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    before = len(slack.ledger.calls_of("apps.connections.open"))
    slack.disconnect_sockets("link_disabled", close_after=0.1)
    until(lambda: "Socket Mode is switched off" in caplog.text)
    time.sleep(1.0)
    assert len(slack.ledger.calls_of("apps.connections.open")) == before
    assert not bot.socket.connected
    arrives_once(slack, bot, "hello")


def test_sp26_a_socket_without_pings_and_events_is_noticed_and_replaced(
    slack: Workspace, bot: Listening
) -> None:
    before = len(slack.ledger.calls_of("apps.connections.open"))
    slack.deafen_sockets("silent")
    until(lambda: not bot.socket.connected)
    until(lambda: len(slack.ledger.calls_of("apps.connections.open")) > before)
    arrives_once(slack, bot, "hello")


def test_sp26_a_socket_that_pings_but_brings_no_event_is_replaced(
    slack: Workspace, writer: JournalWriter
) -> None:
    bot = Listening(slack, writer, replace(QUICK, quiet_after_s=1.0))
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    slack.deafen_sockets("mute")
    arrives_once(slack, bot, "hello")
    bot.socket.stop()


@pytest.mark.parametrize("fault", ["429 abc", "429 99999", "500", "invalid_auth", "html", "reset"])
def test_sp27_a_connection_that_cannot_be_opened_for_a_while_is_opened_later(
    slack: Workspace, bot: Listening, fault: str
) -> None:
    method = "apps.connections.open"
    match fault.split():
        case ["429", *header]:
            laid = slack.faults.rate_limited(method, retry_after=header[0], times=1)
        case ["500"]:
            laid = slack.faults.status(method, 500, times=3)
        case ["html"]:
            laid = slack.faults.html(method, times=3)
        case ["reset"]:
            laid = slack.faults.drop(method, times=3)
        case _:
            laid = slack.faults.error(method, "invalid_auth", times=3)
    slack.drop_sockets()
    until(lambda: laid.left == 0)
    arrives_once(slack, bot, "hello")


def test_sp27_a_slack_that_is_away_at_the_start_is_waited_for(
    slack: Workspace, writer: JournalWriter
) -> None:
    bot = Listening(slack, writer)
    slack.faults.status("apps.connections.open", 503, times=2)
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    bot.socket.stop()


def test_sp27_bolt_waits_for_a_slack_that_is_away(slack: Workspace) -> None:
    waits: list[float] = []
    slack.faults.status("auth.test", 503, times=1)
    slack.faults.html("auth.test", times=1)
    slack.faults.drop("auth.test", times=1)
    bolt_app(slack_client(slack.bot_token, slack.api_url), waits.append)
    assert len(waits) == 3


def test_a_wrong_app_token_is_one_line(slack: Workspace, writer: JournalWriter) -> None:
    bot = Listening(slack, writer)
    client = slack_client(slack.bot_token, slack.api_url)
    with pytest.raises(SettingsError, match=r"SLACK_APP_TOKEN \(invalid_auth") as caught:
        SocketMode(bot.app, "xapp-1-wrong", client).start()
    assert "\n" not in str(caught.value)
    bot.socket.stop()


def test_a_wrong_bot_token_is_one_line(slack: Workspace) -> None:
    with pytest.raises(SettingsError, match=r"SLACK_BOT_TOKEN \(invalid_auth") as caught:
        bolt_app(slack_client("xoxb-wrong", slack.api_url))
    assert "\n" not in str(caught.value)


def test_no_acknowledgement_precedes_the_commit(slack: Workspace, bot: Listening) -> None:
    """While another transaction holds the database, nothing is acknowledged; then everything is."""
    with bot.writer._database.writing():
        slack.say("ana", "#general", "@lore hello")
        time.sleep(0.8)
        assert bot.texts() == []
        assert not any(each.acked for each in slack.ledger.events("app_mention"))
    until(lambda: not slack.ledger.unacked())
    assert bot.texts() == ["hello"]


def test_st08_with_a_full_disk_nothing_is_acknowledged_until_there_is_room(
    slack: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database(tmp_path / "small.db")
    migrate(database)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    writer = JournalWriter(database)
    writer.start()
    bot = Listening(slack, writer)
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    slack.say("ana", "#general", "@lore " + "x" * 39_000 + " hello")
    until(lambda: len(slack.ledger.events("app_mention")[0].attempts) >= 2)
    assert not any(each.acked for each in slack.ledger.events("app_mention"))
    assert "ALERT the journal cannot be written" in caplog.text
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    until(lambda: not slack.ledger.unacked())
    assert bot.texts() == ["hello"]
    bot.socket.stop()
    writer.close()
    database.close()


def test_st07_a_second_bot_on_one_data_folder_is_refused_by_name(tmp_path: Path) -> None:
    lock = tmp_path / "bot.lock"
    with held(lock, "run the bot"), pytest.raises(Busy, match=r"bot\.lock"), held(lock, "run the bot"):
        pass
    with held(lock, "run the bot"):
        pass


def test_stopping_leaves_no_thread_behind(slack: Workspace, writer: JournalWriter) -> None:
    bot = Listening(slack, writer)
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    bot.socket.stop()
    until(lambda: slack.connected == 0)
    assert not [one for one in threading.enumerate() if one.name == "socket-mode-closing"]


def test_what_is_being_committed_when_lore_stops_is_still_acknowledged(
    slack: Workspace, writer: JournalWriter
) -> None:
    bot = Listening(slack, writer)
    at_work: list[str] = []
    let_go = threading.Event()

    def slowly(body: Mapping[str, Any]) -> None:
        at_work.append(body["event_id"])
        let_go.wait(5)
        bot.inbox.receive(from_event(body, "question"))

    bot.take_in = slowly
    bot.socket.start()
    assert bot.socket.wait_until_connected(10)
    slack.say("ana", "#general", "@lore hello")
    until(lambda: at_work)
    stopping = threading.Thread(target=bot.socket.stop)
    stopping.start()
    time.sleep(0.3)
    let_go.set()
    stopping.join()
    assert bot.texts()[-1] == "hello"
    # The mention is told twice, as a message as well, in either order.
    [taken] = [each for each in slack.ledger.events() if each.payload["event_id"] == at_work[0]]
    until(lambda: taken.acked)
