"""Requests as Slack signs them."""

import hashlib
import hmac

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"


def signature(timestamp: int, body: bytes, secret: str = SECRET) -> bytes:
    digest = hmac.new(secret.encode(), b"v0:%d:%b" % (timestamp, body), hashlib.sha256)
    return b"v0=" + digest.hexdigest().encode()


def signed(
    timestamp: int, body: bytes, content_type: bytes = JSON, secret: str = SECRET
) -> list[tuple[bytes, bytes]]:
    """The headers as ASGI gives them."""
    return [
        (b"host", b"lore.example"),
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-slack-request-timestamp", b"%d" % timestamp),
        (b"x-slack-signature", signature(timestamp, body, secret)),
    ]
