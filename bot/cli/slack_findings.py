"""What `lore doctor` finds of Slack: tokens, scopes, the way that events come, and whose clock is right."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.cli.findings import Finding
from bot.delivery import slack_client
from bot.manifest import EVENTS_PATH, SCOPES, Scope, granted_scopes, lacking
from bot.settings import Settings
from bot.slack_settings import SlackTokens
from bot.token_now import stored_bot_token
from knowledge.ports import Clock

MOST_SKEW_S = 60
SIGNATURES_COUNT_S = 300
HOW_TO_GRANT = (
    "add it under OAuth & Permissions, or paste the output of `lore manifest` under App Manifest, and "
    "install the app again"
)


def now() -> datetime:
    """This machine's clock."""
    return datetime.now(UTC)


def slack_findings(settings: Settings, tokens: SlackTokens, clock: Clock = now) -> Iterator[Finding]:
    """Each part of Slack; with a wrong bot token nothing more can be told."""
    client = slack_client(stored_bot_token(settings), settings.slack_api_url)
    token, told = _asked("SLACK_BOT_TOKEN", settings, client.auth_test)
    yield token
    if told is not None:
        yield from _scopes(told.headers)
        yield clock_finding(told.headers, clock())
    if tokens.app:
        opened, _ = _asked(
            "SLACK_APP_TOKEN", settings, lambda: client.apps_connections_open(app_token=tokens.app)
        )
        yield opened
    if settings.http is not None:
        where = f"port {settings.http.port} of {settings.http.host}"
        yield Finding(
            "HTTP", True, f"`lore run --http` listens on {where}; the request URL ends in {EVENTS_PATH}"
        )


def _asked(part: str, settings: Settings, call: Callable[[], Any]) -> tuple[Finding, Any]:
    try:
        told = call()
    except SlackApiError as error:
        why = error.response.get("error")
        fix = "give it the scope connections:write" if why == "missing_scope" else "copy the token anew"
        return Finding(part, False, f"Slack says {why}: {fix}"), None
    except (SlackClientError, HTTPException, OSError) as error:
        return Finding(part, False, f"{settings.slack_api_url} cannot be reached: {error}"), None
    return Finding(part, True, str(told.get("team") or "opens connections")), told


def _scopes(headers: Mapping[str, str]) -> Iterator[Finding]:
    granted = granted_scopes(headers)
    if granted is None:
        yield Finding("scopes", False, "Slack did not say which scopes are granted")
        return
    missing = lacking(granted)
    for scope in missing:
        yield Finding(f"scope {scope.name}", not scope.needed, missing_scope(scope), lacks=True)
    if not missing:
        yield Finding("scopes", True, f"all {len(SCOPES)} granted")


def missing_scope(scope: Scope) -> str:
    """What lacks without a scope, and how to mend it."""
    return f"missing ({scope.why}), so there is no: {scope.feature}; {HOW_TO_GRANT}"


def clock_finding(headers: Mapping[str, str], here: datetime) -> Finding:
    """Slack's own clock against this machine's: over HTTP, signatures that look old are refused."""
    said = {name.lower(): value for name, value in headers.items()}.get("date")
    try:
        there = parsedate_to_datetime(said or "")
    except ValueError:
        return Finding("clock", True, "Slack does not tell the time")
    skew = (here - there.replace(tzinfo=there.tzinfo or UTC)).total_seconds()
    if abs(skew) <= MOST_SKEW_S:
        return Finding("clock", True, "agrees with Slack's")
    said = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Slack's: set it by a time server"
    return Finding("clock", abs(skew) < SIGNATURES_COUNT_S, said, lacks=True)
