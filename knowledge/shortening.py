"""The shortest honest form of an answer: of its verified sentences, the one that answers most."""

from collections.abc import Sequence

from knowledge.asking import kind_fits
from knowledge.documents import Sentence
from knowledge.terms import content_terms

KIND = 0.5
AS_GOOD = 0.85


def shortest(question: str, sentences: Sequence[Sentence]) -> Sentence | None:
    """The briefest of the sentences that hold about as much of what is asked as the best; None of none."""
    if not sentences:
        return None
    worth = [_worth(question, sentence.text) for sentence in sentences]
    good = [place for place, value in enumerate(worth) if value >= AS_GOOD * max(worth)]
    return sentences[min(good, key=lambda place: (len(sentences[place].text), place))]


def _worth(question: str, text: str) -> float:
    """Above 0: how many of the question's terms the text holds, and whether it is of the kind asked for."""
    asked = set(content_terms(question))
    held = len(asked.intersection(content_terms(text))) / len(asked) if asked else 0.0
    return 0.1 + held + KIND * max(kind_fits(question, text), 0.0)
