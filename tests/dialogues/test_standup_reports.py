"""Reports and summaries of stand-ups, as a team sees them: threads, drafts, late and withdrawn entries."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from bot.blocks.standup_reports import EDIT, POST, POST_PLAIN, REGENERATE, TEXT
from bot.journal import rituals
from bot.journal.entries import SKIPPED, WITHDRAWN, Entry
from bot.journal.rituals import Ritual
from bot.rituals.giving import give
from bot.wiring import Knowledge
from bot.workspace import Workspace
from knowledge.adapters.chat_model import Prompts
from knowledge.adapters.providers import open_chat_model
from knowledge.ports import Summariser
from prompts.ritual import Prompt, ReportForm, Role, Standup, SummaryMode
from prompts.words import template
from tests.dialogues.joined import at_work
from tests.dialogues.lore import Lore, words
from tests.fakes import FakeClock
from tests.prompts.injections import INJECTIONS
from tests.providers.server import Hangs, Reply, Sends, provider, says

DAY = date(2026, 3, 2)
PLACE = "#pair"
DAILY = Standup(
    name="Daily",
    team=("#pair",),
    prompts=(
        Prompt("done", "What did you do?", role=Role.DONE),
        Prompt("plan", "What is next?", role=Role.PLAN),
        Prompt("stuck", "What stops you?", role=Role.BLOCKERS),
    ),
    rule="FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    at=time(9),
    zone="UTC",
    report=PLACE,
    summary=SummaryMode.AUTO,
    reminders=(),
)
ANA = {"done": "Finished the tokenizer ablation: 32k needs 4 % fewer tokens", "plan": "Write it up"}
BEN = {"done": "Compared the tokenizer on code", "stuck": "Waiting for the cluster quota"}


@dataclass
class Team:
    """A stand-up under way, and the hands of its people."""

    lore: Lore
    clock: FakeClock
    ritual: Ritual

    def id(self, name: str) -> str:
        return str(self.lore.slack.person(name).id)

    def gives(self, name: str, replies: dict[str, str], state: str = "given", late: bool = False) -> None:
        entry = Entry(self.ritual.id, DAY, self.id(name), state, replies, late=late)
        with self.lore.knowledge.database.writing() as connection:
            give(connection, entry, self.clock().timestamp())

    def at(self, hour: int, minute: int = 0) -> None:
        """Move to this time; the heart beats a few times, so that what follows from one another is done."""
        moment = datetime.combine(DAY, time(hour, minute), UTC)
        for beat in range(4):
            self.lore.at(self.clock, moment + timedelta(seconds=20 * beat))

    def closes(self) -> None:
        self.at(17, 1)
        self.at(17, 5)

    def in_channel(self) -> list[str]:
        """What stands in the channel itself, in the order in which it was said."""
        return [words(one) for one in self.lore.slack.said_by_app(PLACE, None)]

    def thread(self) -> list[str]:
        """What stands in the thread of the report."""
        [head, *_] = self.lore.slack.said_by_app(PLACE, None)
        return [
            words(one) for one in self.lore.slack.said_by_app(PLACE, head["ts"]) if one["ts"] != head["ts"]
        ]

    def summary(self) -> str:
        return next((one for one in self.in_channel() if " · summary" in one), "")

    def drafts(self, name: str) -> list[dict[str, Any]]:
        """What Lore told somebody about summaries, in the direct message with them."""
        said = self.lore.slack.said_by_app(self.lore.slack.dm(name), None)
        return [one for one in said if "summary" in words(one).lower()]


def links(message: dict[str, Any]) -> list[str]:
    """The addresses to which the lines of a message lead."""
    return [
        part["url"]
        for block in message["blocks"]
        for element in block.get("elements", ())
        for item in element.get("elements", ())
        if isinstance(item, dict)
        for part in item.get("elements", ())
        if part.get("type") == "link"
    ]


@contextmanager
def team(
    slack: Workspace,
    knowledge: Knowledge,
    clock: FakeClock,
    settings: Standup = DAILY,
    summariser: Summariser | None = None,
) -> Iterator[Team]:
    """Ana's stand-up of Ana, Ben and Chloe, open since nine."""
    with at_work(slack, knowledge, clock=clock, summariser=summariser) as lore:
        ritual = Ritual(settings, owner=slack.person("ana").id)
        with knowledge.database.writing() as connection:
            rituals.put(connection, ritual, clock().timestamp())
        made = Team(lore, clock, ritual)
        made.at(8, 50)
        made.at(9)
        yield made


