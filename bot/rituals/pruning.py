"""A ritual that fewer and fewer take part in: its owner is asked, once, whether it should go on as it is."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from slack_bolt import App

from bot.blocks.calm import proposal_pages, said_pages
from bot.inbox import Inbox
from bot.journal import outgoing, records, turnout
from bot.journal import rituals as journal
from bot.journal.personal import tell_once, was_told
from bot.journal.records import Audit
from bot.journal.rituals import ACTIVE, IN_FILE, PAUSED, Ritual
from bot.journal.work import Done, Item
from bot.kinds import STANDUP_PRUNE
from bot.listeners import pruning as doors
from bot.pressing import quietly, subject_of, to_person
from bot.rituals.availability import Availability
from bot.rituals.managing import may_manage
from bot.rituals.room import Rituals
from prompts.calm import DAY_NAMES
from prompts.participation import Fallen, best_day, fallen
from prompts.planning import slots
from prompts.recurrence import Rule, RuleError
from prompts.words import words

LOOKED_BACK = timedelta(days=120)
EVERY = timedelta(hours=1)
AUDITED = {"weekly": "make standup weekly", "stop": "pause standup", "keep": "keep standup"}


@dataclass
class Pruning:
    """A duty that looks once an hour, and the handler of the buttons; nothing changes by itself."""

    availability: Availability
    _looked: datetime | None = None

    def join(self, rituals: Rituals) -> None:
        rituals.duties.append(self.look)
        rituals.handlers[STANDUP_PRUNE] = self.decide
        rituals.doors.append(self.register)

    def register(self, app: App, inbox: Inbox) -> None:
        doors.register(app, inbox)

    def look(self, now: datetime) -> None:
        """Ask the owners of rituals that have fallen, when they may be pinged."""
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY:
            return
        self._looked = now
        with self.availability.database.reading() as connection:
            active = journal.all_rituals(connection, ACTIVE)
            unasked = [one for one in active if one.owner and not was_told(connection, _subject(one))]
            today = now.astimezone(self.availability.settings.zone).date()
            found = {
                one.id: fallen(turnout.of_ritual(connection, one.id, today - LOOKED_BACK, today))
                for one in unasked
            }
        for ritual in unasked:
            if (down := found[ritual.id]) is not None:
                self._propose(ritual, down, now)

    def decide(self, item: Item) -> Done:
        """What the owner pressed."""
        ritual_id, _, revision = subject_of(item).partition(":")
        step = str(item.payload.get("step") or "")
        now = self.availability.clock()
        with self.availability.database.reading() as connection:
            ritual = journal.ritual(connection, ritual_id)
            today = now.astimezone(self.availability.settings.zone).date()
            turnouts = turnout.of_ritual(connection, ritual_id, today - LOOKED_BACK, today)
        if ritual is None or step not in AUDITED:
            return Done(say=quietly(item, said_pages(words("prune_gone", ritual="That stand-up"))))
        if not may_manage(self.availability.people, ritual, item.person):
            refused = Audit(item.person, AUDITED[step], ritual.id, allowed=False)
            said = quietly(item, said_pages(words("prune_refused", ritual=ritual.name)))
            return Done(say=said, record=(refused,))
        if step == "keep":
            return Done(say=quietly(item, said_pages(words("prune_kept", ritual=ritual.name))))
        if str(ritual.revision) != revision or ritual.state != ACTIVE:
            return Done(say=quietly(item, said_pages(words("prune_gone", ritual=ritual.name))))
        if step == "weekly" and ritual.origin == IN_FILE:
            return Done(say=quietly(item, said_pages(words("prune_in_file", ritual=ritual.name))))
        changed = _weekly(ritual, best_day(turnouts)) if step == "weekly" else replace(ritual, state=PAUSED)
        changed = replace(changed, revision=ritual.revision + 1)
        with self.availability.database.writing() as connection:
            journal.put(connection, changed, now.timestamp())
            records.write(connection, Audit(item.person, AUDITED[step], ritual.id), None, now.timestamp())
        text = words("prune_stopped", ritual=ritual.name)
        if step == "weekly":
            text = words("prune_weekly", ritual=ritual.name, rule=Rule.read(changed.settings.rule).words)
        return Done(say=quietly(item, said_pages(text)))

    def _propose(self, ritual: Ritual, down: Fallen, now: datetime) -> None:
        self.availability.profile(ritual.owner)  # Slack is asked now, not within the transaction
        text = words(
            "prune_proposal",
            ritual=ritual.name,
            recent=f"{down.dates} dates",
            now=down.now,
            before=down.before,
        )
        often = _is_often(ritual, now.astimezone(self.availability.settings.zone).date())
        said = to_person(ritual.owner, proposal_pages(f"{ritual.id}:{ritual.revision}", text, often=often))
        with self.availability.database.writing() as connection:
            if self.availability.may_ping(ritual.owner, now, connection) is not None:
                return
            if tell_once(connection, _subject(ritual), now.timestamp()):
                outgoing.put(connection, said, None, now.timestamp())
                self.availability.ping(connection, ritual.owner, now, f"a question about {ritual.name}")


def _is_often(ritual: Ritual, today: date) -> bool:
    """Whether it comes more than once a week."""
    try:
        return len(list(slots(ritual.settings, today, today + timedelta(days=28)))) > 4
    except RuleError:
        return False


def _weekly(ritual: Ritual, day: int) -> Ritual:
    rule = Rule.read(f"every {DAY_NAMES[day]}").text
    return replace(ritual, settings=replace(ritual.settings, rule=rule))


def _subject(ritual: Ritual) -> str:
    return f"prune {ritual.id}"
