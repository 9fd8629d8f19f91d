"""The bot's token goes to Slack's own hosts alone, and nothing without end is taken from them."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.fetching import Fetcher, NotFetched

Serve = Callable[[BaseHTTPRequestHandler], None]


class Host:
    """A server on this machine that does what a test tells it to, and notes the tokens that it was sent."""

    def __init__(self) -> None:
        self.tokens: list[str | None] = []
        self.serve: Serve = lambda handler: None
        host = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                host.tokens.append(self.headers.get("authorization"))
                host.serve(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


@pytest.fixture
def elsewhere() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


def answer(status: int, body: bytes = b"", **headers: str) -> Serve:
    def serve(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return serve


def fetch(host: Host, url: str | None = None, most: int = 1_000, seconds: float = 5.0) -> bytes:
    fetcher = Fetcher(lambda: "xoxb-secret", (f"{host.url}/",))
    return fetcher.fetch(
        f"{host.url}/files-pri/T1-F1/a.md" if url is None else url, most, time.monotonic() + seconds
    )


def test_bytes_come_with_the_token(host: Host) -> None:
    host.serve = answer(200, b"# a", content_length="3")
    assert fetch(host) == b"# a"
    assert host.tokens == ["Bearer xoxb-secret"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "files.slack.com/a",
        "ftp://files.slack.com/a",
        "file:///etc/passwd",
        "https://files.slack.com.evil.example/a",
        "https://evil.example/files.slack.com/a",
        "https://files.slack.com@evil.example/a",
        "http://files.slack.com/a",
        "https://files.slack.com:8443/a",
        "https://slack-files.com/a",
        "http://[broken/a",
    ],
)
def test_no_other_address_is_even_asked(host: Host, url: str) -> None:
    with pytest.raises(NotFetched, match="it does not lie with Slack"):
        fetch(host, url)
    assert host.tokens == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(host: Host, elsewhere: Host, status: int) -> None:
    host.serve = answer(status, location=f"{elsewhere.url}/steal")
    with pytest.raises(NotFetched, match="sign in"):
        fetch(host)
    assert elsewhere.tokens == []


@pytest.mark.parametrize(
    ("status", "why"), [(401, "sign in"), (404, "deleted"), (410, "deleted"), (429, "429"), (500, "500")]
)
def test_what_slack_refuses_is_said(host: Host, status: int, why: str) -> None:
    host.serve = answer(status)
    with pytest.raises(NotFetched, match=why):
        fetch(host)


def test_a_body_that_is_said_to_be_too_large_is_not_read(host: Host) -> None:
    host.serve = answer(200, b"x", content_length="100000000")
    with pytest.raises(NotFetched, match="larger than"):
        fetch(host)


def test_a_body_that_does_not_end_is_cut(host: Host) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 10_000)
        except OSError:
            return

    host.serve = endless
    with pytest.raises(NotFetched, match="larger than"):
        fetch(host, most=50_000)


def test_a_body_that_drips_is_given_up(host: Host) -> None:
    def dripping(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1_000):
                handler.wfile.write(b"x")
                handler.wfile.flush()
                time.sleep(0.01)
        except OSError:
            return

    host.serve = dripping
    with pytest.raises(NotFetched, match="too long"):
        fetch(host, most=50_000, seconds=0.3)


def test_half_a_file_is_none(host: Host) -> None:
    host.serve = answer(200, b"half", content_length="8")
    with pytest.raises(NotFetched):
        fetch(host)


def test_a_sign_in_page_is_told_from_a_web_page_that_was_attached(host: Host) -> None:
    page = b"<!DOCTYPE html><html>Sign in</html>"
    host.serve = answer(200, page, content_type="text/html; charset=utf-8")
    with pytest.raises(NotFetched, match="sign in"):
        fetch(host)
    assert fetch(host, f"{host.url}/files-pri/T1-F1/download/page.html") == page


def test_a_host_that_is_away_is_no_trouble(host: Host) -> None:
    fetcher = Fetcher(lambda: "xoxb-secret", (host.url,))
    host.close()
    with pytest.raises(NotFetched, match="just now"):
        fetcher.fetch(f"{host.url}/a", 10, time.monotonic() + 2)


def test_no_time_left_asks_nobody(host: Host) -> None:
    with pytest.raises(NotFetched, match="no time left"):
        fetch(host, seconds=-1)
    assert host.tokens == []
