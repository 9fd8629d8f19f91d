"""What comes to a source's webhook is proved to be from whoever knows its secret; all else is refused alike.

Forms: GitHub (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries), Gitea and
Forgejo send the same; GitLab's token, and its signatures by https://www.standardwebhooks.com; Confluence Data
Center (https://confluence.atlassian.com/doc/managing-webhooks-1021225606.html); Notion
(https://developers.notion.com/reference/webhooks); or `Authorization: Bearer` and the secret. The gate is
pure: it keeps no state and writes no log.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

MOST_BYTES = 5_000_000
WINDOW_S = 300
MOST_TOKEN = 200

_HEX = re.compile(rb"(?:sha256=)?([0-9a-f]{64})")
_TIMESTAMP = re.compile(rb"[1-9][0-9]{9}")
_ID = re.compile(rb"[\x21-\x7e]{1,200}")
_TOKEN = re.compile(rf"[A-Za-z0-9_=+/.-]{{8,{MOST_TOKEN}}}")
_SIGNATURES = (b"x-hub-signature-256", b"x-hub-signature", b"x-notion-signature")
_PROOFS = (*_SIGNATURES, b"webhook-signature", b"x-gitlab-token", b"authorization")
_NOBODYS = "no secret of any source"


@dataclass(frozen=True, slots=True)
class Proved:
    """Whoever sent it knows the secret. `key` is the name under which the very same may come again; empty
    where nothing tells two of them apart. A `ping` asks for nothing."""

    key: str = ""
    ping: bool = False


@dataclass(frozen=True, slots=True)
class Handshake:
    """Notion has sent a token that a person is to paste; nobody has proved anything."""

    token: str


@dataclass(frozen=True, slots=True)
class NotProved:
    """`why` is for the log and holds nothing of the request."""

    why: str


Headers = Iterable[tuple[bytes, bytes]]


def judge(headers: Headers, body: bytes, secret: str, now: datetime) -> Proved | NotProved:
    """Judge a request by its headers (names in lower case, as ASGI gives them) and its raw body.

    An empty secret proves nothing, though as much is computed then.
    """
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in found and name in (*_PROOFS, b"webhook-id", b"webhook-timestamp"):
            return NotProved("a proof that is given twice")
        found[name] = value
    proved = _judged(found, body, (secret or _NOBODYS).encode(), now)
    return proved if secret else NotProved("no secret is known for it")


def handshake(body: bytes) -> Handshake | None:
    """The token in what may be Notion's first request: an object that holds it and nothing else."""
    if len(body) > 2 * MOST_TOKEN:
        return None
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or set(told) != {"verification_token"}:
        return None
    token = told["verification_token"]
    return Handshake(token) if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _judged(found: Mapping[bytes, bytes], body: bytes, secret: bytes, now: datetime) -> Proved | NotProved:
    """By the strongest proof that is given: a weaker one beside it is not looked at."""
    ping = found.get(b"x-github-event") == b"ping"
    if b"webhook-signature" in found:
        return _standard(found, body, secret, now)
    for name in _SIGNATURES:
        if name in found:
            if _is_signed(found[name], body, secret):
                return Proved(f"body:{hashlib.sha256(body).hexdigest()}", ping)
            return NotProved("a signature that does not fit")
    token = found.get(b"x-gitlab-token") or found.get(b"authorization", b"").removeprefix(b"Bearer ")
    # Digests are of one length: the time that comparing takes tells nothing of the secret's.
    fits = hmac.compare_digest(hashlib.sha256(token).digest(), hashlib.sha256(secret).digest())
    return Proved(ping=ping) if token and fits else NotProved("no proof that fits")


def _is_signed(signature: bytes, body: bytes, secret: bytes) -> bool:
    told = _HEX.fullmatch(signature)
    made = hmac.new(secret, body, hashlib.sha256).hexdigest().encode()
    return hmac.compare_digest(told[1] if told else b"", made)


def _standard(found: Mapping[bytes, bytes], body: bytes, secret: bytes, now: datetime) -> Proved | NotProved:
    """Signed with its id and its time, in any of the signatures: a secret that is being changed has two."""
    message_id, timestamp = found.get(b"webhook-id", b""), found.get(b"webhook-timestamp", b"")
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        return NotProved("no id or timestamp of the right form")
    if abs(int(timestamp) - now.timestamp()) > WINDOW_S:
        return NotProved("a timestamp that is too far off")
    signed = message_id + b"." + timestamp + b"." + body
    given = [part.removeprefix(b"v1,") for part in found[b"webhook-signature"].split(b" ")[:4]]
    fits = False
    for key in _keys(secret):
        made = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for one in given:
            fits |= hmac.compare_digest(one, made)
    if not fits:
        return NotProved("a signature that does not fit")
    return Proved(f"id:{hashlib.sha256(message_id).hexdigest()}")


def _keys(secret: bytes) -> tuple[bytes, ...]:
    """The secret as it is and, as the standard has it, what stands in base64 after `whsec_`."""
    try:
        return (secret, base64.b64decode(secret.removeprefix(b"whsec_"), validate=True))
    except binascii.Error:
        return (secret,)
