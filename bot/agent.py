"""What happens at the agent's own surfaces: its Home, its Messages tab, channels that it is invited to."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPException

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from sqlalchemy import select

from bot.blocks.home import closed_view, home_view
from bot.blocks.markdown import Paragraph, Quote, plain
from bot.blocks.pages import page
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text
from bot.hearing import Myself
from bot.home import PRIVATE_ANSWERS, YES, Homes
from bot.journal.personal import Told, preferences_of, was_told
from bot.journal.tables import questions
from bot.journal.work import Done, Item
from bot.kinds import HOME, HOME_QUESTION, INVITED, MESSAGES_TAB
from bot.messages import Message, Place
from bot.people import People
from bot.prompting import Prompting
from bot.replies import in_markdown, say
from bot.viewing import Viewing
from bot.workers import Handler
from knowledge.adapters.database import Database
from knowledge.audience import UNKNOWN_READERS, Readers
from prompts.words import words

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Agent:
    """Works off the items of these surfaces.

    `answer` works a message or private question off; what is asked on a Home is answered in the direct
    message with that person.
    """

    me: Myself
    client: WebClient
    people: People
    homes: Homes
    prompting: Prompting
    viewing: Viewing
    database: Database
    answer: Handler

    def handlers(self) -> dict[str, Handler]:
        """By kind of item."""
        return {
            HOME: self.home,
            MESSAGES_TAB: self.messages_tab,
            INVITED: self.invited,
            HOME_QUESTION: self.home_question,
        }

    def home(self, item: Item) -> Done:
        """Publish a person's Home; when Slack does not take it, the next opening tries anew."""
        self.publish(item.person, item.channel)
        return Done()

    def publish(self, person: str, channel: str, number: int = 0) -> None:
        """Publish a person's Home as it is now; `channel` is their direct message with Lore."""
        shown = self.homes.page(person, number)
        view = closed_view() if shown is None else home_view(shown, channel)
        self._try(lambda: self.client.views_publish(user_id=person, view=view), "a Home is not shown")

    def messages_tab(self, item: Item) -> Done:
        """Suggest questions; whoever is there for the first time gets a short guide before."""
        prompts = self.prompting.prompts(item.person)
        if prompts:
            shown = [{"title": one.title, "message": one.message} for one in prompts]
            self._try(
                lambda: self.client.assistant_threads_setSuggestedPrompts(
                    channel_id=item.channel, title="You could ask", prompts=shown
                ),
                "no questions are suggested",
            )
        subject = f"guide:{item.team}:{item.person}"
        if self._alone(item) is None or self._knows_lore(subject, item.person):
            return Done()
        return Done(say=_once(say(item, "guide"), subject), record=(Told(subject),))

    def invited(self, item: Item) -> Done:
        """Greet a channel, once ever, with what may be expected there."""
        subject = f"greeting:{item.team}:{item.channel}"
        with self.database.reading() as connection:
            if was_told(connection, subject):
                return Done()
        said = in_markdown(_greeting(self.people.readers(Place(item.channel))))[0]
        message = Message(channel=item.channel, text=said.text, blocks=said.blocks)
        return Done(say=_once((message,), subject), record=(Told(subject),))

    def home_question(self, item: Item) -> Done:
        """Answer in the direct message what was asked on the Home, under the question as it was asked."""
        if self._alone(item) is None:
            return Done()
        asked = shorten(one_line(item.text), 1_500)
        quoted = page(*rich_text([Paragraph(plain(words("home_question"))), Quote(plain(asked))]))
        question = Message(channel=item.channel, text=quoted.text, blocks=quoted.blocks)
        done = self.answer(item)
        return replace(done, say=(question, *done.say))

    def privately(self, answer: Handler) -> Handler:
        """`answer`, but only the asker sees it where they wanted that; with a hint where one is due."""

        def handle(item: Item) -> Done:
            if self._wants_privacy(item):
                # A private question has no ts: nobody else may act on its answer.
                return answer(replace(item, kind="ask", ts="", thread_ts=""))
            done = answer(item)
            if done.say and self.viewing.is_asked_for(item, self.me) and self.viewing.of(item) is None:
                return replace(done, say=(*done.say, *say(item, "view_hidden")))
            return done

        return handle

    def _wants_privacy(self, item: Item) -> bool:
        if item.channel.startswith("D"):
            return False
        with self.database.reading() as connection:
            return preferences_of(connection, item.person).get(PRIVATE_ANSWERS) == YES

    def _alone(self, item: Item) -> Readers | None:
        """The readers of a direct message with the item's person and nobody else; None for another place."""
        readers = self.people.readers(Place(item.channel))
        return readers if readers == Readers(people=frozenset({item.person})) else None

    def _knows_lore(self, subject: str, person: str) -> bool:
        asked = select(questions.c.id).where(questions.c.person == person).limit(1)
        with self.database.reading() as connection:
            return was_told(connection, subject) or connection.execute(asked).first() is not None

    def _try(self, call: Callable[[], object], trouble: str) -> None:
        try:
            call()
        except SlackApiError as error:
            log.warning("%s: %s", trouble, error.response.get("error"))
        except (SlackClientError, HTTPException, OSError) as error:
            log.warning("%s: %s", trouble, type(error).__name__)


def _greeting(readers: Readers) -> str:
    if readers == UNKNOWN_READERS:
        return words("greeting_nobody")
    return words("greeting", audience=words("greeting_everyone" if readers.everyone else "greeting_members"))


def _once(said: tuple[Message, ...], subject: str) -> tuple[Message, ...]:
    """With keys that the outbox never sends twice, whatever became of the item before."""
    return tuple(replace(one, key=f"{subject}:{place}") for place, one in enumerate(said))
