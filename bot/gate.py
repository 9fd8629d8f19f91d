"""What comes over HTTP is proved to be Slack's before a byte of it is parsed; all else is refused unread.

Follows https://docs.slack.dev/authentication/verifying-requests-from-slack. The gate keeps no state and
writes no log: `look` judges a request by its headers, `open_letter` by its body too.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

MOST_BYTES = 1_000_000
MOST_CHECK_BYTES = 256
WINDOW_S = 300
MOST_DEPTH = 64
MOST_FIELDS = 100
MOST_CHALLENGE = 256

JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"

_SIGNATURE = re.compile(rb"v0=[0-9a-f]{64}\Z")
_TIMESTAMP = re.compile(rb"[1-9][0-9]{9}\Z")
_LENGTH = re.compile(rb"[0-9]{1,10}\Z")
_CHECK = re.compile(rb"(?:token=[A-Za-z0-9]{0,64}&)?ssl_check=1(?:&token=[A-Za-z0-9]{0,64})?\Z")
_RETRY = re.compile(rb"[0-9]{1,3}\Z")
_REASON = re.compile(rb"[a-z_]{1,40}\Z")


@dataclass(frozen=True, slots=True)
class Refused:
    """A status for the sender; `why` is for the log and holds nothing of the request."""

    status: int
    why: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A request whose headers may be Slack's; `signature` is None for what may only be a certificate check.

    `most_bytes` is how much of its body is to be read.
    """

    signature: bytes | None
    timestamp: bytes
    form: bool
    most_bytes: int
    retry: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether this is the app that it is told it is."""

    text: str


@dataclass(frozen=True, slots=True)
class CertificateCheck:
    """`ssl_check`: Slack looks at the certificate of the proxy in front; nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Throttled:
    """Slack holds events back, because there were more than 30,000 within an hour."""


@dataclass(frozen=True, slots=True)
class Request:
    """An event, a command or an interaction, as Bolt takes it.

    `keys` are the names under which the same thing may come again.
    """

    body: Mapping[str, Any]
    keys: tuple[str, ...]
    retry: tuple[str, str] | None


Opened = Challenge | CertificateCheck | Throttled | Request


@dataclass(frozen=True, slots=True)
class SigningSecrets:
    """The signing secret, and the one before it, which counts until `old_until` (with a zone)."""

    current: str
    old: str = ""
    old_until: datetime | None = None

    def __repr__(self) -> str:
        return "SigningSecrets(…)"

    def at(self, now: datetime) -> tuple[bytes, ...]:
        """Those that count now."""
        if self.old and self.old_until is not None and now < self.old_until:
            return (self.current.encode(), self.old.encode())
        return (self.current.encode(),)


def look(headers: Iterable[tuple[bytes, bytes]], now: datetime) -> Letter | Refused:
    """Judge the headers (names in lower case, as ASGI gives them)."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in found and name in _ONCE:
            return Refused(401, f"{name.decode('latin-1')} is given twice")
        found[name] = value
    kind = found.get(b"content-type", b"").partition(b";")[0].strip().lower()
    length = found.get(b"content-length", b"0")
    sized = _LENGTH.match(length) is not None
    if b"x-slack-signature" not in found and b"x-slack-request-timestamp" not in found:
        if kind == FORM and sized and 0 < int(length) <= MOST_CHECK_BYTES:
            return Letter(None, b"", True, MOST_CHECK_BYTES)
        return Refused(401, "no signature")
    if not sized or int(length) > MOST_BYTES:
        return Refused(413, "too long")
    signature, timestamp = found.get(b"x-slack-signature", b""), found.get(b"x-slack-request-timestamp", b"")
    if not _SIGNATURE.match(signature):
        return Refused(401, "no signature of the right form")
    if not _TIMESTAMP.match(timestamp):
        return Refused(401, "no timestamp of the right form")
    if abs(int(timestamp) - now.timestamp()) > WINDOW_S:
        return Refused(401, "a timestamp that is too far off")
    if found.get(b"content-encoding", b"identity").lower() != b"identity" or kind not in (JSON, FORM):
        return Refused(415, "neither plain JSON nor a plain form")
    return Letter(signature, timestamp, kind == FORM, MOST_BYTES, _retry(found))


_ONCE = frozenset(
    {
        b"x-slack-signature",
        b"x-slack-request-timestamp",
        b"content-type",
        b"content-length",
        b"content-encoding",
    }
)


def _retry(found: Mapping[bytes, bytes]) -> tuple[str, str] | None:
    number, reason = found.get(b"x-slack-retry-num", b""), found.get(b"x-slack-retry-reason", b"")
    if not _RETRY.match(number):
        return None
    return number.decode(), reason.decode() if _REASON.match(reason) else ""


def open_letter(letter: Letter, body: bytes, secrets: Iterable[bytes]) -> Opened | Refused:
    """Judge the raw body, and parse it when it is Slack's."""
    if letter.signature is None:
        return CertificateCheck() if _CHECK.match(body) else Refused(401, "no signature")
    if not _is_signed(letter.signature, letter.timestamp, body, secrets):
        return Refused(401, "a signature that does not fit")
    try:
        told = _form(body) if letter.form else _json(body)
    except (ValueError, RecursionError):
        return Refused(400, "signed, but of no form that Slack uses")
    return _sorted(told, letter)


def _is_signed(signature: bytes, timestamp: bytes, body: bytes, secrets: Iterable[bytes]) -> bool:
    """Compares with every secret, in a time that says nothing of any."""
    fits = False
    for secret in secrets:
        digest = hmac.new(secret, b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest()
        fits |= hmac.compare_digest(b"v0=" + digest.encode(), signature)
    return fits


def _form(body: bytes) -> dict[str, Any]:
    """A command's fields, or the JSON of an interaction."""
    pairs = parse_qsl(
        body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS
    )
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError("a field is given twice")
    return _json(fields["payload"].encode()) if set(fields) == {"payload"} else fields


def _json(body: bytes) -> dict[str, Any]:
    told = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    if not isinstance(told, dict) or _is_deeper(told, MOST_DEPTH):
        raise ValueError("not an object, or too deep")
    return told


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _sorted(told: Mapping[str, Any], letter: Letter) -> Opened | Refused:
    """What it is: only what is known goes on."""
    kind = told.get("type")
    if letter.form and told.get("ssl_check") == "1":
        return CertificateCheck()
    if letter.form and str(told.get("command") or "").startswith("/"):
        return Request(told, _keys(told), letter.retry)
    if letter.form and isinstance(kind, str) and isinstance(told.get("user"), dict):
        return Request(told, _keys(told), letter.retry)
    if letter.form:
        return Refused(400, "a form that is neither a command nor an interaction")
    match kind:
        case "event_callback" if isinstance(told.get("event"), dict):
            return Request(told, _keys(told), letter.retry)
        case "url_verification":
            challenge = told.get("challenge")
            if isinstance(challenge, str) and len(challenge) <= MOST_CHALLENGE:
                return Challenge(challenge)
            return Refused(400, "a verification without a challenge")
        case "app_rate_limited":
            return Throttled()
        case _:
            return Refused(400, "JSON of an unknown type")


def _keys(told: Mapping[str, Any]) -> tuple[str, ...]:
    named = (("event", told.get("event_id")), ("trigger", told.get("trigger_id")))
    return tuple(f"{name}:{value}"[:200] for name, value in named if isinstance(value, str) and value)
