"""What a sync lists of channels: little is asked of Slack, and nothing goes because Slack did not tell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal import threads
from bot.journal.migrate import migrate
from bot.journal.tables import outbox
from bot.journal.thread_tables import thread_channels, thread_words
from bot.threads import listing
from bot.threads.asking import Pacing
from bot.threads.kind import SLACK, place_of_document
from bot.threads.reading import ThreadReader
from bot.workspace import Workspace
from bot.workspace.description import Description
from ingest.source_tables import source_from_table
from ingest.sources import Incomplete, Item, Reading, Remember, Skipped, Source, Withheld
from knowledge.adapters.database import Database, open_database
from knowledge.audience import EVERYONE, Audience
from knowledge.documents import Document
from knowledge.errors import Unreadable

OK = "white_check_mark"
ASKED, REPLY = "How many GPUs does the 13B run need?", "It needs eight GPUs."
TEAM = {
    "people": [{"name": "ana", "is_admin": True}, {"name": "ben"}, {"name": "mallory", "is_stranger": True}],
    "channels": [
        {"name": "research"},
        {"name": "leads", "private": True, "members": ["ana", "ben", "lore"]},
        {"name": "elsewhere", "members": ["ana", "ben"]},
        {"name": "partners", "members": ["ana", "mallory", "lore"], "is_ext_shared": True},
    ],
}


@pytest.fixture
def slack() -> Iterator[Workspace]:
    with Workspace(Description.from_dict(TEAM)) as workspace:
        yield workspace


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(str(tmp_path / "lore.db"))
    migrate(database)
    yield database
    database.close()


class Sitting:
    """Reads a source again and again, each time knowing what the time before has published."""

    def __init__(self, slack: Workspace, database: Database, folder: Path, **table: Any) -> None:
        self.slack = slack
        self.database = database
        self.folder = folder
        self.waited: list[float] = []
        self.later = timedelta()
        self.remembered: Any = {}
        self.known: dict[str, str] = {}
        self.client: WebClient = slack_client(slack.bot_token, slack.api_url)
        usual = {"name": "threads", "kind": "slack", "audience": "everyone", "channels": ["#research"]}
        self.source: Source = source_from_table({**usual, **table}, folder, {"slack": SLACK}, {})

    def read(self, trial: bool = False, stopped: bool = False) -> list[Any]:
        """All that is listed; documents in the place of items, which count as published."""

        def wait(seconds: float) -> None:
            self.waited.append(seconds)
            self.passed += seconds

        self.passed = 0.0
        reader = ThreadReader(
            self.client,
            self.database,
            lambda: datetime.now(UTC) + self.later,
            lambda people, channel: frozenset(),
            pacing=Pacing(monotonic=lambda: self.passed, wait=wait),
        )
        keep = None if trial else self.folder
        reading = Reading(self.known, self.remembered, lambda: stopped, keep)
        found: list[Any] = []
        for one in list(reader.read(self.source, reading)):
            if isinstance(one, Item):
                if self.known.get(one.path) != one.digest:
                    found.append(one.load())
                self.known[one.path] = one.digest
            elif isinstance(one, Remember):
                self.remembered = one.note
            else:
                if isinstance(one, Withheld):
                    self.known.pop(one.path)
                found.append(one)
        return found

    def asked(self, method: str) -> int:
        return len(self.slack.ledger.calls_of(method))


@pytest.fixture
def sitting(slack: Workspace, database: Database, tmp_path: Path) -> Sitting:
    return Sitting(slack, database, tmp_path)


def thread(slack: Workspace, channel: str = "#research", asked: str = ASKED, reply: str = REPLY) -> str:
    root = slack.say("ben", channel, asked)
    slack.react("ben", channel, slack.say("ana", channel, reply, root), OK)
    return root


def test_a_thread_is_a_document(slack: Workspace, sitting: Sitting) -> None:
    root = thread(slack)
    [document] = sitting.read()
    assert isinstance(document, Document)
    channel = slack.channel("research").id
    assert place_of_document(document.id) == ("threads", channel, root)
    assert (document.title, document.audience, document.kind) == (ASKED, EVERYONE, "practice")
    assert document.owner == slack.person("ana").id
    told = sitting.client.chat_getPermalink(channel=channel, message_ts=root)
    assert document.url == told["permalink"]
    assert REPLY in document.text
    assert document.updated_at is not None


def test_a_second_look_asks_for_one_page(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    slack.say("ana", "#research", "No idea.", slack.say("ben", "#research", "Why is the loss a NaN again?"))
    assert len(sitting.read()) == 1
    pages, replies = sitting.asked("conversations.history"), sitting.asked("conversations.replies")
    assert sitting.read() == []
    assert sitting.asked("conversations.history") == pages + 1
    assert sitting.asked("conversations.replies") == replies


def test_what_history_shows_of_a_change_is_read(slack: Workspace, sitting: Sitting) -> None:
    root = thread(slack)
    sitting.read()
    slack.say("ben", "#research", "And how many nodes is that?", root)
    [document] = sitting.read()
    assert "how many nodes" in document.text
    slack.edit("ben", "#research", root, "How many GPUs does the 7B run need?")
    [document] = sitting.read()
    assert document.title == "How many GPUs does the 7B run need?"


def test_within_a_week_every_thread_is_read_whole_again(slack: Workspace, sitting: Sitting) -> None:
    root = slack.say("ben", "#research", ASKED)
    said = slack.say("ana", "#research", REPLY, root)
    assert sitting.read() == []
    slack.react("ben", "#research", said, OK)
    found = []
    for _ in range(listing.DEEP_DAYS):
        sitting.later += timedelta(days=1)
        found += sitting.read()
    assert [one.title for one in found] == [ASKED]
    slack.edit("ana", "#research", said, "It needs nine GPUs.")
    for _ in range(listing.DEEP_DAYS):
        sitting.later += timedelta(days=1)
        found += sitting.read()
    assert "nine" in found[-1].text


def test_old_threads_go(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    sitting.read()
    sitting.known.clear()
    sitting.later = timedelta(days=366)
    assert sitting.read() == []
    assert sitting.known == {}


def test_a_mark_has_an_old_thread_read_again(slack: Workspace, sitting: Sitting, database: Database) -> None:
    root = thread(slack)
    said = slack.messages("#research", root)[1]["ts"]
    sitting.read()
    sitting.later = timedelta(days=20)
    sitting.read()
    slack.edit("ana", "#research", said, "It needs nine GPUs.")
    channel = slack.channel("research").id
    assert sitting.read() == []
    with database.writing() as connection:
        threads.mark(connection, channel, said, "", 0.0, hidden=True)
        assert threads.marked_among(connection, [(channel, root)])
    [document] = sitting.read()
    assert "nine" in document.text
    with database.reading() as connection:
        assert threads.marks(connection, channel) == []
        assert not threads.marked_among(connection, [(channel, root)])


def test_in_23_slack_is_asked_again_when_it_says_so(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    slack.faults.rate_limited("conversations.history", retry_after="7", times=2)
    slack.faults.status("conversations.replies", 503)
    slack.faults.drop("conversations.info")
    assert len(sitting.read()) == 1
    assert sum(sitting.waited) >= 14


@pytest.mark.parametrize("retry_after", ["3600", "inf", "7"])
def test_in_23_nothing_goes_when_slack_does_not_tell(
    slack: Workspace, sitting: Sitting, retry_after: str
) -> None:
    thread(slack)
    sitting.read()
    known = dict(sitting.known)
    slack.faults.rate_limited("conversations.history", retry_after=retry_after, times=None)
    [cut] = sitting.read()
    assert isinstance(cut, Incomplete)
    assert "Slack" in cut.reason
    assert sitting.known == known
    slack.faults.clear()
    slack.faults.status("auth.test", 500, times=None)
    with pytest.raises(Unreadable, match="Slack does not tell"):
        sitting.read()


class Forgetful(WebClient):
    """A Slack whose listings lack everything, as a bad day may have it."""

    def api_call(self, api_method: str, **arguments: Any) -> Any:
        told = super().api_call(api_method, **arguments)
        if api_method == "conversations.history":
            told.data["messages"] = []
        return told


def test_in_24_a_listing_that_lacks_a_thread_takes_nothing_away(slack: Workspace, sitting: Sitting) -> None:
    root = thread(slack)
    thread(slack, asked="Where are the logs of the 7B run?")
    sitting.read()
    known = dict(sitting.known)
    sitting.client = Forgetful(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    assert sitting.read() == []
    assert sitting.known == known
    slack.delete("#research", root)
    [gone] = sitting.read()
    assert isinstance(gone, Withheld)
    assert gone.path.endswith(root)
    assert len(sitting.known) == 1


class Broken(WebClient):
    """A Slack whose second page never comes, or is the first again."""

    again = False

    def api_call(self, api_method: str, **arguments: Any) -> Any:
        told = super().api_call(api_method, **arguments)
        if api_method == "conversations.history":
            told.data |= {"has_more": True, "response_metadata": {"next_cursor": "x" if self.again else ""}}
        return told


@pytest.mark.parametrize("again", [True, False])
def test_in_24_a_listing_without_an_end_is_incomplete(
    slack: Workspace, sitting: Sitting, again: bool
) -> None:
    thread(slack)
    broken = Broken(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    broken.again = again
    sitting.client = broken
    document, cut = sitting.read()
    assert isinstance(document, Document)
    assert isinstance(cut, Incomplete)
    assert not cut.goes_on, "Slack does not tell: nobody planned that"


def test_a_listing_that_was_cut_goes_on_where_it_stopped(
    slack: Workspace, sitting: Sitting, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        thread(slack, asked=f"How many GPUs does the {number}B run need?")
    monkeypatch.setattr(listing, "MOST_CALLS", 6)
    titles: list[str] = []
    cuts = 0
    for _ in range(4):
        found = sitting.read()
        titles += [one.title for one in found if isinstance(one, Document)]
        cuts += sum(isinstance(one, Incomplete) and one.goes_on for one in found)
    assert sorted(titles) == [f"How many GPUs does the {number}B run need?" for number in range(6)]
    assert 1 <= cuts < 4
    assert len(sitting.known) == 6


def test_a_cancelled_sync_ends(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    with pytest.raises(Unreadable, match="cancelled"):
        sitting.read(stopped=True)


def test_calls_are_paced(slack: Workspace, sitting: Sitting) -> None:
    for number in range(30):
        thread(slack, asked=f"How many GPUs does the {number}B run need?")
    assert len(sitting.read()) == 30
    assert sum(sitting.waited) == pytest.approx(10 * 60 / 25, rel=0.1)


def test_a_trial_changes_nothing(slack: Workspace, sitting: Sitting, database: Database) -> None:
    thread(slack)
    assert len(sitting.read(trial=True)) == 1
    with database.reading() as connection:
        for table in (thread_channels, thread_words, outbox):
            assert connection.execute(select(table)).first() is None


def test_a_name_stands_for_the_channel_that_had_it_at_first(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    sitting.read()
    slack.rename_channel("research", "science")
    slack.rename_channel("elsewhere", "research")
    assert sitting.read() == []
    assert len(sitting.known) == 1


@pytest.mark.parametrize(
    ("channel", "reason"),
    [("#elsewhere", "invite it"), ("#nowhere", "no channel of that name"), ("C0NOWHERE1", "no such channel")],
)
def test_a_channel_that_cannot_be_read_is_told(
    slack: Workspace, database: Database, tmp_path: Path, channel: str, reason: str
) -> None:
    sitting = Sitting(slack, database, tmp_path, channels=[channel, "#research"])
    thread(slack)
    skipped, document = sitting.read()
    assert isinstance(skipped, Skipped)
    assert skipped.path == f"#{channel.removeprefix('#')}/"
    assert reason in skipped.reason
    assert isinstance(document, Document)


def test_the_audience_is_the_channels_and_no_wider_than_the_sources(
    slack: Workspace, database: Database, tmp_path: Path
) -> None:
    thread(slack, "#leads")
    leads = Audience(principals=frozenset({f"#{slack.channel('leads').id}"}))
    [document] = Sitting(slack, database, tmp_path, channels=["leads"]).read()
    assert document.audience == leads
    [document] = Sitting(slack, database, tmp_path, channels=["leads"], audience=["#leads"]).read()
    assert document.audience == leads
    [skipped] = Sitting(slack, database, tmp_path, channels=["leads"], audience=["#research"]).read()
    assert "nobody may read both" in skipped.reason
    thread(slack, "#research")
    [document] = Sitting(slack, database, tmp_path, audience=["ana@heron.example"]).read()
    assert document.audience == Audience(principals=frozenset({"ana@heron.example"}))


def test_a_shared_channel_is_read_for_our_members_where_that_is_set(
    slack: Workspace, database: Database, tmp_path: Path
) -> None:
    root = slack.say("ana", "#partners", ASKED)
    slack.react("ana", "#partners", slack.say("mallory", "#partners", REPLY, root), OK)
    other = slack.say("mallory", "#partners", "Where are the logs of the 7B run?")
    slack.react("ana", "#partners", slack.say("ana", "#partners", "Under /mnt.", other), OK)
    [skipped] = Sitting(slack, database, tmp_path, channels=["partners"]).read()
    assert "shared with another organisation" in skipped.reason
    allowed = Sitting(slack, database, tmp_path, channels=["partners"], shared_channels=True)
    assert allowed.read() == []  # a stranger asked, or answered
    mine = slack.say("ana", "#partners", "Which node is the login node of heron?")
    slack.invite("ben", "#partners")
    slack.react("ana", "#partners", slack.say("ben", "#partners", "It is heron-01.", mine), OK)
    [document] = allowed.read()
    assert document.audience == Audience(principals=frozenset({f"#{slack.channel('partners').id}"}))


def test_pv_06_secrets_are_taken_out_of_titles_and_texts(slack: Workspace, sitting: Sitting) -> None:
    key = "hf_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3z"
    thread(slack, asked=f"Why is the token {key} refused by the hub?", reply=f"It expired: {key} is old.")
    [document] = sitting.read()
    assert key not in document.title + document.text
    assert document.redactions >= 3


def test_changed_settings_read_everything_again(slack: Workspace, sitting: Sitting) -> None:
    thread(slack)
    sitting.read()
    rules = {**sitting.source.options, "accepted_by": ("heart",)}
    sitting.source = replace(sitting.source, options=rules)
    [gone] = sitting.read()
    assert isinstance(gone, Withheld)
