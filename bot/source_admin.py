"""What admins do with sources and syncs in Slack; each act is checked at that moment, and audited."""

import difflib
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.blocks.pages import Page
from bot.blocks.source_list import list_page
from bot.blocks.sync_message import AGAIN, CANCEL, KEEP, LEAVE, PUBLISH, REMOVE
from bot.blocks.sync_words import count_of, named
from bot.built_in import NAMES
from bot.journal.records import Audit
from bot.journal.sync_runs import Run, Side, State, Wanted
from bot.journal.work import Done, Item
from bot.kinds import HOME
from bot.messages import Kind, Message, new_key
from bot.people import USER_ID, People
from bot.pressing import quietly, subject_of
from bot.replies import in_markdown, reply, say
from bot.source_cards import SourceCards
from bot.sync_alerts import names_in
from bot.sync_runs import Asked, Decided, Resting, SyncRuns, UnderWay
from bot.syncing import Syncing
from knowledge.errors import LoreError
from knowledge.ports import Clock
from prompts.words import words

ShowHome = Callable[[str, str, int], None]
"""Publishes the Home of a person, made for a direct message, with a page of the sources."""
SYNC, DRY_RUN, PAUSE, RESUME, TURN = "sync", "dry run", "pause", "resume", "turn"
ROLL_BACK = "roll back"
_DRY = re.compile(r"(?:--|[—–])dry[-_ ]?run\b", re.IGNORECASE)
_QUOTES = str.maketrans("“”„«»‘’", '"""""\'\'')


