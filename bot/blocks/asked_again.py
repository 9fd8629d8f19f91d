"""What somebody gets now for what they asked before: their question, the answer and its sources."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.blocks.answers import sentence_blocks
from bot.blocks.citations import Look
from bot.blocks.markdown import Paragraph, Quote, plain
from bot.blocks.pages import Group, Page, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import rich_text
from bot.blocks.talk_briefs import source_line
from bot.journal.records import Question
from knowledge.documents import Answer

MOST_QUESTION_BYTES = 600
_LEFT_OUT = "The rest is left out: it is too long for Slack. Ask me again for all of it."


@dataclass(frozen=True, slots=True)
class Again:
    """A question as it was asked, and the answer that there is now."""

    before: Question
    answer: Answer


def again_pages(intro: str, found: Sequence[Again], look: Look) -> list[Page]:
    """All of it in one message, where Slack takes that."""
    groups: list[Group] = [[block] for block in rich_text([Paragraph(plain(intro))])]
    for one in found:
        groups.append(rich_text([Quote(plain(shorten(one_line(one.before.text), MOST_QUESTION_BYTES)))]))
        groups += [[block] for block in sentence_blocks(one.answer.sentences)]
        groups += [source_line(citation, look) for citation in one.answer.citations]
    return pages(groups, _LEFT_OUT)
