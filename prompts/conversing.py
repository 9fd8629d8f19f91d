"""A stand-up prompt by prompt, as a conversation: what is asked next after each reply; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from prompts.replying import NotRead, asked, judged, options, read
from prompts.ritual import Consent, Prompt, ReplyKind, Standup
from prompts.words import words

SKIP, BACK, KEEP, STOP, SEND = "skip", "back", "keep", "stop", "send"
COMMANDS = frozenset({SKIP, BACK, KEEP, STOP, SEND})

_LINK = re.compile(r"<(https?://[^<>|\s]+)(?:\|[^<>]*)?>")


@dataclass(frozen=True, slots=True)
class Talk:
    """How far a conversation has come: `step` is the place of the prompt that is asked, or their number once
    all are through. `replies` are those so far, also such as were there to begin with."""

    standup: Standup
    replies: Mapping[str, str] = field(default_factory=dict)
    consent: Consent = Consent.TEAM
    step: int = 0

    @property
    def prompt(self) -> Prompt | None:
        """What is asked now; None once all is."""
        return self.standup.prompts[self.step] if self.step < len(self.standup.prompts) else None


@dataclass(frozen=True, slots=True)
class Goes:
    """It goes on with `talk`; `remark` is said before what is asked next."""

    talk: Talk
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sends:
    """The entry is to be given, with these replies."""

    talk: Talk


@dataclass(frozen=True, slots=True)
class Ends:
    """It ends without an entry."""


Next = Goes | Sends | Ends


def begin(standup: Standup, replies: Mapping[str, str], consent: Consent) -> Talk:
    """At the first prompt; what is in `replies` already may be kept."""
    return _onward(Talk(standup, dict(replies), consent, -1))


def go_on(talk: Talk, text: str) -> Next:
    """What somebody's next words do."""
    said = text.strip()
    word = said.strip(" .!`*_").lower()
    if word == STOP:
        return Ends()
    if word == BACK:
        return Goes(_back(talk))
    if talk.prompt is None:
        return _at_the_end(talk, word)
    return _reply(talk, talk.prompt, said, word)


def question(talk: Talk) -> str:
    """What is asked now, in plain words, with how to reply."""
    prompt = talk.prompt
    if prompt is None:
        return ""
    lines = [prompt.text]
    if several := options(prompt):
        lines += [f"{number}. {label}" for number, (_, label) in enumerate(several, 1)]
    if (how := _HOW[prompt.kind]) and not several:
        lines.append(how)
    known = talk.replies.get(prompt.key, "")
    if known:
        lines.append(words("entry_talk_keep", reply=known))
    if not prompt.required:
        lines.append(words("entry_talk_skip"))
    return "\n".join(lines)


def in_replies(text: str) -> str:
    """A message as it is kept: of links their address."""
    return _LINK.sub(lambda found: found[1].replace("&amp;", "&"), text)


_HOW = {
    ReplyKind.TEXT: "",
    ReplyKind.CHOICE: "",
    ReplyKind.SCALE: "",
    ReplyKind.YES_NO: "",
    ReplyKind.NUMBER: "Reply with a number.",
    ReplyKind.LINK: "Reply with a link.",
    ReplyKind.RUN: "Reply with the name of a run.",
}


def _reply(talk: Talk, prompt: Prompt, said: str, word: str) -> Next:
    known = talk.replies.get(prompt.key, "")
    if word == SKIP:
        if prompt.required:
            return Goes(talk, words("entry_talk_needed"))
        left = {key: reply for key, reply in talk.replies.items() if key != prompt.key}
        return Goes(_onward(replace(talk, replies=left)))
    if word == KEEP and known:
        return Goes(_onward(talk))
    try:
        reply = read(prompt, said)
    except NotRead as error:
        return Goes(talk, str(error))
    if not reply:
        return Goes(talk, words("entry_talk_empty"))
    return Goes(_onward(replace(talk, replies={**talk.replies, prompt.key: reply})))


def _at_the_end(talk: Talk, word: str) -> Next:
    if word in {one.value for one in Consent}:
        return Goes(replace(talk, consent=Consent(word)))
    if word != SEND:
        return Goes(talk, words("entry_talk_at_the_end"))
    problems = judged(talk.standup, talk.replies).problems
    if not problems:
        return Sends(talk)
    keys = [one.key for one in talk.standup.prompts]
    first = next(key for key in keys if key in problems)
    return Goes(replace(talk, step=keys.index(first)), problems[first])


def _onward(talk: Talk) -> Talk:
    """At the next prompt that is asked after the replies so far."""
    wanted = asked(talk.standup, talk.replies)
    for step in range(talk.step + 1, len(talk.standup.prompts)):
        if talk.standup.prompts[step] in wanted:
            return replace(talk, step=step)
    return replace(talk, step=len(talk.standup.prompts))


def _back(talk: Talk) -> Talk:
    """At the prompt before; at the first one it stays."""
    wanted = asked(talk.standup, talk.replies)
    for step in range(talk.step - 1, -1, -1):
        if talk.standup.prompts[step] in wanted:
            return replace(talk, step=step)
    return talk
