"""What the environment says of Slack: tokens, signing secrets, where to listen; `settings` hands it in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.gate import SigningSecrets
from knowledge.errors import SettingsError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - platforms reach a process from outside of its container

HOW_TO_GET_TOKENS = (
    "Lore needs two Slack tokens: create an app at https://api.slack.com/apps from the output of "
    "`lore manifest`, install it, then set SLACK_BOT_TOKEN (xoxb-…, under OAuth & Permissions) and "
    "SLACK_APP_TOKEN (xapp-…, under Basic Information, scope connections:write), or for `lore run --http` "
    "SLACK_SIGNING_SECRET (also there). "
    "Without Slack: `lore workspace --with-bot`."
)


@dataclass(frozen=True, slots=True)
class SlackTokens:
    """What joins a workspace; `app` is empty where only HTTP is used. Never printed: `repr` hides them."""

    bot: str
    app: str

    def __repr__(self) -> str:
        return "SlackTokens(…)"


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where `lore run --http` listens, and the secrets that prove requests to be Slack's."""

    host: str
    port: int
    secrets: SigningSecrets


@dataclass(frozen=True, slots=True)
class RotationSettings:
    """What renews a bot token that expires. Never printed: `repr` hides them."""

    client_id: str
    client_secret: str
    refresh_token: str

    def __repr__(self) -> str:
        return "RotationSettings(…)"


def rotation_settings(env: Mapping[str, str]) -> RotationSettings | None:
    """For an app with token rotation; None where nothing of it is set. Raises SettingsError."""
    names = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_REFRESH_TOKEN")
    values = [(env.get(name) or "").strip() for name in names]
    if not values[2]:
        return None
    for name, value in zip(names, values, strict=True):
        if not value:
            raise SettingsError(f"{name} is not set: SLACK_REFRESH_TOKEN is of no use without it.")
    return RotationSettings(*values)


def slack_tokens(env: Mapping[str, str]) -> SlackTokens | None:
    """The tokens, None where none is set. Raises SettingsError."""
    bot, app = env.get("SLACK_BOT_TOKEN", "").strip(), env.get("SLACK_APP_TOKEN", "").strip()
    if not bot and not app and not env.get("SLACK_REFRESH_TOKEN"):
        return None
    spared = {
        "SLACK_APP_TOKEN": env.get("SLACK_SIGNING_SECRET"),
        "SLACK_BOT_TOKEN": env.get("SLACK_REFRESH_TOKEN"),
    }
    for name, value, prefix in (("SLACK_BOT_TOKEN", bot, "xoxb-"), ("SLACK_APP_TOKEN", app, "xapp-")):
        if not value and spared[name]:
            continue
        if not value:
            raise SettingsError(f"{name} is not set: set it to the {prefix}… token. {HOW_TO_GET_TOKENS}")
        if not value.removeprefix("xoxe.").startswith(prefix):
            raise SettingsError(f"{name} must start with {prefix}: another token was pasted in its place.")
    return SlackTokens(bot, app)


def http_settings(env: Mapping[str, str]) -> HttpSettings | None:
    """How to be reached over HTTP, None without a signing secret. Raises SettingsError."""
    if not (env.get("SLACK_SIGNING_SECRET") or "").strip():
        return None
    current = _signing_secret(env, "SLACK_SIGNING_SECRET")
    old = _signing_secret(env, "SLACK_OLD_SIGNING_SECRET")
    host, port = listening(env) or (env.get("LORE_HTTP_HOST") or EVERYWHERE, 3000)
    return HttpSettings(
        host,
        port,
        SigningSecrets(current, old, _old_until(env) if old else None),
    )


def listening(env: Mapping[str, str]) -> tuple[str, int] | None:
    """The host and port that `PORT` says; None where it is not set. Raises SettingsError."""
    port = env.get("PORT") or ""
    if not port:
        return None
    if not port.isascii() or not port.isdecimal() or int(port) > 65535:
        raise SettingsError(f"PORT must be the number of a port, not {port!r}.")
    return env.get("LORE_HTTP_HOST") or EVERYWHERE, int(port)


def _signing_secret(env: Mapping[str, str], name: str) -> str:
    value = (env.get(name) or "").strip()
    if value and not re.fullmatch(r"(?!xox|xapp)[A-Za-z0-9]{16,128}", value):
        raise SettingsError(
            f"{name} must be the Signing Secret of your app's Basic Information page: another one was pasted."
        )
    return value


def _old_until(env: Mapping[str, str]) -> datetime:
    name, value = "SLACK_OLD_SIGNING_SECRET_UNTIL", env.get("SLACK_OLD_SIGNING_SECRET_UNTIL") or ""
    try:
        until = datetime.fromisoformat(value.strip())
    except ValueError:
        until = None
    if until is None or until.tzinfo is None:
        raise SettingsError(
            f"{name} must say until when the old secret counts, with a zone, such as 2026-01-31T09:00:00Z."
        )
    return until
