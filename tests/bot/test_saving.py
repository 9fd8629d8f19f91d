"""What is saved: without secrets, for nobody beyond its place, under a name that stays."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.saved_pages import FIELD, MOST_FIELDS, FormOf, filled_in, form_view
from bot.hearing import Myself
from bot.journal.records import Audit
from bot.journal.saved_pages import SavedPage
from bot.quoting import as_page, title_of
from bot.saved_source import document
from bot.saving import LONGEST_TEXT, LONGEST_TITLE, NotSaved, changed, removed, save
from bot.workspace import checks
from knowledge.audience import EVERYONE, Audience

ME = Myself("ULORE00000", "BLORE00000")
KEY = "hf_" + "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3f"


def saved(
    title: str = "NCCL on zebra", text: str = "Set it to mlx5_3.", audience: Audience = EVERYONE
) -> tuple[SavedPage, Audit]:
    return save(title=title, text=text, owner="UBEN000000", audience=audience)


def test_a_page_is_named_after_its_title_once_and_for_ever() -> None:
    page, audit = saved()
    assert page.path.startswith("nccl-on-zebra-")
    after, _ = changed(page, title="Other", text="Other words.", by="UANA000000")
    assert (after.id, after.path, after.owner, after.audience) == (
        page.id,
        page.path,
        page.owner,
        page.audience,
    )
    assert document(after).id == f"saved/{page.path}" == audit.subject
    assert removed(after, by="UANA000000")[0].id == page.id


@pytest.mark.parametrize("title", ["学習率", "../../etc", "🙂", "a/b\\c", "<!channel>"])
def test_any_title_makes_a_plain_path(title: str) -> None:
    page, _ = saved(title)
    assert set(page.path) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_secrets_are_never_stored() -> None:
    page, _ = saved(f"The token {KEY}", f"Use {KEY} for now.")
    assert KEY not in page.title + page.text
    assert page.redactions == 2


@pytest.mark.parametrize(("title", "text"), [("", "x"), ("x", "  "), ("x", "y " * LONGEST_TEXT)])
def test_nothing_and_too_much_are_refused(title: str, text: str) -> None:
    with pytest.raises(NotSaved):
        saved(title, text)


def test_what_nobody_may_read_is_not_saved() -> None:
    with pytest.raises(NotSaved, match="who may read it"):
        saved(audience=Audience())


def test_another_word_is_another_digest() -> None:
    page, _ = saved()
    after, _ = changed(page, title=page.title, text=page.text + " Always.", by=page.owner)
    assert document(page).digest != document(after).digest


@given(st.text(max_size=4 * FIELD), st.text(max_size=300))
def test_any_words_make_a_form_that_slack_takes(text: str, title: str) -> None:
    view = form_view(FormOf(channel="C1", page_id="p"), title, text, ("a note",))
    checks.view(view, "modal")


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=200), max_size=80).map(
        "\n".join
    )
)
def test_a_form_sent_back_untouched_changes_no_line(text: str) -> None:
    view = form_view(FormOf(), "t", text, ())
    values = {
        block["block_id"]: {block["block_id"]: {"value": block["element"].get("initial_value")}}
        for block in view["blocks"]
        if block.get("type") == "input"
    }
    _, back = filled_in({"state": {"values": values}})
    if len(text) <= FIELD:
        assert back == text.strip()
    elif len(text) <= FIELD * (MOST_FIELDS - 1):
        assert back.replace("\n", "") == text.replace("\n", "").strip()


@pytest.mark.parametrize("metadata", ["", "[]", "null", '{"other": 1}', "{"])
def test_forged_metadata_is_no_form(metadata: str) -> None:
    with pytest.raises(ValueError, match=r"metadata|Expecting|property name"):
        FormOf.from_metadata(metadata)


def test_metadata_fits_and_comes_back() -> None:
    about = FormOf(
        "T1",
        "C1",
        "1.2",
        "1.1",
        "https://x.slack.com/archives/C1/p12",
        "https://hooks.slack.com/" + "x" * 200,
    )
    assert FormOf.from_metadata(about.as_metadata()) == about
    assert len(about.as_metadata()) < 3000


def test_a_conversation_becomes_a_page_with_its_authors() -> None:
    said: list[dict[str, Any]] = [
        {"user": "UANA000000", "ts": "1780000000.000001", "text": "How is NCCL set on <#C1|zebra>?"},
        {"user": "UBOT", "bot_id": "B1", "ts": "1780000001.000001", "text": "beep"},
        {
            "user": "UBEN000000",
            "ts": "1780000002.000001",
            "text": "<@UANA000000> &lt;to&gt; mlx5_3",
            "files": [{"name": "a.md"}],
        },
        {"user": "UBEN000000", "ts": "nonsense", "text": ""},
    ]
    title, text = as_page(said, ME, lambda user: user[1:4].title())
    assert title == "How is NCCL set on #zebra?"
    assert text == (
        "**Ana**, 28 May 2026:\n\nHow is NCCL set on #zebra?\n\n"
        "**Ben**, 28 May 2026:\n\n@Ana <to> mlx5_3\n\nFiles: a.md"
    )


def test_a_bots_own_message_can_be_saved_by_itself() -> None:
    title, text = as_page(
        [{"bot_id": "B1", "username": "ci", "ts": "1780000000.1", "text": "Build 7 is green"}], ME, str
    )
    assert (title, "Build 7 is green" in text) == ("Build 7 is green", True)


def test_long_first_lines_are_cut_after_a_word() -> None:
    assert title_of("word " * 60).endswith("word…")
    assert len(title_of("x" * 500)) <= LONGEST_TITLE
