"""Answers and honest non-answers as messages."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from bot.blocks.citations import Look, heading, in_full, label
from bot.blocks.markdown import Fence, Paragraph, Part, Run, Runs, parse, plain
from bot.blocks.pages import Group, Page, context, pages
from bot.blocks.plain import one_line, shorten
from bot.blocks.rich_text import Block, rich_text
from knowledge.documents import Answer, Citation, NoAnswer, Searched, Sentence
from prompts.words import words

MOST_IN_FULL = 12
"""From here on citations are listed without their words and details, which their passages show."""

MOST_PEOPLE = 3
_LEFT_OUT = "The rest is left out: it is too long for Slack. A narrower question helps."

Reference = Callable[[int], str]
"""The opaque value of the button for a citation's number."""


def answer_pages(
    answer: Answer,
    reference: Reference,
    look: Look,
    note: str = "",
    foot: Group = (),
    above: Sequence[Group] = (),
) -> list[Page]:
    """Sentences with their numbers, notices, then the numbered sources; `note` is said first.

    `foot` are the buttons (`blocks.actions`) under the last page, `above` (`blocks.scope`) what stands above
    the answer.
    """
    groups: list[Group] = [*([[context(one_line(note))]] if note else []), *above]
    groups += [[block] for block in sentence_blocks(answer.sentences)]
    groups += [[context(f"⚠ {shorten(one_line(notice), 600)}")] for notice in answer.notices]
    for position, citation in enumerate(answer.citations):
        if position < MOST_IN_FULL:
            groups.append(in_full(citation, reference(citation.n), look))
        else:
            groups.append([heading(citation, reference(citation.n), look)])
    return pages(groups, _LEFT_OUT, foot)


def no_answer_pages(
    outcome: NoAnswer,
    reference: Reference,
    look: Look,
    private: bool,
    note: str = "",
    foot: Group = (),
    above: Sequence[Group] = (),
) -> list[Page]:
    """What was searched, the nearest documents, whom to ask; `private` tells a DM or ephemeral reply.

    `foot` are the buttons (`blocks.actions`) under the last page, `above` (`blocks.scope`) what stands above
    the rest.
    """
    said = [Paragraph(plain(words("no_answer", reason=one_line(outcome.reason)).strip()))]
    said.append(Paragraph(plain(_searched(outcome.searched))))
    groups: list[Group] = [*([[context(one_line(note))]] if note else []), *above]
    groups += [[block] for block in rich_text(said)]
    if outcome.nearest:
        groups.append([context("Nearest, though they don't answer it:")])
    groups += [in_full(citation, reference(citation.n), look) for citation in outcome.nearest]
    groups.append(rich_text([Paragraph(plain(_whom_to_ask(outcome, look, private)))]))
    return pages(groups, _LEFT_OUT, foot)


def sentence_blocks(sentences: Iterable[Sentence]) -> list[Block]:
    """Sentences with the numbers of their citations."""
    return rich_text(_body(sentences))


def _body(sentences: Iterable[Sentence]) -> list[Part]:
    """The sentences as parts: ordinary ones flow into one paragraph, code and lists stand by themselves."""
    body: list[Part] = []
    flowing: list[Run] = []
    for sentence in sentences:
        mark = "".join(f"[{n}]" for n in sentence.citations)
        parts = parse(sentence.text)
        match parts:
            case [Paragraph(runs)]:
                flowing += [Run(" ")] if flowing else []
                flowing += _marked(runs, mark)
            case _:
                body += [Paragraph(tuple(flowing))] if flowing else []
                flowing = []
                body += _marked_parts(parts, mark)
    return [*body, Paragraph(tuple(flowing))] if flowing else body


def _marked_parts(parts: list[Part], mark: str) -> list[Part]:
    if not parts:
        return []
    match parts[-1]:
        case Fence():
            return [*parts, Paragraph((Run(mark),))] if mark else parts
        case last:
            return [*parts[:-1], replace(last, runs=_marked(last.runs, mark))]


def _marked(runs: Runs, mark: str) -> Runs:
    return (*runs, Run(f" {mark}")) if mark else runs


def _searched(searched: Searched) -> str:
    if not searched.documents:
        return "There is nothing indexed that I may use here."
    names = ", ".join(one_line(source) for source in searched.sources)
    documents = f"{searched.documents:,} document{'s' if searched.documents > 1 else ''}"
    return f"I searched {documents} ({searched.chunks:,} passages) in {names}."


def _whom_to_ask(outcome: NoAnswer, look: Look, private: bool) -> str:
    owners: dict[str, Citation] = {}
    for citation in outcome.nearest:
        if citation.owner:
            owners.setdefault(look.owners.get(citation.owner, citation.owner), citation)
    named = [f"{one_line(name)} (owns “{label(citation)}”)" for name, citation in owners.items()]
    people = " or ".join(named[:MOST_PEOPLE]) or "someone who works on it"
    ask = f"A person may know: ask {people}."
    if private:
        return ask
    return f"{ask} In a direct message I also search what you alone may read."
