"""Trust, put together: feedback, corrections, verified answers, questions to people, and deleting."""

from collections.abc import Callable, Container
from datetime import datetime

from slack_bolt import App

from bot.corrections import Corrections
from bot.deleting import Deleting
from bot.experts import Experts
from bot.feedback import judged, reasoned
from bot.inbox import Inbox
from bot.journal.work import Done, Item
from bot.listeners import corrections as correction_doors
from bot.listeners import feedback as feedback_doors
from bot.listeners import requests as request_doors
from bot.people import People
from bot.pressing import (
    DECISION,
    DELETION,
    FEEDBACK_GIVEN,
    FEEDBACK_REASON,
    PRESS_AGAIN,
    REQUEST,
    REQUEST_STEP,
    SUGGESTION,
    VERIFIED_STEP,
    quietly,
)
from bot.reminding import Reminding
from bot.replies import in_markdown
from bot.requests import Requests
from bot.rituals.availability import Availability
from bot.spreading import Spreading
from bot.trust_settings import TrustSettings
from bot.verified import VerifiedItems
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.ports import Clock, Embedder, Store
from prompts.words import words


class Trust:
    """What works off the presses of buttons under answers, and the doors through which they come.

    Without an `embedder` no two questions are ever found to be the same. `handlers` are by kind of item,
    `commands` by the first word after `/lore`.
    """

    def __init__(
        self,
        people: People,
        store: Store,
        database: Database,
        clock: Clock,
        embedder: Embedder | None,
        settings: TrustSettings,
        origins: Container[str],
        availability: Availability,
    ) -> None:
        self._database = database
        self.experts = experts = Experts(people, settings.experts)
        self._corrections = Corrections(
            people, store, database, experts, clock, settings.verified_for, origins
        )
        self.verified = VerifiedItems(
            people,
            database,
            clock,
            embedder,
            store.current_audience,
            settings.verified_for,
            origins,
            availability,
        )
        spreading = Spreading(people, database, clock, embedder, settings.verified_for)
        self.requests = Requests(people, database, experts, clock, embedder, spreading)
        self._reminding = Reminding(database, self.requests, settings.remind_after, availability)
        self.handlers: dict[str, Handler] = {
            FEEDBACK_GIVEN: judged,
            FEEDBACK_REASON: reasoned,
            DELETION: Deleting(people, database).handle,
            SUGGESTION: self._corrections.suggest,
            DECISION: self._corrections.decide,
            VERIFIED_STEP: self.verified.step,
            REQUEST: self.requests.request,
            REQUEST_STEP: self.requests.step,
            PRESS_AGAIN: _press_again,
        }
        self.commands: dict[str, Callable[[Item], Done]] = {
            "verified": self.verified.list_for,
            "requests": self.requests.list_for,
        }

    def register(self, app: App, inbox: Inbox) -> None:
        """Register the listeners of every button and modal."""
        feedback_doors.register(app, inbox, self._database)
        correction_doors.register(app, inbox, self._database, self._corrections)
        request_doors.register(app, inbox, self._database, self.requests)

    def remind(self, now: datetime) -> bool:
        """Ask people for what is due; whether anything is to be said."""
        return self.verified.remind(now) + self._reminding.remind(now) > 0


def _press_again(item: Item) -> Done:
    return Done(say=quietly(item, in_markdown(words("press_again"))))
