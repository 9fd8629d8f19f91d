"""HTTP's client side: signed requests to the app's request URL, as Slack sends them when Socket Mode is off.

Follows https://docs.slack.dev/apis/events-api (JSON bodies; `X-Slack-Retry-Num` and `-Reason`, three seconds
for a 2xx, `X-Slack-No-Retry: 1` on another status ends the repeats),
https://docs.slack.dev/authentication/verifying-requests-from-slack (v0 signatures),
https://docs.slack.dev/reference/events/url_verification, and for forms
https://docs.slack.dev/interactivity/implementing-slash-commands and
https://docs.slack.dev/interactivity/handling-user-interaction (`payload=…`). *Assumed*: each request has a
connection of its own, several run at once, and `ssl_check` comes with or without a signature.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import h11

from bot.workspace import ids
from bot.workspace.courier import Courier
from bot.workspace.description import Json
from bot.workspace.envelopes import Delivery
from bot.workspace.ledger import Attempt, Envelope
from bot.workspace.site import Site

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MOST_REPLY_BYTES = 1 << 20


@dataclass(frozen=True)
class Reply:
    """What the app answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def well(self) -> bool:
        return 200 <= self.status < 300

    def payload(self) -> Json | None:
        """A JSON object as it is, any other text as the text of a message, nothing as None.

        Raises ValueError for JSON that is none.
        """
        text = self.body.decode("utf-8", "replace")
        if not text.strip():
            return None
        if self.headers.get("content-type", "").startswith(JSON):
            told = json.loads(text)
            return told if isinstance(told, dict) else None
        return {"text": text}


@dataclass
class HttpMode:
    """Posts to the request URL. Runs on the server's loop."""

    site: Site
    courier: Courier
    ack_seconds: float = 3.0
    url: str = ""
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def stop(self) -> None:
        """After the courier's `stop`."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        """One request; without a request URL that was verified there is nobody to tell."""
        if not self.url:
            self.courier.failed(delivery, attempt, "nobody connected")
            return
        attempt.socket = self.url
        task = asyncio.get_running_loop().create_task(self._carry(delivery, attempt, reason))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, delivery: Delivery, attempt: Attempt, reason: str) -> None:
        content_type, body = encoded(delivery.envelope)
        repeat = {"X-Slack-Retry-Num": str(delivery.tries - 1), "X-Slack-Retry-Reason": reason}
        headers = self.signed(content_type, body) | (repeat if delivery.tries > 1 else {})
        try:
            reply = await asyncio.wait_for(post(self.url, headers, body), self.ack_seconds)
            payload = reply.payload() if reply.well else None
        except TimeoutError:
            self.courier.failed(delivery, attempt, "http_timeout")
        except (OSError, EOFError, h11.RemoteProtocolError):
            self.courier.failed(delivery, attempt, "connection_failed")
        except ValueError:
            self.courier.failed(delivery, attempt, "unknown_error")
        except asyncio.CancelledError:
            self.courier.failed(delivery, attempt, "the workspace stopped")
            raise
        else:
            attempt.status = reply.status
            if reply.well:
                self.courier.acked(delivery, attempt, payload)
            else:
                again = reply.headers.get("x-slack-no-retry") != "1"
                self.courier.failed(delivery, attempt, "http_error", again)

    def signed(self, content_type: str, body: bytes) -> dict[str, str]:
        """The headers that Slack would send with this body now."""
        now = int(self.site.team.clock())
        basis = b"v0:%d:%b" % (now, body)
        digest = hmac.new(self.site.signing_secret.encode(), basis, hashlib.sha256).hexdigest()
        return {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": str(now),
            "X-Slack-Signature": f"v0={digest}",
        }

    async def verify(self, url: str) -> str | None:
        """Ask a URL for its challenge and keep it when it passes; else why it does not."""
        challenge = ids.fresh("", 50)
        told = {"token": self.site.verification_token, "challenge": challenge, "type": "url_verification"}
        body = json.dumps(told).encode()
        try:
            reply = await asyncio.wait_for(post(url, self.signed(JSON, body), body), self.ack_seconds)
            answered = reply.payload() or {}
        except TimeoutError:
            return "no answer in time"
        except (OSError, EOFError, ValueError, h11.RemoteProtocolError) as problem:
            return f"{type(problem).__name__}: {problem}"
        if not reply.well:
            return f"status {reply.status}"
        if challenge not in (answered.get("challenge"), str(answered.get("text")).strip()):
            return "the challenge did not come back"
        self.url = url
        self.courier.announce(1)
        return None

    async def check_ssl(self, signed: bool) -> int:
        """The status of a certificate check."""
        body = urlencode({"ssl_check": "1", "token": self.site.verification_token}).encode()
        headers = self.signed(FORM, body) if signed else {"Content-Type": FORM}
        return (await asyncio.wait_for(post(self.url, headers, body), self.ack_seconds)).status


def encoded(envelope: Envelope) -> tuple[str, bytes]:
    """Content type and body: events are JSON, commands are forms, interactions JSON inside a form."""
    match envelope.kind:
        case "events_api":
            return JSON, json.dumps(envelope.payload).encode()
        case "slash_commands":
            return FORM, urlencode(envelope.payload).encode()
        case _:
            return FORM, urlencode({"payload": json.dumps(envelope.payload)}).encode()


async def post(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    """One POST on a connection of its own. Raises OSError, EOFError, h11.RemoteProtocolError."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 80)
    try:
        connection = h11.Connection(h11.CLIENT)
        request = h11.Request(
            method="POST",
            target=parts.path or "/",
            headers=[
                ("Host", parts.netloc),
                ("User-Agent", "Slackbot 1.0 (+https://api.slack.com/robots)"),
                ("Accept", "*/*"),
                ("Connection", "close"),
                ("Content-Length", str(len(body))),
                *headers.items(),
            ],
        )
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _reply(connection, reader)
    finally:
        writer.close()


async def _reply(connection: h11.Connection, reader: asyncio.StreamReader) -> Reply:
    response: h11.Response | None = None
    body = b""
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            received = await reader.read(65536)
            if not received and response is None:
                raise EOFError("the connection ended without an answer")
            connection.receive_data(received)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MOST_REPLY_BYTES:
                raise EOFError("the answer does not end")
        elif isinstance(event, h11.EndOfMessage):
            assert response is not None, "h11 announces a response before its end"
            headers = {name.decode(): value.decode("latin-1") for name, value in response.headers}
            return Reply(response.status_code, headers, body)
        elif isinstance(event, h11.ConnectionClosed):
            raise EOFError("the connection ended")
