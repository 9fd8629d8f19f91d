"""Threads of Slack as a source: answered ones are cited with a link, within their channel's readers, and are
gone at once when their words are."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.delivery import slack_client
from bot.journal.hooks import wanted_syncs
from bot.journal.tables import audit
from bot.wiring import Knowledge, open_knowledge
from bot.workspace import Workspace
from ingest.report import SyncReport
from ingest.sources import Source
from knowledge.audience import EVERYONE, Audience
from tests.dialogues.conftest import Share
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.dialogues.small_wiki import open_in, with_an_empty_journal, without_an_index
from tests.fakes import HashEmbedder

OK, OUT = "white_check_mark", "no_entry"
ASKED = "How many GPUs does the Kestrel pretraining run need?"
REPLY = "The Kestrel pretraining run needs 96 GPUs, twelve nodes of the heron cluster."
NINETY_SIX = "96 GPUs"

Opening = Callable[..., Any]


def source(*channels: str, audience: Audience = EVERYONE, **options: Any) -> Source:
    usual = {
        "since": 365,
        "answered": "reaction",
        "accepted_by": (OK,),
        "taken_out_by": (OUT,),
        "experts_only": False,
        "shared_channels": False,
    }
    return Source(
        "threads", "slack", Path(), audience, "practice", options={"channels": channels, **usual, **options}
    )


@pytest.fixture
def opening(slack: Workspace, tmp_path: Path, synced: Path, share: Share) -> Opening:
    """Lore at work over the wiki and a source of threads."""
    shutil.copytree(synced, tmp_path, dirs_exist_ok=True)
    share(tmp_path)
    bare = open_in(tmp_path)
    with_an_empty_journal(bare)
    settings = bare.settings
    bare.close()

    @contextmanager
    def open_with(of: Source) -> Iterator[Lore]:
        knowledge = open_knowledge(
            replace(settings, sources=(*settings.sources, of)),
            HashEmbedder(dimension=256),
            lambda: datetime.now(UTC),
            slack=slack_client(slack.bot_token, slack.api_url),
        )
        try:
            with at_work(slack, without_an_index(knowledge)) as lore:
                yield lore
        finally:
            knowledge.close()

    return open_with


def synced_now(knowledge: Knowledge, **more: Any) -> SyncReport:
    return knowledge.syncer.sync(knowledge.settings.sources, only=frozenset({"threads"}), **more)


def answered(slack: Workspace, channel: str, asked: str = ASKED, reply: str = REPLY) -> tuple[str, str]:
    """Ben asks, Ana replies, Ben accepts; the ts of both."""
    root = slack.say("ben", channel, asked)
    said = slack.say("ana", channel, reply, root)
    slack.react("ben", channel, said, OK)
    return root, said


def ask(lore: Lore, person: str = "chloe", channel: str = "#general", text: str = ASKED) -> dict[str, Any]:
    """Lore's whole reply to somebody."""
    asked = lore.mention(person, channel, text)
    return lore.replies(channel, asked)[-1]


def heard(lore: Lore) -> None:
    """Everything that happened until now has been acknowledged."""
    lore.slack.wait_for(lambda: all(one.acked for one in lore.slack.ledger.events()))


def links(said: Any) -> list[str]:
    """All addresses in blocks."""
    if isinstance(said, dict):
        own = [said["url"]] if isinstance(said.get("url"), str) else []
        return own + [url for value in said.values() for url in links(value)]
    return [url for one in said for url in links(one)] if isinstance(said, list) else []


