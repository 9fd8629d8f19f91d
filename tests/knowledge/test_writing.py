"""Who writes an answer, sentence by sentence, in which language, and what is said when writing fails."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from knowledge.allowance import UNLIMITED, Allowance
from knowledge.documents import Answer, NoAnswer, Passage, Turn
from knowledge.errors import ChatModelError, OverBudget
from knowledge.ports import Drafted
from knowledge.steps import FellBack, Reading, Searching, Step, Writing, Written
from knowledge.writing import (
    EXTRACTIVE,
    INCOMPLETE,
    MODEL_FAILED,
    MODEL_UNSUPPORTED,
    TRANSLATED,
    UNTRANSLATED,
)
from tests.knowledge.test_answering import EVERYONE, answerer

QUESTION = "After how many days are unused files deleted from scratch?"
TRUE, ALSO = "Unused files are deleted from scratch after 30 days.", "Backups run at night."
FALSE = "Unused files are deleted from scratch after 90 days."
GERMAN = "Nach wie vielen Tagen werden unbenutzte Dateien von Scratch gelöscht?"


def language_of(text: str) -> str:
    return "de" if any(word in text for word in ("werden", "Nach", "laufen")) else "en"


@dataclass
class Writer:
    """A chat model that writes these sentences, each resting on all passages, and then ends as told."""

    sentences: Sequence[str] = ()
    end: Exception | None = None
    translations: dict[str, str] = field(default_factory=dict)
    translated_to: str = QUESTION
    asked: list[str] = field(default_factory=list)
    closed: bool = False
    name: str = "writer"

    def draft(
        self, question: str, passages: Sequence[Passage], history: Sequence[Turn], allowance: Allowance
    ) -> Generator[Drafted]:
        self.asked.append(question)
        try:
            for text in self.sentences:
                every = tuple(range(1, len(passages) + 1))
                yield Drafted(text, every, self.translations.get(text, ""))
            if self.end is not None:
                raise self.end
        finally:
            self.closed = True

    def translated(self, question: str, language: str, allowance: Allowance) -> str:
        if not self.translated_to:
            raise ChatModelError("not now")
        return self.translated_to


def answered(
    model: Writer | None, question: str = QUESTION, hear: Callable[[Step], None] | None = None, **more: Any
) -> tuple[Answer, list[Step]]:
    steps: list[Step] = []

    def listen(step: Step) -> None:
        steps.append(step)
        if hear is not None:
            hear(step)

    outcome = answerer(model=model, language_of=language_of).answer(question, EVERYONE, (), listen, **more)
    assert isinstance(outcome, Answer)
    return outcome, steps


def told(steps: Sequence[Step]) -> list[Any]:
    return [step.sentence for step in steps if isinstance(step, Written)]


@pytest.mark.parametrize("model", [None, Writer([TRUE, FALSE, ALSO])])
def test_what_is_heard_is_what_is_answered(model: Writer | None) -> None:
    outcome, steps = answered(model)
    assert [type(step) for step in steps[:3]] == [Searching, Reading, Writing]
    assert tuple(told(steps)) == outcome.sentences
    for step in steps:
        if isinstance(step, Written):
            for citation in step.citations:
                final = outcome.citations[citation.n - 1]
                assert citation.document_id == final.document_id
                assert citation.quote in final.quote


def test_a_model_is_left_out_when_it_is_not_wanted() -> None:
    model = Writer([TRUE])
    outcome, _ = answered(model, use_model=False)
    assert outcome.writer == EXTRACTIVE
    assert outcome.notices == ()
    assert model.asked == []


@pytest.mark.parametrize("end", [ChatModelError("cut"), OverBudget("spent")])
def test_sp22_what_was_heard_before_a_cut_stays_and_is_marked(end: Exception) -> None:
    outcome, steps = answered(Writer([TRUE], end))
    assert [sentence.text for sentence in outcome.sentences] == [TRUE]
    assert INCOMPLETE in outcome.notices
    assert not any(isinstance(step, FellBack) for step in steps)


@pytest.mark.parametrize(
    ("model", "notice"),
    [
        (Writer([], ChatModelError("cut")), MODEL_FAILED),
        (Writer([FALSE], ChatModelError("cut")), MODEL_FAILED),
        (Writer([FALSE]), MODEL_UNSUPPORTED),
        (Writer([], OverBudget("The budget is spent.")), "The budget is spent."),
    ],
)
def test_sp22_when_nothing_was_heard_yet_the_sources_own_sentences_are_given(
    model: Writer, notice: str
) -> None:
    outcome, steps = answered(model)
    assert outcome.writer == EXTRACTIVE
    assert notice in outcome.notices
    assert FellBack(notice) in steps
    assert tuple(told(steps)) == outcome.sentences


def test_a_model_that_writes_on_and_on_is_ended() -> None:
    model = Writer([f"{TRUE[:-1]}." for _ in range(3)] + [f"Nonsense {n}." for n in range(500)])
    outcome, _ = answered(model)
    assert model.closed
    assert INCOMPLETE in outcome.notices


def test_who_listens_may_end_the_answer() -> None:
    model = Writer([TRUE, ALSO])

    def stop(step: Step) -> None:
        if isinstance(step, Written):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        answered(model, hear=stop)
    assert model.closed, "the model is not read on"


def test_a_question_in_another_language_is_searched_for_in_the_documents_language() -> None:
    translation = "Unbenutzte Dateien werden nach 30 Tagen von Scratch gelöscht."
    model = Writer([TRUE], translations={TRUE: translation})
    outcome, steps = answered(model, GERMAN)
    assert model.asked == [GERMAN], "the model answers what was asked"
    assert outcome.trace.searched_for == QUESTION
    assert [sentence.text for sentence in outcome.sentences] == [translation]
    assert TRANSLATED in outcome.notices
    assert "deleted from scratch after 30 days" in outcome.citations[0].quote
    assert tuple(told(steps)) == outcome.sentences


@pytest.mark.parametrize(
    "translation",
    [
        "Unbenutzte Dateien werden nach 90 Tagen gelöscht.",
        "Unbenutzte Dateien werden nie nach 30 Tagen gelöscht.",
    ],
)
def test_a_translation_that_says_something_else_is_not_shown(translation: str) -> None:
    outcome, _ = answered(Writer([TRUE], translations={TRUE: translation}), GERMAN)
    assert [sentence.text for sentence in outcome.sentences] == [TRUE]
    assert TRANSLATED not in outcome.notices


def test_nothing_is_translated_for_who_asks_in_the_documents_language() -> None:
    paraphrase = "Files werden deleted after 30 days from scratch."
    outcome, _ = answered(Writer([TRUE], translations={TRUE: paraphrase}))
    assert [sentence.text for sentence in outcome.sentences] == [TRUE]


def test_without_a_model_the_sources_words_are_said_to_be_in_another_language() -> None:
    german = "Nach wie vielen days are unused files deleted from scratch?"
    outcome, _ = answered(None, german)
    assert UNTRANSLATED in outcome.notices
    nothing = answerer(language_of=language_of).answer("Wo werden Kekse gelagert?", EVERYONE)
    assert isinstance(nothing, NoAnswer)
    assert "English" in nothing.reason


def test_a_question_that_cannot_be_translated_is_searched_for_as_it_is() -> None:
    model = Writer([TRUE], translated_to="")
    outcome = answerer(model=model, language_of=language_of).answer(
        "Nach how many days are unused files deleted from scratch?", EVERYONE, allowance=UNLIMITED
    )
    assert isinstance(outcome, Answer)
