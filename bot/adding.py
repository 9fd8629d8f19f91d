"""Sources added in Slack: a form is filled in, tried, and kept; each step is an admin's, and audited."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from http.client import HTTPException
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.blocks.source_forms import (
    About,
    kinds_view,
    removal_page,
    said_view,
    source_view,
    tried_view,
)
from bot.blocks.source_inputs import Surroundings
from bot.built_in import NAMES
from bot.inbox import Inbox
from bot.journal import added_sources, records
from bot.journal.added_sources import AddedSource, Draft, RemovedSource
from bot.journal.records import Audit
from bot.journal.sync_runs import Side, Wanted
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import ADD_SOURCE, FILL_SOURCE, REMOVE_SOURCE, SAVE_SOURCE, TRY_SOURCE
from bot.listeners import adding as doors
from bot.people import People
from bot.replies import reply, say
from bot.source_kinds import KINDS
from bot.sync_desk import Syncs
from bot.sync_runs import Asked
from bot.trying import NotTried, Tried, try_source
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.audience import Audience
from knowledge.errors import SettingsError
from knowledge.ports import Clock, Store
from prompts.words import words

ADD, CHANGE, TRY, SAVE, REMOVE = "add source", "change source", "try source", "save source", "remove source"
MOST_NOTES = 5
_LOOK_AGAIN_S = (0.1, 0.2, 0.4, 0.8, 1.6)
_ANYTHING = (SlackApiError, SlackClientError, HTTPException, OSError, KeyError, TypeError)

log = logging.getLogger(__name__)


class Adding:
    """Works off what comes of forms of sources, and `/lore edit` and `/lore remove`.

    `asked` is told that a sync was asked for.
    """

    def __init__(
        self,
        client: WebClient,
        people: People,
        database: Database,
        store: Store,
        syncs: Syncs,
        clock: Clock,
        asked: Callable[[], None],
    ) -> None:
        self._client = client
        self._people = people
        self._database = database
        self._store = store
        self._runs = syncs.runs
        self._sources = syncs.sources
        self._read = syncs.syncing.syncer.read
        self._held = syncs.holdings
        self._clock = clock
        self._asked = asked
        self.handlers: dict[str, Handler] = {
            ADD_SOURCE: self.choose,
            FILL_SOURCE: self.fill,
            TRY_SOURCE: self.attempt,
            SAVE_SOURCE: self.save,
            REMOVE_SOURCE: self.remove,
        }
        self.commands: dict[str, Handler] = {"remove": self.ask_to_remove}

    def register(self, app: App, inbox: Inbox, writer: JournalWriter) -> None:
        """Register the listeners of forms; before those of other commands."""
        doors.register(app, inbox, writer, self._sources, self._clock)

    # what is shown

    def choose(self, item: Item) -> Done:
        """Ask for the kind; or, for `/lore edit NAME`, show what is known of that source."""
        if not self._people.is_admin(item.person):
            self._show(item, said_view(words("sources_admins_only")))
            return self._refused(item, ADD)
        name = name_in(item.text)
        if not name:
            self._show(item, kinds_view(KINDS.values(), _about(item, None)))
            return Done()
        known = self._sources().added.get(name)
        if known is None or name in self._sources().overruled:
            self._show(item, said_view(words("not_added_here", name=name)))
            return Done()
        draft = Draft(item.person, known.table, replaces=name)
        self._keep(draft)
        self._form(item, draft)
        return Done()

    def fill(self, item: Item) -> Done:
        """Show the form: of the kind that was chosen, or as it was filled in before."""
        if not self._people.is_admin(item.person):
            self._show(item, said_view(words("sources_admins_only")))
            return self._refused(item, ADD)
        draft = self._draft(item)
        if draft is None:
            draft = Draft(item.person, {"kind": str(item.payload.get("chosen") or "")})
            self._keep(draft)
        self._form(item, draft)
        return Done()

    def attempt(self, item: Item) -> Done:
        """Try what was filled in, and show what came of it: what was found, or the form with the trouble."""
        draft = self._draft(item)
        if draft is None or not self._people.is_admin(item.person):
            self._show(item, said_view(words("sources_admins_only")))
            return self._refused(item, TRY)
        audit = Audit(item.person, TRY, str(draft.table.get("name") or ""))
        try:
            one = self._sources().read_from_slack(draft.table, draft.replaces)
        except SettingsError as error:
            self._form(item, draft, str(error))
            return Done(record=(audit,))
        match try_source(one.source, self._read):
            case NotTried(reason):
                self._form(item, draft, words("source_not_tried", reason=reason))
            case Tried() as tried:
                self._keep(replace(draft, tested=True))
                notes = [f"not read: {trouble}" for trouble in tried.troubles[:MOST_NOTES]]
                notes += self._unknown_readers(one.source.audience)
                metadata = _about(item, draft)
                self._show(item, tried_view(_found(tried), tried.titles, notes, metadata))
        return Done(record=(audit,))

    # what is kept

    def save(self, item: Item) -> Done:
        """List the source from now on, if it was tried just so; with a sync at once where that is wanted."""
        draft = self._draft(item)
        if draft is None or not draft.tested or not self._people.is_admin(item.person):
            return self._refused(item, SAVE)
        try:
            one = self._sources().read_from_slack(draft.table, draft.replaces)
        except SettingsError as error:
            return Done(say=say(item, "source_not_saved", reason=str(error)))
        audit = Audit(item.person, CHANGE if draft.replaces else ADD, one.name)
        added = AddedSource(draft.table, item.person, in_slack=True, replaces=draft.replaces, id=draft.id)
        self._write(added, audit)
        if item.payload.get("view_id"):
            self._show(item, said_view(words("source_saved", name=one.name)))
        if item.payload.get("sync"):
            self._sync(item, one.name)
            return Done(say=say(item, "source_saved_and_syncing", name=one.name))
        return Done(say=say(item, "source_saved", name=one.name))

    def ask_to_remove(self, item: Item) -> Done:
        """`/lore remove NAME`: say how many documents go with it, and ask."""
        if not self._people.is_admin(item.person):
            return self._refused(item, REMOVE)
        name = name_in(item.text)
        if name not in self._sources().added:
            return Done(say=say(item, "not_added_here", name=name or "?"))
        count, _ = self._holdings().get(name, (0, 0))
        return Done(say=reply(item, [removal_page(name, words("source_removal", name=name, count=count))]))

    def remove(self, item: Item) -> Done:
        """Remove a source; its documents go with a sync that begins at once."""
        name = str(item.payload.get("subject") or "")
        if not self._people.is_admin(item.person):
            return self._refused(item, REMOVE)
        if name not in self._sources().added:
            return Done(say=say(item, "not_added_here", name=name or "?"))
        count, _ = self._holdings().get(name, (0, 0))
        self._write(RemovedSource(name, item.person), Audit(item.person, REMOVE, name))
        self._sync(item, NAMES[0])  # whatever is synced next, documents of what is not listed go
        return Done(say=say(item, "source_removed", name=name, count=count))

    # within

    def _form(self, item: Item, draft: Draft, trouble: str = "") -> None:
        kind = KINDS.get(str(draft.table.get("kind") or ""))
        if kind is None:
            self._show(item, said_view(words("not_added_here", name="?")))
            return
        self._show(item, source_view(kind, draft.table, self._surroundings(), _about(item, draft), trouble))

    def _surroundings(self) -> Surroundings:
        now = self._sources()
        allowed = now.reader.in_slack
        return Surroundings(
            groups=self._groups(),
            folders=tuple(str(one) for one in allowed.folders),
            secrets=tuple(sorted(allowed.secrets)),
            zone=now.zone.key,
        )

    def _groups(self) -> tuple[str, ...]:
        try:
            told = self._client.usergroups_list()["usergroups"]
            return tuple(sorted(str(one["handle"]) for one in told if not one.get("date_delete")))
        except _ANYTHING as error:
            log.info("a form offers no user groups: %s", type(error).__name__)
            return ()

    def _unknown_readers(self, audience: Audience) -> list[str]:
        """Those of an audience that nobody is known to be: they would read nothing."""
        unknown = [one for one in sorted(audience.principals) if not self._people.members(one)]
        names = [self._people.name_of_place(one[1:]) if one[:1] == "#" else one for one in unknown]
        return [words("unknown_principals", names=", ".join(names))] if names else []

    def _sync(self, item: Item, name: str) -> None:
        wanted = Wanted((name,), item.person, Side.SLACK, channel=item.channel)
        if isinstance(self._runs.ask(wanted, queue=True), Asked):
            self._asked()

    def _holdings(self) -> Mapping[str, tuple[int, int]]:
        return self._held(self._store.published())

    def _draft(self, item: Item) -> Draft | None:
        with self._database.reading() as connection:
            return added_sources.draft(connection, str(item.payload.get("draft") or ""), item.person)

    def _keep(self, draft: Draft) -> None:
        with self._database.writing() as connection:
            added_sources.keep_draft(connection, draft, self._clock().timestamp())

    def _write(self, record: AddedSource | RemovedSource, audit: Audit) -> None:
        """At once, since a sync that is asked for may begin before the item is finished."""
        now = self._clock().timestamp()
        with self._database.writing() as connection:
            added_sources.write(connection, record, now)
            records.write(connection, audit, None, now)

    def _refused(self, item: Item, action: str) -> Done:
        return Done(say=say(item, "sources_admins_only"), record=(Audit(item.person, action, allowed=False),))

    def _show(self, item: Item, view: dict[str, Any]) -> None:
        """Replace what the modal shows; one that was closed meanwhile stays closed.

        What an acknowledgement has shown is found by its own id, as soon as Slack shows it.
        """
        external_id = str(item.payload.get("external_id") or "")
        where = {"external_id": external_id} if external_id else {"view_id": str(item.payload.get("view_id"))}
        for pause in (*_LOOK_AGAIN_S, None):
            try:
                self._client.views_update(view=view, **where)
                return
            except SlackApiError as error:
                if error.response.get("error") != "not_found" or not external_id or pause is None:
                    log.info("a form was not shown: %s", error.response.get("error"))
                    return
                time.sleep(pause)
            except _ANYTHING as error:
                log.info("a form was not shown: %s", type(error).__name__)
                return


def _about(item: Item, draft: Draft | None) -> str:
    return About(
        "" if draft is None else draft.id, item.channel, str(item.payload.get("response_url") or "")
    ).as_metadata()


def _found(tried: Tried) -> str:
    count = f"{tried.documents:,}" if tried.complete else f"at least {tried.documents:,}"
    return words("source_tried", count=count)


def name_in(text: str) -> str:
    """The name of a source after the first word of a command."""
    return " ".join(text.split()[1:])
