"""Sends a file of ours to a conversation, where Lore may write files (`files:write`)."""

import logging
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

log = logging.getLogger(__name__)


def upload(client: WebClient, channel: str, name: str, content: bytes) -> bool:
    """Whether the file was sent; False where that is not allowed, or did not work."""
    try:
        client.files_upload_v2(content=content, filename=name, title=name, channels=[channel])
    except SlackApiError as error:
        log.warning("no file was sent: %s", error.response.get("error"))
    except (SlackClientError, HTTPException, OSError) as error:
        log.warning("no file was sent: %s", error)
    else:
        return True
    return False