def test_an_accepted_answer_is_given_to_another_person_with_a_link_to_the_thread(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        root, _ = answered(lore.slack, "#general")
        lore.slack.say("ben", "#general", "What is for lunch today, anyone?")
        report = synced_now(lore.knowledge)
        assert (report.added, report.failed) == (1, ())
        said = ask(lore)
        assert NINETY_SIX in words(said)
        assert "Accepted answer by ana" in words(said)
        channel = lore.slack.channel("#general").id
        told = slack_client(lore.slack.bot_token, lore.slack.api_url).chat_getPermalink(
            channel=channel, message_ts=root
        )
        assert told["permalink"] in links(said["blocks"])


def test_the_channel_is_told_once_and_a_second_sync_reads_nothing(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        synced_now(lore.knowledge)
        [told] = lore.replies("#small", None)
        assert "/lore threads off" in words(told)
        answered(
            lore.slack, "#small", "Where are the Kestrel logs kept?", "The Kestrel logs are on /mnt/kestrel."
        )
        assert synced_now(lore.knowledge).added == 1
        before = lore.slack.ledger.calls_of("conversations.replies")
        report = synced_now(lore.knowledge)
        assert (report.added, report.changed, report.kept) == (0, 0, 2)
        assert len(lore.slack.ledger.calls_of("conversations.replies")) == len(before)
        assert lore.is_quiet("#small", None, 1)


def test_a_dry_run_tells_nobody_and_keeps_nothing(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        made = lore.knowledge.syncer.planned(lore.knowledge.settings.sources)
        [of_threads] = [one for one in made.sources if one.name == "threads"]
        assert len(of_threads.add) == 1
        assert lore.is_quiet("#small", None, 0)


def test_a_private_channel_answers_its_members_alone(opening: Opening) -> None:
    with opening(source("#leads")) as lore:
        answered(lore.slack, "#leads")
        synced_now(lore.knowledge)
        assert NINETY_SIX not in words(ask(lore))
        assert NINETY_SIX in words(ask(lore, "ana", lore.slack.dm("ana")))
        assert NINETY_SIX in words(ask(lore, "ben", "#leads"))
        assert NINETY_SIX not in words(ask(lore, "chloe", "#pair"))


def test_a_thread_is_never_for_more_people_than_its_source(opening: Opening) -> None:
    with opening(source("#general", audience=Audience(principals=frozenset({"#leads"})))) as lore:
        answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        assert NINETY_SIX not in words(ask(lore))
        assert NINETY_SIX in words(ask(lore, "ana", "#leads"))


def test_a_channel_that_is_shared_with_others_is_denied(opening: Opening) -> None:
    with opening(source("#partners")) as lore:
        root = lore.slack.say("ana", "#partners", ASKED)
        said = lore.slack.say("mallory", "#partners", REPLY, root)
        lore.slack.react("ana", "#partners", said, OK)
        report = synced_now(lore.knowledge)
        assert report.added == 0
        assert "shared with another organisation" in report.failed[0].reason
        assert NINETY_SIX not in words(ask(lore, "ana"))


def test_a_channel_that_becomes_shared_is_denied_at_once(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        synced_now(lore.knowledge)
        assert NINETY_SIX in words(ask(lore))
        lore.slack.share_channel("#small")
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1


def test_in_15_a_channel_that_turns_private_is_its_members_at_once(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        synced_now(lore.knowledge)
        assert NINETY_SIX in words(ask(lore))
        lore.slack.make_private("#small")
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        synced_now(lore.knowledge)
        assert NINETY_SIX not in words(ask(lore))
        assert NINETY_SIX in words(ask(lore, "ana", lore.slack.dm("ana")))


def test_an_edited_answer_is_hidden_at_once_and_comes_back_as_it_is_now(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        assert NINETY_SIX in words(ask(lore))
        lore.slack.edit("ana", "#general", said, REPLY.replace("96", "128"))
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        with lore.knowledge.database.reading() as connection:
            assert connection.execute(select(wanted_syncs.c.source)).scalars().all() == ["threads"]
        assert synced_now(lore.knowledge).changed == 1
        assert "128 GPUs" in words(ask(lore))


@pytest.mark.parametrize("which", ["root", "reply"])
def test_in_15_a_deleted_message_is_gone_at_once_and_for_good(opening: Opening, which: str) -> None:
    with opening(source("#general")) as lore:
        root, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        assert NINETY_SIX in words(ask(lore))
        lore.slack.delete("#general", root if which == "root" else said)
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1
        assert NINETY_SIX not in words(ask(lore))


def test_in_15_what_is_deleted_while_an_answer_is_made_is_not_quoted(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)

        def it_goes() -> None:
            lore.answers.after = lambda: None
            lore.slack.delete("#general", said)
            heard(lore)

        lore.answers.after = it_goes
        assert NINETY_SIX not in words(ask(lore))


def test_what_was_deleted_stays_hidden_when_an_older_version_is_put_back(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        version = synced_now(lore.knowledge).version
        lore.slack.delete("#general", said)
        heard(lore)
        assert synced_now(lore.knowledge).removed == 1
        lore.knowledge.syncer.roll_back(version, lore.knowledge.settings.sources)
        assert NINETY_SIX not in words(ask(lore))


def test_what_was_deleted_while_lore_was_away_is_found(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        lore.bot.stop()
        lore.slack.delete("#general", said)
        assert synced_now(lore.knowledge).removed == 1


def test_an_acceptance_that_is_taken_back_takes_the_answer_back(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        lore.slack.unreact("ben", "#general", said, OK)
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1
        lore.slack.react("ben", "#general", said, OK)
        heard(lore)
        assert synced_now(lore.knowledge).added == 1
        assert NINETY_SIX in words(ask(lore))


def test_a_thread_is_taken_out_with_a_reaction_and_comes_back_without_it(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        _, said = answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        lore.slack.react("ana", "#general", said, OUT)
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1
        lore.slack.unreact("ana", "#general", said, OUT)
        heard(lore)
        assert synced_now(lore.knowledge).added == 1
        assert NINETY_SIX in words(ask(lore))


def test_who_opts_out_is_left_out_at_once_until_they_say_otherwise(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        lore.slack.slash("ana", "#small", "/lore", "threads off")
        assert "left out" in words(lore.private_reply("ana", "#small"))
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1
        lore.slack.slash("ana", "#small", "/lore", "threads")
        assert "left out" in words(lore.private_reply("ana", "#small", 2))
        lore.slack.slash("ana", "#small", "/lore", "threads on")
        lore.private_reply("ana", "#small", 3)
        assert synced_now(lore.knowledge).added == 1
        assert NINETY_SIX in words(ask(lore))
        with lore.knowledge.database.reading() as connection:
            acts = connection.execute(select(audit.c.action)).scalars().all()
        assert [one for one in acts if one.startswith("threads")] == ["threads off", "threads on"]


def test_whose_account_is_deactivated_is_left_out_at_once(opening: Opening) -> None:
    with opening(source("#general")) as lore:
        answered(lore.slack, "#general")
        synced_now(lore.knowledge)
        lore.slack.change_person("ana", deleted=True)
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        assert synced_now(lore.knowledge).removed == 1


def test_a_renamed_channel_moves_nothing(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        synced_now(lore.knowledge)
        lore.slack.rename_channel("#small", "tiny")
        heard(lore)
        report = synced_now(lore.knowledge)
        assert (report.added, report.changed, report.moved, report.removed, report.kept) == (0, 0, 0, 0, 1)
        assert NINETY_SIX in words(ask(lore))


@pytest.mark.parametrize("how", ["kicked", "deleted"])
def test_a_channel_that_is_lost_is_gone_at_once(opening: Opening, how: str) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        synced_now(lore.knowledge)
        if how == "kicked":
            lore.slack.kick("lore", "#small")
        else:
            lore.slack.delete_channel("#small")
        heard(lore)
        assert NINETY_SIX not in words(ask(lore))
        report = synced_now(lore.knowledge)
        assert report.removed == 1
        if how == "kicked":
            lore.slack.invite("lore", "#small")
            heard(lore)
            assert synced_now(lore.knowledge).added == 1
            assert NINETY_SIX in words(ask(lore))


def test_an_archived_channel_is_read_on(opening: Opening) -> None:
    with opening(source("#small")) as lore:
        answered(lore.slack, "#small")
        lore.slack.archive("#small")
        assert synced_now(lore.knowledge).added == 1
        assert NINETY_SIX in words(ask(lore))
