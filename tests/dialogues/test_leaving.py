"""SP-30: the app is uninstalled, and perhaps installed again."""

import pytest
from sqlalchemy import func, select

from bot.journal.everything import UNINSTALLED
from bot.journal.tables import audit, inbox, outbox, questions
from bot.workspace import Workspace
from tests.dialogues.conftest import Knowledge, Lore, at_work

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


@pytest.mark.parametrize("revoked_first", [False, True])
def test_sp30_what_the_journal_held_is_gone_and_the_app_installed_again_is_clean(
    slack: Workspace, knowledge: Knowledge, revoked_first: bool
) -> None:
    with at_work(slack, knowledge) as lore:
        assert "41 minutes" in lore.reply("#general", lore.mention("ben", "#general", DRILL))
        assert all(rows(lore).values())
        slack.uninstall(revoked_first)
        slack.wait_for(lambda: all(each.acked for each in slack.ledger.envelopes))
        assert rows(lore) == {"inbox": 0, "outbox": 0, "questions": 0}
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
