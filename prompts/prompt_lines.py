"""Prompts as lines that people write: the words, and behind them in braces what kind of reply is wanted."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from prompts.replying import NO, SCALE, YES
from prompts.ritual import Condition, Prompt, ReplyKind, Role

MOST_PROMPTS = 15
LONGEST_PROMPT = 300
MOST_CHOICES = 20
LONGEST_CHOICE = 70
UNDERSTOOD = (
    "done, plan, blockers, required, yes/no, number, link, run, choice: a | b | c, scale: low | high, "
    "key: word, if word = reply"
)

_LINE = re.compile(r"(?P<text>[^{}]*?)\s*(?:\{(?P<marks>[^{}]*)\})?\s*")
_BULLET = re.compile(r"^\s*(?:[-*•]|[0-9]{1,2}[.)])\s+")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_NOT_A_KEY = re.compile(r"[^a-z0-9]+")
_LONG = ("choice", "scale", "key", "if")
_KINDS = {
    "text": ReplyKind.TEXT,
    "yes/no": ReplyKind.YES_NO,
    "yes_no": ReplyKind.YES_NO,
    "number": ReplyKind.NUMBER,
    "link": ReplyKind.LINK,
    "run": ReplyKind.RUN,
}
_ROLES = {"done": Role.DONE, "plan": Role.PLAN, "blockers": Role.BLOCKERS}
_ALIKE = 0.6


class PromptError(ValueError):
    """A line that is no prompt; says which, and what is understood."""


def read_prompts(lines: str | Iterable[str], before: Sequence[Prompt] = ()) -> tuple[Prompt, ...]:
    """The prompts that these lines ask for, one each; empty lines are left out. Raises PromptError.

    A prompt that was there `before` keeps its key, also when its words have changed a little, so that its
    earlier replies stay its own.
    """
    written = lines.splitlines() if isinstance(lines, str) else lines
    texts = [one.strip() for one in written if one.strip()]
    if not texts:
        raise PromptError("Ask at least one thing: one prompt on each line.")
    if len(texts) > MOST_PROMPTS:
        raise PromptError(f"These are {len(texts)} prompts; at most {MOST_PROMPTS} fit into one form.")
    drawn = [_drawn(number, text) for number, text in enumerate(texts, 1)]
    return checked(_with_keys(drawn, before))


def written(prompts: Sequence[Prompt]) -> str:
    """The lines that `read_prompts` reads as these prompts."""
    made, lines = [], []
    for one in prompts:
        made.append(one)
        usual = _with_keys([_without_key(each) for each in made], ())[-1].key
        lines.append(_line(one, show_key=one.key != usual or _is_asked_about(one.key, prompts)))
    return "\n".join(lines)


def checked(prompts: tuple[Prompt, ...]) -> tuple[Prompt, ...]:
    """The same, when they fit together: keys differ, and conditions are about earlier prompts.

    Raises PromptError.
    """
    earlier: dict[str, Prompt] = {}
    for number, one in enumerate(prompts, 1):
        if one.key in earlier:
            raise PromptError(f"Prompt {number}: the key {one.key} is taken by an earlier one.")
        if one.when is not None:
            asked = earlier.get(one.when.key)
            if asked is None:
                known = ", ".join(earlier) or "none"
                raise PromptError(
                    f"Prompt {number} depends on {one.when.key}, which is no earlier prompt's key. "
                    f"Earlier ones: {known}."
                )
            possible = _possible(asked)
            if possible and one.when.equals.casefold() not in map(str.casefold, possible):
                raise PromptError(
                    f"Prompt {number} waits for the reply {one.when.equals} to {asked.key}, "
                    f"which can only be {', '.join(possible)}."
                )
        earlier[one.key] = one
    return prompts


def _possible(prompt: Prompt) -> tuple[str, ...]:
    match prompt.kind:
        case ReplyKind.CHOICE:
            return prompt.choices
        case ReplyKind.YES_NO:
            return (YES, NO)
        case ReplyKind.SCALE:
            return SCALE
        case ReplyKind.TEXT | ReplyKind.NUMBER | ReplyKind.LINK | ReplyKind.RUN:
            return ()


def _drawn(number: int, line: str) -> Prompt:
    found = _LINE.fullmatch(_BULLET.sub("", line))
    text = " ".join(found["text"].split()) if found else ""
    if found is None:
        raise PromptError(f"Line {number}: braces stand once, at the end: What is next? {{plan; required}}")
    if not text:
        raise PromptError(f"Line {number} asks nothing: write the words before the braces.")
    if len(text) > LONGEST_PROMPT:
        raise PromptError(
            f"Line {number} has {len(text):,} characters; a prompt has at most {LONGEST_PROMPT}."
        )
    prompt = Prompt("", text)
    for mark in _marks(found["marks"] or ""):
        prompt = _marked(prompt, mark, number)
    return prompt


def _marks(text: str) -> list[str]:
    parts: list[str] = []
    for part in text.split(";"):
        long = part.strip().partition(":")[0].partition(" ")[0].lower() in _LONG
        parts += [part] if long else part.split(",")
    return [part.strip() for part in parts if part.strip()]


def _marked(prompt: Prompt, mark: str, number: int) -> Prompt:
    name, colon, value = (part.strip() for part in mark.partition(":"))
    word = mark.lower()
    key, kind, role = prompt.key, prompt.kind, prompt.role
    choices, required, when = prompt.choices, prompt.required, prompt.when
    if word in _KINDS:
        kind = _KINDS[word]
    elif word in _ROLES:
        role = _ROLES[word]
    elif word == "required":
        required = True
    elif colon and name.lower() in ("choice", "scale"):
        kind = ReplyKind(name.lower())
        choices = _choices(kind, value, number)
    elif colon and name.lower() == "key":
        key = _checked_key(value, number)
    elif word.startswith("if ") and "=" in mark:
        about, _, wanted = (part.strip() for part in mark[3:].partition("="))
        when = Condition(_checked_key(about, number), wanted)
    else:
        raise PromptError(f"Line {number}: {mark[:60]} is not understood. Understood are: {UNDERSTOOD}.")
    return Prompt(key, prompt.text, kind, role, choices, required, when)


def _choices(kind: ReplyKind, value: str, number: int) -> tuple[str, ...]:
    choices = tuple(" ".join(one.split()) for one in value.split("|") if one.strip())
    if kind is ReplyKind.SCALE and len(choices) != 2:
        raise PromptError(f"Line {number}: a scale has two ends in words, such as scale: stuck | flying")
    if not 2 <= len(choices) <= MOST_CHOICES or len(set(choices)) != len(choices):
        raise PromptError(f"Line {number}: a choice is among 2 to {MOST_CHOICES} different things, a | b.")
    if long := [one for one in choices if len(one) > LONGEST_CHOICE]:
        raise PromptError(f"Line {number}: {long[0][:30]}… is longer than {LONGEST_CHOICE} characters.")
    return choices


def _checked_key(key: str, number: int) -> str:
    if not _KEY.fullmatch(key):
        raise PromptError(
            f"Line {number}: a key is one word in small letters, such as stuck, not {key[:40] or 'nothing'}."
        )
    return key


def _with_keys(drawn: Sequence[Prompt], before: Sequence[Prompt]) -> tuple[Prompt, ...]:
    """Give each a key: its own, that of the prompt it has been, or one of its role or words."""
    taken = {one.key for one in drawn if one.key}
    free = [one for one in before if one.key not in taken]
    keys = [one.key for one in drawn]
    for is_same in (_same_words, _same_role, _alike):
        for place, one in enumerate(drawn):
            was = None if keys[place] else next((old for old in free if is_same(one, old)), None)
            if was is not None:
                keys[place] = was.key
                free.remove(was)
    used = {*taken, *filter(None, keys), *(one.key for one in before)}
    for place, one in enumerate(drawn):
        if not keys[place]:
            keys[place] = _new_key(one, used)
            used.add(keys[place])
    return tuple(
        Prompt(key, one.text, one.kind, one.role, one.choices, one.required, one.when)
        for key, one in zip(keys, drawn, strict=True)
    )


def _same_words(one: Prompt, old: Prompt) -> bool:
    return one.text == old.text


def _same_role(one: Prompt, old: Prompt) -> bool:
    return one.role is not Role.NONE and (one.role, one.kind) == (old.role, old.kind)


def _alike(one: Prompt, old: Prompt) -> bool:
    same_kind = (one.role, one.kind) == (old.role, old.kind)
    return same_kind and SequenceMatcher(None, one.text.lower(), old.text.lower()).ratio() >= _ALIKE


def _new_key(prompt: Prompt, used: set[str]) -> str:
    words = _NOT_A_KEY.sub("_", prompt.text.lower()).strip("_").lstrip("0123456789_")
    base = prompt.role.value or words[:24].strip("_") or "prompt"
    if base not in used:
        return base
    return next(key for number in range(2, len(used) + 3) if (key := f"{base}_{number}") not in used)


def _without_key(prompt: Prompt) -> Prompt:
    return Prompt("", prompt.text, prompt.kind, prompt.role, prompt.choices, prompt.required, prompt.when)


def _is_asked_about(key: str, prompts: Sequence[Prompt]) -> bool:
    return any(one.when is not None and one.when.key == key for one in prompts)


def _line(prompt: Prompt, *, show_key: bool) -> str:
    marks = [prompt.role.value] if prompt.role is not Role.NONE else []
    match prompt.kind:
        case ReplyKind.TEXT:
            pass
        case ReplyKind.YES_NO:
            marks.append("yes/no")
        case ReplyKind.CHOICE | ReplyKind.SCALE:
            marks.append(f"{prompt.kind.value}: {' | '.join(prompt.choices)}")
        case ReplyKind.NUMBER | ReplyKind.LINK | ReplyKind.RUN:
            marks.append(prompt.kind.value)
    marks += ["required"] if prompt.required else []
    marks += [f"key: {prompt.key}"] if show_key else []
    marks += [f"if {prompt.when.key} = {prompt.when.equals}"] if prompt.when is not None else []
    return prompt.text + (f" {{{'; '.join(marks)}}}" if marks else "")
