"""What Lore says is said once, in order, and not before Slack wants it."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from bot.journal import outgoing
from bot.journal.tables import outbox as table
from bot.journal.tables import troubles
from bot.journal.writer import JournalWriter
from bot.messages import Check, Kind, Message, Place
from bot.outbox import MOST_ATTEMPTS, Outbox, backoff
from bot.pacing import Pace
from bot.sending import Fate, NotFound, RateLimited, Refused, Sent, Unsure, judge, rest
from knowledge.errors import StoreError
from tests.bot.conftest import HandClock

DATABASES = ("sqlite", "postgresql")


@dataclass
class PaperSlack:
    """Keeps what it is sent; `plan` says, call by call, what goes wrong instead (None: nothing)."""

    clock: HandClock
    plan: list[tuple[Fate, bool] | None] = field(default_factory=list)
    blind: list[Fate] = field(default_factory=list)
    posts: list[tuple[str, str, str, float]] = field(default_factory=list)
    calls: list[tuple[str, float]] = field(default_factory=list)
    edits: list[tuple[str, str]] = field(default_factory=list)

    def send(self, message: Message, token: str, target_ts: str = "") -> Fate:
        now = self.clock().timestamp()
        self.calls.append((message.kind.value, now))
        trouble = self.plan.pop(0) if self.plan else None
        if trouble is None or trouble[1]:
            if message.kind in (Kind.UPDATE, Kind.DELETE):
                self.edits.append((target_ts, message.text))
            else:
                self.posts.append((message.channel, message.text, token, now))
        return Sent(f"{len(self.posts)}.0") if trouble is None else trouble[0]

    def find(self, message: Message, token: str, since: float) -> Fate | NotFound:
        if self.blind:
            return self.blind.pop(0)
        for number, post in enumerate(self.posts, 1):
            if post[2] == token:
                return Sent(f"{number}.0")
        return NotFound()


@pytest.fixture
def slack(clock: HandClock) -> PaperSlack:
    return PaperSlack(clock)


def told(message: Message, error_id: str, refused: Refused) -> Message:
    return Message(message.channel, f"could not be said ({error_id})", thread_ts=message.thread_ts)


@pytest.fixture
def outbox(writer: JournalWriter, clock: HandClock, slack: PaperSlack) -> Outbox:
    return make(writer, clock, slack)


def make(
    writer: JournalWriter,
    clock: HandClock,
    slack: PaperSlack,
    late_check: Callable[[Message], Message | None] = lambda message: message,
) -> Outbox:
    made = Outbox(writer, slack, late_check, told, clock)  # type: ignore[arg-type]
    made.resume()
    return made


def run(outbox: Outbox, clock: HandClock, seconds: float, tick: float = 0.25) -> None:
    for _ in range(math.ceil(seconds / tick)):
        while outbox.step():
            pass
        clock.forward(tick)


def texts(slack: PaperSlack) -> list[str]:
    return [text for _, text, _, _ in slack.posts]


def state(writer: JournalWriter, key: str) -> str:
    return str(writer.read(lambda c: c.execute(select(table.c.state).where(table.c.key == key)).scalar()))


def test_messages_of_a_channel_keep_their_order(outbox: Outbox, slack: PaperSlack, clock: HandClock) -> None:
    outbox.say(*(Message("C1", str(n)) for n in range(5)))
    run(outbox, clock, 10)
    assert texts(slack) == ["0", "1", "2", "3", "4"]


def test_a_key_is_said_once(outbox: Outbox, slack: PaperSlack, clock: HandClock) -> None:
    message = Message("C1", "the report", key="report of 2 March")
    outbox.say(message)
    run(outbox, clock, 2)
    outbox.say(replace(message, text="the report, again"))
    run(outbox, clock, 2)
    assert texts(slack) == ["the report"]
    assert outbox.said(message.key) == "1.0"
    assert outbox.said("never heard of") is None


def test_the_key_itself_never_reaches_slack(outbox: Outbox, slack: PaperSlack, clock: HandClock) -> None:
    outbox.say(Message("C1", "hello", key="leads:salary question"))
    run(outbox, clock, 1)
    assert "salary" not in slack.posts[0][2]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("1", 1), ("30", 30), ("abc", 30), (None, 30), ("-5", 30), ("99999", 900), ("nan", 30), ("inf", 900)],
)
def test_sp09_the_window_of_a_429_is_kept(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, header: str | None, seconds: float
) -> None:
    headers = {} if header is None else {"Retry-After": header}
    verdict = judge(429, "ratelimited", headers)
    assert verdict == RateLimited(seconds)
    slack.plan = [(RateLimited(seconds), False)]
    outbox.say(Message("C1", "first"), Message("C1", "second"), Message("C2", "elsewhere"))
    started = clock().timestamp()
    run(outbox, clock, seconds + 3, tick=max(0.5, seconds / 30))
    assert [text for channel, text, _, _ in slack.posts if channel == "C1"] == ["first", "second"]
    assert "elsewhere" in texts(slack)
    inside = [at for _, at in slack.calls if started < at < started + seconds]
    assert inside == []


def test_sp10_a_429_that_our_own_burst_explains_holds_up_no_other_channel(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [None, (RateLimited(1), False)]
    outbox.say(*(Message("C1", text) for text in ("a", "b", "c")), Message("C2", "elsewhere"))
    started = clock().timestamp()
    while outbox.step():
        pass
    assert texts(slack) == ["a", "elsewhere"]
    run(outbox, clock, 5, tick=0.1)
    assert [(text, round(at - started, 1)) for channel, text, _, at in slack.posts if channel == "C1"] == [
        ("a", 0.0),
        ("b", 1.0),
        ("c", 2.0),
    ]


def test_sp10_a_429_that_no_burst_explains_holds_up_all_channels(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(RateLimited(1), False)]
    outbox.say(Message("C1", "a"), Message("C2", "elsewhere"))
    while outbox.step():
        pass
    assert texts(slack) == []
    run(outbox, clock, 5, tick=0.1)
    assert sorted(texts(slack)) == ["a", "elsewhere"]


@given(st.text() | st.none() | st.floats().map(str) | st.integers().map(str))
def test_sp09_any_header_gives_a_sane_rest(header: str | None) -> None:
    assert 0 <= rest(header) <= 900


def test_sp09_the_window_outlives_a_restart(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter
) -> None:
    slack.plan = [(RateLimited(900), False)]
    outbox.say(Message("C1", "first"))
    outbox.step()
    again = make(writer, clock, slack)
    again.say(Message("C2", "second"))
    run(again, clock, 890, tick=10)
    assert slack.posts == []
    run(again, clock, 30, tick=1)
    assert sorted(texts(slack)) == ["first", "second"]


def test_sp10_a_storm_over_many_channels_is_delivered_once_and_paced(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(RateLimited(1), False) if n % 7 == 0 else None for n in range(60)]
    outbox.say(*(Message(f"C{n % 10}", f"{n:03}") for n in range(100)))
    run(outbox, clock, 60, tick=0.5)
    assert Counter(texts(slack)) == Counter(f"{n:03}" for n in range(100))
    for channel in range(10):
        mine = [(text, at) for where, text, _, at in slack.posts if where == f"C{channel}"]
        assert [text for text, _ in mine] == sorted(text for text, _ in mine)
        for (_, earlier), (_, later) in zip(mine, mine[2:], strict=False):
            assert later - earlier >= 0.99  # two at once, then one a second


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize(
    "error", ["ConnectionResetError", "TimeoutError", "HTTP 503", "Received a response in a non-JSON format"]
)
def test_sp11_an_unknown_outcome_is_looked_up_before_it_is_said_again(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, arrived: bool, error: str
) -> None:
    message = Message("C1", "once", thread_ts="5.0")
    slack.plan = [(Unsure(error), arrived)]
    outbox.say(message, Message("C1", "next"))
    run(outbox, clock, 10)
    assert texts(slack) == ["once", "next"]
    assert outbox.said(message.key) == "1.0"


def test_sp11_while_the_look_up_fails_too_nothing_is_said(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(Unsure("reset"), True)]
    slack.blind = [Unsure("reset"), RateLimited(30), Unsure("HTTP 500")]
    outbox.say(Message("C1", "once"))
    run(outbox, clock, 60)
    assert texts(slack) == ["once"]
    assert len(slack.calls) == 1


def test_sp11_a_look_up_that_is_refused_ends_it_without_a_second_post(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter
) -> None:
    message = Message("C1", "once")
    slack.plan = [(Unsure("reset"), True)]
    slack.blind = [Refused("missing_scope")]
    outbox.say(message)
    run(outbox, clock, 60)
    assert state(writer, message.key) == "failed"
    assert texts(slack).count("once") == 1


@pytest.mark.parametrize("error", ["internal_error", "", "HTTP 500"])
def test_sp12_passing_errors_are_tried_again_a_bounded_number_of_times(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter, error: str
) -> None:
    message = Message("C1", "hopeless")
    slack.plan = [(Unsure(error), False)] * (MOST_ATTEMPTS + 10)
    outbox.say(message)
    run(outbox, clock, MOST_ATTEMPTS * 300, tick=50)
    assert state(writer, message.key) == "failed"
    assert len(slack.calls) >= MOST_ATTEMPTS


@pytest.mark.parametrize(
    "error",
    ["channel_not_found", "not_in_channel", "is_archived", "account_inactive", "msg_blocks_too_long"],
)
def test_sp12_permanent_errors_are_told_once_and_not_tried_again(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter, error: str
) -> None:
    verdict = judge(200, error, {})
    assert isinstance(verdict, Refused)
    slack.plan = [(verdict, False)]
    outbox.say(Message("C1", "no", key="k"), Message("C1", "yes"))
    run(outbox, clock, 600, tick=5)
    error_id = writer.read(lambda c: c.execute(select(troubles.c.id)).scalar())
    assert sorted(texts(slack)) == [f"could not be said ({error_id})", "yes"]
    assert state(writer, "k") == "failed"


def test_sp12_a_failure_that_cannot_be_told_either_ends_there(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(Refused("is_archived"), False)] * 10
    outbox.say(Message("C1", "no"))
    run(outbox, clock, 600, tick=5)
    assert len(slack.calls) == 2


def test_a_message_that_keeps_failing_lets_others_pass(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(Unsure("internal_error"), False)] * 5
    outbox.say(Message("C1", "stubborn"), Message("C1", "patient"))
    run(outbox, clock, 200)
    assert texts(slack) == ["patient", "stubborn"]


@pytest.mark.parametrize("kind", [Kind.EPHEMERAL, Kind.RESPOND])
@pytest.mark.parametrize("arrived", [True, False])
def test_what_cannot_be_looked_up_is_sent_at_most_once(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter, kind: Kind, arrived: bool
) -> None:
    message = Message("C1", "between us", kind=kind, person="U1", response_url="https://hooks.slack.com/x")
    slack.plan = [(Unsure("reset"), arrived)]
    outbox.say(message)
    run(outbox, clock, 600, tick=5)
    assert texts(slack).count("between us") == int(arrived)
    assert state(writer, message.key) == "failed"


def test_what_cannot_be_looked_up_waits_for_a_rate_limit(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    slack.plan = [(RateLimited(5), False)]
    outbox.say(Message("C1", "between us", kind=Kind.EPHEMERAL, person="U1"))
    run(outbox, clock, 10)
    assert texts(slack) == ["between us"]


def its_lease_ends(writer: JournalWriter, clock: HandClock) -> None:
    """Where processes share the journal, only time tells that one has ended."""
    if writer.shared:
        clock.forward(outgoing.LEASE_S)


@pytest.mark.parametrize("arrived", [True, False])
def test_sp28_a_post_that_was_under_way_when_the_process_ended_is_said_once(
    writer: JournalWriter, clock: HandClock, slack: PaperSlack, arrived: bool
) -> None:
    outbox = make(writer, clock, slack)
    outbox.say(Message("C1", "once"))
    taken = writer.write(lambda c: outgoing.take(c, clock().timestamp(), Pace()))
    assert taken is not None
    if arrived:
        slack.send(taken.message, taken.token)
    its_lease_ends(writer, clock)
    again = make(writer, clock, slack)
    run(again, clock, 10)
    assert texts(slack) == ["once"]


def test_sp28_an_ephemeral_under_way_when_the_process_ended_is_not_sent_again(
    writer: JournalWriter, clock: HandClock, slack: PaperSlack
) -> None:
    outbox = make(writer, clock, slack)
    message = Message("C1", "between us", kind=Kind.EPHEMERAL, person="U1")
    outbox.say(message)
    writer.write(lambda c: outgoing.take(c, clock().timestamp(), Pace()))
    its_lease_ends(writer, clock)
    run(make(writer, clock, slack), clock, 10)
    assert slack.calls == []
    assert state(writer, message.key) == "failed"


def test_updates_and_deletes_are_about_what_was_said(
    outbox: Outbox, slack: PaperSlack, clock: HandClock, writer: JournalWriter
) -> None:
    first = Message("C1", "working on it")
    outbox.say(first, Message("C1", "done", kind=Kind.UPDATE, target=first.key))
    outbox.say(Message("C1", "", kind=Kind.DELETE, target="7.1"))
    orphan = Message("C1", "orphan", kind=Kind.UPDATE, target="never heard of")
    outbox.say(orphan)
    run(outbox, clock, 10)
    assert slack.edits == [("1.0", "done"), ("7.1", "")]
    assert state(writer, orphan.key) == "dropped"


def test_az14_the_late_check_has_the_last_word_on_every_attempt(
    writer: JournalWriter, clock: HandClock, slack: PaperSlack
) -> None:
    allowed = {"C1": True, "C2": True}

    def late_check(message: Message) -> Message | None:
        if allowed[message.channel]:
            return message
        return replace(message, text=message.instead) if message.instead else None

    outbox = make(writer, clock, slack, late_check)
    check = Check(Place("C1"), ('["#leads"]',), ("wiki/a.md",))
    slack.plan = [(Unsure("reset"), False), (Unsure("reset"), False)]
    outbox.say(
        Message("C1", "private", check=check, instead="not here"),
        Message("C2", "private", check=check, key="dropped"),
    )
    run(outbox, clock, 0.5)
    allowed.update(C1=False, C2=False)
    run(outbox, clock, 10)
    assert texts(slack) == ["not here"]
    assert state(writer, "dropped") == "dropped"


def test_a_late_check_that_cannot_be_made_says_nothing_yet(
    writer: JournalWriter, clock: HandClock, slack: PaperSlack
) -> None:
    outcomes = [StoreError("locked"), StoreError("locked")]

    def late_check(message: Message) -> Message | None:
        if outcomes:
            raise outcomes.pop()
        return message

    outbox = make(writer, clock, slack, late_check)
    outbox.say(Message("C1", "checked"))
    run(outbox, clock, 10)
    assert texts(slack) == ["checked"]
    assert outcomes == []


def test_messages_come_back_from_the_journal_as_they_were(writer: JournalWriter) -> None:
    message = Message(
        "C1",
        "text",
        kind=Kind.POST,
        blocks=({"type": "divider"},),
        thread_ts="1.1",
        person="U1",
        check=Check(Place("C1", only="U1"), ("everyone",), ("wiki/a.md", "wiki/b.md")),
        instead="no",
    )
    writer.write(lambda c: outgoing.put(c, [message], None, 0.0))
    taken = writer.write(lambda c: outgoing.take(c, 1.0, Pace()))
    assert taken is not None
    assert taken.message == message


def test_settled_messages_are_swept_after_a_month(
    outbox: Outbox, slack: PaperSlack, clock: HandClock
) -> None:
    outbox.say(Message("C1", "old"))
    run(outbox, clock, 1)
    assert outbox.sweep() == 0
    clock.forward(31 * 24 * 3600)
    outbox.say(Message("C1", "waiting"))
    assert outbox.sweep() == 1


@given(st.integers(1, 200))
def test_backoff_grows_is_spread_and_ends_at_five_minutes(attempts: int) -> None:
    full = min(300, 2 ** (attempts - 1))
    assert full / 2 <= backoff(attempts) <= full


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 3)), max_size=40))
def test_a_channel_never_gets_more_than_its_pace(steps: list[tuple[str, float]]) -> None:
    pace, now, sent = Pace(), 0.0, {"a": [], "b": []}  # type: ignore[var-annotated]
    full_at = {"a": 0.0, "b": 0.0}
    for channel, wait in steps:
        now += wait
        if full_at[channel] <= pace.limit(now):
            full_at[channel] = pace.used(full_at[channel], now)
            assert full_at[channel] <= pace.bound(now)
            sent[channel].append(now)
        else:
            assert full_at[channel] <= pace.limit(pace.wakes(full_at[channel]))
    for times in sent.values():
        for earlier, later in zip(times, times[2:], strict=False):
            assert later - earlier >= 1 - 1e-3
