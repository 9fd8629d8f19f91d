"""What Lore says, before it is said: plain data that the outbox stores and sends."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

Block = Mapping[str, Any]


class Kind(StrEnum):
    """How a message reaches people. EPHEMERAL and RESPOND cannot be looked up again: at most once."""

    POST = "post"
    UPDATE = "update"
    DELETE = "delete"
    EPHEMERAL = "ephemeral"
    RESPOND = "respond"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is posted: a conversation, or `only` one person in it (ephemeral, response_url)."""

    channel: str
    only: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """What must still hold just before posting: everyone at the place may read all of these."""

    place: Place
    audience_keys: tuple[str, ...] = ()
    document_ids: tuple[str, ...] = ()


def new_key() -> str:
    """An opaque random key."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say, once.

    `key` is unique for ever: saying the same key again says nothing. `person` is the addressee of an
    ephemeral message, and otherwise whom to tell when the message cannot be delivered. `target` is the
    key of the message that an update or delete is about, or its Slack ts. `instead` is said (plain text,
    same place; with `aside` to `person` alone) when `check` no longer holds; without it the message is
    dropped then. `replace_original` and `delete_original` are for a response_url: what becomes of the
    message that was pressed. After `worthless_after` (Unix seconds) it is not said any more. What is in the
    `background` waits while anything else can be said.
    """

    channel: str
    text: str
    kind: Kind = Kind.POST
    blocks: tuple[Block, ...] = ()
    thread_ts: str = ""
    person: str = ""
    response_url: str = ""
    replace_original: bool = False
    delete_original: bool = False
    target: str = ""
    check: Check | None = None
    instead: str = ""
    aside: bool = False
    worthless_after: float | None = None
    background: bool = False
    key: str = field(default_factory=new_key)

    @property
    def lane(self) -> str:
        """Messages of one lane are sent one after another, in the order they were given."""
        if self.kind is Kind.RESPOND:
            return f"respond {self.response_url}"
        if self.kind is Kind.EPHEMERAL:
            return f"{self.channel} {self.person}"
        return self.channel

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; `worthless_after` and `background` are left to whoever stores it: an earlier Lore that
        is still at work beside this one reads it, too."""
        values = asdict(self)
        del values["worthless_after"], values["background"]
        return values

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Message":
        values = dict(data)
        if (check := values["check"]) is not None:
            values["check"] = Check(
                Place(**check["place"]), tuple(check["audience_keys"]), tuple(check["document_ids"])
            )
        return cls(**{**values, "kind": Kind(values["kind"]), "blocks": tuple(values["blocks"])})
