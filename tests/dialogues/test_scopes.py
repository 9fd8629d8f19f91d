"""A scope that is missing while the bot runs: admins are told once, everything else goes on (OP-07)."""

from tests.dialogues.lore import Lore, words
from tests.dialogues.test_audiences import BUDGET
from tests.dialogues.test_commands import DRILL


def test_op07_admins_are_told_once_what_lacks_and_how_to_mend_it(lore: Lore) -> None:
    lore.slack.team.app.scopes.remove("users:read.email")
    lore.reply("#leads", lore.mention("ben", "#leads", BUDGET))
    dm = lore.slack.dm("ana")
    [told] = lore.replies(dm, None)
    assert "users:read.email" in words(told)
    assert "people named by e-mail" in words(told)
    assert "install the app again" in words(told)
    lore.reply("#leads", lore.mention("ana", "#leads", BUDGET))
    lore.reply("#general", lore.mention("ben", "#general", DRILL))
    assert lore.is_quiet(dm, None, 1)
    assert lore.slack.said_by_app(lore.slack.dm("ben")) == []


def test_op07_what_the_scope_was_not_for_is_answered(lore: Lore) -> None:
    lore.slack.team.app.scopes.remove("users:read.email")
    assert "41 minutes" in lore.reply("#general", lore.mention("ben", "#general", DRILL))
