"""Whether a thread holds an answered question, and which reply answered it: pure, by rules."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.blocks.plain import one_line
from bot.hearing import PEOPLE_WRITE, Myself, in_words, is_pleasantry
from bot.overhearing import asks_something, is_question

LONGEST_TITLE = 150
MOST_FILES = 20
_TO = re.compile(r"<[@!][^<>\n]{1,200}>")
_SENTENCE = re.compile(r"(?<=[?？؟.!])\s+|\n+")
_THANKS = re.compile(
    r"^\W*(?:ah|oh|ok(?:ay)?|great|nice|perfect|awesome|yes|yep|cool|excellent|wonderful)?[\s,.!–-]*"
    r"(?:(?:many |no )?thanks?\b|thank you\b|thx\b|ty\b|cheers\b|solved\b|fixed\b"
    r"|(?:this|that|it)(?:['’]?s| has| is| was)? "
    r"(?:worked|works|fixed it|solved it|did it|helped|the answer)\b)",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    r"\?|\b(?:but|anyway|still (?:not|does|fails|broken)|doesn['’]?t|didn['’]?t|not)\b", re.I
)


class Standing(Enum):
    """What somebody is to a thread that would become a document."""

    MEMBER = "member"
    GUEST = "guest"
    LEFT_OUT = "left out"
    STRANGER = "stranger"
    MACHINE = "machine"
    UNKNOWN = "unknown"


LIKES = frozenset({"+1", "thumbsup"})
_POSITIVE = LIKES | {"tada", "heart", "raised_hands", "100", "pray"}
WORDS_COUNT = frozenset({Standing.MEMBER, Standing.GUEST})


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts. `accepting` and `taking_out` are names of emoji; with `signs`, what the person who asked
    says or does counts beside `accepting`; `experts` are the only ones who can answer, None: everybody."""

    accepting: frozenset[str]
    taking_out: frozenset[str]
    signs: bool = False
    experts: frozenset[str] | None = None

    @property
    def signals(self) -> frozenset[str]:
        """The reactions that can make a reply an accepted one."""
        return self.accepting | LIKES if self.signs else self.accepting


@dataclass(frozen=True, slots=True)
class Crowd:
    """Who people are: `me` is Lore; `admins` is asked of those who may take any thread out."""

    me: Myself
    standing: Callable[[str], Standing]
    is_admin: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a person, as Slack has its text; `files` are names."""

    person: str
    ts: str
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and the reply that was accepted; `others` are the other replies of people, in order."""

    question: str
    root: Said
    accepted: Said
    others: tuple[Said, ...] = ()

    @property
    def messages(self) -> tuple[Said, ...]:
        return (self.root, self.accepted, *self.others)


@dataclass(frozen=True, slots=True)
class NoDocument:
    """The thread is none, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """It cannot be told now: what is known of the thread stays, and is narrowed by what else is known."""

    reason: str


Verdict = Answered | NoDocument | Unsure


@dataclass(frozen=True, slots=True)
class _Reply:
    said: Said
    message: Mapping[str, Any] = field(repr=False)


def judge(thread: Sequence[Mapping[str, Any]], rules: Rules, crowd: Crowd) -> Verdict:
    """Judge a whole thread, its root first, as `conversations.replies` gives it.

    It is a document when its root is a person's question, somebody else has replied in words, and one of
    those replies was accepted:

    1. by a reaction of `rules.accepting` on the reply, from anybody but its author (of several such replies
       the one that most people accepted, then the latest);
    2. by such a reaction on the question, then the reply with the most positive reactions counts, else the
       latest;
    3. with `rules.signs`, by a 👍 of the person who asked on a reply;
    4. with `rules.signs`, by thanks of the person who asked, for the latest reply before it. There, the root
       must be a question about a matter, as quiet help has it.

    A reaction of `rules.taking_out` from an author in the thread, or from an admin, takes it out. Words of
    bots, strangers and people who are left out are not there for this; nor is a thread that such a person
    began, or answered.
    """
    if not thread:
        return NoDocument("there is no such thread")
    root = thread[0]
    if not _is_a_persons(root, crowd.me):
        return NoDocument("it does not begin with a message of a person")
    question = question_of(str(root.get("text") or ""), crowd.me)
    if question is None:
        return NoDocument("it does not begin with a question")
    people = [message for message in thread if _is_a_persons(message, crowd.me)]
    standings = {person: crowd.standing(person) for person in {str(message["user"]) for message in people}}
    if Standing.UNKNOWN in standings.values():
        return Unsure("Slack does not tell who wrote in it")
    if (by := _taken_out(thread, standings, rules, crowd)) is not None:
        return by
    asker = str(root["user"])
    if standings[asker] not in WORDS_COUNT:
        return NoDocument("whoever asked is left out")
    kept = [_Reply(_said(one), one) for one in people[1:] if standings[str(one["user"])] in WORDS_COUNT]
    able = [one for one in kept if _may_answer(one.said, asker, rules)]
    accepted = _accepted(root, kept, able, rules, crowd)
    if accepted is None:
        return NoDocument("no reply in it was accepted")
    others = tuple(
        one.said for one in kept if one is not accepted and (one.said.text.strip() or one.said.files)
    )
    return Answered(question, _said(root), accepted.said, others)


def question_of(text: str, me: Myself) -> str | None:
    """The first sentence of a message that asks something, in one line; None where none does."""
    for sentence in _SENTENCE.split(in_words(_TO.sub(" ", text), me, lambda user_id: user_id)):
        asked = one_line(sentence).lstrip("#>*•-– ").strip()
        if asks_something(asked, me):
            return asked if len(asked) <= LONGEST_TITLE else asked[:LONGEST_TITLE].rsplit(" ", 1)[0] + "…"
    return None


def might_become_one(root: Mapping[str, Any], me: Myself) -> bool:
    """Whether it is worth reading the replies to a message, by what a channel's history tells of it."""
    repliers = set(map(str, root.get("reply_users") or ())) - {str(root.get("user") or "")}
    counted = int(root.get("reply_users_count") or 0)
    others = bool(repliers) or counted > len(root.get("reply_users") or ())
    asks = _is_a_persons(root, me) and question_of(str(root.get("text") or ""), me) is not None
    return bool(asks and root.get("reply_count") and others)


