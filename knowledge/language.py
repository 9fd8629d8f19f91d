"""Whether a translation says what the original says: only what a rule can tell, in any language.

A number, an identifier, a name, a unit or a negation that one of them has and the other has not speaks
against it. The original was verified against its source; the translation is not, and is shown as one.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.terms import identifiers, mentions, names, negated, number_values

LanguageOf = Callable[[str], str]
"""The code of a text's language, such as "de"; "" when nobody can tell."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code and its English name."""

    code: str
    name: str


ENGLISH = Language("en", "English")


def untold(_text: str) -> str:
    """Nobody tells languages apart."""
    return ""


# words of negation; a star stands for any ending
_NEGATIONS = {
    "cs": "ne* není nikdy žádn* nikdo nic bez",
    "da": "ikke aldrig ingen intet uden",
    "de": "nicht kein* nie niemals niemand* nichts ohne weder",
    "es": "no nunca jamás ningun* ningún nadie nada sin ni",
    "fi": "ei eivät en et emme ette ilman älä",
    "fr": "ne n pas jamais aucun* rien personne sans ni",
    "hu": "nem nincs* soha senki semmi nélkül ne",
    "id": "tidak bukan tanpa belum jangan",
    "it": "non mai nessun* niente senza né",
    "nb": "ikke aldri ingen intet uten",
    "nl": "niet geen nooit niemand niets zonder",
    "pl": "nie nigdy żad* nikt nic bez",
    "pt": "não nunca nenhum* ninguém nada sem nem",
    "ro": "nu niciodată nimeni nimic fără nici",
    "ru": "не нет ни никогда никто ничего без нельзя невозможно",
    "sv": "inte aldrig ingen inget utan",
    "uk": "не ні немає ніколи ніхто нічого без неможливо",
    "vi": "không chưa chẳng đừng",
}
# the same where words are not divided by spaces, or negation stands inside them
_NEGATIONS_INSIDE = {
    "ja": "ない ません なく なかっ ずに 不 未 無",
    "ko": "않 없 아니 못",
    "zh": "不 没 沒 无 無 未 别 非",
}
_MONTHS_AND_DAYS = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
"""
_DIGITS = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_SIGNS = tuple(
    map(
        re.compile,
        (
            r"%|％",
            r"\d\s?ms\b",
            r"\d\s?[kKMGT]i?B\b",
            r"€|\bEUR\b",
            r"\$|\bUSD\b",
            r"£|\bGBP\b",
            r"°\s?[CF]\b",
        ),
    )
)


def faithful(translation: str, original: str, language: str) -> bool:
    """Whether nothing that a rule can tell speaks against the translation into `language` (a code).

    Where negation cannot be told, only what is not negated may be translated.
    """
    kept = {name for name in names(original) if name.lower() not in _MONTHS_AND_DAYS.split()}
    if not all(mentions(translation, name) for name in identifiers(original) | kept):
        return False
    if not all(mentions(original, name) for name in _codes(translation)):
        return False
    given, said = _digits(original), _digits(translation)
    if not given <= said or not said <= given | number_values(original):
        return False
    if any(bool(sign.search(translation)) != bool(sign.search(original)) for sign in _SIGNS):
        return False
    told = _negated(translation, language)
    return not negated(original) if told is None else told == negated(original)


def _digits(text: str) -> frozenset[str]:
    """Every number as bare digits: 1,500.5 and 1.500,5 are one."""
    found = (re.sub(r"\D", "", match) for match in _DIGITS.findall(text))
    return frozenset(digits.lstrip("0") or "0" for digits in found)


def _codes(text: str) -> frozenset[str]:
    """What no language has as a word: with digits, underscores or dashes at the front. Of `7B-Lauf`, `7B`."""
    pieces = (
        piece
        for name in identifiers(text)
        for piece in ([name] if name.startswith(("-", "http")) else name.split("-"))
    )
    return frozenset(piece for piece in pieces if re.search(r"[\d_]|^--|://", piece))


def _negated(text: str, language: str) -> bool | None:
    """Whether a text in this language is negated; None where there is no rule."""
    if language == "en":
        return negated(text)
    rule = _rule(language)
    return None if rule is None else rule.search(text) is not None


@lru_cache(maxsize=64)
def _rule(language: str) -> re.Pattern[str] | None:
    if language in _NEGATIONS_INSIDE:
        return re.compile("|".join(_NEGATIONS_INSIDE[language].split()))
    if language in _NEGATIONS:
        words = "|".join(word.replace("*", r"\w*") for word in _NEGATIONS[language].split())
        return re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    return None
