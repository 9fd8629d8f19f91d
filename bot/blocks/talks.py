"""What people are asked and told about talks, with the buttons for it."""

from collections.abc import Sequence

from bot.blocks.markdown import parse
from bot.blocks.modals import button
from bot.blocks.pages import Page, context, page
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text

ACT = "talk_act"
"""How the action ids begin of whatever is done about one talk; the value is of `value_of`."""
YES, NO, ANOTHER, STEP_BACK, KEEP = "yes", "no", "another", "step-back", "keep"
SWAP_YES, SWAP_NO, WITH_YES, WITH_NO = "swap_yes", "swap_no", "with_yes", "with_no"
MOVE, CANCEL, CHANGE = "move", "cancel", "change"
IN_FORMS = (MOVE, CANCEL, CHANGE)
"""What opens a form."""
ASKED = (YES, NO, ANOTHER)
_LABELS = {
    YES: "I'll do it",
    NO: "Not this time",
    ANOTHER: "Rather another date",
    STEP_BACK: "I can't, after all",
    KEEP: "I speak all the same",
    SWAP_YES: "Yes, I take it",
    SWAP_NO: "Not this time",
    WITH_YES: "Yes, together",
    WITH_NO: "Not this time",
    MOVE: "Move…",
    CANCEL: "Cancel…",
    CHANGE: "Change…",
}
_STYLES = {YES: "primary", SWAP_YES: "primary", WITH_YES: "primary"}
MOST_TITLE = 150


def value_of(act: str, talk_id: str, person: str = "") -> str:
    """What a button carries; `person` is who asked for it, where that matters."""
    return f"{act}:{talk_id}:{person}"


def act_in(value: str) -> tuple[str, str, str]:
    """The act, the talk's id and the person that a button carried."""
    act, _, rest = value.partition(":")
    talk_id, _, person = rest.partition(":")
    return act, talk_id, person


def titled(title: str) -> str:
    """A title within a sentence."""
    return shorten(one_line(title), MOST_TITLE)


def talk_page(text: str, notes: Sequence[str] = (), acts: Sequence[str] = (), about: str = "") -> Page:
    """Something said of a talk, in words of ours, with small notes and buttons; `about` is what the buttons
    carry behind their act: the talk's id, and maybe a person's."""
    blocks: list[Block] = [*rich_text(parse(text)), *(context(shorten(one_line(one), 900)) for one in notes)]
    if acts:
        talk_id, _, person = about.partition(":")
        buttons = [
            button(f"{ACT}_{act}", _LABELS[act], value_of(act, talk_id, person), _STYLES.get(act, ""))
            for act in acts
        ]
        blocks.append({"type": "actions", "elements": buttons})
    return page(*blocks)
