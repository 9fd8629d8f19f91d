"""A Slack on this machine, for development and tests. Imports nothing else of ours."""

from bot.workspace.description import Channel, Description, DescriptionError, Group, Person, small_team
from bot.workspace.interactions import Shown
from bot.workspace.ledger import ApiCall, Attempt, Envelope
from bot.workspace.team import NotThere
from bot.workspace.workspace import Workspace

__all__ = [
    "ApiCall",
    "Attempt",
    "Channel",
    "Description",
    "DescriptionError",
    "Envelope",
    "Group",
    "NotThere",
    "Person",
    "Shown",
    "Workspace",
    "small_team",
]
