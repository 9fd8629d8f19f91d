"""Five hundred people at nine: within Slack's limits, within a quarter of an hour, and answers go first."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.messages import Message
from bot.rituals.roster import rotated
from bot.workspace.ledger import ApiCall
from bot.workspace.rate_limits import POSTS_PER_MINUTE
from tests.bot.office import MONDAY, Office, office, on

MANY = 500
TEAM = {
    "people": [
        {"name": "ana", "is_admin": True, "tz": "UTC"},
        *({"name": f"p{number:03}", "tz": "UTC"} for number in range(MANY - 1)),
    ],
    "channels": [
        {"name": "team", "members": ["ana", *(f"p{number:03}" for number in range(MANY - 1)), "lore"]},
        {"name": "reports", "members": ["ana", "lore"]},
    ],
}
NINE = on(MONDAY, "09:00")


@pytest.fixture
def lore(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path, team=TEAM) as opened:
        opened.slack.limits.enforced = True
        yield opened


@pytest.mark.timeout(300)
def test_t43_sc_10_all_are_asked_within_a_quarter_of_an_hour_and_nobody_loses_time_to_answer(
    lore: Office,
) -> None:
    daily = lore.set_up()
    lore.at(on(MONDAY, "08:58"))
    lore.at(NINE)
    while lore.clock() < NINE + timedelta(minutes=15) and len(prompts(lore)) < MANY:
        second = (lore.clock() - NINE).seconds
        lore.clock.advance(timedelta(seconds=1))
        if second == 60:
            lore.outbox.say(Message("#reports", "an answer"))
        if second % 20 == 19:
            lore.beat()
        lore.post()

    said = prompts(lore)
    print(f"{len(said)} prompts in {lore.clock() - NINE}, {len(refused(lore))} calls refused by rate limits")
    assert len({call.args["channel"] for call in said}) == len(said) == MANY
    order = [str(call.args["channel"]) for call in said]
    assert order == list(rotated(sorted(order), MONDAY)), "another one is first on each day"
    posted = [call for call in lore.slack.ledger.stored() if call.method == "chat.postMessage"]
    minutes = Counter(int(at(call) // 60) for call in posted)
    assert max(minutes.values()) <= POSTS_PER_MINUTE
    assert refused(lore) == [], "no method was called too often"
    for one in lore.deliveries(daily):
        if one.kind == "prompt":
            assert one.deadline_at is not None
            assert one.settled_at is not None
            assert one.deadline_at - one.settled_at >= timedelta(hours=8).total_seconds() - 61
    answer = next(n for n, call in enumerate(posted) if call.args["text"] == "an answer")
    assert int(at(posted[answer])) == (NINE + timedelta(seconds=61)).timestamp(), "at once"


@pytest.mark.timeout(300)
def test_t43_when_slack_limits_posting_it_is_kept_to_and_answers_go_first(lore: Office) -> None:
    lore.set_up()
    lore.at(on(MONDAY, "08:58"))
    lore.slack.faults.rate_limited("chat.postMessage", retry_after="30", times=1)
    lore.at(NINE)
    assert prompts(lore) == []
    lore.clock.advance(timedelta(seconds=29))
    lore.outbox.say(Message("#reports", "an answer"))
    lore.beat()
    assert prompts(lore) == []
    lore.clock.advance(timedelta(seconds=2))
    lore.post()
    assert lore.slack.ledger.stored()[0].args["text"] == "an answer"
    assert len(prompts(lore)) > 10


def prompts(lore: Office) -> Sequence[ApiCall]:
    return [call for call in lore.slack.ledger.stored() if str(call.args.get("text")).startswith("prompt ")]


def at(call: ApiCall) -> float:
    """When it was posted, by the clock of the workspace."""
    return float(call.body["ts"])


def refused(lore: Office) -> Sequence[str]:
    return [call.method for call in lore.slack.ledger.calls if call.status == 429]
