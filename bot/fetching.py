"""Fetches a private file of Slack with the bot's token, which goes to Slack's own hosts and nowhere else."""

import logging
import ssl
import time
import urllib.request
from collections.abc import Callable, Iterable
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError

from bot.blocks.citations import origin

FILE_HOSTS = frozenset({"https://files.slack.com", "https://files.slack-gov.com"})
SILENCE_S = 4.0
_BLOCK = 1 << 16
_HTML = b"<!doctype html"

log = logging.getLogger(__name__)


class NotFetched(Exception):
    """The file is not here; the text says why, in words for whoever attached it."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Whatever it is redirected to would be sent the token."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Fetcher:
    """`token` is asked for at each file: it may be renewed. `own` are further addresses whose origin is
    Slack's for this bot: the workspace's own.

    `proxy` and `context` are those of the Web API client.
    """

    def __init__(
        self,
        token: Callable[[], str],
        own: Iterable[str] = (),
        proxy: str | None = None,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._token = token
        self._hosts = FILE_HOSTS | {found for url in own if (found := origin(url)) is not None}
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else {}),
            urllib.request.HTTPSHandler(context=context),
            _NoRedirects(),
        )

    def fetch(self, url: str, most_bytes: int, end: float) -> bytes:
        """The bytes at an address of Slack, until `end` (of `time.monotonic`). Raises NotFetched."""
        if origin(url) not in self._hosts:
            log.warning("a file is not fetched: its host is %s", origin(url))
            raise NotFetched("it does not lie with Slack")
        request = urllib.request.Request(url, headers={"Authorization": f"Bearer {self._token()}"})  # noqa: S310
        try:
            left = end - time.monotonic()
            if left <= 0:
                raise NotFetched("there was no time left for it")
            with self._opener.open(request, timeout=min(SILENCE_S, left)) as response:
                return _body(response, most_bytes, end)
        except HTTPError as error:
            with error:
                raise NotFetched(_why(error.code)) from None
        except (URLError, HTTPException, OSError, ValueError) as error:
            log.warning("a file could not be fetched: %s", type(error).__name__)
            raise NotFetched("Slack did not hand it out just now") from None


def _body(response: HTTPResponse, most_bytes: int, end: float) -> bytes:
    said = response.headers.get("content-length")
    if said is not None and said.isdecimal() and int(said[:20]) > most_bytes:
        raise NotFetched(_too_large(most_bytes))
    blocks: list[bytes] = []
    size = 0
    while block := response.read1(_BLOCK):
        size += len(block)
        if size > most_bytes:
            raise NotFetched(_too_large(most_bytes))
        if time.monotonic() > end:
            raise NotFetched("Slack took too long to hand it out")
        blocks.append(block)
    data = b"".join(blocks)
    if said is not None and said.isdecimal() and size < int(said[:20]):
        raise NotFetched("Slack handed out only a part of it")
    if not data:
        raise NotFetched("it is empty")
    if response.headers.get_content_type() == "text/html" and data[:200].lstrip().lower().startswith(_HTML):
        _sign_in_page(response)
    return data


def _sign_in_page(response: HTTPResponse) -> None:
    """A page of Slack's own, in place of a file that is none: it comes without a file name."""
    if response.headers.get("content-disposition") is None and not response.url.endswith((".html", ".htm")):
        raise NotFetched(_why(302))


def _why(status: int) -> str:
    if status in (301, 302, 303, 307, 308, 401, 403):
        return "Slack asks me to sign in for it: the app may lack the scope files:read"
    if status in (404, 410):
        return "it was deleted"
    return f"Slack did not hand it out (HTTP {status})"


def _too_large(most_bytes: int) -> str:
    return f"it is larger than {most_bytes / 1e6:,.0f} MB"
