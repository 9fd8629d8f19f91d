"""Trust, put together: feedback, corrections, verified answers, questions to people, and deleting."""

from slack_bolt import App

from bot.deleting import Deleting
from bot.feedback import judged, reasoned
from bot.inbox import Inbox
from bot.journal.work import Done, Item
from bot.listeners import feedback as feedback_doors
from bot.people import People
from bot.pressing import DELETION, FEEDBACK_GIVEN, FEEDBACK_REASON, PRESS_AGAIN, quietly
from bot.replies import in_markdown
from bot.workers import Handler
from knowledge.adapters.database import Database
from prompts.words import words


class Trust:
    """What works off the presses of buttons under answers, and the doors through which they come."""

    def __init__(self, people: People, database: Database) -> None:
        self._database = database
        deleting = Deleting(people, database)
        self.handlers: dict[str, Handler] = {
            FEEDBACK_GIVEN: judged,
            FEEDBACK_REASON: reasoned,
            DELETION: deleting.handle,
            PRESS_AGAIN: _press_again,
        }

    def register(self, app: App, inbox: Inbox) -> None:
        """Register the listeners of every button and modal."""
        feedback_doors.register(app, inbox, self._database)


def _press_again(item: Item) -> Done:
    return Done(say=quietly(item, in_markdown(words("press_again"))))