def test_t45_entries_stand_in_one_thread_and_the_head_is_changed_in_place(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock) as daily:
        assert daily.in_channel() == []
        daily.gives("ana", ANA)
        daily.at(9, 5)
        daily.gives("ben", BEN)
        daily.gives("chloe", {"done": "x"})
        daily.at(9, 6)
        [head] = daily.in_channel()
        assert "3 of 3 answered: ana, ben, chloe" in head
        ana, ben, _chloe = daily.thread()
        assert ana.splitlines()[0] == "ana"
        assert "32k needs 4 % fewer tokens" in ana
        assert "cluster quota" in ben


def test_t48_t49_an_edited_entry_is_changed_where_it_stands_and_the_summary_once_after_a_while(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock) as daily:
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.at(9, 5)
        daily.gives("ben", {**BEN, "stuck": "Waiting for the vendor"})
        daily.at(9, 10)
        [_, ben] = daily.thread()
        assert "edited" in ben.splitlines()[1]
        assert "vendor" in ben
        daily.closes()
        assert "Waiting for the vendor" in daily.summary()
        assert "quota" not in daily.summary()
        count = len(daily.in_channel())
        daily.at(17, 30)
        daily.gives("ben", {**BEN, "stuck": "Nothing"})
        daily.at(17, 33)
        assert "Waiting for the vendor" in daily.summary()
        daily.at(17, 36)
        assert "vendor" not in daily.summary()
        assert "Updated" in daily.summary()
        assert len(daily.in_channel()) == count


def test_t50_what_is_withdrawn_is_gone_from_the_thread_and_the_summary(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock) as daily:
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        assert "quota" in daily.summary()
        daily.gives("ben", {}, WITHDRAWN)
        daily.at(17, 6)  # at once, not after a while
        assert "quota" not in json.dumps(slack.messages(PLACE))
        assert "quota" not in daily.summary()
        assert len(daily.thread()) == 1
        assert "1 of 2 answered: ana" in daily.in_channel()[0]


def test_t51_a_late_entry_stands_in_the_same_thread_and_is_marked(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock) as daily:
        daily.gives("ana", ANA)
        daily.closes()
        daily.gives("ben", BEN, late=True)
        daily.at(17, 20)
        assert "late" in daily.thread()[-1].splitlines()[1]
        assert "ben (late)" in daily.in_channel()[0]
        assert "quota" in daily.summary()
        assert "Updated" in daily.summary()
        [head, summary] = slack.said_by_app(PLACE, None)
        late = slack.said_by_app(PLACE, head["ts"])[-1]["ts"].replace(".", "")
        assert any(late in link for link in links(summary)), "it leads to the late entry too"


def test_every_line_of_a_summary_leads_to_its_entries(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock) as daily:
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        [head, summary] = slack.said_by_app(PLACE, None)
        entries = [one for one in slack.said_by_app(PLACE, head["ts"]) if one["ts"] != head["ts"]]
        linked = links(summary)
        assert linked
        for link in linked:
            assert any(f"/p{one['ts'].replace('.', '')}?thread_ts={head['ts']}" in link for one in entries)
        assert "Waiting for the cluster quota — ben" in "".join(words(summary).splitlines())


@pytest.mark.parametrize("state", ["", SKIPPED])
def test_t58_where_nobody_answered_there_is_one_honest_line(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock, state: str
) -> None:
    with provider(says("{}")) as served:
        model = open_chat_model("openai:m", PROMPTS, api_key="k", base_url=served.url)
        with team(slack, knowledge, clock, replace(DAILY, summary=SummaryMode.DRAFT), model) as daily:
            for name in ("ana", "ben", "chloe") if state else ():
                daily.gives(name, {}, state)
            daily.closes()
            assert ("Everybody skipped" if state else "Nobody answered") in daily.in_channel()[-1]
            assert daily.drafts("ana") == []
        assert served.requests == []


def test_compiled_reports_come_at_the_deadline(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock, replace(DAILY, form=ReportForm.COMPILED)) as daily:
        daily.gives("ana", ANA)
        daily.at(16)
        assert daily.in_channel() == []
        daily.closes()
        assert len(daily.thread()) == 1
        assert "tokenizer ablation" in daily.summary()


def press(daily: Team, name: str, action: str) -> None:
    [draft] = daily.drafts(name)
    assert daily.lore.slack.click(name, daily.lore.slack.dm(name), draft["ts"], action).ok
    daily.lore.settle()


DRAFTED = replace(DAILY, summary=SummaryMode.DRAFT)


