"""Slack's own slash commands, which no app hears of: `/invite`, `/remove` and `/status`.

https://slack.com/help/articles/201259356-Slash-commands-in-Slack. *Assumed*: the words of what is refused.
"""

import re

from bot.workspace import membership
from bot.workspace.description import Channel, Json
from bot.workspace.team import NotThere, Team

OWN: tuple[Json, ...] = (
    {"command": "/invite", "description": "Add a person or an app to this channel", "usage_hint": "@name"},
    {"command": "/remove", "description": "Remove a person or an app", "usage_hint": "@name"},
    {"command": "/status", "description": "Set your status", "usage_hint": "[:emoji: words] or clear"},
)
_STATUS = re.compile(r"\s*(?P<emoji>:[a-z0-9_+-]+:)?\s*(?P<text>.*)", re.DOTALL)


def is_own(command: str) -> bool:
    return any(each["command"] == command for each in OWN)


def run(team: Team, user: str, place: Channel, command: str, text: str) -> str | None:
    """Do it for every name in the text; gives what the person is told when it cannot be done."""
    if command == "/status":
        _say_how_one_is(team, user, text)
        return None
    if place.kind != "channel":
        return "not_in_a_channel"
    if user not in place.people:
        return "not_in_channel"
    try:
        people = [_named(team, each) for each in text.split()]
    except NotThere:
        return "user_not_found"
    if not people:
        return "user_not_found"
    for each in people:
        if command == "/invite":
            membership.join(team, place, each, inviter=user)
        else:
            membership.leave(team, place, each)
    return None


def _say_how_one_is(team: Team, user: str, text: str) -> None:
    """*Assumed*: words without an emoji get :speech_balloon:, at most 100 of their characters count."""
    said = _STATUS.fullmatch("" if text.strip() == "clear" else text)
    assert said is not None
    person, words = team.people[user], said["text"].strip()[:100]
    person.status_text, person.status_expiration = words, 0
    person.status_emoji = said["emoji"] or (":speech_balloon:" if words else "")
    team.announce("user_changed", user=user)


def _named(team: Team, word: str) -> str:
    """`@name`, or `<@U…>` as a client sends it."""
    return team.person(word.removeprefix("<").removesuffix(">").partition("|")[0].removeprefix("@")).id
