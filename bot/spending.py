"""Who may still ask the chat model: counted in the journal before each call, so that nothing is overspent."""

import logging
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from bot.budget_settings import Budgets, Limits
from bot.inbox import Inbox, Received
from bot.journal import spending
from bot.journal.personal import Told, was_told
from bot.journal.spending import Scope, Spent, day_of, minute_of
from bot.journal.work import Done, Item
from bot.journal.writer import JournalWriter
from bot.messages import Message
from bot.people import People
from bot.replies import in_markdown
from knowledge.errors import StoreError
from knowledge.ports import Clock
from prompts.words import words

OVER_BUDGET = "over_budget"
KEPT_BACK = 0.15
"""Of a question's time: for finding, and for writing an answer without the model when it is late."""

log = logging.getLogger(__name__)


class _Over(Exception):
    """One more call would be over this limit."""

    def __init__(self, scope: Scope, name: str, limit: str) -> None:
        super().__init__(f"{limit} of the {scope}")
        self.scope = scope
        self.name = name
        self.limit = limit


class Accounts:
    """Gives each question its allowance, and tells the admins once a day for each budget that is spent."""

    def __init__(
        self,
        writer: JournalWriter,
        people: People,
        clock: Clock,
        budgets: Budgets,
        deadline_s: float,
        receive: Callable[[Received], object] | None = None,
    ) -> None:
        self._writer = writer
        self._people = people
        self._clock = clock
        self._budgets = budgets
        self._deadline_s = deadline_s
        self._receive = receive
        self._told: set[str] = set()

    def watch(self, inbox: Inbox) -> None:
        """Where to put what the admins are to be told."""
        self._receive = inbox.receive

    def allowance(self, item: Item) -> "Purse":
        """What the question of this item may take."""
        begun_anew = item.attempts > 1
        since = self._now() if begun_anew else item.received_at
        return Purse(self, item, since + self._deadline_s * (1 - KEPT_BACK))

    def handle(self, item: Item) -> Done:
        """Tell every admin of a budget that is spent, unless they were told before."""
        subject = f"{OVER_BUDGET}:{item.payload['period']}:{item.payload['scope']}:{item.payload['name']}"
        if self._writer.read(lambda connection: was_told(connection, subject)):
            return Done()
        scope, name = Scope(item.payload["scope"]), str(item.payload["name"])
        [said] = in_markdown(
            words("over_budget_admin", whose=self._whose(scope, name), limit=item.payload["limit"])
        )
        message = Message(channel="", text=said.text, blocks=said.blocks)
        admins = sorted(self._people.admins())
        if not admins:
            log.error("there is no admin to be told that a budget is spent")
        told = tuple(replace(message, channel=one, key=f"{subject}:{one}") for one in admins)
        return Done(say=told, record=(Told(subject),))

    def reserve(self, item: Item, tokens: int, now: float) -> str | None:
        """Count a call before it is made; in words why it may not be made. All of it or nothing."""
        more = Spent(calls=1, tokens=tokens, money=self._budgets.at_most(tokens))
        try:
            self._writer.write(lambda connection: self._reserve(connection, item, more, now))
        except _Over as over:
            log.warning("no call of the chat model: %s of the %s is spent", over.limit, over.scope)
            self._tell(over, now)
            return words("over_budget", whose=_OF[over.scope], limit=over.limit)
        except StoreError as error:
            log.error("no call of the chat model, for it cannot be counted: %s", error)
            return words("uncounted")
        return None

    def settle(self, item: Item, estimated: int, tokens_in: int, tokens_out: int, then: float) -> None:
        """Count what a call really took instead of what was reserved for it `then`."""
        more = Spent(
            tokens=tokens_in + tokens_out - estimated,
            money=self._budgets.cost(tokens_in, tokens_out) - self._budgets.at_most(estimated),
        )
        try:
            self._writer.write(lambda connection: self._add(connection, item, more, then))
        except StoreError as error:
            log.error("what the chat model took stays as it was estimated: %s", error)

    def now(self) -> float:
        """Unix seconds."""
        return self._now()

    def _reserve(self, connection: Connection, item: Item, more: Spent, now: float) -> None:
        self._add(connection, item, more, now)
        for scope, name in _payers(item):
            limits = self._budgets.limits[scope]
            minute = spending.spent(connection, scope, name, minute_of(now))
            day = spending.spent(connection, scope, name, day_of(now))
            limit = _first_over(limits, minute, day)
            if limit:
                raise _Over(scope, name, limit)

    def _add(self, connection: Connection, item: Item, more: Spent, now: float) -> None:
        for scope, name in _payers(item):
            spending.add(connection, scope, name, (minute_of(now), day_of(now)), more)

    def _tell(self, over: _Over, now: float) -> None:
        """Only what is spent for the whole day is worth a message to an admin."""
        key = f"{OVER_BUDGET}:{day_of(now)}:{over.scope}:{over.name}"
        if over.limit == _MINUTE or key in self._told or self._receive is None:
            return
        self._told.add(key)
        payload = {"period": day_of(now), "scope": over.scope, "name": over.name, "limit": over.limit}
        self._receive(
            Received(OVER_BUDGET, frozenset({key}), "", "", "", "", conversation=key, payload=payload)
        )

    def _whose(self, scope: Scope, name: str) -> str:
        match scope:
            case Scope.WORKSPACE:
                return "the whole workspace"
            case Scope.CHANNEL:
                return self._people.name_of_place(name)
            case Scope.PERSON:
                return self._people.name_of(name)

    def _now(self) -> float:
        return self._clock().timestamp()


class Purse:
    """The allowance of one question (see `knowledge.allowance`): its time until `ends`, and who pays."""

    def __init__(self, accounts: Accounts, item: Item, ends: float) -> None:
        self._accounts = accounts
        self._item = item
        self._ends = ends
        self._reserved_at = 0.0

    def seconds(self) -> float:
        return self._ends - self._accounts.now()

    def refused(self, tokens: int) -> str | None:
        self._reserved_at = self._accounts.now()
        return self._accounts.reserve(self._item, tokens, self._reserved_at)

    def took(self, estimated: int, tokens_in: int, tokens_out: int) -> None:
        self._accounts.settle(self._item, estimated, tokens_in, tokens_out, self._reserved_at)


_MINUTE = "calls a minute"
_OF = {Scope.WORKSPACE: "the workspace", Scope.CHANNEL: "this conversation", Scope.PERSON: "you"}


def _payers(item: Item) -> list[tuple[Scope, str]]:
    """Widest first."""
    return [(Scope.WORKSPACE, ""), (Scope.CHANNEL, item.channel), (Scope.PERSON, item.person)]


def _first_over(limits: Limits, minute: Spent, day: Spent) -> str:
    """The limit that is passed, in plain words; empty when none is."""
    counted = (
        (limits.calls_a_minute, minute.calls, _MINUTE),
        (limits.calls_a_day, day.calls, "calls a day"),
        (limits.tokens_a_day, day.tokens, "tokens a day"),
        (limits.money_a_day, day.money, "money a day"),
    )
    return next((name for limit, used, name in counted if limit is not None and used > limit), "")
