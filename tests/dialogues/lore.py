"""Lore at work in a workspace, and what a test needs to look at."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.in_slack import InSlack
from bot.journal.tables import inbox, outbox
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.allowance import UNLIMITED, Allowance
from knowledge.answering import Answerer
from knowledge.attached import Attached
from knowledge.documents import Outcome, Turn
from knowledge.steps import Hear, ignore
from tests.bot.block_rules import texts
from tests.fakes import FakeClock


@dataclass
class Answers:
    """The real answerer, with a switch for what can go wrong in it; it notes what it was asked with."""

    knowledge: Knowledge
    machines: tuple[Knowledge, ...] = ()
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    instead: Callable[[str], Outcome] | None = None
    telling: Callable[[Hear], Outcome] | None = None
    answerer: Answerer | None = None
    asked: list[tuple[str, frozenset[str], tuple[Turn, ...]]] = field(default_factory=list)

    def answer(
        self,
        question: str,
        audiences: frozenset[str],
        history: Sequence[Turn] = (),
        hear: Hear = ignore,
        use_model: bool = True,
        attached: Attached | None = None,
        allowance: Allowance = UNLIMITED,
    ) -> Outcome:
        self.asked.append((question, audiences, tuple(history)))
        self.before()
        if self.instead is not None:
            return self.instead(question)
        if self.telling is not None:
            return self.telling(hear)
        turns = (self.knowledge, *self.machines)
        answerer = self.answerer or turns[len(self.asked) % len(turns)].answerer
        outcome = answerer.answer(
            question,
            audiences,
            history,
            hear=hear,
            use_model=use_model,
            attached=attached,
            allowance=allowance,
        )
        self.after()
        return outcome


@dataclass
class Lore:
    """Lore at work in a workspace, and what a test needs to look at."""

    slack: Workspace
    knowledge: Knowledge
    answers: Answers
    wiki: Path
    bot: InSlack
    bots: Sequence[InSlack] = ()

    def mention(self, person: str, channel: str, text: str, thread_ts: str | None = None) -> str:
        """Say something that mentions Lore; the message's ts."""
        return self.slack.say(person, channel, f"<@{self.slack.team.app.user_id}> {text}", thread_ts)

    def replies(self, channel: str, thread_ts: str | None, count: int = 1) -> list[dict[str, Any]]:
        """Lore's messages in a thread, once there are `count`."""
        return (
            self.slack.wait_for(
                lambda: said if len(said := self.slack.said_by_app(channel, thread_ts)) >= count else None
            )
            or []
        )

    def reply(self, channel: str, thread_ts: str | None, count: int = 1) -> str:
        """The words of the newest of them."""
        return words(self.replies(channel, thread_ts, count)[-1])

    def private_reply(self, person: str, channel: str, count: int = 1) -> dict[str, Any]:
        """What only this person sees."""
        return (
            self.slack.wait_for(
                lambda: seen[-1] if len(seen := self.slack.ephemerals(person, channel)) >= count else None
            )
            or {}
        )

    def taken_in(self, subtype: str) -> None:
        """Wait until the newest message event of this subtype was acknowledged, and so taken in."""
        self.slack.wait_for(
            lambda: any(
                envelope.acked
                for envelope in self.slack.ledger.events("message")
                if envelope.payload["event"].get("subtype") == subtype
            )
        )

    def is_quiet(self, channel: str, thread_ts: str | None, count: int) -> bool:
        """Whether, after everything said before was worked off, Lore has said no more than `count`.

        A later question in the same channel is answered meanwhile: events are taken in in their order.
        """
        self.reply("#general", self.mention("chloe", "#general", "help"))
        return len(self.slack.said_by_app(channel, thread_ts)) == count

    def settle(self) -> None:
        """Wait until everything taken in is worked off and everything due is said."""

        def idle() -> bool:
            busy_in = select(func.count()).where(inbox.c.state.in_(("queued", "claimed")))
            busy_out = select(func.count()).where(outbox.c.state.in_(("queued", "sending", "unsure")))
            with self.knowledge.database.reading() as connection:
                return not any(connection.execute(busy).scalar() for busy in (busy_in, busy_out))

        for bot in self.bots:
            bot.delivery.wake()  # a test may have stored something by itself
        self.slack.wait_for(idle)

    def at(self, clock: FakeClock, moment: datetime) -> None:
        """Make it this time, have rituals looked after as a heartbeat does, and wait for all that is said.

        What is under way is finished before, so that nothing looks as if it had hung for hours.
        """
        self.settle()
        clock.move(moment)
        for bot in self.bots:
            bot.keep_rituals(clock())
        self.settle()


def words(message: dict[str, Any]) -> str:
    """All that a person reads in a message."""
    return "\n".join(texts(message.get("blocks") or [])) or str(message.get("text"))
