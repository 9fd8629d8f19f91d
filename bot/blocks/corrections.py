"""Corrections as people see them: the form, what an approver decides on, and the verified answer itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.blocks.citations import Look, link
from bot.blocks.markdown import Paragraph, Part, Quote, Run, parse, plain
from bot.blocks.modals import button, date, form, line, text_input
from bot.blocks.pages import Group, Page, context, pages, plain_text
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import rich_text
from knowledge.verified import VerifiedAnswer
from prompts.words import words

CORRECTION_FORM, EDIT_FORM, REJECT_FORM = "correction", "edit_correction", "reject_correction"
APPROVE, EDIT, REJECT = "approve_correction", "edit_correction", "reject_correction"
RENEW, LET_GO, WITHDRAW = "renew_verified", "let_verified_go", "withdraw_verified"
TEXT, SOURCE, UNTIL, REASON = "text", "source", "until", "reason"

MOST_QUOTED_BYTES = 2_000
MOST_LISTED = 20
_LEFT_OUT = "The rest is left out: it is too long for Slack."
_BOLD = frozenset({"bold"})


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an approver decides on; names instead of ids."""

    suggestion_id: str
    author: str
    question: str
    said: str
    text: str
    source: str
    place: str


def correction_view(metadata: str, question: str, who: str) -> dict[str, Any]:
    """The form for a better answer; `who` says who will decide on it."""
    return form(
        CORRECTION_FORM,
        "Correct this",
        "Send",
        metadata,
        [
            line(f"“{shorten(one_line(question), 1_000)}”"),
            text_input(TEXT, "The answer should be", hint=words("correction_hint")),
            text_input(
                SOURCE, "Where it is written", several_lines=False, optional=True,
                hint="A link, or the name of a document",
            ),
            date(UNTIL, "It holds until", hint="Leave it out if you don't know."),
            {"type": "context", "elements": [plain_text(who, 1_000)]},
        ],
    )  # fmt: skip


def edit_view(metadata: str, text: str) -> dict[str, Any]:
    return form(EDIT_FORM, "Edit and approve", "Approve", metadata, [text_input(TEXT, "The answer", text)])


def reject_view(metadata: str) -> dict[str, Any]:
    field = text_input(REASON, "Why", optional=True, hint="Whoever suggested it is told.")
    return form(REJECT_FORM, "Reject", "Reject", metadata, [field])


def proposal_pages(proposal: Proposal, look: Look) -> list[Page]:
    """A suggestion, to be decided on."""
    foot = {
        "type": "actions",
        "elements": [
            button(APPROVE, "Approve", proposal.suggestion_id, "primary"),
            button(EDIT, "Edit…", proposal.suggestion_id),
            button(REJECT, "Reject…", proposal.suggestion_id, "danger"),
        ],
    }
    intro = f"{one_line(proposal.author)} suggests another answer to a question asked in {proposal.place}."
    parts: list[Part] = [
        Paragraph(plain(intro)),
        _heading("The question"),
        _quoted(proposal.question),
        *([_heading("What I said"), _quoted(proposal.said)] if proposal.said.strip() else []),
        _heading("What it should be"),
        _quoted(proposal.text),
        *_source(proposal.source, look),
        Paragraph(plain(words("proposal_means"))),
    ]
    return _made(parts, [foot])


def decided_page(text: str) -> list[Page]:
    """What stands in place of the buttons once it is decided."""
    return _made([Paragraph(plain(text))])


def told_pages(text: str, quoted: str = "") -> list[Page]:
    """Something to know, and the words it is about."""
    return _made([Paragraph(plain(text)), *([_quoted(quoted)] if quoted.strip() else [])])


def verified_groups(answer: VerifiedAnswer, names: Mapping[str, str], look: Look) -> list[Group]:
    """A verified answer, to stand above the ordinary one: its words, then who stands for it."""
    author, approver = (one_line(names.get(one, one)) for one in (answer.author, answer.approver))
    by = f"written by {author}" if author == approver else f"written by {author}, approved by {approver}"
    mark = f"✓ Verified answer · {by} on {day(answer.approved_at)} · holds until {day(answer.expires_at)}"
    question = f"To the question “{shorten(one_line(answer.question), 500)}”:"
    body = [*parse(clean(answer.text)), *_source(answer.source_url, look)]
    return [
        [context(mark)],
        [context(question)],
        *([block] for block in rich_text(body)),
        [{"type": "divider"}],
    ]


def verified_pages(groups: Sequence[Group], foot: Group) -> list[Page]:
    """A verified answer by itself: the documents hold no other."""
    return pages([*groups, [context(words("verified_alone"))]], _LEFT_OUT, foot)


def renewal_pages(verified_id: str, question: str, text: str) -> list[Page]:
    """Asks the approver of an expired answer whether it still holds."""
    foot = {
        "type": "actions",
        "elements": [
            button(RENEW, "It still holds", verified_id, "primary"),
            button(LET_GO, "Let it go", verified_id),
        ],
    }
    parts = [Paragraph(plain(words("renewal"))), _quoted(question), _quoted(text)]
    return _made(parts, [foot])


def list_pages(
    answers: Sequence[VerifiedAnswer], names: Mapping[str, str], now: datetime, hidden: int
) -> list[Page]:
    """Verified answers with a button each to withdraw them; `hidden` are those this person may not read."""
    groups: list[Group] = []
    for one in answers[:MOST_LISTED]:
        state = "expired" if one.expires_at <= now else "holds until"
        who = ", ".join(dict.fromkeys(one_line(names.get(each, each)) for each in (one.author, one.approver)))
        about = {
            "type": "section",
            "text": plain_text(f"“{shorten(one_line(one.question), 500)}”", 600),
            "accessory": button(WITHDRAW, "Withdraw", one.id),
        }
        words_of_it = rich_text([_quoted(shorten(one.text, 700))])
        groups.append([about, *words_of_it, context(f"{who} · {state} {day(one.expires_at)}")])
    left = max(0, len(answers) - MOST_LISTED)
    notes = [f"{left} more are not listed."] if left else []
    notes += [f"{hidden} more are about documents that you may not read."] if hidden else []
    if not groups:
        notes.insert(0, words("no_verified"))
    groups += [[context(note)] for note in notes]
    return pages(groups, _LEFT_OUT)


def day(when: datetime) -> str:
    """12 May 2026."""
    return f"{when.day} {when:%B %Y}"


def _made(parts: Sequence[Part], foot: Group = ()) -> list[Page]:
    return pages([[block] for block in rich_text(parts)], _LEFT_OUT, foot)


def _heading(text: str) -> Part:
    return Paragraph((Run(text, _BOLD),))


def _quoted(text: str) -> Part:
    return Quote(plain(shorten(clean(text).strip(), MOST_QUOTED_BYTES)))


def _source(source: str, look: Look) -> list[Part]:
    if not source.strip():
        return []
    named = shorten(one_line(source), 300)
    return [Paragraph((Run("Source: "), Run(named, frozenset(), link(source.strip(), look))))]
