"""Webhooks over real sockets: a push of a wiki becomes a sync and then an answer, and nobody else gets in."""

import hashlib
import hmac
import http.client
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.gate import SigningSecrets
from bot.hook_gate import MOST_BYTES
from bot.hook_mode import MOST_AT_ONCE, Hooks, HookServer
from bot.http_mode import HttpMode
from bot.http_server import listen
from bot.journal import hooks as wishes
from bot.journal.migrate import migrate
from bot.journal.sync_runs import State
from bot.journal.writer import JournalWriter
from bot.readiness import Readiness
from bot.scheduling import Scheduling
from bot.source_settings import SourceSettings
from bot.sources_now import SourcesNow, sources_now
from bot.sync_runs import SyncRuns
from knowledge.adapters.database import open_database
from knowledge.errors import SettingsError
from tests.bot.listed import listed, listed_now
from tests.dialogues.lore import Lore

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PUSH = json.dumps({"ref": "refs/heads/main", "after": "c0ffee"}).encode()


class Door:
    """What serves webhooks, and what is posted to it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def post(
        self, source: str, body: bytes = PUSH, method: str = "POST", **headers: str
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, f"/hooks/{source}", body, given)
            response = connection.getresponse()
            return (
                response.status,
                response.read(),
                {name.lower(): value for name, value in response.getheaders()},
            )
        finally:
            connection.close()

    def push(self, source: str = "wiki", body: bytes = PUSH, secret: str = SECRET) -> int:
        """As GitHub tells of a push."""
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.post(source, body, X_Hub_Signature_256=f"sha256={digest}")[0]


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def serving(writer: JournalWriter, sources: SourcesNow) -> Iterator[Door]:
    hooks = Hooks(now)
    hooks.join(writer, lambda: sources)
    server = HookServer(listen("127.0.0.1", 0), hooks, Readiness(now))
    server.start()
    try:
        yield Door(server.port)
    finally:
        server.stop()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[JournalWriter]:
    database = open_database(tmp_path / "lore.db")
    migrate(database)
    writer = JournalWriter(database)
    writer.start()
    yield writer
    writer.close()
    database.close()


def with_a_webhook(name: str = "wiki", secret: str = SECRET, kind: str = "folder") -> SourceSettings:
    return listed(name, secret=secret, kind=kind)


@pytest.fixture
def door(writer: JournalWriter) -> Iterator[Door]:
    unset = listed("unset", secret="")
    with serving(writer, listed_now("plain", more=(with_a_webhook(), with_a_webhook("ops"), unset))) as door:
        yield door


def wanted(writer: JournalWriter) -> list[str]:
    later = (now() + timedelta(hours=1)).timestamp()
    return list(writer.read(lambda connection: wishes.wanted(connection, later)))


def test_a_push_becomes_a_sync_and_an_answer(own_lore: Lore) -> None:
    lore, knowledge = own_lore, own_lore.knowledge
    set_up = tuple(
        replace(one, webhook=with_a_webhook().webhook) if one.name == "wiki" else one
        for one in sources_now(knowledge.settings, knowledge.database)
    )
    known = replace(sources_now(knowledge.settings, knowledge.database), listed=set_up)
    runs = SyncRuns(knowledge.database, now)
    scheduling = Scheduling(runs, lambda: known, knowledge.database, ZoneInfo("UTC"), now())
    scheduling(now())
    lore.slack.wait_for(lambda: not runs.active(), 60)
    (lore.wiki / "zebra.md").write_text("# Zebra\n\nThe zebra cluster has 512 GPUs of the newest kind.\n")
    with serving(lore.bot.delivery.writer, known) as door:
        assert [door.push(body=b"{%d}" % n) for n in range(5)] == [202] * 5
    scheduling(now() + timedelta(seconds=11))  # after the turn of the process that looked before
    [asked] = [run for run in runs.recent("wiki") if run.wanted.side == "webhook"]
    lore.slack.wait_for(lambda: (runs.get(asked.id) or asked).state is State.DONE, 60)
    said = lore.reply("#general", lore.mention("chloe", "#general", "How many GPUs has the zebra cluster?"))
    assert "512 GPUs" in said


def test_a_good_one_is_answered_at_once_and_wants_one_sync(door: Door, writer: JournalWriter) -> None:
    assert door.push() == 202
    assert door.push(body=b"another push") == 202
    assert door.push("ops") == 202
    assert wanted(writer) == ["wiki", "ops"]


def test_az_31_what_is_not_proved_is_refused_alike_whether_there_is_such_a_source_or_not(
    door: Door, writer: JournalWriter
) -> None:
    wrong = {"X_Hub_Signature_256": "sha256=" + "0" * 64}
    refusals = [
        door.post(source, **headers)
        for source in ("wiki", "plain", "unset", "nowhere", "", "wiki/", "%77iki/../ops", "a" * 300)
        for headers in ({}, wrong, {"X_Gitlab_Token": "guess"}, {"Authorization": "Bearer "})
    ]
    refusals += [door.post("wiki", method=method) for method in ("GET", "HEAD", "PUT", "DELETE")]
    refusals.append(door.post("unset", X_Gitlab_Token=""))
    seen = {(status, body, tuple(sorted(set(headers) - {"date"}))) for status, body, headers in refusals}
    assert len(seen) == 1
    assert next(iter(seen))[:2] == (404, b"")
    assert door.push(secret="another secret") == 404
    assert wanted(writer) == []


def test_a_secret_is_of_one_source_alone(writer: JournalWriter) -> None:
    others = with_a_webhook("ops", secret="another-secret-of-ops")
    with serving(writer, listed_now(more=(with_a_webhook(), others))) as door:
        assert door.push("ops") == 404
        assert door.push("ops", secret="another-secret-of-ops") == 202


def test_the_very_same_has_no_effect_again(door: Door, writer: JournalWriter) -> None:
    assert door.push() == 202
    writer.write(lambda connection: wishes.satisfied(connection, ["wiki"]))
    assert door.push() == 202
    assert wanted(writer) == []
    assert door.push(body=b"new") == 202
    assert wanted(writer) == ["wiki"]


def test_a_token_of_gitlab_and_a_ping_of_github(door: Door, writer: JournalWriter) -> None:
    digest = hmac.new(SECRET.encode(), PUSH, hashlib.sha256).hexdigest()
    ping = {"X_Hub_Signature_256": f"sha256={digest}", "X_GitHub_Event": "ping"}
    assert door.post("wiki", **ping)[0] == 202
    assert wanted(writer) == []
    assert door.post("wiki", X_Gitlab_Token=SECRET)[0] == 202
    assert wanted(writer) == ["wiki"]


def test_a_body_that_is_too_long_is_refused_before_anything_is_looked_up(
    door: Door, writer: JournalWriter
) -> None:
    for source in ("wiki", "nowhere"):
        assert door.push(source, body=b"x" * (MOST_BYTES + 1)) == 413
    assert wanted(writer) == []


def test_nothing_of_a_body_or_a_secret_is_logged(
    door: Door, writer: JournalWriter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    door.push(body=b"the-words-of-a-push")
    door.push(body=b"the-words-of-a-push", secret="guess-of-a-secret")
    door.post("wiki", b"the-words-of-a-push", X_Gitlab_Token="guess-of-a-secret")
    assert "the-words-of-a-push" not in caplog.text
    assert "guess-of-a-secret" not in caplog.text
    assert SECRET not in caplog.text


def test_notions_handshake_is_kept_for_the_admin_until_the_secret_is_set(writer: JournalWriter) -> None:
    token = json.dumps({"verification_token": "secret_tMrlL1qK5vuQAh1b6cZGhFCh"}).encode()
    setting_up, done = (with_a_webhook("notes", secret, kind="notion") for secret in ("", SECRET))
    with serving(writer, listed_now(more=(setting_up,))) as door:
        assert door.post("notes", token)[0] == 200
        assert door.post("notes", token)[0] == 200
        assert door.post("notes", b'{"type": "page.created"}')[0] == 404
    stamp = now().timestamp()
    kept = writer.read(lambda connection: wishes.tokens(connection, "notes", stamp))
    assert kept == ["secret_tMrlL1qK5vuQAh1b6cZGhFCh"]
    assert writer.read(lambda connection: wishes.tokens(connection, "notes", stamp + 3601)) == []
    with serving(writer, listed_now(more=(done,))) as door:
        assert door.post("notes", token)[0] == 404
        digest = hmac.new(SECRET.encode(), b"{}", hashlib.sha256).hexdigest()
        assert door.post("notes", b"{}", X_Notion_Signature=f"sha256={digest}")[0] == 202


def test_only_notion_begins_with_a_handshake_and_strangers_tokens_are_few(writer: JournalWriter) -> None:
    with serving(
        writer, listed_now(more=(listed("wiki", secret=""), listed("notes", kind="notion", secret="")))
    ) as door:
        bodies = [json.dumps({"verification_token": f"secret_{n:040}"}).encode() for n in range(9)]
        assert {door.post("wiki", body)[0] for body in bodies} == {404}
        assert {door.post("notes", body)[0] for body in bodies} == {200}
    stamp = now().timestamp()
    assert (
        len(writer.read(lambda connection: wishes.tokens(connection, "notes", stamp))) == wishes.MOST_TOKENS
    )


def test_what_cannot_be_committed_is_not_accepted(door: Door, writer: JournalWriter) -> None:
    writer.close()
    assert door.push() == 503
    assert door.push(secret="another") == 404


def test_before_the_bot_is_ready_and_when_too_many_come_at_once_they_are_to_come_again() -> None:
    hooks = Hooks(now)
    server = HookServer(listen("127.0.0.1", 0), hooks, Readiness(now))
    server.start()
    try:
        assert Door(server.port).push() == 503
    finally:
        server.stop()
    assert MOST_AT_ONCE > 1


def test_wrong_settings_leave_webhooks_as_they_were(writer: JournalWriter) -> None:
    given = iter([listed_now(more=(with_a_webhook(),))])

    def sources() -> SourcesNow:
        for one in given:
            return one
        raise SettingsError("lore.toml is not valid TOML")

    hooks = Hooks(now)
    hooks.join(writer, sources)
    server = HookServer(listen("127.0.0.1", 0), hooks, Readiness(now))
    server.start()
    try:
        assert Door(server.port).push() == 202
        hooks._looked_at = float("-inf")
        assert Door(server.port).push(body=b"more") == 202
    finally:
        server.stop()


def test_in_http_mode_webhooks_come_in_by_the_same_port(writer: JournalWriter) -> None:
    hooks = Hooks(now)
    hooks.join(writer, lambda: listed_now(more=(with_a_webhook(),)))
    mode = HttpMode(listen("127.0.0.1", 0), SigningSecrets(SECRET), now, hooks=hooks)
    mode.open()
    try:
        assert Door(mode.port).push() == 202
        assert Door(mode.port).push(secret="another") == 404
    finally:
        mode.stop()
    assert wanted(writer) == ["wiki"]


def test_beside_socket_mode_the_port_tells_that_the_process_lives(door: Door) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=10)
    connection.request("GET", "/healthz")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"alive\n")
    connection.request("GET", "/slack/events")
    assert connection.getresponse().status == 404
    connection.close()
