"""Ids that look like Slack's: stable ones for people and places, fresh ones for what happens.

Stable, because a bot's settings and journal name people and channels and must survive a restart of the
workspace; fresh, because a bot that remembers the event ids it has seen must not meet them again.
"""

import hashlib
import secrets
import string
import uuid

ALPHABET = string.ascii_uppercase + string.digits


def stable(prefix: str, name: str) -> str:
    """The id of a person (`U`), channel (`C`), DM (`D`), user group (`S`)… of this name, always the same."""
    digest = int.from_bytes(hashlib.sha256(f"{prefix}:{name}".encode()).digest())
    letters = []
    for _ in range(9):
        digest, place = divmod(digest, len(ALPHABET))
        letters.append(ALPHABET[place])
    return f"{prefix}0{''.join(letters)}"


def fresh(prefix: str, length: int = 10) -> str:
    """A new id for an event (`Ev`), view (`V`)…"""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(length))


def block_id() -> str:
    """What Slack gives a block that came without one: five characters."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(5))


def uuid4() -> str:
    """An envelope id or a client_msg_id."""
    return str(uuid.uuid4())


def token(kind: str, *parts: str) -> str:
    """A token of Slack's shape (`xoxb-…`, `xapp-…`), worth nothing anywhere else."""
    return "-".join([kind, *parts, secrets.token_hex(16)])
