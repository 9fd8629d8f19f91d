"""Opens a modal for whoever pressed something, or turns its page; a trigger that ran out shows nothing."""

import logging
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)


def show(client: WebClient, body: Mapping[str, Any], view: dict[str, Any]) -> Mapping[str, Any] | None:
    """The view as Slack opened it; None when it did not."""
    trigger = str(body.get("trigger_id") or "")
    return _shown(lambda: client.views_open(trigger_id=trigger, view=view))


def show_instead(
    client: WebClient, body: Mapping[str, Any], view: dict[str, Any]
) -> Mapping[str, Any] | None:
    """The view in place of the modal that was pressed; None when Slack did not show it."""
    known = body.get("view") or {}
    view_id, seen = str(known.get("id") or ""), str(known.get("hash") or "")
    return _shown(lambda: client.views_update(view_id=view_id, hash=seen, view=view))


def _shown(call: Callable[[], Any]) -> Mapping[str, Any] | None:
    try:
        told = call()
        opened: Mapping[str, Any] = told["view"]
        return opened
    except SlackApiError as error:
        log.warning("a modal could not be opened: %s", error.response.get("error"))
    except (SlackClientError, HTTPException, OSError, KeyError) as error:
        log.warning("a modal could not be opened: %s", type(error).__name__)
    return None
