"""Text becomes the terms that the lexical index holds: stemmed, and identifiers both whole and in parts."""

import re
import threading
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST_TERM = 64

_TOKEN = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?(?!\w)|[^\W_]+(?:['’_.:\-]+[^\W_]+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*(?:[eE]-?\d+)?")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_HUMP = re.compile(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+[A-Za-z]*")
_POSSESSIVE = re.compile(r"['’](?:s|S)$")

# Words that ask or bind and say nothing of what is asked about.
FUNCTION_WORDS = """
    a about an and any are as at be been but by can could did do does doing for from give had has have
    having he her his how i if in into is it its me my of on or our please shall she should so some
    tell than that the their them then there these they this those to us was we were what when where which
    who whom whose why will with would you your
"""


def analysed(text: str) -> list[str]:
    """The terms of `text` in reading order, repeated as often as they occur.

    A plain word gives its stem; `snake_case`, `camelCase`, `dotted.names` and `tr1-13B` give themselves in
    lower case and then each of their parts; numbers stay whole. The same function reads documents and
    questions. Linear in the length of the text.
    """
    found: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        found.extend(_terms_of(match.group()[:1024]))
    return found


def content_terms(question: str) -> list[str]:
    """The distinct terms of a question that say what it is about, in reading order."""
    empty = _function_terms()
    return [term for term in dict.fromkeys(analysed(question)) if term not in empty]


def asked_terms(question: str) -> list[str]:
    """The terms to look for: those that say something, or all of a question that has none of them."""
    return content_terms(question) or list(dict.fromkeys(analysed(question)))


@lru_cache(maxsize=1)
def _function_terms() -> frozenset[str]:
    return frozenset(term for word in FUNCTION_WORDS.split() for term in _terms_of(word))


@lru_cache(maxsize=65_536)
def _terms_of(token: str) -> tuple[str, ...]:
    token = _POSSESSIVE.sub("", token)
    if _NUMBER.fullmatch(token):
        return _short([token.replace(",", "").lower()])
    parts = [piece for part in _PART.findall(token) for piece in _humps(part)]
    if len(parts) == 1:
        return _short([_stem(token.lower())])
    return _short([token.lower(), *(_stem(part.lower()) for part in parts)])


def _humps(part: str) -> list[str]:
    """The humps of a camelCase word; any other word is one piece."""
    return _HUMP.findall(part) if part.isascii() and part.isalnum() else [part]


def _short(candidates: Iterable[str]) -> tuple[str, ...]:
    return tuple(term for term in candidates if 0 < len(term) <= LONGEST_TERM)


class _Stemmers(threading.local):
    """One stemmer a thread: a stemmer keeps the word that it works on."""

    def __init__(self) -> None:
        # The package loads the stemmers of all languages: not before the first word.
        from snowballstemmer.english_stemmer import EnglishStemmer  # type: ignore[import-untyped]

        self.english = EnglishStemmer()


@lru_cache(maxsize=1)
def _stemmers() -> _Stemmers:
    return _Stemmers()


def _stem(word: str) -> str:
    return str(_stemmers().english.stemWord(word)) if word.isascii() and word.isalpha() else word
