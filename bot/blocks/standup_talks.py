"""A stand-up as a conversation: each question, what was replied before it is sent, and that it is over."""

from datetime import date

from bot.blocks.entry_forms import value_of
from bot.blocks.markdown import Paragraph, Part, Run, plain
from bot.blocks.modals import button
from bot.blocks.pages import Page, context, pages
from bot.blocks.plain import one_line
from bot.blocks.rich_text import rich_text
from bot.blocks.standup_entries import ANSWER, SEND, consent_words, reply_parts
from bot.journal.begun_entries import Begun
from bot.journal.entries import Entry
from prompts.conversing import Talk, question
from prompts.replying import judged
from prompts.slots import said
from prompts.words import words

_LEFT_OUT = "The rest is left out: it is too long for Slack."
_MOST_OF_A_REVIEW = 4_500


def question_pages(talk: Talk, slot: date, remark: str = "") -> list[Page]:
    """The prompt that is asked now; `remark` is said before it."""
    parts: list[Part] = []
    if remark:
        parts.append(Paragraph(plain(remark)))
    first, _, rest = question(talk).partition("\n")
    parts.append(Paragraph((Run(one_line(first), frozenset({"bold"})), *plain(f"\n{rest}" if rest else ""))))
    foot = [context(f"{one_line(talk.standup.name)} · {said(slot)}")]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT, foot)


def review_pages(talk: Talk, begun_id: str, remark: str = "") -> list[Page]:
    """All replies, before they are sent."""
    replies = judged(talk.standup, talk.replies).replies
    entry = Entry("", date.min, "", replies=replies)
    most = max(200, _MOST_OF_A_REVIEW // max(1, len(replies)))
    parts: list[Part] = [Paragraph(plain(remark or words("entry_talk_review")))]
    parts += reply_parts(entry, talk.standup, most)
    foot = [
        context(words("entry_talk_consent", who=consent_words(talk.consent))),
        {"type": "actions", "elements": [button(SEND, "Send", begun_id, "primary")]},
    ]
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT, foot)


def over_pages(begun: Begun) -> list[Page]:
    """The conversation has ended; the form is still there."""
    value = value_of(begun.ritual_id, begun.slot)
    foot = [{"type": "actions", "elements": [button(ANSWER, "Open the form", value)]}]
    return pages([rich_text([Paragraph(plain(words("entry_talk_over")))])], _LEFT_OUT, foot)
