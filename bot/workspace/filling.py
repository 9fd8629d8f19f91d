"""What Slack's own client takes into the elements of a form, before the app hears of anything.

Each element's page is under https://docs.slack.dev/reference/block-kit/block-elements. *Assumed*: the words
of the complaints. What nobody could choose or type there at all is a mistake of a test: NotThere.
"""

import re
from typing import Any

from bot.workspace.description import Channel, Json
from bot.workspace.team import NotThere, Team

REQUIRED = "Please complete this required field."
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#]+\S*", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_SHAPES = {"datepicker": r"\d{4}-\d\d-\d\d", "timepicker": r"([01]\d|2[0-3]):[0-5]\d"}
_OFFERED = ("static_select", "multi_static_select", "radio_buttons", "checkboxes", "overflow")


def complaint(team: Team, user: str, element: Json, given: Any) -> str | None:
    """What is wrong with what was put into an element, or None. Raises NotThere."""
    kind = element["type"]
    if given in (None, "", []):
        return None
    if isinstance(given, str) and kind in ("plain_text_input", "number_input", "url_text_input"):
        return _typed(element, given)
    if kind == "email_text_input":
        return None if _EMAIL.fullmatch(given) else "Please enter a valid email address."
    if kind in _SHAPES and not re.fullmatch(_SHAPES[kind], str(given)):
        raise NotThere(f"{given!r} cannot be chosen in a {kind}")
    chosen = given if isinstance(given, list) else [given]
    for one in chosen:
        _choosable(team, user, element, one)
    most = element.get("max_selected_items")
    return f"Please choose at most {most}." if most is not None and len(chosen) > most else None


def _typed(element: Json, given: str) -> str | None:
    match element["type"]:
        case "plain_text_input":
            most, least = element.get("max_length", 3000), element.get("min_length", 0)
            if len(given) > most:
                return f"This must be at most {most} characters."
            return f"This must be at least {least} characters." if len(given) < least else None
        case "url_text_input":
            return None if _URL.fullmatch(given) else "Please enter a valid URL."
        case _:
            return _number(element, given)


def _number(element: Json, given: str) -> str | None:
    """https://docs.slack.dev/reference/block-kit/block-elements/number-input-element"""
    if not re.fullmatch(r"-?\d+(\.\d+)?", given):
        return "Please enter a valid number."
    if "." in given and not element["is_decimal_allowed"]:
        return "Please enter a whole number."
    least, most = element.get("min_value"), element.get("max_value")
    if least is not None and float(given) < float(least):
        return f"This must be at least {least}."
    return f"This must be at most {most}." if most is not None and float(given) > float(most) else None


def _choosable(team: Team, user: str, element: Json, value: Any) -> None:
    kind = element["type"]
    if kind in _OFFERED:
        groups = element.get("option_groups") or [{"options": element.get("options", [])}]
        there = any(option["value"] == value for group in groups for option in group["options"])
    elif kind.endswith("users_select"):
        there = value in team.people
    elif kind.endswith(("channels_select", "conversations_select")):
        place = team.channels.get(value)
        there = place is not None and team.sees(user, place) and _listed(team, user, element, place)
    else:
        return
    if not there:
        raise NotThere(f"{value!r} cannot be chosen in {element.get('action_id')!r}")


def _listed(team: Team, user: str, element: Json, place: Channel) -> bool:
    """https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object; menus of
    channels have public ones alone, and no menu has archived ones (*assumed*)."""
    sort = ("private" if place.private else "public") if place.kind == "channel" else place.kind
    wanted = element.get("filter") or {}
    if "channels_select" in element["type"]:
        return sort == "public" and not place.archived
    with_bot = any(team.people[one].is_bot for one in place.people if one != user)
    return (
        not place.archived
        and sort in wanted.get("include", (sort,))
        and not (wanted.get("exclude_bot_users") and place.kind == "im" and with_bot)
        and not (wanted.get("exclude_external_shared_channels") and place.is_ext_shared)
    )
