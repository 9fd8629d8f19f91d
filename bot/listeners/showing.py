"""Opens a modal for whoever pressed something; a trigger that ran out shows nothing."""

import logging
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)


def show(client: WebClient, body: Mapping[str, Any], view: dict[str, Any]) -> Mapping[str, Any] | None:
    """The view as Slack opened it; None when it did not."""
    try:
        told = client.views_open(trigger_id=str(body.get("trigger_id") or ""), view=view)
        opened: Mapping[str, Any] = told["view"]
        return opened
    except SlackApiError as error:
        log.warning("a modal could not be opened: %s", error.response.get("error"))
    except (SlackClientError, HTTPException, OSError, KeyError) as error:
        log.warning("a modal could not be opened: %s", type(error).__name__)
    return None