def thanked(text: str) -> bool:
    """Whether somebody says that it is solved, and nothing that takes it back."""
    return bool(_THANKS.match(text)) and _DOUBTS.search(text) is None


def reactions_of(message: Mapping[str, Any]) -> dict[str, tuple[frozenset[str], bool]]:
    """Who gave each reaction, by its name without skin tone, and whether Slack names all of them."""
    found: dict[str, tuple[frozenset[str], bool]] = {}
    for one in message.get("reactions") or ():
        name = str(one.get("name") or "").partition("::")[0]
        users = frozenset(map(str, one.get("users") or ()))
        before, all_named = found.get(name, (frozenset(), True))
        found[name] = (before | users, all_named and int(one.get("count") or 0) <= len(users))
    return found


def _is_a_persons(message: Mapping[str, Any], me: Myself) -> bool:
    if any(message.get(mark) for mark in ("bot_id", "bot_profile", "app_id", "hidden", "is_ephemeral")):
        return False
    person = message.get("user")
    if not isinstance(person, str) or person in ("", me.user_id, "USLACKBOT") or not message.get("ts"):
        return False
    return str(message.get("subtype") or "") in PEOPLE_WRITE


def _said(message: Mapping[str, Any]) -> Said:
    names = (one_line(str(one.get("name") or "")) for one in message.get("files") or ())
    files = tuple(name for name in names if name)[:MOST_FILES]
    return Said(str(message["user"]), str(message["ts"]), str(message.get("text") or ""), files)


def _may_answer(said: Said, asker: str, rules: Rules) -> bool:
    if said.person == asker or is_pleasantry(said.text) or not said.text.strip():
        return False
    return rules.experts is None or said.person in rules.experts


def _taken_out(
    thread: Sequence[Mapping[str, Any]], standings: Mapping[str, Standing], rules: Rules, crowd: Crowd
) -> NoDocument | None:
    out = NoDocument("it was taken out with a reaction")
    for message in thread:
        for name, (users, all_named) in reactions_of(message).items():
            if name in rules.taking_out and (
                not all_named or any(one in standings or crowd.is_admin(one) for one in users)
            ):
                return out
    return None


def _accepted(
    root: Mapping[str, Any], kept: Sequence[_Reply], able: Sequence[_Reply], rules: Rules, crowd: Crowd
) -> _Reply | None:
    asker = str(root["user"])

    def accepters(message: Mapping[str, Any], names: frozenset[str], but: str = "") -> int:
        given = {
            user for name, (users, _) in reactions_of(message).items() if name in names for user in users
        }
        return sum(one == asker or crowd.standing(one) is Standing.MEMBER for one in given - {but})

    def best(counts: Sequence[int]) -> _Reply | None:
        most = max(counts, default=0)
        return [one for one, count in zip(able, counts, strict=True) if count == most][-1] if most else None

    found = best([accepters(one.message, rules.accepting, but=one.said.person) for one in able])
    if found is None and able and accepters(root, rules.accepting):
        found = best([accepters(one.message, _POSITIVE, but=one.said.person) for one in able]) or able[-1]
    if (
        found is None
        and rules.signs
        and is_question(question_of(str(root["text"]), crowd.me) or "", crowd.me)
    ):
        found = _liked_by(asker, able) or _thanked_for(asker, kept, able)
    return found


def _question(root: Mapping[str, Any], me: Myself) -> str:
    return question_of(str(root.get("text") or ""), me) or ""


def _liked_by(asker: str, able: Sequence[_Reply]) -> _Reply | None:
    liked = [
        one
        for one in able
        if any(asker in users for name, (users, _) in reactions_of(one.message).items() if name in LIKES)
    ]
    return liked[-1] if liked else None


def _thanked_for(asker: str, kept: Sequence[_Reply], able: Sequence[_Reply]) -> _Reply | None:
    found: _Reply | None = None
    latest: _Reply | None = None
    for one in kept:
        if one in able:
            latest = one
        elif one.said.person == asker and thanked(one.said.text):
            found = latest or found
    return found
