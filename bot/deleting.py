"""An answer is deleted by its asker or an admin: from Slack, and its words from the journal."""

from dataclasses import dataclass

from bot.blocks.pages import Page
from bot.journal.forgetting import Forgotten, messages_of
from bot.journal.records import Audit
from bot.journal.work import Done, Item
from bot.messages import Kind, Message
from bot.people import People
from bot.pressing import quietly, subject_of, visible_question
from bot.replies import in_markdown
from knowledge.adapters.database import Database
from prompts.words import words


@dataclass(frozen=True, slots=True)
class Deleting:
    """Works off items of the kind DELETION."""

    people: People
    database: Database

    def handle(self, item: Item) -> Done:
        """The messages that take the answer away, and what is kept: who deleted what, and no words."""
        subject = subject_of(item)
        asked = visible_question(self.database, subject, item.team, item.channel, item.person)
        if asked is None:
            return Done(say=quietly(item, _say("answer_gone")))
        if item.person != asked.person and not self.people.is_admin(item.person):
            refused = Audit(item.person, "delete answer", subject, allowed=False)
            return Done(say=quietly(item, _say("delete_refused")), record=(refused,))
        with self.database.reading() as connection:
            shown = messages_of(connection, subject)
        gone = [
            Message(channel=channel, text="", kind=Kind.DELETE, target=ts or key, key=f"delete {key}")
            for channel, ts, key in shown
        ]
        url = str(item.payload.get("response_url") or "")
        if item.payload.get("ephemeral") and url:
            gone.append(
                Message(
                    channel=item.channel,
                    text="",
                    kind=Kind.RESPOND,
                    response_url=url,
                    delete_original=True,
                )
            )
        return Done(
            say=tuple(gone), record=(Forgotten(subject), Audit(item.person, "delete answer", subject))
        )


def _say(name: str) -> list[Page]:
    return in_markdown(words(name))
