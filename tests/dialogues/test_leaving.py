"""SP-30: the app is uninstalled, and perhaps installed again."""

import pytest
from sqlalchemy import func, select

from bot.journal.everything import FORGET_SLACK, UNINSTALLED
from bot.journal.saved_pages import SavedPage, put_page
from bot.journal.tables import audit, inbox, outbox, questions
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.audience import EVERYONE
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore

DRILL = "how long did the restore drill take for the 7B run?"


def rows(lore: Lore) -> dict[str, int]:
    with lore.knowledge.database.reading() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (inbox, outbox, questions)
        }


def uninstalls(lore: Lore) -> int:
    with lore.knowledge.database.reading() as connection:
        found = select(func.count()).where(audit.c.action == UNINSTALLED)
        return int(connection.execute(found).scalar_one())


def forgotten(lore: Lore) -> bool:
    """Whether what came from Slack was taken out of the index."""
    with lore.knowledge.database.reading() as connection:
        done = select(inbox.c.id).where(inbox.c.kind == FORGET_SLACK, inbox.c.state == "done")
        return connection.execute(done).first() is not None


def test_sp30_what_people_wrote_in_slack_leaves_the_index_with_the_app(
    slack: Workspace, own_knowledge: Knowledge
) -> None:
    page = SavedPage("zebras.md", "Zebras", "They are in the north stable.", EVERYONE.key, "U1", id="p1")
    with own_knowledge.database.writing() as connection:
        put_page(connection, page, now=1.0)
    own_knowledge.index_saved(own_knowledge.settings.sources)
    sources = own_knowledge.store.searched(own_knowledge.store.published(), frozenset({EVERYONE.key})).sources
    assert set(sources) == {"wiki", "saved"}
    with at_work(slack, own_knowledge) as lore:
        slack.uninstall()
        slack.wait_for(lambda: forgotten(lore))
    sources = own_knowledge.store.searched(own_knowledge.store.published(), frozenset({EVERYONE.key})).sources
    assert set(sources) == {"wiki"}


@pytest.mark.parametrize("revoked_first", [False, True])
def test_sp30_what_the_journal_held_is_gone_and_the_app_installed_again_is_clean(
    slack: Workspace, knowledge: Knowledge, revoked_first: bool
) -> None:
    with at_work(slack, knowledge) as lore:
        assert "41 minutes" in lore.reply("#general", lore.mention("ben", "#general", DRILL))
        assert all(rows(lore).values())
        slack.uninstall(revoked_first)
        slack.wait_for(lambda: all(each.acked for each in slack.ledger.envelopes))
        lore.slack.wait_for(lambda: forgotten(lore))
        assert rows(lore) == {"inbox": 1, "outbox": 0, "questions": 0}, "that it forgets is all it knows"
        assert uninstalls(lore) == 1
    slack.reinstall()
    with at_work(slack, knowledge) as lore:
        ts = lore.mention("ben", "#general", DRILL)
        assert "41 minutes" in lore.reply("#general", ts)
        assert rows(lore)["questions"] == 1


def test_sp30_the_journal_can_be_kept(slack: Workspace, knowledge: Knowledge) -> None:
    with at_work(slack, knowledge, forget_when_uninstalled=False) as lore:
        lore.reply("#general", lore.mention("ben", "#general", DRILL))
        slack.uninstall()
        slack.wait_for(lambda: all(each.acked for each in slack.ledger.envelopes))
        assert rows(lore)["questions"] == 1
        assert uninstalls(lore) == 1


def test_sp30_a_revoked_token_alone_and_other_workspaces_forget_nothing(lore: Lore) -> None:
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    lore.slack.tell_app({"type": "tokens_revoked", "tokens": {"oauth": ["U1"], "bot": ["U2"]}})
    lore.slack.tell_app({"type": "tokens_revoked", "tokens": None})
    elsewhere = lore.slack.tell_app({"type": "app_uninstalled"}, team_id="T0ELSEWHERE")
    assert elsewhere["team_id"] == "T0ELSEWHERE"
    lore.slack.wait_for(lambda: all(each.acked for each in lore.slack.ledger.envelopes))
    assert rows(lore)["questions"] == 1
    assert uninstalls(lore) == 0
