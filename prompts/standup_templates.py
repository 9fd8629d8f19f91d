"""Stand-ups to begin with: a file each, with the settings in front and the prompts as a list."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from prompts.prompt_lines import PromptError, read_prompts
from prompts.standup_tables import KEYS, StandupError, standup_of

BLANK = ""
"""The name of the template in which nothing is set."""

_FILE = re.compile(r"---\n(?P<front>.*?)\n---\n(?P<body>.*)", re.DOTALL)
_NOT_YOURS = frozenset({"name", "team", "prompts", "report", "lead"})
_LISTS = frozenset({"reminders", "observers"})
_YES = frozenset({"yes", "true", "on"})
_NO = frozenset({"no", "false", "off"})


@dataclass(frozen=True, slots=True)
class Template:
    """A stand-up without a team: `table` is as `prompts.standup_tables` reads it, without name and team."""

    name: str
    title: str
    about: str = ""
    table: Mapping[str, Any] = field(default_factory=dict)


NOTHING = Template(BLANK, "Blank", "Nothing is asked yet")


class TemplateError(ValueError):
    """A file that is no template; says what is wrong with it."""


def read_template(name: str, text: str) -> Template:
    """The template that a file holds. Raises TemplateError."""
    found = _FILE.fullmatch(text.replace("\r\n", "\n").strip() + "\n")
    if found is None:
        raise TemplateError("it begins with its settings between two lines of ---, and then the prompts")
    front: dict[str, Any] = {}
    for line in found["front"].splitlines():
        if not line.strip():
            continue
        key, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or key not in {"title", "about", *KEYS} - _NOT_YOURS:
            raise TemplateError(f"`{line[:60]}` is no setting of a template, such as days: every weekday")
        front[key] = _value(key, value)
    title, about = str(front.pop("title", name)), str(front.pop("about", ""))
    lines = [line for line in found["body"].splitlines() if not line.startswith("#")]
    table = {**front, "prompts": "\n".join(line for line in lines if line.strip())}
    usual = {"name": "Any", "team": ["#any"], "days": "every weekday", "at": "09:00"}
    try:
        read_prompts(table["prompts"])
        standup_of({**usual, **table})
    except (PromptError, StandupError) as error:
        raise TemplateError(str(error)) from None
    return Template(name, title, about, table)


def packaged_templates() -> dict[str, Template]:
    """Those that Lore brings, by their names."""
    folder = files("prompts.words").joinpath("standups")
    texts = {one.name.removesuffix(".md"): one.read_text("utf-8") for one in folder.iterdir()}
    return {name: read_template(name, text) for name, text in sorted(texts.items())}


def _value(key: str, value: str) -> Any:
    if key in _LISTS:
        return [one.strip() for one in value.split(",") if one.strip()]
    if key == "drafts" and value.lower() in _YES | _NO:
        return value.lower() in _YES
    return value