def test_a_draft_is_the_leads_until_they_post_it(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock, DRAFTED) as daily:
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        [draft] = daily.drafts("ana")
        assert "Only you see this yet" in words(draft)
        assert "at 19:01" in words(draft)
        assert daily.summary() == ""
        press(daily, "ana", POST)
        daily.at(17, 6)
        assert "Waiting for the cluster quota" in daily.summary()
        assert "posted" in words(daily.drafts("ana")[0])
        daily.at(19, 30)
        assert len(daily.in_channel()) == 2


def test_a_draft_that_nobody_looks_at_is_posted_as_plain(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock, DRAFTED) as daily:
        daily.gives("ana", ANA)
        daily.closes()
        daily.at(18, 59)
        assert daily.summary() == ""
        daily.at(19, 2)
        assert "tokenizer ablation" in daily.summary()


def test_a_leads_own_words_are_marked_and_what_they_leave_keeps_its_links(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with team(slack, knowledge, clock, DRAFTED) as daily:
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        press(daily, "ana", EDIT)
        [view] = slack.views_open("ana")
        text = view["blocks"][1]["element"]["initial_value"]
        assert "- Waiting for the cluster quota" in text
        changed = text.replace("Write it up", "x") + "\nNote:\n- <!channel> we are on track"
        assert slack.submit_view("ana", view["id"], {TEXT: changed}).ok
        daily.lore.settle()
        daily.at(17, 7)
        said = "".join(daily.summary().splitlines())
        assert "Waiting for the cluster quota — ben" in said
        assert "<!channel> we are on track — ana" in said
        assert "Edited by ana" in said
        assert '"broadcast"' not in json.dumps(slack.messages(PLACE))


def test_others_cannot_decide_on_a_draft(slack: Workspace, knowledge: Knowledge, clock: FakeClock) -> None:
    with team(slack, knowledge, clock, DRAFTED) as daily:
        daily.gives("ana", ANA)
        daily.closes()
        slack.slash("ben", PLACE, "/standup", "post Daily")
        [view] = slack.views_open("ben")
        assert "lead no stand-up" in words(view)
        daily.at(17, 6)
        assert daily.summary() == ""


def test_a_lead_posts_their_own_and_observers_get_it(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    settings = replace(DRAFTED, report="", observers=(slack.person("chloe").id,))
    with team(slack, knowledge, clock, settings) as daily:
        daily.gives("ana", ANA)
        daily.closes()
        slack.slash("ana", PLACE, "/standup", "post daily")
        [view] = slack.views_open("ana")
        assert slack.submit_view("ana", view["id"], {TEXT: "All went well, says Ana."}).ok
        daily.lore.settle()
        daily.at(17, 8)
        [told] = daily.drafts("chloe")
        assert "All went well, says Ana." in words(told)
        assert "Thank you" in words(daily.lore.private_reply("ana", PLACE))


def test_nothing_is_reported_where_others_read_and_the_owner_is_told_once(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    settings = replace(DAILY, report="#visitors")  # Gus, a guest, reads it
    with team(slack, knowledge, clock, settings) as daily:
        daily.gives("ana", ANA)
        daily.closes()
        assert slack.said_by_app("#visitors", None) == []
        told = [
            one for one in slack.said_by_app(slack.dm("ana"), None) if "Nothing is reported" in words(one)
        ]
        assert len(told) == 1
        assert "vouch for" in words(told[0])


PROMPTS = Prompts(template("answer"), template("translate_question"), template("summary"))


def notes(*sentences: tuple[str, list[int]]) -> str:
    return json.dumps(
        {"sentences": [{"text": text, "entries": numbers, "risk": False} for text, numbers in sentences]}
    )


@contextmanager
def modelled(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock, reply: Reply, settings: Standup = DAILY
) -> Iterator[tuple[Team, list[dict[str, Any]]]]:
    with provider(reply) as served:
        model = open_chat_model("openai:m", PROMPTS, api_key="k", base_url=served.url, deadline_s=3.0)
        with team(slack, knowledge, clock, settings, model) as daily:
            yield daily, served.requests


def test_t60_what_a_model_invents_is_dropped_and_what_entries_say_is_linked(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    reply = says(
        notes(
            ("ana finished the tokenizer ablation.", [1]),
            ("ben needs 40 GPUs for the cluster.", [2]),
            ("chloe finished the tokenizer ablation.", [1]),
        )
    )
    with modelled(slack, knowledge, clock, reply) as (daily, requests):
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        said = daily.summary()
        assert "ana finished the tokenizer ablation." in said
        assert "Compared the tokenizer on code" in said  # the model told nothing of Ben: his own words
        assert "40" not in said
        assert "chloe finished" not in said
        assert "each sentence was checked" in said
    assert len(requests) == 1
    assert "32k needs 4 % fewer tokens" in json.dumps(requests)


def test_t60_a_model_of_which_nothing_is_left_gives_way_to_own_words(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    reply = says(notes(("Mallory won 7 prizes.", [1, 2])))
    with modelled(slack, knowledge, clock, reply) as (daily, _):
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.closes()
        assert "Mallory" not in daily.summary()
        assert "Finished the tokenizer ablation" in daily.summary()
        assert "entries' own words" in daily.summary()


@pytest.mark.parametrize(
    "reply", [Hangs(), Sends(500), says("no JSON at all")], ids=["hangs", "breaks", "garbage"]
)
def test_t59_a_model_that_is_down_or_slow_never_keeps_a_summary_back(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock, reply: Reply
) -> None:
    with modelled(slack, knowledge, clock, reply) as (daily, _):
        daily.gives("ana", ANA)
        daily.gives("ben", BEN)
        daily.at(17)
        daily.at(17, 2)
        assert "Finished the tokenizer ablation" in daily.summary()
        assert "cluster quota" in daily.summary()


def test_t59_the_models_part_takes_the_plain_ones_place_when_it_comes(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    good = says(notes(("ana finished the tokenizer ablation.", [1])))
    with provider(Sends(500), good) as served:
        model = open_chat_model("openai:m", PROMPTS, api_key="k", base_url=served.url)
        with team(slack, knowledge, clock, DAILY, model) as daily:
            daily.gives("ana", ANA)
            daily.gives("ben", BEN)
            daily.at(17)
            daily.at(17, 2)
            [_, plain] = slack.said_by_app(PLACE, None)
            assert "own words" in words(plain)
            daily.at(17, 10)
            [_, better] = slack.said_by_app(PLACE, None)
            assert better["ts"] == plain["ts"]
            assert "ana finished the tokenizer ablation." in words(better)


def test_regenerate_asks_the_model_again_and_post_plain_posts_own_words(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    first = says(notes(("ana finished the tokenizer ablation.", [1])))
    second = says(notes(("32k needs 4 % fewer tokens.", [1])))
    with provider(first, second) as served:
        model = open_chat_model("openai:m", PROMPTS, api_key="k", base_url=served.url)
        with team(slack, knowledge, clock, DRAFTED, model) as daily:
            daily.gives("ana", ANA)
            daily.gives("ben", BEN)
            daily.closes()
            assert "ana finished the tokenizer ablation." in words(daily.drafts("ana")[0])
            press(daily, "ana", REGENERATE)
            daily.at(17, 6)
            assert "32k needs 4 % fewer tokens." in words(daily.drafts("ana")[0])
            press(daily, "ana", POST_PLAIN)
            daily.at(17, 7)
            assert "Finished the tokenizer ablation: 32k needs 4 % fewer tokens" in daily.summary()


def obedient(request: dict[str, Any]) -> Reply:
    """Says, of everybody, every line that it was shown."""
    told = str(request["messages"][-1]["content"])
    lines = [line.partition(": ")[2] or line for line in told.splitlines() if line.strip()]
    return says(notes(*((line[:290], [1, 2, 3]) for line in lines[-24:])), size=4000)


def test_t61_t62_an_evil_model_that_obeys_entries_speaks_for_nobody_and_pings_nobody(
    slack: Workspace, knowledge: Knowledge, clock: FakeClock
) -> None:
    with provider(choose=obedient) as served:
        model = open_chat_model("openai:evil", PROMPTS, api_key="sk-of-ours", base_url=served.url)
        with team(slack, knowledge, clock, DAILY, model) as daily:
            daily.gives("ana", ANA)
            daily.gives("ben", BEN)
            daily.gives("chloe", {"done": "\n".join(INJECTIONS)})
            daily.closes()
            said = json.dumps(slack.messages(PLACE), ensure_ascii=False)
            summary = daily.summary()
        assert len(served.requests) == 1
    pings = ('"type": "user"', '"type": "broadcast"', '"type": "image"')
    for never in (*pings, "sk-of-ours", "\u202e", '"url": "https://evil'):
        assert never not in said, never
    assert "Waiting for the cluster quota" in summary
    assert "Finished the tokenizer ablation" in summary
    lines = summary.splitlines()
    for at, text in enumerate(lines):
        if any(word in text for word in ("fine", "fired", "missed", "resigned", "raise")):
            assert "chloe" in "".join(lines[at : at + 3]), text
