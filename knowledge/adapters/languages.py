"""The one door to py3langid: in which language a question or a sentence is, or that nobody can tell."""

import re
import threading
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SURE = 0.8
FEWEST_LETTERS = 10
LONGEST = 600
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "nb": "Norwegian", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
_CODE = re.compile(r"`[^`]*`|https?://\S+|\S*[\d_/\\@#<>=]\S*|\b\w*[A-Z]\w*[A-Z]\w*\b")
_ENGLISH = re.compile(
    r"\b(?:the|is|are|was|were|what|which|how|who|why|when|where|does|do|did|should|can|we|our|my|of|and|for|to|with"
    r"|that|this|from|have|has)\b",
    re.IGNORECASE,
)
_loading = threading.Lock()


def language_of(text: str) -> str:
    """The code of the text's language among `LANGUAGES`, or "" when it is too short or not clearly one.

    Code, names with digits and addresses do not count; a short text with two little English words is English.
    """
    plain = " ".join(_CODE.sub(" ", text[:LONGEST]).split())
    letters = [character for character in plain if character.isalpha()]
    wide = sum(ord(character) > 0x2E80 for character in letters)
    if len(letters) + 2 * wide < FEWEST_LETTERS:
        return ""
    if len(letters) < 60 and len(_ENGLISH.findall(plain)) >= 2:
        return "en"
    with _loading:
        code, sure = _identifier().classify(plain)
    return str(code) if float(sure) >= SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(identifier.labels) if not callable(identifier.labels) else set(identifier.labels())
    identifier.set_languages([code for code in LANGUAGES if code in known])
    return identifier