@dataclass(frozen=True, slots=True)
class SourceAdmin:
    """Works off `/lore sources` and `/lore sync` of admins, and the presses of their buttons.

    `asked` is told that there is something to be synced, or that a sync changed.
    """

    people: People
    runs: SyncRuns
    syncing: Syncing
    cards: SourceCards
    clock: Clock
    asked: Callable[[], None]
    show_home: ShowHome

    # commands

    def list_for(self, item: Item) -> Done:
        """`/lore sources` of an admin."""
        try:
            return Done(say=reply(item, [self.page(0)]))
        except LoreError as error:
            return Done(say=say(item, "sources_unknown", reason=str(error)))

    def sync(self, item: Item) -> Done:
        """`/lore sync [source …] [--dry-run]`."""
        if not self.people.is_admin(item.person):
            return Done(say=say(item, "admins_only"), record=(_refused(item, SYNC),))
        try:
            known = self.cards.names()
        except LoreError as error:
            return Done(say=say(item, "sources_unknown", reason=str(error)))
        text = re.sub(r"^\s*\S+", "", item.text)
        dry_run = _DRY.search(text) is not None
        chosen = chosen_sources(_DRY.sub("", text).translate(_QUOTES), known)
        if isinstance(chosen, str):
            near = difflib.get_close_matches(chosen, known, n=1)
            hint = f"“{near[0]}”" if near else named(known) or "none yet"
            return Done(say=say(item, "no_such_source", name=chosen, hint=hint))
        said = self._ask(item, chosen, dry_run=dry_run)
        return Done(say=reply(item, said) if said else ())

    # buttons of the list

    def step(self, item: Item) -> Done:
        """A press in the list of sources, in a message or on the Home."""
        step, subject = str(item.payload.get("step") or ""), subject_of(item)
        if not self.people.is_admin(item.person):
            return self._not_theirs(item, step)
        try:
            return self._step(item, step, subject)
        except LoreError as error:
            return Done(say=quietly(item, in_markdown(words("sources_unknown", reason=str(error)))))

    def _step(self, item: Item, step: str, subject: str) -> Done:
        said: list[Page] = []
        if step in (SYNC, DRY_RUN):
            chosen = () if subject == "all" and step == SYNC and item.payload.get("all") else (subject,)
            said = self._known(chosen) or self._ask(item, chosen, dry_run=step == DRY_RUN)
        elif step in (PAUSE, RESUME):
            said = self._known((subject,))
            if not said:
                change = self.runs.pause if step == PAUSE else self.runs.resume
                change(subject, item.person, _place(item))
        return Done(say=(*self._list_again(item), *quietly(item, said)))

    def _list_again(self, item: Item) -> tuple[Message, ...]:
        """The list as it is now, in place of the one that was pressed."""
        number = int(str(item.payload.get("page") or "0")[:4] or 0)
        home = str(item.payload.get("home") or "")
        if home:
            self.show_home(item.person, home, number)
            return ()
        url = str(item.payload.get("response_url") or "")
        if not url:
            return ()
        shown = self.page(number)
        return (
            Message(
                item.channel,
                shown.text,
                kind=Kind.RESPOND,
                blocks=shown.blocks,
                person=item.person,
                response_url=url,
                replace_original=True,
                key=new_key(),
            ),
        )

    def page(self, number: int) -> Page:
        """One page of the list."""
        cards = self.cards.all()
        return list_page(cards, number, self.cards.names_in(cards), self.clock())

    # buttons of a sync's message

    def decide(self, item: Item) -> Done:
        """A press in the message of a sync."""
        step, run_id = str(item.payload.get("step") or ""), subject_of(item)
        if not self.people.is_admin(item.person):
            return self._not_theirs(item, step)
        run = self.runs.get(run_id)
        if run is None:
            return Done(say=quietly(item, in_markdown(words("sync_gone"))))
        said: list[Page] = []
        match step:
            case "cancel":
                if not self.runs.cancel(run.id, item.person, _place(item)) and not run.active:
                    said = in_markdown(words("sync_ended"))
            case "leave":
                if not self.runs.leave(run.id, item.person, _place(item)):
                    said = self._decided(self.runs.get(run.id) or run)
                self.shown_again(run.id)
            case "remove" | "publish" | "again":
                said = self._follow(item, run, step)
            case _:
                return self._not_theirs(item, step)
        self.asked()
        return Done(say=quietly(item, said))

    def _follow(self, item: Item, run: Run, step: str) -> list[Page]:
        fits = {"remove": State.REFUSED, "publish": State.HELD}.get(step)
        if run.active or (fits is not None and run.state is not fits):
            return in_markdown(words("sync_ended"))
        removals = run.wanted.removals
        sources = run.wanted.sources
        if step == "remove":
            sources = tuple(name for name, one in run.of_sources.items() if one.outcome == State.REFUSED)
            removals = frozenset(sources)
        wanted = Wanted(
            sources,
            item.person,
            Side.SLACK,
            dry_run=run.wanted.dry_run,
            removals=removals,
            accept_drop=run.wanted.accept_drop or step == "publish",
            channel=_place(item),
            follows=run.id,
            id=_run_id(item),
        )
        return self._answered(self.runs.ask(wanted), item.person)

    # asking

    def _known(self, chosen: tuple[str, ...]) -> list[Page]:
        unknown = [name for name in chosen if name not in self.cards.names()]
        return (
            in_markdown(words("no_such_source", name=unknown[0], hint="`/lore sources`")) if unknown else []
        )

    def _ask(self, item: Item, chosen: tuple[str, ...], *, dry_run: bool) -> list[Page]:
        """Ask for a sync of these, or of all that do not rest; what there is to be said about it."""
        at_rest: tuple[str, ...] = ()
        if not chosen:
            paused = self.runs.paused()
            at_rest = tuple(name for name in self.cards.names() if name in paused)
            chosen = tuple(name for name in self.cards.names() if name not in paused)
            chosen += NAMES
        wanted = Wanted(
            chosen, item.person, Side.SLACK, dry_run=dry_run, channel=_place(item), id=_run_id(item)
        )
        said = self._answered(self.runs.ask(wanted), item.person)
        self.asked()
        if not said and not item.channel.startswith("D"):
            said = in_markdown(words("sync_asked"))
        if at_rest:
            said = [*said, *in_markdown(words("sources_rest", sources=named(at_rest)))]
        return said

    def _answered(self, outcome: Asked | UnderWay | Resting | Decided, person: str) -> list[Page]:
        match outcome:
            case Asked():
                return []
            case UnderWay(run, sources):
                who = names_in(run, self.people).get(run.wanted.asked_by, str(run.wanted.side))
                if run.wanted.asked_by == person:
                    who = "you"
                return in_markdown(words("sync_under_way", sources=named(sources), who=who))
            case Resting(paused_by):
                return in_markdown(words("sources_rest", sources=named(tuple(paused_by))))
            case Decided(_, by):
                return in_markdown(words("sync_decided", who=self._called(by)))

    def _decided(self, run: Run) -> list[Page]:
        return in_markdown(words("sync_decided", who=self._called(run.decided_by)))

    def _called(self, person: str) -> str:
        return self.people.name_of(person) if USER_ID.fullmatch(person) else person or "somebody"

    # rolling back

    def roll_back(self, item: Item) -> Done:
        """Bring what is known of a source back to an older version; the answer is a direct message."""
        source = subject_of(item)
        if not self.people.is_admin(item.person):
            return self._not_theirs(item, ROLL_BACK)
        version = int(str(item.payload.get("version") or "0")[:9])
        rests = bool(item.payload.get("pause")) and self.runs.pause(source, item.person, _place(item))
        done = Audit(item.person, ROLL_BACK, f"{source} to version {version}", place=_place(item))
        try:
            report = self.syncing.roll_back(version, f"{item.person}, slack", frozenset({source}))
        except LoreError as error:
            if rests:
                self.runs.resume(source, item.person, _place(item))
            said = words("not_rolled_back", source=source, reason=str(error))
        else:
            said = words("rolled_back", source=source, version=version, now=report.version)
            if report.failed:
                count = count_of(len(report.failed), "document")
                said += "\n" + words("rolled_back_but", count=count, reason=report.failed[0].reason)
        [page] = in_markdown(said)
        message = Message(item.person, page.text, blocks=page.blocks, person=item.person)
        return Done(say=(message,), record=(done,))

    def shown_again(self, run_id: str) -> None:
        """Have the messages of a run show what was decided about it."""
        self.runs.look_again(run_id)

    def _not_theirs(self, item: Item, step: str) -> Done:
        return Done(say=quietly(item, in_markdown(words("admins_only"))), record=(_refused(item, step),))


def chosen_sources(text: str, known: tuple[str, ...]) -> tuple[str, ...] | str:
    """The sources that are named after `/lore sync`; empty for all, a text for a name that there is not.

    A name with spaces is one in quotes, or all that is said.
    """
    whole = text.strip()
    if not whole:
        return ()
    if whole in known:
        return (whole,)
    try:
        parts = shlex.split(whole)
    except ValueError:
        return whole
    return next((part for part in parts if part not in known), None) or tuple(dict.fromkeys(parts))


def _refused(item: Item, action: str) -> Audit:
    return Audit(item.person, action, subject_of(item), allowed=False, place=_place(item))


def _place(item: Item) -> str:
    return item.channel or (HOME if item.payload.get("home") else Side.SLACK.value)


def _run_id(item: Item) -> str:
    """The same however often the item is worked off."""
    return f"item {item.id} {item.received_at:.3f}"[:40]


STEPS: Mapping[str, str] = {
    CANCEL: "cancel",
    KEEP: "leave",
    LEAVE: "leave",
    PUBLISH: "publish",
    AGAIN: "again",
    REMOVE: "remove",
}
"""What a button of a sync's message means, by its action id."""
