"""Topics that are proposed: the form, the card in the channel, the list with its buttons, and the question to
somebody who may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.blocks import papers
from bot.blocks.markdown import Paragraph, Part, Quote, Run, plain
from bot.blocks.modals import button, form, line, text_input, tick
from bot.blocks.pages import Group, Page, context, page, pages, plain_text
from bot.blocks.papers import Paper
from bot.blocks.plain import clean, one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from bot.blocks.web_links import linked
from bot.journal.proposals import CHOSEN, HELD, MERGED, OPEN, WITHDRAWN

TOPIC_FORM, SUGGEST_FORM = "topic_propose", "topic_suggest"
"""Callback ids of the form for a topic, and of the one in which somebody else is named."""
OPEN_FORM = "topic_open_form"
VOTE, SPEAK, WITHDRAW, MERGE, UNMERGE = (
    "topic_vote",
    "topic_speak",
    "topic_withdraw",
    "topic_merge",
    "topic_unmerge",
)
EXPERT_YES, EXPERT_NO, EXPERT_OTHER = "topic_expert_yes", "topic_expert_no", "topic_expert_other"
"""Action ids; their values are a proposal's id, of MERGE two with a colon between."""
TITLE, WHY, SERIES, SPEAKS, PERSON = (
    "topic_title",
    "topic_why",
    "topic_series",
    "topic_speaks",
    "topic_person",
)
LONGEST_TITLE, LONGEST_WHY = 150, 1_500
MOST_SERIES, MOST_LISTED = 50, 20
_LEFT_OUT = "The rest is left out: it is too long for Slack."


@dataclass(frozen=True, slots=True)
class Topic:
    """A proposal as people see it, with names instead of ids; `by` is empty where Lore proposes it.

    `state` is the proposal's; `when` says when it is talked about, once that is known. `voted`, `speaks` and
    `may_withdraw` are of the one who reads it. `near` is the id and title of a topic that it may be the same
    as, where the reader may make one of them. A paper has `authors` and a `link`,
    and what is known of it beside them; `paper` is None for a topic.
    """

    id: str
    title: str
    why: str
    by: str
    state: str
    votes: int
    speakers: tuple[str, ...] = ()
    when: str = ""
    voted: bool = False
    speaks: bool = False
    may_withdraw: bool = False
    near: tuple[str, str] | None = None
    authors: str = ""
    link: str = ""
    paper: Paper | None = None

    @property
    def open(self) -> bool:
        return self.state == OPEN


def topic_view(
    metadata: str,
    series: Mapping[str, str],
    readers: str,
    title: str = "",
    why: str = "",
) -> dict[str, Any]:
    """The form; `series` are names by id, the one that is meant first; `readers` says who will read it."""
    blocks: list[Block] = [
        text_input(TITLE, "Topic", shorten(one_line(title), LONGEST_TITLE), several_lines=False),
        text_input(
            WHY,
            "What you would like to know, or could tell",
            shorten(clean(why).strip(), LONGEST_WHY),
            optional=True,
        ),
    ]
    if len(series) > 1:
        blocks.append(series_input(series))
    blocks += [tick(SPEAKS, "And then", "I would speak about it", ticked=False), context(readers)]
    return form(TOPIC_FORM, "Propose a topic", "Propose", metadata, blocks)


def suggest_view(metadata: str, title: str) -> dict[str, Any]:
    """Who else may know."""
    element = {"type": "users_select", "action_id": PERSON}
    who = {"type": "input", "block_id": PERSON, "label": plain_text("Who may know?", 100), "element": element}
    said = line(f"“{shorten(one_line(title), 300)}”")
    note = context("I ask them alone, and say that you thought of them.")
    return form(SUGGEST_FORM, "Somebody else", "Ask them", metadata, [said, who, note])


def card(topic: Topic) -> Page:
    """A topic in its channel; what is pressed there counts for whoever presses."""
    if topic.state == WITHDRAWN:
        return page(context(f"A {_what(topic)} was proposed here; it was withdrawn."))
    lead = f"{one_line(topic.by)} proposes a {_what(topic)}:" if topic.by else one_line(topic.why)
    parts: list[Part] = [Paragraph(plain(lead)), _titled(topic.title)]
    if topic.authors:
        parts.append(Paragraph(plain(shorten(one_line(topic.authors), 300))))
    if topic.link:
        parts.append(Paragraph((linked("Read it", topic.link),)))
    if topic.by and topic.why:
        parts.append(Paragraph(plain(shorten(clean(topic.why).strip(), LONGEST_WHY))))
    if topic.paper is not None:
        parts += papers.abstract(topic.paper)
    blocks = [*rich_text(parts), *papers.standing(topic.paper), context(_standing(topic))]
    if topic.open:
        blocks.append(
            {
                "type": "actions",
                "elements": [
                    button(VOTE, "👍 Vote", topic.id),
                    button(SPEAK, _offer(topic), topic.id),
                ],
            }
        )
    return page(*blocks)


