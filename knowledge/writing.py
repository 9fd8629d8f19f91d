"""An answer is written: by a chat model whose every sentence is checked, or from the sources' own.

What was checked and told of stays: when the model breaks off afterwards, the answer says that it may not be
complete. When nothing was told of yet, the sources' own sentences are the answer, and it says why.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from knowledge.allowance import Allowance
from knowledge.citing import MOST_SENTENCES, Claim, Verifier, cite
from knowledge.documents import Passage, Turn
from knowledge.errors import ChatModelError, OverBudget
from knowledge.language import LanguageOf, faithful
from knowledge.ports import ChatModel
from knowledge.steps import FellBack, Hear, Writing, Written

EXTRACTIVE = "extractive"
MODEL_FAILED = "The language model is not available now: these are the sources' own sentences."
MODEL_UNSUPPORTED = "What the language model wrote is not in the sources: these are their own sentences."
INCOMPLETE = "The language model did not finish: each sentence here is checked, but there may be more to say."
TRANSLATED = "Translated by the language model: the quotes under “sources” are the original."
UNTRANSLATED = "Your question is in another language than the sources: these are their own words."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Text:
    """Who wrote what, and what is to be said about the writing."""

    writer: str
    claims: tuple[Claim, ...]
    notices: tuple[str, ...] = ()


def write(
    model: ChatModel | None,
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    extracted: Callable[[], tuple[Claim, ...]],
    hear: Hear,
    allowance: Allowance,
    language_of: LanguageOf,
) -> Text:
    """The model's checked sentences, else those that `extracted` gives; `hear` is told of each."""
    asked_in = language_of(question)

    def fallback(*notices: str) -> Text:
        hear(Writing(EXTRACTIVE))
        claims = extracted()
        _tell(claims, passages, hear)
        foreign = asked_in and any(language_of(claim.text) not in ("", asked_in) for claim in claims)
        return Text(EXTRACTIVE, claims, (*notices, *((UNTRANSLATED,) if foreign else ())))

    if model is None:
        return fallback()
    hear(Writing(model.name))
    drafted = 0
    claims: list[Claim] = []
    notices: tuple[str, ...] = ()
    verifier = Verifier(passages)
    try:
        with closing(model.draft(question, passages, history, allowance)) as draft:
            for sentence in draft:
                drafted += 1
                if drafted > MOST_SENTENCES:
                    notices = (INCOMPLETE,)
                    break
                claim = verifier.claim(sentence)
                if claim:
                    claims.append(_in_language(claim, asked_in, language_of))
                    _tell(claims, passages, hear, len(claims) - 1)
    except OverBudget as error:
        notices = (INCOMPLETE,) if claims else (str(error),)
    except ChatModelError as error:
        log.warning("the chat model failed: %s", error)
        notices = (INCOMPLETE,) if claims else (MODEL_FAILED,)
    else:
        if drafted and not claims:
            log.warning("none of %d sentences of %s is supported", drafted, model.name)
            notices = (MODEL_UNSUPPORTED,)
    if claims or not notices:
        translated = (TRANSLATED,) if any(claim.translation for claim in claims) else ()
        return Text(model.name, tuple(claims), (*translated, *notices))
    hear(FellBack(notices[0]))
    return fallback(*notices)


def _tell(claims: Sequence[Claim], passages: Sequence[Passage], hear: Hear, first: int = 0) -> None:
    """Tell of the claims from `first` on; their numbers do not change when more are added."""
    sentences, citations = cite(claims, passages)
    for sentence in sentences[first:]:
        hear(Written(sentence, tuple(citations[n - 1] for n in sentence.citations)))


def _in_language(claim: Claim, asked_in: str, language_of: LanguageOf) -> Claim:
    """The claim with its translation only where one is wanted and, as far as rules tell, says the same."""
    if claim.translation and asked_in:
        foreign = language_of(claim.text) not in ("", asked_in)
        if foreign and faithful(claim.translation, claim.text, asked_in):
            return claim
    return replace(claim, translation="")
