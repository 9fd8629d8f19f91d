"""With Socket Mode off the workspace posts signed requests, repeats what fails, and waits three seconds."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from bot.workspace import Workspace


@dataclass(frozen=True)
class Seen:
    headers: dict[str, str]
    body: bytes

    @property
    def retry(self) -> tuple[str | None, str | None]:
        return self.headers.get("X-Slack-Retry-Num"), self.headers.get("X-Slack-Retry-Reason")


Answer = tuple[int, dict[str, str], bytes]


class App:
    """A request URL: answers challenges, keeps what it saw, and says what `answers` says."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.answer: Callable[[Seen], Answer] = lambda _: (200, {}, b"")
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                seen = Seen(dict(self.headers.items()), body)
                if b"url_verification" in body:
                    status, headers, said = 200, {}, json.loads(body)["challenge"].encode()
                else:
                    app.seen.append(seen)
                    status, headers, said = app.answer(seen)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/slack/events"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()


@pytest.fixture
def app() -> Iterator[App]:
    app = App()
    yield app
    app.server.shutdown()
    app.thread.join()
    app.server.server_close()


@pytest.fixture
def slack(app: App) -> Iterator[Workspace]:
    with Workspace(ack_seconds=1.0, redelivery=(0.0, 0.05, 0.1)) as workspace:
        assert workspace.set_request_url(app.url) is None
        yield workspace


def test_events_are_json_signed_with_the_secret_of_now(slack: Workspace, app: App) -> None:
    for secret in (slack.signing_secret, slack.rotate_signing_secret()):
        slack.site.signing_secret = secret
        slack.tell_app({"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.1", "text": "hi"})
        slack.wait_for(lambda: slack.ledger.envelopes[-1].acked)
        seen = app.seen[-1]
        basis = b"v0:" + seen.headers["X-Slack-Request-Timestamp"].encode() + b":" + seen.body
        digest = hmac.new(secret.encode(), basis, hashlib.sha256).hexdigest()
        assert seen.headers["X-Slack-Signature"] == f"v0={digest}"
        assert seen.headers["Content-Type"] == "application/json"
        assert seen.retry == (None, None)
        assert json.loads(seen.body)["event"]["text"] == "hi"


def test_an_event_that_fails_comes_three_times_more_with_number_and_reason(
    slack: Workspace, app: App
) -> None:
    app.answer = lambda _: (500, {}, b"")
    slack.tell_app({"type": "app_mention"})
    slack.wait_for(lambda: slack.ledger.envelopes[-1].given_up)
    assert [seen.retry for seen in app.seen] == [
        (None, None),
        *((str(n), "http_error") for n in (1, 2, 3)),
    ]
    assert len({json.loads(seen.body)["event_id"] for seen in app.seen}) == 1
    assert [attempt.status for attempt in slack.ledger.envelopes[-1].attempts] == [500] * 4


def test_no_retry_is_heard(slack: Workspace, app: App) -> None:
    app.answer = lambda _: (500, {"X-Slack-No-Retry": "1"}, b"")
    slack.tell_app({"type": "app_mention"})
    slack.wait_for(lambda: slack.ledger.envelopes[-1].given_up)
    assert len(app.seen) == 1


def test_an_answer_that_is_late_is_none(slack: Workspace, app: App) -> None:
    late = threading.Event()

    def wait(seen: Seen) -> Answer:
        if seen.retry[0] is None:
            late.wait(10)
        return 200, {}, b""

    app.answer = wait
    slack.tell_app({"type": "app_mention"})
    slack.wait_for(lambda: slack.ledger.envelopes[-1].acked)
    late.set()
    assert [seen.retry for seen in app.seen] == [(None, None), ("1", "http_timeout")]


def test_commands_are_forms_and_their_answer_is_shown_and_never_repeated(slack: Workspace, app: App) -> None:
    app.answer = lambda _: (200, {"Content-Type": "application/json"}, b'{"text": "one moment"}')
    shown = slack.slash("ana", "#general", "/ask", "why & when?")
    assert shown.message is not None
    assert shown.message["text"] == "one moment"
    fields = parse_qs(app.seen[-1].body.decode())
    assert fields["text"] == ["why & when?"]
    assert fields["command"] == ["/ask"]
    app.answer = lambda _: (503, {}, b"")
    assert slack.slash("ana", "#general", "/ask", "again").error == "dispatch_failed"
    assert len(app.seen) == 2


def test_a_request_url_that_gives_no_challenge_back_is_not_taken(app: App) -> None:
    with Workspace(ack_seconds=1.0) as slack:
        assert slack.set_request_url("http://127.0.0.1:9/slack/events") is not None
        assert slack.connected == 0
        slack.tell_app({"type": "app_mention"})
        slack.wait_for(lambda: slack.ledger.envelopes[-1].attempts)
        assert slack.ledger.envelopes[-1].attempts[0].outcome == "nobody connected"


def test_a_certificate_check_comes_with_a_signature_or_without(slack: Workspace, app: App) -> None:
    assert slack.check_ssl() == 200
    assert "X-Slack-Signature" not in app.seen[-1].headers
    assert slack.check_ssl(signed=True) == 200
    assert "X-Slack-Signature" in app.seen[-1].headers
    assert parse_qs(app.seen[-1].body.decode())["ssl_check"] == ["1"]
