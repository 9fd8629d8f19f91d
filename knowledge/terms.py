"""What a text claims, word by word: content terms, numbers with units, identifiers, names and negation.

Everything here is a rule that a person can follow by hand; the same rules read questions, sources and
sentences, so that they can be compared.
"""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from knowledge.analysis import analysed

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*", re.UNICODE)
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?P<value>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|\.\d+)"
    r"\s?(?P<unit>%|[A-Za-zµ]+)?"
)
_LOOSE_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_IDENTIFIER = re.compile(
    r"https?://\S+"
    r"|(?<![\w-])--?[A-Za-z][\w-]+"
    r"|\w+(?:[-./:]\w+)*\w*",
)
_EMPTY_WORDS = """
a about after all also am an and any are as at be been because before being between both but by can come
could did do does doing done down during each either else ever every few for from further get gets got had
has have having he her here hers him his how i if in into is it its itself just let like made make makes
many may me might more most much must my no nor not now of off on once one only onto or other our ours out
over own per please same say says shall she should so some such take tell than that the their theirs them
then there these they this those through thus to too under until up us use used uses using very via was we
were what when where whether which while who whom whose why will with within without would yes yet you
your yours it's that's there's what's don't doesn't
"""
_NEGATION = re.compile(
    r"\b(?:no|not|never|none|nor|neither|nothing|nobody|without|cannot|unable"
    r"|\w+n['’]t)\b",
    re.IGNORECASE,
)
_SPELLED = {
    word: str(value)
    for value, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=2
    )
}
_UNITS = {
    **dict.fromkeys(("%", "percent", "per cent", "pct"), "%"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "day"),
    **dict.fromkeys(("week", "weeks"), "week"),
    **dict.fromkeys(("month", "months"), "month"),
    **dict.fromkeys(("year", "years", "yr", "yrs"), "year"),
    **dict.fromkeys(("kb", "kib"), "kb"),
    **dict.fromkeys(("mb", "mib"), "mb"),
    **dict.fromkeys(("gb", "gib"), "gb"),
    **dict.fromkeys(("tb", "tib"), "tb"),
    **dict.fromkeys(("k", "thousand"), "k"),
    **dict.fromkeys(("m", "million", "millions"), "m"),
    **dict.fromkeys(("b", "bn", "billion", "billions"), "b"),
    "x": "x",
    "times": "x",
}
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def without_unsafe_characters(text: str) -> str:
    """The text without control characters, bidirectional overrides and invisible tag characters."""
    return _UNSAFE.sub("", text)


def content_terms(text: str) -> list[str]:
    """Distinct stems of the words that carry meaning, in reading order; spelled numbers as digits."""
    empty = _empty_terms()
    terms = (term for term in analysed(text) if term not in empty)
    return list(dict.fromkeys(_SPELLED.get(term, term) for term in terms))


def content_words(text: str) -> list[str]:
    """The content terms without numbers and their units, which are compared by other rules."""
    unmeasured = _NUMBER.sub(
        lambda match: " " if (match["unit"] or "").lower() in _UNITS else match.group(), text
    )
    return [term for term in content_terms(unmeasured) if not any(character.isdigit() for character in term)]


@lru_cache(maxsize=1)
def _empty_terms() -> frozenset[str]:
    return frozenset(term for word in _EMPTY_WORDS.split() for term in analysed(word))


@dataclass(frozen=True, slots=True)
class Number:
    """A number in canonical digits and its unit ("" where it has none that we know)."""

    value: str
    unit: str


def _canonical(digits: str) -> str:
    try:
        value = Decimal(digits.replace(",", ""))
    except InvalidOperation:
        return digits
    if abs(value.adjusted()) > 40:
        return digits.lower()
    plain = f"{value:f}"
    return (plain.rstrip("0").rstrip(".") if "." in plain else plain) or "0"


def numbers(text: str) -> list[Number]:
    """Every number, "1,000" as 1000, "3e-4" as 0.0003 and "two" as 2; digits inside a word are not one."""
    found = []
    for match in _NUMBER.finditer(text):
        unit = _UNITS.get((match["unit"] or "").lower(), "")
        attached = match["unit"] and not text[match.start("unit") - 1].isspace()
        if attached and not unit and match["unit"] != "%":
            continue  # "8bit", "3rd", "v5e": an identifier, compared as one
        found.append(Number(_canonical(match["value"].lstrip("+")), unit))
    found.extend(
        Number(_SPELLED[word.lower()], "") for word in _WORD.findall(text) if word.lower() in _SPELLED
    )
    return found


