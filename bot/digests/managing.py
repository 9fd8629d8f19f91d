"""Who may turn a digest on and off and change it, and which place is meant."""

import re
from dataclasses import dataclass

from bot.journal.digests import GAPS, Digest, digest_id
from bot.messages import Place
from bot.people import People
from knowledge.audience import UNKNOWN_READERS

_CHANNEL = re.compile(
    r"(?:^|\s)(?:<#(?P<id>[CG][A-Z0-9]{7,20})(?:\|[^>]*)?>|#(?P<name>\S+)|(?P<here>here))(?=\s|$)"
)
_GAPS = re.compile(rf"(?:^|\s){GAPS}(?=\s|$)", re.IGNORECASE)
NOT_SEEN = "I cannot see that channel: invite me to it first, or choose another."


@dataclass(frozen=True, slots=True)
class Asked:
    """Which digest a command is about (None for a channel that is not to be found), and its other words."""

    digest: str | None
    rest: str


def asked(people: People, person: str, channel: str, text: str) -> Asked:
    """That of a channel that is named in the text (or `here`, where it is written), else that of the one who
    writes it: the report of gaps where it says `gaps`."""
    if of_gaps := _GAPS.search(text):
        rest = f"{text[: of_gaps.start()]} {text[of_gaps.end() :]}".strip()
        return Asked(digest_id(person, GAPS), rest)
    found = _CHANNEL.search(text)
    if found is None:
        return Asked(person, text.strip())
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip()
    if found["here"]:
        return Asked(channel if channel[:1] in ("C", "G") else person, rest)
    return Asked(found["id"] or people.channel_id(found["name"]), rest)


def refusal(people: People, recipient: str, person: str) -> str:
    """Why somebody may not have a digest sent there; empty where they may: to themselves, and to a channel in
    which they and Lore are, and whose readers are known."""
    if recipient == person:
        return ""
    known = people.channel(recipient)
    if known is None or known.get("is_im") is True:
        return NOT_SEEN
    public = known.get("is_private") is False and not known.get("is_mpim")
    inside = people.shares(recipient, person)
    if not inside and not public:
        return NOT_SEEN
    if found := trouble(people, recipient):
        return found
    name = people.name_of_place(recipient)
    return "" if inside else f"You are not in {name}: only its members have a digest sent there."


def trouble(people: People, channel: str) -> str:
    """Why nothing can be sent to a channel now; empty where it can. For those who may know its name."""
    known = people.channel(channel)
    if known is None:
        return NOT_SEEN
    name = people.name_of_place(channel)
    if known.get("is_archived"):
        return f"{name} is archived: choose another channel."
    if known.get("is_member") is not True:
        return f"I am not in {name}: invite me there first."
    if people.readers(Place(channel)) == UNKNOWN_READERS:
        return (
            f"{name} has readers whom I cannot vouch for, such as guests or another organisation: "
            "choose a channel of full members."
        )
    return ""


def may_manage(people: People, digest: Digest, person: str) -> bool:
    """Whether somebody may turn a digest off and change it: whose it is, who turned it on, and admins; where
    that one is gone, everybody in the channel."""
    if digest.person or not people.is_full_member(person):
        return digest.person == person and people.is_full_member(person)
    if person == digest.owner or people.is_admin(person):
        return True
    left = not people.is_full_member(digest.owner) or not people.shares(digest.recipient, digest.owner)
    return left and people.shares(digest.recipient, person)


def may_read(people: People, recipient: str, person: str) -> bool:
    """Whether somebody can read what is sent there."""
    if recipient == person:
        return True
    readers = people.readers(Place(recipient))
    return person in readers.people or (readers.everyone and people.is_full_member(person))