def list_pages(series: Sequence[tuple[str, Sequence[Topic]]], none: str) -> list[Page]:
    """The topics of each series by its name, each with what the reader may do about it."""
    groups: list[Group] = []
    for name, topics in series:
        groups.append(rich_text([Paragraph((Run(one_line(name), frozenset({"bold"})),))]))
        groups += [_listed(topic) for topic in topics[:MOST_LISTED]]
        if len(topics) > MOST_LISTED:
            groups.append([context(f"{len(topics) - MOST_LISTED} more are not listed.")])
        if not topics:
            groups.append([context(none)])
    return pages(groups or [[context(none)]], _LEFT_OUT)


def near_page(text: str, own: str, near: Topic) -> Page:
    """That there is a topic about the same, and what may be made of the two."""
    elements = [button(MERGE, "Vote for that one instead", f"{own}:{near.id}")]
    said = rich_text([Paragraph(plain(text)), _titled(near.title)])
    return page(*said, context(_standing(near)), {"type": "actions", "elements": elements})


def merged_page(text: str, merged: str) -> Page:
    """That two have become one, which may be undone."""
    return page(line(text), {"type": "actions", "elements": [button(UNMERGE, "Undo", merged)]})


def open_page(text: str, title: str) -> Page:
    """Something said, with a button that opens the form."""
    # Slack wants every value to have a character.
    value = f"title:{shorten(one_line(title), LONGEST_TITLE)}"
    return page(line(text), {"type": "actions", "elements": [button(OPEN_FORM, "Open it", value)]})


def expert_page(text: str, title: str, proposal_id: str) -> Page:
    """Whether somebody would speak about a topic, asked of them alone."""
    elements = [
        button(EXPERT_YES, "I'd speak about it", proposal_id, "primary"),
        button(EXPERT_NO, "Not me", proposal_id),
        button(EXPERT_OTHER, "Somebody else…", proposal_id),
    ]
    said = rich_text([Paragraph(plain(clean(text))), _titled(title)])
    return page(*said, {"type": "actions", "elements": elements})


def expert_done(text: str, title: str) -> Page:
    """What stands in place of that question."""
    return page(*rich_text([Paragraph(plain(clean(text))), _titled(title)]))


def _listed(topic: Topic) -> list[Block]:
    group: list[Block] = [{"type": "section", "text": plain_text(one_line(topic.title), 700)}]
    by = f"proposed by {one_line(topic.by)}" if topic.by else "proposed by me"
    group.append(context(f"{_standing(topic)} · {by}"))
    if topic.why:
        group.append(context(shorten(one_line(topic.why), 300)))
    group += [*papers.source(topic.authors, topic.link), *papers.standing(topic.paper)]
    if not topic.open:
        return group
    elements = [
        button(VOTE, "Take my vote back" if topic.voted else "Vote", topic.id),
        button(SPEAK, "I'd rather not" if topic.speaks else _offer(topic), topic.id),
    ]
    if topic.near is not None:
        near_id, near_title = topic.near
        label = f"Make it one with “{shorten(one_line(near_title), 40)}”"
        elements.append(button(MERGE, label, f"{topic.id}:{near_id}"))
    if topic.may_withdraw:
        elements.append(button(WITHDRAW, "Withdraw", topic.id) | {"confirm": _sure()})
    return [*group, {"type": "actions", "elements": elements}]


def _standing(topic: Topic) -> str:
    votes = f"{topic.votes} vote{'' if topic.votes == 1 else 's'}" if topic.votes else "no votes yet"
    said = [f"{votes}, yours too" if topic.voted and topic.votes > 1 else votes]
    if topic.voted and topic.votes == 1:
        said = ["1 vote: yours"]
    if topic.speakers:
        named = shorten(", ".join(map(one_line, topic.speakers)), 200)
        said.append(f"{named} would {'speak about' if topic.paper is None else 'present'} it")
    if topic.state == CHOSEN:
        said.append(f"chosen for {topic.when}" if topic.when else "chosen")
    elif topic.state == HELD:
        done = "talked about" if topic.paper is None else "read"
        said.append(f"{done} on {topic.when}" if topic.when else done)
    elif topic.state == MERGED:
        said.append(f"now a part of another {_what(topic)}")
    return " · ".join(said)


def _what(topic: Topic) -> str:
    return "topic" if topic.paper is None else "paper"


def _offer(topic: Topic) -> str:
    return "I'd speak about it" if topic.paper is None else "I'd present it"


def _titled(title: str) -> Part:
    return Quote(plain(shorten(one_line(title), 600)))


def series_input(series: Mapping[str, str]) -> Block:
    """Which series something is for."""
    options = [
        {"text": plain_text(one_line(name), 70), "value": series_id}
        for series_id, name in list(series.items())[:MOST_SERIES]
    ]
    element = {
        "type": "static_select",
        "action_id": SERIES,
        "options": options,
        "initial_option": options[0],
    }
    return {"type": "input", "block_id": SERIES, "label": plain_text("For", 100), "element": element}


def _sure() -> Block:
    return {
        "title": plain_text("Withdraw this topic?", 90),
        "text": plain_text("Its votes go with it.", 200),
        "confirm": plain_text("Withdraw", 28),
        "deny": plain_text("Keep it", 28),
    }
