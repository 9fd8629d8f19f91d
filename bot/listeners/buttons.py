"""Buttons: they read, validate and show; a passage opens in a modal at most once."""

import logging
from http.client import HTTPException
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.citations import OPEN_PASSAGE
from bot.opening import Passages

log = logging.getLogger(__name__)


def register(app: App, passages: Passages) -> None:
    @app.action(OPEN_PASSAGE)
    def open_passage(body: dict[str, Any], action: dict[str, Any], ack: Ack, client: WebClient) -> None:
        team, channel = body.get("team") or {}, body.get("channel") or {}
        view = passages.view(
            str(action.get("value") or ""),
            team=str(team.get("id") or ""),
            channel=str(channel.get("id") or ""),
            person=str((body.get("user") or {}).get("id") or ""),
        )
        try:
            client.views_open(trigger_id=str(body.get("trigger_id") or ""), view=view)
        except SlackApiError as error:
            log.warning("a passage could not be opened: %s", error.response.get("error"))
        except (SlackClientError, HTTPException, OSError) as error:
            log.warning("a passage could not be opened: %s", type(error).__name__)
        ack()
