"""What people said in stand-ups is found by those whom they let find it, dated and attributed, and by no one
else, from the moment they say so."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.blocks.citations import OPEN_PASSAGE
from bot.journal import occurrences, rituals
from bot.journal.entries import WITHDRAWN, Entry
from bot.journal.rituals import Ritual
from bot.journal.standup_pages import StandupPage
from bot.rituals.giving import give
from bot.standup_source import SOURCE, document
from bot.wiring import Knowledge
from bot.workspace import Workspace
from prompts.ritual import Consent, Prompt, ReplyKind, Role, Standup
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import FakeClock

DAY = date(2026, 2, 26)
PROMPTS = (
    Prompt("done", "What did you do?", role=Role.DONE),
    Prompt("plan", "What is next?", role=Role.PLAN),
    Prompt("mood", "How are you?", ReplyKind.SCALE),
)
DECIDED = "We decided that the tokenizer keeps 32000 merges for the 7B run."
ASKED = "what did we decide about the tokenizer merges?"
KEY = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f"


@pytest.fixture
def lore(slack: Workspace, own_knowledge: Knowledge, clock: FakeClock) -> Iterator[Lore]:
    with at_work(slack, own_knowledge, clock=clock) as lore:
        yield lore


@pytest.fixture
def daily(lore: Lore) -> Ritual:
    """A stand-up of Ana and Ben, with an occurrence; it is never due by itself."""
    ana, ben = (lore.slack.person(name).id for name in ("ana", "ben"))
    settings = Standup(
        "Research daily", (ana, ben), PROMPTS, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", time(9, 0)
    )
    ritual = Ritual(settings, owner=ana, id="daily")
    with lore.knowledge.database.writing() as connection:
        rituals.put(connection, ritual, 1.0)
        made = occurrences.plan(connection, "daily", DAY, settings, (ben, ana), 1.0, 2.0)
        assert made is not None
        occurrences.move(connection, made, occurrences.CLOSED, 2.0)
    return ritual


def enter(
    lore: Lore, done: str, consent: Consent, state: str = "given", person: str = "ana", **more: str
) -> None:
    who = lore.slack.person(person).id
    entry = Entry("daily", DAY, who, state, {"done": done, **more}, consent)
    with lore.knowledge.database.writing() as connection:
        give(connection, entry, datetime(2026, 2, 26, 9, tzinfo=UTC).timestamp())
    wake(lore)
    lore.settle()


def ask(lore: Lore, person: str, question: str = ASKED) -> str:
    """What this person is answered in a direct message."""
    dm = lore.slack.dm(person)
    said = lore.reply(dm, lore.slack.say(person, dm, question))
    lore.settle()
    return said


def chunks(lore: Lore) -> set[str]:
    """Ids of the documents of stand-ups in the published index."""
    index = lore.knowledge.generations.current()
    keys = lore.knowledge.store.audience_keys(index.version)
    [vector] = lore.knowledge.embedder.embed(["tokenizer"])
    ids = {hit.id for hit in index.dense(vector, keys, 100)}
    found = super(type(lore.knowledge.store), lore.knowledge.store).passages(list(ids))
    return {one.document_id for one in found.values() if one.source == SOURCE}


def test_what_the_team_may_find_is_found_by_it_dated_and_attributed(lore: Lore, daily: Ritual) -> None:
    enter(lore, DECIDED, Consent.TEAM)
    said = ask(lore, "ben")
    assert DECIDED in said
    assert "ana, Research daily of 26 Feb 2026" in said
    assert DECIDED not in ask(lore, "chloe")
    said = lore.reply("#general", lore.mention("ben", "#general", ASKED))
    assert DECIDED not in said


def test_what_everybody_may_find_is_found_by_everybody(lore: Lore, daily: Ritual) -> None:
    enter(lore, DECIDED, Consent.EVERYONE)
    assert DECIDED in ask(lore, "chloe")
    assert DECIDED in lore.reply("#general", lore.mention("chloe", "#general", ASKED))
    assert DECIDED not in ask(lore, "gus")


def test_what_nobody_may_find_is_not_even_in_the_index(lore: Lore, daily: Ritual) -> None:
    enter(lore, DECIDED, Consent.NOBODY)
    assert DECIDED not in ask(lore, "ana")
    assert chunks(lore) == set()


def test_t50_what_was_withdrawn_is_gone_from_answers_and_index_and_its_sources_do_not_open(
    lore: Lore, daily: Ritual
) -> None:
    enter(lore, DECIDED, Consent.EVERYONE)
    dm = lore.slack.dm("chloe")
    [answer] = lore.replies(dm, lore.slack.say("chloe", dm, ASKED))
    assert DECIDED in words(answer)
    assert "Open passage" in str(answer["blocks"])
    assert lore.slack.click("chloe", dm, answer["ts"], OPEN_PASSAGE).ok
    [view] = lore.slack.views_open("chloe")
    assert DECIDED in words(view)
    lore.slack.close_view("chloe", view["id"])
    enter(lore, "", Consent.EVERYONE, WITHDRAWN)
    assert DECIDED not in ask(lore, "chloe")
    assert chunks(lore) == set()
    assert lore.slack.click("chloe", dm, answer["ts"], OPEN_PASSAGE).ok
    [view] = lore.slack.views_open("chloe")
    assert DECIDED not in words(view)


def test_t49_what_was_edited_is_found_in_its_new_words_alone(lore: Lore, daily: Ritual) -> None:
    enter(lore, DECIDED, Consent.TEAM)
    assert DECIDED in ask(lore, "ben")
    enter(lore, DECIDED.replace("32000", "48000"), Consent.TEAM)
    said = ask(lore, "ben")
    assert "48000" in said
    assert "32000" not in said


def test_secrets_moods_and_markup_of_an_entry_are_not_found(lore: Lore, daily: Ritual) -> None:
    enter(lore, f"# {DECIDED}\nThe key is {KEY}", Consent.TEAM, mood="4")
    ana = lore.slack.person("ana").id
    document = lore.knowledge.store.document(f"standups/daily/{DAY}/{ana}")
    assert document is not None
    assert KEY not in document.text
    assert "How are you?" not in document.text
    assert document.owner == ana
    assert document.title == "ana, Research daily of 26 Feb 2026"
    assert DECIDED in ask(lore, "ben")


@pytest.mark.parametrize(
    "typed",
    [
        "Validation loss < 5 ms & > 3",
        "p95 <4 ms>, as A<B> says, and &lt; is how HTML writes <",
        "```\nif a < b && c > d: <https://evil.example|stop>\n```",
    ],
)
def test_t62_what_was_typed_in_a_form_is_found_as_it_was_typed(typed: str) -> None:
    settings = Standup("Research daily", ("UANA000000",), PROMPTS, "FREQ=DAILY", time(9, 0))
    entry = Entry("daily", DAY, "UANA000000", replies={"done": typed})
    [body] = document(StandupPage(entry, settings, (), {})).text.split("\n\n", 1)[1:]
    assert body == typed


def test_people_who_are_named_in_an_entry_are_called_by_their_names() -> None:
    settings = Standup("Research daily", ("UANA000000",), PROMPTS, "FREQ=DAILY", time(9, 0))
    said = "Waits for <@UBEN000000> and <@UNOBODY000|ann>, loss < 2 & > 1"
    entry = Entry("daily", DAY, "UANA000000", replies={"done": said})
    found = document(StandupPage(entry, settings, (), {"UBEN000000": "ben <b>"}))
    assert found.text.endswith("Waits for @ben <b> and @somebody, loss < 2 & > 1")


def test_what_was_said_of_today_is_marked_as_of_its_day(lore: Lore, daily: Ritual) -> None:
    enter(lore, "What we decided today about the tokenizer merges: we keep 32000 merges.", Consent.TEAM)
    said = ask(lore, "ben")
    assert "“today” in “ana, Research daily of 26 Feb 2026” was said of 26 February 2026" in said


def test_an_early_entry_is_found_by_the_last_team_until_its_own_is_known(lore: Lore, daily: Ritual) -> None:
    ana, chloe = (lore.slack.person(name).id for name in ("ana", "chloe"))
    tomorrow = DAY + timedelta(days=1)
    with lore.knowledge.database.writing() as connection:
        give(connection, Entry("daily", tomorrow, ana, replies={"done": DECIDED}), 9e8)
    wake(lore)
    lore.settle()
    assert DECIDED in ask(lore, "ben")
    with lore.knowledge.database.writing() as connection:
        occurrences.plan(connection, "daily", tomorrow, daily.settings, (ana, chloe), 1.0, 2.0)
    assert DECIDED not in ask(lore, "ben")


def wake(lore: Lore) -> None:
    """Let what was put into the inbox by hand be taken from it now."""
    lore.bot.delivery.wake()


# without a bot: nothing follows, so what is hidden is hidden by itself


@pytest.fixture
def entered(own_knowledge: Knowledge) -> Knowledge:
    """An entry of Ana's for everyone, in the index."""
    settings = Standup(
        "Research daily", ("UANA000000",), PROMPTS, "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24", time(9, 0)
    )
    with own_knowledge.database.writing() as connection:
        rituals.put(connection, Ritual(settings, "UANA000000", id="daily"), 1.0)
        occurrences.plan(connection, "daily", DAY, settings, ("UANA000000", "UBEN000000"), 1.0, 2.0)
        entry = Entry("daily", DAY, "UANA000000", replies={"done": DECIDED}, consent=Consent.EVERYONE)
        give(connection, entry, 1.0)
    own_knowledge.index_saved(own_knowledge.settings.sources)
    assert found(own_knowledge, "everyone") == [DECIDED]
    return own_knowledge


