"""Who Lore is in the workspace whose token it has, and what it may do there."""

import logging
from dataclasses import dataclass

from slack_sdk import WebClient

from bot.delivery import patiently
from bot.hearing import Myself
from bot.manifest import granted_scopes, lacking
from knowledge.errors import SettingsError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """`me` is how messages name the bot, `url` the address of its workspace (empty where Slack says none)."""

    me: Myself
    url: str


def identify(client: WebClient) -> Identity:
    """Ask Slack, however long it is away.

    Raises SettingsError when Slack refuses the token, or it lacks a scope that Lore cannot do without; what
    the others are for is lacking then, and the log says so.
    """
    told = patiently(client.auth_test)
    granted = granted_scopes(told.headers)
    missing = () if granted is None else lacking(granted)
    if needed := [scope.name for scope in missing if scope.needed]:
        raise SettingsError(
            f"the app behind SLACK_BOT_TOKEN lacks {', '.join(needed)}: add the scopes of `lore manifest` "
            "and install the app again"
        )
    for scope in missing:
        log.warning("without the scope %s there is no: %s", scope.name, scope.feature)
    me = Myself(str(told["user_id"]), str(told.get("bot_id") or ""), str(told.get("team_id") or ""))
    return Identity(me, str(told.get("url") or ""))
