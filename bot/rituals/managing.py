"""Who may change a ritual, who may read what is entered in it, and where that may be reported."""

from collections.abc import Collection

from bot.journal.rituals import Ritual
from bot.messages import Place
from bot.people import People
from knowledge.audience import EVERYONE, UNKNOWN_READERS, Audience, may_all_read
from prompts.ritual import Standup

ALL = "everyone"
"""Among the observers of a stand-up: every full member of the workspace."""


def may_manage(people: People, ritual: Ritual, person: str) -> bool:
    """Whether somebody may change a ritual, pause it and read all of it: its owners, and Lore's admins."""
    if not people.is_full_member(person):
        return False
    return person in ritual.owners or people.is_admin(person)


def audience(settings: Standup, owners: Collection[str]) -> Audience:
    """Who may read what is entered, where a person's consent does not say less: the team, those who look
    after it, and those whom the settings name."""
    if ALL in settings.observers:
        return EVERYONE
    named = {*settings.team, *settings.observers, settings.lead, *owners}
    return Audience(principals=frozenset(named - {""}))


def may_read(people: People, ritual: Ritual, person: str) -> bool:
    """Whether a person may read what is entered in a ritual."""
    readers = people.readers(Place("", only=person))
    return may_all_read(audience(ritual.settings, ritual.owners), readers, people.members)


def report_refusal(people: People, settings: Standup, owners: Collection[str]) -> str:
    """Why nothing may be reported where the settings say; empty where it may, or where there is no report.

    Asked when it is set up and again before anything is posted: who is in a channel changes.
    """
    if not settings.report:
        return ""
    channel = people.channel_id(settings.report)
    known = None if channel is None else people.channel(channel)
    if channel is None or known is None:
        return "I cannot see that channel: invite me to it first, or choose another."
    name = people.name_of_place(channel)
    if known.get("is_archived"):
        return f"{name} is archived: choose another channel."
    if known.get("is_member") is not True:
        return f"I am not in {name}: invite me there first, or choose another."
    readers = people.readers(Place(channel))
    if readers == UNKNOWN_READERS:
        return (
            f"{name} has readers whom I cannot vouch for, such as guests or another organisation: "
            "choose a channel of full members."
        )
    if may_all_read(audience(settings, owners), readers, people.members):
        return ""
    if readers.everyone:
        return f"Everybody in the workspace can read {name}: let everybody read, or choose a private channel."
    return f"There are people in {name} who may not read it: let them, or choose another channel."


def set_up_refusal(people: People, settings: Standup, owners: Collection[str], person: str) -> str:
    """Like `report_refusal`, for the one who sets it up: of a private channel they must be a member."""
    if not settings.report:
        return ""
    channel = people.channel_id(settings.report)
    known = {} if channel is None else people.channel(channel) or {}
    private = known.get("is_private") is True or known.get("is_mpim") is True
    if channel is not None and private and not people.shares(channel, person):
        # the words of a channel that I do not see: its name is not theirs to learn
        return "I cannot see that channel: invite me to it first, or choose another."
    return report_refusal(people, settings, owners)
