"""All parts of the room of rituals, joined in their order."""

from collections.abc import Callable
from dataclasses import dataclass

from slack_sdk import WebClient

from bot.conversation import Answers
from bot.identity import Identity
from bot.journal.work import Item
from bot.journal.writer import JournalWriter
from bot.leads import Leads
from bot.linking import Linkable
from bot.mail_settings import MailSettings
from bot.people import People
from bot.reading.library import Library
from bot.ritual_settings import RitualSettings
from bot.rituals.availability import Availability
from bot.rituals.blocker_help import Helping
from bot.rituals.blockers import Blockers
from bot.rituals.calm import keep_calm
from bot.rituals.drafting import Drafting
from bot.rituals.entering import Entering
from bot.rituals.exporting import Exporting
from bot.rituals.joining import let_set_up
from bot.rituals.listing import Standups
from bot.rituals.on_time import keep_time
from bot.rituals.remembering import Remembering
from bot.rituals.reported import let_report
from bot.rituals.repositories import Repositories
from bot.rituals.room import Rituals
from bot.source_cards import SourceCards
from bot.trust import Trust
from ingest.report import SyncReport
from knowledge.adapters.database import Database
from knowledge.allowance import Allowance
from knowledge.ports import Clock, Embedder, Store, Summariser


@dataclass(frozen=True, slots=True)
class Given:
    """What rituals use of the rest of Lore. `index` brings what people gave in Slack into the index, and
    `allowance` says what somebody may spend on a model. `summariser` sums up entries of stand-ups, `recapper`
    what was said of talks. `time` is that of the clock which all processes share. The `library` knows
    papers, None where nothing is to be looked up outside."""

    client: WebClient
    identity: Identity
    writer: JournalWriter
    store: Store
    answers: Answers
    origins: Linkable
    trust: Trust
    index: Callable[[], SyncReport]
    allowance: Callable[[Item], Allowance]
    embedder: Embedder | None
    summariser: Summariser | None
    recapper: Summariser | None
    repositories: Repositories
    settings: RitualSettings
    mail: MailSettings | None
    cards: SourceCards
    leads: Leads
    time: Clock
    library: Library | None


def open_rituals(
    people: People,
    database: Database,
    clock: Clock,
    availability: Availability,
    standups: Standups,
    given: Given,
) -> Rituals:
    """The room with everything in it."""
    rituals = Rituals(people, database, clock)
    let_set_up(rituals, given.client, standups, given.writer, given.settings)
    keep_time(rituals, availability)
    keep_calm(rituals, availability)
    drafting = Drafting(people, given.store, database, clock, given.repositories)
    drafting.join(rituals)
    Entering(given.client, given.writer, availability, drafting, given.store, given.identity.me).join(rituals)
    Exporting(people, database, given.client, clock).join(rituals)
    Remembering(people, database, given.index).join(rituals)
    trust = given.trust
    helping = Helping(
        people, given.store, database, given.answers, trust.experts, trust.requests, clock, given.origins
    )
    Blockers(people, database, clock, availability, helping).join(rituals)
    let_report(rituals, given.identity.url, given.embedder, given.summariser, given.allowance)
    return rituals
