"""Setting a stand-up up in Slack: a form is begun, looked over, shown with its dates, tried, and saved."""

from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.blocks.pages import Page
from bot.blocks.source_forms import About
from bot.blocks.standup_fields import CO_OWNERS, MORE, OWNER, field_of
from bot.blocks.standup_list import DUPLICATE, EDIT, NEW, managed_page, open_page
from bot.blocks.standup_setup import first_view, more_view, preview_view, said_view, templates_view
from bot.inbox import Inbox
from bot.journal import setup_drafts
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, ARCHIVED, IN_FILE, PAUSED, Ritual
from bot.journal.setup_drafts import SetupDraft
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.kinds import SET_UP_STANDUP
from bot.listeners import standup_setup as doors
from bot.messages import Message
from bot.pressing import quietly, subject_of, to_person
from bot.replies import COMMAND_KINDS, in_markdown, reply
from bot.ritual_settings import ADMINS, RitualSettings
from bot.rituals.checking import Checking, Looked, Wrong
from bot.rituals.listing import Standups
from bot.rituals.managing import may_manage
from bot.rituals.room import Rituals
from bot.rituals.storing import CHANGED, SET_UP, Changed, Gone, Saved, store
from bot.rituals.trying import Trial
from bot.rituals.views import show_later
from prompts.standup_tables import LONGEST_NAME
from prompts.standup_templates import NOTHING
from prompts.words import words


