"""A message without what its writer did not write: quoted replies below it, and signatures."""

import re
from dataclasses import dataclass

_QUOTE = re.compile(r"[ \t]{0,3}>")
_DASHES = re.compile(r"-- ?")
_MOST_SIGNATURE = 12
_SENT_FROM = re.compile(
    r"(?:sent|gesendet|envoyé|enviado|verzonden|skickat|wysłane)\b.{0,10}\b(?:from|mit|von|depuis|de mon"
    r"|desde|vanaf|från|z)\b.{0,60}|get outlook for (?:ios|android).{0,60}",
    re.IGNORECASE,
)
# "On … wrote:" as mail programs write it above what they quote, in the languages that they write most.
_WROTE = re.compile(
    r"(?:on|am|le|el|il|em|op|den|dne|w dniu|в|在|pe)\b.{4,240}"
    r"\b(?:wrote|schrieb|a écrit|escribió|ha scritto|escreveu|schreef|skrev|napsal|napisał\(?a?\)?|пишет"
    r"|写道|kirjoitti)\b.{0,80}:",
    re.IGNORECASE | re.DOTALL,
)
_ORIGINAL = re.compile(
    r"[*_ ]{0,4}-{2,}[ ]?(?:original message|ursprüngliche nachricht|message d'origine|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht)[ ]?-{2,}[*_ ]{0,4}",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"[*_> ]{0,4}(?:from|sent|to|cc|subject|date|von|gesendet|an|betreff|datum|de|envoyé|à|objet|para|asunto"
    r"|enviado|da|inviato|oggetto|van|verzonden|aan|onderwerp)[*_]{0,2}[ ]?:[*_]{0,2}[ ].{1,400}",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ ]{0,3}(?:_{8,}|-{8,}|\*[ ]?\*[ ]?\*)[ ]*")
_FEWEST_FIELDS = 3
_LONGEST_INTRODUCTION = 3


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What a writer wrote; whether a quoted message or a signature was below it."""

    text: str
    quoted: bool = False
    signed: bool = False


def trimmed(text: str) -> Trimmed:
    """Cut what is quoted at the end, and the signature. Quotes that are answered below them stay, and a
    message that is nothing but a quote stays whole."""
    lines = text.rstrip().split("\n")
    end = _without_reply(lines)
    quoted = end < len(lines)
    kept = _blank_off(lines[:end])
    signature = _without_signature(kept)
    signed = signature < len(kept)
    own = "\n".join(_blank_off(kept[:signature])).strip("\n")
    return Trimmed(own, quoted, signed) if own.strip() else Trimmed(text.strip("\n"))


def _without_reply(lines: list[str]) -> int:
    """How many lines are above the last message that is quoted down to the end."""
    for at, line in enumerate(lines):
        if at and (_ORIGINAL.fullmatch(line.strip()) or _is_header_block(lines, at)):
            above = at
            while above and (not lines[above - 1].strip() or _RULE.fullmatch(lines[above - 1])):
                above -= 1
            return above
    end = len(lines)
    at = end
    while at and (_QUOTE.match(lines[at - 1]) or not lines[at - 1].strip()):
        at -= 1
        if _QUOTE.match(lines[at]):
            end = at
    if end == len(lines):
        return end
    above = end
    while above and not lines[above - 1].strip():
        above -= 1
    for size in range(1, min(_LONGEST_INTRODUCTION, above) + 1):
        if _WROTE.fullmatch(" ".join(line.strip(" *_") for line in lines[above - size : above])):
            return above - size
    return end


def _is_header_block(lines: list[str], at: int) -> bool:
    """Whether the header of a message that is quoted without marks stands here, as Outlook writes it."""
    if not _FIELD.fullmatch(lines[at].rstrip()) or lines[at].lstrip(" *_")[:1] == ">":
        return False
    block = [line for line in lines[at : at + 12] if line.strip()][:6]
    fields = [line for line in block if _FIELD.fullmatch(line.rstrip())]
    addressed = any("@" in line or re.search(r"\d{4}", line) for line in fields)
    return len(fields) >= _FEWEST_FIELDS and addressed and block[: len(fields)] == fields


def _without_signature(lines: list[str]) -> int:
    for at in range(max(0, len(lines) - _MOST_SIGNATURE), len(lines)):
        if _DASHES.fullmatch(lines[at].replace("\\", "")):
            return at
    last = len(lines) - 1
    return last if last >= 0 and _SENT_FROM.fullmatch(lines[last].strip()) else len(lines)


def _blank_off(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]
