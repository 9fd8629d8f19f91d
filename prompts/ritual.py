"""What a ritual is: who is asked what, when, where it is reported, and who looks after it; plain data."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import time, timedelta
from enum import StrEnum
from typing import Any


class ReplyKind(StrEnum):
    """What a prompt takes as a reply."""

    TEXT = "text"
    CHOICE = "choice"
    SCALE = "scale"
    YES_NO = "yes_no"
    NUMBER = "number"
    LINK = "link"
    RUN = "run"


class Role(StrEnum):
    """What a reply means to the rest of Lore, whatever the words of its prompt."""

    NONE = ""
    DONE = "done"
    PLAN = "plan"
    BLOCKERS = "blockers"


class Consent(StrEnum):
    """Who may find an entry in answers."""

    NOBODY = "nobody"
    TEAM = "team"
    EVERYONE = "everyone"


class ReportForm(StrEnum):
    """How entries reach the report's place: in one thread as they arrive, all at once, or not at all."""

    THREAD = "thread"
    COMPILED = "compiled"
    NONE = "none"


class SummaryMode(StrEnum):
    """What becomes of a summary: the lead decides, it posts itself, only the entries are put together, or
    there is none."""

    DRAFT = "draft"
    AUTO = "auto"
    PLAIN = "plain"
    NONE = "none"


class OnHoliday(StrEnum):
    """What a holiday of everybody's does to an occurrence."""

    SKIP = "skip"
    MOVE = "move"


class OnLeave(StrEnum):
    """What a Slack status that looks like leave does to a prompt."""

    ASK = "ask"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Condition:
    """A prompt is asked only when the reply to an earlier one, by its key, is this."""

    key: str
    equals: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing that is asked. `key` is stable for ever; `choices` are those of a CHOICE, and of a SCALE its
    two ends in words."""

    key: str
    text: str
    kind: ReplyKind = ReplyKind.TEXT
    role: Role = Role.NONE
    choices: tuple[str, ...] = ()
    required: bool = False
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Standup:
    """A stand-up as its owner set it up.

    `team` are `#channel`, `@group`, user ids or e-mail addresses; `rule` is a recurrence as
    `prompts.recurrence` reads it, `at` a wall time in `zone`, or (empty) in each person's own. A prompt is
    sent at most `late` after its time, may be replied to for `window` after it was sent, and is reminded of
    at `reminders` before that ends. `report` is a channel, and `lead` decides on drafts of its summary.
    """

    name: str
    team: tuple[str, ...]
    prompts: tuple[Prompt, ...]
    rule: str
    at: time
    zone: str = ""
    window: timedelta = timedelta(hours=8)
    late: timedelta = timedelta(hours=2)
    reminders: tuple[timedelta, ...] = (timedelta(hours=1),)
    report: str = ""
    form: ReportForm = ReportForm.THREAD
    summary: SummaryMode = SummaryMode.DRAFT
    lead: str = ""
    observers: tuple[str, ...] = ()
    consent: Consent = Consent.TEAM
    on_holiday: OnHoliday = OnHoliday.SKIP
    on_leave: OnLeave = OnLeave.SKIP
    escalate_after: timedelta = timedelta(days=3)
    drafts: bool = False

    def prompt(self, key: str) -> Prompt | None:
        """One of the prompts, by its key."""
        return next((one for one in self.prompts if one.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, which `from_json` reads; spans are seconds, the time is ISO."""
        data = asdict(self)
        data["at"] = self.at.isoformat(timespec="minutes")
        for name in _SPANS:
            data[name] = getattr(self, name).total_seconds()
        data["reminders"] = [one.total_seconds() for one in self.reminders]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Standup":
        """What `to_json` made, of this Lore or an earlier one: what it did not know has its default."""
        values = {name: value for name, value in data.items() if name in cls.__slots__}
        values["at"] = time.fromisoformat(values["at"])
        for name in _SPANS & values.keys():
            values[name] = timedelta(seconds=values[name])
        if "reminders" in values:
            values["reminders"] = tuple(timedelta(seconds=one) for one in values["reminders"])
        for name, kind in _ENUMS.items():
            if name in values:
                values[name] = kind(values[name])
        for name in ("team", "observers"):
            values[name] = tuple(values.get(name, ()))
        values["prompts"] = tuple(map(_prompt, values["prompts"]))
        return cls(**values)


_SPANS = {"window", "late", "escalate_after"}
_ENUMS: Mapping[str, type[StrEnum]] = {
    "form": ReportForm,
    "summary": SummaryMode,
    "consent": Consent,
    "on_holiday": OnHoliday,
    "on_leave": OnLeave,
}


def _prompt(data: Mapping[str, Any]) -> Prompt:
    values = dict(data)
    values["kind"], values["role"] = ReplyKind(values["kind"]), Role(values["role"])
    values["choices"] = tuple(values["choices"])
    values["when"] = None if values["when"] is None else Condition(**values["when"])
    return Prompt(**values)