@dataclass
class SettingUp:
    """Works off what comes of the forms. What is shown to a person is about a draft of theirs alone."""

    client: WebClient
    standups: Standups
    settings: RitualSettings
    trial: Trial
    writer: JournalWriter

    def __post_init__(self) -> None:
        self._checking = Checking(self.standups)
        self._people = self.standups.people
        self._clock = self.standups.clock

    def join(self, rooms: Rituals) -> None:
        rooms.handlers[SET_UP_STANDUP] = self.handle
        rooms.doors.append(self._register)

    def handle(self, item: Item) -> Done:
        """One step of one person's form."""
        match item.payload.get("step"):
            case "begin":
                return self._begin(item)
            case "template":
                return self._template(item)
            case "first" | "more" as step:
                return self._form(item, step)
            case "look":
                return self._look(item)
            case "test":
                return self._test(item)
            case "save":
                return self._save(item)
            case _:
                return Done()

    # where a form begins

    def _begin(self, item: Item) -> Done:
        act, ritual_id, name = _wanted(item)
        if not self._may_set_up(item.person):
            return self._refused(item, self._why_not(item.person), SET_UP, name)
        if act == NEW:
            return self._templates(item)
        found = self._asked_for(item.person, ritual_id, name)
        if found is None:
            action = CHANGED if act == EDIT else SET_UP
            return self._refused(item, "standup_unknown", action, name or ritual_id, name=name or "?")
        if act == EDIT and found.origin == IN_FILE:
            return self._say(item, words("standup_in_file", name=found.name))
        if act == EDIT and found.state == ARCHIVED:
            return self._say(item, words("standup_is_archived", name=found.name))
        table = self._checking.begin(found)
        draft = SetupDraft(item.person, table, found.id, found.revision)
        if act == DUPLICATE:
            own = {"name": f"Copy of {found.name}"[:LONGEST_NAME], OWNER: item.person, CO_OWNERS: []}
            draft = SetupDraft(item.person, table | own)
        self._keep(draft)
        if not self._show(item, first_view(draft.table, self._about(item, draft))):
            return self._open_again(item, act, found.id)
        return Done()

    def _templates(self, item: Item) -> Done:
        known = [*self.settings.templates.values(), NOTHING]
        if not self._show(item, templates_view(known, self._about(item, None))):
            return self._open_again(item, NEW, "")
        return Done()

    def _template(self, item: Item) -> Done:
        if not self._may_set_up(item.person):
            return self._refused(item, self._why_not(item.person), SET_UP, "")
        template = self.settings.templates.get(str(item.payload.get("template") or ""), NOTHING)
        name = template.title if template is not NOTHING else ""
        table: dict[str, Any] = {"name": name[:LONGEST_NAME], **template.table, OWNER: item.person}
        draft = SetupDraft(item.person, table)
        self._keep(draft)
        self._show(item, first_view(draft.table, self._about(item, draft)))
        return Done()

    def _form(self, item: Item, step: str) -> Done:
        draft = self._draft(item)
        if draft is None:
            return self._say(item, words("standup_form_gone"))
        view = first_view if step == "first" else more_view
        self._show(item, view(draft.table, self._about(item, draft)))
        return Done()

    # what it comes to

    def _look(self, item: Item) -> Done:
        draft = self._draft(item)
        if draft is None or not self._may_change(draft):
            return self._say(item, words("standup_form_gone"))
        match self._checking.look(draft):
            case Wrong(key, reason):
                self._point_out(item, draft, key, reason)
            case Looked() as looked:
                self._keep(replace(draft, looked_at=True))
                self._show(item, preview_view(looked.preview, self._about(item, draft)))
        return Done()

    def _point_out(self, item: Item, draft: SetupDraft, key: str, reason: str) -> None:
        """Show the form again that has the setting, with what is wrong above it."""
        view = more_view if field_of(key, MORE) == key else first_view
        self._show(item, view(draft.table, self._about(item, draft), key, reason))

    def _test(self, item: Item) -> Done:
        draft = self._draft(item)
        if draft is None or not self._may_change(draft):
            return self._say(item, words("standup_form_gone"))
        match self._checking.look(draft):
            case Wrong(key, reason):
                self._point_out(item, draft, key, reason)
                return Done()
            case Looked() as looked:
                ritual = Ritual(looked.standup, looked.owner, looked.co_owners)
                return Done(say=self.trial.messages(ritual, item.person))

    # what is kept

    def _save(self, item: Item) -> Done:
        draft = self._kept(item)
        if draft is not None and not draft.table:
            return self._say(item, words("standup_saved_before"))
        if draft is None or not draft.looked_at or not self._may_change(draft):
            return self._refused(item, "standup_form_gone", CHANGED, "")
        match self._checking.look(draft):
            case Wrong(key, reason):
                self._point_out(item, draft, key, reason)
                return Done()
            case Looked() as looked:
                now = self._clock().timestamp()
        match self.writer.write(lambda connection: store(connection, draft, looked, now)):
            case Saved(ritual, new):
                name = "standup_set_up" if new else "standup_changed"
                line = self.standups.line(ritual, item.person)
                text = words(name, name=ritual.name, when=line.when, state=line.state)
                text = "\n".join([text, *looked.preview.notes])
                self._show(item, said_view(text))
                return Done(say=self._to_owners(item, ritual, text))
            case Changed(ritual):
                self._show_both(item, draft, ritual)
            case Gone(reason):
                return self._say(item, reason)
        return Done()

    def _show_both(self, item: Item, draft: SetupDraft, ritual: Ritual) -> None:
        """Show one's own form again, over what it has become meanwhile."""
        differs = ", ".join(self._checking.changes(draft.table, ritual)) or "nothing"
        newer = replace(draft, revision=ritual.revision, looked_at=False)
        self._keep(newer)
        trouble = words("standup_changed_meanwhile", differs=differs)
        self._show(item, first_view(newer.table, self._about(item, newer), "name", trouble))

    # within

    def _register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox, self.writer, self._checking.read, self._clock)

    def _may_set_up(self, person: str) -> bool:
        if self.settings.set_up_by == ADMINS:
            return self._people.is_admin(person)
        return self._people.is_full_member(person)

    def _why_not(self, person: str) -> str:
        return "standup_setup_admins_only" if self._people.is_full_member(person) else "standup_members_only"

    def _may_change(self, draft: SetupDraft) -> bool:
        if not draft.ritual_id:
            return self._may_set_up(draft.person)
        ritual = self.standups.ritual(draft.ritual_id)
        return (
            ritual is not None and ritual.origin != IN_FILE and may_manage(self._people, ritual, draft.person)
        )

    def _asked_for(self, person: str, ritual_id: str, name: str) -> Ritual | None:
        if ritual_id:
            found = self.standups.ritual(ritual_id)
            return found if found is not None and may_manage(self._people, found, person) else None
        named = self.standups.named(name, person, ACTIVE, PAUSED) or self.standups.named(
            name, person, ARCHIVED
        )
        return named[0] if len(named) == 1 else None

    def _to_owners(self, item: Item, ritual: Ritual, text: str) -> tuple[Message, ...]:
        """A message that stays, to whoever saved it and to an owner who was given it."""
        page = managed_page(text, ritual)
        told = [item.person, *([ritual.owner] if ritual.owner != item.person else [])]
        return tuple(message for person in told for message in to_person(person, [page]))

    def _open_again(self, item: Item, act: str, ritual_id: str) -> Done:
        """The form did not open in time, or was closed: a button opens it whenever that suits."""
        return Done(say=self._reply(item, open_page(words("standup_open_again"), act, ritual_id)))

    def _refused(self, item: Item, text: str, action: str, subject: str, /, **values: object) -> Done:
        said = self._say(item, words(text, **values))
        return replace(said, record=(Audit(item.person, action, subject[:200], allowed=False),))

    def _say(self, item: Item, text: str) -> Done:
        """In the modal where there is one, else to the person alone."""
        if self._show(item, said_view(text)):
            return Done()
        return Done(say=self._reply(item, *in_markdown(text)))

    def _reply(self, item: Item, *said: Page) -> tuple[Message, ...]:
        if item.channel and item.kind in COMMAND_KINDS and item.payload.get("response_url"):
            return reply(item, said)
        return quietly(item, said)

    def _draft(self, item: Item) -> SetupDraft | None:
        """The draft that a form is about, while it is not saved."""
        draft = self._kept(item)
        return None if draft is None or not draft.table else draft

    def _kept(self, item: Item) -> SetupDraft | None:
        draft_id = str(item.payload.get("draft") or "")
        with self.standups.database.reading() as connection:
            return setup_drafts.draft(connection, draft_id, item.person)

    def _keep(self, draft: SetupDraft) -> None:
        now = self._clock().timestamp()
        self.writer.write(lambda connection: setup_drafts.keep(connection, draft, now))

    def _about(self, item: Item, draft: SetupDraft | None) -> str:
        url = str(item.payload.get("response_url") or "")
        return About("" if draft is None else draft.id, item.channel, url).as_metadata()

    def _show(self, item: Item, view: dict[str, Any]) -> bool:
        return show_later(self.client, item.payload, view)


def _wanted(item: Item) -> tuple[str, str, str]:
    """What is to be done, with which ritual: by its id, or by the words after the command."""
    if item.payload.get("act"):
        return str(item.payload["act"]), subject_of(item), ""
    act, _, name = item.text.strip().partition(" ")
    return act.lower(), "", name.strip()
