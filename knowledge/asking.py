"""What kind of thing a question asks for, and whether a text holds that kind of thing: by rules."""

import re

from knowledge.terms import number_values

_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|long|big|large|often|old|fast|far|high|low|few|soon|deep|wide|small)\b|\bwhen\b"
    r"|\bby how\b|\bwh(?:at|ich) (?:\w+ ){0,3}?(?:number|percentage|rate|size|value|accuracy|loss|score|time"
    r"|year|date|day|limit|budget|count|epsilon|seed|rank|throughput|latency|factor|ratio|version)s?\b",
    re.IGNORECASE,
)
_ASKS_REASON = re.compile(r"\bwhy\b|\bwhat (?:caused|triggers|is the reason)\b|\breasons?\b", re.IGNORECASE)
_REASON = re.compile(
    r"\b(?:because|since|due to|so that|therefore|thus|hence|otherwise|as a result|in order to|caused?|reason"
    r"|leads? to|results? in)\b",
    re.IGNORECASE,
)
_ASKS_MEANS = re.compile(
    r"\bhow (?:do|does|did|can|could|should|to|would)\b"
    r"|\b(?:steps?|commands?|flags?|variable|config\w*)\b",
    re.IGNORECASE,
)
_ASKS_STEPS = re.compile(r"\bhow (?:do|does|can|could|should|to|would)\b|\bsteps?\b", re.IGNORECASE)
_MEANS = re.compile(r"\b(?:use|by \w+ing|run|set|click|add|call|create|you can|should)\b|`", re.IGNORECASE)
_ASKS_WHETHER = re.compile(
    r"^\W*(?:is|are|was|were|do|does|did|can|could|should|must|may|will|has|have|need)\b", re.IGNORECASE
)
_ADVICE = re.compile(
    r"\b(?:should|must|need|not|never|always|avoid|don['’]t|only|recommend\w*|ok|allowed)\b", re.I
)
_ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:kinds|types|categories|reasons|steps|ways|options|examples|differences?|compare|list|factors"
    r"|(?:which|what|what are) (?:\w+ )?\w{3,}s\b)"
    r"|\band (?:how|what|why|when|where|which|who|did|does|is|are|was|were)\b",
    re.IGNORECASE,
)


def asks_for_number(question: str) -> bool:
    """Whether the answer is a number, an amount or a date."""
    return _ASKS_NUMBER.search(question) is not None


def asks_for_reason(question: str) -> bool:
    return _ASKS_REASON.search(question) is not None


def asks_for_means(question: str) -> bool:
    """Whether a way to do something is asked for; code may show it."""
    return _ASKS_MEANS.search(question) is not None


def asks_for_steps(question: str) -> bool:
    """Whether a procedure is asked for, which numbered items tell best."""
    return _ASKS_STEPS.search(question) is not None


def asks_for_several(question: str) -> bool:
    """Whether one sentence is unlikely to be enough: lists, comparisons, two questions in one."""
    return _ASKS_FOR_SEVERAL.search(question) is not None


def gives_reason(text: str) -> bool:
    return _REASON.search(text) is not None


def kind_fits(question: str, text: str) -> float:
    """1 where the text holds the kind of thing asked for, -1 where it does not, 0 where we can't tell."""
    if asks_for_number(question):
        asked = number_values(question)
        return 1.0 if number_values(text) - asked else -1.0
    if asks_for_reason(question):
        return 1.0 if gives_reason(text) else 0.0
    if _ASKS_WHETHER.search(question):
        return 0.5 if _ADVICE.search(text) else 0.0
    if asks_for_means(question):
        return 0.5 if _MEANS.search(text) else 0.0
    return 0.0
