"""Shows a modal in the place of one that was opened or answered while something was looked up."""

import logging
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

_LOOK_AGAIN_S = (0.1, 0.2, 0.4, 0.8, 1.6)
_ANYTHING = (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError)

log = logging.getLogger(__name__)


def show_later(client: WebClient, payload: Mapping[str, Any], view: dict[str, Any]) -> bool:
    """Replace what a modal shows, by `view_id` or `external_id` of an item; whether it is there.

    What an acknowledgement has shown is found by its own id as soon as Slack shows it; a modal that was
    closed meanwhile stays closed.
    """
    external_id, view_id = str(payload.get("external_id") or ""), str(payload.get("view_id") or "")
    if not external_id and not view_id:
        return False
    where = {"external_id": external_id} if external_id else {"view_id": view_id}
    for pause in (*_LOOK_AGAIN_S, None):
        try:
            client.views_update(view=view, **where)
            return True
        except SlackApiError as error:
            if error.response.get("error") != "not_found" or not external_id or pause is None:
                log.info("a form was not shown: %s", error.response.get("error"))
                return False
            time.sleep(pause)
        except _ANYTHING as error:
            log.info("a form was not shown: %s", type(error).__name__)
            return False
    return False
