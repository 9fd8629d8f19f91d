"""Saving, changing, removing and listing pages: what becomes of each such item of the inbox."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.saved_pages import FormOf, form_view, list_pages, refusal_view
from bot.hearing import Myself
from bot.journal.records import Audit
from bot.journal.saved_pages import SavedPage, page, pages
from bot.journal.work import Done, Item
from bot.messages import Place
from bot.people import People
from bot.quoting import as_page
from bot.replies import reply, say
from bot.saving import SOURCE, NotSaved, audience_of, changed, removed, save
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.audience import EVERYONE, Audience, may_all_read
from knowledge.errors import LoreError
from prompts.words import words

MOST_MESSAGES = 100
_ANYTHING = (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SavedItems:
    """Works off the kinds `save_form` (fill the form that was opened), `save_page`, `change_page`,
    `remove_page`, `pages` (list them) and `index_saved` (which calls `index`)."""

    client: WebClient
    me: Myself
    people: People
    database: Database
    index: Callable[[], SyncReport]

    def fill_form(self, item: Item) -> Done:
        """Put the words of the message or thread into the form, and say who will read the page."""
        about = FormOf.from_metadata(str(item.payload["about"]))
        message: Mapping[str, Any] = item.payload["message"]
        audience = self._audience(item, about.channel)
        if isinstance(audience, str):
            self._show(item, refusal_view(audience))
            return Done()
        about = replace(about, url=self._permalink(about))
        title, text = as_page(self._conversation(about, message), self.me, self._name)
        origin = words("saved_from", place=self._place_name(about.channel)).strip()
        notes = (origin, self._who(audience, about.channel))
        self._show(item, form_view(about, title, text, notes))
        return Done()

    def save_page(self, item: Item) -> Done:
        """Make the page. Who may read it is asked anew: the place decides, not the form."""
        about = FormOf.from_metadata(str(item.payload["about"]))
        audience = self._audience(item, about.channel)
        if isinstance(audience, str):
            refused = Audit(item.person, "save page", about.channel, allowed=False)
            return Done(say=say(item, "not_saved", reason=audience), record=(refused,))
        try:
            made, audit = save(
                title=str(item.payload["title"]),
                text=str(item.payload["text"]),
                owner=item.person,
                audience=audience,
                url=about.url,
                team=about.team,
                channel=about.channel,
                ts=about.ts,
            )
        except NotSaved as error:
            return Done(say=say(item, "not_saved", reason=str(error)))
        told = words("redacted", count=made.redactions) if made.redactions else ""
        who = self._who(audience, about.channel)
        return Done(say=say(item, "saved", title=made.title, who=who, secrets=told), record=(made, audit))

    def change_page(self, item: Item) -> Done:
        found = self._own(item, str(item.payload["page_id"]))
        if found is None:
            return self._not_yours(item, "change page")
        title, text = str(item.payload["title"]), str(item.payload["text"])
        try:
            made, audit = changed(found, title=title, text=text, by=item.person)
        except NotSaved as error:
            return Done(say=say(item, "not_saved", reason=str(error)))
        return Done(say=say(item, "page_changed", title=made.title), record=(made, audit))

    def remove_page(self, item: Item) -> Done:
        found = self._own(item, str(item.payload["page_id"]))
        if found is None:
            return self._not_yours(item, "remove page")
        gone, audit = removed(found, by=item.person)
        return Done(say=say(item, "page_removed", title=found.title), record=(gone, audit))

    def list_pages(self, item: Item) -> Done:
        """One's own pages; an admin's list holds everybody's that this admin may read."""
        if not self.people.is_full_member(item.person):
            return Done(say=say(item, "not_here"))
        with self.database.reading() as connection:
            found = pages(connection)
        admin = self.people.is_admin(item.person)
        own = [page for page in found if self._may_change(page, item.person)]
        return Done(say=reply(item, list_pages(own, everybodys=admin)))

    def index_saved(self, _item: Item) -> Done:
        """Bring what is saved into the index. What fails now is made up for by the next sync of all."""
        try:
            report = self.index()
        except LoreError as error:
            log.error("ALERT saved pages are not indexed yet, the next sync takes them: %s", error)
            return Done()
        log.info("saved pages are in version %d", report.version)
        return Done()

    def editable(self, page_id: str, person: str) -> SavedPage | None:
        """The page, if this person may change it: its owner, or an admin who may read it."""
        with self.database.reading() as connection:
            found = page(connection, page_id)
        if found is None or not self.people.is_full_member(person):
            return None
        return found if self._may_change(found, person) else None

    def _may_change(self, page: SavedPage, person: str) -> bool:
        if page.owner == person:
            return True
        readers = self.people.readers(Place("", only=person))
        readable = may_all_read(Audience.from_key(page.audience), readers, self.people.members)
        return readable and self.people.is_admin(person)

    def _own(self, item: Item, page_id: str) -> SavedPage | None:
        return self.editable(page_id, item.person)

    def _not_yours(self, item: Item, action: str) -> Done:
        refused = Audit(item.person, action, f"{SOURCE}/{item.payload['page_id']}", allowed=False)
        return Done(say=say(item, "not_your_page"), record=(refused,))

    def _audience(self, item: Item, channel: str) -> Audience | str:
        """Who may read what is saved here, or why nothing may be."""
        if not self.people.is_full_member(item.person):
            return words("members_only").strip()
        return audience_of(self.people, Place(channel)) or words("unknown_place").strip()

    def _who(self, audience: Audience, channel: str) -> str:
        if audience == EVERYONE:
            return words("read_by_everyone").strip()
        if channel.startswith("D"):
            return words("read_by_you").strip()
        return words("read_by_channel", place=self._place_name(channel)).strip()

    def _conversation(self, about: FormOf, message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The message, and its whole thread where it begins one that Lore can read."""
        if not message.get("reply_count"):
            return [message]
        try:
            page = self.client.conversations_replies(channel=about.channel, ts=about.ts, limit=MOST_MESSAGES)
            return list(page["messages"]) or [message]
        except _ANYTHING as error:
            log.info("only the message itself is saved: %s", type(error).__name__)
            return [message]

    def _permalink(self, about: FormOf) -> str:
        try:
            told = self.client.chat_getPermalink(channel=about.channel, message_ts=about.ts)
            return str(told["permalink"])
        except _ANYTHING as error:
            log.info("no permalink: %s", type(error).__name__)
            return ""

    def _show(self, item: Item, view: dict[str, Any]) -> None:
        """Replace what the form shows; nothing is lost when it was closed meanwhile."""
        try:
            self.client.views_update(view_id=str(item.payload["view_id"]), view=view)
        except _ANYTHING as error:
            log.info("the form was not filled in: %s", error)

    def _name(self, user_id: str) -> str:
        return self.people.name_of(user_id)

    def _place_name(self, channel: str) -> str:
        return self.people.name_of_place(channel)
