"""One user of Slack, as their user object tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from prompts.calm import NO_STATUS, Status

_LAST_END = 32_503_680_000  # the year 3000


@dataclass(frozen=True, slots=True)
class Person:
    """One user of Slack. Only full members of our own workspace are given anything.

    `email` is empty where Slack tells none, or says that nobody has confirmed it: whoever typed another
    person's address is not that person. `zone` is UTC where Slack names none that is known (`zone_told` is
    False then); `status` is what their profile says.
    """

    id: str
    name: str
    email: str
    zone: ZoneInfo
    full_member: bool
    workspace_admin: bool
    bot: bool
    deleted: bool
    foreign: bool
    zone_told: bool = True
    status: Status = NO_STATUS


def person_from(user: Mapping[str, Any], our_team: str) -> Person:
    """A user object of Slack as a person, seen from our workspace. Raises KeyError where it has no id."""
    profile = user.get("profile") or {}
    foreign = user.get("team_id") != our_team or bool(user.get("is_stranger"))
    bot = bool(user.get("is_bot")) or user.get("id") == "USLACKBOT"
    guest = any(user.get(flag) is not False for flag in ("is_restricted", "is_ultra_restricted"))
    deleted = bool(user.get("deleted"))
    zone, zone_told = _zone_of(user)
    return Person(
        id=str(user["id"]),
        name=str(profile.get("display_name") or profile.get("real_name") or user.get("name") or user["id"]),
        email=str(profile.get("email") or "") if user.get("is_email_confirmed") is not False else "",
        zone=zone,
        full_member=not (foreign or bot or guest or deleted),
        workspace_admin=any(user.get(flag) for flag in ("is_admin", "is_owner", "is_primary_owner")),
        bot=bot,
        deleted=deleted,
        foreign=foreign,
        zone_told=zone_told,
        status=_status_of(profile),
    )


def _zone_of(user: Mapping[str, Any]) -> tuple[ZoneInfo, bool]:
    """The zone of a profile, and whether it is one: else it is UTC."""
    try:
        return ZoneInfo(str(user.get("tz") or "")), True
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC"), False


def _status_of(profile: Mapping[str, Any]) -> Status:
    """What a profile says of its owner now; an end that is none counts as no end."""
    ends = profile.get("status_expiration") or 0
    until = datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and 0 < ends < _LAST_END else None
    return Status(str(profile.get("status_emoji") or ""), str(profile.get("status_text") or ""), until)
