"""A follow-up question carries over what it leaves unsaid: the terms of the question before it."""

import re
from collections.abc import Sequence

from knowledge.analysis import analysed, content_terms
from knowledge.documents import Turn

# A question with this many content words of its own stands alone, unless it points back.
STANDS_ALONE = 5
CARRIED = 12

_POINTS_BACK = re.compile(
    r"^\W*(?:and|but|or|so|also|then|what about|how about|what if|same|which one|why not|really|ok|okay)\b"
    r"|\b(?:it|its|they|them|their|that|this|those|these|he|she|his|her|there|the same|the other|the others|"
    r"the former|the latter|instead|as well|else|one|ones)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\s,;?!()\"“”]+")
_DIGITS = re.compile(r"\d+")


def contextual_question(question: str, history: Sequence[Turn]) -> str:
    """What to search for: the question, and before it what it takes from the questions before.

    A question that is short or points back ("and for the 13B run?") gets the words of the latest earlier
    question of a person that stands alone; a question that stands alone is left as it is. `history` is in
    the order of the conversation and does not hold the question itself.
    """
    if not _leans(question):
        return question
    carried: list[str] = []
    for turn in reversed(history):
        if turn.by_lore or not turn.text.strip():
            continue
        carried.insert(0, _without(turn.text, question))
        if not _leans(turn.text):
            break
    words = [word for text in carried for word in text.split()]
    return " ".join((*words[:CARRIED], question)) if words else question


def _leans(question: str) -> bool:
    own = len(content_terms(question))
    return own < 2 or (own < STANDS_ALONE and bool(_POINTS_BACK.search(question)))


def _without(earlier: str, question: str) -> str:
    """The words of the earlier question that say something, but not what the new one says or replaces.

    "176B" is replaced by a "13B" in the new question: another value of the same shape.
    """
    said = set(analysed(question))
    replaced = {shape for word in _WORD.findall(question) if (shape := _shape(word))}
    kept = []
    for word in _WORD.findall(earlier):
        terms = content_terms(word)
        if terms and not said.intersection(terms) and _shape(word) not in replaced:
            kept.append(word)
    return " ".join(kept)


def _shape(word: str) -> str:
    """`tr11-176B` and `tr1-13B` have one shape, `tr0-0b`; a word without digits has none."""
    word = word.strip(".:'’").lower()
    return _DIGITS.sub("0", word) if _DIGITS.search(word) else ""