def number_values(text: str) -> frozenset[str]:
    """Canonical digits of every run of digits, wherever it stands."""
    spelled = (_SPELLED[word.lower()] for word in _WORD.findall(text) if word.lower() in _SPELLED)
    return frozenset((*(_canonical(match) for match in _LOOSE_NUMBER.findall(text)), *spelled))


def units(text: str) -> frozenset[str]:
    """Every unit that is named anywhere in the text."""
    words = (_UNITS.get(word.lower()) for word in re.findall(r"[A-Za-z]+|%", text))
    return frozenset(unit for unit in words if unit)


def identifiers(text: str) -> frozenset[str]:
    """Tokens that must be found letter by letter: `fp16`, OPT-175B, read_csv, --flag, GPU, a URL."""
    found = set()
    for match in _IDENTIFIER.finditer(text):
        token = match.group().rstrip(".,:/")
        measure = _NUMBER.fullmatch(token)
        if measure and (measure["unit"] or "").lower() in _UNITS:
            continue
        letters = sum(character.isalpha() for character in token)
        shouted = letters >= 2 and sum(character.isupper() for character in token) >= 2
        mixed = letters >= 1 and any(character.isdigit() for character in token)
        if (
            (token.startswith(("http", "--")) and len(token) > 4)
            or "_" in token.strip("_")
            or shouted
            or mixed
        ):
            found.add(token)
    return frozenset(found)


def mentions(text: str, identifier: str) -> bool:
    """Whether the text holds the identifier as a whole token; a hyphen may be a space, an s may be added."""
    parts = [re.escape(part) for part in re.split(r"[-\s]+", identifier) if part]
    if not parts:
        return True
    bare = r"[-\s_]?".join(parts)
    if identifier[-1:] == "s" and identifier[:-1].isupper():
        bare = bare[:-1]
    return re.search(rf"(?<!\w){bare}s?(?!\w)", text, re.IGNORECASE) is not None


def names(text: str) -> frozenset[str]:
    """Capitalised words that do not begin a sentence: most are names of people, places and things."""
    found = set()
    for match in re.finditer(r"(?<![.!?:;•|\n] )(?<=[\w,)'\"] )[\"'(]?([A-Z][a-z]+)\b", text):
        found.add(match.group(1))
    return frozenset(word for word in found if word.lower() not in _EMPTY_WORDS.split())


def negated(text: str) -> bool:
    """Whether the text says that something is not so."""
    return _NEGATION.search(text) is not None


_OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in (
        (
            r"increas\w*|rais\w+|r[oi]se\w*|grow\w*|grew",
            r"decreas\w*|reduc\w*|lower\w*|drop\w*|f[ae]ll\w*|shr[iau]nk\w*",
        ),
        (
            r"more|higher|greater|larger|bigger|above|at least|over",
            r"less|lower|smaller|fewer|below|at most|under",
        ),
        (r"faster|quicker|quick|fast", r"slower|slow"),
        (r"better|best|improv\w*", r"worse|worst|worsen\w*|degrad\w*"),
        (r"before", r"after"),
        (r"maximum|max|most|maximi[sz]\w*", r"minimum|min|least|minimi[sz]\w*"),
        (r"enabl\w*|activat\w*|turn(?:ed|s)? on", r"disabl\w*|deactivat\w*|turn(?:ed|s)? off"),
        (r"allow\w*|permit\w*", r"forbid\w*|forbidden|prohibit\w*|disallow\w*|den(?:y|ied)"),
        (r"always", r"never"),
        (r"required|mandatory|must", r"optional"),
        (r"add|adds|added|adding", r"remov\w*|delet\w*"),
        (r"start\w*|begin\w*|began", r"stop\w*|end(?:s|ed|ing)?|finish\w*"),
        (r"succe\w+|passed|passes", r"fail\w*"),
        (r"true", r"false"),
        (r"first", r"last"),
        (r"safe|secure", r"unsafe|insecure|dangerous"),
        (r"public", r"private"),
        (r"with", r"without"),
    )
)


def opposites(sentence: str, evidence: str) -> list[tuple[str, str]]:
    """Words of the sentence whose opposite stands in the evidence while they themselves do not."""
    found = []
    for pair in _OPPOSITES:
        for side, other in (pair, pair[::-1]):
            said = side.search(sentence)
            against = other.search(evidence)
            if said and against and not side.search(evidence) and not other.search(sentence):
                found.append((said.group(), against.group()))
    return found
