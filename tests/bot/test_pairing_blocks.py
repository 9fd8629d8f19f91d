"""Pairing as people see it: whatever names and titles say, they are words."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks.pairing import (
    Filled,
    Introduction,
    Shown,
    did_you_meet_page,
    introduction_page,
    join_row,
    list_pages,
    said_page,
    setup_view,
    why_pages,
)
from bot.workspace import checks
from prompts.pairing import PairingKind
from tests.bot.block_rules import assert_page, texts
from tests.bot.test_home_blocks import HOSTILE

KEY = "0123456789abcdef" * 2
NAMES = st.lists(HOSTILE, min_size=1, max_size=3).map(tuple)


@settings(max_examples=50, deadline=None)
@given(
    st.builds(
        Introduction,
        kind=st.sampled_from(PairingKind),
        names=NAMES,
        meets_at=st.none() | st.floats(1_700_000_000, 1_900_000_000),
        zone=st.sampled_from(["Europe/Berlin", "UTC", "No/Such"]),
        starter=HOSTILE,
        partner_ids=st.sampled_from([(), ("U0000ADA1",), ("U0000ADA1", "U0000BEN1")]),
    )
)
def test_hostile_names_and_titles_are_only_words_in_an_introduction(one: Introduction) -> None:
    assert_page(introduction_page(one))


@settings(max_examples=30, deadline=None)
@given(NAMES, HOSTILE, st.sampled_from(PairingKind))
def test_and_in_the_question_the_list_and_the_reasons(
    names: tuple[str, ...], text: str, kind: PairingKind
) -> None:
    assert_page(did_you_meet_page(KEY, names, kind))
    shown = Shown(KEY, kind, text, text, text, False, ("edit", "pause", "end"))
    for page in (*list_pages([shown] * 4), *why_pages([text or "-"] * 5)):
        assert_page(page)
    assert_page(said_page("Hello " + text[:300], join_row(KEY, kind)))


def test_who_has_no_hour_in_common_is_told_so_and_the_form_is_taken_by_slack() -> None:
    one = Introduction(PairingKind.COFFEE, ("Ana", "Ben"), None, "UTC", "Hm?")
    assert "Your working hours have nothing in common" in "\n".join(texts(introduction_page(one).blocks))
    for new in (True, False):
        checks.view(setup_view("{}", Filled(channel="C0000GEN1"), new=new))
