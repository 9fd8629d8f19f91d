"""Who may read what: pure rules; unknown always means no.

An `Audience` is what a document carries. `Readers` is who can read the place where an answer will be
posted. A document may be used for an answer only if every one of the readers may read the document.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Members = Callable[[str], frozenset[str] | None]
"""Looks up a principal such as `#research` or `@leads`: its user ids, or None when they are unknown."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a document: everyone (the full members), or a union of principals.

    `principals` are `#channel`, `@group`, a Slack user id or an e-mail address; empty and not everyone
    means that nobody may read it.
    """

    everyone: bool = False
    principals: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """A canonical name: equal audiences have equal keys. Reversed by `Audience.from_key`."""
        return "everyone" if self.everyone else json.dumps(sorted(self.principals), ensure_ascii=False)

    @classmethod
    def from_key(cls, key: str) -> "Audience":
        if key == "everyone":
            return EVERYONE
        return cls(principals=frozenset(json.loads(key)))


EVERYONE = Audience(everyone=True)


@dataclass(frozen=True, slots=True)
class Readers:
    """Who can read a place: the whole workspace, or these people (user ids).

    Neither everyone nor people means that we do not know, or that it is not to be answered at all
    (guests, channels shared with another organisation): nothing may be used.
    """

    everyone: bool = False
    people: frozenset[str] = frozenset()


WHOLE_WORKSPACE = Readers(everyone=True)
UNKNOWN_READERS = Readers()


def may_all_read(audience: Audience, readers: Readers, members: Members) -> bool:
    """Whether every reader may read a document with this audience."""
    if audience.everyone:
        return readers.everyone or bool(readers.people)
    if readers.everyone or not readers.people:
        return False
    missing = set(readers.people)
    for principal in sorted(audience.principals):
        if _names_one(principal) and principal not in missing:
            continue  # somebody else: there is no need to look them up
        missing -= members(principal) or frozenset()
        if not missing:
            return True
    return False


def _names_one(principal: str) -> bool:
    """Whether it is a user id, which names nobody but itself."""
    return "@" not in principal and not principal.startswith("#")


def readable_keys(keys: Iterable[str], readers: Readers, members: Members) -> frozenset[str]:
    """The audience keys (of those in the store) whose documents all the readers may read."""
    return frozenset(key for key in keys if may_all_read(Audience.from_key(key), readers, members))
