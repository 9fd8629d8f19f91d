"""Tokens that expire: `oauth.v2.access` takes a refresh token, once, and gives a new one of each.

Follows https://docs.slack.dev/authentication/using-token-rotation. *Assumed*: the error of a refresh token
that was used already (`invalid_refresh_token`), and that tokens before the last stay valid until they expire.
"""

from dataclasses import dataclass, field

from bot.workspace import ids
from bot.workspace.description import Json
from bot.workspace.site import Refused, Site
from bot.workspace.web_api import Call, Method


@dataclass
class Rotating:
    """What the app needs to renew its token; `lives` holds when each token that was given out expires."""

    seconds: float
    client_id: str = field(default_factory=lambda: ids.fresh("", 12))
    client_secret: str = field(default_factory=lambda: ids.token("s").partition("-")[2])
    refresh_token: str = field(default_factory=lambda: ids.token("xoxe", "1"))
    renewals: int = 0
    refused: int = 0


def renew(site: Site, rotating: Rotating) -> None:
    """Give out another bot token."""
    site.bot_token = ids.token("xoxe.xoxb", "1")
    site.expiries[site.bot_token] = site.team.clock() + rotating.seconds
    rotating.refresh_token = ids.token("xoxe", "1")


def oauth_access(call: Call) -> Json:
    """https://docs.slack.dev/reference/methods/oauth.v2.access with `grant_type=refresh_token`"""
    rotating = call.site.rotating
    if not isinstance(rotating, Rotating) or call.text("client_id") != rotating.client_id:
        raise Refused("invalid_client_id")
    if call.text("client_secret") != rotating.client_secret:
        raise Refused("bad_client_secret")
    if call.text("grant_type") != "refresh_token":
        raise Refused("invalid_grant_type")
    if call.text("refresh_token") != rotating.refresh_token:
        rotating.refused += 1
        raise Refused("invalid_refresh_token")
    renew(call.site, rotating)
    rotating.renewals += 1
    team = call.team
    return {
        "access_token": call.site.bot_token,
        "expires_in": int(rotating.seconds),
        "refresh_token": rotating.refresh_token,
        "token_type": "bot",
        "scope": ",".join(team.app.scopes),
        "bot_user_id": team.app.user_id,
        "app_id": team.app.id,
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
    }


METHODS = {"oauth.v2.access": Method(oauth_access, takes="none", tier=4)}
