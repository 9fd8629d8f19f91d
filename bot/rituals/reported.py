"""Reports, summaries and what leads do with them, put together and joined to the room of rituals."""

from collections.abc import Callable

from slack_bolt import App

from bot.inbox import Inbox, Received
from bot.journal.work import Item
from bot.listeners.standup_summaries import register
from bot.rituals.reporting import Reporting
from bot.rituals.room import Rituals
from bot.rituals.summarising import Summaries
from bot.rituals.summary_steps import SummarySteps
from knowledge.allowance import Allowance
from knowledge.ports import Embedder, Summariser


class _ToInbox:
    """The inbox, once there is one."""

    def __init__(self) -> None:
        self._inbox: Inbox | None = None

    def joined(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def receive(self, received: Received) -> None:
        if self._inbox is not None:
            self._inbox.receive(received)


def let_report(
    rituals: Rituals,
    address: str,
    embedder: Embedder | None,
    model: Summariser | None,
    allow: Callable[[Item], Allowance],
) -> None:
    """Have what is entered reported and summed up; `address` is the workspace's, for links to messages."""
    to_inbox = _ToInbox()
    summaries = Summaries(rituals.people, rituals.database, rituals.clock, embedder, model, allow)
    reporting = Reporting(rituals.people, rituals.database, summaries, address, to_inbox.receive)
    steps = SummarySteps(rituals.people, rituals.database, rituals.clock, reporting)
    for part in (summaries, reporting, steps):
        part.join(rituals)

    def door(app: App, inbox: Inbox) -> None:
        to_inbox.joined(inbox)
        register(app, inbox, steps)

    rituals.doors.append(door)
