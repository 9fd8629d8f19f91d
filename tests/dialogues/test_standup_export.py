"""Taking entries away: everybody their own, owners their team's; a file, or text where there is no scope."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli.app import app
from bot.journal import audits, rituals
from bot.journal.entries import SKIPPED, WITHDRAWN, Entry
from bot.journal.rituals import Ritual
from bot.rituals.giving import give
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.errors import SettingsError
from prompts.ritual import Consent, Prompt, Role, Standup
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import MONDAY, FakeClock

DAY = date(2026, 3, 2)


@pytest.fixture
def lore(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, knowledge, clock=clock) as lore:
        yield lore


@pytest.fixture
def daily(lore: Lore) -> Ritual:
    """A stand-up that Ana looks after, with a day's entries of Ana, Ben and Chloe."""
    ana, ben, chloe = (lore.slack.person(name).id for name in ("ana", "ben", "chloe"))
    prompts = (Prompt("done", "What did you do?", role=Role.DONE), Prompt("plan", "What is next?"))
    settings = Standup("Daily", (ana, ben, chloe), prompts, "FREQ=DAILY", time(9, 0))
    ritual = Ritual(settings, owner=ana, id="daily")
    other = Ritual(Standup("Weekly", (ben,), prompts, "FREQ=WEEKLY", time(9, 0)), owner=ben, id="weekly")
    now = MONDAY.timestamp()
    with lore.knowledge.database.writing() as connection:
        for one in (ritual, other):
            rituals.put(connection, one, now)
        give(connection, Entry("daily", DAY, ana, replies={"done": "Reviewed", "plan": "Rest"}), now)
        give(connection, Entry("daily", DAY, ben, replies={"done": "=1+1"}, consent=Consent.NOBODY), now)
        give(connection, Entry("daily", DAY, chloe, replies={"done": "A secret"}), now)
        give(connection, Entry("daily", DAY, chloe, state=WITHDRAWN), now)
        skipped = Entry("daily", DAY - timedelta(days=1), ben, state=SKIPPED, reason="At the dentist")
        give(connection, skipped, now)
        give(connection, Entry("weekly", DAY, ben, replies={"done": "All week"}), now)
    return ritual


def export(lore: Lore, person: str, text: str = "") -> str:
    """What is sent to a person who exports, as a file's text."""
    dm = lore.slack.dm(person)
    before = len(lore.slack.said_by_app(dm))
    lore.slack.slash(person, "#general", "/standup", f"export {text}".strip())
    lore.private_reply(person, "#general")
    lore.settle()
    sent = [one for one in lore.slack.said_by_app(dm)[before:] if one.get("files")]
    if not sent:
        return ""
    [file] = sent[0]["files"]
    return lore.slack.team.files[file["id"]].data.decode("utf-8-sig")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def acts(lore: Lore) -> list[tuple[str, str, bool]]:
    with lore.knowledge.database.reading() as connection:
        found = audits.newest(connection, 50, 0.0)
    return [(one.person, one.subject, one.allowed) for one in found if one.action == "standup_export"]


def test_everybody_takes_their_own_entries_away(lore: Lore, daily: Ritual) -> None:
    found = rows(export(lore, "ben"))
    assert [(one["stand-up"], one["date"], one["state"], one["reply"]) for one in found] == [
        ("Daily", "2026-03-01", "skipped", "At the dentist"),
        ("Daily", "2026-03-02", "given", "'=1+1"),
        ("Weekly", "2026-03-02", "given", "All week"),
    ]
    assert {one["name"] for one in found} == {"ben"}
    assert acts(lore) == [(lore.slack.person("ben").id, lore.slack.person("ben").id, True)]


def test_an_owner_takes_the_teams_without_what_was_withdrawn_and_why_somebody_skipped(
    lore: Lore, daily: Ritual
) -> None:
    told = json.loads(export(lore, "ana", "daily json"))["entries"]
    shown = [(one["name"], one["state"], [each["reply"] for each in one["replies"]]) for one in told]
    assert shown == [
        ("ben", "skipped", []),
        ("ana", "given", ["Reviewed", "Rest"]),
        ("ben", "given", ["=1+1"]),
    ]
    assert all(one["reason"] == "" for one in told)
    assert "secret" not in json.dumps(told)
    assert acts(lore) == [(lore.slack.person("ana").id, "daily", True)]


def test_who_does_not_look_after_a_stand_up_gets_their_own_of_it(lore: Lore, daily: Ritual) -> None:
    found = rows(export(lore, "ben", "Daily"))
    assert {one["name"] for one in found} == {"ben"}
    assert {one["stand-up"] for one in found} == {"Daily"}


@pytest.mark.parametrize("name", ["Weekly", "Nothing of this name"])
def test_what_is_not_ones_own_is_as_if_it_were_not_there(lore: Lore, daily: Ritual, name: str) -> None:
    assert export(lore, "chloe", name) == ""
    assert "nothing to export" in words(lore.private_reply("chloe", "#general"))
    assert acts(lore) == [(lore.slack.person("chloe").id, name, False)]


def test_t50_what_was_withdrawn_is_in_no_export(lore: Lore, daily: Ritual) -> None:
    assert export(lore, "chloe") == ""
    assert "A secret" not in export(lore, "ana", "daily")


def test_without_the_scope_the_same_stands_in_the_direct_message_as_text(lore: Lore, daily: Ritual) -> None:
    lore.slack.team.app.scopes.remove("files:write")
    assert export(lore, "ben") == ""
    said = "\n".join(words(one) for one in lore.slack.said_by_app(lore.slack.dm("ben")))
    assert "All week" in said
    assert "'=1+1" in said
    assert "files:write" not in said


def test_guests_take_nothing_away(lore: Lore, daily: Ritual) -> None:
    lore.slack.slash("gus", "#visitors", "/standup", "export Daily")
    lore.private_reply("gus", "#visitors")
    assert lore.slack.said_by_app(lore.slack.dm("gus")) == []
    assert acts(lore) == []


def test_a_failing_upload_ends_in_text(lore: Lore, daily: Ritual) -> None:
    lore.slack.faults.error("files.getUploadURLExternal", "internal_error", times=None)
    assert export(lore, "ben") == ""
    assert "All week" in "\n".join(words(one) for one in lore.slack.said_by_app(lore.slack.dm("ben")))


@pytest.fixture
def command_line(lore: Lore, daily: Ritual, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`lore standups …` over the same database."""
    settings = lore.knowledge.settings
    data = settings.data_dir
    config = data.parent / "lore.toml"
    config.write_text("")
    monkeypatch.setenv("LORE_CONFIG", str(config))
    monkeypatch.setenv("LORE_DATA_DIR", str(data))
    if settings.database_url:
        monkeypatch.setenv("DATABASE_URL", settings.database_url)

    def run(*arguments: str) -> str:
        done = CliRunner().invoke(app, ["standups", *arguments], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    yield run
    config.unlink()


def test_the_command_line_exports_a_stand_up_or_a_person(lore: Lore, command_line: Any) -> None:
    ben = lore.slack.person("ben").id
    assert {one["reply"] for one in rows(command_line("export", "daily"))} == {
        "",
        "Reviewed",
        "Rest",
        "'=1+1",
    }
    theirs = json.loads(command_line("export", "--person", ben, "--format", "json"))["entries"]
    assert [one["standup"] for one in theirs] == ["Daily", "Daily", "Weekly"]
    with pytest.raises(SettingsError, match="there are: Daily, Weekly"):
        command_line("export", "Monthly")
