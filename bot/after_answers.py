"""Everything that goes on from an answer, put together: follow-ups, why and replay, sharing."""

from collections.abc import Callable, Container

from bot import pressing
from bot.conversation import Answers
from bot.explaining import Explaining
from bot.following import FollowUps
from bot.journal.work import Done, Item
from bot.people import People
from bot.sharing import Sharing
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.allowance import Allowance, unlimited
from knowledge.ports import Clock, Store


def after_answers(
    people: People,
    store: Store,
    database: Database,
    answers: Answers,
    ask: Callable[[Item], Done],
    clock: Clock,
    origins: Container[str],
    allow: Callable[[Item], Allowance] = unlimited,
) -> dict[str, Handler]:
    """Handlers by the kind of item; `ask` answers a message as a conversation does."""
    follow_ups = FollowUps(people, store, database, ask, clock, origins)
    explaining = Explaining(people, store, database, answers, allow)
    sharing = Sharing(people, store, database, clock, origins)
    return {
        pressing.SHORTENING: follow_ups.handle,
        pressing.PASSAGES: follow_ups.handle,
        pressing.WHAT_ELSE_THERE_IS: follow_ups.handle,
        pressing.EVERYTHING: follow_ups.handle,
        pressing.WHY: explaining.handle,
        pressing.REPLAY: explaining.handle,
        pressing.SHARING: sharing.handle,
    }
