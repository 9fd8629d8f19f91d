"""`/standup export`: everybody takes their own entries away, owners their ritual's; a file, or a text.

The file goes into the direct message with the one who asked. Where Lore may not write files (`files:write`),
the same stands there as text.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slack_sdk import WebClient

from bot.blocks.pages import Page, pages
from bot.blocks.plain import clean
from bot.journal import rituals as kept
from bot.journal.records import Audit
from bot.journal.rituals import Ritual
from bot.journal.work import Done, Item
from bot.messages import Message
from bot.people import People
from bot.replies import say
from bot.rituals.export_files import ExportedEntry, Format, exported
from bot.rituals.managing import may_manage
from bot.rituals.room import Rituals
from bot.rituals.taking_away import of_ritual, own
from bot.uploading import upload
from knowledge.adapters.database import Database
from knowledge.ports import Clock

EXPORT = "standup_export"
MOST_CHARACTERS = 40_000
LINES_OF_A_BLOCK = 1_500
"""Characters of whole lines that stand in one block."""
LEFT_OUT = "The rest is left out: it is too long for Slack. An admin can let me send files (`files:write`)."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: the name of a ritual (empty: one's own entries of all) and how it is written."""

    name: str
    form: Format

    @classmethod
    def of(cls, text: str) -> "Wanted":
        """Read what stands after `/standup`."""
        words = text.split()[1:]
        form = Format.CSV
        if words and words[-1].lower() in set(Format):
            form = Format(words.pop().lower())
        return cls(" ".join(words).strip("\"'“”"), form)


@dataclass(frozen=True, slots=True)
class Exporting:
    """Works off `/standup export`."""

    people: People
    database: Database
    client: WebClient
    clock: Clock

    def join(self, rituals: Rituals) -> None:
        rituals.commands["export"] = self.command

    def command(self, item: Item) -> Done:
        """Send what is wanted, as far as the person may have it; who may not is told as who names nothing."""
        wanted = Wanted.of(item.text)
        if not self.people.is_full_member(item.person):
            return Done(say=say(item, "not_here"))
        with self.database.reading() as connection:
            found, whose = own(connection, item.person, self.people.name_of), ""
            if wanted.name:
                ritual = self._named(kept.all_rituals(connection), wanted.name, item.person)
                if ritual is not None:
                    found, whose = of_ritual(connection, ritual, self.people.name_of), ritual.id
                else:
                    found = [one for one in found if one.ritual.casefold() == wanted.name.casefold()]
        if not found:
            refused = Audit(item.person, EXPORT, wanted.name, allowed=False)
            return Done(say=say(item, "export_nothing"), record=(refused,) if wanted.name else ())
        return self._send(item, found, wanted, Audit(item.person, EXPORT, whose or item.person))

    def _named(self, rituals: Sequence[Ritual], name: str, person: str) -> Ritual | None:
        """The ritual of this name, if the person may have all of it."""
        same = [one for one in rituals if one.name.casefold() == name.casefold()]
        return next((one for one in same if may_manage(self.people, one, person)), None)

    def _send(self, item: Item, found: Sequence[ExportedEntry], wanted: Wanted, audit: Audit) -> Done:
        text = exported(found, wanted.form)
        if item.attempts > 1:  # a file may stand there already, and cannot be looked for
            return Done(say=say(item, "export_interrupted"), record=(audit,))
        told = say(item, "export_sent", count=_counted(len(found)))
        if self._upload(item.person, file_name(wanted, self.clock()), text, wanted.form):
            return Done(say=told, record=(audit,))
        return Done(say=(*as_text(item.person, text), *told), record=(audit,))

    def _upload(self, person: str, name: str, text: str, form: Format) -> bool:
        """Whether the file was sent; False where that is not allowed, or did not work."""
        encoding = "utf-8-sig" if form is Format.CSV else "utf-8"  # else some spreadsheets misread it
        return upload(self.client, person, name, text.encode(encoding, "replace"))


def file_name(wanted: Wanted, now: datetime) -> str:
    """`stand-ups-2026-11-20.csv`, with the ritual's name where one was named."""
    plain = "".join(one if one.isalnum() else "-" for one in wanted.name.lower()).strip("-")[:60]
    return f"{plain or 'stand-ups'}-{now:%Y-%m-%d}.{wanted.form.value}"


def as_text(person: str, text: str) -> tuple[Message, ...]:
    """The text in the direct message with a person, in as many messages as Slack takes."""
    cut = clean(text)[:MOST_CHARACTERS]
    groups: list[list[dict[str, object]]] = [[_preformatted(part)] for part in _parts(cut)]
    left_out = LEFT_OUT
    made: list[Page] = pages(groups, left_out)
    if len(cut) < len(clean(text)):
        made.append(pages([[_preformatted(left_out)]], left_out)[0])
    return tuple(Message(channel=person, text=one.text, blocks=one.blocks, person=person) for one in made)


def _parts(text: str) -> list[str]:
    parts = [""]
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), LINES_OF_A_BLOCK):
            piece = line[at : at + LINES_OF_A_BLOCK]
            if len(parts[-1]) + len(piece) > LINES_OF_A_BLOCK:
                parts.append("")
            parts[-1] += piece
    return parts


def _preformatted(text: str) -> dict[str, object]:
    piece = {"type": "text", "text": text.rstrip("\n") or " "}
    return {"type": "rich_text", "elements": [{"type": "rich_text_preformatted", "elements": [piece]}]}


def _counted(count: int) -> str:
    return "1 entry" if count == 1 else f"{count} entries"
