"""A bot token that Slack lets expire is renewed in time, by one process for all.

Follows https://docs.slack.dev/authentication/using-token-rotation: a token lives twelve hours, a refresh
token is used once, and the token before the last stays valid until its own time is over.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.journal import tokens
from bot.journal.tokens import Tokens
from bot.messages import new_key
from bot.slack_settings import RotationSettings
from knowledge.adapters.database import Database
from knowledge.errors import SettingsError
from knowledge.ports import Clock

AHEAD_S = 2 * 3600.0
CLAIM_S = 60.0
HOPELESS = frozenset({"invalid_refresh_token", "token_revoked", "bad_client_secret", "invalid_client_id"})

log = logging.getLogger(__name__)


class Rotation:
    """Keeps `client.token` the token of now, from `begin` on. No token is ever logged."""

    def __init__(
        self,
        client: WebClient,
        slack: WebClient,
        database: Database,
        settings: RotationSettings,
        clock: Clock,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._client = client
        self._slack = slack
        self._database = database
        self._settings = settings
        self._clock = clock
        self._wait = wait
        self._seed = tokens.seed_of(settings.refresh_token)

    def begin(self) -> None:
        """Return with a token that is valid, however long Slack is away.

        Raises SettingsError when Slack refuses the refresh token or the client.
        """
        while True:
            now = self._clock().timestamp()
            trouble = self._renew_when_due(now)
            if trouble in HOPELESS:
                raise SettingsError(
                    f"Slack refuses to renew the bot token ({trouble}): install the app again, and set "
                    "SLACK_REFRESH_TOKEN, SLACK_CLIENT_ID and SLACK_CLIENT_SECRET anew"
                )
            if self._tokens().expires_at > now:
                return
            log.warning("the bot token is not renewed yet (%s); trying again", trouble or "another is at it")
            self._wait(1.0)

    def refresh(self, now: datetime) -> None:
        """Use what another process has renewed, and renew what is due; a duty of the heartbeat."""
        trouble = self._renew_when_due(now.timestamp())
        if trouble in HOPELESS:
            log.critical(
                "ALERT Slack refuses to renew the bot token (%s); install the app again and set "
                "SLACK_REFRESH_TOKEN anew",
                trouble,
            )
        elif trouble:
            log.error("the bot token could not be renewed (%s); trying again", trouble)

    def _renew_when_due(self, now: float) -> str:
        """Why it failed, "" where nothing did."""
        held = self._tokens()
        trouble = ""
        if held.expires_at - now < AHEAD_S and self._claim(held, mine := new_key(), now):
            trouble = self._renew(held, mine, now)
            held = self._tokens()
        if held.access and self._client.token != held.access:
            self._client.token = held.access
            log.info("the bot token was renewed")
        return trouble

    def _tokens(self) -> Tokens:
        given = Tokens(self._client.token or "", self._settings.refresh_token, 0.0)
        with self._database.writing() as connection:
            return tokens.begin(connection, self._seed, given)

    def _claim(self, held: Tokens, mine: str, now: float) -> bool:
        with self._database.writing() as connection:
            return tokens.claim(connection, self._seed, held.refresh, mine, now, now + CLAIM_S)

    def _renew(self, held: Tokens, mine: str, now: float) -> str:
        try:
            told = self._slack.oauth_v2_access(
                client_id=self._settings.client_id,
                client_secret=self._settings.client_secret,
                grant_type="refresh_token",
                refresh_token=held.refresh,
            )
            new = Tokens(
                str(told["access_token"]), str(told["refresh_token"]), now + float(str(told["expires_in"]))
            )
        except SlackApiError as error:
            data = error.response.data
            trouble = str(data.get("error") or "no reason") if isinstance(data, dict) else "no JSON"
        except (SlackClientError, HTTPException, OSError, KeyError, ValueError) as error:
            trouble = type(error).__name__
        else:
            with self._database.writing() as connection:
                tokens.renewed(connection, self._seed, mine, new)
            return ""
        with self._database.writing() as connection:
            tokens.unclaim(connection, self._seed, mine)
        return trouble
