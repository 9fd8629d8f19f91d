"""Puts the reader of threads together: over the bot's own client, or one made from the settings."""

from collections.abc import Callable, Iterable

from slack_sdk import WebClient

from bot.experts import Experts
from bot.people import People
from bot.settings import Settings
from bot.threads.asking import Pacing
from bot.threads.reading import ThreadReader, read
from bot.token_now import bot_token
from ingest.sources import Listed, Reading, Source
from knowledge.adapters.database import Database
from knowledge.ports import Clock

Read = Callable[[Source, Reading], Iterable[Listed]]


def thread_reader(
    settings: Settings, database: Database, clock: Clock, client: WebClient | None = None
) -> Read:
    """What lists sources of kind `slack`. Without a `client`, one is made when it is first wanted."""
    pacing = Pacing()

    def experts_of(people: People, channel: str) -> frozenset[str]:
        return frozenset(Experts(people, settings.trust.experts).of_channel(channel))

    def read_threads(source: Source, reading: Reading) -> Iterable[Listed]:
        slack = client or _own_client(settings, database)
        if slack is None:
            return read(source, reading)
        reader = ThreadReader(slack, database, clock, experts_of, settings.admins, pacing)
        return reader.read(source, reading)

    return read_threads


def _own_client(settings: Settings, database: Database) -> WebClient | None:
    """None where there is no token at all."""
    from bot.delivery import slack_client

    token = bot_token(settings, database)
    return slack_client(token, settings.slack_api_url) if token else None