def found(knowledge: Knowledge, *keys: str) -> list[str]:
    """What an answer for these audiences quotes from stand-ups."""
    outcome = knowledge.answerer.answer(ASKED, frozenset(keys))
    passages = [one.chunk.text for one in outcome.passages if one.source == SOURCE]
    return [DECIDED for text in passages if DECIDED in text]


@pytest.mark.parametrize(
    "change",
    [
        Entry("daily", DAY, "UANA000000", WITHDRAWN),
        Entry("daily", DAY, "UANA000000", replies={"done": DECIDED}, consent=Consent.NOBODY),
        Entry("daily", DAY, "UANA000000", replies={"done": DECIDED}, consent=Consent.TEAM),
        Entry("daily", DAY, "UANA000000", replies={"done": "Something else"}, consent=Consent.EVERYONE),
    ],
    ids=["withdrawn", "for nobody", "for the team", "edited"],
)
def test_t50_what_may_not_be_shown_is_hidden_before_the_index_follows(
    entered: Knowledge, change: Entry
) -> None:
    store, document = entered.store, f"standups/daily/{DAY}/UANA000000"
    assert store.current_audience(document) == "everyone"
    with entered.database.writing() as connection:
        give(connection, change, 2.0)
    everybody = store.audience_keys(store.published())
    assert found(entered, *everybody) == []
    assert store.current_audience(document) is None
    entered.index_saved(entered.settings.sources)
    now = store.current_audience(document)
    if change.consent is Consent.TEAM and change.replies:
        assert now == '["UANA000000", "UBEN000000"]'
        assert found(entered, str(now)) == [DECIDED]
    assert found(entered, "everyone") == []


def test_a_renamed_stand_up_hides_nothing(entered: Knowledge) -> None:
    with entered.database.writing() as connection:
        known = rituals.ritual(connection, "daily")
        assert known is not None
        rituals.put(connection, replace(known, settings=replace(known.settings, name="Weekly")), 3.0)
    assert found(entered, "everyone") == [DECIDED]
