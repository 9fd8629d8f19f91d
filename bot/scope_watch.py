"""A scope that the token turns out to lack is told to the admins once, with what lacks and how to mend it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.inbox import Inbox, Received
from bot.journal.personal import Told, was_told
from bot.journal.work import Done, Item
from bot.kinds import MISSING_SCOPE
from bot.manifest import SCOPES
from bot.messages import Message
from bot.people import People
from bot.replies import in_markdown
from knowledge.adapters.database import Database
from prompts.words import words

log = logging.getLogger(__name__)


class WatchedClient(WebClient):
    """A Web API client that says when Slack names a missing scope; the call fails all the same."""

    on_missing_scope: Callable[[str], None] = staticmethod(lambda _needed: None)

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:
        try:
            return super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.get("error") == MISSING_SCOPE:
                self.on_missing_scope(str(error.response.get("needed") or ""))
            raise


class ScopeWatch:
    """Hears of missing scopes from a client, and works off the items that it makes of them."""

    def __init__(self, people: People, database: Database) -> None:
        self._people = people
        self._database = database
        self._heard: set[str] = set()

    def watch(self, client: WebClient, inbox: Inbox) -> None:
        """From now on; the inbox must take things in."""
        if isinstance(client, WatchedClient):
            client.on_missing_scope = lambda needed: self._hear(needed, inbox)

    def _hear(self, needed: str, inbox: Inbox) -> None:
        """Slack named scopes, with commas between; in one process each is taken in once."""
        if needed in self._heard:
            return
        self._heard.add(needed)
        log.error("ALERT the token lacks the scope %s", needed)
        inbox.receive(
            Received(
                kind=MISSING_SCOPE,
                keys=frozenset({f"{MISSING_SCOPE}:{needed}"}),
                team="",
                channel="",
                person="",
                text=needed,
                conversation=MISSING_SCOPE,
            )
        )

    def handle(self, item: Item) -> Done:
        """Tell every admin, unless they were told before."""
        subject = f"{MISSING_SCOPE}:{item.text}"
        with self._database.reading() as connection:
            if was_told(connection, subject):
                return Done()
        [said] = in_markdown(_words(item.text))
        message = Message(channel="", text=said.text, blocks=said.blocks)
        admins = sorted(self._people.admins())
        if not admins:
            log.error("there is no admin to be told of the missing scope %s", item.text)
            return Done()
        return Done(
            say=tuple(replace(message, channel=one, key=f"{subject}:{one}") for one in admins),
            record=(Told(subject),),
        )


def _words(needed: str) -> str:
    names = [name.strip() for name in needed.split(",") if name.strip()]
    features = [SCOPES[name].feature for name in names if name in SCOPES]
    lacks = " or ".join(dict.fromkeys(features)) or "something that I was asked for"
    return words("missing_scope", scopes=" or ".join(names) or "a scope", feature=lacks)
